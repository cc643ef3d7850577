"""The server's end of one component's stream (XEP-0114 1.6, ``jabber:component:accept``).

A header, a handshake, then stanzas in both directions. There is no TLS in this protocol: components
run on this computer, or behind a tunnel.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from enum import Enum, auto
from typing import TYPE_CHECKING, NamedTuple

from embedded_server.network.connection import Connection
from embedded_server.network.network_loop import NetworkLoop
from embedded_server.sessions.components.component_ports import ComponentHost
from embedded_server.sessions.stream_answers import stream_end
from embedded_server.sessions.stream_opening import new_stream_id
from embedded_server.sessions.turn_queue import TurnQueue
from shared_protocol.addresses import AddressError, parse_jid
from shared_protocol.errors import MalformedStanzaError, StreamCondition, StreamError
from shared_protocol.limits import BEFORE_LOGIN, COMPONENT_STREAM, ComponentLimits
from shared_protocol.namespaces import CLIENT, COMPONENT_ACCEPT, STREAMS
from shared_protocol.stream.component_handshake import is_right_handshake
from shared_protocol.xml.elements import element_of
from shared_protocol.xml.framer import StanzaFramer, frame_of
from shared_protocol.xml.frames import Frame, StanzaFrame, StreamEnd, StreamHeader
from shared_protocol.xml.writer import serialise, start_tag

if TYPE_CHECKING:
    from asyncio import TimerHandle

_logger = logging.getLogger(__name__)
_STREAM = f"{STREAMS} stream"
_HANDSHAKE = f"{COMPONENT_ACCEPT} handshake"
_LOOK_AGAIN_SECONDS = 0.05


class _State(Enum):
    AWAITING_HEADER = auto()
    AWAITING_HANDSHAKE = auto()
    OPEN = auto()
    CLOSED = auto()


class ComponentContext(NamedTuple):
    """What the streams of all components share.

    Attributes:
        secrets: By domain.
    """

    network: NetworkLoop
    host: ComponentHost
    secrets: Mapping[str, str]
    limits: ComponentLimits


class ComponentStream:
    """One component, from its connection to its end. Receives from the connection.

    Attributes:
        domain: Once its header is there, which domain it wants to speak for.
        turns: What it sent happens in this order.
    """

    def __init__(
        self,
        context: ComponentContext,
        connection: Connection,
        *,
        on_lost: Callable[["ComponentStream"], None],
    ) -> None:
        self.domain = ""
        self.turns = TurnQueue()
        self._context = context
        self._connection = connection
        self._on_lost = on_lost
        self._state = _State.AWAITING_HEADER
        self._framer = StanzaFramer(BEFORE_LOGIN)
        self._prefixes: Mapping[str, str] = {}
        self._stream_id = new_stream_id()
        self._wake_timer: TimerHandle | None = None
        seconds = context.limits.negotiation_seconds
        context.network.set_deadline(self, seconds, self._on_deadline)

    def send(self, stanza: bytes) -> None:
        """Send a stanza."""
        if self._state is _State.OPEN:
            self._connection.write(stanza)

    # What the connection calls.

    def received(self, data: bytes) -> None:
        """Take bytes of the component."""
        if self._state is _State.CLOSED:
            return
        try:
            frames: Sequence[Frame] = self._framer.receive(data)
        except StreamError as error:
            self._take_all(error.frames_before)
            self.end(error)
            return
        self._take_all(frames)
        self._pace()

    def encrypted(self) -> None:
        """There is no TLS here."""

    def lost(self) -> None:
        """The connection is gone."""
        self._leave()
        self._on_lost(self)

    def end(self, error: StreamError | None = None) -> None:
        """Answer with an error, or without, and with the end of the stream; then close."""
        if self._state is _State.CLOSED:
            return
        if error is not None:
            _logger.info("ended the stream of the component %s: %s", self.domain or "?", error)
        if self._state is _State.AWAITING_HEADER:  # RFC 6120, section 4.9.1.2
            self._send_header()
        self._connection.write(stream_end(error))
        self._connection.close()
        self._leave()

    def _take_all(self, frames: Sequence[Frame]) -> None:
        for frame in frames:
            if self._state is _State.CLOSED:
                return
            try:
                self._take(frame)
            except StreamError as error:
                self.end(error)
            except MalformedStanzaError:
                self.end(StreamError(StreamCondition.BAD_FORMAT, "a malformed element"))

    def _take(self, frame: Frame) -> None:
        match frame:
            case StreamHeader():
                self._on_header(frame)
            case StreamEnd():
                self.end()
            case StanzaFrame() if self._state is _State.OPEN:
                self._context.host.component_sent(self, self._in_client_namespace(frame))
            case StanzaFrame():
                self._on_handshake(frame)

    def _on_header(self, header: StreamHeader) -> None:
        if self._state is not _State.AWAITING_HEADER:
            raise StreamError(StreamCondition.BAD_FORMAT, "a second header")
        if header.name != _STREAM or header.namespaces.get("") != COMPONENT_ACCEPT:
            raise StreamError(StreamCondition.INVALID_NAMESPACE, "expected a component's stream")
        self.domain = _domain(header.attributes.get("to", ""))
        self._prefixes = header.namespaces
        if self.domain not in self._context.secrets:
            self.domain = ""
            raise StreamError(StreamCondition.HOST_UNKNOWN, "no such component is expected here")
        self._send_header()
        self._state = _State.AWAITING_HANDSHAKE

    def _send_header(self) -> None:
        self._connection.write(
            b"<?xml version='1.0'?>"
            + start_tag(
                "stream:stream",
                {
                    "from": self.domain,
                    "id": self._stream_id,
                    "xmlns": COMPONENT_ACCEPT,
                    "xmlns:stream": STREAMS,
                },
            )
        )

    def _on_handshake(self, frame: StanzaFrame) -> None:
        given = element_of(frame.raw, COMPONENT_ACCEPT, self._prefixes).text or ""
        secret = self._context.secrets[self.domain]
        if frame.name != _HANDSHAKE or not is_right_handshake(given, self._stream_id, secret):
            raise StreamError(StreamCondition.NOT_AUTHORIZED, "the handshake is wrong")
        self._context.host.component_came(self)
        self._state = _State.OPEN
        self._context.network.clear_deadline(self)
        self._connection.mark_logged_in()
        self._framer.limits = COMPONENT_STREAM
        self._connection.write(b"<handshake/>")
        _logger.info("the component %s is there", self.domain)

    def _in_client_namespace(self, frame: StanzaFrame) -> StanzaFrame:
        """Return a stanza as clients send it: the routing knows one content namespace."""
        element = element_of(frame.raw, COMPONENT_ACCEPT, self._prefixes)
        here = f"{{{COMPONENT_ACCEPT}}}"
        for one in element.iter():
            if one.tag.startswith(here):
                one.tag = f"{{{CLIENT}}}{one.tag.removeprefix(here)}"
        return frame_of(serialise(element))

    def _pace(self) -> None:
        """Read no more while what was sent waits for the store."""
        if len(self.turns) > self._context.limits.waiting_turns and self._wake_timer is None:
            self._connection.pause_reading()
            loop = self._context.network.loop
            self._wake_timer = loop.call_later(_LOOK_AGAIN_SECONDS, self._wake)

    def _wake(self) -> None:
        self._wake_timer = None
        self._connection.resume_reading()
        self._pace()

    def _on_deadline(self) -> None:
        self.end(StreamError(StreamCondition.CONNECTION_TIMEOUT, "the handshake took too long"))

    def _leave(self) -> None:
        """Take back what the stream has registered; done when it ends, however it ends."""
        was_open = self._state is _State.OPEN
        self._state = _State.CLOSED
        self._context.network.clear_deadline(self)
        if self._wake_timer is not None:
            self._wake_timer.cancel()
            self._wake_timer = None
        if was_open:
            self._context.host.component_went(self)
            _logger.info("the component %s is gone", self.domain)


def _domain(text: str) -> str:
    try:
        jid = parse_jid(text)
    except AddressError:
        return ""
    return jid.domainpart if str(jid) == jid.domainpart else ""
