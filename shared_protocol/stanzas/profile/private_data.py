"""Private XML storage (XEP-0049 1.2).

Example::

    <query xmlns='jabber:iq:private'>
      <exodus xmlns='exodus:prefs'><defaultnick>Hamlet</defaultnick></exodus>
    </query>
"""

from xml.etree.ElementTree import Element

from shared_protocol.errors import MalformedStanzaError, StanzaCondition, StanzaError
from shared_protocol.namespaces import PRIVATE_DATA

QUERY = f"{{{PRIVATE_DATA}}}query"


def elements_of(query: Element) -> tuple[Element, ...]:
    """Return what is asked for, or is to be stored.

    Raises:
        MalformedStanzaError: It is no such query.
        StanzaError: ``not-acceptable``, there is nothing, or something without a namespace of its
            own (section 3.3).
    """
    if query.tag != QUERY:
        message = f"expected {QUERY}, got {query.tag}"
        raise MalformedStanzaError(message)
    elements = tuple(query)
    if not elements or not all(map(_has_own_namespace, elements)):
        text = "expected elements with namespaces of their own"
        raise StanzaError(StanzaCondition.NOT_ACCEPTABLE, text)
    return elements


def _has_own_namespace(element: Element) -> bool:
    return element.tag.startswith("{") and not element.tag.startswith(f"{{{PRIVATE_DATA}}}")
