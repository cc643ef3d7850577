"""WebSocket on our own transport (RFC 6455); wsproto frames, this one does the I/O.

A message is handed on when it is complete, and refused as soon as it has more bytes than its
receiver takes. Compression is never agreed: what is small on the wire stays small in memory.
"""

import base64
import binascii
from collections.abc import Callable
from http import HTTPStatus
from typing import Protocol

from wsproto.connection import Connection as Frames
from wsproto.connection import ConnectionState, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Ping, TextMessage
from wsproto.frame_protocol import CloseReason
from wsproto.utilities import generate_accept_token

from embedded_server.network.connection import Connection
from embedded_server.network.http.messages import HttpError, HttpRequest, Upgrade

_VERSION = "13"
_KEY_BYTES = 16
_CAN_CLOSE = frozenset({ConnectionState.OPEN, ConnectionState.REMOTE_CLOSING})


class MessageReceiver(Protocol):
    """Who takes the messages of one WebSocket."""

    @property
    def most_message_bytes(self) -> int:
        """How long a message may be now."""

    def message(self, data: bytes) -> None:
        """Take one whole message, UTF-8."""

    def refused(self, text: str) -> None:
        """The client sent what is not taken: a message that is too long, or is no text."""

    def lost(self) -> None:
        """The connection is gone; called once, and nothing after it."""


class WebSocket:
    """One WebSocket at the server's end. Receives from the connection.

    Made by ``accept_websocket`` when a request is upgraded.

    Attributes:
        connection: What it runs on; not to be written to.
    """

    __slots__ = ("_frames", "_message", "_receiver", "connection")

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._frames = Frames(ConnectionType.SERVER)
        self._message = bytearray()
        self._receiver: MessageReceiver | None = None

    def start(self, receiver: MessageReceiver) -> None:
        """Hand what arrives to a receiver."""
        self._receiver = receiver

    def send_text(self, data: bytes) -> None:
        """Send a message, UTF-8; nothing happens if the WebSocket is closed."""
        if self._frames.state is ConnectionState.OPEN:
            self.connection.write(self._frames.send(TextMessage(data=data.decode())))

    def send_text_last(self, data: bytes) -> None:
        """Send a message, once, behind everything that this turn of the loop sends."""
        if self._frames.state is ConnectionState.OPEN:
            self.connection.write_last(self._frames.send(TextMessage(data=data.decode())))

    def close(self, code: int = CloseReason.NORMAL_CLOSURE) -> None:
        """Say good-bye and close (RFC 6455, section 7.1.2)."""
        if self._frames.state in _CAN_CLOSE:
            self.connection.write(self._frames.send(CloseConnection(code=code)))
        self.connection.close()

    # What the connection calls.

    def encrypted(self) -> None:
        """TLS was there before."""

    def received(self, data: bytes) -> None:
        """Take bytes of the client."""
        if self._frames.state is not ConnectionState.OPEN:
            return
        self._frames.receive_data(data)
        for event in self._frames.events():
            if isinstance(event, TextMessage):
                self._take_text(event.data.encode(), is_last=event.message_finished)
            elif isinstance(event, Ping):
                self.connection.write(self._frames.send(event.response()))
            elif isinstance(event, BytesMessage):
                self._refuse("a message that is no text")
            elif isinstance(event, CloseConnection):
                # Also what wsproto makes of frames that are none: it says why
                self.close(_answered(event.code))
            if self._frames.state is not ConnectionState.OPEN or self.connection.is_closed:
                return

    def lost(self) -> None:
        """The connection is gone."""
        if self._receiver is not None:
            self._receiver.lost()

    def _take_text(self, data: bytes, *, is_last: bool) -> None:
        receiver = self._receiver
        if receiver is None:
            return
        if len(self._message) + len(data) > receiver.most_message_bytes:
            self._refuse("a message that is too long")
        elif not is_last:
            self._message += data
        elif self._message:
            message = bytes(self._message) + data
            self._message.clear()
            receiver.message(message)
        else:
            receiver.message(data)

    def _refuse(self, text: str) -> None:
        self._message.clear()
        if self._receiver is not None:
            self._receiver.refused(text)


def accept_websocket(
    request: HttpRequest, *, protocol: str, begin: Callable[[WebSocket], MessageReceiver]
) -> Upgrade:
    """Answer the opening handshake (RFC 6455, section 4.2).

    Args:
        request: A GET.
        protocol: The sub-protocol, which the client must offer.
        begin: Makes who takes the messages.

    Raises:
        HttpError: It is no opening handshake, or the client does not speak the sub-protocol.
    """
    headers = request.headers
    if "websocket" not in headers.tokens("upgrade") or headers.get("sec-websocket-version") != (
        _VERSION
    ):
        advice = [("Upgrade", "websocket"), ("Sec-WebSocket-Version", _VERSION)]
        raise HttpError(HTTPStatus.UPGRADE_REQUIRED, "A WebSocket is opened here.", advice)
    key = headers.get("sec-websocket-key").strip()
    if "upgrade" not in headers.tokens("connection") or not _is_key(key):
        raise HttpError(HTTPStatus.BAD_REQUEST, "This opens no WebSocket.")
    if protocol not in headers.tokens("sec-websocket-protocol"):
        text = f"The sub-protocol {protocol} is spoken here."
        raise HttpError(HTTPStatus.BAD_REQUEST, text)

    def start(connection: Connection) -> WebSocket:
        socket = WebSocket(connection)
        socket.start(begin(socket))
        return socket

    answer = [
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Accept", generate_accept_token(key.encode()).decode()),
        ("Sec-WebSocket-Protocol", protocol),
    ]
    return Upgrade(answer, start)


def _is_key(key: str) -> bool:
    try:
        return len(base64.b64decode(key, validate=True)) == _KEY_BYTES
    except (binascii.Error, ValueError):
        return False


def _answered(code: int) -> int:
    """Return what a closing is answered with; some codes stand for no code (section 7.4.1)."""
    never_sent = {
        CloseReason.NO_STATUS_RCVD,
        CloseReason.ABNORMAL_CLOSURE,
        CloseReason.TLS_HANDSHAKE_FAILED,
    }
    return CloseReason.NORMAL_CLOSURE if code in never_sent else code
