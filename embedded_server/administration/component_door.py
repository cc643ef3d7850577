"""Where external components connect: a listener and its streams, if the settings open it."""

from embedded_server.config import LimitSettings
from embedded_server.modules.service.components import ComponentsModule
from embedded_server.network.admission import Admission
from embedded_server.network.listener import Listener
from embedded_server.network.network_loop import NetworkLoop
from embedded_server.service_sections import ComponentSettings
from embedded_server.sessions.components.component_streams import ComponentStreams


class ComponentDoor:
    """Open between ``open`` and ``stop``.

    Attributes:
        module: Joins the components with the routing; a module of the host.
    """

    def __init__(self, settings: ComponentSettings, limits: LimitSettings) -> None:
        self.module = ComponentsModule()
        self._settings = settings
        self._limits = limits
        self._streams: ComponentStreams | None = None
        self._listener: Listener | None = None

    @property
    def port(self) -> int:
        """Where it listens; 0 where it does not."""
        return self._listener.port if self._listener is not None else 0

    async def open(self, network: NetworkLoop) -> None:
        """Listen, if the settings say so.

        Raises:
            NetworkError: The port is taken, or an address is not there.
        """
        if not self._settings.enabled:
            return
        self._streams = ComponentStreams(
            network=network, host=self.module, secrets=self._settings.by_domain()
        )
        limits = self._limits
        self._listener = Listener(
            network,
            hosts=self._settings.listen,
            port=self._settings.port,
            make_receiver=self._streams.make,
            admission=Admission(limits.connections(), counts_loopback=limits.counts_loopback),
        )
        await self._listener.start()

    def stop(self) -> None:
        """Take no more components, and end the streams of those that are there."""
        if self._listener is not None:
            self._listener.stop()
        if self._streams is not None:
            self._streams.stop()
