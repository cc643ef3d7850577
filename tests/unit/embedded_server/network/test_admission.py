"""Limits of connections that are not logged in (security.md, section 6)."""

import pytest

from embedded_server.network.admission import Admission, Ticket
from shared_protocol.limits import ConnectionLimits

LIMITS = ConnectionLimits(per_address_before_login=2, before_login=3)


def test_third_of_an_address_and_fourth_of_all_are_refused() -> None:
    admission = Admission(LIMITS)

    assert [admission.admit("192.0.2.1") for _ in range(3)] == [True, True, False]
    assert [admission.admit(f"192.0.2.{number}") for number in (2, 3)] == [True, False]

    admission.leave("192.0.2.1")
    assert admission.admit("192.0.2.3")
    assert admission.count == 3


def test_addresses_of_one_ipv6_network_count_together() -> None:
    admission = Admission(LIMITS)

    assert admission.admit("2001:db8::1")
    assert admission.admit("2001:db8::2")
    assert not admission.admit("2001:db8::3")
    assert admission.admit("2001:db8:0:1::1")


def test_mapped_address_counts_as_the_ipv4_address_that_it_is() -> None:
    admission = Admission(LIMITS)
    admission.admit("192.0.2.1")
    admission.admit("::ffff:192.0.2.1")

    assert not admission.admit("192.0.2.1")


def test_loopback_may_be_exempt() -> None:
    admission = Admission(LIMITS, counts_loopback=False)

    assert [admission.admit("127.0.0.1") for _ in range(4)] == [True, True, True, False]


def test_zero_lifts_a_limit() -> None:
    admission = Admission(ConnectionLimits(per_address_before_login=0, before_login=0))

    assert all(admission.admit("192.0.2.1") for _ in range(1_000))


class Visitor:
    """Somebody who may be cut, and gives his ticket back then."""

    def __init__(self, *, has_spoken: bool = False) -> None:
        self.has_spoken = has_spoken
        self.ticket: Ticket | None = None
        self.is_cut = False

    def abort(self) -> None:
        self.is_cut = True
        assert self.ticket is not None
        self.ticket.give_back()


class House:
    """An admission with a clock by hand, and those who came."""

    def __init__(self, *, of_one: int, of_all: int, patience_seconds: float | None = None) -> None:
        self.now = 0.0
        self.admission = Admission(
            ConnectionLimits(per_address_before_login=of_one, before_login=of_all),
            patience_seconds=patience_seconds,
            clock=lambda: self.now,
        )

    def come(self, address: str, *, has_spoken: bool = False) -> Visitor:
        visitor = Visitor(has_spoken=has_spoken)
        visitor.ticket = self.admission.take_in(address, visitor)
        return visitor


def test_newcomer_takes_the_place_of_the_oldest_who_said_nothing() -> None:
    """docs/security.md, row 9: silent connections shut nobody out."""
    house = House(of_one=3, of_all=0)
    speaking = house.come("192.0.2.1", has_spoken=True)
    silent = [house.come("192.0.2.1") for _ in range(2)]
    house.now = 1.0

    newcomer = house.come("192.0.2.1")

    assert newcomer.ticket is not None
    assert [one.is_cut for one in (speaking, *silent)] == [False, True, False]
    assert house.admission.count == 3


def test_many_who_come_at_the_same_time_do_not_push_each_other_out() -> None:
    house = House(of_one=3, of_all=0)
    inside = [house.come("192.0.2.1") for _ in range(3)]

    assert house.come("192.0.2.1").ticket is None
    assert [one.is_cut for one in inside] == [False] * 3


@pytest.mark.parametrize(("patience_seconds", "comes_in"), [(5.0, True), (None, False)])
def test_who_speaks_and_does_not_log_in_makes_room_if_that_is_wanted(
    patience_seconds: float | None, *, comes_in: bool
) -> None:
    house = House(of_one=1, of_all=0, patience_seconds=patience_seconds)
    house.come("192.0.2.1", has_spoken=True)
    house.now = 4.9
    assert house.come("192.0.2.1").ticket is None
    house.now = 5.0

    assert (house.come("192.0.2.1").ticket is not None) is comes_in


def test_address_with_the_most_makes_room_when_there_is_none_in_all() -> None:
    house = House(of_one=0, of_all=4)
    crowd = [house.come("198.51.100.7", has_spoken=True) for _ in range(3)]
    single = house.come("192.0.2.1", has_spoken=True)

    newcomer = house.come("192.0.2.2")

    assert newcomer.ticket is not None
    assert [one.is_cut for one in (*crowd, single)] == [False, False, True, False]


def test_address_where_somebody_logged_in_finds_room_among_strangers() -> None:
    """docs/security.md, row 9: a crowd of as many addresses as you like shuts no colleague out."""
    house = House(of_one=0, of_all=3)
    colleague = house.come("192.0.2.1", has_spoken=True)
    assert colleague.ticket is not None
    colleague.ticket.logged_in()
    crowd = [house.come(f"198.51.100.{number}", has_spoken=True) for number in range(3)]

    assert house.come("192.0.2.2", has_spoken=True).ticket is None
    assert house.come("192.0.2.1").ticket is not None
    assert [one.is_cut for one in crowd] == [True, False, False]


def test_who_logged_in_takes_no_place_and_is_never_cut() -> None:
    house = House(of_one=1, of_all=0)
    inside = house.come("192.0.2.1")
    assert inside.ticket is not None
    inside.ticket.give_back()
    inside.ticket.give_back()
    house.now = 60.0

    house.come("192.0.2.1")
    house.come("192.0.2.1")

    assert not inside.is_cut
    assert house.admission.count == 1
