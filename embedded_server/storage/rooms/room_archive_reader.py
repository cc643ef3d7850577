"""Pages of the archives of rooms (XEP-0313 1.1.3, section 4), read on a thread of their own."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, func, select

from embedded_server.storage.messages.archive_pages import (
    ArchiveEdge,
    PageWanted,
    UnknownMessageError,
)
from embedded_server.storage.rooms.room_message_rows import (
    RoomMessage,
    first_since,
    read_messages,
)
from embedded_server.storage.rooms.room_tables import room_messages
from embedded_server.storage.writer import StorageWriter
from shared_protocol.limits import ArchiveLimits

_columns = room_messages.c
Conditions = tuple[ColumnElement[bool], ...]


@dataclass(frozen=True, slots=True)
class RoomPage:
    """A page.

    Attributes:
        messages: Oldest first, also when paging backwards.
        is_complete: There is nothing beyond it in the direction of paging.
        count: Of all that was looked for, without regard to ``after`` and ``before``; None if that
            is too many to be counted for a page.
    """

    messages: list[RoomMessage]
    is_complete: bool
    count: int | None


class RoomArchiveReader:
    """Reads archives of rooms."""

    def __init__(self, writer: StorageWriter, limits: ArchiveLimits | None = None) -> None:
        self._writer = writer
        self._limits = limits or ArchiveLimits()

    async def page(self, room_id: int, wanted: PageWanted, *, only_shown: bool = False) -> RoomPage:
        """Read a page.

        Args:
            room_id: Of which room.
            wanted: What; its counterpart is who sent the messages.
            only_shown: A counterpart is looked for only in messages whose sender was shown to all.

        Raises:
            UnknownMessageError: A message that it names is not in the archive.
            StorageError: It could not be read, or not in time.
        """
        search = _Search(room_id, wanted, self._limits, only_shown=only_shown)
        return await self._writer.read_long(search.page, self._limits.query_seconds)

    async def edges(self, room_id: int) -> tuple[ArchiveEdge, ArchiveEdge] | None:
        """Return the oldest and the newest message of an archive; None if it is empty.

        Raises:
            StorageError: They could not be read.
        """
        return await self._writer.read_long(
            lambda connection: _edges(connection, room_id), self._limits.query_seconds
        )


class _Search:
    """Looks through one archive."""

    def __init__(
        self, room_id: int, wanted: PageWanted, limits: ArchiveLimits, *, only_shown: bool
    ) -> None:
        self._in_room = _columns.room_id == room_id
        self._room_id = room_id
        self._wanted = wanted
        self._limits = limits
        self._only_shown = only_shown

    def page(self, connection: Connection) -> RoomPage:
        wanted = self._wanted
        self._require(connection, (*wanted.after, *wanted.before, *(wanted.ids or ())))
        conditions = self._conditions()
        most_counted = self._limits.counted_results if wanted.most else 0
        count = _count(connection, conditions, most_counted)
        if not wanted.most:
            return RoomPage([], is_complete=count == 0, count=count)
        ids, has_more = self._fitting(connection, conditions)
        statement = select(room_messages).where(_columns.id.in_(ids)).order_by(_columns.id)
        return RoomPage(read_messages(connection, statement), not has_more, count)

    def _require(self, connection: Connection, named: Sequence[int]) -> None:
        numbers = set(named)
        statement = select(func.count()).where(self._in_room, _columns.id.in_(numbers))
        if numbers and connection.execute(statement).scalar_one() < len(numbers):
            message = "The archive has no such message."
            raise UnknownMessageError(message)

    def _conditions(self) -> Conditions:
        wanted = self._wanted
        conditions = [self._in_room]
        if wanted.start is not None:
            conditions.append(_columns.id >= first_since(self._room_id, wanted.start))
        if wanted.end is not None:
            behind = first_since(self._room_id, wanted.end, is_exclusive=True)
            conditions.append(_columns.id < behind)
        if wanted.ids is not None:
            conditions.append(_columns.id.in_(wanted.ids))
        if wanted.counterpart:
            conditions.append(_columns.sender == wanted.counterpart)
            if self._only_shown:
                conditions.append(_columns.is_sender_shown)
        if wanted.resource:
            conditions.append(_columns.sender + "/" + _columns.resource == wanted.resource)
        return tuple(conditions)

    def _fitting(
        self, connection: Connection, conditions: Conditions
    ) -> tuple[Sequence[int], bool]:
        """Return what a page holds, and whether there is more in its direction."""
        wanted = self._wanted
        order = _columns.id.desc() if wanted.is_backwards else _columns.id
        statement = (
            select(_columns.id, func.length(_columns.stanza))
            .where(
                *conditions,
                *(_columns.id > number for number in wanted.after),
                *(_columns.id < number for number in wanted.before),
            )
            .order_by(order)
            .limit(wanted.most + 1)
        )
        ids: list[int] = []
        size_bytes = 0
        for number, length in connection.execute(statement):
            size_bytes += length
            if len(ids) >= wanted.most or (ids and size_bytes > self._limits.page_bytes):
                return ids, True
            ids.append(number)
        return ids, False


def _count(connection: Connection, conditions: Conditions, most: int) -> int | None:
    """Count; None if it is more than so many, unless that is 0."""
    some = select(_columns.id).where(*conditions)
    if most:
        some = some.limit(most + 1)
    total = connection.execute(select(func.count()).select_from(some.subquery())).scalar_one()
    return total if not most or total <= most else None


def _edges(connection: Connection, room_id: int) -> tuple[ArchiveEdge, ArchiveEdge] | None:
    found = []
    for order in (_columns.id, _columns.id.desc()):
        statement = select(_columns.id, _columns.stored_at).where(_columns.room_id == room_id)
        row = connection.execute(statement.order_by(order).limit(1)).one_or_none()
        if row is None:
            return None
        found.append(ArchiveEdge(row.id, row.stored_at))
    return found[0], found[1]
