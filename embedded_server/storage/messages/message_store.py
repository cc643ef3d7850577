"""The messages of the office: each stored once, for the archives of its two sides and its delivery.

This is the hot path of the store (docs/decisions/0010). A message has its id as soon as it is
handed in, so that its stanza id is known before the commit; the rows of one turn of the loop are
written by few statements; what arrived is written as one mark for each account and group.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from embedded_server.storage.errors import StorageError, StorageUnavailableError
from embedded_server.storage.messages import message_rows
from embedded_server.storage.messages.archive_index import ArchiveIndex
from embedded_server.storage.messages.archive_reader import ArchiveReader
from embedded_server.storage.messages.archive_removal import remove_former_archives
from embedded_server.storage.messages.correspondents import (
    CorrespondentRow,
    Correspondents,
    insert_correspondents,
    read_correspondents,
)
from embedded_server.storage.messages.message_rows import ID, RECEIVER, MessageRow, StoredMessage
from embedded_server.storage.messages.origin_window import OriginWindow, origin_id_in
from embedded_server.storage.messages.waiting import WaitingMessages
from embedded_server.storage.writer import StorageWriter
from shared_protocol.limits import DoubleLimits, SpoolLimits

ALREADY_STORED = 0
"""In the place of an id: this message of this sender came before."""

_log = logging.getLogger(__name__)

OnStored = Callable[[int | StorageError], None]
_SKIPPED_AFTER_CRASH = 1 << 24
_READ_AT_ONCE = 100
_MARK_SECONDS = 0.02
_SMALL_STEP_SECONDS = 60.0


class NewMessage(NamedTuple):
    """A message that is to be stored.

    Attributes:
        sender: Address: the localpart of an account of this office, else a bare JID with its ``@``.
        receiver: The same.
        stanza: As it is delivered, without ids that archives give.
        origin_id: The sender's name for it (XEP-0359); empty if it has none.
        is_kept_by_sender: Whether it goes into the sender's archive.
        is_kept_by_receiver: Whether it goes into the receiver's.
        is_to_deliver: Whether it waits until a client of the receiver has it.
    """

    sender: str
    receiver: str
    stanza: bytes
    origin_id: str
    is_kept_by_sender: bool
    is_kept_by_receiver: bool
    is_to_deliver: bool


# Who waits for a message: its id, or 0 for one that came before; the hash of its name; who is told.
# One that came before stands in the queue behind the first, so that what became of that is known.
_Waiter = tuple[int, int | None, OnStored]


class MessageStore:
    """Writes messages, and knows which of them wait for whom.

    ``load`` comes first.

    Attributes:
        archives: Reads them.
    Args of the constructor:
        limits: For ``has_room``; 0 lifts one.
        doubles: How many messages are recognised when they come again.
        clock: Seconds since 1970, UTC.
    """

    def __init__(
        self,
        writer: StorageWriter,
        limits: SpoolLimits | None = None,
        doubles: DoubleLimits | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._writer = writer
        self._limits = limits or SpoolLimits()
        self._doubles = doubles or DoubleLimits()
        self._correspondents = Correspondents()
        self._waiting = WaitingMessages()
        self.archives = ArchiveReader(writer, self._correspondents.known, self.written)
        self._origins = OriginWindow(self._doubles)
        self._index = ArchiveIndex(writer, self._waiting)
        self._clock = clock
        self._last_id = 0
        self._last_stored_at = 0.0
        self._rows: list[MessageRow] = []
        self._waiters: list[_Waiter] = []
        self._unreported = 0  # groups that are on their way to the disk
        self._is_marking = False
        self._mark_timer: asyncio.TimerHandle | None = None

    async def load(self, *, was_closed: bool = True) -> None:
        """Read what waits, and which messages came last.

        Args:
            was_closed: False if the process that used the database last did not close it. Then it
                may have given ids to messages that it did not come to write.

        Raises:
            StorageError: It could not be read.
        """
        self._correspondents.fill(await self._writer.read(read_correspondents))
        for one in await self._writer.read(message_rows.read_waiting):
            self._waiting.add(
                one.owner_id,
                one.message_id,
                one.size_bytes,
                is_kept=one.is_kept,
                is_listed=one.is_listed,
            )
        self._last_id = await self._writer.read(message_rows.last_id)
        if not was_closed:
            self._last_id += _SKIPPED_AFTER_CRASH
        await self._writer.read(self._read_names)
        await self._index.load()

    async def close(self) -> None:
        """Write out what is written late."""
        self.write_deliveries()
        await self._index.settle()

    def has_room(self, receiver: str, size_bytes: int) -> bool:
        """Return True if one more message of this size may wait for the account."""
        owner_id = self._correspondents.known(receiver)
        if owner_id is None:
            return True
        limits = self._limits
        count, size = self._waiting.amount(owner_id)
        fits_count = not limits.messages or count < limits.messages
        return fits_count and (not limits.size_bytes or size + size_bytes <= limits.size_bytes)

    def count(self, receiver: str) -> int:
        """Return how many messages wait for an account."""
        owner_id = self._correspondents.known(receiver)
        return 0 if owner_id is None else self._waiting.amount(owner_id)[0]

    def add(self, message: NewMessage, on_stored: OnStored) -> int:
        """Store a message; the limits are for the caller to ask.

        Args:
            message: What.
            on_stored: Told the id when it is on disk, or the error; ``ALREADY_STORED`` when the
                same message of this sender is.

        Returns:
            The id, greater than all before; ``ALREADY_STORED`` if it came before.
        """
        id_of = self._correspondents.id_of
        sender_id, receiver_id = id_of(message.sender), id_of(message.receiver)
        name = None
        if message.origin_id:
            name = self._origins.name_of(sender_id, receiver_id, message.origin_id)
            if name in self._origins:
                self._queue((ALREADY_STORED, name, on_stored))
                return ALREADY_STORED
            self._origins.add(name)
        key = self._last_id = self._last_id + 1
        if message.is_to_deliver:
            is_kept = message.is_kept_by_sender or message.is_kept_by_receiver
            self._waiting.add(receiver_id, key, len(message.stanza), is_kept=is_kept)
        self._rows.append(
            (
                key,
                self._now(),
                sender_id,
                receiver_id,
                message.is_kept_by_sender,
                message.is_kept_by_receiver,
                message.is_to_deliver,
                message.stanza,
            )
        )
        self._queue((key, name, on_stored))
        return key

    def is_waiting(self, receiver: str, message_id: int) -> bool:
        """Return whether a message has not arrived yet."""
        owner_id = self._correspondents.known(receiver)
        return owner_id is not None and self._waiting.has(owner_id, message_id)

    async def waiting(self, receiver: str, after: int = 0) -> list[StoredMessage]:
        """Return what waits for an account, oldest first: at most a hundred.

        Args:
            receiver: Whose.
            after: Only messages with greater ids.

        Raises:
            StorageError: It could not be read.
        """
        owner_id = self._correspondents.known(receiver)
        ids = [] if owner_id is None else self._waiting.ids(owner_id)
        ids = [one for one in ids if one > after][:_READ_AT_ONCE]
        if owner_id is None or not ids:
            return []
        found = await self._writer.read(
            lambda connection: message_rows.read_messages(connection, ids)
        )
        still = set(self._waiting.ids(owner_id))  # some may have arrived during the read
        return [message for message in found if message.id in still]

    async def get(self, receiver: str, message_id: int) -> StoredMessage | None:
        """Return one message that waits for an account; None if it does not.

        Raises:
            StorageError: It could not be read.
        """
        if not self.is_waiting(receiver, message_id):
            return None
        ids = [message_id]
        found = await self._writer.read(
            lambda connection: message_rows.read_messages(connection, ids)
        )
        return found[0] if found else None

    def arrived(self, receiver: str, ids: Iterable[int]) -> None:
        """Messages have arrived at a client of their receiver, so that they wait no more."""
        owner_id = self._correspondents.known(receiver)
        if owner_id is not None and self._waiting.arrived(owner_id, ids):
            self._mark_soon()

    def write_deliveries(self) -> None:
        """Write now what arrived; it is done with the next messages, or after a moment, anyway."""
        if self._mark_timer is not None:
            self._mark_timer.cancel()
            self._mark_timer = None
        changes = self._waiting.take_changes()
        if not changes:
            return
        self._is_marking = True

        def report(outcome: StorageError | None) -> None:
            self._is_marking = False
            if outcome is not None:
                # It goes with what arrives next: until then the disk may have room again.
                self._waiting.give_back(changes)
            elif self._waiting.has_changes:
                self._mark_soon()

        self._writer.submit(
            lambda connection: message_rows.write_deliveries(connection, changes), report
        )

    def forget(self, account: str) -> None:
        """An account was deleted: nothing waits for it, and its name may be given again."""
        owner_id = self._correspondents.known(account)
        if owner_id is not None:
            self._waiting.forget(owner_id)
            self._correspondents.retire(account)

    async def written(self) -> None:
        """Wait until what was handed in is on disk, or could not be written."""
        if not self._waiters and not self._unreported:
            return
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue((ALREADY_STORED, None, lambda _outcome: _release(waiter)))
        await waiter

    async def remove_former_archives(self) -> None:
        """Remove the archives of accounts that were deleted, portion by portion.

        What fails is logged, and done at another time.
        """
        await self._index.settle()
        await remove_former_archives(self._writer)

    def _mark_soon(self) -> None:
        if self._mark_timer is None and not self._is_marking:
            loop = asyncio.get_running_loop()
            self._mark_timer = loop.call_later(_MARK_SECONDS, self.write_deliveries)

    def _now(self) -> float:
        """Return the time; a clock that is put back a little stands still for a while."""
        now = self._clock()
        if 0 < self._last_stored_at - now < _SMALL_STEP_SECONDS:
            return self._last_stored_at
        self._last_stored_at = now
        return now

    def _queue(self, waiter: _Waiter) -> None:
        if not self._waiters:
            asyncio.get_running_loop().call_soon(self._submit)
        self._waiters.append(waiter)

    def _submit(self) -> None:
        """Hand over what one turn of the loop collected."""
        rows, self._rows = self._rows, []
        waiters, self._waiters = self._waiters, []
        self._unreported += 1
        new = self._correspondents.take_new()

        def write(connection: Connection) -> None:
            if new:
                insert_correspondents(connection, new)
            message_rows.insert_messages(connection, rows)

        def report(outcome: StorageError | None) -> None:
            self._unreported -= 1
            if outcome is None:
                self._report(rows, waiters)
            else:
                self._report_failure(rows, waiters, new, outcome)

        self._writer.submit(write, report, weight=len(waiters))
        if self._mark_timer is not None:
            self.write_deliveries()  # by the same commit

    def _report(self, rows: Sequence[MessageRow], waiters: Sequence[_Waiter]) -> None:
        if rows:
            self._index.note(rows)
        for key, name, on_stored in waiters:
            _tell(on_stored, key or self._outcome_of_double(name))

    def _report_failure(
        self,
        rows: Sequence[MessageRow],
        waiters: Sequence[_Waiter],
        new: Sequence[CorrespondentRow],
        error: StorageError,
    ) -> None:
        self._correspondents.give_back(new)
        for row in rows:
            self._waiting.cancel(row[RECEIVER], row[ID])
        for key, name, _on_stored in waiters:
            if key and name is not None:
                self._origins.discard(name)
        for _key, _name, on_stored in waiters:
            _tell(on_stored, error)

    def _outcome_of_double(self, name: int | None) -> int | StorageError:
        if name in self._origins:
            return ALREADY_STORED
        return StorageUnavailableError("The same message could not be stored before.")

    def _read_names(self, connection: Connection) -> None:
        newest = message_rows.read_newest(connection, self._doubles.remembered_messages)
        for sender_id, receiver_id, stanza in newest:
            origin_id = origin_id_in(stanza)
            if origin_id:
                self._origins.add(self._origins.name_of(sender_id, receiver_id, origin_id))


def _release(waiter: "asyncio.Future[None]") -> None:
    if not waiter.done():
        waiter.set_result(None)


def _tell(on_stored: OnStored, outcome: int | StorageError) -> None:
    """Report; those that wait behind it must be told as well."""
    try:
        on_stored(outcome)
    except Exception:  # noqa: BLE001 - see above
        _log.exception("what follows the storing of a message failed")
