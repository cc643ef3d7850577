"""Streams of clients over WebSocket (RFC 7395): the route, and what carries one stream."""

from collections.abc import Callable
from functools import partial
from http import HTTPStatus

from embedded_server.network.http.messages import Cors, HttpError, HttpRequest
from embedded_server.network.http.routes import Access, Answer, Route
from embedded_server.network.http.web_site import WEBSOCKET_PATH, WebSite
from embedded_server.network.http.websocket import MessageReceiver, WebSocket, accept_websocket
from embedded_server.network.tls import ServerTls
from embedded_server.sessions.carriers.element_framing import ElementFraming, declared
from embedded_server.sessions.client_stream import ClientStream
from embedded_server.sessions.client_streams import ClientStreams
from shared_protocol.errors import StreamCondition, StreamError

_PROTOCOL = "xmpp"


class WebSocketStreams:
    """Lets clients in by WebSocket, pages only if their origin is allowed."""

    def __init__(self, streams: ClientStreams, site: WebSite) -> None:
        self._streams = streams
        self._origins = Cors(site.origins)
        self._site = site

    def open(self) -> Callable[[], None]:
        """Register the route; returns the function that takes it out."""
        return self._site.routes.add(
            Route("GET", WEBSOCKET_PATH, Access.LOGIN_INSIDE, self._on_request)
        )

    async def _on_request(self, request: HttpRequest) -> Answer:
        if not self._origins.allows(request.foreign_origin):
            raise HttpError(HTTPStatus.FORBIDDEN, "Pages of this origin may not chat here.")
        binding = None if request.is_of_page else request.channel_binding
        return accept_websocket(request, protocol=_PROTOCOL, begin=partial(self._begin, binding))

    def _begin(self, channel_binding: bytes | None, socket: WebSocket) -> MessageReceiver:
        framing = ElementFraming()
        carrier = WebSocketCarrier(socket, framing, channel_binding)
        carrier.start(self._streams.carried(carrier, framing))
        return carrier


class WebSocketCarrier:
    """Carries one stream: each message is one element. See ``StreamCarrier``.

    Attributes:
        peer_address: IP address of the client.
        channel_binding: That of the TLS below; None for pages, which cannot know it.
    """

    __slots__ = (
        "_connection",
        "_framing",
        "_socket",
        "_stream",
        "channel_binding",
        "peer_address",
    )

    def __init__(
        self, socket: WebSocket, framing: ElementFraming, channel_binding: bytes | None
    ) -> None:
        self.channel_binding = channel_binding
        self._socket = socket
        self._connection = socket.connection
        self._framing = framing
        self._stream: ClientStream | None = None
        self.peer_address = self._connection.peer_address

    def start(self, stream: ClientStream) -> None:
        """Hand what arrives to a stream."""
        self._stream = stream

    # What the stream calls.

    @property
    def is_congested(self) -> bool:
        """Whether more waits to be sent than should."""
        return self._connection.is_congested

    def start_tls(self, tls: ServerTls) -> None:
        """Never: TLS is below (RFC 7395, section 3.9)."""
        raise NotImplementedError

    def mark_logged_in(self) -> None:
        """The peer has shown who it is."""
        self._connection.mark_logged_in()

    def write(self, data: bytes) -> None:
        """Send one element."""
        self._socket.send_text(declared(data))

    def write_last(self, data: bytes) -> None:
        """Send one element behind those of this turn."""
        self._socket.send_text_last(declared(data))

    def when_written(self, callback: Callable[[], None]) -> None:
        """See ``Connection.when_written``."""
        self._connection.when_written(callback)

    def when_relieved(self, callback: Callable[[], None]) -> None:
        """See ``Connection.when_relieved``."""
        self._connection.when_relieved(callback)

    def pause_reading(self) -> None:
        """Take nothing from the peer."""
        self._connection.pause_reading()

    def resume_reading(self) -> None:
        """Go on reading."""
        self._connection.resume_reading()

    def close(self) -> None:
        """Say good-bye and close."""
        self._socket.close()

    def abort(self) -> None:
        """Close at once."""
        self._connection.abort()

    # What the WebSocket calls.

    @property
    def most_message_bytes(self) -> int:
        """A stanza's."""
        return self._framing.limits.stanza_bytes

    def message(self, data: bytes) -> None:
        """Take one element."""
        if self._stream is not None:
            self._stream.received(data)

    def refused(self, text: str) -> None:
        """End the stream of a client that sends what it may not."""
        if self._stream is not None:
            self._stream.end(StreamError(StreamCondition.POLICY_VIOLATION, text))

    def lost(self) -> None:
        """The connection is gone."""
        if self._stream is not None:
            self._stream.lost()
