"""Membership and reserved nicknames, at one's own wish (XEP-0045 1.35.5, sections 7.10 and 9.9).

In a room for members an admin has to agree: he is sent a form, and its answer says all that is
needed, so that nothing must be remembered meanwhile.
"""

import secrets
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any
from xml.etree.ElementTree import Element

from embedded_server.modules.room_state.affiliations import AffiliationEntry
from embedded_server.modules.room_state.list_changes import (
    RoomChange,
    apply_change,
    checked_nickname,
    plan_items,
    require_free,
)
from embedded_server.modules.room_state.room import Room
from embedded_server.modules.rooms import fan_out
from embedded_server.modules.rooms.room_book import RoomBook, Stored
from embedded_server.plugin_api import (
    Inbound,
    IqRequest,
    ModuleHost,
    Payload,
    Sequel,
    ServiceOrigin,
    StorageError,
)
from shared_protocol.addresses import BareJid
from shared_protocol.errors import StanzaCondition, StanzaError
from shared_protocol.namespaces import CLIENT
from shared_protocol.stanzas import data_forms
from shared_protocol.stanzas.data_forms import DataForm
from shared_protocol.stanzas.rooms import room_registration
from shared_protocol.stanzas.rooms.admin_query import AdminItem
from shared_protocol.stanzas.rooms.permissions import AffiliationPrivilege, affiliation_allows
from shared_protocol.stanzas.rooms.ranks import Affiliation
from shared_protocol.xml.framer import frame_of
from shared_protocol.xml.writer import serialise

Answer = Payload | Coroutine[Any, Any, Payload]
_MESSAGE = f"{{{CLIENT}}}message"
_ID_BYTES = 8


class RoomRegistration:
    """Answers ``jabber:iq:register`` for rooms."""

    def __init__(self, *, book: RoomBook) -> None:
        self._book = book
        self._host: ModuleHost

    def open(self, host: ModuleHost) -> None:
        """Begin to answer."""
        self._host = host

    def answer(self, room: Room, request: IqRequest) -> Answer:
        """Answer a get or set.

        Raises:
            StanzaError: ``not-allowed`` for outcasts, ``conflict`` for a nickname that is taken.
        """
        account = request.sender.bare
        affiliation = room.affiliations.of(account)
        if not affiliation_allows(affiliation, AffiliationPrivilege.REGISTER):
            raise StanzaError(StanzaCondition.NOT_ALLOWED, "you may not register here")
        entry = room.affiliations.entry(account)
        if not request.is_set:
            if entry.nickname:
                return room_registration.registered_element(entry.nickname)
            return room_registration.form_element()
        wanted = room_registration.from_element(request.payload)
        if wanted.is_removal:
            return self._remove(room, account, entry)
        nickname = checked_nickname(wanted.nickname, self._book.limits)
        require_free(room, nickname, account)
        if affiliation is Affiliation.NONE and room.configuration.is_members_only:
            self._ask_admins(room, account, nickname)
            return None
        kept = Affiliation.MEMBER if affiliation is Affiliation.NONE else affiliation
        return self._put(room, account, AffiliationEntry(kept, nickname, entry.reason))

    def take_approval(self, room: Room, inbound: Inbound, form: DataForm) -> None:
        """Take what an admin has answered; a submitted form of type ``muc#register``.

        Raises:
            StanzaError: ``forbidden``, it is no admin's; ``conflict``, the name is taken by now.
        """
        approval = room_registration.approval_from_form(form)
        if not approval.is_allowed:
            return
        item = AdminItem(Affiliation.MEMBER, None, approval.requester, approval.nickname or None)
        change = plan_items(room, inbound.sender, (item,), self._book.limits)
        if room.affiliations.of(approval.requester) is Affiliation.NONE:
            release_sender = inbound.origin.hold()
            follow = partial(self._approved, room, inbound, change, release_sender)
            release = room.turns.hold_for_change()
            write = partial(follow, release)
            self._book.put_affiliations(room, tuple(change.affiliations.items()), write)

    def _approved(
        self,
        room: Room,
        inbound: Inbound,
        change: RoomChange,
        release_sender: Callable[[], None],
        release: Callable[[Callable[[], None]], None],
        outcome: StorageError | None,
    ) -> None:
        release_sender()
        if outcome is not None:
            self._book.refuse_storage(inbound)
            release(_nothing)
        else:
            release(lambda: fan_out.tell_others(room, apply_change(room, change)))

    def _remove(self, room: Room, account: BareJid, entry: AffiliationEntry) -> Answer:
        """End a membership; admins and owners only lose the nickname that is kept for them."""
        if entry.affiliation is Affiliation.NONE:
            raise StanzaError(StanzaCondition.REGISTRATION_REQUIRED)
        kept = entry.affiliation if entry.affiliation.is_in_charge else Affiliation.NONE
        return self._put(room, account, AffiliationEntry(kept))

    def _put(self, room: Room, account: BareJid, entry: AffiliationEntry) -> Answer:
        write = partial(self._book.put_affiliations, room, ((account, entry),))
        return self._tell(room, RoomChange({account: entry}), self._book.written(room, write))

    async def _tell(self, room: Room, change: RoomChange, stored: Stored) -> Payload:
        release = await stored
        events = apply_change(room, change)
        fan_out.tell_removed(room, events)

        def tell() -> None:
            fan_out.tell_others(room, events)
            self._book.end_if_deserted(room)
            release(_nothing)

        return Sequel(None, tell)

    def _ask_admins(self, room: Room, account: BareJid, nickname: str) -> None:
        """Send a form to each admin and owner, who finds it later if he is away."""
        form = room_registration.approval_form(account, nickname)
        affiliations = room.affiliations
        in_charge = (
            *affiliations.listed(Affiliation.OWNER),
            *affiliations.listed(Affiliation.ADMIN),
        )
        for jid in in_charge:
            message = Element(_MESSAGE, to=str(jid), id=secrets.token_hex(_ID_BYTES))
            message.append(data_forms.to_element(form))
            self._host.route(ServiceOrigin(room.jid), frame_of(serialise(message)))


def _nothing() -> None:
    pass
