"""Tells all occupants of a room what happened: written once, sent to each.

Per receiver only the name of the element, its ``to`` and the rest are joined. Of presence there are
at most two forms for the others, with and without the real JID, and one for the occupant itself.
"""

from collections.abc import Iterable

from embedded_server.modules.room_state.list_changes import (
    OccupantChanged,
    OccupantRemoved,
    RoomEvent,
)
from embedded_server.modules.room_state.occupants import Occupant, OccupantSession
from embedded_server.modules.room_state.room import Room
from embedded_server.modules.rooms.presence_writing import (
    NOTHING,
    PRESENCE,
    Circumstance,
    available,
    both_tails,
    destroyed,
    presence_tails,
    unavailable,
)
from shared_protocol.addresses import FullJid
from shared_protocol.namespaces import MUC_USER
from shared_protocol.stanzas.rooms.room_payload import Destruction
from shared_protocol.stanzas.rooms.status_codes import StatusCode
from shared_protocol.xml.writer import attribute

MESSAGE = b"<message"


def send(session: OccupantSession, stanza: bytes) -> None:
    """Send one stanza to one device, behind the history if that is still under way."""
    if session.backlog is None:
        session.send(stanza)
    else:
        session.backlog.append(stanza)


def send_to_all(sessions: Iterable[OccupantSession], head: bytes, tail: bytes) -> None:
    """Send the same stanza to many devices.

    Args:
        sessions: To whom.
        head: ``<`` and the name of the element.
        tail: What follows ``to``, to the end.
    """
    for session in sessions:
        stanza = b"".join((head, session.to, tail))
        if session.backlog is None:
            session.send(stanza)
        else:
            session.backlog.append(stanza)


def show(
    room: Room,
    occupant: Occupant,
    told: Circumstance = NOTHING,
    *,
    newcomer: OccupantSession | None = None,
) -> None:
    """Tell everybody the presence of an occupant: the others first, then itself (7.2.2).

    Args:
        room: Where.
        occupant: Who is there, new or changed.
        told: Why it has another rank.
        newcomer: The device that has just come, and is told later, in another order.
    """
    is_visible = occupant.role in room.configuration.broadcast_roles
    if is_visible:
        is_plain = told is NOTHING
        tails = presence_tails(room, occupant) if is_plain else both_tails(room, occupant, told)
        _send_to_others(room, occupant, *tails)
    elif occupant.is_shown:
        _hide(room, occupant)
    occupant.is_shown = is_visible
    devices = [one for one in occupant.sessions.values() if one is not newcomer]
    if devices:
        show_to_itself(room, occupant, devices, told.to_itself())


def show_to_itself(
    room: Room,
    occupant: Occupant,
    devices: Iterable[OccupantSession],
    told: Circumstance,
    stanza_id: str = "",
) -> None:
    """Tell an occupant its own presence.

    Args:
        room: Where.
        occupant: Whom.
        devices: On which of its devices.
        told: Among it that it is itself.
        stanza_id: Of the presence that is answered; empty if none is.
    """
    tail = available(room, occupant, told, has_jid=room.shows_jids_to(occupant.role))
    if stanza_id:
        tail = attribute("id", stanza_id).encode() + tail
    send_to_all(devices, PRESENCE, tail)


def show_all_to(room: Room, receiver: OccupantSession) -> None:
    """Tell a device the presence of all other occupants (section 7.2.2)."""
    own = receiver.occupant
    has_jids = room.shows_jids_to(own.role)
    for occupant in room.occupants:
        if occupant is not own and occupant.is_shown:
            tail = presence_tails(room, occupant)[has_jids]
            send(receiver, b"".join((PRESENCE, receiver.to, tail)))


def tell_removed(room: Room, events: Iterable[RoomEvent]) -> None:
    """Tell those who were removed that they are out (sections 8.2 and 9.1)."""
    for event in events:
        if isinstance(event, OccupantRemoved):
            told = _circumstance(event).to_itself()
            tail = unavailable(room, event.occupant, told, None)
            send_to_all(event.occupant.sessions.values(), PRESENCE, tail)


def tell_others(room: Room, events: Iterable[RoomEvent]) -> None:
    """Tell everybody who is in the room what became of others; see ``tell_removed``."""
    for event in events:
        if isinstance(event, OccupantChanged):
            show(room, event.occupant, Circumstance(reason=event.reason, actor=event.actor))
        elif event.occupant.is_shown:
            _tell_gone(room, event.occupant, _circumstance(event), event.occupant.shown.jid)


def tell_left(
    room: Room, occupant: Occupant, session: OccupantSession, told: Circumstance = NOTHING
) -> None:
    """Tell that a device has left, itself first (section 7.14).

    Args:
        room: From where.
        occupant: Whose device; if it has others, only that device is told.
        session: The device; it is out already.
        told: What it says at parting; why, if not by its own will.
    """
    own = unavailable(room, occupant, told.to_itself(), session.jid)
    session.send(b"".join((PRESENCE, session.to, own)))
    if not occupant.sessions and occupant.is_shown:
        _tell_gone(room, occupant, told, session.jid)


def tell_renamed(room: Room, occupant: Occupant, session: OccupantSession, nickname: str) -> None:
    """Tell that an occupant takes another nickname; to be called before it has it (section 7.6).

    Args:
        room: Where.
        occupant: Under its old nickname; if it has other devices, it stays, and only the one that
            takes the new nickname is told.
        session: That device.
        nickname: The new one.
    """
    told = Circumstance(frozenset({StatusCode.NICKNAME_CHANGED}), nickname=nickname)
    jid, role = session.jid, occupant.role
    if len(occupant.sessions) == 1 and occupant.is_shown:
        without, with_jid = (unavailable(room, occupant, told, one, role) for one in (None, jid))
        _send_to_others(room, occupant, without, with_jid)
    own = unavailable(room, occupant, told.to_itself(), jid, role)
    send(session, b"".join((PRESENCE, session.to, own)))


def tell_destroyed(room: Room, destruction: Destruction) -> None:
    """Tell every device, once, that the room is no more (section 10.9)."""
    for occupant in room.occupants:
        tail = destroyed(room, occupant, destruction)
        for session in occupant.sessions.values():
            session.send(b"".join((PRESENCE, session.to, tail)))


def tell_stopping(room: Room) -> None:
    """Tell every device, once, that it is out because the service stops (section 11.2)."""
    told = Circumstance(frozenset({StatusCode.SERVICE_STOPS})).to_itself()
    for occupant in room.occupants:
        tail = unavailable(room, occupant, told, None)
        for session in occupant.sessions.values():
            session.send(b"".join((PRESENCE, session.to, tail)))


def tell_codes(room: Room, codes: Iterable[StatusCode]) -> None:
    """Tell everybody what has changed of the configuration (section 10.2.1)."""
    numbers = sorted(int(code) for code in codes)
    if not numbers:
        return
    statuses = "".join(f"<status code='{number}'/>" for number in numbers)
    tail = (
        f" type='groupchat'{room.sender_attribute.decode()}>"
        f"<x xmlns='{MUC_USER}'>{statuses}</x></message>"
    )
    send_to_all(room.occupants.sessions.values(), MESSAGE, tail.encode())


def _tell_gone(room: Room, occupant: Occupant, told: Circumstance, jid: FullJid) -> None:
    """Tell all who are still in the room that an occupant has gone."""
    without, with_jid = (unavailable(room, occupant, told, one) for one in (None, jid))
    _send_to_others(room, occupant, without, with_jid)


def _hide(room: Room, occupant: Occupant) -> None:
    """Tell the others that an occupant is not shown any more, though it stays."""
    jid, role = occupant.shown.jid, occupant.role
    without, with_jid = (unavailable(room, occupant, NOTHING, one, role) for one in (None, jid))
    _send_to_others(room, occupant, without, with_jid)


def _send_to_others(room: Room, occupant: Occupant, without_jid: bytes, with_jid: bytes) -> None:
    for other in room.occupants:
        if other is not occupant:
            tail = with_jid if room.shows_jids_to(other.role) else without_jid
            send_to_all(other.sessions.values(), PRESENCE, tail)


def _circumstance(event: OccupantRemoved) -> Circumstance:
    return Circumstance(frozenset({event.code}), event.reason, event.actor)
