"""IQ stanzas (RFC 6120, section 8.2.3) and stanza errors (section 8.3).

Example::

    <iq xmlns='jabber:client' id='v1' type='error'>
      <error type='cancel'>
        <service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>
      </error>
    </iq>
"""

from enum import Enum
from xml.etree.ElementTree import Element, SubElement

from shared_protocol.errors import ErrorType, StanzaCondition, StanzaError
from shared_protocol.namespaces import CLIENT, STANZA_ERRORS

IQ = f"{{{CLIENT}}}iq"
ERROR = f"{{{CLIENT}}}error"
_TEXT = f"{{{STANZA_ERRORS}}}text"


class IqType(Enum):
    """What an IQ is."""

    GET = "get"
    SET = "set"
    RESULT = "result"
    ERROR = "error"


def error_to_element(error: StanzaError) -> Element:
    """Write the ``<error/>`` of a stanza."""
    element = Element(ERROR, type=error.type.value)
    if error.by:
        element.set("by", error.by)
    SubElement(element, f"{{{STANZA_ERRORS}}}{error.condition.value}")
    if error.text:
        SubElement(element, _TEXT).text = error.text
    return element


def error_from_element(stanza: Element) -> StanzaError:
    """Read the error of a stanza of type ``error``; an unknown one is ``undefined-condition``."""
    element = stanza.find(ERROR)
    condition, text, error_type, by = StanzaCondition.UNDEFINED_CONDITION, "", None, ""
    if element is not None:
        names = [child.tag.removeprefix(f"{{{STANZA_ERRORS}}}") for child in element]
        known = {one.value: one for one in StanzaCondition}
        condition = next((known[name] for name in names if name in known), condition)
        text = element.findtext(_TEXT, "")
        error_type = next((one for one in ErrorType if one.value == element.get("type")), None)
        by = element.get("by", "")
    return StanzaError(condition, text, error_type=error_type, by=by)


def request(kind: IqType, stanza_id: str, payload: Element, to_address: str = "") -> Element:
    """Write a get or set."""
    element = Element(IQ, id=stanza_id, type=kind.value)
    if to_address:
        element.set("to", to_address)
    element.append(payload)
    return element


def result(asked: Element, payload: Element | None = None) -> Element:
    """Write the result for a get or set: same id, addresses swapped."""
    element = _answer(asked, IqType.RESULT)
    if payload is not None:
        element.append(payload)
    return element


def failure(asked: Element, error: StanzaError) -> Element:
    """Write the error for a get or set: same id, addresses swapped, no payload repeated."""
    element = _answer(asked, IqType.ERROR)
    element.append(error_to_element(error))
    return element


def _answer(asked: Element, kind: IqType) -> Element:
    element = Element(IQ, id=asked.get("id", ""), type=kind.value)
    for key, value in (("to", asked.get("from")), ("from", asked.get("to"))):
        if value:
            element.set(key, value)
    return element
