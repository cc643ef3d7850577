"""Messages of rooms as they are read, on the storage threads."""

from dataclasses import dataclass
from enum import Enum
from typing import Any

from sqlalchemy import Connection, func, select

from embedded_server.storage.rooms.room_tables import room_messages

_columns = room_messages.c
_BEHIND_ALL = 2**63 - 1


class RoomMessageKind(Enum):
    """What a stored message is."""

    MESSAGE = "message"
    SUBJECT = "subject"
    MODERATION = "moderation"
    TOMBSTONE = "tombstone"


@dataclass(frozen=True, slots=True)
class RoomMessage:
    """A message of a room's archive.

    Attributes:
        number: Order in the archive.
        sender: Real bare JID, as text.
        stanza: As it was sent, behind its name, without ``to``, UTF-8.
        stored_at: Seconds since 1970, UTC.
        origin_id: The sender's own id; empty if it gave none.
        resource: Of the sender; empty if it is not known.
        is_sender_shown: Whether all in the room saw real JIDs when it was sent.
    """

    number: int
    sender: str
    stanza: bytes
    stored_at: float
    kind: RoomMessageKind = RoomMessageKind.MESSAGE
    origin_id: str = ""
    resource: str = ""
    is_sender_shown: bool = False


def first_since(room_id: int, moment: float, *, is_exclusive: bool = False) -> Any:
    """Find a place by its time: times grow with the numbers, so that nothing must be read through.

    Beyond the newest message it is greater than all numbers.

    Args:
        room_id: In which room.
        moment: Seconds since 1970, UTC.
        is_exclusive: Those of the very moment count as before.
    """
    stored_at = _columns.stored_at
    found = (
        select(_columns.id)
        .where(
            _columns.room_id == room_id,
            stored_at > moment if is_exclusive else stored_at >= moment,
        )
        .order_by(_columns.stored_at, _columns.id)
        .limit(1)
        .scalar_subquery()
    )
    return func.coalesce(found, _BEHIND_ALL)


def read_messages(connection: Connection, statement: Any) -> list[RoomMessage]:
    """Read messages.

    Args:
        connection: In a transaction.
        statement: A query for whole rows of ``room_messages``.
    """
    return [
        RoomMessage(
            row.id,
            row.sender,
            bytes(row.stanza),
            row.stored_at,
            RoomMessageKind(row.kind),
            row.origin_id or "",
            row.resource,
            row.is_sender_shown,
        )
        for row in connection.execute(statement)
    ]
