"""Where the server of an account is: what the account says, else what DNS says."""

import asyncio
import ipaddress
import socket
from dataclasses import dataclass

from slixmpp.xmlstream.resolver import default_resolver, resolve

from communicator.session.stream.negotiation import server_name_of
from communicator.state.account import DIRECT_TLS_PORT, Account

CLIENT_PORT = 5222
_DIRECT_TLS = "xmpps-client"  # XEP-0368
_STARTTLS = "xmpp-client"  # RFC 6120, section 3.2.1


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address to try.

    Attributes:
        host: The name that led to it, for messages.
    """

    host: str
    address: str
    port: int
    is_direct_tls: bool

    @property
    def is_near(self) -> bool:
        """True for an address of the own network: silence there means that nobody is on."""
        try:
            address = ipaddress.ip_address(self.address.partition("%")[0])  # without a zone
        except ValueError:
            return False
        return address.is_private and not address.is_loopback


async def endpoints_of(account: Account) -> list[Endpoint]:
    """Return what to try, in order; never empty.

    Raises:
        socket.gaierror: The name is not known.
    """
    if account.host or account.port:
        host = account.host or server_name_of(account.jid)
        port = account.port or (DIRECT_TLS_PORT if account.is_direct_tls else CLIENT_PORT)
        return await _addresses_of(host, port, is_direct_tls=account.is_direct_tls)
    return await _looked_up(server_name_of(account.jid))


async def _addresses_of(host: str, port: int, *, is_direct_tls: bool) -> list[Endpoint]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [Endpoint(host, str(one[4][0]), port, is_direct_tls) for one in found]


async def _looked_up(domain: str) -> list[Endpoint]:
    """Ask for SRV records (RFC 6120, section 3.2; XEP-0368), and without them for addresses."""
    loop = asyncio.get_running_loop()
    resolver = default_resolver(loop)
    try:
        records = await resolve(
            domain, CLIENT_PORT, loop=loop, services=[_DIRECT_TLS, _STARTTLS], resolver=resolver
        )
    finally:
        close = getattr(resolver, "close", None)
        if close is not None:
            await close()
    if not any(service for service, *_ in records):
        # The system knows names that are not in DNS.
        return await _addresses_of(domain, CLIENT_PORT, is_direct_tls=False)
    return [
        Endpoint(host, address, port, service == _DIRECT_TLS)
        for service, host, address, port in records
    ]
