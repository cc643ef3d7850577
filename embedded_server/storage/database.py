"""The database file of an office: opening, versions, and what was not closed.

Every transaction is synced at its commit (``synchronous=FULL``): what was committed survives loss
of power. NORMAL does not keep that promise, and no test with kill -9 shows the difference.
"""

import logging
import os
import sqlite3
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, select, update
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from embedded_server.storage.errors import (
    DatabaseMissingError,
    DatabaseTooNewError,
    StorageError,
    storage_error,
)
from embedded_server.storage.row_statement import driver_cursor
from embedded_server.storage.schema_upgrade import upgrade_schema
from embedded_server.storage.tables import SCHEMA_VERSION, versions

_log = logging.getLogger(__name__)

_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=5000",
    "PRAGMA wal_autocheckpoint=1000",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA fullfsync=1",  # macOS only; without meaning elsewhere
    "PRAGMA checkpoint_fullfsync=1",
)
_READS_ONLY = "reads_only"


class Database:
    """An open office database; made by ``create`` or ``open``, ended by ``close``.

    Attributes:
        path: The file.
        was_closed: False if the program that had it open last ended without closing it.
    """

    def __init__(self, path: Path, engine: Engine, *, was_closed: bool) -> None:
        self.path = path
        self.was_closed = was_closed
        self._engine = engine

    @classmethod
    def create(cls, path: Path) -> "Database":
        """Make a new database; only its owner can read it.

        Raises:
            StorageError: There is one, or the file cannot be made.
        """
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except OSError as error:
            message = f"The database {path} cannot be made: {error.strerror}."
            raise StorageError(message) from error
        return cls._opened(path)

    @classmethod
    def open(cls, path: Path) -> "Database":
        """Open a database and bring it to this program's schema version.

        Raises:
            DatabaseMissingError: The file is not there.
            DatabaseTooNewError: A newer program wrote it; it was not touched.
            StorageError: It cannot be opened, is damaged, or is no office's database.
        """
        if not path.is_file():
            message = f"The office's database {path} is missing: restore it from a backup."
            raise DatabaseMissingError(message)
        return cls._opened(path)

    @classmethod
    def _opened(cls, path: Path) -> "Database":
        engine = create_engine(
            URL.create("sqlite", database=str(path)),
            poolclass=NullPool,
            connect_args={"check_same_thread": False},
        )
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
        try:
            was_closed = _checked_version(engine, path)
        except SQLAlchemyError as error:
            engine.dispose()
            reason = getattr(error, "orig", None) or error
            message = f"The office's database {path} cannot be used: {reason}."
            raise StorageError(message) from error
        return cls(path, engine, was_closed=was_closed)

    def connect_for_writing(self) -> Connection:
        """Return a connection whose transactions write; there must be one at a time."""
        return self._engine.connect()

    def connect_for_reading(self) -> Connection:
        """Return a connection that cannot write and does not wait for writers."""
        connection = self._engine.connect().execution_options(**{_READS_ONLY: True})
        connection.exec_driver_sql("PRAGMA query_only=ON")
        connection.rollback()
        return connection

    def close(self) -> None:
        """Note that nothing is lost, after all connections were closed.

        Raises:
            StorageError: That could not be written; the next start checks the whole file.
        """
        try:
            with self._engine.begin() as connection:
                connection.execute(update(versions).values(is_closed=True))
        except SQLAlchemyError as error:
            raise storage_error(error) from error
        finally:
            self._engine.dispose()


def _prepare(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # transactions begin where ``_begin`` says, not by guesswork
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _begin(connection: Connection) -> None:
    """Begin by the driver itself: SQLAlchemy's way costs as much as ten rows."""
    is_reader = connection.get_execution_options().get(_READS_ONLY, False)
    text = "BEGIN" if is_reader else "BEGIN IMMEDIATE"
    try:
        driver_cursor(connection).execute(text)
    except sqlite3.Error as error:
        raise DBAPIError(text, None, error) from error


def _checked_version(engine: Engine, path: Path) -> bool:
    """Upgrade an old database, or fill an empty one; return whether it had been closed."""
    with engine.connect() as connection, connection.begin():
        found = _found_version(connection, path)
        if found is None or found < SCHEMA_VERSION:
            upgrade_schema(connection)
        was_closed = bool(connection.execute(select(versions.c.is_closed)).scalar_one())
        if not was_closed:
            _check_whole(connection, path)
        connection.execute(update(versions).values(is_closed=False))
        return was_closed


def _found_version(connection: Connection, path: Path) -> int | None:
    names = set(inspect(connection).get_table_names())
    if not names:
        return None
    if versions.name not in names:
        message = f"{path} is a database, but not that of a Parlour office."
        raise StorageError(message)
    row = connection.execute(
        select(versions.c.schema_version, versions.c.compatibility_version)
    ).one()
    if row.compatibility_version > SCHEMA_VERSION:
        message = (
            f"The office's database {path} was written by a newer version of Parlour "
            f"(schema {row.schema_version}, this version knows {SCHEMA_VERSION}): "
            "install the newer version."
        )
        raise DatabaseTooNewError(message)
    return int(row.schema_version)


def _check_whole(connection: Connection, path: Path) -> None:
    _log.warning("%s was not closed the last time and is read through", path)
    found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
    if found != "ok":
        message = f"The office's database {path} is damaged ({found}): restore it from a backup."
        raise StorageError(message)
