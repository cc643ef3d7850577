"""Presence (RFC 6121, section 4).

Example::

    <presence xmlns='jabber:client'><show>away</show><status>be right back</status>
      <priority>5</priority>
      <c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='http://code.example/psi'
         ver='QgayPKawpkPSDYmwT/WM94uAlu0='/>
    </presence>
"""

import re
from dataclasses import dataclass
from enum import Enum
from xml.etree.ElementTree import Element, SubElement

from shared_protocol.errors import MalformedStanzaError
from shared_protocol.namespaces import CLIENT
from shared_protocol.stanzas.caps import Capabilities, capabilities_of
from shared_protocol.stanzas.caps import to_element as capabilities_to_element
from shared_protocol.stanzas.delay import Delay, delays_of
from shared_protocol.stanzas.delay import to_element as delay_to_element
from shared_protocol.stanzas.plain_text import text_of

PRESENCE = f"{{{CLIENT}}}presence"
_SHOW = f"{{{CLIENT}}}show"
_STATUS = f"{{{CLIENT}}}status"
_PRIORITY = f"{{{CLIENT}}}priority"
_PRIORITIES = range(-128, 128)
_NUMBER = re.compile(r"[+-]?[0-9]{1,9}")


class PresenceType(Enum):
    """What a presence stanza is for; available has no ``type`` on the wire."""

    AVAILABLE = "available"
    UNAVAILABLE = "unavailable"
    SUBSCRIBE = "subscribe"
    SUBSCRIBED = "subscribed"
    UNSUBSCRIBE = "unsubscribe"
    UNSUBSCRIBED = "unsubscribed"
    PROBE = "probe"
    ERROR = "error"


SUBSCRIPTION_TYPES = frozenset(
    {
        PresenceType.SUBSCRIBE,
        PresenceType.SUBSCRIBED,
        PresenceType.UNSUBSCRIBE,
        PresenceType.UNSUBSCRIBED,
    }
)


class Show(Enum):
    """How available somebody is (section 4.7.2.1); plainly available has none."""

    AWAY = "away"
    CHAT = "chat"
    DND = "dnd"
    XA = "xa"


@dataclass(frozen=True, slots=True)
class Presence:
    """What a presence stanza says.

    Attributes:
        status: Free text; empty if there is none.
        priority: -128 to 127.
        capabilities: What the program announces that it can do; None if nothing.
        delays: In order; only those by one's own server or room are to be believed.
    """

    type: PresenceType = PresenceType.AVAILABLE
    show: Show | None = None
    status: str = ""
    priority: int = 0
    capabilities: Capabilities | None = None
    delays: tuple[Delay, ...] = ()


def from_element(element: Element) -> Presence:
    """Read a presence stanza; an unknown show or priority counts as none (section 4.7.2).

    Raises:
        MalformedStanzaError: It is no presence stanza, or its type is unknown.
    """
    if element.tag != PRESENCE:
        message = f"expected {PRESENCE}, got {element.tag}"
        raise MalformedStanzaError(message)
    return Presence(
        type=type_of(element.get("type")),
        show=_show_of(element.findtext(_SHOW, "").strip()),
        status=text_of(element, _STATUS) or "",
        priority=priority_of(element.findtext(_PRIORITY, "0")),
        capabilities=capabilities_of(element),
        delays=delays_of(element),
    )


def to_element(presence: Presence, to_address: str = "") -> Element:
    """Write a presence stanza.

    Args:
        presence: What it says.
        to_address: To whom; empty for everybody who may know.
    """
    element = Element(PRESENCE)
    if to_address:
        element.set("to", to_address)
    if presence.type is not PresenceType.AVAILABLE:
        element.set("type", presence.type.value)
    if presence.show is not None:
        SubElement(element, _SHOW).text = presence.show.value
    if presence.status:
        SubElement(element, _STATUS).text = presence.status
    if presence.priority:
        SubElement(element, _PRIORITY).text = str(presence.priority)
    if presence.capabilities is not None:
        element.append(capabilities_to_element(presence.capabilities))
    element.extend(map(delay_to_element, presence.delays))
    return element


def type_of(text: str | None) -> PresenceType:
    """Return the type of a ``type`` attribute.

    Raises:
        MalformedStanzaError: It is unknown, or written out where nothing stands on the wire.
    """
    if text is None:
        return PresenceType.AVAILABLE
    try:
        found = PresenceType(text)
    except ValueError:
        found = PresenceType.AVAILABLE
    if found is PresenceType.AVAILABLE:
        message = f"unknown type of presence: {text!r}"
        raise MalformedStanzaError(message)
    return found


def priority_of(text: str) -> int:
    """Return a priority; what is no number from -128 to 127 counts as 0."""
    text = text.strip()
    number = int(text) if _NUMBER.fullmatch(text) else 0
    return number if number in _PRIORITIES else 0


def _show_of(text: str) -> Show | None:
    return next((show for show in Show if show.value == text), None)
