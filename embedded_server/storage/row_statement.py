"""Statements that come often: SQLAlchemy writes their text once, the driver runs it.

Bound as SQLAlchemy binds them, dictionaries cost more than an insert itself; its results cost more
than a short query.
"""

import re
import sqlite3
from collections.abc import Sequence
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Insert, Select
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.elements import ClauseElement

_ROWS_AT_ONCE = (64, 16, 4, 1)
_VALUES = re.compile(r"VALUES (\([?, ]+\))")


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
        return _text_of(self._statement, self._names, connection)


class ManyRowsInsert:
    """An insert of many rows by few statements.

    The driver gives the interpreter free and takes it back at every step of a statement, and while
    the event loop is busy each taking waits for its turn. So a group is written in few steps, not
    in one for each row.

    Args of the constructor:
        statement: With a ``bindparam`` for each value, and one row.
        names: The parameters, in the order of the values of a row.
    """

    def __init__(self, statement: Insert, names: Sequence[str]) -> None:
        self._statement = statement
        self._names = list(names)
        self._texts: tuple[str, ...] = ()

    def run(self, connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
        """Insert rows, in order."""
        if not self._texts:
            self._texts = self._compiled(connection)
        cursor = driver_cursor(connection)
        start, count = 0, len(rows)
        for size, text in zip(_ROWS_AT_ONCE, self._texts, strict=True):
            while count - start >= size:
                values = tuple(chain.from_iterable(rows[start : start + size]))
                try:
                    cursor.execute(text, values)
                except sqlite3.Error as error:
                    raise DBAPIError(text, None, error) from error
                start += size

    def _compiled(self, connection: Connection) -> tuple[str, ...]:
        text = _text_of(self._statement, self._names, connection)
        found = _VALUES.search(text)
        if found is None:
            message = f"expected the values of one row in {text}"
            raise ValueError(message)
        before, row, after = text[: found.start(1)], found[1], text[found.end(1) :]
        return tuple(before + ", ".join([row] * size) + after for size in _ROWS_AT_ONCE)


class RowQuery:
    """A select whose values and columns are plain: text, bytes, numbers, None.

    Args of the constructor: as those of ``RowStatement``.
    """

    def __init__(self, statement: Select[Any], names: Sequence[str]) -> None:
        self._statement = statement
        self._names = list(names)
        self._text = ""

    def run(self, connection: Connection, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Return all rows, as tuples in the order of the columns; true and false as 1 and 0."""
        if not self._text:
            self._text = _text_of(self._statement, self._names, connection)
        cursor = driver_cursor(connection)
        try:
            cursor.execute(self._text, values)
            return list(cursor.fetchall())
        except sqlite3.Error as error:
            raise DBAPIError(self._text, None, error) from error


def _text_of(statement: ClauseElement, names: list[str], connection: Connection) -> str:
    compiled = statement.compile(dialect=connection.dialect)
    order = getattr(compiled, "positiontup", None)
    if order != names:
        message = f"the statement takes {order}, expected {names}"
        raise ValueError(message)
    return str(compiled)


def driver_cursor(connection: Connection) -> DBAPICursor:
    """Return a cursor of the driver, inside the transaction of the connection.

    Its errors are those of the driver.
    """
    return connection.connection.cursor()
