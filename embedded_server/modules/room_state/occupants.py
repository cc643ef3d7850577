"""Who is in a room: by nickname, with one or more devices each (XEP-0045 1.35.5, section 7.2)."""

from collections.abc import Callable, Iterator, Sequence

from embedded_server.modules.room_state.nicknames import nickname_key
from shared_protocol.addresses import BareJid, FullJid
from shared_protocol.stanzas.rooms.hats import Hat
from shared_protocol.stanzas.rooms.hats import to_element as hats_to_element
from shared_protocol.stanzas.rooms.occupant_id import to_element as occupant_id_to_element
from shared_protocol.stanzas.rooms.permissions import Rank
from shared_protocol.stanzas.rooms.ranks import Affiliation, Role
from shared_protocol.xml.writer import serialise


class OccupantSession:
    """One device of an occupant.

    Attributes:
        jid: Real full JID.
        to: `` to='...'``, ready to be put behind the name of an element.
        send: Hands a whole stanza over to the device.
        payload: Written children of its last presence, without what only a room may say.
        language: `` xml:lang='...'`` of its last presence, or empty.
        backlog: Stanzas that wait until the history was sent; None if nothing waits.
    """

    __slots__ = ("backlog", "jid", "language", "occupant", "payload", "send", "to")

    def __init__(self, jid: FullJid, to: bytes, send: Callable[[bytes], None]) -> None:
        self.jid = jid
        self.to = to
        self.send = send
        self.payload = b""
        self.language = b""
        self.backlog: list[bytes] | None = None
        self.occupant: Occupant


class Occupant:
    """Somebody in a room under one nickname.

    Attributes:
        account: Real bare JID.
        occupant_id: By which others know it again (XEP-0421).
        marks: Written occupant id, which stands in all that comes from it.
        presence_marks: The same with its hats, which stand in presence.
        sessions: Its devices; the last is the one whose presence is shown.
        tails: Written presence, without and with the real JID; None if it must be written anew.
        is_shown: Whether its presence was told to the others.
    """

    __slots__ = (
        "account",
        "affiliation",
        "is_shown",
        "marks",
        "nickname",
        "occupant_id",
        "presence_marks",
        "role",
        "sessions",
        "tails",
    )

    def __init__(
        self,
        nickname: str,
        account: BareJid,
        occupant_id: str,
        affiliation: Affiliation,
        role: Role,
    ) -> None:
        self.nickname = nickname
        self.account = account
        self.occupant_id = occupant_id
        self.affiliation = affiliation
        self.role = role
        self.marks = self.presence_marks = serialise(occupant_id_to_element(occupant_id))
        self.sessions: dict[FullJid, OccupantSession] = {}
        self.tails: tuple[bytes, bytes] | None = None
        self.is_shown = False

    @property
    def rank(self) -> Rank:
        """What it is and may."""
        return Rank(self.affiliation, self.role)

    @property
    def shown(self) -> OccupantSession:
        """The device whose presence is shown."""
        return next(reversed(self.sessions.values()))

    def wear(self, hats: Sequence[Hat]) -> None:
        """Show other hats from now on."""
        written = serialise(hats_to_element(hats)) if hats else b""
        self.presence_marks = self.marks + written
        self.tails = None

    def show(self, session: OccupantSession) -> None:
        """Let the presence of a device be the one that is shown."""
        self.sessions.pop(session.jid, None)
        self.sessions[session.jid] = session
        session.occupant = self
        self.tails = None


class OccupantList:
    """The occupants of one room, in the order of their coming."""

    def __init__(self) -> None:
        self._by_nickname: dict[str, Occupant] = {}
        self._by_key: dict[str, Occupant] = {}
        self._sessions: dict[FullJid, OccupantSession] = {}

    def __len__(self) -> int:
        return len(self._by_nickname)

    def __iter__(self) -> Iterator[Occupant]:
        """All occupants; a copy, so that they may go on the way."""
        return iter(tuple(self._by_nickname.values()))

    @property
    def sessions(self) -> dict[FullJid, OccupantSession]:
        """All devices by real JID; not to be changed."""
        return self._sessions

    def session(self, jid: object) -> OccupantSession | None:
        """Return the device of a real full JID, if it is in the room."""
        return self._sessions.get(jid) if isinstance(jid, FullJid) else None

    def named(self, nickname: str) -> Occupant | None:
        """Return the occupant with exactly this nickname."""
        return self._by_nickname.get(nickname)

    def like(self, nickname: str) -> Occupant | None:
        """Return the occupant whose nickname counts as the same."""
        return self._by_key.get(nickname_key(nickname))

    def of(self, account: BareJid) -> tuple[Occupant, ...]:
        """Return the occupants of an account."""
        return tuple(one for one in self._by_nickname.values() if one.account == account)

    def add(self, occupant: Occupant) -> None:
        """Let somebody in, still without a device."""
        self._by_nickname[occupant.nickname] = occupant
        self._by_key[nickname_key(occupant.nickname)] = occupant

    def add_session(self, occupant: Occupant, session: OccupantSession) -> None:
        """Add a device; its presence is the one that is shown from now on."""
        occupant.show(session)
        self._sessions[session.jid] = session

    def remove_session(self, session: OccupantSession) -> bool:
        """Take a device out; True if it was the last one, so that the occupant has gone."""
        occupant = session.occupant
        self._sessions.pop(session.jid, None)
        occupant.sessions.pop(session.jid, None)
        occupant.tails = None
        if occupant.sessions:
            return False
        self._forget(occupant)
        return True

    def remove(self, occupant: Occupant) -> None:
        """Take an occupant out with all devices, which it keeps, so that they can be told."""
        for jid in occupant.sessions:
            self._sessions.pop(jid, None)
        self._forget(occupant)

    def rename(self, occupant: Occupant, nickname: str) -> None:
        """Give an occupant another nickname."""
        self._forget(occupant)
        occupant.nickname = nickname
        occupant.tails = None
        self.add(occupant)

    def _forget(self, occupant: Occupant) -> None:
        self._by_nickname.pop(occupant.nickname, None)
        self._by_key.pop(nickname_key(occupant.nickname), None)
