"""The framing of a stream over TCP: one XML document in each direction (RFC 6120, section 4).

A stream between two stanzas has no state in its parser but the namespaces of its header, so that
another parser, which has read a header with the same declarations, goes on in its place. Making one
costs about 15 microseconds, which is why only streams that were silent for seconds lose theirs.
"""

from collections.abc import Mapping, Sequence

from embedded_server.sessions.stream_answers import stream_end
from embedded_server.sessions.stream_opening import answering_header
from shared_protocol.errors import StreamError
from shared_protocol.limits import StreamLimits
from shared_protocol.namespaces import STREAMS
from shared_protocol.xml.framer import StanzaFramer
from shared_protocol.xml.frames import Frame, StreamHeader
from shared_protocol.xml.writer import start_tag

_WHITE_SPACE = b" \t\r\n"


class ByteFraming:
    """Cuts bytes into frames; see ``StreamFraming``."""

    __slots__ = ("_framer", "_limits", "_namespaces")

    def __init__(self, limits: StreamLimits) -> None:
        self._limits = limits
        self._framer: StanzaFramer | None = StanzaFramer(limits)
        self._namespaces: Mapping[str, str] = {}  # of the client's last header

    @property
    def has_parser(self) -> bool:
        """Whether it holds a parser."""
        return self._framer is not None

    @property
    def is_between_stanzas(self) -> bool:
        """Whether nothing of a further element has arrived."""
        return self._framer is None or self._framer.is_between_stanzas

    def begin(self, limits: StreamLimits) -> None:
        """Expect a header."""
        self._limits = limits
        self.close()
        self._framer = StanzaFramer(limits)

    def close(self) -> None:
        """Let go of the parser; the stream is over, or begins anew."""
        if self._framer is not None:
            self._framer.close()

    def allow(self, limits: StreamLimits) -> None:
        """Grant what comes from now on other limits."""
        self._limits = limits
        if self._framer is not None:
            self._framer.limits = limits

    def receive(self, data: bytes) -> list[Frame]:
        """Take bytes of the client."""
        framer = self._framer
        if framer is None:
            if not data.strip(_WHITE_SPACE):
                return []  # keep-alive: no reason to wake up
            framer = self._framer = _renewed(self._namespaces, self._limits)
        return framer.receive(data)

    def rest(self) -> bool:
        """Give the parser up, if nothing is unfinished in it and another can take its place."""
        framer = self._framer
        if framer is not None:
            if not framer.is_between_stanzas or _prefix_of_stream(self._namespaces) is None:
                return False
            framer.close()
            self._framer = None
        return True

    def header(self, domain: str, header: StreamHeader | None) -> bytes:
        """Write an opening tag."""
        if header is not None:
            self._namespaces = header.namespaces
        return answering_header(domain, header)

    def end(self, error: StreamError | None) -> Sequence[bytes]:
        """Write the error and the closing tag."""
        return (stream_end(error),)


def _renewed(namespaces: Mapping[str, str], limits: StreamLimits) -> StanzaFramer:
    """Make a framer that goes on within a stream whose header made these declarations."""
    framer = StanzaFramer(limits)
    declared = {f"xmlns:{key}" if key else "xmlns": uri for key, uri in namespaces.items()}
    framer.receive(start_tag(f"{_prefix_of_stream(namespaces)}:stream", declared))
    return framer


def _prefix_of_stream(namespaces: Mapping[str, str]) -> str | None:
    """Return the prefix that the stream's end tag must have; None if it cannot be told."""
    prefixes = [prefix for prefix, uri in namespaces.items() if uri == STREAMS]
    return prefixes[0] if len(prefixes) == 1 and prefixes[0] else None
