"""Presence (RFC 6121, section 4).

Example::

    <presence xmlns='jabber:client'><show>away</show><status>be right back</status>
      <priority>5</priority></presence>
"""

from dataclasses import dataclass
from enum import Enum
from xml.etree.ElementTree import Element, SubElement

from shared_protocol.errors import MalformedStanzaError
from shared_protocol.namespaces import CLIENT

PRESENCE = f"{{{CLIENT}}}presence"
_SHOW = f"{{{CLIENT}}}show"
_STATUS = f"{{{CLIENT}}}status"
_PRIORITY = f"{{{CLIENT}}}priority"
_PRIORITIES = range(-128, 128)


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
    """

    type: PresenceType = PresenceType.AVAILABLE
    show: Show | None = None
    status: str = ""
    priority: int = 0


def from_element(element: Element) -> Presence:
    """Read a presence stanza; an unknown show or priority counts as none (section 4.7.2.3).

    Raises:
        MalformedStanzaError: It is no presence stanza, or its type is unknown.
    """
    if element.tag != PRESENCE:
        message = f"expected {PRESENCE}, got {element.tag}"
        raise MalformedStanzaError(message)
    return Presence(
        type=type_of(element.get("type")),
        show=_show_of(element.findtext(_SHOW, "").strip()),
        status=element.findtext(_STATUS, ""),
        priority=priority_of(element.findtext(_PRIORITY, "0")),
    )


def to_element(presence: Presence) -> Element:
    """Write a presence stanza."""
    element = Element(PRESENCE)
    if presence.type is not PresenceType.AVAILABLE:
        element.set("type", presence.type.value)
    if presence.show is not None:
        SubElement(element, _SHOW).text = presence.show.value
    if presence.status:
        SubElement(element, _STATUS).text = presence.status
    if presence.priority:
        SubElement(element, _PRIORITY).text = str(presence.priority)
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
    try:
        number = int(text.strip())
    except ValueError:
        return 0
    return number if number in _PRIORITIES else 0


def _show_of(text: str) -> Show | None:
    return next((show for show in Show if show.value == text), None)
