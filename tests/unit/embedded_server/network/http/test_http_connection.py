"""HTTP/1.1 on our own transport: what a client on a socket sees (RFC 9110, RFC 9112)."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from http import HTTPStatus

import pytest

from embedded_server.network.http.messages import Cors, HttpError, HttpRequest, HttpResponse
from embedded_server.network.http.routes import Access, HttpRoutes, Route
from shared_protocol.limits import HttpLimits
from tests.helpers.http_client import HOST
from tests.helpers.http_stage import http_stage

pytestmark = [pytest.mark.asyncio, pytest.mark.network]


async def greet(request: HttpRequest) -> HttpResponse:
    name = request.parameters.get("name", "you")
    return HttpResponse(headers=[("Content-Type", "text/plain")], body=f"hello {name}".encode())


async def echo(request: HttpRequest) -> HttpResponse:
    return HttpResponse(body=await request.body.read_all(100_000))


async def count(request: HttpRequest) -> HttpResponse:
    size = 0
    while piece := await request.body.read():
        size += len(piece)
    return HttpResponse(body=str(size).encode())


async def refuse(_request: HttpRequest) -> HttpResponse:
    raise HttpError(HTTPStatus.CONFLICT, "No.")


async def fail(_request: HttpRequest) -> HttpResponse:
    message = "a secret in the code"
    raise RuntimeError(message)


def play(routes: HttpRoutes) -> None:
    everybody = Cors(request_headers=("Content-Type", "X-Rose"))
    friends = Cors(origins=frozenset({"https://verona.example"}))
    routes.add(
        Route("GET", "/hello/{name}", Access.ANYONE, greet, everybody),
        Route("GET", "/hello", Access.ANYONE, greet),
        Route("POST", "/echo", Access.ANYONE, echo, friends),
        Route("PUT", "/count", Access.ANYONE, count, everybody),
        Route("GET", "/refused", Access.ANYONE, refuse, everybody),
        Route("GET", "/fails", Access.ANYONE, fail),
    )


async def test_one_connection_carries_several_requests_in_order() -> None:
    """RFC 9112, section 9.3: connections persist."""
    async with http_stage() as stage:
        play(stage.routes)
        client = await stage.client()

        first = await client.ask("GET", "/hello/romeo")
        second = await client.ask("POST", "/echo", b"a rose")

        assert (first.status, first.body) == (200, b"hello romeo")
        assert (second.status, second.body) == (200, b"a rose")
        assert first.headers["x-content-type-options"] == "nosniff"
        assert first.headers["date"].endswith(" GMT")


async def test_requests_sent_ahead_are_answered_in_their_order() -> None:
    """RFC 9112, section 9.3.2."""
    async with http_stage() as stage:
        play(stage.routes)
        client = await stage.client()

        for name in ("romeo", "juliet", "nurse"):
            client.send_request("GET", f"/hello/{name}")

        assert [(await client.reply()).body for _ in range(3)] == [
            b"hello romeo",
            b"hello juliet",
            b"hello nurse",
        ]


async def test_head_gets_the_header_fields_without_the_content() -> None:
    """RFC 9110, section 9.3.2."""
    async with http_stage() as stage:
        play(stage.routes)
        client = await stage.client()

        reply = await client.ask("HEAD", "/hello/romeo")
        after = await client.ask("GET", "/hello/romeo")

        assert reply.headers["content-length"] == str(len(b"hello romeo"))
        assert after.body == b"hello romeo"


async def test_unknown_path_and_wrong_method_say_so() -> None:
    """RFC 9110, sections 15.5.5 and 15.5.6."""
    async with http_stage() as stage:
        play(stage.routes)
        client = await stage.client()

        unknown = await client.ask("GET", "/balcony")
        wrong = await client.ask("DELETE", "/hello/romeo")

        assert unknown.status == 404
        assert wrong.status == 405
        assert wrong.headers["allow"] == "GET, HEAD, OPTIONS"


async def test_an_encoded_slash_parts_nothing_and_bad_utf8_is_refused() -> None:
    async with http_stage() as stage:
        play(stage.routes)
        client = await stage.client()

        slash = await client.ask("GET", "/hello/..%2Fromeo")
        wild = await client.ask("GET", "/hello/%FF")

        assert slash.body == b"hello ../romeo"
        assert wild.status == 400


async def test_http_1_0_is_answered_and_closed() -> None:
    async with http_stage() as stage:
        play(stage.routes)
        client = await stage.client()

        client.send(f"GET /hello HTTP/1.0\r\nHost: {HOST}\r\n\r\n".encode())

        assert (await client.read_to_end()).endswith(b"\r\n\r\nhello you")


@pytest.mark.parametrize(
    "host", ["evil.example", "montague.lit.evil.example", "", "[::1", "montague.lit@evil.example"]
)
async def test_a_foreign_name_is_misdirected(host: str) -> None:
    """RFC 9110, section 15.5.20; a page by DNS rebinding would come so."""
    async with http_stage() as stage:
        play(stage.routes)
        client = await stage.client()

        reply = await client.ask("GET", "/hello", Host=host)

        assert reply.status == 421


@pytest.mark.parametrize("host", ["MONTAGUE.lit:5443", "localhost", "127.0.0.1:1", "[::1]:5443"])
async def test_own_names_and_addresses_are_served(host: str) -> None:
    async with http_stage() as stage:
        play(stage.routes)
        client = await stage.client()

        assert (await client.ask("GET", "/hello", Host=host)).status == 200


async def test_a_target_with_a_name_is_judged_by_that_name() -> None:
    """RFC 9112, section 3.2.2: the absolute form replaces the ``Host`` field."""
    async with http_stage() as stage:
        play(stage.routes)
        client = await stage.client()

        good = await client.ask("GET", f"https://{HOST}/hello", Host="x.example")
        evil = await client.ask("GET", "https://evil.example/hello")

        assert (good.status, evil.status) == (200, 421)


async def test_two_ways_of_framing_at_once_are_refused() -> None:
    """RFC 9112, section 6.1: a request smuggled past what lies in front."""
    async with http_stage() as stage:
        play(stage.routes)
        client = await stage.client()

        client.send_request(
            "POST", "/echo", b"0\r\n\r\n", Transfer_Encoding="chunked", Content_Length="5"
        )

        assert (await client.reply()).status == 400


async def test_what_is_no_http_is_refused_and_closed() -> None:
    async with http_stage() as stage:
        client = await stage.client()

        client.send(b"<stream:stream>\r\n\r\n")
        answer = await client.read_to_end()

        assert answer.startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("piece", [1_000, 65_536])
async def test_a_head_beyond_its_limit_is_refused(piece: int) -> None:
    """Limits hold before parsing, however the bytes arrive."""
    async with http_stage(HttpLimits(head_bytes=8_192)) as stage:
        play(stage.routes)
        client = await stage.client()
        head = b"GET /hello HTTP/1.1\r\nHost: montague.lit\r\nX: " + b"x" * 20_000 + b"\r\n\r\n"

        for start in range(0, len(head), piece):
            client.send(head[start : start + piece])
        answer = await client.read_to_end()

        assert answer.startswith(b"HTTP/1.1 431 ")


async def test_a_slow_head_is_cut_at_an_absolute_time() -> None:
    """A byte now and then buys no time."""
    async with http_stage(HttpLimits(head_seconds=0.2)) as stage:
        client = await stage.client()

        async def drip() -> None:
            while True:
                client.send(b"G")
                await asyncio.sleep(0.05)

        dripping = asyncio.get_running_loop().create_task(drip())
        answer = await client.read_to_end()
        dripping.cancel()

        assert answer.startswith(b"HTTP/1.1 408 ")


async def test_slow_content_is_cut() -> None:
    async with http_stage(HttpLimits(pace_seconds=0.2)) as stage:
        play(stage.routes)
        client = await stage.client()

        client.send_request("PUT", "/count", b"a", Content_Length="1000")
        answer = await client.read_to_end()

        assert answer.startswith(b"HTTP/1.1 408 ")


async def test_an_idle_connection_is_closed() -> None:
    async with http_stage(HttpLimits(idle_seconds=0.1)) as stage:
        play(stage.routes)
        client = await stage.client()
        await client.ask("GET", "/hello")

        assert await client.read_to_end() == b""


async def test_announced_content_beyond_the_limit_is_refused_before_it_arrives() -> None:
    async with http_stage() as stage:
        play(stage.routes)
        client = await stage.client()

        reply = await client.ask("POST", "/echo", b"", Content_Length="200000000")

        assert reply.status == 413
        assert reply.headers["connection"] == "close"


async def test_chunked_content_beyond_the_limit_is_refused_while_it_arrives() -> None:
    async with http_stage() as stage:
        play(stage.routes)
        client = await stage.client()

        client.send_request("POST", "/echo", Transfer_Encoding="chunked")
        client.send((b"4000\r\n" + b"x" * 0x4000 + b"\r\n") * 8)

        assert (await client.reply()).status == 413


async def test_a_client_that_asks_first_is_told_to_go_on() -> None:
    """RFC 9110, section 10.1.1."""
    async with http_stage() as stage:
        play(stage.routes)
        client = await stage.client()

        client.send_request("PUT", "/count", Content_Length="4", Expect="100-continue")
        go_on = await client.reply()
        client.send(b"rose")

        assert go_on.status == 100
        assert (await client.reply()).body == b"4"


async def test_large_content_waits_for_its_reader() -> None:
    """The client is not read faster than the handler takes it."""
    waits, is_reading = asyncio.Event(), asyncio.Event()

    async def read_late(request: HttpRequest) -> HttpResponse:
        is_reading.set()
        await waits.wait()
        return await count(request)

    async with http_stage(HttpLimits(waiting_bytes=65_536)) as stage:
        stage.routes.add(Route("PUT", "/late", Access.ANYONE, read_late))
        client = await stage.client()
        client.send_request("PUT", "/late", b"x" * 20_000_000)
        await is_reading.wait()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await client.drain()

        waits.set()

        assert (await client.reply()).body == b"20000000"


async def test_pieces_are_made_as_the_client_takes_them() -> None:
    made = 0
    size, pieces = 65_536, 400

    async def produce() -> AsyncGenerator[bytes, None]:
        nonlocal made
        for _ in range(pieces):
            made += 1
            yield b"x" * size

    async def send_much(_request: HttpRequest) -> HttpResponse:
        return HttpResponse(pieces=produce(), length=size * pieces)

    async with http_stage() as stage:
        stage.routes.add(Route("GET", "/much", Access.ANYONE, send_much))
        play(stage.routes)
        client, other = await stage.client(), await stage.client()
        client.send_request("GET", "/much")
        for _ in range(50):  # the loop has turns enough for all pieces
            await other.ask("GET", "/hello")
        before = made

        reply = await client.reply()

        assert 0 < before < pieces
        assert len(reply.body) == size * pieces


async def test_an_answer_that_breaks_off_cuts_the_connection(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def produce() -> AsyncGenerator[bytes, None]:
        yield b"x"
        message = "the file is gone"
        raise OSError(message)

    async def send(_request: HttpRequest) -> HttpResponse:
        return HttpResponse(pieces=produce(), length=10)

    async with http_stage() as stage:
        stage.routes.add(Route("GET", "/broken", Access.ANYONE, send))
        client = await stage.client()
        client.send_request("GET", "/broken")

        with caplog.at_level(logging.CRITICAL):
            answer = await client.read_to_end()

        assert len(answer.partition(b"\r\n\r\n")[2]) < 10


async def test_a_bug_is_answered_without_its_details(caplog: pytest.LogCaptureFixture) -> None:
    async with http_stage() as stage:
        play(stage.routes)
        client = await stage.client()

        with caplog.at_level(logging.CRITICAL):
            reply = await client.ask("GET", "/fails")

        assert (reply.status, reply.body) == (500, b"Internal Server Error\n")
        assert (await client.ask("GET", "/hello")).status == 200


async def test_a_handler_hears_that_its_client_is_gone() -> None:
    is_gone, is_there = asyncio.Event(), asyncio.Event()

    async def wait(request: HttpRequest) -> HttpResponse:
        request.when_lost(is_gone.set)
        is_there.set()
        await is_gone.wait()
        return HttpResponse()

    async with http_stage() as stage:
        stage.routes.add(Route("GET", "/wait", Access.ANYONE, wait))
        client = await stage.client()
        client.send_request("GET", "/wait")
        await is_there.wait()
        await client.close()

        async with asyncio.timeout(5):
            await is_gone.wait()


class TestPagesOfOtherOrigins:
    """The Fetch standard, "CORS protocol"."""

    async def test_a_preflight_says_what_a_page_may_do(self) -> None:
        async with http_stage() as stage:
            play(stage.routes)
            client = await stage.client()

            reply = await client.ask(
                "OPTIONS",
                "/count",
                Origin="https://verona.example",
                Access_Control_Request_Method="PUT",
            )

            assert reply.status == 204
            assert reply.headers["access-control-allow-origin"] == "*"
            assert "PUT" in reply.headers["access-control-allow-methods"]
            assert reply.headers["access-control-allow-headers"] == "Content-Type, X-Rose"

    async def test_a_page_that_is_not_allowed_is_told_nothing(self) -> None:
        async with http_stage() as stage:
            play(stage.routes)
            client = await stage.client()

            reply = await client.ask(
                "OPTIONS",
                "/echo",
                Origin="https://evil.example",
                Access_Control_Request_Method="POST",
            )

            assert "access-control-allow-origin" not in reply.headers

    @pytest.mark.parametrize(
        ("origin", "status"),
        [
            ("https://verona.example", 200),
            ("https://montague.lit", 200),  # the server's own
            ("https://evil.example", 403),
            ("http://montague.lit", 403),
            ("null", 403),
        ],
    )
    async def test_only_pages_of_allowed_origins_may_post(self, origin: str, status: int) -> None:
        async with http_stage() as stage:
            play(stage.routes)
            client = await stage.client()

            reply = await client.ask("POST", "/echo", b"x", Origin=origin)

            assert reply.status == status

    async def test_a_refusal_can_be_read_by_the_page(self) -> None:
        async with http_stage() as stage:
            play(stage.routes)
            client = await stage.client()

            reply = await client.ask("GET", "/refused", Origin="https://verona.example")

            assert (reply.status, reply.body) == (409, b"No.\n")
            assert reply.headers["access-control-allow-origin"] == "*"
