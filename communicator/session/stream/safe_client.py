"""The client's end of a stream: slixmpp's client with our own parser, gate and end of bytes.

slixmpp as it is hands stanzas to the program before TLS and login, has no limits, and quotes what
it received in logs and errors. Here nothing but bytes and the stream's root remain of its own
reading: elements go to one receiver, phase by phase, in order. Negotiation is ``negotiation``'s.
What the receiver does not want goes to slixmpp's handlers, so that its plug-ins can be used.
"""

import asyncio
import logging
import re
import ssl
from typing import TYPE_CHECKING, Protocol, cast
from xml.etree.ElementTree import Element

from slixmpp import ClientXMPP
from slixmpp.xmlstream.stanzabase import StanzaBase
from slixmpp.xmlstream.tostring import tostring

from communicator.session.errors import NotConnectedError
from shared_protocol.addresses import BareJid, FullJid
from shared_protocol.errors import StreamCondition, StreamError
from shared_protocol.limits import StreamLimits
from shared_protocol.namespaces import STREAM_ERRORS, STREAMS, TLS
from shared_protocol.stream.gate import Phase, allowed_elements, limits_of
from shared_protocol.xml.strict_parser import StrictPullParser
from shared_protocol.xml.writer import STREAM_END, stream_error, stream_header

if TYPE_CHECKING:
    from collections.abc import Callable

_ROOT = f"{{{STREAMS}}}stream"
_STREAM_ERROR = f"{{{STREAMS}}}error"
_PROCEED = f"{{{TLS}}}proceed"
_TEXT = f"{{{STREAM_ERRORS}}}text"
_PIECES = re.compile(rb"[^>]*>|[^>]+")
_LONGEST_TEXT = 200

# What it says at these levels holds stanzas, before encryption the password among them.
logging.getLogger("slixmpp").setLevel(logging.WARNING)


class StreamReceiver(Protocol):
    """Gets what comes on the stream."""

    def element_received(self, element: Element) -> bool:
        """Take a first-level element; False leaves it to slixmpp's handlers."""

    def stream_ended(self, reason: Exception | None) -> None:
        """The connection is gone, once for each; None if it ended as agreed."""


class SafeClient(ClientXMPP):
    """One connection; a new object for each, so that nothing of an old one remains.

    Attributes:
        receiver: Who gets what comes.
        last_received_at: Time of the loop when bytes came last.
        on_stanza_sent: Called after each stanza with its bytes, and with the origin id of a message
            or an empty text.
    """

    def __init__(self, account: BareJid) -> None:
        # A context of its own would load the authorities of the system, 70 ms, for nothing.
        super().__init__(str(account), "", ssl_context=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
        for name in ("IM", "IMError", "Presence", "Roster Update", "Stream Features"):
            self.remove_handler(name)
        self.del_event_handler("session_start", self._start_keepalive)
        self.loop = asyncio.get_running_loop()
        self.last_received_at = self.loop.time()
        self.on_stanza_sent: Callable[[bytes, str], None] | None = None
        self.receiver: StreamReceiver | None = None
        self._domain = account.domainpart
        self._phase = Phase.IN_CLEAR
        self._strict: StrictPullParser | None = None
        self._is_tls_next = False
        self._reason: Exception | None = None
        self._is_ended = False
        self._closed = asyncio.Event()

    @property
    def phase(self) -> Phase:
        """Where the stream stands."""
        return self._phase

    @property
    def tls(self) -> ssl.SSLObject | None:
        """The TLS of the connection; None in clear text."""
        if self.transport is None:
            return None
        return cast("ssl.SSLObject | None", self.transport.get_extra_info("ssl_object"))

    @property
    def reason(self) -> Exception | None:
        """Why the stream has ended; None if it has not, or as agreed."""
        return self._reason

    @property
    def is_open(self) -> bool:
        """True while bytes can be sent."""
        return self.transport is not None and not self._is_ended

    def open_stream(self, phase: Phase) -> None:
        """Begin a stream, or begin it anew after TLS or login (RFC 6120, section 4.3.3)."""
        self._phase = phase
        self.init_parser()
        self.write(stream_header(recipient=self._domain, language="en"))

    async def start_tls(self, context: ssl.SSLContext, server_name: str) -> None:  # type: ignore[override] # slixmpp's own swallows errors
        """Encrypt the connection after ``proceed``.

        Raises:
            OSError: The handshake failed; ssl.SSLError is one.
        """
        if self.transport is None or self._is_ended:
            raise self._reason or NotConnectedError
        transport = self.transport
        self.transport = None  # nothing is written in clear text any more
        encrypted = await self.loop.start_tls(transport, self, context, server_hostname=server_name)
        self._is_tls_next = False
        self._strict = None
        self.connection_made(cast("asyncio.Transport", encrypted))

    def set_bound(self, jid: FullJid) -> None:
        """Open the gate: the session exists. Called while the answer to bind is received."""
        self._phase = Phase.BOUND
        if self._strict is not None:
            self._strict.allowed = allowed_elements(Phase.BOUND)
        self.set_jid(str(jid))
        self.authenticated = self.bound = self.sessionstarted = True
        self.event("session_bind", self.boundjid)
        self.event("session_start")

    def set_stanza_limits(self, limits: StreamLimits | None) -> None:
        """Grant the own server larger stanzas for an answer; None takes that back."""
        if self._strict is not None:
            self._strict.limits = limits or limits_of(self._phase)

    def write(self, data: bytes) -> None:
        """Send bytes.

        Raises:
            NotConnectedError: There is no connection.
        """
        if self.transport is None or self._is_ended:
            raise NotConnectedError
        self.transport.write(data)

    def write_stanza(self, data: bytes, origin_id: str = "") -> None:
        """Send a stanza, which stream management counts; a message with its origin id.

        Raises:
            NotConnectedError: There is no connection.
        """
        self.write(data)
        if self.on_stanza_sent is not None:
            self.on_stanza_sent(data, origin_id)

    async def close(self, seconds: float) -> None:
        """End the stream, wait for the peer's end as long as this, then cut the connection."""
        if not self.is_open:
            return
        self.write(STREAM_END)
        try:
            await asyncio.wait_for(self._closed.wait(), seconds)
        except TimeoutError:
            self.cut(None)

    def cut(self, reason: Exception | None) -> None:
        """End the connection at once, for this reason; the first reason counts."""
        if self._is_ended:
            return
        self._reason = self._reason or reason
        self._is_ended = True
        if self.transport is not None:
            self.transport.abort()
        self._end()

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport, send_event: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - slixmpp's signature
        """Take the connection; nothing is sent before ``open_stream``."""
        self.transport = cast("asyncio.Transport", transport)
        self.socket = transport.get_extra_info("socket")
        self._phase = Phase.IN_CLEAR if self.tls is None else Phase.BEFORE_LOGIN

    def data_received(self, data: bytes | str) -> None:
        """Read bytes; what breaks a rule is answered in a few bytes, and nothing is quoted."""
        received = data.encode() if isinstance(data, str) else data
        self.last_received_at = self.loop.time()
        if self._phase is Phase.BOUND:
            self._read(received)
            return
        # Cut at each tag's end, so that a change of phase holds for the very next byte.
        for piece in _PIECES.findall(received):
            self._read(piece)
            if self._is_ended:
                return

    def eof_received(self) -> None:
        """The peer sends nothing more: so do we."""

    def connection_lost(self, exception: BaseException | None) -> None:
        """The connection is gone."""
        if isinstance(exception, Exception):
            self._reason = self._reason or exception
        self._is_ended = True
        self._end()

    # What slixmpp calls

    def init_parser(self) -> None:
        """Make a parser for the phase."""
        self.xml_depth = 0
        self.xml_root = None
        self._strict = StrictPullParser(limits_of(self._phase), allowed_elements(self._phase))
        self.parser = self._strict  # type: ignore[assignment] # has what slixmpp uses of a parser

    def send(self, data: StanzaBase | str, use_filters: bool = True) -> None:  # noqa: ARG002, FBT001, FBT002 - slixmpp's signature
        """Send what a plug-in made, on the way of all stanzas."""
        text = data if isinstance(data, str) else tostring(data.xml, self.default_ns, self)
        self.write_stanza(text.encode())

    def disconnect(self, *_arguments: object, **_options: object) -> "asyncio.Future[None]":
        """Not for plug-ins: the session ends its connection itself."""
        message = "a plug-in wants to disconnect"
        raise RuntimeError(message)

    # Own

    def _read(self, data: bytes) -> None:
        parser = self._strict
        if parser is None or self._is_ended:
            return
        if self._is_tls_next:
            self._refuse(StreamError(StreamCondition.POLICY_VIOLATION, "bytes after proceed"))
            return
        parser.feed(data)
        for event, element in parser.read_events():
            if event == "start":
                self._on_start(element)
            else:
                self._on_end(element)
            if self._is_ended:
                return
        if parser.refusal is not None:
            self._refuse(parser.refusal)

    def _on_start(self, element: Element) -> None:
        if self.xml_depth == 0:
            if element.tag != _ROOT:
                self._refuse(StreamError(StreamCondition.INVALID_NAMESPACE, "not a stream"))
                return
            self.xml_root = element
        self.xml_depth += 1

    def _on_end(self, element: Element) -> None:
        self.xml_depth -= 1
        if self.xml_depth == 0:
            self.cut(None)
        elif self.xml_depth == 1:
            self._receive(element)

    def _receive(self, element: Element) -> None:
        if element.tag == _STREAM_ERROR:
            self._finish(stream_error_of(element), STREAM_END)
            return
        if element.tag == _PROCEED:
            self._is_tls_next = True
            if self.transport is not None:
                self.transport.pause_reading()
        is_taken = self.receiver is not None and self.receiver.element_received(element)
        if not is_taken and self._phase is Phase.BOUND:
            self._spawn_event(element)

    def _refuse(self, error: StreamError) -> None:
        self._finish(error, stream_error(error.condition) + STREAM_END)

    def _finish(self, reason: Exception, last_words: bytes) -> None:
        self._reason = self._reason or reason
        self._is_ended = True
        if self.transport is not None:
            self.transport.write(last_words)
            self.transport.close()
        self._end()

    def _end(self) -> None:
        if self._closed.is_set():
            return
        self._closed.set()
        self._is_ended = True
        self._strict = None
        self.parser = None
        if self.receiver is not None:
            self.receiver.stream_ended(self._reason)


def stream_error_of(element: Element) -> StreamError:
    """Read a stream error (RFC 6120, section 4.9.2); an unknown one is ``undefined-condition``."""
    known = {one.value: one for one in StreamCondition}
    names = [child.tag.removeprefix(f"{{{STREAM_ERRORS}}}") for child in element]
    found = next((known[name] for name in names if name in known), None)
    text = element.findtext(_TEXT, "")[:_LONGEST_TEXT]
    return StreamError(found or StreamCondition.UNDEFINED_CONDITION, text)
