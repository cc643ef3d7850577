"""Fast authentication (XEP-0484 0.2.0): tokens for later logins, within a login.

Example::

    <token xmlns='urn:xmpp:fast:0' token='WXZzciBwYmFmdmZnZiBqdmd1IGp2eXFhcmZm'
           expiry='2030-03-12T14:36:15.000Z'/>
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from xml.etree.ElementTree import Element

from shared_protocol.errors import MalformedStanzaError
from shared_protocol.namespaces import FAST
from shared_protocol.stanzas.delay import moment_from_text, moment_to_text
from shared_protocol.xml.writer import attribute

USE = f"{{{FAST}}}fast"
REQUEST = f"{{{FAST}}}request-token"
TOKEN = f"{{{FAST}}}token"
_TRUE = frozenset({"1", "true"})


@dataclass(frozen=True, slots=True, repr=False)
class Token:
    """A secret with which one device may log in.

    Attributes:
        expiry: UTC.
    """

    token: str
    expiry: datetime


def feature_bytes(mechanisms: Iterable[str]) -> bytes:
    """Write with which mechanisms tokens are taken; nothing if with none."""
    written = "".join(f"<mechanism>{name}</mechanism>" for name in mechanisms)
    return f"<fast xmlns='{FAST}'>{written}</fast>".encode() if written else b""


def is_last_use(element: Element) -> bool:
    """Read ``<fast/>`` of a login: whether its token shall be good for nothing afterwards."""
    return element.get("invalidate", "").strip() in _TRUE


def requested_mechanism(element: Element) -> str:
    """Read ``<request-token/>``: what the token shall be good for."""
    return element.get("mechanism", "")


def token_bytes(token: Token) -> bytes:
    """Write a token."""
    expiry = attribute("expiry", moment_to_text(token.expiry))
    return f"<token xmlns='{FAST}'{expiry}{attribute('token', token.token)}/>".encode()


def from_element(element: Element) -> Token:
    """Read a token.

    Raises:
        MalformedStanzaError: It is none, or does not say how long it is good.
    """
    token = element.get("token", "")
    if element.tag != TOKEN or not token:
        message = f"expected {TOKEN} with a token, got {element.tag}"
        raise MalformedStanzaError(message)
    return Token(token, moment_from_text(element.get("expiry", "")))
