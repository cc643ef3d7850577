"""Rooms as they lie on disk: configuration, lists, subject.

All rooms are in memory while the office is open; here they are read once and written through.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from embedded_server.storage.errors import StorageError
from embedded_server.storage.rooms.room_hats import RoomHatRepository, StoredHat, load_hats
from embedded_server.storage.rooms.room_tables import (
    room_affiliations,
    room_messages,
    room_rights,
    rooms,
)
from embedded_server.storage.rooms.room_vcards import RoomVcardRepository
from embedded_server.storage.writer import StorageWriter
from shared_protocol.addresses import BareJid
from shared_protocol.stanzas.rooms.configuration import PrivateMessages, RoomConfiguration
from shared_protocol.stanzas.rooms.ranks import Affiliation, Role

OnStored = Callable[[StorageError | None], None]

_BROADCAST, _MEMBER_LIST = "broadcast", "member_list"
_SET_FIELDS = {"broadcast_roles": _BROADCAST, "member_list_roles": _MEMBER_LIST}
_PLAIN_FIELDS = tuple(
    one.name
    for one in fields(RoomConfiguration)
    if one.name not in _SET_FIELDS and one.name != "private_messages"
)


@dataclass(frozen=True, slots=True)
class StoredAffiliation:
    """An entry of a room's lists; one without affiliation is taken out.

    Attributes:
        nickname: Reserved; empty if none is.
        reason: As who did it wrote; empty if not told.
    """

    jid: BareJid
    affiliation: Affiliation
    nickname: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class StoredRoom:
    """A room.

    Attributes:
        localpart: Of its address, prepared.
        created_at: Seconds since 1970, UTC.
        occupant_key: Makes the ids of its occupants; random, 32 bytes.
        affiliations: In the order of their making.
        subject: The message that set it, behind its name and without ``to``; None if none did.
        subject_at: Seconds since 1970, UTC; None if none was set.
        last_message: Number of the newest message in its archive; 0 if there is none.
        last_message_at: When that was stored; 0 if there is none.
        hats: In the order of their making.
    """

    id: int
    localpart: str
    created_at: float
    occupant_key: bytes
    configuration: RoomConfiguration
    affiliations: tuple[StoredAffiliation, ...] = ()
    subject: bytes | None = None
    subject_at: float | None = None
    last_message: int = 0
    last_message_at: float = 0.0
    hats: tuple[StoredHat, ...] = ()


class RoomRepository:
    """Reads rooms whole, writes what changes. Writes are told in the order of the calls.

    Attributes:
        hats: Of all rooms.
        vcards: Of all rooms.
    """

    def __init__(self, writer: StorageWriter) -> None:
        self.hats = RoomHatRepository(writer)
        self.vcards = RoomVcardRepository(writer)
        self._writer = writer
        self._last_id = 0
        self._loaded: tuple[StoredRoom, ...] = ()

    @property
    def loaded(self) -> tuple[StoredRoom, ...]:
        """What ``load`` has read."""
        return self._loaded

    async def load(self) -> None:
        """Read all rooms, after the end of those that were not to outlive their occupants.

        Raises:
            StorageError: They could not be read.
        """
        await self._writer.write(_remove_temporary)
        self._loaded = await self._writer.read(_load)
        self._last_id = max((room.id for room in self._loaded), default=0)

    def new_id(self) -> int:
        """Return a number that no room has; it is known before the room is stored."""
        self._last_id += 1
        return self._last_id

    def create(self, room: StoredRoom, on_stored: OnStored) -> None:
        """Store a new room."""
        self._writer.submit(lambda connection: _create(connection, room), on_stored)

    def configure(
        self,
        room_id: int,
        configuration: RoomConfiguration,
        affiliations: Iterable[StoredAffiliation],
        on_stored: OnStored,
    ) -> None:
        """Store a configuration, and what it changes in the lists, both or nothing."""
        entries = tuple(affiliations)

        def write(connection: Connection) -> None:
            _configure(connection, room_id, configuration)
            _put_affiliations(connection, room_id, entries)

        self._writer.submit(write, on_stored)

    def put_affiliations(
        self, room_id: int, affiliations: Iterable[StoredAffiliation], on_stored: OnStored
    ) -> None:
        """Store entries of the lists, all or none."""
        entries = tuple(affiliations)
        self._writer.submit(
            lambda connection: _put_affiliations(connection, room_id, entries), on_stored
        )

    def set_subject(self, room_id: int, subject: bytes, moment: float, on_stored: OnStored) -> None:
        """Store the message that sets the subject."""
        values = {"subject": subject, "subject_at": moment}
        statement = update(rooms).where(rooms.c.id == room_id).values(values)
        self._writer.submit(lambda connection: _run(connection, statement), on_stored)

    def destroy(self, room_id: int, on_stored: OnStored) -> None:
        """Remove a room with its lists and its archive."""
        statement = delete(rooms).where(rooms.c.id == room_id)
        self._writer.submit(lambda connection: _run(connection, statement), on_stored)


def _run(connection: Connection, statement: Any) -> None:
    connection.execute(statement)


def _remove_temporary(connection: Connection) -> None:
    connection.execute(delete(rooms).where(rooms.c.is_persistent.is_(False)))


def _create(connection: Connection, room: StoredRoom) -> None:
    """Store a new room, in the place of one whose removal failed."""
    connection.execute(delete(rooms).where(rooms.c.localpart == room.localpart))
    connection.execute(
        insert(rooms).values(
            id=room.id,
            localpart=room.localpart,
            created_at=room.created_at,
            occupant_key=room.occupant_key,
            **_columns(room.configuration),
        )
    )
    _insert_rights(connection, room.id, room.configuration)
    _put_affiliations(connection, room.id, room.affiliations)


def _configure(connection: Connection, room_id: int, configuration: RoomConfiguration) -> None:
    connection.execute(update(rooms).where(rooms.c.id == room_id).values(_columns(configuration)))
    connection.execute(delete(room_rights).where(room_rights.c.room_id == room_id))
    _insert_rights(connection, room_id, configuration)


def _columns(configuration: RoomConfiguration) -> dict[str, Any]:
    columns = {name: getattr(configuration, name) for name in _PLAIN_FIELDS}
    return columns | {"private_messages": configuration.private_messages.value}


def _insert_rights(connection: Connection, room_id: int, configuration: RoomConfiguration) -> None:
    rows = [
        {"room_id": room_id, "right": right, "role": role.value}
        for name, right in _SET_FIELDS.items()
        for role in getattr(configuration, name)
    ]
    if rows:
        connection.execute(insert(room_rights), rows)


def _put_affiliations(
    connection: Connection, room_id: int, entries: Iterable[StoredAffiliation]
) -> None:
    columns = room_affiliations.c
    for entry in entries:
        connection.execute(
            delete(room_affiliations).where(
                columns.room_id == room_id, columns.jid == str(entry.jid)
            )
        )
    newest = connection.execute(
        select(func.max(columns.position)).where(columns.room_id == room_id)
    ).scalar()
    rows = [
        {
            "room_id": room_id,
            "jid": str(entry.jid),
            "position": position,
            "affiliation": entry.affiliation.value,
            "nickname": entry.nickname,
            "reason": entry.reason,
        }
        for position, entry in enumerate(entries, (newest or 0) + 1)
        if entry.affiliation is not Affiliation.NONE
    ]
    if rows:
        connection.execute(insert(room_affiliations), rows)


def _load(connection: Connection) -> tuple[StoredRoom, ...]:
    lists = _load_lists(connection)
    rights = _load_rights(connection)
    hats = load_hats(connection)
    return tuple(
        StoredRoom(
            row["id"],
            row["localpart"],
            row["created_at"],
            bytes(row["occupant_key"]),
            _configuration(row, rights.get(row["id"], {})),
            tuple(lists.get(row["id"], ())),
            None if row["subject"] is None else bytes(row["subject"]),
            row["subject_at"],
            *_newest(connection, row["id"]),
            hats.get(row["id"], ()),
        )
        for row in connection.execute(select(rooms).order_by(rooms.c.id)).mappings()
    )


def _configuration(
    row: Mapping[Any, Any], rights: Mapping[str, frozenset[Role]]
) -> RoomConfiguration:
    plain = {name: row[name] for name in _PLAIN_FIELDS}
    return RoomConfiguration(
        **plain,
        private_messages=PrivateMessages(row["private_messages"]),
        broadcast_roles=rights.get(_BROADCAST, frozenset()),
        member_list_roles=rights.get(_MEMBER_LIST, frozenset()),
    )


def _load_lists(connection: Connection) -> dict[int, list[StoredAffiliation]]:
    found: dict[int, list[StoredAffiliation]] = {}
    columns = room_affiliations.c
    statement = select(room_affiliations).order_by(columns.room_id, columns.position)
    for row in connection.execute(statement):
        entry = StoredAffiliation(
            BareJid.parse(row.jid), Affiliation(row.affiliation), row.nickname, row.reason
        )
        found.setdefault(row.room_id, []).append(entry)
    return found


def _load_rights(connection: Connection) -> dict[int, dict[str, frozenset[Role]]]:
    found: dict[int, dict[str, frozenset[Role]]] = {}
    for row in connection.execute(select(room_rights)):
        rights = found.setdefault(row.room_id, {})
        rights[row.right] = rights.get(row.right, frozenset()) | {Role(row.role)}
    return found


def _newest(connection: Connection, room_id: int) -> tuple[int, float]:
    columns = room_messages.c
    newest = (
        select(columns.id, columns.stored_at)
        .where(columns.room_id == room_id)
        .order_by(columns.id.desc())
        .limit(1)
    )
    row = connection.execute(newest).one_or_none()
    return (0, 0.0) if row is None else (row.id, row.stored_at)
