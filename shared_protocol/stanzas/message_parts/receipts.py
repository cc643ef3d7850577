"""Delivery receipts (XEP-0184 1.4.0).

Example::

    <received xmlns='urn:xmpp:receipts' id='richard2-4.1.247'/>
"""

from xml.etree.ElementTree import Element

from shared_protocol.namespaces import RECEIPTS

REQUEST = f"{{{RECEIPTS}}}request"
RECEIVED = f"{{{RECEIPTS}}}received"


def request_element() -> Element:
    """Write the request for a receipt."""
    return Element(REQUEST)


def received_element(message_id: str) -> Element:
    """Write a receipt for the message with this stanza id."""
    return Element(RECEIVED, id=message_id)


def is_requested(message: Element) -> bool:
    """Return True if the sender asks for a receipt."""
    return message.find(REQUEST) is not None


def received_id(message: Element) -> str:
    """Return the id that a receipt confirms; empty if the message is no receipt."""
    found = message.find(RECEIVED)
    return "" if found is None else found.get("id", "")
