"""The wire client over WebSocket (RFC 7395): each element is a message of its own."""

import asyncio
import base64
import contextlib
import ssl
from typing import Self
from xml.etree.ElementTree import Element, fromstring

from wsproto.connection import Connection, ConnectionState, ConnectionType
from wsproto.events import CloseConnection, Event, Ping, Pong, TextMessage

from shared_protocol.namespaces import FRAMING
from tests.helpers.http_client import HttpClient, Reply
from tests.helpers.wire_client import WireClient
from tests.helpers.xml_pieces import in_client_namespace, pieces_of

PATH = "/xmpp-websocket"
KEY = base64.b64encode(b"a rose by any ot").decode()


class RefusedError(Exception):
    """The server did not open a WebSocket; carries its answer."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status, reply.body)
        self.reply = reply


class WebSocketClient(WireClient):
    """One WebSocket to a server.

    Attributes:
        handshake: The server's answer to the opening handshake.
        close_code: With which the server closed; 0 while it has not.
        pongs: What the server's pongs carried.
        received_close: Whether the server has sent ``<close/>``.
    """

    handshake: Reply
    close_code: int
    pongs: list[bytes]
    received_close: bool = False
    _frames: Connection

    @classmethod
    async def connect(
        cls, port: int, domain: str, *, tls: ssl.SSLContext | None = None, **headers: str
    ) -> Self:
        """Open a WebSocket; keywords replace header fields, an empty one leaves it out."""
        http = await HttpClient.connect(port, tls, name=domain)
        fields = {
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec_WebSocket_Version": "13",
            "Sec_WebSocket_Key": KEY,
            "Sec_WebSocket_Protocol": "xmpp",
        } | headers
        http.send_request("GET", PATH, **{name: one for name, one in fields.items() if one})
        reply = await http.reply()
        if reply.status != 101:
            await http.close()
            raise RefusedError(reply)
        client = cls(http.reader, http.writer, domain)
        client.handshake, client.close_code, client.pongs = reply, 0, []
        client._frames = Connection(ConnectionType.CLIENT)
        return client

    def send_header(self, **attributes: str) -> None:
        """Send ``<open/>``; keywords replace the usual attributes."""
        shown = {"to": self._domain, "version": "1.0", "xmlns": FRAMING} | attributes
        if self.language:
            shown["xml:lang"] = self.language
        self.send_message("".join(["<open", *(f" {k}='{v}'" for k, v in shown.items()), "/>"]))

    def send(self, xml: str | bytes) -> None:
        """Send elements, each in a message, in the namespace that they have in a stream."""
        text = xml.decode() if isinstance(xml, bytes) else xml
        for part in pieces_of(text):
            self.send_message(in_client_namespace(part))

    def send_message(self, text: str) -> None:
        """Send a text as it is."""
        self.send_event(TextMessage(data=text))

    def send_event(self, event: Event) -> None:
        """Send what a WebSocket can."""
        self.send_bytes(self._frames.send(event))

    def send_bytes(self, data: bytes) -> None:
        """Send anything."""
        self._writer.write(data)

    async def ping(self, payload: bytes) -> None:
        """Ping, and read until a pong is there."""
        count = len(self.pongs)
        self.send_event(Ping(payload=payload))
        async with asyncio.timeout(10):
            while len(self.pongs) == count:
                await self._read_more()

    async def close(self) -> None:
        """End the stream and the WebSocket in good order."""
        with contextlib.suppress(OSError, TimeoutError):
            self.send_message(f"<close xmlns='{FRAMING}'/>")
            await self.wait_for_end()
        await self.abort()

    async def _read_more(self) -> None:
        try:
            data = await self._reader.read(65_536)
        except OSError:
            data = b""
        if not data or self._frames.state is ConnectionState.CLOSED:
            self._has_ended = True
            return
        self._frames.receive_data(data)
        message = ""
        for event in self._frames.events():
            if isinstance(event, TextMessage):
                message += event.data
                if event.message_finished:
                    self._take(fromstring(message))  # noqa: S314 - of our own server
                    message = ""
            elif isinstance(event, Pong):
                self.pongs.append(bytes(event.payload))
            elif isinstance(event, CloseConnection):
                self._has_ended, self.close_code = True, int(event.code)
                if self._frames.state is ConnectionState.REMOTE_CLOSING:
                    self.send_event(event.response())
                return
        assert not message, "the server parts no message"

    def _take(self, element: Element) -> None:
        if element.tag == f"{{{FRAMING}}}open":
            self.header = dict(element.attrib)
        elif element.tag == f"{{{FRAMING}}}close":
            self.received_close = True
        else:
            self._on_element(element)
