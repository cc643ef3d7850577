"""How many connections may be open that have not logged in: of one address, and in all."""

import ipaddress
from collections import Counter

from shared_protocol.limits import ConnectionLimits

_NETWORK_BITS_OF_IPV6 = 64  # one subscriber has at least so many addresses


class Admission:
    """Counts those who are not logged in; shared by the listeners of a server.

    Attributes:
        limits: Hold for every connection, too.

    Args of the constructor:
        counts_loopback: False if connections from this machine are not limited by address.
    """

    def __init__(self, limits: ConnectionLimits, *, counts_loopback: bool = True) -> None:
        self.limits = limits
        self._counts_loopback = counts_loopback
        self._by_place: Counter[str] = Counter()

    @property
    def count(self) -> int:
        """How many are inside and not logged in."""
        return self._by_place.total()

    def admit(self, address: str) -> bool:
        """Count one more, if it may come in; a limit of 0 is lifted."""
        place = _place(address)
        limits = self.limits
        if limits.before_login and self._by_place.total() >= limits.before_login:
            return False
        is_limited = limits.per_address_before_login and (
            self._counts_loopback or not ipaddress.ip_address(address).is_loopback
        )
        if is_limited and self._by_place[place] >= limits.per_address_before_login:
            return False
        self._by_place[place] += 1
        return True

    def leave(self, address: str) -> None:
        """One has logged in, or has gone."""
        place = _place(address)
        self._by_place[place] -= 1
        if self._by_place[place] <= 0:
            del self._by_place[place]


def _place(address: str) -> str:
    """Return what is counted: an IPv4 address, or the network of an IPv6 address."""
    parsed = ipaddress.ip_address(address)
    if isinstance(parsed, ipaddress.IPv4Address):
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((int(parsed), _NETWORK_BITS_OF_IPV6), strict=False))
