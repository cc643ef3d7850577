"""A loopback proxy before an office, with every fault that a network has.

It can cut connections, swallow what is said (black hole), lose one end only (half-open), reset,
delay, narrow the rate, and drop elements by name. To see elements it ends TLS itself with the
certificate of the office and begins it again towards the office; without ``tls`` it passes bytes.
"""

import asyncio
import contextlib
import random
import re
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

from embedded_server.administration.certificates import SERVER_CHAIN, SERVER_KEY
from tests.helpers.office import LOOPBACK, client_tls

_PIECE_BYTES = 16_384
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER of no seconds: closing sends RST


@dataclass
class Weather:
    """What the network does; may be changed at any time and holds for what passes from then on.

    Attributes:
        delay_seconds, jitter_seconds: Of each piece, each way.
        bytes_per_second: Of each connection and way; 0 for no limit.
        is_black_hole: Takes everything and passes nothing on.
        watched: Names of childless elements on the way to the client, of which
        is_dropped: says, one by one, whether it is cut out.
    """

    delay_seconds: float = 0.0
    jitter_seconds: float = 0.0
    bytes_per_second: int = 0
    is_black_hole: bool = False
    watched: frozenset[str] = frozenset()
    is_dropped: Callable[[str], bool] = lambda _name: True


@dataclass(frozen=True)
class ProxyTls:
    """Both ends of TLS."""

    inward: ssl.SSLContext
    outward: ssl.SSLContext
    domain: str


class _Link:
    """One connection through the proxy."""

    def __init__(self, client: asyncio.StreamWriter, server: asyncio.StreamWriter) -> None:
        self.client = client
        self.server = server
        self.is_half_open = False

    def close(self, *, is_reset: bool) -> None:
        for writer in (self.client, self.server):
            if is_reset:
                sock = writer.get_extra_info("socket")
                with contextlib.suppress(OSError):
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            writer.transport.abort()


class TcpProxy:
    """Listens on a port of its own while ``running``.

    Attributes:
        weather: Of all connections.
        port: Where clients connect.
        passed: How many connections there were.
        is_open: Whether new connections are taken; else they are reset at once.
    """

    def __init__(
        self, target: Callable[[], int], *, tls: ProxyTls | None = None, seed: int = 0
    ) -> None:
        self.weather = Weather()
        self.port = 0
        self.passed = 0
        self.is_open = True
        self._target = target
        self._tls = tls
        self._chance = random.Random(seed)  # noqa: S311 - repeatable from its seed
        self._links: set[_Link] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["TcpProxy"]:
        """Listen for the time of a block."""
        inward = self._tls.inward if self._tls is not None else None
        server = await asyncio.start_server(
            self._on_connected, LOOPBACK, self.port, ssl=inward, limit=_PIECE_BYTES
        )
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            self.cut()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def link_count(self) -> int:
        """How many connections are open."""
        return len(self._links)

    def cut(self, *, is_reset: bool = False, share: float = 1.0) -> int:
        """End connections at both ends, all or a random share; returns how many."""
        chosen = [link for link in self._links if self._chance.random() < share]
        for link in chosen:
            self._links.discard(link)
            link.close(is_reset=is_reset)
        return len(chosen)

    def half_open(self) -> None:
        """Let the clients lose their connections, while the office hears nothing of it."""
        for link in tuple(self._links):
            link.is_half_open = True
            link.client.transport.abort()

    async def _on_connected(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._carry(reader, writer)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self.is_open or self.weather.is_black_hole:
            return
        outward, domain = (self._tls.outward, self._tls.domain) if self._tls else (None, None)
        from_server, to_server = await asyncio.open_connection(
            LOOPBACK, self._target(), ssl=outward, server_hostname=domain, limit=_PIECE_BYTES
        )
        link = _Link(writer, to_server)
        self._links.add(link)
        self.passed += 1
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pump(link, reader, to_server))
                group.create_task(self._pump(link, from_server, writer))
        except* OSError:
            pass
        finally:
            self._links.discard(link)
            to_server.transport.abort()

    async def _pump(
        self, link: _Link, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        is_to_client = writer is link.client
        kept = b""
        while data := await self._read(link, reader, is_from_client=not is_to_client):
            weather = self.weather
            if weather.delay_seconds or weather.jitter_seconds:
                swing = self._chance.uniform(-1.0, 1.0) * weather.jitter_seconds
                await asyncio.sleep(max(0.0, weather.delay_seconds + swing))
            if weather.bytes_per_second:
                await asyncio.sleep(len(data) / weather.bytes_per_second)
            if self.weather.is_black_hole or link.is_half_open:
                continue
            if is_to_client and weather.watched:
                data, kept = self._without_dropped(kept + data)
            elif kept:
                data, kept = kept + data, b""
            if data:
                writer.write(data)
                await writer.drain()
        writer.close()

    async def _read(
        self, link: _Link, reader: asyncio.StreamReader, *, is_from_client: bool
    ) -> bytes:
        try:
            data = await reader.read(_PIECE_BYTES)
        except OSError:
            data = b""
        if not data and is_from_client and link.is_half_open:
            await asyncio.Event().wait()  # the office is not told
        return data

    def _without_dropped(self, data: bytes) -> tuple[bytes, bytes]:
        """Cut elements out; a tag that is not finished waits for the rest of it."""
        names = b"|".join(re.escape(name.encode()) for name in sorted(self.weather.watched))
        pattern = re.compile(rb"<(" + names + rb")(?:\s[^<>]*)?/>")

        def drop(match: re.Match[bytes]) -> bytes:
            return b"" if self.weather.is_dropped(match[1].decode()) else match[0]

        clean = pattern.sub(drop, data)
        start = clean.rfind(b"<")
        if start >= 0 and b">" not in clean[start:]:
            return clean[:start], clean[start:]
        return clean, b""


def proxy_tls(folder: Path, domain: str) -> ProxyTls:
    """Make the contexts of a proxy that speaks for the office in a folder."""
    inward = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    inward.load_cert_chain(folder / SERVER_CHAIN, folder / SERVER_KEY)
    return ProxyTls(inward, client_tls(folder), domain)
