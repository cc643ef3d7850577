"""Statements of the hot path: SQLAlchemy writes their text once, the driver runs it with many rows.

Bound as SQLAlchemy binds them, dictionaries cost more than the insert itself.
"""

import sqlite3
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.dml import UpdateBase


class RowStatement:
    """An insert or a delete whose values are plain: text, bytes, numbers, None.

    Args of the constructor:
        statement: With a ``bindparam`` for each value.
        names: The parameters, in the order of the values of a row.
    """

    def __init__(self, statement: UpdateBase, names: Sequence[str]) -> None:
        self._statement = statement
        self._names = list(names)
        self._text = ""

    def run(self, connection: Connection, rows: Sequence[tuple[Any, ...]]) -> int:
        """Run it once for each row; return how many rows of the table it concerned."""
        if not self._text:
            self._text = self._compiled(connection)
        cursor = driver_cursor(connection)
        try:
            cursor.executemany(self._text, rows)
        except sqlite3.Error as error:
            raise DBAPIError(self._text, None, error) from error
        return int(cursor.rowcount)

    def _compiled(self, connection: Connection) -> str:
        compiled = self._statement.compile(dialect=connection.dialect)
        order = getattr(compiled, "positiontup", None)
        if order != self._names:
            message = f"the statement takes {order}, expected {self._names}"
            raise ValueError(message)
        return str(compiled)


def driver_cursor(connection: Connection) -> DBAPICursor:
    """Return a cursor of the driver, inside the transaction of the connection.

    Its errors are those of the driver.
    """
    return connection.connection.cursor()
