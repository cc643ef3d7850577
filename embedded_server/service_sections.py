"""Sections of the settings on what stands beside the server: whom to ask, components, relays."""

import ipaddress
import re
from dataclasses import dataclass, field, fields

from embedded_server.setting_sections import HIGHEST_PORT, number, setting
from shared_protocol.addresses import AddressError, prepare_domainpart
from shared_protocol.limits import ComponentLimits

_RELAY = re.compile(
    r"(?P<type>[a-z]{2,20}):(?P<host>[a-z0-9_.-]+|\[[0-9a-f:.]+\])(?::(?P<port>[0-9]{1,5}))?"
    r"(?:\?transport=(?P<transport>udp|tcp))?"
)
_URI = re.compile(r"[a-z][a-z0-9+.-]*:[!-~]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactSettings:
    """Section ``[contact]``: what discovery tells everybody (XEP-0157); URIs."""

    abuse: tuple[str, ...] = setting(
        'Addresses for complaints about abuse, as ["mailto:abuse@example.com"].', default=()
    )
    admin: tuple[str, ...] = setting("Addresses of who runs this server.", default=())
    feedback: tuple[str, ...] = setting("Addresses for opinions.", default=())
    sales: tuple[str, ...] = setting("Addresses of who sells.", default=())
    security: tuple[str, ...] = setting("Addresses for reports of holes.", default=())
    status: tuple[str, ...] = setting("Pages that tell how the service is.", default=())
    support: tuple[str, ...] = setting("Addresses of who helps.", default=())

    def by_kind(self) -> dict[str, tuple[str, ...]]:
        """Return the addresses by the name of their setting."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    def problem(self) -> str:
        """Say what is wrong with it; empty if nothing is."""
        for kind, addresses in self.by_kind().items():
            for address in addresses:
                if not _URI.fullmatch(address):
                    return (
                        f"contact.{kind} has {address!r}, expected an address with a scheme, as "
                        '"mailto:help@example.com", "xmpp:help@example.com" or '
                        '"https://example.com".'
                    )
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentSettings:
    """Section ``[components]``: programs beside the server that speak for a domain (XEP-0114)."""

    enabled: bool = setting("Whether components may connect.", default=False)
    listen: tuple[str, ...] = setting(
        "IP addresses to listen on; nothing is encrypted there, so keep to this computer.",
        default=("127.0.0.1",),
    )
    port: int = number("Port for components; 0 for any free one.", 5347, 0, HIGHEST_PORT)
    secrets: tuple[str, ...] = field(
        default=(),
        repr=False,
        metadata={
            "explanation": 'Domain and secret of each, as ["echo.example.com=a long secret"]; '
            "keep this file to yourself."
        },
    )

    def by_domain(self) -> dict[str, str]:
        """Return the secrets by domain, in its normal form; ``problem`` has found nothing."""
        parted = (text.partition("=") for text in self.secrets)
        return {prepare_domainpart(name.strip()): secret.strip() for name, _, secret in parted}

    def problem(self) -> str:
        """Say what is wrong with it, without its secrets; empty if nothing is."""
        for address in self.listen:
            if not is_ip_address(address):
                return f"components.listen has {address!r}, expected IP addresses."
        return next(filter(None, map(_problem_of_component, self.secrets)), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class PushSettings:
    """Section ``[push]``: what push services of clients' makers are told (XEP-0357)."""

    tells_sender: bool = setting(
        "Whether push services are told who wrote; they belong to others.", default=False
    )
    tells_text: bool = setting("Whether they are told what was written.", default=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayAddress:
    """One service of ``[external_services]``, parted."""

    type: str
    host: str
    port: int = 0
    transport: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalServiceSettings:
    """Section ``[external_services]``: relays for calls (XEP-0215)."""

    addresses: tuple[str, ...] = setting(
        'Where they are, as ["stun:relay.example.com:3478", '
        '"turn:relay.example.com:3478?transport=udp"].',
        default=(),
    )
    secret: str = field(
        default="",
        repr=False,
        metadata={
            "explanation": "Secret that the relays share with this server (coturn: "
            'static-auth-secret); "" if they are open. Keep this file to yourself.'
        },
    )
    lifetime_seconds: int = number(
        "For how long a name and a password for a relay are good.", 86_400, 60, 2_592_000
    )

    def parted(self) -> tuple[RelayAddress, ...]:
        """Return the parts of the addresses; ``problem`` has found nothing."""
        found = [match for match in map(_RELAY.fullmatch, self.addresses) if match is not None]
        return tuple(
            RelayAddress(
                type=match["type"],
                host=match["host"].strip("[]"),
                port=int(match["port"] or 0),
                transport=match["transport"] or "",
            )
            for match in found
        )

    def problem(self) -> str:
        """Say what is wrong with it; empty if nothing is."""
        for address in self.addresses:
            match = _RELAY.fullmatch(address)
            if match is None or int(match["port"] or 0) > HIGHEST_PORT:
                return (
                    f"external_services.addresses has {address!r}, expected one such as "
                    '"turn:relay.example.com:3478?transport=udp".'
                )
        return ""


def _problem_of_component(text: str) -> str:
    name, _equals, secret = (part.strip() for part in text.partition("="))
    shortest = ComponentLimits().secret_characters
    if len(secret) < shortest:
        return (
            f"The component {name!r} needs a secret of {shortest} characters or more: write "
            f'"{name or "echo.example.com"}=a long secret" in components.secrets.'
        )
    try:
        prepare_domainpart(name)
    except AddressError:
        return f"{name!r} in components.secrets is no domain."
    return ""


def is_ip_address(text: str) -> bool:
    """Whether a text is an IPv4 or IPv6 address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
