"""How many connections may be open that have not logged in: of one address, and in all.

A newcomer that finds no room takes the place of a stranger, so that those who only hold places
cannot keep anybody out: of the oldest that has not said a word, or where the user of the limits
wants it, of one that has not logged in for a while. If there is no room in all, the address with
the most makes it. Who comes from where somebody has logged in before finds room in any case. Many
who come at the same time do not push each other out.
"""

import ipaddress
import time
from collections import Counter
from collections.abc import Callable, Collection
from typing import Protocol

from shared_protocol.limits import ConnectionLimits

_SPEAKING_SECONDS = 0.5
_KNOWN_PLACES = 10_000
_NETWORK_BITS_OF_IPV6 = 64  # one subscriber has at least so many addresses


class Stranger(Protocol):
    """Somebody who is connected and has not logged in."""

    @property
    def has_spoken(self) -> bool:
        """Whether anything has come from him yet."""

    def abort(self) -> None:
        """Cut him; he gives his ticket back on the way."""


class Ticket:
    """The place of one connection among those that are not logged in."""

    __slots__ = ("_admission", "place", "since", "stranger")

    def __init__(self, admission: "Admission", place: str, stranger: Stranger) -> None:
        self._admission: Admission | None = admission
        self.place = place
        self.stranger = stranger
        self.since = admission.clock()

    def logged_in(self) -> None:
        """He has shown who he is: his address is no stranger's from now on."""
        if self._admission is not None:
            self._admission.know(self.place)
        self.give_back()

    def give_back(self) -> None:
        """He has gone; may be called again."""
        admission, self._admission = self._admission, None
        if admission is not None:
            admission.free(self)


class Admission:
    """Counts those who are not logged in; shared by the listeners of a server.

    Attributes:
        limits: Hold for every connection, too.
        clock: Seconds that only grow.

    Args of the constructor:
        counts_loopback: False if connections from this machine are not limited by address.
        patience_seconds: After so long somebody who has spoken makes room for another; None for
            never.
    """

    def __init__(
        self,
        limits: ConnectionLimits,
        *,
        counts_loopback: bool = True,
        patience_seconds: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.limits = limits
        self.clock = clock
        self._counts_loopback = counts_loopback
        self._patience_seconds = patience_seconds
        self._by_place: Counter[str] = Counter()
        self._tickets: dict[str, dict[Ticket, None]] = {}  # oldest first
        self._known: dict[str, None] = {}  # who logged in last stands last

    @property
    def count(self) -> int:
        """How many are inside and not logged in."""
        return self._by_place.total()

    def admit(self, address: str) -> bool:
        """Count one more, if there is room; a limit of 0 is lifted."""
        place = _place(address)
        if self._is_full() or self._is_full_for(address, place):
            return False
        self._by_place[place] += 1
        return True

    def leave(self, address: str) -> None:
        """One of those that ``admit`` counted has logged in, or has gone."""
        self._leave(_place(address))

    def take_in(self, address: str, stranger: Stranger) -> Ticket | None:
        """Count one more, and make room if there is none.

        Returns:
            What he gives back when he logs in or goes; None if there is no room for him.
        """
        place = _place(address)
        if self._is_full_for(address, place):
            self._make_room(self._tickets.get(place, ()))
        elif self._is_full():
            self._make_room_somewhere(place)
        if self._is_full() or self._is_full_for(address, place):
            return None
        self._by_place[place] += 1
        ticket = Ticket(self, place, stranger)
        self._tickets.setdefault(place, {})[ticket] = None
        return ticket

    def know(self, place: str) -> None:
        """Somebody has logged in from there."""
        self._known.pop(place, None)
        self._known[place] = None
        if len(self._known) > _KNOWN_PLACES:
            del self._known[next(iter(self._known))]

    def free(self, ticket: Ticket) -> None:
        """What ``Ticket.give_back`` calls."""
        tickets = self._tickets[ticket.place]
        del tickets[ticket]
        if not tickets:
            del self._tickets[ticket.place]
        self._leave(ticket.place)

    def _leave(self, place: str) -> None:
        self._by_place[place] -= 1
        if self._by_place[place] <= 0:
            del self._by_place[place]

    def _is_full(self) -> bool:
        limits = self.limits
        return bool(limits.before_login) and self._by_place.total() >= limits.before_login

    def _is_full_for(self, address: str, place: str) -> bool:
        most = self.limits.per_address_before_login
        if not most or self._by_place[place] < most:
            return False
        return self._counts_loopback or not ipaddress.ip_address(address).is_loopback

    def _make_room_somewhere(self, place: str) -> None:
        """Cut somebody where most strangers come from."""
        tickets = self._tickets
        unknown = [inside for name, inside in tickets.items() if name not in self._known]
        if place in self._known and unknown:
            next(iter(unknown[0])).stranger.abort()
            return
        most = max(map(len, tickets.values()), default=0)
        crowded = [inside for inside in tickets.values() if len(inside) == most]
        victim = next(filter(None, map(self._silent, crowded)), None)
        if victim is None and most > len(tickets.get(place, ())) + 1:
            victim = next(reversed(crowded[0]))  # who came last has the least to lose
        elif victim is None and crowded:
            victim = self._tiresome(crowded[0])
        if victim is not None:
            victim.stranger.abort()

    def _make_room(self, tickets: Collection[Ticket]) -> None:
        victim = self._silent(tickets) or self._tiresome(tickets)
        if victim is not None:
            victim.stranger.abort()

    def _silent(self, tickets: Collection[Ticket]) -> Ticket | None:
        """Return the oldest that has had the time to say something, and has not."""
        latest = self.clock() - _SPEAKING_SECONDS
        for one in tickets:
            if one.since > latest:
                return None
            if not one.stranger.has_spoken:
                return one
        return None

    def _tiresome(self, tickets: Collection[Ticket]) -> Ticket | None:
        """Return the oldest, if he has been there for long."""
        oldest = next(iter(tickets), None)
        if oldest is None or self._patience_seconds is None:
            return None
        return oldest if self.clock() - oldest.since >= self._patience_seconds else None


def _place(address: str) -> str:
    """Return what is counted: an IPv4 address, or the network of an IPv6 address."""
    parsed = ipaddress.ip_address(address)
    if isinstance(parsed, ipaddress.IPv4Address):
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((int(parsed), _NETWORK_BITS_OF_IPV6), strict=False))
