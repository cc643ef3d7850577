"""What a client can do without while nobody looks at it (XEP-0352 1.0.0, Client State Indication).

Example::

    <inactive xmlns='urn:xmpp:csi:0'/>
"""

from collections.abc import Iterable
from enum import Enum
from xml.etree.ElementTree import Element

from shared_protocol.errors import MalformedStanzaError, StreamError
from shared_protocol.namespaces import (
    CARBONS,
    CHAT_MARKERS,
    CHAT_STATES,
    CLIENT,
    CLIENT_STATE,
    DELAY,
    FORWARDING,
    HINTS,
    MUC_USER,
    OCCUPANT_IDS,
    PUBSUB_EVENT,
    RECEIPTS,
    STANZA_IDS,
)
from shared_protocol.xml.elements import element_of
from shared_protocol.xml.framer import frame_of
from shared_protocol.xml.raw_tags import attributes_of


class ClientState(Enum):
    """Whether somebody looks at the client; its name is that of the nonza."""

    ACTIVE = "active"
    INACTIVE = "inactive"


_TAGS = {f"{{{CLIENT_STATE}}}{state.value}": state for state in ClientState}
_SHOWN_PRESENCE = frozenset({b"", b"unavailable"})
_ROOM, _OWN_PRESENCE_IN_ROOM = MUC_USER.encode(), b"110"
_BODY = b"<body"
_IDLE_NAMESPACES = frozenset(
    {CHAT_MARKERS, CHAT_STATES, DELAY, HINTS, OCCUPANT_IDS, PUBSUB_EVENT, STANZA_IDS}
)
_IDLE_NAMES = frozenset({f"{RECEIPTS} received", f"{CLIENT} thread"})
_COPIES = frozenset({f"{CARBONS} received", f"{CARBONS} sent"})
_COPIED = f"*/{{{FORWARDING}}}forwarded/{{{CLIENT}}}message"


def from_element(nonza: Element) -> ClientState:
    """Read a nonza.

    Raises:
        MalformedStanzaError: It is none of the two.
    """
    state = _TAGS.get(nonza.tag)
    if state is None:
        message = f"expected active or inactive, got {nonza.tag}"
        raise MalformedStanzaError(message)
    return state


def to_element(state: ClientState) -> Element:
    """Write a nonza."""
    return Element(f"{{{CLIENT_STATE}}}{state.value}")


def may_wait(stanza: bytes) -> bool:
    """Return whether a client that nobody looks at can do without a stanza for a while.

    That is presence but for what is asked and refused, and for the own one in a room, which ends
    the joining; and messages that say nothing to a reader: chat states, receipts, markers, events
    of publishing, and copies of such. What is not known goes at once.

    Args:
        stanza: As it is written on a stream.
    """
    if stanza.startswith(b"<presence"):
        is_own_in_room = _ROOM in stanza and _OWN_PRESENCE_IN_ROOM in stanza
        return _type_of(stanza) in _SHOWN_PRESENCE and not is_own_in_room
    if not stanza.startswith(b"<message") or _BODY in stanza or _type_of(stanza) == b"error":
        return False
    try:
        children = frame_of(stanza).children
    except StreamError:
        return False
    if _COPIES.isdisjoint(children):
        return _are_idle(children)
    copied = element_of(stanza).find(_COPIED)
    return copied is not None and _are_idle(child.tag[1:].replace("}", " ") for child in copied)


def _are_idle(children: Iterable[str]) -> bool:
    return all(
        name in _IDLE_NAMES or name.partition(" ")[0] in _IDLE_NAMESPACES for name in children
    )


def _type_of(stanza: bytes) -> bytes:
    for match in attributes_of(stanza):
        if match[1] == b"type":
            return match[0].partition(b"=")[2].strip()[1:-1]
    return b""
