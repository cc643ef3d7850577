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

from shared_protocol.errors import (
    ErrorType,
    MalformedStanzaError,
    StanzaCondition,
    StanzaError,
)
from shared_protocol.namespaces import CLIENT, STANZA_ERRORS
from shared_protocol.stanzas.plain_text import text_of
from shared_protocol.xml.elements import element_of
from shared_protocol.xml.writer import serialise

IQ = f"{{{CLIENT}}}iq"
ERROR = f"{{{CLIENT}}}error"
_TEXT = f"{{{STANZA_ERRORS}}}text"


class IqType(Enum):
    """What an IQ is."""

    GET = "get"
    SET = "set"
    RESULT = "result"
    ERROR = "error"


_TYPES = {kind.value: kind for kind in IqType}
_CONDITIONS = {f"{{{STANZA_ERRORS}}}{one.value}": one for one in StanzaCondition}
_ERROR_TYPES = {one.value: one for one in ErrorType}


def type_of(iq: Element) -> IqType:
    """Return the type of an IQ.

    Raises:
        MalformedStanzaError: It is no IQ, has no id, or an unknown type (RFC 6120, section 8.2.3);
            a server answers ``bad-request``.
    """
    kind = _TYPES.get(iq.get("type", ""))
    if iq.tag != IQ or kind is None or not iq.get("id"):
        message = f"expected an IQ with id and type, got {iq.tag} of type {iq.get('type')!r}"
        raise MalformedStanzaError(message)
    return kind


def payload_of(iq: Element) -> Element | None:
    """Return the payload of an IQ: the only child of a get or set, the first of another.

    Raises:
        MalformedStanzaError: It is not well formed as ``type_of`` says, or a get or set has not
            exactly one child, or a result more than one.
    """
    kind = type_of(iq)
    children = [child for child in iq if child.tag != ERROR]
    is_request = kind in {IqType.GET, IqType.SET}
    if (is_request and len(iq) != 1) or (kind is IqType.RESULT and len(iq) > 1):
        message = f"expected one payload in an IQ of type {kind.value}, got {len(iq)}"
        raise MalformedStanzaError(message)
    return children[0] if children else None


def error_to_element(error: StanzaError) -> Element:
    """Write the ``<error/>`` of a stanza."""
    element = Element(ERROR, type=error.type.value)
    if error.by:
        element.set("by", error.by)
    SubElement(element, f"{{{STANZA_ERRORS}}}{error.condition.value}")
    if error.text:
        SubElement(element, _TEXT).text = error.text
    if error.detail:
        element.append(element_of(error.detail))
    return element


def error_from_element(stanza: Element) -> StanzaError:
    """Read the error of a stanza of type ``error``; an unknown one is ``undefined-condition``."""
    element = stanza.find(ERROR)
    condition, text, error_type, by = StanzaCondition.UNDEFINED_CONDITION, "", None, ""
    detail = b""
    if element is not None:
        known = (_CONDITIONS[child.tag] for child in element if child.tag in _CONDITIONS)
        condition = next(known, condition)
        text = text_of(element, _TEXT) or ""
        error_type = _ERROR_TYPES.get(element.get("type", ""))
        by = element.get("by", "")
        detail = next((serialise(one) for one in element if _is_detail(one)), b"")
    return StanzaError(condition, text, error_type=error_type, by=by, detail=detail)


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


def _is_detail(child: Element) -> bool:
    """Whether it is an application's own condition, in a namespace that its bytes declare."""
    namespace = child.tag[1:].rpartition("}")[0]
    return namespace not in {"", CLIENT, STANZA_ERRORS}


def _answer(asked: Element, kind: IqType) -> Element:
    element = Element(IQ, id=asked.get("id", ""), type=kind.value)
    for key, value in (("to", asked.get("from")), ("from", asked.get("to"))):
        if value:
            element.set(key, value)
    return element
