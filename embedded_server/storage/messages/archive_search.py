"""Looks through one archive, in one transaction of the reading thread.

Messages that ``archive_entries`` covers are found there, newer ones among the newest messages
themselves: nothing is missed, and nothing found twice.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, func, select

from embedded_server.storage.messages.archive_pages import (
    ArchiveEdge,
    PageFound,
    PageWanted,
    UnknownMessageError,
)
from embedded_server.storage.messages.message_rows import (
    first_since,
    read_messages,
    settled_up_to,
)
from embedded_server.storage.tables import archive_entries, correspondents, messages
from shared_protocol.errors import StreamError
from shared_protocol.limits import ArchiveLimits
from shared_protocol.xml.framer import frame_of

_BEHIND_ALL = 2**63 - 1
_FILTERED_AT_ONCE = 500
_entries, _messages = archive_entries.c, messages.c

Condition = ColumnElement[bool]


class _Span(NamedTuple):
    """Where to look.

    Attributes:
        low: Smallest id, inclusive.
        high: Greatest id, exclusive.
        counterparts: Numbers of the other side; None for anybody.
    """

    low: int
    high: int
    counterparts: tuple[int, ...] | None


class ArchiveSearch:
    """One archive.

    Args of the constructor:
        connection: In a transaction.
        owner_id: Whose archive.
        limits: What a page may cost.
    """

    def __init__(self, connection: Connection, owner_id: int, limits: ArchiveLimits) -> None:
        self._connection = connection
        self._owner_id = owner_id
        self._limits = limits
        self._settled_up_to = settled_up_to(connection)

    def page(self, wanted: PageWanted) -> PageFound:
        """Find a page.

        Raises:
            UnknownMessageError: A message that is named is not in the archive.
        """
        self._require((*wanted.after, *wanted.before, *(wanted.ids or ())))
        whole = self._span(wanted)
        most_counted = self._limits.counted_results if wanted.most else None
        can_count = wanted.ids is None and not wanted.resource
        count = self._count(whole, most_counted) if can_count else None
        if not wanted.most:
            return PageFound([], is_complete=count == 0, count=count)
        left = _Span(
            max([whole.low, *(one + 1 for one in wanted.after)]),
            min([whole.high, *wanted.before]),
            whole.counterparts,
        )
        ids, has_more = self._fitting(left, wanted)
        found = read_messages(self._connection, ids)
        return PageFound(found, is_complete=not has_more, count=count)

    def edges(self) -> tuple[ArchiveEdge, ArchiveEdge] | None:
        """Return the oldest and the newest message; None if there is none."""
        everything = _Span(0, _BEHIND_ALL, None)
        first = self._ids(everything, 1, is_backwards=False)
        last = self._ids(everything, 1, is_backwards=True)
        if not first or not last:
            return None
        one, other = (read_messages(self._connection, ids)[0] for ids in (first, last))
        return ArchiveEdge(one.id, one.stored_at), ArchiveEdge(other.id, other.stored_at)

    def _require(self, ids: Sequence[int]) -> None:
        wanted = set(ids)
        if wanted and len(self._known(wanted)) < len(wanted):
            message = "The archive has no such message."
            raise UnknownMessageError(message)

    def _known(self, ids: set[int], counterparts: tuple[int, ...] | None = None) -> set[int]:
        """Return those of some ids that are in the archive."""
        span = _Span(0, _BEHIND_ALL, counterparts)
        found: set[int] = set()
        for column, condition in self._parts(span):
            statement = select(column).where(condition, column.in_(ids))
            found.update(self._connection.execute(statement).scalars())
        return found

    def _span(self, wanted: PageWanted) -> _Span:
        low, high = 0, _BEHIND_ALL
        if wanted.start is not None:
            low = first_since(self._connection, wanted.start)
        if wanted.end is not None:
            high = first_since(self._connection, wanted.end, is_exclusive=True)
        return _Span(low, high, self._counterparts(wanted.counterpart))

    def _counterparts(self, address: str) -> tuple[int, ...] | None:
        """Return the numbers of an address, those of deleted accounts of that name included."""
        if not address:
            return None
        columns = correspondents.c
        found = self._connection.execute(select(columns.id).where(columns.address == address))
        return tuple(found.scalars())

    def _parts(self, span: _Span) -> list[tuple[ColumnElement[int], Condition]]:
        """Return where ids are found, older ones first: the column, and what holds for it."""
        settled, owner = self._settled_up_to, self._owner_id
        older = _entries.owner_id == owner
        is_sent = (_messages.sender_id == owner) & _messages.is_kept_by_sender
        is_received = (_messages.receiver_id == owner) & _messages.is_kept_by_receiver
        if span.counterparts is not None:
            older &= _is_one_of(_entries.counterpart_id, span.counterparts)
            is_sent &= _is_one_of(_messages.receiver_id, span.counterparts)
            is_received &= _is_one_of(_messages.sender_id, span.counterparts)
        parts: list[tuple[ColumnElement[int], Condition]] = []
        if span.low <= settled:
            high = min(span.high, settled + 1)
            parts.append(_within(_entries.message_id, span.low, high, older))
        if span.high > settled + 1:
            low = max(span.low, settled + 1)
            parts.append(_within(_messages.id, low, span.high, is_sent | is_received))
        return parts

    def _ids(self, span: _Span, most: int, *, is_backwards: bool) -> list[int]:
        """Return the ids at one end of a span, from there on."""
        parts = self._parts(span)
        found: list[int] = []
        for column, condition in reversed(parts) if is_backwards else parts:
            order = column.desc() if is_backwards else column
            statement = select(column).where(condition).order_by(order).limit(most - len(found))
            found += self._connection.execute(statement).scalars()
            if len(found) >= most:
                break
        return found

    def _count(self, span: _Span, most: int | None) -> int | None:
        """Count; None if it is more than that."""
        total = 0
        for column, condition in self._parts(span):
            statement = select(func.count(column)).where(condition)
            if most is not None:
                some = select(column).where(condition).limit(most + 1 - total).subquery()
                statement = select(func.count()).select_from(some)
            total += self._connection.execute(statement).scalar_one()
        return total if most is None or total <= most else None

    def _fitting(self, span: _Span, wanted: PageWanted) -> tuple[list[int], bool]:
        """Return what a page holds, and whether there is more in its direction."""
        ids: list[int] = []
        size_bytes = 0
        for some in self._walk(span, wanted):
            for message_id, length in self._filtered(some, wanted):
                size_bytes += length
                if len(ids) >= wanted.most or (ids and size_bytes > self._limits.page_bytes):
                    return ids, True
                ids.append(message_id)
        return ids, False

    def _walk(self, span: _Span, wanted: PageWanted) -> Iterator[list[int]]:
        """Give out the ids of a span in portions, in the direction of the page."""
        if wanted.ids is not None:
            known = self._known(set(wanted.ids), span.counterparts)
            inside = [one for one in known if span.low <= one < span.high]
            yield sorted(inside, reverse=wanted.is_backwards)
            return
        at_once = _FILTERED_AT_ONCE if wanted.resource else wanted.most + 1
        while some := self._ids(span, at_once, is_backwards=wanted.is_backwards):
            yield some
            if len(some) < at_once:
                return
            low, high = (span.low, some[-1]) if wanted.is_backwards else (some[-1] + 1, span.high)
            span = _Span(low, high, span.counterparts)

    def _filtered(self, ids: list[int], wanted: PageWanted) -> Iterator[tuple[int, int]]:
        """Give out id and size of those that fit what no index knows, in the same order."""
        statement = select(_messages.id, _messages.stored_at, func.length(_messages.stanza)).where(
            _messages.id.in_(ids)
        )
        sizes = {
            row[0]: row[2]
            for row in self._connection.execute(statement)
            if (wanted.start is None or row[1] >= wanted.start)
            and (wanted.end is None or row[1] <= wanted.end)
        }
        if wanted.resource:
            found = read_messages(self._connection, list(sizes))
            fitting = {one.id for one in found if _is_with(one.stanza, wanted.resource)}
        else:
            fitting = set(sizes)
        return ((one, sizes[one]) for one in ids if one in fitting)


def _within(
    column: ColumnElement[int], low: int, high: int, condition: Condition
) -> tuple[ColumnElement[int], Condition]:
    """Bound a condition by ids; ``likely`` keeps SQLite from taking that for the best it has."""
    return column, condition & func.likely(column >= low) & func.likely(column < high)


def _is_one_of(column: ColumnElement[int], numbers: tuple[int, ...]) -> Condition:
    """Mostly one number; only for that SQLite takes the index that has it."""
    return column == numbers[0] if len(numbers) == 1 else column.in_(numbers)


def _is_with(stanza: bytes, full_jid: str) -> bool:
    try:
        attributes = frame_of(stanza).attributes
    except StreamError:  # a damaged row
        return False
    return full_jid in {attributes.get("from"), attributes.get("to")}
