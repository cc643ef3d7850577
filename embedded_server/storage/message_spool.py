"""Messages that wait until a client of their owner has acknowledged them.

This is the hot path of the store: the rows of a group are written by one statement.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, select
from sqlalchemy.dialects.sqlite import insert

from embedded_server.storage.errors import StorageError
from embedded_server.storage.row_statement import RowStatement
from embedded_server.storage.tables import accounts, spooled_messages
from embedded_server.storage.writer import StorageWriter
from shared_protocol.limits import SpoolLimits

ALREADY_STORED = 0

_INSERT = RowStatement(
    insert(spooled_messages)
    .values(
        id=bindparam("id"),
        account_id=select(accounts.c.id)
        .where(accounts.c.localpart == bindparam("owner"))
        .scalar_subquery(),
        sender=bindparam("sender"),
        origin_id=bindparam("origin_id"),
        stanza=bindparam("stanza"),
        stored_at=bindparam("stored_at"),
    )
    .on_conflict_do_nothing(),
    ("id", "owner", "sender", "origin_id", "stanza", "stored_at"),
)
_DELETE = RowStatement(
    delete(spooled_messages).where(spooled_messages.c.id == bindparam("row_id")), ("row_id",)
)
_MANY = 500  # values of one IN list

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class SpooledMessage:
    """A message that waits.

    Attributes:
        id: Names it to ``MessageSpool.remove``; grows with the order of arrival.
        stanza: As it is delivered, UTF-8.
        stored_at: Seconds since 1970, UTC; for the delay element (XEP-0203).
    """

    id: int
    stanza: bytes
    stored_at: float


@dataclass(slots=True)
class _Amount:
    messages: int = 0
    size_bytes: int = 0


class MessageSpool:
    """The messages of all accounts that wait, on disk; how many and how much, in memory.

    Args of the constructor:
        limits: For ``has_room``; 0 lifts one.
    """

    def __init__(self, writer: StorageWriter, limits: SpoolLimits | None = None) -> None:
        self._writer = writer
        self._limits = limits or SpoolLimits()
        self._amounts: dict[str, _Amount] = {}
        self._sizes: dict[int, tuple[str, int]] = {}  # of rows that somebody may remove by id
        self._reads = 0  # how many are under way
        self._leaving: set[int] = set()  # rows that nobody needs, perhaps still on disk
        self._gone: set[int] = set()  # those of them that went while a read was under way
        self._last_id = 0

    async def load(self) -> None:
        """Count what waits; to be called once, before all else.

        Raises:
            StorageError: It could not be read.
        """
        self._last_id, self._amounts = await self._writer.read(_counts)

    def has_room(self, localpart: str, size_bytes: int) -> bool:
        """Return True if one more message of this size keeps the account within the limits."""
        amount = self._amounts.get(localpart) or _Amount()
        fits_count = not self._limits.messages or amount.messages < self._limits.messages
        size = amount.size_bytes + size_bytes
        return fits_count and (not self._limits.size_bytes or size <= self._limits.size_bytes)

    def count(self, localpart: str) -> int:
        """Return how many messages wait for an account."""
        amount = self._amounts.get(localpart)
        return amount.messages if amount else 0

    def add(
        self,
        localpart: str,
        stanza: bytes,
        sender: str,
        stored_at: float,
        on_committed: Callable[[int | StorageError], None],
        *,
        origin_id: str = "",
    ) -> None:
        """Store a message for an account; the limits are for the caller to ask.

        Args:
            localpart: The account's.
            stanza: As it is delivered.
            sender: Bare JID.
            stored_at: Seconds since 1970, UTC.
            on_committed: Told the row's id, ``ALREADY_STORED`` if this message of this sender waits
                already (it is acknowledged, and not delivered a second time), or the error.
            origin_id: The sender's name for the message (XEP-0359), if it gave one.
        """
        self._last_id += 1
        key, size = self._last_id, len(stanza)
        self._enter(key, localpart, size)
        row = (key, localpart, sender, origin_id or None, stanza, stored_at)

        def report(outcome: int | StorageError) -> None:
            if outcome != key:
                self._leave(key)
            on_committed(outcome)

        self._writer.submit_row(_insert_rows, row, report)

    async def of(self, localpart: str) -> list[SpooledMessage]:
        """Return what waits for an account, oldest first.

        Raises:
            StorageError: It could not be read.
        """
        self._reads += 1
        try:
            found = await self._writer.read(lambda connection: _of(connection, localpart))
            messages = [message for message in found if message.id not in self._leaving]
        finally:
            self._reads -= 1
            if not self._reads:
                self._leaving -= self._gone
                self._gone.clear()
        for message in messages:
            self._sizes.setdefault(message.id, (localpart, len(message.stanza)))
        return messages

    async def get(self, localpart: str, key: int) -> SpooledMessage | None:
        """Return one message of an account; None if it is not there any more.

        Raises:
            StorageError: It could not be read.
        """
        if key in self._leaving:
            return None
        found = await self._writer.read(lambda connection: _of(connection, localpart, key))
        return found[0] if found else None

    def remove(
        self,
        ids: Iterable[int],
        on_committed: Callable[[StorageError | None], None] | None = None,
    ) -> None:
        """Forget messages that were delivered; ids come from ``add`` and ``of``.

        Args:
            ids: Those that are not there any more are passed over.
            on_committed: Told once, when all are gone from the disk, or the last error.
        """
        keys = tuple(ids)
        for key in keys:
            self._leave(key)
        if not keys:
            return
        self._leaving.update(keys)

        def report(outcome: StorageError | None) -> None:
            # A read that began before the commit may still bring these rows.
            if self._reads:
                self._gone.update(keys)
            else:
                self._leaving.difference_update(keys)
            if on_committed is not None:
                on_committed(outcome)

        for key in keys[:-1]:
            self._writer.submit_row(_delete_rows, (key,))
        self._writer.submit_row(_delete_rows, (keys[-1],), report)

    def forget(self, localpart: str) -> None:
        """Count nothing for an account that was deleted with its messages."""
        self._amounts.pop(localpart, None)
        for key in [key for key, (owner, _) in self._sizes.items() if owner == localpart]:
            del self._sizes[key]

    def _enter(self, key: int, localpart: str, size_bytes: int) -> None:
        self._sizes[key] = (localpart, size_bytes)
        amount = self._amounts.get(localpart)
        if amount is None:
            amount = self._amounts[localpart] = _Amount()
        amount.messages += 1
        amount.size_bytes += size_bytes

    def _leave(self, key: int) -> None:
        localpart, size_bytes = self._sizes.pop(key, ("", 0))
        amount = self._amounts.get(localpart)
        if amount is None:
            return
        amount.messages -= 1
        amount.size_bytes -= size_bytes
        if not amount.messages:
            del self._amounts[localpart]


def _counts(connection: Connection) -> tuple[int, dict[str, _Amount]]:
    last = connection.execute(select(func.max(spooled_messages.c.id))).scalar() or 0
    rows = connection.execute(
        select(
            accounts.c.localpart,
            func.count(),
            func.sum(func.length(spooled_messages.c.stanza)),
        )
        .join(accounts)
        .group_by(accounts.c.localpart)
    )
    return int(last), {owner: _Amount(int(count), int(size)) for owner, count, size in rows}


def _of(connection: Connection, localpart: str, key: int | None = None) -> list[SpooledMessage]:
    columns = spooled_messages.c
    statement = (
        select(columns.id, columns.stanza, columns.stored_at)
        .join(accounts)
        .where(accounts.c.localpart == localpart)
        .order_by(columns.id)
    )
    if key is not None:
        statement = statement.where(columns.id == key)
    return [
        SpooledMessage(row.id, bytes(row.stanza), row.stored_at)
        for row in connection.execute(statement)
    ]


def _insert_rows(connection: Connection, rows: Sequence[Row]) -> list[int]:
    """Insert rows by one statement, and tell for each its id, or that it was there before."""
    keys = [row[0] for row in rows]
    if _INSERT.run(connection, rows) == len(rows):
        return keys
    stored: set[int] = set()
    for start in range(0, len(keys), _MANY):
        some = keys[start : start + _MANY]
        statement = select(spooled_messages.c.id).where(spooled_messages.c.id.in_(some))
        stored.update(connection.execute(statement).scalars())
    return [key if key in stored else ALREADY_STORED for key in keys]


def _delete_rows(connection: Connection, rows: Sequence[Row]) -> list[None]:
    _DELETE.run(connection, rows)
    return [None] * len(rows)
