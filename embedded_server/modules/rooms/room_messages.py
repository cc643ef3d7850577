"""Which message to a room means what (XEP-0045 1.35.5, section 17.2)."""

from functools import partial

from embedded_server.modules.room_requests.registering import RoomRegistration
from embedded_server.modules.room_state.room import Room
from embedded_server.modules.rooms.inviting import RoomInvitations
from embedded_server.modules.rooms.leaving import OccupantChanges
from embedded_server.modules.rooms.private_messages import PrivateMessages
from embedded_server.modules.rooms.room_book import RoomBook
from embedded_server.modules.rooms.speaking import RoomSpeech
from embedded_server.modules.rooms.voice import VoiceRequests
from embedded_server.plugin_api import Inbound, ModuleHost
from shared_protocol.addresses import FullJid
from shared_protocol.errors import StanzaCondition, StanzaError
from shared_protocol.namespaces import MUC_REGISTRATION, MUC_REQUEST
from shared_protocol.stanzas import data_forms
from shared_protocol.stanzas.data_forms import DataForm
from shared_protocol.stanzas.iq import error_from_element
from shared_protocol.stanzas.rooms import invitations
from shared_protocol.xml.elements import element_of

# Section 18.1.2: conditions that tell that nothing reaches somebody any more.
_LOST = frozenset(
    {
        StanzaCondition.GONE,
        StanzaCondition.ITEM_NOT_FOUND,
        StanzaCondition.RECIPIENT_UNAVAILABLE,
        StanzaCondition.REDIRECT,
        StanzaCondition.REMOTE_SERVER_NOT_FOUND,
        StanzaCondition.REMOTE_SERVER_TIMEOUT,
    }
)
_UNTYPED = frozenset({"", "normal"})


class RoomMessages:
    """Takes all messages to rooms and their occupants."""

    def __init__(self, *, book: RoomBook, speech: RoomSpeech, changes: OccupantChanges) -> None:
        self._book = book
        self._speech = speech
        self._changes = changes
        self._private = PrivateMessages()
        self._voice = VoiceRequests(book=book)
        self.invitations = RoomInvitations(book=book)
        self.registration = RoomRegistration(book=book)

    def open(self, host: ModuleHost) -> None:
        """Begin to take them."""
        self._speech.open(host)
        self._private.open(host, self._book.domain)
        self.invitations.open(host)
        self.registration.open(host)

    def take(self, room: Room | None, inbound: Inbound) -> None:
        """Take a message.

        Raises:
            StanzaError: Why it is not passed on.
        """
        if inbound.type == "error":
            self.take_error(room, inbound)
            return
        if room is None or room.is_locked:
            raise StanzaError(StanzaCondition.ITEM_NOT_FOUND, "there is no such room")
        is_for_all = inbound.type == "groupchat" and not isinstance(inbound.to, FullJid)
        if is_for_all and not room.turns.is_changing:
            self._speech.say(room, inbound)  # several may be on their way to the store
        else:
            self._book.in_turn(room, inbound, partial(self._take_in_turn, room))

    def take_error(self, room: Room | None, inbound: Inbound) -> None:
        """Take an error for what the room has sent; who is not reached any more is out."""
        session = None if room is None else room.occupants.session(inbound.sender)
        if room is None or session is None:
            return
        if error_from_element(element_of(inbound.frame.raw)).condition in _LOST:
            lose = partial(self._lose, room)
            self._book.in_turn(room, inbound, lose)

    def _lose(self, room: Room, inbound: Inbound) -> None:
        session = room.occupants.session(inbound.sender)
        if session is not None:
            self._changes.lose(room, session)

    def _take_in_turn(self, room: Room, inbound: Inbound) -> None:
        to = inbound.to
        if room.turns.is_changing:  # something of its sender has kept it from its turn
            self._book.in_turn(room, inbound, partial(self._take_in_turn, room))
            return
        if isinstance(to, FullJid):
            self._private.pass_on(room, inbound, to)
        elif inbound.type == "groupchat":
            self._speech.say(room, inbound)
        elif inbound.type in _UNTYPED:
            self._take_for_room(room, inbound)
        else:
            raise StanzaError(StanzaCondition.BAD_REQUEST, "expected a message of type groupchat")

    def _take_for_room(self, room: Room, inbound: Inbound) -> None:
        message = element_of(inbound.frame.raw)
        invited = invitations.requests_of(message)
        declined = invitations.decline_request_of(message)
        form = data_forms.form_of(message)
        if invited:
            self.invitations.invite(room, inbound, invited)
        elif declined is not None:
            self.invitations.decline(room, inbound, declined)
        elif form is not None:
            self._take_form(room, inbound, form)
        else:
            raise StanzaError(StanzaCondition.BAD_REQUEST, "expected a message of type groupchat")

    def _take_form(self, room: Room, inbound: Inbound, form: DataForm) -> None:
        match form.form_type:
            case _ if form.kind is not data_forms.FormKind.SUBMIT:
                pass  # a form that was put aside
            case form_type if form_type == MUC_REQUEST:
                self._voice.take(room, inbound, form)
            case form_type if form_type == MUC_REGISTRATION:
                self.registration.take_approval(room, inbound, form)
            case _:
                raise StanzaError(StanzaCondition.BAD_REQUEST, "an unknown form")
