"""One room in memory (XEP-0045 1.35.5)."""

import time
from dataclasses import dataclass

from embedded_server.modules.room_state.affiliations import AffiliationList
from embedded_server.modules.room_state.hats import HatRack
from embedded_server.modules.room_state.occupants import Occupant, OccupantList
from embedded_server.modules.room_state.room_turns import RoomTurns
from shared_protocol.addresses import BareJid, FullJid, Jid
from shared_protocol.stanzas.rooms.configuration import RoomConfiguration
from shared_protocol.stanzas.rooms.occupant_id import make_occupant_id
from shared_protocol.stanzas.rooms.permissions import Rank
from shared_protocol.stanzas.rooms.ranks import Affiliation, Role
from shared_protocol.xml.writer import attribute


@dataclass(frozen=True, slots=True)
class RoomSubject:
    """The subject of a room.

    Attributes:
        text: Empty if it was cleared.
        tail: The message that set it, behind its name, without ``to``.
        moment: When, in seconds since 1970, UTC.
    """

    text: str
    tail: bytes
    moment: float


class Room:
    """A room: its configuration, who is what to it, who is in it.

    Attributes:
        id: Its row in the store.
        key: Makes the ids of its occupants.
        is_locked: Whether it waits for its first configuration (section 10.1.1).
        is_gone: Whether it was destroyed.
        subject: None as long as none was set.
        last_message_at: When the newest message was stored, seconds since 1970; the moments of a
            room's messages never go back, whatever the clock does.
        last_sent: Number of the newest stored message that was sent to the occupants; 0 if none.
        turns: The order of what happens in it.
        hats: That it can give, and to whom it gave them.
        avatar_hashes: Of its pictures; None as long as they were not looked up.
    """

    def __init__(
        self,
        jid: BareJid,
        room_id: int,
        key: bytes,
        configuration: RoomConfiguration,
        affiliations: AffiliationList,
    ) -> None:
        self.jid = jid
        self.id = room_id
        self.key = key
        self.configuration = configuration
        self.affiliations = affiliations
        self.occupants = OccupantList()
        self.is_locked = False
        self.is_gone = False
        self.subject: RoomSubject | None = None
        self.last_message_at = 0.0
        self.last_sent = 0
        self.turns = RoomTurns()
        self.hats = HatRack()
        self.avatar_hashes: tuple[str, ...] | None = None
        self.sender_attribute = attribute("from", str(jid)).encode()

    def __repr__(self) -> str:
        return f"<Room {self.jid}>"

    def address_of(self, nickname: str) -> FullJid:
        """Return the occupant JID of a nickname that is prepared."""
        return FullJid(self.jid, nickname)

    def rank_of(self, jid: Jid) -> Rank:
        """Return what somebody is: of a device in the room with its role, else without."""
        session = self.occupants.session(jid)
        if session is not None:
            return session.occupant.rank
        return Rank(self.affiliations.of(jid.bare), Role.NONE)

    def new_occupant(self, nickname: str, account: BareJid, role: Role) -> Occupant:
        """Let somebody in under a nickname that is free."""
        occupant = Occupant(
            nickname,
            account,
            make_occupant_id(self.key, account),
            self.affiliations.of(account),
            role,
        )
        occupant.wear(self.hats.worn_by(account))
        self.occupants.add(occupant)
        return occupant

    def shows_jids_to(self, role: Role) -> bool:
        """Whether somebody of a role sees real JIDs (sections 7.2.3 and 7.2.4)."""
        return self.configuration.is_non_anonymous or role is Role.MODERATOR

    def next_moment(self) -> float:
        """Return the time of a message that is stored now, in seconds since 1970."""
        self.last_message_at = max(time.time(), self.last_message_at)
        return self.last_message_at

    def is_open_to(self, account: BareJid) -> bool:
        """Whether an account may enter without a password being asked (XEP-0313, section 6.1.3)."""
        affiliation = self.affiliations.of(account)
        if affiliation is Affiliation.OUTCAST or self.is_locked:
            return affiliation is Affiliation.OWNER
        if affiliation is not Affiliation.NONE or self.occupants.of(account):
            return True
        return not self.configuration.is_members_only and not self.configuration.password
