"""Ping (XEP-0199 2.0.1).

Example::

    <ping xmlns='urn:xmpp:ping'/>
"""

from xml.etree.ElementTree import Element

from shared_protocol.namespaces import PING

PING_ELEMENT = f"{{{PING}}}ping"


def to_element() -> Element:
    """Write a ping."""
    return Element(PING_ELEMENT)
