"""Ping (XEP-0199 2.0.1): asks an entity whether it is there.

Example::

    <ping xmlns='urn:xmpp:ping'/>
"""

from xml.etree.ElementTree import Element

from shared_protocol.namespaces import PING

PING_ELEMENT = f"{{{PING}}}ping"


def is_ping(payload: Element) -> bool:
    """Return whether a payload is a ping."""
    return payload.tag == PING_ELEMENT


def to_element() -> Element:
    """Write a ping."""
    return Element(PING_ELEMENT)
