"""Takes connections on one port, in one or both families of addresses."""

import errno
import logging
import socket
import sys
from collections.abc import Callable, Sequence
from functools import partial

from embedded_server.network.admission import Admission, Ticket
from embedded_server.network.connection import Connection, Receiver
from embedded_server.network.errors import AddressUnusableError, PortTakenError
from embedded_server.network.network_loop import NetworkLoop
from embedded_server.network.tls import ServerTls

_logger = logging.getLogger(__name__)
_ALL_OF_IPV6 = "::"
_BACKLOG = 1_024
_ACCEPTS_PER_TURN = 64
_REST_SECONDS = 1.0  # after the process had no file descriptor left
_NO_DESCRIPTORS = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
_UNSENT_BYTES = 16_384
_TELL_SECONDS = 10.0
_KEEPALIVE = (("TCP_KEEPIDLE", 180), ("TCP_KEEPINTVL", 30), ("TCP_KEEPCNT", 4))

MakeReceiver = Callable[[Connection], Receiver]


class Listener:
    """One port.

    Args of the constructor:
        hosts: IP addresses or names; ``0.0.0.0`` and ``::`` together mean all of both families.
        port: 0 for one that is free, the same for all addresses.
        make_receiver: Makes what takes the bytes of a new connection.
        tls: Returns what direct TLS begins with, for each connection anew; None for ports that
            begin in clear text.
    """

    def __init__(
        self,
        loop: NetworkLoop,
        *,
        hosts: Sequence[str],
        port: int,
        make_receiver: MakeReceiver,
        admission: Admission,
        tls: Callable[[], ServerTls] | None = None,
    ) -> None:
        self._loop = loop
        self._hosts = tuple(hosts)
        self._port = port
        self._make_receiver = make_receiver
        self._admission = admission
        self._tls = tls
        self._sockets: list[socket.socket] = []
        self._connections: set[Connection] = set()
        self._refusals = _Refusals(loop.time)

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return self._port

    @property
    def connections(self) -> tuple[Connection, ...]:
        """Those that are open."""
        return tuple(self._connections)

    async def start(self) -> None:
        """Listen.

        Raises:
            PortTakenError: Another program listens there.
            AddressUnusableError: There is no such address, or no right to use the port.
        """
        try:
            for host in self._hosts:
                await self._bind(host)
        except Exception:
            self.stop()
            raise
        if not self._sockets:
            message = f"this machine has none of the addresses {', '.join(self._hosts)}"
            raise AddressUnusableError(message)
        for sock in self._sockets:
            sock.listen(_BACKLOG)
            self._accept_from(sock)

    def stop(self) -> None:
        """Take no more connections; those that are open stay."""
        for sock in self._sockets:
            self._loop.loop.remove_reader(sock.fileno())
            sock.close()
        self._sockets.clear()

    async def _bind(self, host: str) -> None:
        try:
            found = await self._loop.loop.getaddrinfo(
                host, self._port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )
        except OSError as error:
            message = f"this machine has no address {host}: {error}"
            raise AddressUnusableError(message) from error
        for family, kind, protocol, _name, address in found:
            sock = _socket(family, kind, protocol)
            if sock is None:
                continue
            self._sockets.append(sock)
            try:
                sock.bind((address[0], self._port, *address[2:]))
            except OSError as error:
                if address[0] == _ALL_OF_IPV6 and error.errno == errno.EADDRNOTAVAIL:
                    _logger.info("this machine has IPv6 switched off")
                    self._sockets.pop().close()
                    continue
                if error.errno == errno.EADDRINUSE:
                    raise PortTakenError(host, self._port) from error
                message = f"port {self._port} of {host} cannot be used: {error}"
                raise AddressUnusableError(message) from error
            self._port = sock.getsockname()[1]

    def _accept_from(self, sock: socket.socket) -> None:
        if sock.fileno() >= 0:
            self._loop.loop.add_reader(sock.fileno(), partial(self._accept, sock))

    def _accept(self, listening: socket.socket) -> None:
        for _ in range(_ACCEPTS_PER_TURN):
            try:
                sock, address = listening.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                if error.errno not in _NO_DESCRIPTORS:
                    raise
                _logger.warning("no more connections for a moment: %s", error)
                self._loop.loop.remove_reader(listening.fileno())
                self._loop.loop.call_later(_REST_SECONDS, self._accept_from, listening)
                return
            self._take_in(sock, address[0].partition("%")[0])

    def _take_in(self, sock: socket.socket, address: str) -> None:
        limits = self._admission.limits
        connection = Connection(self._loop, sock, peer_address=address, limits=limits)
        ticket = self._admission.take_in(address, connection)
        if ticket is None:
            self._refusals.note(address)
            sock.close()
            return
        try:
            _set_options(sock, limits.write_seconds)
        except OSError as error:  # it has gone in the meantime
            _logger.debug("lost %s at once: %s", address, error)
            ticket.give_back()
            sock.close()
            return
        self._connections.add(connection)
        connection.on_logged_in = ticket.logged_in
        connection.on_lost = partial(self._on_lost, connection, ticket)
        receiver = self._make_receiver(connection)
        connection.start(receiver, self._tls() if self._tls is not None else None)

    def _on_lost(self, connection: Connection, ticket: Ticket) -> None:
        self._connections.discard(connection)
        ticket.give_back()


class _Refusals:
    """Tells the log now and then how many were refused: a flood shall not fill it."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._count = 0
        self._told_at = -_TELL_SECONDS

    def note(self, address: str) -> None:
        """One more was refused."""
        self._count += 1
        if self._clock() - self._told_at >= _TELL_SECONDS:
            text = "too many connections that are not logged in: %d refused, the last of %s"
            _logger.info(text, self._count, address)
            self._count, self._told_at = 0, self._clock()


def _socket(family: int, kind: int, protocol: int) -> socket.socket | None:
    """Make a socket for listening; None if the machine has not this family of addresses."""
    try:
        sock = socket.socket(family, kind, protocol)
    except OSError as error:
        if error.errno == errno.EAFNOSUPPORT:
            return None
        raise
    sock.settimeout(0)
    if sys.platform == "win32":
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
    else:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    return sock


def _set_options(sock: socket.socket, write_seconds: float) -> None:
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        # Who has gone without a word takes what is sent to him for a quarter of an hour else.
        milliseconds = round(write_seconds * 1_000)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)
    if hasattr(socket, "TCP_NOTSENT_LOWAT"):
        # Else the system keeps megabytes for somebody who does not read.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _UNSENT_BYTES)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEPALIVE:
        if hasattr(socket, name):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
