"""The wrapper of everything in BOSH (XEP-0124 1.11.2, section 6; XEP-0206 1.4).

Example::

    <body xmlns='http://jabber.org/protocol/httpbind' xmlns:xmpp='urn:xmpp:xbosh' content='text/xml'
        hold='1' rid='1573741820' to='montague.lit' ver='1.6' wait='60' xmpp:version='1.0'/>
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from shared_protocol.errors import MalformedStanzaError
from shared_protocol.namespaces import CLIENT, HTTP_BIND, STREAMS, XMPP_OVER_BOSH
from shared_protocol.xml.elements import element_of
from shared_protocol.xml.frames import LANGUAGE, StanzaFrame, StreamHeader
from shared_protocol.xml.writer import serialise, start_tag

_BODY = f"{HTTP_BIND} body"
_IN_BODY = f"{{{HTTP_BIND}}}"
_NUMBER = re.compile("[0-9]{1,16}")
_HIGHEST_RID = 2**53 - 1
_TRUE = frozenset({"true", "1"})
_VERSION = re.compile(r"([0-9]{1,4})\.([0-9]{1,4})")
_OWN_VERSION = (1, 11)


@dataclass(frozen=True, slots=True)
class BoshRequest:
    """What the wrapper of one request says.

    Attributes:
        rid: Its number in the session.
        sid: Which session; empty for a new one.
        wait, hold: Seconds that a request may be held, and how many of them; of a new session.
        version: Of BOSH, as the client speaks it; None for clients older than that.
        pause: Seconds; None if the client asks for no pause.
        ack: Highest request whose answer has arrived, with all before it; None if not told.
        is_restart, is_terminate: What else is wanted.
        language: ``xml:lang``.
    """

    rid: int
    sid: str = ""
    to: str = ""
    sender: str = ""
    language: str = ""
    wait: int = 0
    hold: int = 0
    version: tuple[int, int] | None = None
    pause: int | None = None
    ack: int | None = None
    is_restart: bool = False
    is_terminate: bool = False


def request_of(header: StreamHeader) -> BoshRequest:
    """Read the wrapper of a request.

    Raises:
        MalformedStanzaError: It is none, or has no number.
    """
    attributes = header.attributes
    rid = _number(attributes, "rid")
    if header.name != _BODY or rid is None or rid > _HIGHEST_RID:
        message = "expected the body of BOSH with a request id"
        raise MalformedStanzaError(message)
    return BoshRequest(
        rid=rid,
        sid=attributes.get("sid", ""),
        to=attributes.get("to", ""),
        sender=attributes.get("from", ""),
        language=attributes.get(LANGUAGE, ""),
        wait=_number(attributes, "wait") or 0,
        hold=_number(attributes, "hold") or 0,
        version=_version(attributes.get("ver", "")),
        pause=_number(attributes, "pause"),
        ack=_number(attributes, "ack"),
        is_restart=attributes.get(f"{XMPP_OVER_BOSH} restart", "") in _TRUE,
        is_terminate=attributes.get("type") == "terminate",
    )


def payload_of(frame: StanzaFrame, header: StreamHeader) -> bytes:
    """Write a payload so that it can be parsed alone.

    Clients may leave out the namespace of stanzas (XEP-0206, section 2).

    Args:
        frame: A child of the wrapper.
        header: The wrapper.
    """
    element = element_of(frame.raw, header.namespaces.get("", HTTP_BIND), header.namespaces)
    _into_client(element)
    return serialise(element, "")


def body(attributes: Mapping[str, str], payloads: Sequence[bytes] = ()) -> bytes:
    """Write the wrapper of an answer.

    Args:
        attributes: In order; those without a value are left out.
        payloads: Elements, each of which declares its namespaces.
    """
    names = {"xmlns": HTTP_BIND, "xmlns:xmpp": XMPP_OVER_BOSH, "xmlns:stream": STREAMS}
    opening = start_tag("body", names | dict(attributes))
    if not payloads:
        return opening[:-1] + b"/>"
    return b"".join((opening, *payloads, b"</body>"))


def spoken_version(version: tuple[int, int]) -> str:
    """Return the lower of a client's version and ours (section 7.2)."""
    return ".".join(map(str, min(version, _OWN_VERSION)))


def _number(attributes: Mapping[str, str], name: str) -> int | None:
    text = attributes.get(name, "")
    return int(text) if _NUMBER.fullmatch(text) else None


def _version(text: str) -> tuple[int, int] | None:
    match = _VERSION.fullmatch(text)
    return (int(match[1]), int(match[2])) if match else None


def _into_client(element: Element) -> None:
    if element.tag.startswith(_IN_BODY):
        element.tag = f"{{{CLIENT}}}{element.tag.removeprefix(_IN_BODY)}"
        for child in element:
            _into_client(child)
