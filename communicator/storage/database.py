"""The database of a profile: one SQLite file, one worker thread, one transaction for each piece.

The whole file is synced at every commit (``synchronous=FULL``), because outbox and drafts live in
it: what was committed survives loss of power. Work is done in the order in which it was asked for.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, insert, inspect, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry, StaticPool

from communicator.state.sentences import sentence
from communicator.storage.errors import DatabaseTooNewError, StorageError
from communicator.storage.tables import (
    COMPATIBILITY_VERSION,
    SCHEMA_VERSION,
    accounts,
    metadata,
    versions,
)
from shared_protocol.addresses import BareJid

T = TypeVar("T")

_log = logging.getLogger(__name__)

_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=5000",
    "PRAGMA fullfsync=1",  # macOS only; without meaning elsewhere
    "PRAGMA checkpoint_fullfsync=1",
)


class Database:
    """The file, open from ``open`` to ``close``; the stores work through ``run``."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="database")
        self._engine: Engine | None = None
        self._connection: Connection | None = None
        self._account_id: int | None = None
        self._was_closed = True

    @property
    def account_id(self) -> int:
        """The row of the account in use.

        Raises:
            StorageError: No account is in use yet.
        """
        if self._account_id is None:
            message = "no account is in use"
            raise StorageError(message)
        return self._account_id

    @property
    def was_closed(self) -> bool:
        """False if the program that had the file open last did not close it (crash, power)."""
        return self._was_closed

    async def open(self) -> None:
        """Open the file, or make it.

        Raises:
            DatabaseTooNewError: A newer program wrote it; it was not touched.
            StorageError: It cannot be opened, or it is no database.
        """
        await self._in_worker(self._open)

    async def use_account(self, jid: BareJid) -> None:
        """Make the stores speak of this account's data from now on."""
        self._account_id = await self.run(lambda connection: _account_row(connection, str(jid)))

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Do ``work`` in one transaction on the worker thread; it is on disk when this returns.

        Raises:
            StorageError: It failed, and nothing of it was done.
        """
        if self._connection is None:
            message = sentence("Sentences", "The data of this profile is not open.")
            raise StorageError(message)
        return await self._in_worker(lambda: self._transact(work))

    async def is_intact(self) -> bool:
        """Read through the whole file; to be asked for when ``was_closed`` is False."""
        found = await self.run(
            lambda connection: connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
        )
        return found == "ok"

    async def close(self) -> None:
        """Finish what was asked for and close the file; a second call does nothing."""
        if self._connection is not None:
            await self._in_worker(self._close)
        self._worker.shutdown(wait=False)

    async def _in_worker(self, work: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._worker, work)
        except SQLAlchemyError as error:
            reason = getattr(error, "orig", None) or error
            message = sentence(
                "Sentences", "The data of this profile ({0}) cannot be used: {1}."
            ).of(self._path, reason)
            raise StorageError(message) from error
        except OSError as error:
            message = sentence("Sentences", "The folder of this profile cannot be used: {0}.").of(
                error
            )
            raise StorageError(message) from error

    def _open(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        engine = create_engine(
            f"sqlite:///{self._path}",
            poolclass=StaticPool,
            connect_args={"check_same_thread": True},
        )
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
        connection = engine.connect()
        try:
            with connection.begin():
                self._was_closed = _checked_version(connection, self._path)
        except (SQLAlchemyError, StorageError):
            connection.close()
            engine.dispose()
            raise
        self._path.chmod(0o600)
        self._engine, self._connection = engine, connection

    def _transact(self, work: Callable[[Connection], T]) -> T:
        if self._connection is None:
            message = sentence("Sentences", "The data of this profile is not open.")
            raise StorageError(message)
        with self._connection.begin():
            return work(self._connection)

    def _close(self) -> None:
        statement = update(versions).values(is_closed=True)
        self._transact(lambda connection: connection.execute(statement))
        if self._connection is not None and self._engine is not None:
            self._connection.close()
            self._engine.dispose()
        self._connection = self._engine = None


def _prepare(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # transactions begin where ``_begin`` says, not by guesswork
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _checked_version(connection: Connection, path: Path) -> bool:
    """Make the tables of a new file; return whether an old one had been closed."""
    if not inspect(connection).has_table(versions.name):
        metadata.create_all(connection)
        connection.execute(
            insert(versions).values(
                schema_version=SCHEMA_VERSION,
                compatibility_version=COMPATIBILITY_VERSION,
                is_closed=False,
            )
        )
        return True
    row = connection.execute(select(versions)).one()
    if row.compatibility_version > SCHEMA_VERSION:
        message = sentence(
            "Sentences",
            "The data of this profile ({0}) was written by a newer version of Parlour. "
            "Install the newer version, or start with another profile folder.",
        ).of(path)
        raise DatabaseTooNewError(message)
    connection.execute(update(versions).values(is_closed=False))
    if not row.is_closed:
        _log.info("%s was not closed the last time", path)
    return bool(row.is_closed)


def _account_row(connection: Connection, jid: str) -> int:
    found = connection.execute(select(accounts.c.id).where(accounts.c.jid == jid)).scalar()
    if found is None:
        statement = insert(accounts).values(jid=jid).returning(accounts.c.id)
        found = connection.execute(statement).scalar_one()
    return int(found)
