"""Lists of a room, read and changed (XEP-0045 1.35.5, sections 8 to 10)."""

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any
from xml.etree.ElementTree import Element

from embedded_server.modules.room_state.list_changes import (
    RoomChange,
    RoomEvent,
    apply_change,
    plan_items,
)
from embedded_server.modules.room_state.room import Room
from embedded_server.modules.rooms import fan_out
from embedded_server.modules.rooms.room_book import RoomBook, Stored
from embedded_server.plugin_api import IqRequest, Payload, Sequel
from shared_protocol.addresses import Jid
from shared_protocol.errors import StanzaCondition, StanzaError
from shared_protocol.stanzas.rooms import admin_query
from shared_protocol.stanzas.rooms.admin_query import AdminItem
from shared_protocol.stanzas.rooms.permissions import may_read_list
from shared_protocol.stanzas.rooms.ranks import Affiliation, Role

Answer = Payload | Coroutine[Any, Any, Payload]
OnMembers = Callable[[Room, Jid, RoomChange], None]


class AdminRequests:
    """Answers ``muc#admin``.

    Args of the constructor:
        on_changed: Told what was changed, and by whom, when all know of it.
    """

    def __init__(self, *, book: RoomBook, on_changed: OnMembers) -> None:
        self._book = book
        self._on_changed = on_changed

    def answer(self, room: Room, request: IqRequest) -> Answer:
        """Answer a get or set.

        Raises:
            StanzaError: Who asks may not; then nothing has changed.
        """
        items = admin_query.from_element(request.payload)
        if not request.is_set:
            return self._list(room, request.sender, items)
        change = plan_items(room, request.sender, items, self._book.limits)
        if change.affiliations:
            entries = tuple(change.affiliations.items())
            stored = self._book.written(room, partial(self._book.put_affiliations, room, entries))
            return self._change_for_good(room, request.sender, change, stored)
        return self._made(room, apply_change(room, change), _nothing)

    def _list(self, room: Room, reader: Jid, items: tuple[AdminItem, ...]) -> Element:
        """Answer with all who have a rank; one list for each question."""
        wanted = items[0].affiliation or items[0].role
        if len(items) != 1 or wanted is None or (items[0].affiliation and items[0].role):
            raise StanzaError(StanzaCondition.BAD_REQUEST, "expected one rank")
        configuration = room.configuration
        if not may_read_list(
            room.rank_of(reader),
            wanted,
            is_non_anonymous=configuration.is_non_anonymous,
            member_list_roles=configuration.member_list_roles,
        ):
            raise StanzaError(StanzaCondition.FORBIDDEN)
        if isinstance(wanted, Role):
            return admin_query.to_element(_with_role(room, wanted))
        return admin_query.to_element(_with_affiliation(room, wanted))

    async def _change_for_good(
        self, room: Room, actor: Jid, change: RoomChange, stored: Stored
    ) -> Payload:
        release = await stored
        events = apply_change(room, change)

        def follow() -> None:
            self._on_changed(room, actor, change)
            release(_nothing)

        return self._made(room, events, follow)

    def _made(self, room: Room, events: list[RoomEvent], follow: Callable[[], None]) -> Sequel:
        """Tell those who are out, then the actor, then all others (section 8.2)."""
        fan_out.tell_removed(room, events)

        def tell() -> None:
            fan_out.tell_others(room, events)
            self._book.end_if_deserted(room)
            follow()

        return Sequel(None, tell)


def _with_role(room: Room, role: Role) -> list[AdminItem]:
    return [
        AdminItem(one.affiliation, one.role, one.shown.jid, one.nickname)
        for one in room.occupants
        if one.role is role
    ]


def _with_affiliation(room: Room, affiliation: Affiliation) -> list[AdminItem]:
    """Section 17.4: without roles; with nicknames, but for outcasts."""
    found = []
    for jid in room.affiliations.listed(affiliation):
        entry = room.affiliations.entry(jid)
        nickname = entry.nickname
        if not nickname and affiliation is not Affiliation.OUTCAST:
            nickname = next((one.nickname for one in room.occupants.of(jid)), "")
        reason = entry.reason if affiliation is Affiliation.OUTCAST else ""
        found.append(AdminItem(affiliation, None, jid, nickname or None, reason))
    return found


def _nothing() -> None:
    pass
