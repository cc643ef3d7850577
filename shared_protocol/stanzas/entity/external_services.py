"""External services, as relays for calls (XEP-0215 1.0.0).

Example, a relay with credentials for a while::

    <services xmlns='urn:xmpp:extdisco:2' type='turn'>
      <service type='turn' host='relay.montague.lit' port='3478' transport='udp'
               username='1780000000:4a1c' password='c2VjcmV0' restricted='true'
               expires='2026-05-29T04:26:40Z'/>
    </services>
"""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from xml.etree.ElementTree import Element, SubElement

from shared_protocol.errors import MalformedStanzaError
from shared_protocol.namespaces import EXTERNAL_SERVICES
from shared_protocol.stanzas.delay import moment_from_text, moment_to_text

_SERVICE = f"{{{EXTERNAL_SERVICES}}}service"
_PORT = re.compile("[0-9]{1,5}", re.ASCII)
_TRUTHS = {"1": True, "true": True, "0": False, "false": False}


class ServicesPayload(Enum):
    """What is asked for; the value is the name of the payload."""

    SERVICES = "services"
    CREDENTIALS = "credentials"


@dataclass(frozen=True, slots=True)
class ExternalService:
    """A service outside of XMPP.

    Attributes:
        port: 0 if it is not told.
        expires: Until when name and password are good; None if for ever, or if there are none.
        is_restricted: Whether it takes a name and a password.
    """

    type: str
    host: str
    port: int = 0
    transport: str = ""
    username: str = ""
    password: str = ""
    expires: datetime | None = None
    is_restricted: bool = False

    def __repr__(self) -> str:
        return f"<ExternalService {self.type} {self.host}:{self.port}>"  # without the password


@dataclass(frozen=True, slots=True)
class ExternalServices:
    """Services, or what is asked about them.

    Attributes:
        type: Only of this type; empty for all. An answer repeats it.
    """

    payload: ServicesPayload = ServicesPayload.SERVICES
    services: tuple[ExternalService, ...] = ()
    type: str = ""


def from_element(element: Element) -> ExternalServices:
    """Read a question or its answer.

    Raises:
        MalformedStanzaError: It is none, or a service lacks what it must have.
    """
    namespace, _, name = element.tag[1:].partition("}")
    payload = next((one for one in ServicesPayload if one.value == name), None)
    if namespace != EXTERNAL_SERVICES or payload is None:
        message = f"expected a payload of {EXTERNAL_SERVICES}, got {element.tag}"
        raise MalformedStanzaError(message)
    services = tuple(map(_service, element.iterfind(_SERVICE)))
    return ExternalServices(payload, services, element.get("type", ""))


def to_element(services: ExternalServices) -> Element:
    """Write a question or its answer."""
    element = Element(f"{{{EXTERNAL_SERVICES}}}{services.payload.value}")
    if services.type:
        element.set("type", services.type)
    for one in services.services:
        written = SubElement(element, _SERVICE, type=one.type, host=one.host)
        if one.port:
            written.set("port", str(one.port))
        for name in ("transport", "username", "password"):
            if value := getattr(one, name):
                written.set(name, value)
        if one.is_restricted:
            written.set("restricted", "true")
        if one.expires is not None:
            written.set("expires", moment_to_text(one.expires))
    return element


def _service(element: Element) -> ExternalService:
    kind, host, port = element.get("type"), element.get("host"), element.get("port", "0")
    restricted = element.get("restricted", "false")
    if not kind or not host or not _PORT.fullmatch(port) or restricted not in _TRUTHS:
        message = f"expected a service with type and host, got {kind!r}, {host!r}, port {port!r}"
        raise MalformedStanzaError(message)
    expires = element.get("expires")
    return ExternalService(
        type=kind,
        host=host,
        port=int(port),
        transport=element.get("transport", ""),
        username=element.get("username", ""),
        password=element.get("password", ""),
        expires=None if expires is None else moment_from_text(expires),
        is_restricted=_TRUTHS[restricted],
    )
