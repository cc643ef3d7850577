"""The transport over real sockets, in clear text and TLS, on both kinds of loop."""

import asyncio
import logging
import socket
import ssl
import struct
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

import pytest

from tests.helpers.certificates import TlsPair
from tests.helpers.raw_sockets import UNLIMITED, raw_server, read_all, read_exactly

pytestmark = pytest.mark.network

Run = Callable[[Coroutine[Any, Any, None]], None]
RESET_AT_CLOSE = struct.pack("ii", 1, 0)
MEGABYTE = 1_048_576
PATTERN = bytes(range(256)) * 4_096  # one megabyte


@pytest.fixture(params=["clear", "TLS 1.2", "TLS 1.3"])
def ends(
    request: pytest.FixtureRequest, tls: TlsPair
) -> tuple[object | None, ssl.SSLContext | None]:
    """What both ends of a connection begin with."""
    if request.param == "clear":
        return None, None
    most = ssl.TLSVersion.TLSv1_2 if request.param == "TLS 1.2" else ssl.TLSVersion.TLSv1_3
    return tls.server, tls.client_context(most=most)


def test_bytes_go_both_ways(run: Run, ends: tuple[Any, Any]) -> None:
    async def scenario() -> None:
        async with raw_server(ends[0]) as server:
            sock, recorder = await server.accept(ends[1])
            with sock:
                sock.sendall(b"<presence/>")
                await recorder.wait_for_data(b"<presence/>")
                recorder.connection.write(b"<message")
                recorder.connection.write(b"/>")

                assert await read_exactly(sock, 10) == b"<message/>"
                assert recorder.connection.is_encrypted == (ends[0] is not None)

    run(scenario())


def test_megabytes_arrive_whole_at_a_slow_reader(run: Run, ends: tuple[Any, Any]) -> None:
    """Partial writes, and TLS that wants a write again."""

    async def scenario() -> None:
        limits = replace(UNLIMITED, hard_buffer_bytes=16 * MEGABYTE)
        async with raw_server(ends[0], limits) as server:
            sock, recorder = await server.accept(ends[1])
            with sock:
                sock.sendall(b"!")
                await recorder.wait_for_data(b"!")
                written, relieved = asyncio.Event(), asyncio.Event()
                for _ in range(8):
                    recorder.connection.write(PATTERN)
                recorder.connection.when_written(written.set)
                assert recorder.connection.is_congested
                recorder.connection.when_relieved(relieved.set)

                data = await read_exactly(sock, 8 * MEGABYTE)
                await written.wait()
                await relieved.wait()

                assert data == PATTERN * 8
                assert recorder.connection.out_bytes == 0

    run(scenario())


def test_megabytes_are_received_whole(run: Run, ends: tuple[Any, Any]) -> None:
    async def scenario() -> None:
        async with raw_server(ends[0]) as server:
            sock, recorder = await server.accept(ends[1])
            with sock:
                await asyncio.to_thread(sock.sendall, PATTERN * 2)

                await recorder.wait_for_data(PATTERN * 2)

    run(scenario())


def test_close_sends_what_is_queued_and_then_says_goodbye(run: Run, ends: tuple[Any, Any]) -> None:
    async def scenario() -> None:
        async with raw_server(ends[0]) as server:
            sock, recorder = await server.accept(ends[1])
            with sock:
                sock.sendall(b"!")
                await recorder.wait_for_data(b"!")
                recorder.connection.write(PATTERN[:50_000])

                recorder.connection.close()
                recorder.connection.write(b"never")
                data = await read_all(sock)  # a TLS socket would raise without close_notify

            assert data == PATTERN[:50_000]
            await recorder.wait_for_event("lost")
            assert recorder.events[-1] == "lost"
            assert server.listener.connections == ()

    run(scenario())


def test_reason_of_the_end_arrives_though_the_peer_still_sends(
    run: Run, ends: tuple[Any, Any]
) -> None:
    """A socket closed with unread bytes would reset the connection."""

    async def scenario() -> None:
        async with raw_server(ends[0]) as server:
            sock, recorder = await server.accept(ends[1])
            with sock:
                sock.sendall(b"!")
                await recorder.wait_for_data(b"!")
                recorder.connection.pause_reading()
                await asyncio.to_thread(sock.sendall, PATTERN[:30_000])
                recorder.connection.write(b"<stream:error/>")
                recorder.connection.close()

                assert await read_exactly(sock, 15) == b"<stream:error/>"

    run(scenario())


def test_last_bytes_of_a_turn_stand_behind_all_others(run: Run) -> None:
    async def scenario() -> None:
        async with raw_server() as server:
            sock, recorder = await server.accept()
            with sock:
                recorder.connection.write_last(b"<r/>")
                recorder.connection.write_last(b"<r/>")
                recorder.connection.write(b"<message/>")

                assert await read_exactly(sock, 14) == b"<message/><r/>"

    run(scenario())


def test_nothing_is_read_while_reading_is_paused(run: Run, ends: tuple[Any, Any]) -> None:
    async def scenario() -> None:
        async with raw_server(ends[0]) as server:
            sock, recorder = await server.accept(ends[1])
            other, witness = await server.accept(ends[1])
            with sock, other:
                recorder.connection.pause_reading()
                sock.sendall(b"first")
                other.sendall(b"first")
                await witness.wait_for_data(b"first")
                assert recorder.data == b""

                recorder.connection.resume_reading()

                await recorder.wait_for_data(b"first")

    run(scenario())


def test_peer_that_is_gone_is_reported_once(run: Run, ends: tuple[Any, Any]) -> None:
    async def scenario() -> None:
        async with raw_server(ends[0]) as server:
            sock, recorder = await server.accept(ends[1])
            sock.close()

            await recorder.wait_for_event("lost")
            recorder.connection.close()
            recorder.connection.abort()
            recorder.connection.write(b"to nobody")

            assert recorder.events.count("lost") == 1

    run(scenario())


def test_peer_that_resets_is_reported_once(run: Run, ends: tuple[Any, Any]) -> None:
    async def scenario() -> None:
        async with raw_server(ends[0]) as server:
            sock, recorder = await server.accept(ends[1])
            other, writer = await server.accept(ends[1])
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_CLOSE)
            other.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_CLOSE)
            writer.connection.pause_reading()
            sock.close()
            other.close()
            await recorder.wait_for_event("lost")
            writer.connection.write(PATTERN[:100])
            assert writer.events[-1:] != ["lost"]  # not in the midst of whoever writes

            await writer.wait_for_event("lost")

            assert recorder.events.count("lost") == writer.events.count("lost") == 1

    run(scenario())


def test_reader_that_never_reads_is_cut_at_the_hard_limit(run: Run, ends: tuple[Any, Any]) -> None:
    """Row 12: bounded, and the caller who writes is not told of the end in its midst."""

    async def scenario() -> None:
        async with raw_server(ends[0]) as server:
            sock, recorder = await server.accept(ends[1])
            with sock:
                sock.sendall(b"!")
                await recorder.wait_for_data(b"!")
                most = 0
                for _ in range(400):
                    recorder.connection.write(PATTERN[:65_536])
                    most = max(most, recorder.connection.out_bytes)
                    assert "lost" not in recorder.events

                await recorder.wait_for_event("lost")

                assert most <= MEGABYTE + 65_536

    run(scenario())


def test_reader_that_never_reads_is_cut_at_the_write_deadline(
    run: Run, ends: tuple[Any, Any]
) -> None:
    """Row 12: what is queued below the limits does not stay for ever."""

    async def scenario() -> None:
        limits = replace(UNLIMITED, write_seconds=0.1, hard_buffer_bytes=64 * MEGABYTE)
        async with raw_server(ends[0], limits) as server:
            sock, recorder = await server.accept(ends[1])
            with sock:
                sock.sendall(b"!")
                await recorder.wait_for_data(b"!")
                for _ in range(16):
                    recorder.connection.write(PATTERN)

                await recorder.wait_for_event("lost")

    run(scenario())


def test_close_towards_a_reader_that_never_reads_ends_soon(run: Run, ends: tuple[Any, Any]) -> None:
    async def scenario() -> None:
        limits = replace(UNLIMITED, hard_buffer_bytes=64 * MEGABYTE)
        async with raw_server(ends[0], limits) as server:
            sock, recorder = await server.accept(ends[1])
            with sock:
                sock.sendall(b"!")
                await recorder.wait_for_data(b"!")
                for _ in range(16):
                    recorder.connection.write(PATTERN)
                recorder.connection.close()

                await recorder.wait_for_event("lost")

    run(scenario())


def test_starttls_encrypts_a_connection_that_began_in_clear(run: Run, tls: TlsPair) -> None:
    async def scenario() -> None:
        async with raw_server() as server:
            sock, recorder = await server.accept()
            sock.sendall(b"<starttls/>")
            await recorder.wait_for_data(b"<starttls/>")
            recorder.connection.write(b"<proceed/>")
            recorder.connection.start_tls(tls.server)
            recorder.connection.write(b"too early, and therefore never sent")
            assert await read_exactly(sock, 10) == b"<proceed/>"
            assert not recorder.connection.is_encrypted

            context = tls.client_context()
            with await asyncio.to_thread(
                context.wrap_socket, sock, server_hostname="montague.lit"
            ) as encrypted:
                await recorder.wait_for_event("encrypted")
                encrypted.sendall(b"<presence/>")
                await recorder.wait_for_data(b"<starttls/><presence/>")
                recorder.connection.write(b"<message/>")

                assert await read_exactly(encrypted, 10) == b"<message/>"
                assert recorder.connection.channel_binding == tls.server.channel_binding

    run(scenario())


def test_what_is_no_tls_ends_the_connection(run: Run, tls: TlsPair) -> None:
    async def scenario() -> None:
        async with raw_server(tls.server) as server:
            sock, recorder = await server.accept()
            with sock:
                sock.sendall(b"<?xml version='1.0'?><stream:stream>")

                await recorder.wait_for_event("lost")

                assert recorder.events == ["lost"]
                assert recorder.data == b""

    run(scenario())


def test_receiver_with_a_bug_costs_its_own_connection_only(
    run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        async with raw_server() as server:
            sock, recorder = await server.accept()
            other, witness = await server.accept()
            with sock, other:
                recorder.fails = True
                sock.sendall(b"!")
                await recorder.wait_for_event("lost")

                other.sendall(b"still there")
                await witness.wait_for_data(b"still there")

    with caplog.at_level(logging.ERROR):
        run(scenario())
    assert "taking its bytes failed" in caplog.text


def test_callback_with_a_bug_hinders_no_other(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        async with raw_server() as server:
            sock, recorder = await server.accept()
            with sock:
                done = asyncio.Event()
                recorder.connection.when_written(lambda: done.wait(1 // 0))
                recorder.connection.when_written(done.set)
                await done.wait()

    with caplog.at_level(logging.ERROR):
        run(scenario())
    assert "what was to follow a write failed" in caplog.text


def test_peer_that_ends_its_direction_still_gets_what_was_queued(run: Run) -> None:
    async def scenario() -> None:
        limits = replace(UNLIMITED, hard_buffer_bytes=64 * MEGABYTE)
        async with raw_server(limits=limits) as server:
            sock, recorder = await server.accept()
            with sock:
                for _ in range(8):
                    recorder.connection.write(PATTERN)
                recorder.connection.close()
                sock.shutdown(socket.SHUT_WR)

                assert await read_all(sock) == PATTERN * 8

    run(scenario())
