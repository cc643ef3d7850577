"""Bind 2 (XEP-0386 1.1.0): a resource, and what a session begins with, within the login.

Example::

    <bind xmlns='urn:xmpp:bind:0'>
      <tag>Parlour</tag>
      <enable xmlns='urn:xmpp:carbons:2'/>
      <enable xmlns='urn:xmpp:sm:3' resume='true'/>
      <inactive xmlns='urn:xmpp:csi:0'/>
    </bind>
"""

from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement

from shared_protocol.errors import MalformedStanzaError
from shared_protocol.namespaces import BIND2

BIND_REQUEST = f"{{{BIND2}}}bind"
BOUND = f"{{{BIND2}}}bound"
_TAG = f"{{{BIND2}}}tag"


@dataclass(frozen=True, slots=True)
class BindRequest:
    """A client wants a resource.

    Attributes:
        tag: Becomes part of the resource, for others to see; empty for none.
        features: What the session shall begin with, as elements of other specifications.
    """

    tag: str = ""
    features: tuple[Element, ...] = ()


def from_element(element: Element) -> BindRequest:
    """Read a request.

    Raises:
        MalformedStanzaError: It is none.
    """
    if element.tag != BIND_REQUEST:
        message = f"expected {BIND_REQUEST}, got {element.tag}"
        raise MalformedStanzaError(message)
    features = tuple(one for one in element if not one.tag.startswith(f"{{{BIND2}}}"))
    return BindRequest(element.findtext(_TAG, "").strip(), features)


def to_element(request: BindRequest) -> Element:
    """Write a request."""
    element = Element(BIND_REQUEST)
    if request.tag:
        SubElement(element, _TAG).text = request.tag
    element.extend(request.features)
    return element


def bound_bytes(answers: bytes) -> bytes:
    """Write that a resource is bound, with the answers of what the session begins with."""
    return b"<bound xmlns='%b'>%b</bound>" % (BIND2.encode(), answers)
