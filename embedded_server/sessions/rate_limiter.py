"""How fast a session may send: two token buckets; who is too fast is not read for a while."""

from shared_protocol.limits import RateLimits


class RateLimiter:
    """The buckets of one session.

    Args of the constructor:
        now: The time in seconds, by any clock that only grows.
    """

    __slots__ = ("_bytes", "_limits", "_stanzas", "_time")

    def __init__(self, limits: RateLimits, now: float) -> None:
        self._limits = limits
        self._bytes = limits.bytes_per_second * limits.burst_seconds
        self._stanzas = limits.stanzas_per_second * limits.burst_seconds
        self._time = now

    def spend(self, size_bytes: int, stanzas: int, now: float) -> float:
        """Take tokens for what has arrived.

        Returns:
            For how many seconds nothing more should be read; 0 for going on.
        """
        limits = self._limits
        elapsed = now - self._time
        self._time = now
        delay = 0.0
        rate: float = limits.bytes_per_second
        if rate:
            self._bytes = min(self._bytes + elapsed * rate, rate * limits.burst_seconds)
            self._bytes -= size_bytes
            delay = -self._bytes / rate
        rate = limits.stanzas_per_second
        if rate:
            self._stanzas = min(self._stanzas + elapsed * rate, rate * limits.burst_seconds)
            self._stanzas -= stanzas
            delay = max(delay, -self._stanzas / rate)
        return max(delay, 0.0)
