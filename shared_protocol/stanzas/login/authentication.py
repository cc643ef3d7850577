"""Extensible SASL Profile (XEP-0388 1.0.4): the nonzas of a login, but for what they carry.

Example::

    <authenticate xmlns='urn:xmpp:sasl:2' mechanism='SCRAM-SHA-1'>
      <initial-response>biwsbj11c2VyLHI9cm9tZW8=</initial-response>
      <user-agent id='d4565fa7-4d72-4749-b3d3-740edbf87770'>
        <software>Parlour</software>
        <device>Orchard</device>
      </user-agent>
    </authenticate>
"""

import base64
import binascii
import re
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, SubElement

from shared_protocol.errors import MalformedStanzaError, SaslCondition, SaslError
from shared_protocol.namespaces import SASL, SASL2
from shared_protocol.xml.writer import escaped

AUTHENTICATE = f"{{{SASL2}}}authenticate"
CHALLENGE = f"{{{SASL2}}}challenge"
RESPONSE = f"{{{SASL2}}}response"
SUCCESS = f"{{{SASL2}}}success"
FAILURE = f"{{{SASL2}}}failure"
_INITIAL = f"{{{SASL2}}}initial-response"
_USER_AGENT = f"{{{SASL2}}}user-agent"
_SOFTWARE = f"{{{SASL2}}}software"
_DEVICE = f"{{{SASL2}}}device"
_ADDITIONAL = f"{{{SASL2}}}additional-data"
_IDENTIFIER = f"{{{SASL2}}}authorization-identifier"
_UUID = re.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_LONGEST_TEXT = 200


@dataclass(frozen=True, slots=True)
class UserAgent:
    """What logs in; nobody else learns of it (section 2.3).

    Attributes:
        id: UUID of the installation, in small letters; empty if it gives none.
        software: Name of the program, as it says.
        device: Name of the device, as it says.
    """

    id: str = ""
    software: str = ""
    device: str = ""


@dataclass(frozen=True, slots=True)
class Authenticate:
    """A client begins to log in.

    Attributes:
        mechanism: As the client names it.
        initial: The initial response; None if there is none.
        inline: What else is wanted, as elements of other specifications.
    """

    mechanism: str
    initial: bytes | None = None
    user_agent: UserAgent = field(default_factory=UserAgent)
    inline: tuple[Element, ...] = ()

    def wanted(self, tag: str) -> Element | None:
        """Return the first inline element of a name."""
        return next((element for element in self.inline if element.tag == tag), None)


@dataclass(frozen=True, slots=True)
class Success:
    """The login is good.

    Attributes:
        identifier: The account, or the full JID if a resource was bound.
        data: What the mechanism adds; None for nothing.
        inline: What became of what else was wanted.
    """

    identifier: str
    data: bytes | None = None
    inline: tuple[Element, ...] = ()


def from_element(element: Element) -> Authenticate:
    """Read ``<authenticate/>``.

    Raises:
        MalformedStanzaError: It is none.
        SaslError: The initial response is not base64.
    """
    if element.tag != AUTHENTICATE:
        message = f"expected {AUTHENTICATE}, got {element.tag}"
        raise MalformedStanzaError(message)
    initial, agent = element.find(_INITIAL), element.find(_USER_AGENT)
    return Authenticate(
        mechanism=element.get("mechanism", ""),
        initial=None if initial is None else data_of(initial),
        user_agent=UserAgent() if agent is None else _user_agent(agent),
        inline=tuple(one for one in element if not one.tag.startswith(f"{{{SASL2}}}")),
    )


def to_element(authenticate: Authenticate) -> Element:
    """Write ``<authenticate/>``."""
    element = Element(AUTHENTICATE, mechanism=authenticate.mechanism)
    if authenticate.initial is not None:
        SubElement(element, _INITIAL).text = _encoded(authenticate.initial)
    agent = authenticate.user_agent
    if agent != UserAgent():
        written = SubElement(element, _USER_AGENT, {"id": agent.id} if agent.id else {})
        for tag, text in ((_SOFTWARE, agent.software), (_DEVICE, agent.device)):
            if text:
                SubElement(written, tag).text = text
    element.extend(authenticate.inline)
    return element


def success_from_element(element: Element) -> Success:
    """Read ``<success/>``.

    Raises:
        MalformedStanzaError: It is none.
        SaslError: Its data is not base64.
    """
    if element.tag != SUCCESS:
        message = f"expected {SUCCESS}, got {element.tag}"
        raise MalformedStanzaError(message)
    data = element.find(_ADDITIONAL)
    return Success(
        identifier=element.findtext(_IDENTIFIER, "").strip(),
        data=None if data is None else data_of(data),
        inline=tuple(one for one in element if not one.tag.startswith(f"{{{SASL2}}}")),
    )


def data_of(element: Element) -> bytes:
    """Return what an element carries; an empty one carries no bytes (section 2.2).

    Raises:
        SaslError: It is not base64.
    """
    try:
        return base64.b64decode((element.text or "").strip(), validate=True)
    except (binascii.Error, ValueError):
        raise SaslError(SaslCondition.INCORRECT_ENCODING, "not base64") from None


def challenge_bytes(data: bytes) -> bytes:
    """Write a challenge."""
    return f"<challenge xmlns='{SASL2}'>{_encoded(data)}</challenge>".encode()


def failure_bytes(condition: SaslCondition) -> bytes:
    """Write that a login failed; the condition is one of RFC 6120."""
    return f"<failure xmlns='{SASL2}'><{condition.value} xmlns='{SASL}'/></failure>".encode()


def success_bytes(identifier: object, data: bytes | None, inline: bytes = b"") -> bytes:
    """Write that a login is good, and what became of what else was wanted."""
    added = "" if data is None else f"<additional-data>{_encoded(data)}</additional-data>"
    shown = f"<authorization-identifier>{escaped(str(identifier))}</authorization-identifier>"
    head = f"<success xmlns='{SASL2}'>{added}{shown}".encode()
    return head + inline + b"</success>"


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _user_agent(element: Element) -> UserAgent:
    """Read what logs in; an id that is no UUID counts as none (section 2.3)."""
    written = element.get("id", "")
    return UserAgent(
        id=written.lower() if _UUID.fullmatch(written) else "",
        software=element.findtext(_SOFTWARE, "").strip()[:_LONGEST_TEXT],
        device=element.findtext(_DEVICE, "").strip()[:_LONGEST_TEXT],
    )
