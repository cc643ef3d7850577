"""What only an owner does: configuration and destruction, ``muc#owner`` (XEP-0045 1.35.5, 10).

Example::

    <query xmlns='http://jabber.org/protocol/muc#owner'>
      <destroy jid='coven@chat.shakespeare.lit'>
        <reason>Macbeth doth come.</reason>
      </destroy>
    </query>
"""

from xml.etree.ElementTree import Element, SubElement

from shared_protocol.errors import MalformedStanzaError
from shared_protocol.namespaces import MUC_OWNER
from shared_protocol.stanzas.rooms.room_payload import Destruction, address_of

QUERY = f"{{{MUC_OWNER}}}query"
_DESTROY = f"{{{MUC_OWNER}}}destroy"
_REASON = f"{{{MUC_OWNER}}}reason"
_PASSWORD = f"{{{MUC_OWNER}}}password"


def destruction_of(query: Element) -> Destruction | None:
    """Return the wish to destroy the room; None if it is about the configuration.

    Raises:
        MalformedStanzaError: It is no query, or the venue is no address.
    """
    if query.tag != QUERY:
        message = f"expected {QUERY}, got {query.tag}"
        raise MalformedStanzaError(message)
    element = query.find(_DESTROY)
    if element is None:
        return None
    return Destruction(
        address_of(element), element.findtext(_REASON, ""), element.findtext(_PASSWORD, "")
    )


def destruction_to_element(destruction: Destruction) -> Element:
    """Write the wish to destroy the room."""
    query = Element(QUERY)
    element = SubElement(query, _DESTROY)
    if destruction.venue is not None:
        element.set("jid", str(destruction.venue))
    for tag, text in ((_PASSWORD, destruction.password), (_REASON, destruction.reason)):
        if text:
            SubElement(element, tag).text = text
    return query


def form_query(form: Element | None = None) -> Element:
    """Write a query around a form; without one, the question for the form (section 10.1.3)."""
    query = Element(QUERY)
    if form is not None:
        query.append(form)
    return query
