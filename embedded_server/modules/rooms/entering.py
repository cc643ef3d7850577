"""How somebody gets into a room, also into one that is new (XEP-0045 1.35.5, 7.2 and 10.1)."""

from collections.abc import Callable
from functools import partial

from embedded_server.modules.room_state.list_changes import require_free
from embedded_server.modules.room_state.nicknames import require_nickname
from embedded_server.modules.room_state.occupants import Occupant, OccupantSession
from embedded_server.modules.room_state.room import Room
from embedded_server.modules.rooms import fan_out
from embedded_server.modules.rooms.history import RoomHistory
from embedded_server.modules.rooms.own_presence import (
    OwnPresence,
    session_of,
    set_presence,
)
from embedded_server.modules.rooms.presence_writing import NOTHING
from embedded_server.modules.rooms.room_book import RoomBook
from embedded_server.plugin_api import Inbound, ModuleHost, StorageError
from shared_protocol.addresses import BareJid, FullJid
from shared_protocol.errors import ErrorType, StanzaCondition, StanzaError
from shared_protocol.stanzas.rooms.configuration import RoomConfiguration
from shared_protocol.stanzas.rooms.join_request import JoinRequest
from shared_protocol.stanzas.rooms.permissions import default_role
from shared_protocol.stanzas.rooms.ranks import Affiliation
from shared_protocol.stanzas.rooms.status_codes import StatusCode

MayCreate = Callable[[BareJid], bool]


class RoomEntrance:
    """Lets people in, or says why not.

    Args of the constructor:
        may_create: Whether an account may make rooms.
    """

    def __init__(self, *, book: RoomBook, history: RoomHistory, may_create: MayCreate) -> None:
        self._book = book
        self._history = history
        self._may_create = may_create
        self._host: ModuleHost

    def open(self, host: ModuleHost) -> None:
        """Begin to let people in."""
        self._host = host
        self._history.open(host)

    def enter(self, room: Room, inbound: Inbound, own: OwnPresence, join: JoinRequest) -> None:
        """Let somebody in who is outside, or tell all of it again (section 7.2.1).

        Raises:
            StanzaError: Why not (section 7.2.15).
        """
        jid, nickname = _addresses(inbound)
        session = room.occupants.session(jid)
        if session is not None:
            set_presence(session, own)
            session.occupant.show(session)
            fan_out.show(room, session.occupant, newcomer=session)
            self._welcome(room, session, inbound, own, join)
            return
        self._require_entrance(room, jid.bare, nickname, join)
        occupant = room.occupants.named(nickname)
        if occupant is None:
            role = default_role(
                room.affiliations.of(jid.bare), is_moderated=room.configuration.is_moderated
            )
            occupant = room.new_occupant(nickname, jid.bare, role)
        self._let_in(room, occupant, inbound, own, join)

    def create(self, inbound: Inbound, own: OwnPresence, join: JoinRequest) -> None:
        """Make a room for somebody, and let him in (section 10.1.1).

        Raises:
            StanzaError: ``not-allowed``, he may not make rooms; or there are too many.
        """
        jid, nickname = _addresses(inbound)
        require_nickname(nickname, self._book.limits.nickname_characters)
        if not self._may_create(jid.bare):
            raise StanzaError(StanzaCondition.NOT_ALLOWED, "you may not make rooms")
        release_sender = inbound.origin.hold()
        release: Callable[[Callable[[], None]], None] | None = None

        def on_stored(outcome: StorageError | None) -> None:
            if outcome is not None:
                self._book.forget(room)
                self._book.refuse_storage(inbound)
            release_sender()
            if release is not None:
                release(partial(follow, is_made=outcome is None))

        def follow(*, is_made: bool) -> None:
            if is_made:
                self._enter_new(room, inbound, own, join)

        try:
            room = self._book.create(inbound.to.localpart, jid.bare, RoomConfiguration(), on_stored)
        except StanzaError:
            release_sender()
            raise
        release = room.turns.hold_for_change()

    def _enter_new(self, room: Room, inbound: Inbound, own: OwnPresence, join: JoinRequest) -> None:
        jid, nickname = _addresses(inbound)
        occupant = room.new_occupant(
            nickname, jid.bare, default_role(Affiliation.OWNER, is_moderated=False)
        )
        self._let_in(room, occupant, inbound, own, join)

    def _let_in(
        self,
        room: Room,
        occupant: Occupant,
        inbound: Inbound,
        own: OwnPresence,
        join: JoinRequest,
    ) -> None:
        session = session_of(inbound, self._host)
        set_presence(session, own)
        is_same = bool(occupant.sessions) and occupant.shown.payload == session.payload
        room.occupants.add_session(occupant, session)
        if not is_same:
            fan_out.show(room, occupant, newcomer=session)
        self._welcome(room, session, inbound, own, join)

    def _welcome(
        self,
        room: Room,
        session: OccupantSession,
        inbound: Inbound,
        own: OwnPresence,
        join: JoinRequest,
    ) -> None:
        """Tell who is there, who the new one is, what was said, and the subject (7.1)."""
        session.backlog = None
        fan_out.show_all_to(room, session)
        told = NOTHING.to_itself(_codes_on_entering(room))
        fan_out.show_to_itself(room, session.occupant, (session,), told, own.id)
        self._history.send(room, session, join.history, inbound)

    def _require_entrance(
        self, room: Room, account: BareJid, nickname: str, join: JoinRequest
    ) -> None:
        affiliation = room.affiliations.of(account)
        if room.is_locked and affiliation is not Affiliation.OWNER:  # section 7.2.10
            raise StanzaError(StanzaCondition.ITEM_NOT_FOUND, "the room is being set up")
        if affiliation is Affiliation.OUTCAST:  # section 7.2.7
            raise StanzaError(StanzaCondition.FORBIDDEN, "you are banned from the room")
        configuration = room.configuration
        if configuration.is_members_only and affiliation is Affiliation.NONE:  # section 7.2.6
            raise StanzaError(StanzaCondition.REGISTRATION_REQUIRED, "the room is for members only")
        if configuration.password and join.password != configuration.password:  # section 7.2.5
            raise StanzaError(StanzaCondition.NOT_AUTHORIZED, "the room needs a password")
        require_nickname(nickname, self._book.limits.nickname_characters)
        require_free(room, nickname, account)  # section 7.2.8
        if room.occupants.named(nickname) is None:
            self._require_space(room, affiliation)

    def _require_space(self, room: Room, affiliation: Affiliation) -> None:
        """Admins and owners get in where there is no space for others (section 7.2.9)."""
        limits = self._book.limits
        most = min(
            (one for one in (room.configuration.most_occupants, limits.occupants) if one),
            default=0,
        )
        if most and affiliation.is_in_charge:
            most += limits.spare_occupants
        if 0 < most <= len(room.occupants):
            raise StanzaError(
                StanzaCondition.SERVICE_UNAVAILABLE,
                "the room is full",
                error_type=ErrorType.WAIT,
            )


def _codes_on_entering(room: Room) -> set[StatusCode]:
    codes: set[StatusCode] = set()
    if room.configuration.is_non_anonymous:  # section 7.2.3
        codes.add(StatusCode.JIDS_ARE_SHOWN)
    if room.configuration.is_logged:  # section 7.2.12
        codes.add(StatusCode.IS_LOGGED)
    if room.is_locked:  # section 10.1.1
        codes.add(StatusCode.CREATED)
    return codes


def _addresses(inbound: Inbound) -> tuple[FullJid, str]:
    """Return who comes, and the nickname; somebody without a device cannot be in a room."""
    sender, to = inbound.sender, inbound.to
    if not isinstance(to, FullJid) or not isinstance(sender, FullJid):
        raise StanzaError(StanzaCondition.JID_MALFORMED, "a nickname is needed")
    return sender, to.resourcepart
