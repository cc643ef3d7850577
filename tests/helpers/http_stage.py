"""The HTTP front on the loopback interface, with routes of a test."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator

from embedded_server.network.admission import Admission
from embedded_server.network.http.http_connection import HttpConnection
from embedded_server.network.http.http_context import HttpContext
from embedded_server.network.http.names import ServedNames
from embedded_server.network.http.routes import HttpRoutes
from embedded_server.network.listener import Listener
from embedded_server.network.network_loop import NetworkLoop
from embedded_server.network.tls import ServerTls
from embedded_server.sessions.task_owner import TaskOwner
from shared_protocol.limits import ConnectionLimits, HttpLimits
from tests.helpers.http_client import HOST, HttpClient


class HttpStage:
    """A listener with routes."""

    def __init__(self, limits: HttpLimits, tls: ServerTls | None) -> None:
        self.network = NetworkLoop(
            asyncio.get_running_loop(), sweep_seconds=0.02, linger_seconds=0.3
        )
        self.routes = HttpRoutes()
        self.tasks = TaskOwner()
        self.context = HttpContext(
            network=self.network,
            routes=self.routes,
            names=ServedNames([HOST]),
            spawn=self.tasks.spawn,
            limits=limits,
        )
        self.listener = Listener(
            self.network,
            hosts=["127.0.0.1"],
            port=0,
            make_receiver=lambda connection: HttpConnection(self.context, connection),
            admission=Admission(ConnectionLimits(per_address_before_login=0, before_login=0)),
            tls=(lambda: tls) if tls is not None else None,
        )
        self._clients: list[HttpClient] = []

    async def client(self, tls: ssl.SSLContext | None = None) -> HttpClient:
        client = await HttpClient.connect(self.listener.port, tls)
        self._clients.append(client)
        return client

    async def close(self) -> None:
        self.listener.stop()
        for connection in self.listener.connections:
            connection.abort()
        for client in self._clients:
            await client.close()
        await self.tasks.stop()
        self.network.stop()


@contextlib.asynccontextmanager
async def http_stage(
    limits: HttpLimits | None = None, tls: ServerTls | None = None
) -> AsyncIterator[HttpStage]:
    """Run the front for the time of a block."""
    stage = HttpStage(limits or HttpLimits(), tls)
    await stage.listener.start()
    try:
        yield stage
    finally:
        await stage.close()
