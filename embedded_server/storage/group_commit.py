"""One transaction for everything that waits: the sync of one commit carries many writes.

Each write has a savepoint, so that one that fails undoes itself and nothing else.
"""

import logging
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from embedded_server.storage.errors import StorageError, concerns_all, storage_error
from embedded_server.storage.row_statement import driver_cursor

_log = logging.getLogger(__name__)

Write = Callable[[Connection], Any]
RowBatch = Callable[[Connection, Sequence[Any]], Sequence[Any]]


class Entry(NamedTuple):
    """One write that waits.

    Attributes:
        write: Does it, or None if this is a row of a batch.
        batch: Writes many rows at once and returns one outcome for each, in order.
        row: What the batch takes.
        on_committed: Told the outcome, or the error; None if nobody asks.
        weight: How many writes it stands for.
    """

    write: Write | None
    batch: RowBatch | None
    row: Any
    on_committed: Callable[[Any], None] | None
    weight: int = 1


class CommitFailedError(Exception):
    """Nothing of the group was written.

    Attributes:
        reason: Why.
    """

    def __init__(self, reason: StorageError) -> None:
        super().__init__(str(reason))
        self.reason = reason


def commit_group(connection: Connection, entries: Sequence[Entry]) -> list[Any]:
    """Write a group in one transaction, and return the outcome of each entry in order.

    Rows of one batch are written together. Batches never pass a ``write`` of the same group, in
    neither direction; among each other they may.

    Raises:
        CommitFailedError: Nothing of it was written.
    """
    outcomes: list[Any] = [None] * len(entries)
    waiting: dict[RowBatch, list[int]] = {}
    try:
        with connection.begin():
            for position, entry in enumerate(entries):
                if entry.batch is not None:
                    waiting.setdefault(entry.batch, []).append(position)
                elif entry.write is not None:
                    _write_rows(connection, entries, waiting, outcomes)
                    outcomes[position] = _attempt(connection, entry.write)
            _write_rows(connection, entries, waiting, outcomes)
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise CommitFailedError(storage_error(error)) from error
    return outcomes


def _write_rows(
    connection: Connection,
    entries: Sequence[Entry],
    waiting: dict[RowBatch, list[int]],
    outcomes: list[Any],
) -> None:
    for batch, positions in waiting.items():
        rows = [entries[position].row for position in positions]
        found = _attempt_rows(connection, batch, rows)
        for position, outcome in zip(positions, found, strict=True):
            outcomes[position] = outcome
    waiting.clear()


def _attempt_rows(connection: Connection, batch: RowBatch, rows: list[Any]) -> Sequence[Any]:
    found = _attempt(connection, lambda opened: batch(opened, rows))
    if not isinstance(found, StorageError):
        return list(found)
    if len(rows) == 1:
        return [found]
    # One of them is to blame: the others shall not suffer.
    return [_attempt(connection, partial(_write_one, batch, row)) for row in rows]


def _write_one(batch: RowBatch, row: Any, connection: Connection) -> Any:
    return batch(connection, [row])[0]


@contextmanager
def _savepoint(connection: Connection) -> Iterator[None]:
    """What ``begin_nested`` does, at a twentieth of its cost."""
    cursor = driver_cursor(connection)
    cursor.execute("SAVEPOINT one_write")
    try:
        yield
    except BaseException:
        # After an error of the disk the whole transaction may be gone, and the savepoint with it.
        with suppress(sqlite3.Error):
            cursor.execute("ROLLBACK TO SAVEPOINT one_write")
            cursor.execute("RELEASE SAVEPOINT one_write")
        raise
    cursor.execute("RELEASE SAVEPOINT one_write")


def _attempt(connection: Connection, write: Write) -> Any:
    """Return the outcome of a write, or the error that undid it and it alone."""
    try:
        with _savepoint(connection):
            return write(connection)
    except StorageError as error:
        return error
    except (SQLAlchemyError, sqlite3.Error) as error:
        if concerns_all(error):
            raise
        return storage_error(error)
    except Exception as error:  # noqa: BLE001 - a fault of one write must not stop all others
        _log.error("a write failed", exc_info=error)
        failure = StorageError("The write failed by a fault of the program.")
        failure.__cause__ = error
        return failure
