"""The one writer of the database: a thread that commits in groups and reports in order.

Whoever acknowledges a stanza waits for ``on_committed``: only then the row is on disk
(docs/decisions/0003).
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from sqlalchemy import Connection, update
from sqlalchemy.exc import SQLAlchemyError

from embedded_server.storage.database import Database
from embedded_server.storage.errors import (
    StorageClosedError,
    StorageError,
    StorageFailedError,
    StorageLockedError,
    StorageUnavailableError,
    storage_error,
)
from embedded_server.storage.group_commit import CommitFailedError, Entry, commit_group
from embedded_server.storage.interruption import interrupted
from embedded_server.storage.tables import versions

T = TypeVar("T")
R = TypeVar("R")

_log = logging.getLogger(__name__)

_GATHERING_SECONDS = 0.002
_FULL_GROUP = 50
_BUSY_GROUP = 8
_PROBE_SECONDS = 2.0  # so that a full disk is forgotten within 10 s of space
_LOCKED_SECONDS = 60.0


class StorageWriter:
    """Writes in groups on a thread of its own, reads on others; used from one event loop.

    A group is everything that waits. After a group of eight or more the thread gathers for 2 ms
    before the next, unless 50 writes wait: without load no write is delayed, and under load one
    sync carries many.

    A failed commit is final: all writes are refused from then on, with
    ``StorageFailedError``, and ``failure`` says why. A full disk is not: what waits is refused, and
    the next write is tried again, within two seconds by the writer itself. While another program
    locks the database, writes wait, up to a minute.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._groups: SimpleQueue[list[Entry] | None] = SimpleQueue()
        self._submitted: list[Entry] = []
        self._unreported = 0
        self._all_reported = asyncio.Event()
        self._is_open = False
        self._is_stopping = False
        self._trouble: StorageError | None = None
        self._on_failed: Callable[[StorageFailedError], None] | None = None
        self._thread = threading.Thread(target=self._run, name="storage writer", daemon=True)
        self._reader = ThreadPoolExecutor(max_workers=1, thread_name_prefix="storage reader")
        self._reading: Connection | None = None
        self._long_reader = ThreadPoolExecutor(max_workers=1, thread_name_prefix="long reader")
        self._reading_long: Connection | None = None
        self._writing: Connection | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def failure(self) -> StorageFailedError | None:
        """Why nothing is written any more; None while that can be."""
        return self._trouble if isinstance(self._trouble, StorageFailedError) else None

    @property
    def trouble(self) -> StorageError | None:
        """Why nothing is written now, be it for good or for a while; None while all is well."""
        return self._trouble

    def start(self, on_failed: Callable[[StorageFailedError], None] | None = None) -> None:
        """Begin to write, on the running event loop.

        Args:
            on_failed: Told once, on the event loop, when a commit failed for good.
        """
        self._loop = asyncio.get_running_loop()
        self._on_failed = on_failed
        self._writing = self._database.connect_for_writing()
        self._reading = self._database.connect_for_reading()
        self._is_open = True
        self._thread.start()

    async def stop(self) -> None:
        """Write what waits and report it, then close; what its reports submit is written too."""
        if not self._is_open:
            return
        self._is_stopping = True
        while self._unreported:
            self._all_reported.clear()
            await self._all_reported.wait()
        self._is_open = False
        self._groups.put(None)
        await asyncio.to_thread(self._thread.join)
        self._reader.shutdown(wait=True)
        self._long_reader.shutdown(wait=True)
        for connection in (self._reading, self._reading_long, self._writing):
            if connection is not None:
                connection.close()

    def submit(
        self,
        write: Callable[[Connection], T],
        on_committed: Callable[[T | StorageError], None] | None = None,
        *,
        weight: int = 1,
    ) -> None:
        """Queue a write; it never blocks.

        Args:
            write: Runs on the writer's thread, inside a transaction. A ``StorageError`` that it
                raises undoes this write alone.
            on_committed: Called on the event loop with what ``write`` returned, after the commit,
                or with the error; in the order of submission.
            weight: How many writes it stands for.
        """
        self._queue(Entry(write, None, None, on_committed, weight))

    def submit_row(
        self,
        batch: Callable[[Connection, Sequence[R]], Sequence[T]],
        row: R,
        on_committed: Callable[[T | StorageError], None] | None = None,
    ) -> None:
        """Queue one row of a kind that comes often: the rows of a group are written together.

        Args:
            batch: The same function for all rows of the kind; returns one outcome per row.
            row: What it takes.
            on_committed: As in ``submit``.
        """
        self._queue(Entry(None, batch, row, on_committed))

    async def write(self, write: Callable[[Connection], T]) -> T:
        """Write, and return when it is on disk.

        Raises:
            StorageError: It was not written.
        """
        waiter: asyncio.Future[T] = self._running_loop().create_future()

        def report(outcome: T | StorageError) -> None:
            if waiter.cancelled():
                return
            if isinstance(outcome, StorageError):
                waiter.set_exception(outcome)
            else:
                waiter.set_result(outcome)

        self.submit(write, report)
        return await waiter

    async def read(self, read: Callable[[Connection], T]) -> T:
        """Read what is committed, on the reader's thread.

        Raises:
            StorageError: The database could not be read.
        """
        if not self._is_open:
            raise StorageClosedError(_CLOSED)
        try:
            return await self._running_loop().run_in_executor(self._reader, self._read, read)
        except SQLAlchemyError as error:
            raise storage_error(error) from error

    async def read_long(self, read: Callable[[Connection], T], seconds: float) -> T:
        """Read what is committed, on a thread that short reads do not wait for.

        Args:
            read: Runs there, inside a transaction.
            seconds: After which it is given up.

        Raises:
            ReadTooLongError: It was given up.
            StorageError: The database could not be read.
        """
        if not self._is_open:
            raise StorageClosedError(_CLOSED)
        reader, loop = self._long_reader, self._running_loop()
        try:
            return await loop.run_in_executor(reader, self._read_long, read, seconds)
        except SQLAlchemyError as error:
            raise storage_error(error) from error

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            raise StorageClosedError(_CLOSED)
        return self._loop

    def _queue(self, entry: Entry) -> None:
        """Collect during one turn of the loop, so that the thread is woken once per turn."""
        loop = self._running_loop()
        if not self._is_open:
            loop.call_soon(_report, entry, StorageClosedError(_CLOSED))
            return
        if not self._submitted:
            loop.call_soon(self._hand_over)
        self._submitted.append(entry)
        self._unreported += 1

    def _hand_over(self) -> None:
        submitted, self._submitted = self._submitted, []
        self._groups.put(submitted)

    def _note(self, trouble: StorageError | None) -> None:
        """Take notice of how the database is; said once, however many writes it concerns."""
        before, self._trouble = self._trouble, trouble
        if trouble is None:
            if before is not None:
                _log.warning("the database can be written again")
        elif isinstance(trouble, StorageFailedError):
            if not isinstance(before, StorageFailedError):
                _log.critical("%s", trouble)
                if self._on_failed is not None:
                    self._on_failed(trouble)
        elif before is None:
            _log.error("%s", trouble)
            self._running_loop().call_later(_PROBE_SECONDS, self._probe)

    def _probe(self) -> None:
        """See whether the trouble is over, though nobody has something to write."""
        if self._is_open and not self._is_stopping and self._trouble and not self.failure:
            self._queue(Entry(_touch, None, None, lambda _outcome: None))
            self._running_loop().call_later(_PROBE_SECONDS, self._probe)

    def _report_group(
        self, entries: Sequence[Entry], outcomes: Sequence[Any], trouble: StorageError | None
    ) -> None:
        if trouble is not self._trouble:
            self._note(trouble)
        for entry, outcome in zip(entries, outcomes, strict=True):
            _report(entry, outcome)
        self._unreported -= len(entries)
        if not self._unreported:
            self._all_reported.set()

    # What follows runs on the threads.

    def _read(self, read: Callable[[Connection], T]) -> T:
        if self._reading is None:
            raise StorageClosedError(_CLOSED)
        with self._reading.begin():
            return read(self._reading)

    def _read_long(self, read: Callable[[Connection], T], seconds: float) -> T:
        if self._reading_long is None:
            self._reading_long = self._database.connect_for_reading()
        connection = self._reading_long
        ends_at = time.monotonic() + seconds
        with interrupted(connection, lambda: time.monotonic() > ends_at), connection.begin():
            return read(connection)

    def _run(self) -> None:
        trouble: StorageError | None = None
        was_busy = False
        while group := self._next_group(was_busy=was_busy):
            was_busy = _weight(group) >= _BUSY_GROUP
            outcomes: Sequence[Any]
            if isinstance(trouble, StorageFailedError):
                outcomes = [trouble] * len(group)
            else:
                outcomes, trouble = self._commit(group)
            self._running_loop().call_soon_threadsafe(self._report_group, group, outcomes, trouble)

    def _next_group(self, *, was_busy: bool) -> list[Entry]:
        """Wait for work; an empty group is the end."""
        first = self._groups.get()
        if first is None:
            return []
        group = list(first)
        if was_busy and _weight(group) < _FULL_GROUP:
            time.sleep(_GATHERING_SECONDS)
        while True:
            try:
                more = self._groups.get_nowait()
            except Empty:
                return group
            if more is None:
                self._groups.put(None)
                return group
            group += more

    def _commit(self, group: list[Entry]) -> tuple[Sequence[Any], StorageError | None]:
        """Write a group; waits while another program has locked the database."""
        if self._writing is None:
            raise StorageClosedError(_CLOSED)
        patience_ends = time.monotonic() + _LOCKED_SECONDS
        while True:
            try:
                return commit_group(self._writing, group), None
            except CommitFailedError as error:
                found = error.reason
            if not isinstance(found, StorageLockedError):
                break
            if self._is_stopping or time.monotonic() > patience_ends:
                break
            self._running_loop().call_soon_threadsafe(self._note, found)
        if isinstance(found, StorageUnavailableError):
            return [found] * len(group), found
        failure = StorageFailedError(
            f"{found} Nothing more is stored until the office is started again."
        )
        return [failure] * len(group), failure


_CLOSED = "The office is closing."


def _weight(group: Sequence[Entry]) -> int:
    return sum(entry.weight for entry in group)


def _touch(connection: Connection) -> None:
    """Write something that changes nothing; SQLite would leave out what is the same as before."""
    for is_closed in (True, False):
        connection.execute(update(versions).values(is_closed=is_closed))


def _report(entry: Entry, outcome: Any) -> None:
    if entry.on_committed is None:
        if isinstance(outcome, StorageError):
            _log.warning("a write that nobody waits for failed: %s", outcome)
        return
    try:
        entry.on_committed(outcome)
    except Exception:  # noqa: BLE001 - those that wait behind it must be told as well
        _log.exception("what follows a commit failed")
