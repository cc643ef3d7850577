"""Limits of connections that are not logged in (security.md, section 6)."""

from embedded_server.network.admission import Admission
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
