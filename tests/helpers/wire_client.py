"""A client that speaks raw XML over TCP or TLS: what a test says is what goes over the wire."""

import asyncio
import base64
import contextlib
import hashlib
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self
from xml.etree.ElementTree import Element, XMLPullParser

from shared_protocol.namespaces import BIND, CLIENT, SASL, STREAM_MANAGEMENT, STREAMS, TLS
from shared_protocol.sasl.channel_binding import tls_server_end_point
from shared_protocol.sasl.mechanisms import is_plus, scram_hash_of
from shared_protocol.sasl.scram import ClientScram
from shared_protocol.stanzas.stream_management import FAILED, RESUMED
from shared_protocol.xml.writer import escaped

SECONDS = 10.0
STREAM = f"{{{STREAMS}}}stream"
FEATURES = f"{{{STREAMS}}}features"
STREAM_ERROR = f"{{{STREAMS}}}error"


class StreamEndedError(Exception):
    """The server has closed the stream or the connection."""


class LoginRefusedError(Exception):
    """The server refused a login; the text is the condition."""


@dataclass(frozen=True)
class Own:
    """The client's own end.

    Attributes:
        address: On Linux any of 127.0.0.0/8 is a computer of its own for the server.
        receive_buffer_bytes: Of the kernel, for clients that do not read; 0 for the usual one.
    """

    address: str = "127.0.0.1"
    receive_buffer_bytes: int = 0


class WireClient:
    """One connection to a server.

    Attributes:
        header: Attributes of the server's last header.
        features: The server's last stream features.
        jid: The full JID, once a resource is bound.
        language: ``xml:lang`` of the headers that it sends; empty for none.
        stream_error: Name of the condition that the server ended the stream with; empty if none.
        received: Every stanza and nonza, in order; a test may clear it.
    """

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, domain: str
    ) -> None:
        self.header: dict[str, str] = {}
        self.features = Element(FEATURES)
        self.jid = ""
        self.stream_error = ""
        self.language = ""
        self.received: list[Element] = []
        self._reader = reader
        self._writer = writer
        self._domain = domain
        self._waiting: list[Element] = []
        self._has_ended = False
        self._is_closed = False
        self.expect_header()

    @classmethod
    async def connect(
        cls,
        port: int,
        domain: str,
        *,
        tls: ssl.SSLContext | None = None,
        host: str = "127.0.0.1",
        own: Own | None = None,
    ) -> Self:
        """Open a connection; with ``tls``, direct TLS."""
        own = own or Own()
        sock = socket.socket()
        try:
            sock.setblocking(False)  # noqa: FBT003 - socket takes no keywords
            if own.receive_buffer_bytes:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, own.receive_buffer_bytes)
            sock.bind((own.address, 0))
            await asyncio.get_running_loop().sock_connect(sock, (host, port))
        except BaseException:
            sock.close()
            raise
        # asyncio's own buffers would hide from the server that nobody reads
        reader, writer = await asyncio.open_connection(
            sock=sock, ssl=tls, server_hostname=domain if tls else None, limit=16_384
        )
        return cls(reader, writer, domain)

    @classmethod
    async def log_in(
        cls,
        port: int,
        jid: str,
        password: str,
        *,
        tls: ssl.SSLContext,
        is_direct: bool = False,
        mechanism: str = "SCRAM-SHA-256",
    ) -> Self:
        """Connect, encrypt, log in and bind; ``jid`` may have a resource, see ``enter``."""
        domain = jid.partition("/")[0].partition("@")[2]
        client = await cls.connect(port, domain, tls=tls if is_direct else None)
        await client.enter(jid, password, tls=None if is_direct else tls, mechanism=mechanism)
        return client

    async def enter(
        self,
        jid: str,
        password: str,
        *,
        tls: ssl.SSLContext | None,
        mechanism: str = "SCRAM-SHA-256",
    ) -> None:
        """Encrypt where ``tls`` is given, log in and bind; cut the connection if that fails.

        With the resource ``*`` nothing is bound: the test goes on itself.
        """
        bare, _, resource = jid.partition("/")
        try:
            await self.open_stream()
            if tls is not None:
                await self.start_tls(tls)
            await self.authenticate(bare.partition("@")[0], password, mechanism=mechanism)
            if resource != "*":
                await self.bind(resource)
        except BaseException:
            await self.abort()
            raise

    @property
    def mechanisms(self) -> list[str]:
        """What the server offers for login."""
        return [one.text or "" for one in self.features.iter(f"{{{SASL}}}mechanism")]

    @property
    def tls_compression(self) -> str | None:
        """What TLS compresses with; None in clear text too."""
        tls = self._writer.get_extra_info("ssl_object")
        return tls.compression() if tls is not None else None

    @property
    def tls_cipher(self) -> str:
        """Name of the cipher; empty in clear text."""
        tls = self._writer.get_extra_info("ssl_object")
        return tls.cipher()[0] if tls is not None else ""

    # Streams.

    def send_header(self, **attributes: str) -> None:
        """Send an opening tag; keywords replace the usual attributes."""
        shown = {"to": self._domain, "version": "1.0", "xmlns": CLIENT} | attributes
        if self.language:
            shown["xml:lang"] = self.language
        written = "".join(f" {name}='{value}'" for name, value in shown.items())
        self.expect_header()
        self.send(f"<?xml version='1.0'?><stream:stream{written} xmlns:stream='{STREAMS}'>")

    async def open_stream(self, **attributes: str) -> None:
        """Exchange headers and read the features."""
        self.send_header(**attributes)
        self.features = await self.receive(lambda element: element.tag == FEATURES)

    async def start_tls(self, tls: ssl.SSLContext) -> None:
        """Encrypt an open stream, and open it again."""
        self.send(f"<starttls xmlns='{TLS}'/>")
        await self.receive(lambda element: element.tag == f"{{{TLS}}}proceed")
        await self.shake_hands(tls)
        await self.open_stream()

    async def shake_hands(self, tls: ssl.SSLContext) -> None:
        """Only the TLS handshake."""
        await self._writer.start_tls(tls, server_hostname=self._domain)

    async def authenticate(
        self, localpart: str, password: str, *, mechanism: str = "SCRAM-SHA-256", authzid: str = ""
    ) -> None:
        """Log in by PLAIN or SCRAM, and open the stream again.

        Raises:
            LoginRefusedError: The server does not want it.
        """
        await self.log_in_only(localpart, password, mechanism=mechanism, authzid=authzid)
        await self.open_stream()

    async def log_in_only(
        self, localpart: str, password: str, *, mechanism: str = "SCRAM-SHA-256", authzid: str = ""
    ) -> None:
        """Log in, and do not open the stream again.

        Raises:
            LoginRefusedError: The server does not want it.
        """
        if mechanism == "PLAIN":
            await self._log_in_by_plain(localpart, password, authzid)
        else:
            await self._log_in_by_scram(localpart, password, mechanism)

    async def bind(self, resource: str = "") -> None:
        """Bind a resource; without one the server chooses."""
        wish = f"<resource>{escaped(resource)}</resource>" if resource else ""
        self.send(f"<iq type='set' id='bind'><bind xmlns='{BIND}'>{wish}</bind></iq>")
        answer = await self.receive(lambda element: element.get("id") == "bind")
        self.jid = answer.findtext(f"{{{BIND}}}bind/{{{BIND}}}jid", "")

    async def enable_acknowledgement(self, *, attributes: str = "") -> Element:
        """Enable stream management (XEP-0198); returns the answer."""
        self.send(f"<enable xmlns='{STREAM_MANAGEMENT}'{attributes}/>")
        return await self.receive(lambda one: one.tag == f"{{{STREAM_MANAGEMENT}}}enabled")

    async def enable_resumption(self, *, attributes: str = "") -> str:
        """Enable stream management with resumption; returns the id."""
        enabled = await self.enable_acknowledgement(attributes=f" resume='true'{attributes}")
        assert enabled.get("resume") in {"true", "1"}
        return enabled.attrib["id"]

    async def resume(self, session_id: str, handled: int) -> Element:
        """Ask for a former session instead of binding a resource; returns the answer."""
        self.send(f"<resume xmlns='{STREAM_MANAGEMENT}' previd='{session_id}' h='{handled}'/>")
        return await self.receive(
            lambda one: one.tag in {RESUMED, FAILED} or one.tag == STREAM_ERROR
        )

    async def _log_in_by_plain(self, localpart: str, password: str, authzid: str) -> None:
        message = f"{authzid}\0{localpart}\0{password}".encode()
        self._send_sasl("auth", message, " mechanism='PLAIN'")
        await self._receive_sasl()

    async def _log_in_by_scram(self, localpart: str, password: str, mechanism: str) -> None:
        scram_hash = scram_hash_of(mechanism)
        assert scram_hash is not None
        binding = self.channel_binding() if is_plus(mechanism) else None
        scram = ClientScram(localpart=localpart, scram_hash=scram_hash, channel_binding=binding)
        self._send_sasl("auth", scram.first(), f" mechanism='{mechanism}'")
        challenge = scram.challenge(await self._receive_sasl())
        salted = hashlib.pbkdf2_hmac(
            scram_hash.value, password.encode(), challenge.salt, challenge.iterations
        )
        self._send_sasl("response", scram.final(salted))
        scram.check(await self._receive_sasl())

    def channel_binding(self) -> bytes:
        certificate = self._writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        return tls_server_end_point(certificate)

    def _send_sasl(self, name: str, data: bytes, attributes: str = "") -> None:
        text = base64.b64encode(data).decode()
        self.send(f"<{name} xmlns='{SASL}'{attributes}>{text}</{name}>")

    async def _receive_sasl(self) -> bytes:
        element = await self.receive(lambda one: one.tag.startswith(f"{{{SASL}}}"))
        if element.tag == f"{{{SASL}}}failure":
            raise LoginRefusedError(element[0].tag.rpartition("}")[2])
        return base64.b64decode(element.text or "")

    # The wire.

    def send(self, xml: str | bytes) -> None:
        """Send anything."""
        self._writer.write(xml.encode() if isinstance(xml, str) else xml)

    async def drain(self) -> None:
        """Wait until the operating system has taken what was sent."""
        await self._writer.drain()

    async def receive(
        self, is_wanted: Callable[[Element], bool] | None = None, *, seconds: float = SECONDS
    ) -> Element:
        """Return the next element that is wanted; others before it are passed over.

        Raises:
            StreamEndedError: The server ended the stream before.
            TimeoutError: It did not come.
        """
        async with asyncio.timeout(seconds):
            while True:
                while self._waiting:
                    element = self._waiting.pop(0)
                    if is_wanted is None or is_wanted(element):
                        return element
                if self._has_ended:
                    raise StreamEndedError(self.stream_error)
                await self._read_more()

    async def receive_id(self, stanza_id: str, *, seconds: float = SECONDS) -> Element:
        """Return the next stanza with an id."""
        return await self.receive(lambda element: element.get("id") == stanza_id, seconds=seconds)

    async def receive_end(self, *, seconds: float = SECONDS) -> str:
        """Read until the server has ended the stream; the connection stays open for writing.

        Returns:
            The condition of the stream error, or nothing.
        """
        async with asyncio.timeout(seconds):
            while not self._has_ended:
                await self._read_more()
        return self.stream_error

    async def wait_for_end(self, *, seconds: float = SECONDS) -> str:
        """Read until the server has closed, and close too.

        Returns:
            The condition of the stream error, or nothing.
        """
        async with asyncio.timeout(seconds):
            while not self._has_ended:
                await self._read_more()
            with contextlib.suppress(OSError):
                while await self._reader.read(65_536):
                    pass
        if not self._is_closed:
            await self._close_writer()
        return self.stream_error

    async def close(self) -> None:
        """End the stream and the connection in good order."""
        with contextlib.suppress(OSError, TimeoutError):
            self.send("</stream:stream>")
            await self.wait_for_end()
        await self.abort()

    async def abort(self) -> None:
        """Cut the connection; nothing happens if it is closed."""
        if not self._is_closed:
            self._writer.transport.abort()
            await self._close_writer()

    async def _close_writer(self) -> None:
        self._is_closed = True
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()

    def expect_header(self) -> None:
        """The server begins its stream anew with what comes next."""
        self._parser = XMLPullParser(("start", "end"))
        self._depth = 0
        self._stream: Element | None = None

    async def _read_more(self) -> None:
        try:
            data = await self._reader.read(65_536)
        except OSError:
            data = b""
        if not data:
            self._has_ended = True
            return
        self._parser.feed(data)
        if hasattr(self._parser, "flush"):
            self._parser.flush()
        for event, element in self._parser.read_events():
            if event == "start":
                self._on_start(element)
            else:
                self._on_end(element)

    def _on_start(self, element: Element) -> None:
        self._depth += 1
        if self._depth == 1:
            self._stream = element
            self.header = dict(element.attrib)

    def _on_end(self, element: Element) -> None:
        self._depth -= 1
        if self._depth == 0:
            self._has_ended = True
        elif self._depth == 1:
            if self._stream is not None:
                self._stream.remove(element)
            self._on_element(element)

    def _on_element(self, element: Element) -> None:
        if element.tag == STREAM_ERROR:
            self.stream_error = element[0].tag.rpartition("}")[2]
        else:
            self.received.append(element)
        self._waiting.append(element)
