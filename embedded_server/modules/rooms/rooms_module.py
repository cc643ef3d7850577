"""Rooms at ``conference.`` of the domain: who gets which stanza (XEP-0045 1.35.5)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from embedded_server.modules.room_requests.admin_requests import AdminRequests
from embedded_server.modules.room_requests.hat_requests import HatRequests
from embedded_server.modules.room_requests.moderating import RoomModeration
from embedded_server.modules.room_requests.occupant_iqs import OccupantIqs
from embedded_server.modules.room_requests.owner_requests import OwnerRequests
from embedded_server.modules.room_requests.room_archives import RoomArchives
from embedded_server.modules.room_requests.room_discovery import RoomDiscovery
from embedded_server.modules.room_requests.room_iqs import RoomIqs
from embedded_server.modules.room_requests.room_vcards import RoomVcards
from embedded_server.modules.room_state.room import Room
from embedded_server.modules.rooms.departures import Departures
from embedded_server.modules.rooms.entering import RoomEntrance
from embedded_server.modules.rooms.history import RoomHistory
from embedded_server.modules.rooms.leaving import OccupantChanges
from embedded_server.modules.rooms.own_presence import own_presence_of
from embedded_server.modules.rooms.presence_writing import PRESENCE, never_there
from embedded_server.modules.rooms.room_book import RoomBook
from embedded_server.modules.rooms.room_messages import RoomMessages
from embedded_server.modules.rooms.speaking import RoomSpeech
from embedded_server.plugin_api import (
    ArchiveIds,
    Attachments,
    Inbound,
    ModuleHost,
    RoomArchive,
    RoomRepository,
    to_attribute,
)
from shared_protocol.addresses import BareJid, FullJid
from shared_protocol.errors import StanzaCondition, StanzaError
from shared_protocol.limits import RoomLimits
from shared_protocol.namespaces import (
    ARCHIVE,
    CHANNEL_SEARCH,
    COMMANDS,
    DISCO_INFO,
    DISCO_ITEMS,
    FASTENING,
    MODERATION,
    MUC_ADMIN,
    MUC_OWNER,
    REGISTRATION,
    VCARD,
)
from shared_protocol.stanzas.disco import DiscoItem

SUBDOMAIN = "conference"
_NAME = "Rooms"


def _everybody(_account: BareJid) -> bool:
    return True


_GET = frozenset({"get"})
_SET = frozenset({"set"})
_BOTH = frozenset({"get", "set"})
_ANSWERS = frozenset({"result", "error"})
_SUBSCRIPTIONS = frozenset({"subscribe", "subscribed", "unsubscribe", "unsubscribed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomSettings:
    """What rooms need besides the host.

    Attributes:
        repository: Loaded.
        archive: Loaded.
        may_create: Whether an account may make rooms.
        administrators: Who gets the rooms that nobody owns any more.
    """

    repository: RoomRepository
    archive: RoomArchive
    limits: RoomLimits = field(default_factory=RoomLimits)
    may_create: Callable[[BareJid], bool] = _everybody
    administrators: Callable[[], Sequence[BareJid]] = tuple


class RoomsModule:
    """All rooms of an office.

    Args of the constructor:
        settings: What they need besides the host.
        ids: Of messages.
    """

    def __init__(self, settings: RoomSettings, *, ids: ArchiveIds) -> None:
        repository, archive = settings.repository, settings.archive
        limits, may_create = settings.limits, settings.may_create
        self._book = RoomBook(repository=repository, limits=limits)
        history = RoomHistory(archive=archive, limits=limits)
        self._entrance = RoomEntrance(book=self._book, history=history, may_create=may_create)
        self._changes = OccupantChanges(book=self._book)
        speech = RoomSpeech(book=self._book, archive=archive, ids=ids)
        self._messages = RoomMessages(book=self._book, speech=speech, changes=self._changes)
        self._iqs = RoomIqs(book=self._book)
        invite = self._messages.invitations.welcome_members
        admin = AdminRequests(book=self._book, on_changed=invite)
        owner = OwnerRequests(book=self._book)
        self._iqs.add_to_rooms(f"{MUC_ADMIN} query", admin.answer)
        self._iqs.add_to_rooms(f"{MUC_OWNER} query", owner.answer)
        registration = self._messages.registration
        self._iqs.add_to_rooms(f"{REGISTRATION} query", registration.answer)
        archives = RoomArchives(archive=archive, ids=ids)
        self._iqs.add_to_rooms(f"{ARCHIVE} query", archives.query)
        self._iqs.add_to_rooms(f"{ARCHIVE} metadata", archives.metadata, _GET)
        moderation = RoomModeration(book=self._book, archive=archive, ids=ids)
        self._iqs.add_to_rooms(f"{MODERATION} moderate", moderation.answer, _SET)
        self._iqs.add_to_rooms(f"{FASTENING} apply-to", moderation.answer, _SET)
        vcards, hats = RoomVcards(book=self._book), HatRequests(book=self._book)
        self._iqs.add_to_rooms(f"{VCARD} vCard", vcards.answer)
        self._iqs.add_to_rooms(f"{COMMANDS} command", hats.answer, _SET)
        self._add_discovery(vcards)
        self._departures = Departures(book=self._book, administrators=settings.administrators)
        self._occupant_iqs = OccupantIqs(book=self._book)
        self._attached = Attachments()
        self._host: ModuleHost

    def _add_discovery(self, vcards: RoomVcards) -> None:
        discovery = RoomDiscovery(book=self._book, vcards=vcards)
        info, items = f"{DISCO_INFO} query", f"{DISCO_ITEMS} query"
        self._iqs.add_to_service(info, discovery.service_info)
        self._iqs.add_to_service(items, discovery.service_items)
        self._iqs.add_to_service(f"{CHANNEL_SEARCH} search", discovery.search, _BOTH)
        self._iqs.add_to_rooms(info, discovery.room_info, _GET)
        self._iqs.add_to_rooms(items, discovery.room_items, _GET)

    def attach(self, host: ModuleHost) -> None:
        """Serve the rooms that the store has, and new ones."""
        self._host = host
        domain = f"{SUBDOMAIN}.{host.domain}"
        self._book.open(host, domain, self._on_stanza)
        self._entrance.open(host)
        self._messages.open(host)
        self._iqs.open(host)
        self._departures.open(host)
        self._occupant_iqs.open(host)
        self._attached.add(
            host.serve(domain, self._on_stanza, orders_messages=True),
            host.features.add_item(DiscoItem(BareJid("", domain), _NAME)),
        )

    def detach(self) -> None:
        """Take everything back."""
        self._attached.undo()
        self._departures.close()
        self._book.close()

    def _on_stanza(self, inbound: Inbound) -> None:
        localpart = inbound.to.localpart
        if not localpart:
            self._on_service(inbound)
            return
        room = self._book.get(localpart)
        match inbound.frame.local_name:
            case "presence":
                self._on_presence(room, inbound)
            case "message":
                self._messages.take(room, inbound)
            case _:
                self._on_iq(room, inbound)

    def _on_service(self, inbound: Inbound) -> None:
        match inbound.frame.local_name:
            case "iq" if inbound.type in _ANSWERS:
                self._host.take_answer(inbound)
            case "iq":
                self._iqs.to_service(inbound)
            case "message":
                raise StanzaError(StanzaCondition.SERVICE_UNAVAILABLE)

    def _on_iq(self, room: Room | None, inbound: Inbound) -> None:
        to = inbound.to
        if inbound.type in _ANSWERS:
            if self._occupant_iqs.answer(inbound) or self._host.take_answer(inbound):
                return
            if inbound.type == "error":
                self._messages.take_error(room, inbound)
        elif isinstance(to, FullJid):
            self._occupant_iqs.request(room, inbound, to)
        else:
            self._iqs.to_room(room, inbound)

    def _on_presence(self, room: Room | None, inbound: Inbound) -> None:
        """Errors name the room that found them (section 7.2)."""
        try:
            if room is None:
                self._on_presence_to_nothing(inbound)
            else:
                self._book.in_turn(room, inbound, partial(self._on_presence_in_turn, room))
        except StanzaError as error:
            error.by = str(inbound.bare_to)
            raise

    def _on_presence_to_nothing(self, inbound: Inbound) -> None:
        if inbound.type:
            return
        own = own_presence_of(inbound, self._book.limits.presence_bytes)
        if own.join is None:
            self._deny_presence(inbound)
        else:
            self._entrance.create(inbound, own, own.join)

    def _on_presence_in_turn(self, room: Room, inbound: Inbound) -> None:
        try:
            self._judge_presence(room, inbound)
        except StanzaError as error:
            error.by = str(room.jid)
            raise

    def _judge_presence(self, room: Room, inbound: Inbound) -> None:
        session = room.occupants.session(inbound.sender)
        match inbound.type:
            case "":
                self._on_available(room, inbound)
            case "unavailable":
                if session is not None and self._is_own_address(room, inbound):
                    own = own_presence_of(inbound, self._book.limits.presence_bytes)
                    self._changes.leave(room, session, own.payload)
            case "error":
                self._messages.take_error(room, inbound)
            case kind if kind in _SUBSCRIPTIONS:
                raise StanzaError(StanzaCondition.NOT_ALLOWED, "rooms have no subscriptions")
            case _:
                pass

    def _is_own_address(self, room: Room, inbound: Inbound) -> bool:
        """Whether somebody leaves whom the room knows: an old nickname is nobody."""
        session = room.occupants.session(inbound.sender)
        to = inbound.to
        if session is None or not isinstance(to, FullJid):
            return session is not None
        return to.resourcepart == session.occupant.nickname

    def _on_available(self, room: Room, inbound: Inbound) -> None:
        to = inbound.to
        if not isinstance(to, FullJid):  # section 7.2.1
            raise StanzaError(StanzaCondition.JID_MALFORMED, "a nickname is needed")
        session = room.occupants.session(inbound.sender)
        own = own_presence_of(inbound, self._book.limits.presence_bytes)
        self._book.count_event(room, inbound.sender.bare)
        if session is None:
            if own.join is None:
                self._deny_presence(inbound)
            else:
                self._entrance.enter(room, inbound, own, own.join)
        elif session.occupant.nickname != to.resourcepart:
            self._changes.rename(room, session, to.resourcepart, own)
        elif own.join is not None:
            self._entrance.enter(room, inbound, own, own.join)
        else:
            self._changes.set_status(room, session, own)

    def _deny_presence(self, inbound: Inbound) -> None:
        """Tell somebody that he is not in the room as he believes (section 7.2.17)."""
        to = inbound.to
        if isinstance(to, FullJid):
            tail = never_there(to)
            inbound.origin.send(PRESENCE + to_attribute(inbound.sender) + tail)
