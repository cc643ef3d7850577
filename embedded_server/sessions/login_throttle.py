"""Slows down who guesses passwords, by account and address (RFC 6120, section 13.12).

Other devices of the account, at other addresses, are not touched. What is refused says nothing
about whether the account exists.
"""

from collections.abc import Callable
from dataclasses import dataclass

from shared_protocol.limits import LoginLimits

_MOST_ENTRIES = 10_000
_FIRST_DELAY_SECONDS = 8.0
_MOST_DOUBLINGS = 20


@dataclass(slots=True)
class _Guesses:
    count: int
    last: float
    blocked_until: float


class LoginThrottle:
    """Counts wrong passwords.

    Args of the constructor:
        clock: Seconds that only grow, as ``loop.time``.
    """

    def __init__(self, limits: LoginLimits, clock: Callable[[], float]) -> None:
        self._limits = limits
        self._clock = clock
        self._guesses: dict[tuple[str, str], _Guesses] = {}  # oldest failure first

    def delay(self, localpart: str, address: str) -> float:
        """Return for how many seconds no password is looked at; 0 if one is."""
        guesses = self._guesses.get((localpart, address))
        return max(0.0, guesses.blocked_until - self._clock()) if guesses else 0.0

    def count_failure(self, localpart: str, address: str) -> None:
        """A password was wrong."""
        now = self._clock()
        key = localpart, address
        guesses = self._guesses.pop(key, None)
        if guesses is None or now - guesses.last > self._limits.failure_window_seconds:
            guesses = _Guesses(count=0, last=now, blocked_until=0.0)
        guesses.count += 1
        guesses.last = now
        beyond = guesses.count - self._limits.failures
        if self._limits.failures and beyond >= 0:
            longest = self._limits.longest_delay_seconds
            doublings = min(beyond, _MOST_DOUBLINGS)
            delay = min(_FIRST_DELAY_SECONDS * 2.0**doublings, longest)
            guesses.blocked_until = now + delay
        self._guesses[key] = guesses
        if len(self._guesses) > _MOST_ENTRIES:
            del self._guesses[next(iter(self._guesses))]

    def forget(self, localpart: str, address: str) -> None:
        """A password was right."""
        self._guesses.pop((localpart, address), None)
