"""All streams of components of one office: makes them for the listener, and ends them."""

from collections.abc import Mapping

from embedded_server.network.connection import Connection
from embedded_server.network.network_loop import NetworkLoop
from embedded_server.sessions.components.component_ports import ComponentHost
from embedded_server.sessions.components.component_stream import ComponentContext, ComponentStream
from shared_protocol.errors import StreamCondition, StreamError
from shared_protocol.limits import ComponentLimits


class ComponentStreams:
    """Makes streams; ``make`` is what a listener wants."""

    def __init__(
        self,
        *,
        network: NetworkLoop,
        host: ComponentHost,
        secrets: Mapping[str, str],
        limits: ComponentLimits | None = None,
    ) -> None:
        self._context = ComponentContext(network, host, secrets, limits or ComponentLimits())
        self._open: set[ComponentStream] = set()

    def make(self, connection: Connection) -> ComponentStream:
        """Make the stream of a new connection."""
        stream = ComponentStream(self._context, connection, on_lost=self._open.discard)
        self._open.add(stream)
        return stream

    def stop(self) -> None:
        """End all streams with ``system-shutdown``."""
        for stream in tuple(self._open):
            stream.end(StreamError(StreamCondition.SYSTEM_SHUTDOWN))
