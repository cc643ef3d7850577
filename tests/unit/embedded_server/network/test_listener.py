"""Ports, both families of addresses, and who is let in."""

import asyncio
import socket
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from embedded_server.network.admission import Admission
from embedded_server.network.errors import AddressUnusableError, PortTakenError
from embedded_server.network.listener import Listener
from embedded_server.network.network_loop import NetworkLoop
from shared_protocol.limits import ConnectionLimits
from tests.helpers.raw_sockets import Recorder, connect, raw_server, read_all

pytestmark = pytest.mark.network

Run = Callable[[Coroutine[Any, Any, None]], None]


def make_listener(hosts: list[str], port: int = 0) -> Listener:
    network = NetworkLoop(asyncio.get_running_loop())
    admission = Admission(ConnectionLimits())
    return Listener(network, hosts=hosts, port=port, make_receiver=Recorder, admission=admission)


def test_taken_port_is_told_with_its_number(run: Run) -> None:
    async def scenario() -> None:
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]

            with pytest.raises(PortTakenError, match=f"another program uses port {port}") as taken:
                await make_listener(["127.0.0.1"], port).start()

            assert (taken.value.address, taken.value.port) == ("127.0.0.1", port)

    run(scenario())


@pytest.mark.parametrize("host", ["192.0.2.1", "balcony.invalid"])
def test_address_that_is_not_ours_is_told(run: Run, host: str) -> None:
    async def scenario() -> None:
        with pytest.raises(AddressUnusableError, match=host):
            await make_listener([host]).start()

    run(scenario())


def test_both_families_listen_on_the_same_port(run: Run) -> None:
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")

    async def scenario() -> None:
        listener = make_listener(["127.0.0.1", "::1"])
        await listener.start()
        for address in ("127.0.0.1", "::1"):
            sock = await asyncio.to_thread(socket.create_connection, (address, listener.port), 10)
            sock.close()
        listener.stop()
        for connection in listener.connections:
            connection.abort()

    run(scenario())


def test_connections_beyond_the_limit_of_an_address_are_refused(run: Run) -> None:
    """Security.md, section 6: 20 of one address that are not logged in."""

    async def scenario() -> None:
        limits = ConnectionLimits(per_address_before_login=2)
        async with raw_server(limits=limits) as server:
            first, recorder = await server.accept()
            second, _ = await server.accept()
            with first, second:
                with await asyncio.to_thread(connect, server.listener.port) as refused:
                    assert await read_all(refused) == b""

                recorder.connection.mark_logged_in()
                recorder.connection.mark_logged_in()
                third, _ = await server.accept()

                with third:
                    assert server.admission.count == 2
                    assert len(server.listener.connections) == 3

    run(scenario())


def test_place_of_a_connection_that_is_lost_is_free_again(run: Run) -> None:
    async def scenario() -> None:
        async with raw_server(limits=ConnectionLimits(per_address_before_login=1)) as server:
            for _ in range(5):
                sock, recorder = await server.accept()
                sock.close()
                await recorder.wait_for_event("lost")

            assert server.admission.count == 0
            assert server.listener.connections == ()

    run(scenario())


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="this system has no such time")
def test_peer_that_has_gone_without_a_word_is_given_up_after_the_write_time(run: Run) -> None:
    """Else a session would take for a quarter of an hour what nobody gets."""

    async def scenario() -> None:
        async with raw_server(limits=ConnectionLimits(write_seconds=7.5)) as server:
            sock, recorder = await server.accept()
            with sock:
                own: socket.socket = recorder.connection._socket

                name = socket.TCP_USER_TIMEOUT
                assert own.getsockopt(socket.IPPROTO_TCP, name) == 7_500

    run(scenario())
