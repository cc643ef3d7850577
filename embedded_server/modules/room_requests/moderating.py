"""Messages that a moderator takes back (XEP-0425 0.3.0, and its form before 0.3.0).

What is left of such a message in the archive says that it was there, of whom, and who took it back.
The moderator is answered, and all are told, when that is on disk.
"""

import secrets
from collections.abc import Coroutine
from datetime import UTC, datetime
from functools import partial
from typing import Any
from xml.etree.ElementTree import Element

from embedded_server.modules.message_stamps import stanza_id_bytes, with_child
from embedded_server.modules.room_state.occupants import Occupant
from embedded_server.modules.room_state.room import Room
from embedded_server.modules.rooms import fan_out
from embedded_server.modules.rooms.fan_out import MESSAGE
from embedded_server.modules.rooms.room_book import RoomBook
from embedded_server.plugin_api import (
    ArchiveIds,
    IqRequest,
    Payload,
    RoomArchive,
    RoomMessage,
    RoomMessageKind,
    Sequel,
)
from shared_protocol.errors import StanzaCondition, StanzaError
from shared_protocol.stanzas.message_parts.stanza_ids import STANZA_ID
from shared_protocol.stanzas.rooms import moderation
from shared_protocol.stanzas.rooms.moderation import Moderation, ModerationRequest
from shared_protocol.stanzas.rooms.occupant_id import OCCUPANT_ID
from shared_protocol.stanzas.rooms.ranks import Role
from shared_protocol.xml.elements import element_of
from shared_protocol.xml.writer import serialise

_ID_BYTES = 12
_KEPT = frozenset({OCCUPANT_ID, STANZA_ID})
_HEAD = len(MESSAGE)


class RoomModeration:
    """Takes the requests of moderators."""

    def __init__(self, *, book: RoomBook, archive: RoomArchive, ids: ArchiveIds) -> None:
        self._book = book
        self._archive = archive
        self._ids = ids

    def answer(self, room: Room, request: IqRequest) -> Coroutine[Any, Any, Payload]:
        """Answer a set of either form.

        Raises:
            MalformedStanzaError: It names no message.
            StanzaError: Who asks may not, or there is no such message.
        """
        _moderator(room, request)
        wanted = moderation.request_from_element(request.payload)
        number = self._ids.number_of(wanted.stanza_id)
        if number is None:
            raise StanzaError(StanzaCondition.ITEM_NOT_FOUND)
        return self._moderate(room, request, wanted, number)

    async def _moderate(
        self, room: Room, request: IqRequest, wanted: ModerationRequest, number: int
    ) -> Payload:
        found = await self._archive.find(room.id, number)
        if found is None or room.is_gone:
            raise StanzaError(StanzaCondition.ITEM_NOT_FOUND)
        if found.kind is RoomMessageKind.TOMBSTONE:
            return None  # that was done before
        if found.kind is not RoomMessageKind.MESSAGE:
            raise StanzaError(StanzaCondition.NOT_ALLOWED, "this is not what somebody has said")
        moderator = _moderator(room, request)
        by = room.address_of(moderator.nickname)
        done = Moderation(wanted.stanza_id, by, moderator.occupant_id, wanted.reason)
        told = self._told(room, moderator, done)
        tombstone = _tombstone(found, done, told.stored_at)
        bury = partial(self._archive.bury, room.id, number, tombstone, told)
        release = await self._book.written(room, bury)
        return Sequel(None, partial(release, partial(_tell, room, told)))

    def _told(self, room: Room, moderator: Occupant, done: Moderation) -> RoomMessage:
        """Return the message that tells all of it, which is archived too."""
        number = self._archive.new_number()
        message = Element(
            "{jabber:client}message",
            {"type": "groupchat", "id": secrets.token_hex(_ID_BYTES), "from": str(room.jid)},
        )
        message.extend(moderation.moderation_to_elements(done))
        mark = stanza_id_bytes(str(room.jid), self._ids.id_of(number))
        return RoomMessage(
            number,
            str(moderator.account),
            with_child(serialise(message), mark)[_HEAD:],
            room.next_moment(),
            RoomMessageKind.MODERATION,
        )


def _moderator(room: Room, request: IqRequest) -> Occupant:
    session = room.occupants.session(request.sender)
    if session is None or session.occupant.role is not Role.MODERATOR:
        raise StanzaError(StanzaCondition.FORBIDDEN, "only moderators may do that")
    return session.occupant


def _tombstone(message: RoomMessage, done: Moderation, moment: float) -> bytes:
    """Return what stands in the place of a message: its name and ids, and nothing of what it said.

    Section 4.
    """
    element = element_of(MESSAGE + message.stanza)
    for child in tuple(element):
        if child.tag not in _KEPT:
            element.remove(child)
    element.text = None
    element.extend(moderation.tombstone_to_elements(done, datetime.fromtimestamp(moment, UTC)))
    return serialise(element)[_HEAD:]


def _tell(room: Room, told: RoomMessage) -> None:
    room.last_sent = max(room.last_sent, told.number)
    fan_out.send_to_all(room.occupants.sessions.values(), MESSAGE, told.stanza)
