"""XEP-0045, section 14.6: what somebody may do who does not belong to a room."""

from contextlib import suppress

import pytest

from embedded_server.modules.room_state.traffic import StrangerTraffic
from shared_protocol.addresses import BareJid
from shared_protocol.errors import ErrorType, StanzaCondition, StanzaError
from shared_protocol.limits import RoomLimits

JULIET, ROMEO = BareJid("juliet", "x.lit"), BareJid("romeo", "x.lit")


class Clock:
    """Seconds, as they are set."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def allowed(traffic: StrangerTraffic, account: BareJid, count: int) -> int:
    """Try so many events at once; return how many were allowed."""
    found = 0
    for _ in range(count):
        with suppress(StanzaError):
            traffic.count(account)
            found += 1
    return found


def test_many_at_once_and_few_in_the_long_run() -> None:
    clock = Clock()
    traffic = StrangerTraffic(RoomLimits(events_per_second=2.0, burst_events=10), clock)

    assert allowed(traffic, JULIET, 50) == 10
    clock.now = 3.0
    assert allowed(traffic, JULIET, 50) == 6
    clock.now = 1_000.0
    assert allowed(traffic, JULIET, 50) == 10


def test_refusal_says_that_it_is_over_in_a_moment() -> None:
    traffic = StrangerTraffic(RoomLimits(events_per_second=1.0, burst_events=1), Clock())
    traffic.count(JULIET)

    with pytest.raises(StanzaError) as raised:
        traffic.count(JULIET)

    assert raised.value.condition is StanzaCondition.POLICY_VIOLATION
    assert raised.value.type is ErrorType.WAIT


def test_everybody_is_counted_alone() -> None:
    traffic = StrangerTraffic(RoomLimits(events_per_second=1.0, burst_events=5), Clock())
    allowed(traffic, JULIET, 50)

    assert allowed(traffic, ROMEO, 50) == 5


@pytest.mark.parametrize("accounts", [10_001])
def test_who_was_there_long_ago_is_forgotten(accounts: int) -> None:
    """So that nobody fills the memory with names."""
    traffic = StrangerTraffic(RoomLimits(events_per_second=0.001, burst_events=1), Clock())
    for number in range(accounts):
        traffic.count(BareJid(f"a{number}", "x.lit"))

    assert allowed(traffic, BareJid("a0", "x.lit"), 1) == 1
    assert allowed(traffic, BareJid(f"a{accounts - 1}", "x.lit"), 1) == 0


def test_no_limit_counts_nothing() -> None:
    traffic = StrangerTraffic(RoomLimits(events_per_second=0), Clock())

    assert allowed(traffic, JULIET, 500) == 500
