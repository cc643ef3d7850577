"""Cuts the bytes of a stream into frames, strictly and without building a tree (RFC 6120).

No input or output: bytes in, frames out. The frames do not depend on how the bytes were cut. Limits
hold while the bytes arrive and never wait for an end tag:

* expat gets the bytes in pieces that never complete a token longer than ``tag_bytes``; so the limit
  is exact, and it makes it safe to switch off reparse deferral (expat >= 2.6 would otherwise hold
  back complete stanzas, and without a limit a dripped tag costs quadratic time: CVE-2023-52425);
* a stanza's bytes are counted from its first ``<``; white space between stanzas costs nothing.

expat and pyexpat keep every name that they have ever seen, and count bytes in a C ``long``, of 32
bits on Windows. Therefore the parser is replaced between two stanzas, by one that has read the same
stream header, when it has learnt many names or read many bytes.
"""

from xml.parsers import expat

from shared_protocol.errors import StreamCondition, StreamError
from shared_protocol.limits import CLIENT_STREAM, StreamLimits
from shared_protocol.xml.frames import (
    Frame,
    StanzaFrame,
    StreamEnd,
    StreamHeader,
    language_attribute,
    sender_attribute,
)
from shared_protocol.xml.raw_tags import tag_end
from shared_protocol.xml.refusals import (
    check_beginning,
    refusal_of,
    refuse_by_policy,
    refuse_other_encoding,
    refuse_restricted,
    refuse_text,
)

__all__ = [
    "Frame",
    "StanzaFrame",
    "StanzaFramer",
    "StreamEnd",
    "StreamHeader",
    "frame_of",
    "language_attribute",
    "sender_attribute",
]

_PIECE_BYTES = 4_096  # so that a limit is noticed soon
_NAMES_OF_ONE_PARSER = 5_000
_BYTES_OF_ONE_PARSER = 1 << 30
_INDEX_MASK = 0xFFFF_FFFF
_LESS_THAN = ord("<")
_STREAM_DEPTH, _STANZA_DEPTH, _CHILD_DEPTH = 1, 2, 3
_OWN_HANDLERS = (
    "StartElementHandler",
    "EndElementHandler",
    "StartNamespaceDeclHandler",
    "StartCdataSectionHandler",
)


class _RenewalDueError(Exception):
    """Leaves expat between two stanzas; never leaves the framer."""


class StanzaFramer:
    """Turns the bytes of one direction of one stream into frames.

    Make a new one when the stream begins anew: after TLS and after SASL.

    Attributes:
        limits: May be exchanged at any time; holds from the next byte on.
    """

    def __init__(self, limits: StreamLimits = CLIENT_STREAM) -> None:
        self.limits = limits
        self._refusal: StreamError | None = None
        self._frames: list[Frame] = []
        self._header_bytes = b""
        self._namespaces: dict[str, str] = {}
        self._prefixes: list[bytes] = []
        self._buffer = bytearray()
        self._depth = 0
        self._elements = 0
        self._name = ""
        self._attributes: dict[str, str] = {}
        self._children: list[str] = []
        self._repeats_namespace = False
        self._is_portable = True
        self._unfinished_bytes = 0
        self._begin_parser()

    @property
    def is_between_stanzas(self) -> bool:
        """Nothing of a further element has arrived yet."""
        return self._depth <= _STREAM_DEPTH and not self._buffer

    def receive(self, data: bytes) -> list[Frame]:
        """Take bytes from the peer and return what became complete, in order.

        Raises:
            StreamError: The bytes are not well-formed, use restricted XML, or pass a limit. Its
                ``frames_before`` are those that became complete before. From now on every call
                raises the same condition.
        """
        if self._refusal is not None:
            raise StreamError(self._refusal.condition, self._refusal.text)
        try:
            self._feed(data)
        except StreamError as error:
            self._refusal = error
            error.frames_before = list(self._frames)
            raise
        frames, self._frames = self._frames, []
        return frames

    def close(self) -> None:
        """Let go of the parser; nothing may be received any more.

        Framer and parser hold each other, so that both would wait for the collector of cycles.
        """
        _let_go(self._parser)

    def _feed(self, data: bytes) -> None:
        start, size = 0, len(data)
        if size <= _PIECE_BYTES and size + self._unfinished_bytes <= self.limits.tag_bytes:
            start = size  # nearly always
            while data:
                data = self._receive_piece(data)
        while start < size:
            # Never enough to complete a token that is too long
            room = min(_PIECE_BYTES, self.limits.tag_bytes - self._unfinished_bytes)
            end = start + max(room, 1)
            rest = data[start:end]
            while rest:
                rest = self._receive_piece(rest)
            start = end

    def _receive_piece(self, piece: bytes) -> bytes:
        """Return what must be fed again, because the parser was replaced in the middle."""
        self._buffer += piece
        self._fed += len(piece)
        if not self._header_bytes:
            check_beginning(self._buffer)
        try:
            self._parser.Parse(piece, False)  # noqa: FBT003 - pyexpat takes no keywords
        except expat.ExpatError as error:
            raise refusal_of(error) from error
        except _RenewalDueError:
            return self._renew_parser()
        self._unfinished_bytes = 0
        if self._buffer:
            self._check_unfinished()
        return b""

    def _check_unfinished(self) -> None:
        if self._depth == _STREAM_DEPTH:
            del self._buffer[: len(self._buffer) - len(self._buffer.lstrip())]
            if self._buffer and self._buffer[0] != _LESS_THAN:
                refuse_text()
        elif self._depth == 0 and self._header_bytes:
            self._buffer.clear()  # white space behind the end of the stream
        self._unfinished_bytes = self._bytes_behind() if self._buffer else 0
        if self._unfinished_bytes >= self.limits.tag_bytes:
            refuse_by_policy(f"a tag is longer than {self.limits.tag_bytes} bytes")
        self._check_size(len(self._buffer))

    def _bytes_behind(self) -> int:
        """Count the bytes from the token that expat is at to the last one that it was given."""
        return (self._fed - self._parser.CurrentByteIndex) & _INDEX_MASK

    def _begin_parser(self) -> None:
        self._fed = 0
        self._names: dict[str, str] = {}
        self._parser = parser = expat.ParserCreate("UTF-8", " ", self._names)
        if hasattr(parser, "SetReparseDeferralEnabled"):
            parser.SetReparseDeferralEnabled(False)  # noqa: FBT003 - pyexpat takes no keywords
        if self._header_bytes:  # not reported again: there are no handlers yet
            self._fed = len(self._header_bytes)
            parser.Parse(self._header_bytes, False)  # noqa: FBT003 - pyexpat takes no keywords
        parser.StartElementHandler = self._on_start
        parser.EndElementHandler = self._on_end
        parser.StartNamespaceDeclHandler = self._on_namespace
        parser.XmlDeclHandler = refuse_other_encoding
        parser.StartCdataSectionHandler = self._on_cdata
        parser.StartDoctypeDeclHandler = refuse_restricted
        parser.ProcessingInstructionHandler = refuse_restricted
        parser.CommentHandler = refuse_restricted

    def _renew_parser(self) -> bytes:
        rest = bytes(self._buffer)
        self._buffer.clear()
        _let_go(self._parser)
        self._begin_parser()
        return rest

    def _on_namespace(self, prefix: str | None, uri: str | None) -> None:
        """Expat reports a declaration before the start of the element that makes it."""
        if self._depth > _STREAM_DEPTH:
            return
        if self._depth == _STREAM_DEPTH:
            self._repeats_namespace |= not prefix
            if prefix or uri != self._namespaces.get(""):
                self._is_portable = False
        else:
            self._namespaces[prefix or ""] = uri or ""
            if prefix:
                self._prefixes.append(prefix.encode() + b":")

    def _on_start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth = depth = self._depth + 1
        self._elements += 1
        if depth == _CHILD_DEPTH:
            self._children.append(name)
        elif depth == _STANZA_DEPTH:
            self._begin_stanza(name, attributes)
        elif depth == _STREAM_DEPTH:
            self._begin_stream(name, attributes)
        limits = self.limits
        if (
            depth > limits.depth
            or self._elements > limits.elements
            or len(attributes) > limits.attributes
        ):
            refuse_by_policy("too deep, too many elements, or too many attributes")

    def _begin_stream(self, name: str, attributes: dict[str, str]) -> None:
        end, _closes_itself = tag_end(self._buffer, len(self._buffer) - self._bytes_behind())
        self._check_size(end)
        self._frames.append(StreamHeader(name, attributes, self._namespaces))
        self._header_bytes = bytes(self._buffer[:end])
        del self._buffer[:end]

    def _begin_stanza(self, name: str, attributes: dict[str, str]) -> None:
        self._drop_before(len(self._buffer) - self._bytes_behind())
        self._name, self._attributes, self._children, self._elements = name, attributes, [], 1

    def _on_end(self, _name: str) -> None:
        self._depth = depth = self._depth - 1
        if depth == _STREAM_DEPTH:
            self._end_stanza()
        elif depth == 0:
            if self._buffer:  # else the header closed itself
                self._drop_before(len(self._buffer) - self._bytes_behind())
            self._frames.append(StreamEnd())

    def _end_stanza(self) -> None:
        buffer = self._buffer
        end = self._end_of_stanza()
        if end > self.limits.stanza_bytes:
            self._check_size(end)
        raw = bytes(buffer[:end])
        is_portable = self._is_portable
        for prefix in self._prefixes:
            if prefix in raw:
                is_portable = False
        self._frames.append(
            StanzaFrame(
                self._name,
                self._attributes,
                self._children,
                raw,
                self._repeats_namespace,
                is_portable,
            )
        )
        del buffer[:end]
        self._repeats_namespace, self._is_portable = False, True
        if len(self._names) > _NAMES_OF_ONE_PARSER or self._fed > _BYTES_OF_ONE_PARSER:
            raise _RenewalDueError

    def _end_of_stanza(self) -> int:
        """Find the byte behind the stanza: expat is before ``</name>``, but behind ``<name/>``."""
        if self._elements == 1:
            end, closes_itself = tag_end(self._buffer)
            if closes_itself:
                return end
        return self._buffer.index(b">", len(self._buffer) - self._bytes_behind()) + 1

    def _drop_before(self, start: int) -> None:
        if start:
            if self._buffer[:start].strip():
                refuse_text()
            del self._buffer[:start]

    def _check_size(self, size_bytes: int) -> None:
        if size_bytes > self.limits.stanza_bytes:
            refuse_by_policy(f"more than {self.limits.stanza_bytes} bytes in one stanza")

    def _on_cdata(self) -> None:
        if self._depth == _STREAM_DEPTH:
            refuse_text()


def frame_of(raw: bytes, limits: StreamLimits = CLIENT_STREAM) -> StanzaFrame:
    """Read back one stored stanza of a client's stream, through the same limits.

    Raises:
        StreamError: It is not exactly one element, or passes a limit.
    """
    framer = StanzaFramer(limits)
    try:
        framer.receive(_CLIENT_HEADER)
        frames = framer.receive(raw)
    finally:
        framer.close()
    match frames:
        case [StanzaFrame() as frame] if framer.is_between_stanzas:
            return frame
        case _:
            raise StreamError(StreamCondition.BAD_FORMAT, "not exactly one stanza")


_CLIENT_HEADER = (
    b"<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"
)


def _let_go(parser: expat.XMLParserType) -> None:
    for name in _OWN_HANDLERS:
        setattr(parser, name, None)
