"""How an occupant changes its presence and nickname, and goes (XEP-0045 1.35.5, 7.6, 7.7, 7.14)."""

from embedded_server.modules.room_state.list_changes import require_free
from embedded_server.modules.room_state.nicknames import require_nickname
from embedded_server.modules.room_state.occupants import OccupantSession
from embedded_server.modules.room_state.room import Room
from embedded_server.modules.rooms import fan_out
from embedded_server.modules.rooms.own_presence import OwnPresence, set_presence
from embedded_server.modules.rooms.presence_writing import NOTHING, Circumstance
from embedded_server.modules.rooms.room_book import RoomBook
from shared_protocol.stanzas.rooms.room_payload import Destruction
from shared_protocol.stanzas.rooms.status_codes import StatusCode

_BY_ERROR = Circumstance(frozenset({StatusCode.REMOVED_BY_ERROR}))


class OccupantChanges:
    """Changes by the occupants' own will, and their end."""

    def __init__(self, *, book: RoomBook) -> None:
        self._book = book

    def set_status(self, room: Room, session: OccupantSession, own: OwnPresence) -> None:
        """Show another presence (section 7.7)."""
        set_presence(session, own)
        session.occupant.show(session)
        fan_out.show(room, session.occupant)

    def rename(self, room: Room, session: OccupantSession, nickname: str, own: OwnPresence) -> None:
        """Give a device another nickname; it leaves the others of its account behind (7.6).

        Raises:
            StanzaError: ``conflict``, it is somebody else's; ``not-acceptable``, nobody's.
        """
        occupant = session.occupant
        require_nickname(nickname, self._book.limits.nickname_characters)
        require_free(room, nickname, occupant.account)
        fan_out.tell_renamed(room, occupant, session, nickname)
        set_presence(session, own)
        target = room.occupants.named(nickname)
        if target is None and len(occupant.sessions) == 1:
            room.occupants.rename(occupant, nickname)
            target = occupant
        else:
            room.occupants.remove_session(session)
            if target is None:
                target = room.new_occupant(nickname, occupant.account, occupant.role)
            room.occupants.add_session(target, session)
        fan_out.show(room, target)

    def leave(self, room: Room, session: OccupantSession, payload: bytes = b"") -> None:
        """Let a device go.

        Args:
            room: From where.
            session: Which.
            payload: What it says at parting, written.
        """
        self._remove(room, session, Circumstance(payload=payload) if payload else NOTHING)

    def lose(self, room: Room, session: OccupantSession) -> None:
        """Take a device out that nothing reaches any more (sections 11.1 and 18.1.2)."""
        self._remove(room, session, _BY_ERROR)

    def _remove(self, room: Room, session: OccupantSession, told: Circumstance) -> None:
        occupant = session.occupant
        session.backlog = None
        if room.is_locked:
            self._abandon(room)
            return
        if not room.occupants.remove_session(session):
            fan_out.tell_left(room, occupant, session, told)
            if occupant.is_shown:
                fan_out.show(room, occupant)
            return
        fan_out.tell_left(room, occupant, session, told)
        self._book.end_if_deserted(room)

    def _abandon(self, room: Room) -> None:
        """End a room whose creator goes before it was configured (section 10.1.3)."""
        fan_out.tell_destroyed(room, Destruction())
        self._book.end(room)
