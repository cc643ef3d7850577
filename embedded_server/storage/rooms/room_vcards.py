"""vCards of rooms as they lie on disk (XEP-0054)."""

from collections.abc import Callable

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert

from embedded_server.storage.errors import StorageError
from embedded_server.storage.rooms.room_tables import room_vcards
from embedded_server.storage.writer import StorageWriter

_columns = room_vcards.c


class RoomVcardRepository:
    """Reads vCards and writes them."""

    def __init__(self, writer: StorageWriter) -> None:
        self._writer = writer

    async def get(self, room_id: int) -> bytes | None:
        """Return the vCard of a room, or None.

        Raises:
            StorageError: It could not be read.
        """
        statement = select(_columns.vcard).where(_columns.room_id == room_id)
        found = await self._writer.read(
            lambda connection: connection.execute(statement).scalar_one_or_none()
        )
        return None if found is None else bytes(found)

    def put(
        self, room_id: int, vcard: bytes, on_stored: Callable[[StorageError | None], None]
    ) -> None:
        """Store the vCard of a room; an empty one removes it."""

        def write(connection: Connection) -> None:
            connection.execute(delete(room_vcards).where(_columns.room_id == room_id))
            if vcard:
                connection.execute(insert(room_vcards).values(room_id=room_id, vcard=vcard))

        self._writer.submit(write, on_stored)
