"""The port for HTTPS: a listener whose connections speak HTTP to the routes of a site."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from embedded_server.network.admission import Admission
from embedded_server.network.connection import Connection
from embedded_server.network.http.http_connection import HttpConnection
from embedded_server.network.http.http_context import HttpContext
from embedded_server.network.listener import Listener
from embedded_server.network.tls import ServerTls
from shared_protocol.limits import ConnectionLimits


class WebListener:
    """Listens for browsers and programs that speak HTTP in TLS; never in clear text.

    Strangers are counted apart from those at the other ports, so that neither keeps the others
    from coming in; a browser opens several connections at once.

    Args of the constructor:
        limits: Those of connections at the other ports; a limit of 0 is lifted here too.
    """

    def __init__(
        self,
        context: HttpContext,
        *,
        hosts: Sequence[str],
        port: int,
        tls: Callable[[], ServerTls],
        limits: ConnectionLimits,
        counts_loopback: bool = True,
    ) -> None:
        self._context = context
        per_address = context.limits.connections_per_address
        if limits.per_address_before_login:
            limits = replace(limits, per_address_before_login=per_address)
        self._listener = Listener(
            context.network,
            hosts=hosts,
            port=port,
            make_receiver=self._connected,
            admission=Admission(limits, counts_loopback=counts_loopback),
            tls=tls,
        )

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return self._listener.port

    async def start(self) -> None:
        """Listen; errors as of ``Listener.start``."""
        await self._listener.start()

    def stop(self) -> None:
        """Take no more connections; those that are open stay."""
        self._listener.stop()

    def abort(self) -> None:
        """Cut what is still open."""
        for connection in self._listener.connections:
            connection.abort()

    def _connected(self, connection: Connection) -> HttpConnection:
        return HttpConnection(self._context, connection)
