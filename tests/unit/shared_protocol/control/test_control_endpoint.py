import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_protocol.control.control_endpoint import (
    ControlEndpoint,
    LoopbackAddress,
    PublicPorts,
    UnixAddress,
    address_from_text,
)
from shared_protocol.control.control_errors import MalformedControlError
from shared_protocol.control.handshake import new_token
from shared_protocol.errors import LocalProtocolError

TOKEN = "0f" * 32
ENDPOINT = ControlEndpoint(
    pid=4711,
    version="0.1.0",
    address=UnixAddress("/run/user/1000/parlour/4711.sock"),
    token=TOKEN,
    ports=PublicPorts(5222, 5223, 5280),
)
PORTS = st.integers(0, 65_535)
ENDPOINTS = st.builds(
    ControlEndpoint,
    pid=st.integers(0),
    version=st.text(),
    address=st.builds(LoopbackAddress, st.integers(1, 65_535))
    | st.text("abc/", max_size=106).map(lambda rest: UnixAddress(f"/{rest}")),
    token=st.just(TOKEN),
    ports=st.builds(PublicPorts, PORTS, PORTS, PORTS),
)


def changed(**parts: object) -> str:
    return json.dumps({**json.loads(ENDPOINT.to_json()), **parts})


@given(ENDPOINTS)
def test_endpoint_survives_a_round_trip(endpoint: ControlEndpoint) -> None:
    assert ControlEndpoint.from_json(endpoint.to_json()) == endpoint


def test_new_token_has_the_form_of_the_file() -> None:
    endpoint = ControlEndpoint.from_json(changed(token=new_token()))

    assert endpoint.token != TOKEN


def test_token_is_kept_out_of_logs() -> None:
    assert TOKEN not in repr(ENDPOINT)


def test_ports_that_are_not_named_are_not_open() -> None:
    assert ControlEndpoint.from_json(changed(ports={"c2s": 5222})).ports == PublicPorts(5222)


@pytest.mark.parametrize(
    "parts",
    [
        {"format": 2},
        {"format": None},
        {"pid": "4711"},
        {"version": 1},
        {"address": None},
        {"address": "/run/parlour.sock"},
        {"address": "unix:parlour.sock"},
        {"address": "tcp:192.0.2.1:4711"},
        {"token": "0f"},
        {"token": "G" * 64},
        {"ports": [5222]},
        {"ports": {"c2s": 65_536}},
        {"ports": {"c2s": "5222"}},
    ],
)
def test_file_of_another_form_is_refused(parts: dict[str, object]) -> None:
    with pytest.raises(MalformedControlError, match="expected"):
        ControlEndpoint.from_json(changed(**parts))


def test_half_a_file_is_refused() -> None:
    with pytest.raises(MalformedControlError):
        ControlEndpoint.from_json(ENDPOINT.to_json()[:40])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "unix:",
        "unix:" + "/" * 108,
        "unix:/run/\0",
        "unix:/\ud800" + "a" * 200,
        "tcp:127.0.0.1:0",
        "tcp:127.0.0.1:65536",
        "tcp:127.0.0.1:٣",
        "tcp:127.0.0.1:1\n",
        "tcp:localhost:4711",
        "tcp:127.0.0.1.example:4711",
    ],
)
def test_address_elsewhere_or_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(MalformedControlError, match="expected"):
        address_from_text(text)


def test_path_too_long_for_a_socket_is_never_used() -> None:
    assert UnixAddress("/" + "a" * 106)
    with pytest.raises(LocalProtocolError, match="107"):
        UnixAddress("/" + "a" * 107)


@pytest.mark.parametrize("port", [0, -1, 65_536])
def test_port_out_of_range_is_never_used(port: int) -> None:
    with pytest.raises(LocalProtocolError, match="65535"):
        LoopbackAddress(port)
