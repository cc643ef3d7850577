"""What was said in rooms, in the order of its sending (XEP-0045, section 7.2.13; XEP-0313).

This is the hot path of rooms: the rows of a group are written by one statement, and a message's
number and ids are known before it is stored.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update
from sqlalchemy.dialects.sqlite import insert

from embedded_server.storage.errors import StorageError
from embedded_server.storage.row_statement import RowStatement
from embedded_server.storage.tables import room_messages
from embedded_server.storage.writer import StorageWriter

ALREADY_SAID = 0

_columns = room_messages.c
_NAMES = ("id", "room_id", "stored_at", "stanza_id", "sender", "origin_id", "kind", "stanza")
_INSERT = RowStatement(
    insert(room_messages)
    .values({name: bindparam(name) for name in _NAMES})
    .on_conflict_do_nothing(),
    _NAMES,
)
_MANY = 500  # values of one IN list

Row = tuple[Any, ...]
OnAdded = Callable[[int | StorageError], None]


class RoomMessageKind(Enum):
    """What a stored message is."""

    MESSAGE = "message"
    SUBJECT = "subject"
    MODERATION = "moderation"


@dataclass(frozen=True, slots=True)
class RoomMessage:
    """A message of a room's archive.

    Attributes:
        stanza_id: By which the room knows it (XEP-0359).
        sender: Real bare JID, as text.
        stanza: As it was sent, without ``to``, UTF-8.
        stored_at: Seconds since 1970, UTC.
        origin_id: The sender's own id; empty if it gave none.
        number: Order in the archive; 0 before it is stored.
    """

    stanza_id: str
    sender: str
    stanza: bytes
    stored_at: float
    kind: RoomMessageKind = RoomMessageKind.MESSAGE
    origin_id: str = ""
    number: int = 0


class RoomArchive:
    """The messages of all rooms."""

    def __init__(self, writer: StorageWriter) -> None:
        self._writer = writer
        self._last_number = 0

    async def load(self) -> None:
        """Find the newest number; to be called once, before all else.

        Raises:
            StorageError: It could not be read.
        """
        statement = select(func.max(_columns.id))
        newest = await self._writer.read(lambda connection: connection.execute(statement).scalar())
        self._last_number = newest or 0

    def add(self, room_id: int, message: RoomMessage, on_added: OnAdded) -> None:
        """Store a message.

        Args:
            room_id: Of a room that was stored before.
            message: Its number is given here.
            on_added: Told the number, ``ALREADY_SAID`` if this message of this sender is there
                already, or the error; in the order of the calls.
        """
        self._last_number += 1
        row = (
            self._last_number,
            room_id,
            message.stored_at,
            message.stanza_id,
            message.sender,
            message.origin_id or None,
            message.kind.value,
            message.stanza,
        )
        self._writer.submit_row(_insert_rows, row, on_added)

    async def history(
        self, room_id: int, *, up_to: int, most: int, since: float
    ) -> list[RoomMessage]:
        """Return the newest messages that are no subjects, oldest first.

        Args:
            room_id: Of which room.
            up_to: Number of the newest one that may be among them.
            most: How many at most.
            since: Not older, in seconds since 1970, UTC.

        Raises:
            StorageError: They could not be read.
        """
        statement = (
            select(room_messages)
            .where(
                _columns.room_id == room_id,
                _columns.id <= up_to,
                _columns.id >= _first_since(room_id, since),
                _columns.kind == RoomMessageKind.MESSAGE.value,
            )
            .order_by(_columns.id.desc())
            .limit(most)
        )
        found = await self._writer.read(lambda connection: _messages(connection, statement))
        return found[::-1]

    async def find(self, room_id: int, stanza_id: str) -> RoomMessage | None:
        """Return the message that a room knows by an id, or None.

        Raises:
            StorageError: It could not be read.
        """
        return await self._first(_columns.room_id == room_id, _columns.stanza_id == stanza_id)

    async def find_by_origin(self, room_id: int, sender: str, origin_id: str) -> RoomMessage | None:
        """Return the message that a sender knows by an id, or None.

        Raises:
            StorageError: It could not be read.
        """
        return await self._first(
            _columns.room_id == room_id,
            _columns.sender == sender,
            _columns.origin_id == origin_id,
        )

    def replace(
        self,
        room_id: int,
        stanza_id: str,
        stanza: bytes,
        on_replaced: Callable[[StorageError | None], None],
    ) -> None:
        """Put something else in the place of a message; its number, time and ids stay."""
        statement = (
            update(room_messages)
            .where(_columns.room_id == room_id, _columns.stanza_id == stanza_id)
            .values(stanza=stanza)
        )

        def write(connection: Connection) -> None:
            connection.execute(statement)

        self._writer.submit(write, on_replaced)

    async def _first(self, *conditions: Any) -> RoomMessage | None:
        statement = select(room_messages).where(*conditions).limit(1)
        found = await self._writer.read(lambda connection: _messages(connection, statement))
        return found[0] if found else None


def _first_since(room_id: int, moment: float) -> Any:
    """Find a place by its time: times grow with the numbers, so that nothing must be read through.

    Beyond the newest message it is null, which no number equals or passes.
    """
    return (
        select(_columns.id)
        .where(_columns.room_id == room_id, _columns.stored_at >= moment)
        .order_by(_columns.stored_at, _columns.id)
        .limit(1)
        .scalar_subquery()
    )


def _messages(connection: Connection, statement: Any) -> list[RoomMessage]:
    return [
        RoomMessage(
            row.stanza_id,
            row.sender,
            bytes(row.stanza),
            row.stored_at,
            RoomMessageKind(row.kind),
            row.origin_id or "",
            row.id,
        )
        for row in connection.execute(statement)
    ]


def _insert_rows(connection: Connection, rows: Sequence[Row]) -> list[int]:
    """Insert rows by one statement, and tell for each its number, or that it was there before."""
    numbers = [row[0] for row in rows]
    if _INSERT.run(connection, rows) == len(rows):
        return numbers
    stored: set[int] = set()
    for start in range(0, len(numbers), _MANY):
        some = numbers[start : start + _MANY]
        stored.update(
            connection.execute(select(_columns.id).where(_columns.id.in_(some))).scalars()
        )
    return [number if number in stored else ALREADY_SAID for number in numbers]
