"""Presence of occupants as bytes: what follows the name of the element, without ``to``.

A room adds to presence what an occupant is, its id and its hats (XEP-0045 1.35.5, section 17.3).
"""

from collections.abc import Iterable
from typing import NamedTuple

from embedded_server.modules.room_state.occupants import Occupant
from embedded_server.modules.room_state.room import Room
from shared_protocol.addresses import FullJid
from shared_protocol.stanzas.rooms import room_payload
from shared_protocol.stanzas.rooms.ranks import Affiliation, Role
from shared_protocol.stanzas.rooms.room_payload import Destruction, RoomItem, RoomPayload
from shared_protocol.stanzas.rooms.status_codes import StatusCode
from shared_protocol.xml.writer import attribute, serialise

PRESENCE = b"<presence"
_END = b"</presence>"
_GONE = b" type='unavailable'"


class Circumstance(NamedTuple):
    """Why and how something happened to an occupant.

    Attributes:
        codes: What is told by number.
        reason: As who did it wrote; empty if not told.
        actor: Nickname of who did it; empty if not told.
        nickname: The new one, if that is what happened.
        payload: What the occupant says at parting, written.
    """

    codes: frozenset[StatusCode] = frozenset()
    reason: str = ""
    actor: str = ""
    nickname: str = ""
    payload: bytes = b""

    def to_itself(self, codes: Iterable[StatusCode] = ()) -> "Circumstance":
        """Return what the occupant itself is told."""
        return self._replace(codes=self.codes | {StatusCode.SELF} | set(codes))


NOTHING = Circumstance()


def presence_tails(room: Room, occupant: Occupant) -> tuple[bytes, bytes]:
    """Return an occupant's presence without and with the real JID; kept until it changes."""
    tails = occupant.tails
    if tails is None:
        tails = occupant.tails = both_tails(room, occupant, NOTHING)
    return tails


def both_tails(room: Room, occupant: Occupant, told: Circumstance) -> tuple[bytes, bytes]:
    """Return the same, with what is told by the way."""
    without = available(room, occupant, told, has_jid=False)
    return without, available(room, occupant, told, has_jid=True)


def available(room: Room, occupant: Occupant, told: Circumstance, *, has_jid: bool) -> bytes:
    """Write that an occupant is there."""
    session = occupant.shown
    jid = session.jid if has_jid else None
    item = RoomItem(occupant.affiliation, occupant.role, jid, actor=told.actor, reason=told.reason)
    written = serialise(room_payload.to_element(RoomPayload(item, _numbers(told.codes))))
    sender = _sender(room, occupant)
    return b"".join(
        (sender, session.language, b">", session.payload, written, occupant.presence_marks, _END)
    )


def unavailable(
    room: Room,
    occupant: Occupant,
    told: Circumstance,
    jid: FullJid | None,
    role: Role = Role.NONE,
) -> bytes:
    """Write that an occupant is gone, or is not shown any more.

    Args:
        room: From where.
        occupant: Who.
        told: Why.
        jid: The real JID, for those who may see it.
        role: If it has one still.
    """
    item = RoomItem(occupant.affiliation, role, jid, told.nickname, told.actor, told.reason)
    written = serialise(room_payload.to_element(RoomPayload(item, _numbers(told.codes))))
    sender = _sender(room, occupant)
    return b"".join((_GONE, sender, b">", told.payload, written, occupant.marks, _END))


def destroyed(room: Room, occupant: Occupant, destruction: Destruction) -> bytes:
    """Write that an occupant is out because the room is no more (section 10.9)."""
    payload = RoomPayload(RoomItem(), destruction=destruction)
    written = serialise(room_payload.to_element(payload))
    return b"".join((_GONE, _sender(room, occupant), b">", written, occupant.marks, _END))


def never_there(address: FullJid) -> bytes:
    """Write what somebody is told who believes to be in a room and is not (section 7.2.17).

    Args:
        address: Occupant JID that was used.
    """
    item = RoomItem(Affiliation.NONE, Role.NONE, reason="You are not in the room.")
    codes = {StatusCode.SELF, StatusCode.KICKED, StatusCode.REMOVED_BY_ERROR}
    written = serialise(room_payload.to_element(RoomPayload(item, _numbers(codes))))
    return b"".join((_GONE, attribute("from", str(address)).encode(), b">", written, _END))


def _sender(room: Room, occupant: Occupant) -> bytes:
    return attribute("from", str(room.address_of(occupant.nickname))).encode()


def _numbers(codes: Iterable[StatusCode]) -> frozenset[int]:
    return frozenset(map(int, codes))
