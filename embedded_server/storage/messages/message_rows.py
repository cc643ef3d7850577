"""What of messages lies on disk, statement by statement; run on the storage threads."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from sqlalchemy import Connection, bindparam, delete, func, select, update
from sqlalchemy.dialects.sqlite import insert

from embedded_server.storage.messages.waiting import DeliveryChanges, WaitingRow
from embedded_server.storage.row_statement import ManyRowsInsert, RowQuery, RowStatement
from embedded_server.storage.tables import (
    delivery_marks,
    message_progress,
    messages,
    waiting_messages,
)

_READ_AT_ONCE = 500  # rows, and values of one IN list


#: A message as it is written: a plain tuple, since making one of these comes with each message.
MessageRow = tuple[int, float, int, int, bool, bool, bool, bytes]
_ROW_NAMES = (
    "id",
    "stored_at",
    "sender_id",
    "receiver_id",
    "is_kept_by_sender",
    "is_kept_by_receiver",
    "is_to_deliver",
    "stanza",
)
#: Places in a ``MessageRow``.
ID: Final = 0
SENDER: Final = 2
RECEIVER: Final = 3


class StoredMessage(NamedTuple):
    """A message as it is read.

    Attributes:
        stored_at: Seconds since 1970, UTC.
        is_kept_by_receiver: Whether it is in the receiver's archive.
        stanza: As it was delivered, UTF-8, without the ids that archives give it.
    """

    id: int
    stored_at: float
    is_kept_by_receiver: bool
    stanza: bytes


class WaitingMessage(NamedTuple):
    """A message that waits, as it is found at a start.

    Attributes:
        is_kept: Whether an archive has it.
        is_listed: Whether it has a row in ``waiting_messages``.
    """

    owner_id: int
    message_id: int
    size_bytes: int
    is_kept: bool
    is_listed: bool


_INSERT_MESSAGES = ManyRowsInsert(
    insert(messages).values({name: bindparam(name) for name in _ROW_NAMES}), _ROW_NAMES
)
_MARK_NAMES = ("owner_id", "delivered_up_to")
_mark = insert(delivery_marks).values({name: bindparam(name) for name in _MARK_NAMES})
_INSERT_MARKS = ManyRowsInsert(
    _mark.on_conflict_do_update(
        index_elements=["owner_id"],
        # A mark never goes back: after a crash it may be ahead of what is in memory.
        set_={
            "delivered_up_to": func.max(
                delivery_marks.c.delivered_up_to, _mark.excluded.delivered_up_to
            )
        },
    ),
    _MARK_NAMES,
)
_WAITING_NAMES = ("owner_id", "message_id")
_INSERT_WAITING = ManyRowsInsert(
    insert(waiting_messages)
    .values({name: bindparam(name) for name in _WAITING_NAMES})
    .on_conflict_do_nothing(),
    _WAITING_NAMES,
)
_DELETE_WAITING = RowStatement(
    delete(waiting_messages).where(
        waiting_messages.c.owner_id == bindparam("owner_id"),
        waiting_messages.c.message_id == bindparam("message_id"),
    ),
    _WAITING_NAMES,
)
_NEXT = RowQuery(
    select(messages.c.id, messages.c.stored_at).where(
        messages.c.id
        == select(func.min(messages.c.id))
        .where(messages.c.id >= bindparam("low"))
        .scalar_subquery()
    ),
    ("low",),
)
_DELETE_MESSAGE = RowStatement(delete(messages).where(messages.c.id == bindparam("key")), ("key",))


def insert_messages(connection: Connection, rows: Sequence[MessageRow]) -> None:
    """Write messages; their correspondents must be there."""
    _INSERT_MESSAGES.run(connection, rows)


def insert_waiting(connection: Connection, rows: Sequence[WaitingRow]) -> None:
    """List messages that wait."""
    _INSERT_WAITING.run(connection, rows)


def write_deliveries(connection: Connection, changes: DeliveryChanges) -> None:
    """Write what arrived."""
    _INSERT_MARKS.run(connection, changes.marks)
    _INSERT_WAITING.run(connection, changes.listed)
    if changes.unlisted:
        _DELETE_WAITING.run(connection, changes.unlisted)
    if changes.forgotten:
        _DELETE_MESSAGE.run(connection, changes.forgotten)


def settled_up_to(connection: Connection) -> int:
    """Return up to which message entries and waiting messages are written out."""
    return int(connection.execute(select(message_progress.c.settled_up_to)).scalar_one())


def set_settled_up_to(connection: Connection, message_id: int) -> None:
    """Note up to which message all is written out; marks that it passes say nothing any more."""
    connection.execute(update(message_progress).values(settled_up_to=message_id))
    connection.execute(delete(delivery_marks).where(delivery_marks.c.delivered_up_to <= message_id))


def last_id(connection: Connection) -> int:
    """Return the greatest id that a message has, or is known to have had."""
    greatest = (
        select(func.max(messages.c.id)),
        select(func.max(delivery_marks.c.delivered_up_to)),
        select(func.max(waiting_messages.c.message_id)),
        select(message_progress.c.settled_up_to),
    )
    return max(connection.execute(one).scalar() or 0 for one in greatest)


def newest_id(connection: Connection) -> int:
    """Return the id of the newest message that is there; 0 if there is none."""
    return connection.execute(select(func.max(messages.c.id))).scalar() or 0


def first_since(connection: Connection, moment: float, *, is_exclusive: bool = False) -> int:
    """Return an id that all messages since a moment reach, and none before; by halving.

    Times grow with ids, unless the clock was put back; then it is right for one of the places.

    Args:
        connection: In a transaction.
        moment: Seconds since 1970, UTC.
        is_exclusive: Those of the very moment count as before.
    """
    low, high = 0, newest_id(connection) + 1
    while low < high:
        middle = (low + high) // 2
        ((found, stored_at),) = _NEXT.run(connection, (middle,))
        if stored_at > moment or (stored_at == moment and not is_exclusive):
            high = middle
        else:
            low = found + 1
    return low


def read_waiting(connection: Connection) -> list[WaitingMessage]:
    """Return all that waits, for all accounts, oldest first."""
    columns, listed = messages.c, waiting_messages.c
    is_kept = columns.is_kept_by_sender | columns.is_kept_by_receiver
    size_bytes = func.length(columns.stanza)
    old = connection.execute(
        select(listed.owner_id, columns.id, size_bytes, is_kept).join_from(
            waiting_messages, messages, columns.id == listed.message_id
        )
    )
    found = {
        (owner, key): WaitingMessage(owner, key, size, bool(kept), is_listed=True)
        for owner, key, size, kept in old
    }
    mark_rows = connection.execute(select(delivery_marks))
    marks = {row.owner_id: row.delivered_up_to for row in mark_rows}
    new = connection.execute(
        select(columns.receiver_id, columns.id, size_bytes, is_kept).where(
            columns.id > settled_up_to(connection), columns.is_to_deliver
        )
    )
    for owner, key, size, kept in new:
        if key > marks.get(owner, 0):
            one = WaitingMessage(owner, key, size, bool(kept), is_listed=False)
            found.setdefault((owner, key), one)
    return sorted(found.values(), key=lambda one: one.message_id)


def read_newest(connection: Connection, count: int) -> Iterator[tuple[int, int, bytes]]:
    """Return sender, receiver and stanza of the newest messages, newest first."""
    columns = messages.c
    statement = select(columns.sender_id, columns.receiver_id, columns.stanza)
    result = connection.execute(statement.order_by(columns.id.desc()).limit(count))
    for row in result.yield_per(_READ_AT_ONCE):
        yield row.sender_id, row.receiver_id, row.stanza


def read_messages(connection: Connection, ids: Sequence[int]) -> list[StoredMessage]:
    """Return messages by their ids, oldest first; those that are not there are left out."""
    columns = messages.c
    found: list[StoredMessage] = []
    for start in range(0, len(ids), _READ_AT_ONCE):
        some = ids[start : start + _READ_AT_ONCE]
        statement = select(
            columns.id, columns.stored_at, columns.is_kept_by_receiver, columns.stanza
        )
        rows = connection.execute(statement.where(columns.id.in_(some)))
        found += [StoredMessage(*row) for row in rows]
    return sorted(found)
