"""Token buckets (security.md, section 6: client rate)."""

import pytest

from embedded_server.sessions.rate_limiter import RateLimiter
from shared_protocol.limits import RateLimits

LIMITS = RateLimits(bytes_per_second=1_000, stanzas_per_second=10, burst_seconds=2.0)


def test_burst_passes_and_what_is_beyond_waits_for_its_tokens() -> None:
    limiter = RateLimiter(LIMITS, now=0.0)

    assert limiter.spend(2_000, 1, now=0.0) == 0
    assert limiter.spend(500, 1, now=0.0) == pytest.approx(0.5)
    assert limiter.spend(1, 1, now=1.0) == 0


def test_many_small_stanzas_wait_too() -> None:
    limiter = RateLimiter(LIMITS, now=0.0)

    assert limiter.spend(30, 30, now=0.0) == pytest.approx(1.0)


def test_idle_time_saves_no_more_than_a_burst() -> None:
    limiter = RateLimiter(LIMITS, now=0.0)
    limiter.spend(1, 0, now=1_000.0)

    assert limiter.spend(3_000, 0, now=1_000.0) == pytest.approx(1.001)


def test_zero_lifts_a_limit() -> None:
    limiter = RateLimiter(RateLimits(0, 0, 2.0), now=0.0)

    assert limiter.spend(10**9, 10**6, now=0.0) == 0
