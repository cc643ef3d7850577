"""Invitations through a room, and their refusal (XEP-0045 1.35.5, sections 7.8.2, 9.3 and 9.5).

They go the way of any other message, so that who is away finds them later.
"""

from collections.abc import Callable
from functools import partial
from xml.etree.ElementTree import Element

from embedded_server.modules.room_state.affiliations import AffiliationEntry
from embedded_server.modules.room_state.list_changes import RoomChange, apply_change
from embedded_server.modules.room_state.occupants import Occupant
from embedded_server.modules.room_state.room import Room
from embedded_server.modules.rooms import fan_out
from embedded_server.modules.rooms.relayed_origin import RelayedOrigin
from embedded_server.modules.rooms.room_book import RoomBook
from embedded_server.plugin_api import Inbound, ModuleHost, Origin, ServiceOrigin, StorageError
from shared_protocol.addresses import BareJid, Jid
from shared_protocol.errors import StanzaCondition, StanzaError
from shared_protocol.namespaces import CLIENT
from shared_protocol.stanzas.rooms import invitations
from shared_protocol.stanzas.rooms.invitations import Decline, Invitation
from shared_protocol.stanzas.rooms.permissions import RolePrivilege, role_allows
from shared_protocol.stanzas.rooms.ranks import Affiliation
from shared_protocol.xml.framer import frame_of
from shared_protocol.xml.writer import serialise

_MESSAGE = f"{{{CLIENT}}}message"


class RoomInvitations:
    """Sends invitations in the name of rooms."""

    def __init__(self, *, book: RoomBook) -> None:
        self._book = book
        self._host: ModuleHost

    def open(self, host: ModuleHost) -> None:
        """Begin to send."""
        self._host = host

    def invite(self, room: Room, inbound: Inbound, asked: tuple[Invitation, ...]) -> None:
        """Invite whom an occupant wants here; into a room for members, as members.

        Raises:
            StanzaError: ``not-acceptable`` from outside, ``forbidden`` without the right,
                ``item-not-found``, there is nobody of that name; then nobody is invited.
        """
        session = room.occupants.session(inbound.sender)
        if session is None:
            raise StanzaError(StanzaCondition.NOT_ACCEPTABLE, "you are not in the room")
        _require_right(room, session.occupant)
        for invitation in asked:
            self._require_account(invitation.counterpart)
        send = partial(self._send_all, room, inbound, asked)
        strangers = {
            one.counterpart.bare: AffiliationEntry(Affiliation.MEMBER)
            for one in asked
            if room.affiliations.of(one.counterpart.bare) is Affiliation.NONE
        }
        if room.configuration.is_members_only and strangers:
            self._add_members(room, inbound, RoomChange(strangers), send)
        else:
            send()

    def decline(self, room: Room, inbound: Inbound, asked: Decline) -> None:
        """Tell who has invited that somebody does not come.

        Raises:
            StanzaError: ``item-not-found``, nobody of this room is meant.
        """
        account = asked.counterpart.bare
        if not room.occupants.of(account) and room.affiliations.of(account) is Affiliation.NONE:
            raise StanzaError(StanzaCondition.ITEM_NOT_FOUND, "nobody here has invited you")
        told = Decline(inbound.sender.bare, asked.reason)
        stanza_id = inbound.frame.attributes.get("id", "")
        message = _message(asked.counterpart, invitations.decline_to_element(told), stanza_id)
        origin = RelayedOrigin(room.jid, inbound.origin, inbound.to)
        self._host.route(origin, frame_of(serialise(message)))

    def welcome_members(self, room: Room, actor: Jid, change: RoomChange) -> None:
        """Invite who was made a member of a room for members, and is not there (section 9.5)."""
        if not room.configuration.is_members_only:
            return
        for jid, entry in change.affiliations.items():
            is_member = entry.affiliation is Affiliation.MEMBER
            if is_member and not room.occupants.of(jid) and self._host.account_exists(jid):
                invitation = Invitation(actor.bare, password=room.configuration.password)
                self._route(ServiceOrigin(room.jid), jid, invitation)

    def _add_members(
        self, room: Room, inbound: Inbound, change: RoomChange, send: Callable[[], None]
    ) -> None:
        """Make them members, so that they get in, and invite them when that is on disk."""
        release_sender = inbound.origin.hold()
        release = room.turns.hold_for_change()

        def on_stored(outcome: StorageError | None) -> None:
            if outcome is not None:
                self._book.refuse_storage(inbound)
            release_sender(partial(follow, is_stored=outcome is None))

        def follow(*, is_stored: bool) -> None:
            if is_stored:
                events = apply_change(room, change)
                fan_out.tell_others(room, events)
                send()
            release(_nothing)

        self._book.put_affiliations(room, tuple(change.affiliations.items()), on_stored)

    def _send_all(self, room: Room, inbound: Inbound, asked: tuple[Invitation, ...]) -> None:
        origin = RelayedOrigin(room.jid, inbound.origin, inbound.to)
        stanza_id = inbound.frame.attributes.get("id", "")
        for one in asked:
            invitation = Invitation(
                inbound.sender,
                one.reason,
                one.is_continuation,
                one.thread,
                room.configuration.password,
            )
            self._route(origin, one.counterpart, invitation, stanza_id)

    def _route(self, origin: Origin, to: Jid, invitation: Invitation, stanza_id: str = "") -> None:
        payload = invitations.invitation_to_element(invitation)
        self._host.route(origin, frame_of(serialise(_message(to, payload, stanza_id))))

    def _require_account(self, jid: Jid) -> None:
        account: BareJid = jid.bare
        is_here = account.domainpart == self._host.domain
        if not account.localpart or (is_here and not self._host.account_exists(account)):
            raise StanzaError(StanzaCondition.ITEM_NOT_FOUND, "there is nobody of that name")


def _require_right(room: Room, occupant: Occupant) -> None:
    """Section 7.8.2: into a room for members, admins invite, and members if it is open for that."""
    if not role_allows(occupant.role, RolePrivilege.INVITE):
        raise StanzaError(StanzaCondition.FORBIDDEN)
    configuration = room.configuration
    if not configuration.is_members_only or occupant.affiliation.is_in_charge:
        return
    if not configuration.has_open_invitations or occupant.affiliation is not Affiliation.MEMBER:
        raise StanzaError(StanzaCondition.FORBIDDEN, "only admins invite into this room")


def _message(to: Jid, payload: Element, stanza_id: str) -> Element:
    message = Element(_MESSAGE, to=str(to))
    if stanza_id:
        message.set("id", stanza_id)
    message.append(payload)
    return message


def _nothing() -> None:
    pass
