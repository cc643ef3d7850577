"""All client streams of one host: makes them for the listeners, and ends them at the stop."""

import asyncio
from collections.abc import Callable, Iterator

from embedded_server.network.connection import Connection
from embedded_server.network.network_loop import NetworkLoop
from embedded_server.network.tls import ServerTls
from embedded_server.sessions.carriers.byte_framing import ByteFraming
from embedded_server.sessions.carriers.ports import StreamCarrier, StreamFraming
from embedded_server.sessions.client_stream import ClientStream
from embedded_server.sessions.continuity.session_keeper import SessionKeeper
from embedded_server.sessions.directory import SessionDirectory
from embedded_server.sessions.idle_parsers import IdleParsers
from embedded_server.sessions.login_throttle import LoginThrottle
from embedded_server.sessions.stream_context import StreamContext, StreamSettings
from embedded_server.sessions.stream_host import LoginSources, StreamHost
from embedded_server.sessions.task_owner import TaskOwner
from shared_protocol.errors import StreamCondition, StreamError

_STOP_SECONDS = 3.0


class ClientStreams:
    """Makes streams. Its methods ``in_clear`` and ``in_tls`` are what listeners want.

    Attributes:
        keeper: Their sessions.

    Args of the constructor:
        tls: Returns what STARTTLS begins with, for each stream anew.
    """

    def __init__(
        self,
        *,
        network: NetworkLoop,
        host: StreamHost,
        logins: LoginSources,
        directory: SessionDirectory,
        tls: Callable[[], ServerTls],
        settings: StreamSettings | None = None,
    ) -> None:
        settings = settings or StreamSettings()
        self.keeper = SessionKeeper(
            network=network, host=host, directory=directory, limits=settings.acknowledgements
        )
        self._context = StreamContext(
            network=network,
            host=host,
            accounts=logins.accounts,
            tokens=logins.tokens,
            directory=directory,
            keeper=self.keeper,
            tls=tls,
            settings=settings,
            throttle=LoginThrottle(settings.logins, network.time),
            parsers=IdleParsers(network, idle_seconds=settings.parser_seconds),
            tasks=TaskOwner(),
        )
        self._open: dict[ClientStream, StreamCarrier] = {}
        self._all_lost: asyncio.Event | None = None

    def __len__(self) -> int:
        return len(self._open)

    def __iter__(self) -> Iterator[ClientStream]:
        """Those that are open; a copy, so that they may end on the way."""
        return iter(tuple(self._open))

    def in_clear(self, connection: Connection) -> ClientStream:
        """Make a stream that begins in clear text and goes on with STARTTLS."""
        return self._make(connection, self._byte_framing(), begins_in_tls=False)

    def in_tls(self, connection: Connection) -> ClientStream:
        """Make a stream on direct TLS (XEP-0368)."""
        return self._make(connection, self._byte_framing(), begins_in_tls=True)

    def carried(self, carrier: StreamCarrier, framing: StreamFraming) -> ClientStream:
        """Make a stream on something that is encrypted already: a WebSocket, or BOSH."""
        stream = self._make(carrier, framing, begins_in_tls=True)
        stream.encrypted()
        return stream

    async def stop(self) -> None:
        """End all streams with ``system-shutdown``; cut those that do not take it in time."""
        error = StreamError(StreamCondition.SYSTEM_SHUTDOWN)
        self._all_lost = asyncio.Event()
        for stream in self:
            stream.end(error)
        if self._open:
            try:
                await asyncio.wait_for(self._all_lost.wait(), _STOP_SECONDS)
            except TimeoutError:
                for connection in tuple(self._open.values()):
                    connection.abort()
        await self._context.tasks.stop()

    def _byte_framing(self) -> ByteFraming:
        return ByteFraming(self._context.settings.before_login)

    def _make(
        self, carrier: StreamCarrier, framing: StreamFraming, *, begins_in_tls: bool
    ) -> ClientStream:
        stream = ClientStream(
            self._context, carrier, framing, begins_in_tls=begins_in_tls, on_lost=self._on_lost
        )
        self._open[stream] = carrier
        return stream

    def _on_lost(self, stream: ClientStream) -> None:
        self._open.pop(stream, None)
        if not self._open and self._all_lost is not None:
            self._all_lost.set()
