"""Gives up reads that take too long."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

_LOOK_AFTER = 10_000  # instructions of SQLite's machine, about a millisecond


@contextmanager
def interrupted(connection: Connection, is_due: Callable[[], bool]) -> Iterator[None]:
    """Let whatever runs on a connection in this block fail when it is due.

    Args:
        connection: Of SQLite.
        is_due: Asked about once a millisecond, on the thread of the connection.
    """
    driver = connection.connection.driver_connection
    if not isinstance(driver, sqlite3.Connection):
        yield
        return
    driver.set_progress_handler(is_due, _LOOK_AFTER)
    try:
        yield
    finally:
        driver.set_progress_handler(None, _LOOK_AFTER)
