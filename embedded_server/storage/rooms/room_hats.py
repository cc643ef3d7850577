"""Hats of rooms as they lie on disk, and who wears them (XEP-0317)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects.sqlite import insert

from embedded_server.storage.errors import StorageError
from embedded_server.storage.rooms.room_tables import room_hat_wearers, room_hats
from embedded_server.storage.writer import StorageWriter
from shared_protocol.addresses import BareJid
from shared_protocol.stanzas.rooms.hats import Hat

OnStored = Callable[[StorageError | None], None]

_hats, _wearers = room_hats.c, room_hat_wearers.c


@dataclass(frozen=True, slots=True)
class StoredHat:
    """A hat of a room."""

    hat: Hat
    wearers: tuple[BareJid, ...] = ()


class RoomHatRepository:
    """Writes hats; they are read with their rooms. Writes are told in the order of the calls."""

    def __init__(self, writer: StorageWriter) -> None:
        self._writer = writer

    def put(self, room_id: int, hat: Hat, on_stored: OnStored) -> None:
        """Store a hat, or its new title and colour."""
        self._submit(lambda connection: _put(connection, room_id, hat), on_stored)

    def remove(self, room_id: int, uri: str, on_stored: OnStored) -> None:
        """Remove a hat from the room and from all who wear it."""
        statement = delete(room_hats).where(_hats.room_id == room_id, _hats.uri == uri)
        self._submit(lambda connection: connection.execute(statement), on_stored)

    def put_on(self, room_id: int, uri: str, wearer: BareJid, on_stored: OnStored) -> None:
        """Let an account wear a hat of the room."""
        statement = insert(room_hat_wearers).values(room_id=room_id, uri=uri, jid=str(wearer))
        statement = statement.on_conflict_do_nothing()
        self._submit(lambda connection: connection.execute(statement), on_stored)

    def take_off(self, room_id: int, uri: str, wearer: BareJid, on_stored: OnStored) -> None:
        """Let an account wear a hat no more."""
        statement = delete(room_hat_wearers).where(
            _wearers.room_id == room_id, _wearers.uri == uri, _wearers.jid == str(wearer)
        )
        self._submit(lambda connection: connection.execute(statement), on_stored)

    def _submit(self, write: Callable[[Connection], Any], on_stored: OnStored) -> None:
        def run(connection: Connection) -> None:
            write(connection)

        self._writer.submit(run, on_stored)


def load_hats(connection: Connection) -> dict[int, tuple[StoredHat, ...]]:
    """Read all hats, by room, in the order of their making."""
    wearers: dict[tuple[int, str], list[BareJid]] = {}
    for row in connection.execute(select(room_hat_wearers).order_by(_wearers.jid)):
        wearers.setdefault((row.room_id, row.uri), []).append(BareJid.parse(row.jid))
    found: dict[int, tuple[StoredHat, ...]] = {}
    for row in connection.execute(select(room_hats).order_by(_hats.room_id, _hats.position)):
        hat = Hat(row.uri, row.title, row.hue)
        stored = StoredHat(hat, tuple(wearers.get((row.room_id, row.uri), ())))
        found[row.room_id] = (*found.get(row.room_id, ()), stored)
    return found


def _put(connection: Connection, room_id: int, hat: Hat) -> None:
    newest = select(func.coalesce(func.max(_hats.position), 0)).where(_hats.room_id == room_id)
    statement = insert(room_hats).values(
        room_id=room_id,
        uri=hat.uri,
        position=newest.scalar_subquery() + 1,
        title=hat.title,
        hue=hat.hue,
    )
    new = statement.excluded
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["room_id", "uri"], set_={"title": new.title, "hue": new.hue}
        )
    )
