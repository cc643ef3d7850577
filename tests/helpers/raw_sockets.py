"""Blocking sockets in threads, which read exactly when a test says so, and a server to talk to."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from embedded_server.network.admission import Admission
from embedded_server.network.connection import Connection
from embedded_server.network.listener import Listener
from embedded_server.network.network_loop import NetworkLoop
from embedded_server.network.tls import ServerTls
from shared_protocol.limits import ConnectionLimits

SECONDS = 10.0
UNLIMITED = ConnectionLimits(per_address_before_login=0, before_login=0)


class Recorder:
    """Takes what a connection receives.

    Attributes:
        events: ``encrypted`` and ``lost``, in order.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.data = b""
        self.events: list[str] = []
        self.fails = False
        self._changed = asyncio.Event()

    def received(self, data: bytes) -> None:
        self.data += data
        self._changed.set()
        if self.fails:
            message = "a receiver with a bug"
            raise RuntimeError(message)

    def encrypted(self) -> None:
        self.events.append("encrypted")
        self._changed.set()

    def lost(self) -> None:
        self.events.append("lost")
        self._changed.set()

    async def wait_for_data(self, expected: bytes) -> None:
        while len(self.data) < len(expected):
            await self.wait_for_change()
        assert self.data == expected

    async def wait_for_event(self, event: str) -> None:
        while event not in self.events:
            await self.wait_for_change()

    async def wait_for_change(self) -> None:
        async with asyncio.timeout(SECONDS):
            await self._changed.wait()
            self._changed.clear()


class RawServer:
    """A listener whose connections are recorded."""

    def __init__(self, tls: ServerTls | None, limits: ConnectionLimits) -> None:
        self.network = NetworkLoop(
            asyncio.get_running_loop(), sweep_seconds=0.02, linger_seconds=0.3
        )
        self.recorders: list[Recorder] = []
        self.admission = Admission(limits)
        self._arrived = asyncio.Event()
        self.listener = Listener(
            self.network,
            hosts=["127.0.0.1"],
            port=0,
            make_receiver=self._record,
            admission=self.admission,
            tls=(lambda: tls) if tls is not None else None,
        )

    def _record(self, connection: Connection) -> Recorder:
        recorder = Recorder(connection)
        self.recorders.append(recorder)
        self._arrived.set()
        return recorder

    async def accept(self, tls: ssl.SSLContext | None = None) -> tuple[socket.socket, Recorder]:
        """Connect to it; returns both ends."""
        count = len(self.recorders)
        sock = await asyncio.to_thread(connect, self.listener.port, tls)
        while len(self.recorders) == count:
            self._arrived.clear()
            async with asyncio.timeout(SECONDS):
                await self._arrived.wait()
        return sock, self.recorders[count]


def connect(port: int, tls: ssl.SSLContext | None = None) -> socket.socket:
    """Open a blocking connection with a small receive buffer, encrypted if wanted."""
    sock = socket.socket()
    sock.settimeout(SECONDS)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
    sock.connect(("127.0.0.1", port))
    return tls.wrap_socket(sock, server_hostname="montague.lit") if tls is not None else sock


async def read_exactly(sock: socket.socket, count: int) -> bytes:
    """Read so many bytes in a thread."""

    def read() -> bytes:
        data = bytearray()
        while len(data) < count and (piece := sock.recv(65_536)):
            data += piece
        return bytes(data)

    return await asyncio.to_thread(read)


async def read_all(sock: socket.socket) -> bytes:
    """Read until the other end closes, in a thread."""

    def read() -> bytes:
        data = bytearray()
        with suppress(OSError):
            while piece := sock.recv(65_536):
                data += piece
        return bytes(data)

    return await asyncio.to_thread(read)


@asynccontextmanager
async def raw_server(
    tls: ServerTls | None = None, limits: ConnectionLimits = UNLIMITED
) -> AsyncIterator[RawServer]:
    """Run a server for the time of a block."""
    server = RawServer(tls, limits)
    await server.listener.start()
    try:
        yield server
    finally:
        server.listener.stop()
        for connection in server.listener.connections:
            connection.abort()
        server.network.stop()
