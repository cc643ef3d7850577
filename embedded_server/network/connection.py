"""A connection that costs little while it is idle: our own transport for clear text and TLS.

It rests on ``add_reader``, ``add_writer`` and a non-blocking ``SSLSocket``, because the transports
of asyncio keep buffers for each connection (docs/decisions). It reads into one buffer for all
connections, sends once what a turn of the loop has written, and bounds what a slow reader may
queue.
"""

import logging
import socket
import ssl
from collections.abc import Callable
from enum import Enum, auto
from typing import Protocol

from embedded_server.network.network_loop import NetworkLoop
from embedded_server.network.tls import ServerTls
from embedded_server.network.write_watch import WriteWatch
from shared_protocol.limits import ConnectionLimits

_logger = logging.getLogger(__name__)
_READS_PER_TURN = 8  # then the others have their turn
_MUCH_BYTES = 8_192  # who sends a record as long as this has more to send
_PIECE_BYTES = 65_536
_LINGER_BYTES = 4_194_304
_WOULD_BLOCK = (BlockingIOError, InterruptedError, ssl.SSLWantReadError)


class Receiver(Protocol):
    """Who takes what arrives. An exception from it is logged and costs the connection."""

    def received(self, data: bytes) -> None:
        """Take bytes, at least one."""

    def encrypted(self) -> None:
        """TLS has begun; only now may something be written after ``start_tls``."""

    def lost(self) -> None:
        """The connection is gone; called once, and nothing after it."""


class _State(Enum):
    NEW = auto()
    HANDSHAKING = auto()
    OPEN = auto()
    CLOSING = auto()  # what is queued still leaves
    DOOMED = auto()  # ends in the next turn of the loop
    LINGERING = auto()  # all has left; waits for the peer, so that its kernel keeps what we sent
    CLOSED = auto()


_SENDING = frozenset({_State.NEW, _State.OPEN, _State.CLOSING})

_SLOTS = (
    "_discarded_bytes",
    "_due_bytes",
    "_fd",
    "_is_dirty",
    "_is_reading",
    "_is_wanted",
    "_is_writer_set",
    "_last",
    "_limits",
    "_loop",
    "_out",
    "_out_bytes",
    "_receiver",
    "_sent_bytes",
    "_socket",
    "_state",
    "_tls",
    "_unsent",
    "_watch",
    "has_spoken",
    "on_logged_in",
    "on_lost",
    "peer_address",
)


class Connection:
    """One TCP connection of a peer, made by a listener.

    Attributes:
        peer_address: IP address of the peer.
        on_lost: Called once when the connection is gone, after the receiver.
        on_logged_in: Called once when the peer has shown who it is.
        has_spoken: Whether anything has come from the peer yet.
    """

    __slots__ = _SLOTS

    def __init__(
        self,
        loop: NetworkLoop,
        sock: socket.socket,
        *,
        peer_address: str,
        limits: ConnectionLimits | None = None,
    ) -> None:
        sock.settimeout(0)
        self.peer_address = peer_address
        self.on_lost: Callable[[], None] | None = None
        self.on_logged_in: Callable[[], None] | None = None
        self._loop = loop
        self._socket: socket.socket | ssl.SSLSocket = sock
        self._fd = sock.fileno()
        self._limits = limits or ConnectionLimits()
        self._receiver: Receiver | None = None
        self._tls: ServerTls | None = None
        self._state = _State.NEW
        self.has_spoken = False
        self._is_reading = False  # a reader is set
        self._is_wanted = True  # the receiver has not paused reading
        self._is_writer_set = False
        self._is_dirty = False
        self._out: list[bytes] = []
        self._last = b""
        self._unsent: memoryview | None = None  # what the kernel did not take; offered again as is
        self._out_bytes = 0  # queued and not yet taken by the kernel
        self._sent_bytes = 0  # taken by the kernel since the beginning
        self._due_bytes = 0  # what _sent_bytes must have reached at the write deadline
        self._discarded_bytes = 0
        self._watch: WriteWatch | None = None

    def __repr__(self) -> str:
        return f"<Connection {self.peer_address} {self._state.name.lower()}>"

    @property
    def loop(self) -> NetworkLoop:
        """The loop that it belongs to."""
        return self._loop

    @property
    def is_encrypted(self) -> bool:
        """Whether TLS has begun."""
        return self._tls is not None and self._state is not _State.HANDSHAKING

    @property
    def channel_binding(self) -> bytes | None:
        """Data of ``tls-server-end-point``; None in clear text."""
        return self._tls.channel_binding if self._tls is not None else None

    @property
    def is_closed(self) -> bool:
        """Whether nothing can be written any more."""
        return self._state not in {_State.NEW, _State.HANDSHAKING, _State.OPEN}

    @property
    def is_congested(self) -> bool:
        """Whether more is queued than the soft limit allows."""
        return self._out_bytes > self._limits.soft_buffer_bytes

    @property
    def out_bytes(self) -> int:
        """How many bytes are queued."""
        return self._out_bytes

    def start(self, receiver: Receiver, tls: ServerTls | None = None) -> None:
        """Begin to read; with ``tls``, by a handshake (direct TLS, XEP-0368)."""
        self._receiver = receiver
        if tls is None:
            self._state = _State.OPEN
            self._update_reader()
        else:
            self.start_tls(tls)

    def start_tls(self, tls: ServerTls) -> None:
        """Encrypt from here on; what was written before leaves in clear text first.

        Nothing may be written until ``encrypted`` is called.
        """
        self.flush()
        if self._state is _State.CLOSED:
            return
        if self._out_bytes:
            # The peer takes not even the few bytes before TLS: nothing to wait for.
            self.abort()
            return
        self._tls = tls
        self._state = _State.HANDSHAKING
        try:
            self._socket = tls.context.wrap_socket(
                self._socket, server_side=True, do_handshake_on_connect=False
            )
        except OSError as error:
            _logger.debug("no TLS with %s: %s", self.peer_address, error)
            self.abort()
            return
        self._update_reader()

    def mark_logged_in(self) -> None:
        """The peer has shown who it is, and counts no more among the strangers."""
        on_logged_in, self.on_logged_in = self.on_logged_in, None
        if on_logged_in is not None:
            on_logged_in()

    # Writing.

    def write(self, data: bytes) -> None:
        """Queue bytes; all that a turn of the loop writes leaves together."""
        if self._state is not _State.OPEN:
            return
        self._out.append(data)
        self._out_bytes += len(data)
        if not self._is_dirty:
            self._is_dirty = True
            self._loop.flush_soon(self)
        if self._out_bytes > self._limits.hard_buffer_bytes:
            self._send_or_cut()

    def write_last(self, data: bytes) -> None:
        """Queue bytes, once, behind everything that this turn of the loop writes."""
        if self._state is not _State.OPEN:
            return
        if not self._last:
            self._out_bytes += len(data)
            self._last = data
        if not self._is_dirty:
            self._is_dirty = True
            self._loop.flush_soon(self)

    def when_written(self, callback: Callable[[], None]) -> None:
        """Call back when the kernel has taken all that is queued; never if that cannot be."""
        if self._state is _State.CLOSED:
            return
        self._watched().add_written(self._sent_bytes + self._out_bytes, callback)
        if not self._out_bytes and not self._is_dirty:
            self._is_dirty = True
            self._loop.flush_soon(self)

    def when_relieved(self, callback: Callable[[], None]) -> None:
        """Call back, once, when the queue is below the soft limit; never if that cannot be."""
        self._watched().add_relieved(callback)

    def flush(self) -> None:
        """Send what has been written; the loop calls it at the end of a turn."""
        self._is_dirty = False
        # If the kernel is full, the writer goes on when it is not any more.
        if not self._is_writer_set and self._state in _SENDING:
            self._send_queue()

    def _send_or_cut(self) -> None:
        """See, in the midst of a turn, whether the kernel takes what is too much to keep."""
        if not self._is_writer_set:
            self._send_queue()
        if self._out_bytes > self._limits.hard_buffer_bytes:
            self._doom("it does not read what it is sent")

    def _send_queue(self) -> None:
        try:
            while self._next_piece():
                self._send_piece()
        except (BlockingIOError, InterruptedError, ssl.SSLWantWriteError, ssl.SSLWantReadError):
            self._wait_for_writer()
        except OSError as error:
            self._doom(str(error))
            return
        else:
            self._stop_waiting_for_writer()
        watch = self._watch
        if watch is not None and not watch.tell(self._sent_bytes, is_congested=self.is_congested):
            self._watch = None
        if self._state is _State.CLOSING and not self._out_bytes:
            self._finish()

    def _next_piece(self) -> bool:
        if self._unsent is not None:
            return True
        if self._last:
            self._out.append(self._last)
            self._last = b""
        if not self._out:
            return False
        queue, self._out = self._out, []
        self._unsent = memoryview(queue[0] if len(queue) == 1 else b"".join(queue))
        return True

    def _send_piece(self) -> None:
        unsent = self._unsent
        if unsent is None:
            return
        # A piece that TLS could not send must be offered again with the same bytes.
        sent = self._socket.send(unsent[:_PIECE_BYTES])
        self._sent_bytes += sent
        self._out_bytes -= sent
        self._unsent = unsent[sent:] if sent < len(unsent) else None

    def _wait_for_writer(self) -> None:
        if not self._is_writer_set:
            self._is_writer_set = True
            self._loop.loop.add_writer(self._fd, self._on_writable)
            self._set_write_deadline()

    def _set_write_deadline(self) -> None:
        due = min(self._out_bytes, self._limits.soft_buffer_bytes)
        self._due_bytes = self._sent_bytes + due
        self._loop.set_deadline(self, self._limits.write_seconds, self._on_write_deadline)

    def _stop_waiting_for_writer(self) -> None:
        if self._is_writer_set:
            self._is_writer_set = False
            self._loop.loop.remove_writer(self._fd)
            self._loop.clear_deadline(self)

    def _on_writable(self) -> None:
        if self._state is _State.HANDSHAKING:
            self._stop_waiting_for_writer()
            self._shake_hands()
        else:
            self._send_queue()

    def _on_write_deadline(self) -> None:
        if self._sent_bytes < self._due_bytes:
            _logger.info("cut %s: it has not read for a while", self.peer_address)
            self.abort()
        else:
            self._set_write_deadline()

    def _watched(self) -> WriteWatch:
        if self._watch is None:
            self._watch = WriteWatch()
        return self._watch

    # Reading.

    def pause_reading(self) -> None:
        """Take nothing from the peer until ``resume_reading``."""
        self._is_wanted = False
        self._update_reader()

    def resume_reading(self) -> None:
        """Go on reading."""
        self._is_wanted = True
        self._update_reader()

    def _update_reader(self) -> None:
        is_due = self._state is not _State.CLOSED and (
            self._is_wanted or self._state is not _State.OPEN
        )
        if is_due and not self._is_reading:
            self._loop.loop.add_reader(self._fd, self._on_readable)
        elif self._is_reading and not is_due:
            self._loop.loop.remove_reader(self._fd)
        self._is_reading = is_due

    def _on_readable(self) -> None:
        self.has_spoken = True
        if self._state is _State.OPEN:
            self._read()
        elif self._state is _State.HANDSHAKING:
            self._shake_hands()
        else:
            self._discard()

    def _read(self) -> None:
        buffer = self._loop.buffer
        for _ in range(_READS_PER_TURN):
            try:
                count = self._socket.recv_into(buffer)
            except _WOULD_BLOCK:
                return
            except ssl.SSLWantWriteError:
                self._wait_for_writer()
                return
            except OSError as error:
                _logger.debug("lost %s: %s", self.peer_address, error)
                self.abort()
                return
            if not count:
                self.abort()
                return
            self._deliver(bytes(buffer[:count]))
            if count < _MUCH_BYTES or self._state is not _State.OPEN or not self._is_wanted:
                return  # asking in vain costs more than the loop, which calls again if need be

    def _deliver(self, data: bytes) -> None:
        receiver = self._receiver
        if receiver is None:
            return
        try:
            receiver.received(data)
        except Exception:
            _logger.exception("a connection is cut, because taking its bytes failed")
            self.abort()

    def _shake_hands(self) -> None:
        sock = self._socket
        if not isinstance(sock, ssl.SSLSocket):
            return
        try:
            sock.do_handshake()
        except ssl.SSLWantReadError:
            return
        except ssl.SSLWantWriteError:
            self._wait_for_writer()
            return
        except (OSError, ValueError) as error:
            _logger.debug("no TLS with %s: %s", self.peer_address, error)
            self.abort()
            return
        self._state = _State.OPEN
        if self._receiver is not None:
            self._receiver.encrypted()
        self._read()  # the peer may have sent behind its last handshake message

    # The end.

    def close(self) -> None:
        """Send what is queued, say good-bye in TLS, wait a moment for the peer, and close."""
        if self._state is _State.OPEN:
            self._state = _State.CLOSING
            self._loop.set_deadline((self, "close"), self._loop.linger_seconds, self.abort)
            self._update_reader()
            if not self._is_dirty:
                self._is_dirty = True
                self._loop.flush_soon(self)
        elif self._state in {_State.NEW, _State.HANDSHAKING}:
            self.abort()

    def abort(self) -> None:
        """Close at once; what is queued is lost."""
        if self._state is _State.CLOSED:
            return
        self._stop_waiting_for_writer()
        self._state = _State.CLOSED
        self._update_reader()
        self._loop.clear_deadline((self, "close"))
        self._socket.close()
        self._forget_queue()
        receiver, self._receiver = self._receiver, None
        on_lost, self.on_lost = self.on_lost, None
        try:
            if receiver is not None:
                receiver.lost()
        except Exception:
            _logger.exception("the end of a connection could not be dealt with")
        finally:
            if on_lost is not None:
                on_lost()

    def _forget_queue(self) -> None:
        self._out.clear()
        self._last, self._unsent, self._out_bytes = b"", None, 0
        self._watch = None

    def _doom(self, reason: str) -> None:
        """Abort in the next turn: a caller who writes is not told of the end in its midst."""
        _logger.info("cut %s: %s", self.peer_address, reason)
        self._stop_waiting_for_writer()
        self._forget_queue()
        self._state = _State.DOOMED
        self._loop.loop.call_soon(self.abort)

    def _finish(self) -> None:
        # A socket closed with unread bytes resets the connection: the peer might lose the reason.
        self._state = _State.LINGERING
        has_peer_ended = not self._is_reading
        if has_peer_ended or not _ends_our_direction(self._socket):
            self.abort()

    def _discard(self) -> None:
        """Throw away what arrives after the end, a bounded amount of it."""
        try:
            count = socket.socket.recv_into(self._socket, self._loop.buffer)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            self.abort()
            return
        self._discarded_bytes += count
        is_end = not count and self._state is not _State.CLOSING
        if is_end or self._discarded_bytes > _LINGER_BYTES:
            self.abort()
        elif not count:
            self._loop.loop.remove_reader(self._fd)
            self._is_reading = False


def _ends_our_direction(sock: socket.socket | ssl.SSLSocket) -> bool:
    """Tell the peer that nothing more comes; False if it cannot be told."""
    try:
        if isinstance(sock, ssl.SSLSocket):
            _say_goodbye(sock)
        sock.shutdown(socket.SHUT_WR)
    except OSError:
        return False
    return True


def _say_goodbye(sock: ssl.SSLSocket) -> None:
    """Send close_notify; the peer's own is not waited for."""
    try:
        sock.unwrap()
    except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
        pass
    except ValueError as error:
        _logger.debug("no good-bye in TLS: %s", error)
