"""SOCKS5 as far as byte streams need it (RFC 1928; XEP-0065, section 6.3.2)."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedded_server.network.socks.handshake import SocksHandshake, SocksRefusedError

NAME = "972b7bf47291ca609517f67f86b5081086052dad"
GREETING = b"\x05\x01\x00"
REQUEST = b"\x05\x01\x00\x03\x28" + NAME.encode() + b"\x00\x00"


def test_a_client_that_names_its_stream_is_accepted_by_that_name() -> None:
    handshake = SocksHandshake()

    assert handshake.receive(GREETING) == b"\x05\x00"
    assert handshake.receive(REQUEST) == b""
    assert handshake.name == NAME
    assert handshake.accepted() == b"\x05\x00\x00\x03\x28" + NAME.encode() + b"\x00\x00"


@given(st.lists(st.integers(1, 49), max_size=6))
def test_it_does_not_matter_how_the_bytes_are_cut(cuts: list[int]) -> None:
    handshake, data = SocksHandshake(), GREETING + REQUEST
    places = [0, *sorted(set(cuts)), len(data)]

    said = b"".join(
        handshake.receive(data[start:end])
        for start, end in itertools.pairwise(places)
        if start < end
    )

    assert (said, handshake.name) == (b"\x05\x00", NAME)


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        (b"\x04\x01\x00\x50", b""),
        (b"GET / HTTP/1.1", b""),
        (b"\x05\x01\x02", b"\x05\xff"),  # a password, which nobody has
        (GREETING + b"\x05\x02\x00\x03", b"\x05\x00\x05\x07\x00\x01" + bytes(6)),  # bind
        (
            GREETING + b"\x05\x01\x00\x01\x7f\x00\x00\x01\x00\x50",
            b"\x05\x00\x05\x07\x00\x01" + bytes(6),
        ),
        (GREETING + b"\x05\x01\x00\x03\x0bexample.org", b"\x05\x00\x05\x07\x00\x01" + bytes(6)),
        (GREETING + REQUEST[:-1] + b"\x50", b"\x05\x00\x05\x02\x00\x01" + bytes(6)),  # a port
        (GREETING + REQUEST[:5] + b"g" * 40 + bytes(2), b"\x05\x00\x05\x02\x00\x01" + bytes(6)),
        (GREETING + REQUEST + b"too early", b"\x05\x00\x05\x02\x00\x01" + bytes(6)),
    ],
)
def test_whatever_else_is_wanted_is_refused(data: bytes, answer: bytes) -> None:
    """It leads nowhere but to the one who waits under the same name."""
    with pytest.raises(SocksRefusedError) as caught:
        SocksHandshake().receive(data)

    assert caught.value.answer == answer


@given(st.binary(max_size=200))
def test_no_input_does_more_than_be_refused(data: bytes) -> None:
    handshake = SocksHandshake()
    try:
        handshake.receive(data)
    except SocksRefusedError:
        assert handshake.name == ""
