"""The archive of a room, asked at its address (XEP-0313 1.1.3, section 6.1.3).

Who may ask is decided when it is asked. Real JIDs are shown to those who see them in the room, and
to others only of messages that were sent while everybody saw them.
"""

from collections.abc import Coroutine
from typing import Any
from xml.etree.ElementTree import Element

from embedded_server.modules.archive.archive_pager import (
    ArchivePage,
    ArchivePager,
    ArchiveResult,
)
from embedded_server.modules.archive.page_questions import PageQuestions
from embedded_server.modules.message_stamps import with_child
from embedded_server.modules.room_state.room import Room
from embedded_server.modules.rooms.fan_out import MESSAGE
from embedded_server.plugin_api import (
    ArchiveIds,
    IqRequest,
    RoomArchive,
    RoomMessage,
    RoomMessageKind,
    UnknownMessageError,
)
from shared_protocol.addresses import FullJid, Jid
from shared_protocol.errors import StanzaCondition, StanzaError
from shared_protocol.namespaces import MUC_USER
from shared_protocol.stanzas.archive import ArchiveQuery, form_element, metadata_to_element
from shared_protocol.stanzas.rooms.ranks import Affiliation, Role
from shared_protocol.xml.writer import attribute

Answer = Element | Coroutine[Any, Any, Element]


class RoomArchives:
    """Answers for the archives of all rooms."""

    def __init__(self, *, archive: RoomArchive, ids: ArchiveIds) -> None:
        self._archive = archive
        self._ids = ids
        self._pager = ArchivePager()

    def query(self, room: Room, request: IqRequest) -> Answer:
        """Answer a query, or ask which there are.

        Raises:
            StanzaError: Who asks may not enter, or the room keeps nothing.
        """
        _require_right(room, request.sender)
        if not request.is_set:  # section 4.1.5
            return form_element()
        source = _RoomSource(room, request.sender, archive=self._archive, ids=self._ids)
        return self._pager.answer(request, source)

    def metadata(self, room: Room, request: IqRequest) -> Answer:
        """Tell where the archive begins and ends (section 5).

        Raises:
            StanzaError: As for a query.
        """
        _require_right(room, request.sender)
        return self._metadata(room)

    async def _metadata(self, room: Room) -> Element:
        edges = await self._archive.pages.edges(room.id)
        return metadata_to_element(PageQuestions(self._ids).metadata(edges))


class _RoomSource:
    """The archive of one room for who asks."""

    def __init__(self, room: Room, asker: Jid, *, archive: RoomArchive, ids: ArchiveIds) -> None:
        self._room = room
        self._pages = archive.pages
        self._ids = ids
        self._sees_all = _sees_senders(room, asker)

    async def page(self, query: ArchiveQuery, most: int) -> ArchivePage:
        """Read a page; see ``ArchiveSource``."""
        room, asked = self._room, query.wanted.counterpart
        is_open = room.configuration.is_non_anonymous
        if asked is not None and not (self._sees_all or is_open):  # section 4.1.1
            raise StanzaError(StanzaCondition.FORBIDDEN, "you may not know who said what")
        wanted = PageQuestions(self._ids).wanted(
            query,
            most,
            counterpart="" if asked is None else str(asked.bare),
            resource=str(asked) if isinstance(asked, FullJid) else "",
        )
        try:
            found = await self._pages.page(room.id, wanted, only_shown=not self._sees_all)
        except UnknownMessageError:
            raise StanzaError(StanzaCondition.ITEM_NOT_FOUND) from None
        results = [self._result(one) for one in found.messages]
        return ArchivePage(results, found.is_complete, found.count)

    def _result(self, message: RoomMessage) -> ArchiveResult:
        stanza = MESSAGE + message.stanza
        is_shown = message.is_sender_shown and self._room.configuration.is_non_anonymous
        is_from_occupant = message.kind is not RoomMessageKind.MODERATION
        if is_from_occupant and (self._sees_all or is_shown):
            stanza = with_child(stanza, _sender(message))
        return ArchiveResult(self._ids.id_of(message.number), message.stored_at, stanza)


def _require_right(room: Room, asker: Jid) -> None:
    if not room.configuration.is_logged:
        raise StanzaError(StanzaCondition.SERVICE_UNAVAILABLE, "this room keeps nothing")
    if not room.is_open_to(asker.bare):
        raise StanzaError(StanzaCondition.FORBIDDEN, "you may not enter this room")


def _sees_senders(room: Room, asker: Jid) -> bool:
    """Whether somebody sees real JIDs in a semi-anonymous room, or would, being there."""
    rank = room.rank_of(asker)
    return rank.role is Role.MODERATOR or rank.affiliation.level >= Affiliation.ADMIN.level


def _sender(message: RoomMessage) -> bytes:
    jid = f"{message.sender}/{message.resource}" if message.resource else message.sender
    return f"<x xmlns='{MUC_USER}'><item{attribute('jid', jid)}/></x>".encode()
