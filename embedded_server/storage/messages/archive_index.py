"""Whose archive has which message: written out in large sorted portions, behind the messages.

A row for each owner and message, written with the message itself, would touch a page of the
database for each of them, and cost more than all the rest (docs/decisions/0010). So messages are
only appended; their entries follow when enough have come, or after a moment of quiet. Until then a
query looks through the newest messages themselves. Nothing is lost by a crash in between: up to
which message the entries are complete is on disk, and inserting one twice does nothing.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence

from sqlalchemy import (
    Column,
    Connection,
    Integer,
    MetaData,
    Select,
    Table,
    delete,
    func,
    insert,
    select,
    union_all,
)
from sqlalchemy.dialects.sqlite import insert as insert_if_absent

from embedded_server.storage.errors import StorageError
from embedded_server.storage.messages import message_rows
from embedded_server.storage.messages.message_rows import ID, RECEIVER, SENDER, MessageRow
from embedded_server.storage.messages.waiting import WaitingMessages
from embedded_server.storage.tables import archive_entries, messages
from embedded_server.storage.writer import StorageWriter

_log = logging.getLogger(__name__)

_QUIET_SECONDS = 1.0
_AGAIN_SECONDS = 10.0
_FEWEST = 2_000
_MOST = 20_000
_PER_OWNER = 10  # messages that make it worth while to touch the pages of an archive
_AT_ONCE = 3_000  # messages whose entries are written by one transaction
_PORTION = 2_000  # entries of one transaction: what waits behind it waits some milliseconds

_staged = Table(
    "staged_entries",
    MetaData(),
    Column("position", Integer, primary_key=True),
    Column("owner_id", Integer, nullable=False),
    Column("message_id", Integer, nullable=False),
    Column("counterpart_id", Integer, nullable=False),
    prefixes=["TEMPORARY"],
)


def _nothing(_connection: Connection) -> None:
    """Write nothing: all entries are there."""


class ArchiveIndex:
    """Decides when entries are written, and writes them between the groups of messages."""

    def __init__(self, writer: StorageWriter, waiting: WaitingMessages) -> None:
        self._writer = writer
        self._waiting = waiting
        self._settled_up_to = 0
        self._newest = 0
        self._count = 0
        self._owners: set[int] = set()
        self._is_running = False
        self._timer: asyncio.TimerHandle | None = None

    async def load(self) -> None:
        """Read how far the entries go.

        Raises:
            StorageError: It could not be read.
        """
        self._settled_up_to = await self._writer.read(message_rows.settled_up_to)
        self._newest = await self._writer.read(message_rows.newest_id)
        if self._newest > self._settled_up_to:
            self._run_in(_QUIET_SECONDS)

    async def settle(self) -> None:
        """Write out all entries now; errors are logged, since nothing is lost."""
        try:
            while self._is_running:
                await self._writer.write(lambda _connection: None)
            self._run()
            while self._is_running:
                await self._writer.write(lambda _connection: None)
        except StorageError as error:
            _log.warning("entries of the archive are written at the next start: %s", error)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def note(self, rows: Sequence[MessageRow]) -> None:
        """Messages are on disk."""
        self._newest = rows[-1][ID]
        self._count += len(rows)
        self._owners.update([row[SENDER] for row in rows])
        self._owners.update([row[RECEIVER] for row in rows])
        if self._is_running:
            return
        enough = min(max(_FEWEST, _PER_OWNER * len(self._owners)), _MOST)
        if self._count >= enough:
            self._run()
        elif self._timer is None:
            self._run_in(_QUIET_SECONDS)

    def _run_in(self, seconds: float) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, self._run)

    def _run(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._is_running or self._newest <= self._settled_up_to:
            return
        self._is_running = True
        is_small = self._count <= _AT_ONCE
        self._count = 0
        self._owners.clear()
        first, last = self._settled_up_to, self._newest
        if is_small:
            self._settle(last, lambda connection: _copy_new(connection, first, last))
            return

        def go_on(outcome: int | StorageError) -> None:
            if isinstance(outcome, StorageError):
                self._give_up(outcome)
            else:
                self._write_portion(0, outcome, last)

        self._writer.submit(lambda connection: _stage(connection, first, last), go_on)

    def _write_portion(self, done: int, total: int, last: int) -> None:
        """Write the next entries; at the end note that all are there."""
        if done >= total:
            self._settle(last)
            return

        def go_on(outcome: StorageError | None) -> None:
            if isinstance(outcome, StorageError):
                self._give_up(outcome)
            else:
                self._write_portion(done + _PORTION, total, last)

        self._writer.submit(
            lambda connection: _copy_staged(connection, done, done + _PORTION), go_on
        )

    def _settle(self, last: int, write: Callable[[Connection], None] = _nothing) -> None:
        """Note that all entries are there, after writing the last ones."""
        listed = self._waiting.take_listed_up_to(last)

        def end(outcome: StorageError | None) -> None:
            if isinstance(outcome, StorageError):
                self._waiting.unlist(listed)
                self._give_up(outcome)
                return
            self._settled_up_to = last
            self._is_running = False
            if self._newest > last and self._timer is None:
                self._run_in(_QUIET_SECONDS)

        def settle(connection: Connection) -> None:
            write(connection)
            message_rows.insert_waiting(connection, listed)
            message_rows.set_settled_up_to(connection, last)

        self._writer.submit(settle, end)

    def _give_up(self, error: StorageError) -> None:
        """Try again later: the disk may be full."""
        _log.info("entries of the archive have to wait: %s", error)
        self._is_running = False
        self._run_in(_AGAIN_SECONDS)


def _copy_new(connection: Connection, first: int, last: int) -> None:
    """Write the entries of a few messages."""
    _insert_entries(connection, _entries_between(first, last))


def _stage(connection: Connection, first: int, last: int) -> int:
    """Collect the entries of many messages, sorted, in memory; return how many there are."""
    _staged.create(connection, checkfirst=True)
    connection.execute(delete(_staged))
    names = ["owner_id", "message_id", "counterpart_id"]
    connection.execute(insert(_staged).from_select(names, _entries_between(first, last)))
    return int(connection.execute(select(func.count()).select_from(_staged)).scalar_one())


def _copy_staged(connection: Connection, first: int, last: int) -> None:
    staged = _staged.c
    _insert_entries(
        connection,
        select(staged.owner_id, staged.message_id, staged.counterpart_id).where(
            staged.position > first, staged.position <= last
        ),
    )


def _entries_between(first: int, last: int) -> Select[tuple[int, int, int]]:
    """Return owner, message and counterpart of the messages behind ``first`` up to ``last``."""
    columns = messages.c
    is_new = (columns.id > first) & (columns.id <= last)
    of_sender = select(columns.sender_id, columns.id, columns.receiver_id).where(
        is_new, columns.is_kept_by_sender
    )
    of_receiver = select(columns.receiver_id, columns.id, columns.sender_id).where(
        is_new,
        columns.is_kept_by_receiver,
        # what somebody writes to himself has one entry
        (columns.receiver_id != columns.sender_id) | ~columns.is_kept_by_sender,
    )
    # By position, since the two halves name their columns differently.
    owner, message, counterpart = union_all(of_sender, of_receiver).subquery("entries").c
    return select(owner, message, counterpart).order_by(owner, message)


def _insert_entries(connection: Connection, rows: Select[tuple[int, int, int]]) -> None:
    """Insert entries; those that an earlier attempt has left stay as they are."""
    names = ["owner_id", "message_id", "counterpart_id"]
    statement = insert_if_absent(archive_entries).from_select(names, rows)
    connection.execute(statement.on_conflict_do_nothing())
