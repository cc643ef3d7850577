"""What was said in rooms, in the order of its sending (XEP-0045, section 7.2.13; XEP-0313).

This is the hot path of rooms: the rows of a group are written by one statement, and a message's
number, from which its id is made, is known before it is stored.
"""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, column, func, select, table, update
from sqlalchemy.dialects.sqlite import insert

from embedded_server.storage.errors import StorageError
from embedded_server.storage.rooms.room_archive_reader import RoomArchiveReader
from embedded_server.storage.rooms.room_message_rows import (
    RoomMessage,
    RoomMessageKind,
    first_since,
    read_messages,
)
from embedded_server.storage.rooms.room_tables import room_messages
from embedded_server.storage.row_statement import RowStatement
from embedded_server.storage.writer import StorageWriter
from shared_protocol.limits import ArchiveLimits

ALREADY_SAID = 0

_columns = room_messages.c
_NAMES = tuple(one.name for one in _columns)
_INSERT = RowStatement(
    insert(room_messages)
    .values({name: bindparam(name) for name in _NAMES})
    .on_conflict_do_nothing(),
    _NAMES,
)
_given = table("sqlite_sequence", column("name"), column("seq"))
_MANY = 500  # values of one IN list

Row = tuple[Any, ...]
OnAdded = Callable[[int | StorageError], None]


class RoomArchive:
    """The messages of all rooms.

    Attributes:
        pages: Reads them for those who ask.
    """

    def __init__(self, writer: StorageWriter, limits: ArchiveLimits | None = None) -> None:
        self.pages = RoomArchiveReader(writer, limits)
        self._writer = writer
        self._last_number = 0

    async def load(self) -> None:
        """Find the newest number that was ever given; to be called once, before all else.

        Raises:
            StorageError: It could not be read.
        """
        self._last_number = await self._writer.read(_last_number)

    def new_number(self) -> int:
        """Return the number of the next message; no message ever had it."""
        self._last_number += 1
        return self._last_number

    def add(self, room_id: int, message: RoomMessage, on_added: OnAdded) -> None:
        """Store a message.

        Args:
            room_id: Of a room that was stored before.
            message: Its number is new.
            on_added: Told the number, ``ALREADY_SAID`` if this message of this sender is there
                already, or the error; in the order of the calls.
        """
        self._writer.submit_row(_insert_rows, _row(room_id, message), on_added)

    async def history(
        self, room_id: int, *, up_to: int, most: int, since: float
    ) -> list[RoomMessage]:
        """Return the newest messages that are nothing else, oldest first.

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
                _columns.id >= first_since(room_id, since),
                _columns.kind == RoomMessageKind.MESSAGE.value,
            )
            .order_by(_columns.id.desc())
            .limit(most)
        )
        found = await self._writer.read(lambda connection: read_messages(connection, statement))
        return found[::-1]

    async def find(self, room_id: int, number: int) -> RoomMessage | None:
        """Return a message of a room, or None.

        Raises:
            StorageError: It could not be read.
        """
        return await self._first(_columns.room_id == room_id, _columns.id == number)

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

    def bury(
        self,
        room_id: int,
        number: int,
        tombstone: bytes,
        notice: RoomMessage,
        on_buried: Callable[[StorageError | None], None],
    ) -> None:
        """Put a tombstone in the place of a message, and store what tells of it, both or nothing.

        Args:
            room_id: Of which room.
            number: Of the message; its number, time and sender stay.
            tombstone: The new stanza.
            notice: A message with a new number.
            on_buried: Told when it is done, or the error.
        """
        statement = (
            update(room_messages)
            .where(_columns.room_id == room_id, _columns.id == number)
            .values(stanza=tombstone, kind=RoomMessageKind.TOMBSTONE.value)
        )

        def write(connection: Connection) -> None:
            connection.execute(statement)
            _insert_rows(connection, [_row(room_id, notice)])

        self._writer.submit(write, on_buried)

    async def _first(self, *conditions: Any) -> RoomMessage | None:
        statement = select(room_messages).where(*conditions).limit(1)
        found = await self._writer.read(lambda connection: read_messages(connection, statement))
        return found[0] if found else None


def _row(room_id: int, message: RoomMessage) -> Row:
    return (
        message.number,
        room_id,
        message.stored_at,
        message.sender,
        message.resource,
        message.origin_id or None,
        message.kind.value,
        message.is_sender_shown,
        message.stanza,
    )


def _last_number(connection: Connection) -> int:
    """Numbers of rooms that are gone are not given again: SQLite remembers them."""
    given = select(_given.c.seq).where(_given.c.name == room_messages.name)
    there = select(func.max(_columns.id))
    return max(connection.execute(one).scalar() or 0 for one in (given, there))


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
