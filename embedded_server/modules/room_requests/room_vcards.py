"""The vCard of a room, and the picture in it (XEP-0054 1.3.0, XEP-0486 0.1.0).

An owner writes it, and whoever knows the room reads it. The hashes of its pictures stand in what
discovery tells of the room, so that clients ask for them only when they are new.
"""

from collections.abc import Coroutine
from functools import partial
from typing import Any
from xml.etree.ElementTree import Element

from embedded_server.modules.room_state.room import Room
from embedded_server.modules.rooms import fan_out
from embedded_server.modules.rooms.room_book import RoomBook, Stored
from embedded_server.plugin_api import IqRequest, Payload, Sequel
from shared_protocol.errors import StanzaCondition, StanzaError
from shared_protocol.stanzas.profile.avatars import id_of
from shared_protocol.stanzas.profile.vcards import photos_of, require_vcard
from shared_protocol.stanzas.rooms.permissions import AffiliationPrivilege, affiliation_allows
from shared_protocol.stanzas.rooms.status_codes import StatusCode
from shared_protocol.xml.elements import element_of
from shared_protocol.xml.writer import serialise

Answer = Coroutine[Any, Any, Payload]


class RoomVcards:
    """Reads and writes vCards of rooms."""

    def __init__(self, *, book: RoomBook) -> None:
        self._book = book

    def answer(self, room: Room, request: IqRequest) -> Answer:
        """Answer a get or set.

        Raises:
            MalformedStanzaError: It is no vCard, or a picture cannot be read.
            StanzaError: Who writes is no owner, or it is too long.
        """
        require_vcard(request.payload)
        if not request.is_set:
            return self._get(room)
        affiliation = room.affiliations.of(request.sender.bare)
        if not affiliation_allows(affiliation, AffiliationPrivilege.CONFIGURE):
            raise StanzaError(StanzaCondition.FORBIDDEN, "only owners may do that")
        hashes = _hashes(request.payload)
        vcard = serialise(request.payload, "") if len(request.payload) else b""
        most = self._book.limits.vcard_bytes
        if 0 < most < len(vcard):
            raise StanzaError(StanzaCondition.NOT_ACCEPTABLE, f"a vCard may have {most} bytes")
        stored = self._book.written(room, partial(self._book.vcards.put, room.id, vcard))
        return self._put(room, hashes, stored)

    async def load_hashes(self, room: Room) -> None:
        """Find out the hashes of a room's pictures, once.

        Raises:
            StorageError: It could not be read.
        """
        if room.avatar_hashes is not None:
            return
        stored = await self._book.vcards.get(room.id)
        if room.avatar_hashes is None:
            room.avatar_hashes = () if stored is None else _hashes(element_of(stored))

    async def _get(self, room: Room) -> Payload:
        stored = await self._book.vcards.get(room.id)
        if stored is None:
            raise StanzaError(StanzaCondition.ITEM_NOT_FOUND, "the room has no vCard")
        return stored

    async def _put(self, room: Room, hashes: tuple[str, ...], stored: Stored) -> Payload:
        release = await stored
        room.avatar_hashes = hashes

        def tell() -> None:
            fan_out.tell_codes(room, {StatusCode.CONFIGURATION_CHANGED})
            release(_nothing)

        return Sequel(None, tell)


def _hashes(vcard: Element) -> tuple[str, ...]:
    """Return the hash of each picture (XEP-0153)."""
    return tuple(id_of(photo.data) for photo in photos_of(vcard))


def _nothing() -> None:
    pass
