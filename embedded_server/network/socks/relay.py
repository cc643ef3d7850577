"""Joins two connections that wait under one name, once somebody with the right says so.

Nothing is relayed before that, and nobody is ever connected to anywhere else: this is no open
relay (XEP-0065, section 11).
"""

import logging
from collections.abc import Callable, Sequence

from embedded_server.network.admission import Admission
from embedded_server.network.connection import Connection
from embedded_server.network.listener import Listener
from embedded_server.network.network_loop import NetworkLoop
from embedded_server.network.socks.handshake import SocksHandshake, SocksRefusedError
from shared_protocol.limits import ConnectionLimits, RelayLimits

_logger = logging.getLogger(__name__)
_ENDS = 2


class NobodyWaitsError(Exception):
    """No connection waits under this name."""


class OneWaitsError(Exception):
    """Only one of the two is there."""


class RelayBusyError(Exception):
    """As many streams as are allowed are running."""


class Relay:
    """One port for both ends of every stream.

    Args of the constructor:
        hosts, port: Where it listens; 0 for a free port.
    """

    def __init__(
        self,
        *,
        hosts: Sequence[str],
        port: int,
        limits: RelayLimits | None = None,
        connections: ConnectionLimits | None = None,
        counts_loopback: bool = True,
    ) -> None:
        self._hosts = hosts
        self._port = port
        self._limits = limits or RelayLimits()
        self._admission = Admission(
            connections or ConnectionLimits(), counts_loopback=counts_loopback
        )
        self._waiting: dict[str, list[RelayEnd]] = {}
        self._running: dict[str, int] = {}  # streams by who began them
        self._listener: Listener | None = None
        self._network: NetworkLoop | None = None

    @property
    def port(self) -> int:
        """The port that it listens on; 0 before ``start``."""
        return self._listener.port if self._listener is not None else 0

    @property
    def running_count(self) -> int:
        """How many streams are running."""
        return sum(self._running.values())

    async def start(self, network: NetworkLoop) -> None:
        """Listen; errors as of ``Listener.start``."""
        self._network = network
        self._listener = Listener(
            network,
            hosts=self._hosts,
            port=self._port,
            make_receiver=lambda connection: RelayEnd(self, network, connection, self._limits),
            admission=self._admission,
        )
        await self._listener.start()

    def stop(self) -> None:
        """Take no more, and cut what is running."""
        if self._listener is not None:
            self._listener.stop()
            for connection in self._listener.connections:
                connection.abort()

    def activate(self, name: str, owner: str) -> None:
        """Join the two that wait under a name.

        Args:
            name: SHA-1 of stream id and both addresses, hexadecimal.
            owner: Who has the right and answers for the stream; counted.

        Raises:
            NobodyWaitsError, OneWaitsError: They are not both there.
            RelayBusyError: The owner, or all together, have too many.
        """
        ends = self._waiting.get(name, [])
        if not ends:
            raise NobodyWaitsError
        if len(ends) < _ENDS:
            raise OneWaitsError
        limits = self._limits
        is_busy = self.running_count >= limits.streams
        if is_busy or self._running.get(owner, 0) >= limits.streams_of_account:
            raise RelayBusyError
        del self._waiting[name]
        self._running[owner] = self._running.get(owner, 0) + 1
        end = _Once(lambda: self._end(owner))
        first, second = ends
        first.begin(second, end)
        second.begin(first, end)

    # What the ends call.

    def wait(self, end: "RelayEnd", name: str) -> bool:
        """Let a connection wait under a name; False if two are there already."""
        ends = self._waiting.setdefault(name, [])
        if len(ends) >= _ENDS:
            return False
        ends.append(end)
        return True

    def forget(self, end: "RelayEnd", name: str) -> None:
        """A connection that waited is gone."""
        ends = self._waiting.get(name, [])
        if end in ends:
            ends.remove(end)
        if not ends:
            self._waiting.pop(name, None)

    def _end(self, owner: str) -> None:
        self._running[owner] -= 1
        if not self._running[owner]:
            del self._running[owner]


class RelayEnd:
    """One connection: says its name, waits, and is joined to another. Receives from it."""

    def __init__(
        self, relay: Relay, network: NetworkLoop, connection: Connection, limits: RelayLimits
    ) -> None:
        self._relay = relay
        self._network = network
        self._connection = connection
        self._limits = limits
        self._handshake = SocksHandshake()
        self._other: RelayEnd | None = None
        self._on_end: Callable[[], None] | None = None
        self._network.set_deadline(self, limits.handshake_seconds, connection.abort)

    def begin(self, other: "RelayEnd", on_end: Callable[[], None]) -> None:
        """Relay to another; ``on_end`` is called once, when it is over."""
        self._other, self._on_end = other, on_end
        self._connection.mark_logged_in()
        self._connection.resume_reading()
        self._note_traffic()

    def deliver(self, data: bytes, source: Connection) -> None:
        """Send what the other end has sent; a source that is too fast waits."""
        self._connection.write(data)
        if self._connection.is_congested:
            source.pause_reading()
            self._connection.when_relieved(source.resume_reading)

    def part(self) -> None:
        """The other end is gone; what is under way still arrives."""
        self._other = None
        self._connection.close()

    # What the connection calls.

    def encrypted(self) -> None:
        """Never: there is no TLS in SOCKS5."""

    def received(self, data: bytes) -> None:
        """Take bytes of the client."""
        if self._other is not None:
            self._note_traffic()
            self._other.deliver(data, self._connection)
            return
        try:
            answer = self._handshake.receive(data)
        except SocksRefusedError as error:
            self._connection.write(error.answer)
            self._connection.close()
            return
        if answer:
            self._connection.write(answer)
        if self._handshake.name:
            self._wait()

    def lost(self) -> None:
        """The connection is gone, and the stream with it."""
        self._network.clear_deadline(self)
        self._relay.forget(self, self._handshake.name)
        other, self._other = self._other, None
        if other is not None:
            other.part()
        on_end, self._on_end = self._on_end, None
        if on_end is not None:
            on_end()

    def _wait(self) -> None:
        if not self._relay.wait(self, self._handshake.name):
            _logger.info("a third wants to be joined to two: %s", self._connection.peer_address)
            self._connection.close()
            return
        self._connection.write(self._handshake.accepted())
        self._connection.pause_reading()  # nothing is taken before there is whom to give it to
        self._network.set_deadline(self, self._limits.waiting_seconds, self._connection.abort)

    def _note_traffic(self) -> None:
        self._network.set_deadline(self, self._limits.idle_seconds, self._connection.abort)


class _Once:
    """Calls a function once, whichever of two ends comes first."""

    def __init__(self, action: Callable[[], None]) -> None:
        self._action: Callable[[], None] | None = action

    def __call__(self) -> None:
        action, self._action = self._action, None
        if action is not None:
            action()
