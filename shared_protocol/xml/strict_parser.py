"""A strict pull parser that builds elements: what the client reads its stream with.

It has the two methods of ``xml.etree.ElementTree.XMLPullParser`` that slixmpp calls, keeps the
limits and refusals of the framer, and knows which first-level elements exist at all.
"""

from collections import deque
from collections.abc import Iterator
from xml.etree.ElementTree import Element
from xml.parsers import expat

from shared_protocol.errors import StreamCondition, StreamError
from shared_protocol.limits import StreamLimits
from shared_protocol.namespaces import SASL, TLS
from shared_protocol.xml.refusals import (
    BEGINNING_BYTES,
    check_beginning,
    refusal_of,
    refuse_by_policy,
    refuse_other_encoding,
    refuse_restricted,
    refuse_text,
)

_PIECE_BYTES = 4_096
_INDEX_SPAN = 2**32  # expat's index is a C long, of 32 bits on Windows
# Behind these the server waits for us: a new stream begins, with a parser of its own
_LAST_ELEMENTS = frozenset({f"{{{TLS}}}proceed", f"{{{SASL}}}success"})
_WHITE_SPACE = " \t\r\n"


class StrictPullParser:
    """Reads one stream from its header to its end.

    Attributes:
        limits, allowed: What an element may cost, and which first-level elements exist (None for
            all); both may be changed between two elements.
        refusal: Why reading stopped; None while all is well. After a refusal nothing is read.
    """

    def __init__(self, limits: StreamLimits, allowed: frozenset[str] | None) -> None:
        self.limits = limits
        self.allowed = allowed
        self.refusal: StreamError | None = None
        self._open: list[Element] = []
        self._events: deque[tuple[str, Element]] = deque()
        self._text: list[str] = []
        self._fed = 0
        self._beginning = b""
        self._stanza_began = 0
        self._elements = 0
        self._is_over = False
        self._expat = self._make_parser()

    def feed(self, data: bytes | str) -> None:
        """Take bytes from the peer; a refusal stands in ``refusal`` afterwards."""
        encoded = data.encode() if isinstance(data, str) else data
        for start in range(0, len(encoded), _PIECE_BYTES):
            if self.refusal is None:
                self._feed_piece(encoded[start : start + _PIECE_BYTES])

    def read_events(self) -> Iterator[tuple[str, Element]]:
        """Hand out pairs of ``start`` or ``end`` and the element, in order."""
        while self._events:
            yield self._events.popleft()

    def _make_parser(self) -> expat.XMLParserType:
        parser = expat.ParserCreate("UTF-8", "}")
        if hasattr(parser, "SetReparseDeferralEnabled"):
            # Expat >= 2.6 lets the last bytes wait. Safe only because a tag's length is limited.
            parser.SetReparseDeferralEnabled(False)  # noqa: FBT003 - the signature is expat's
        parser.buffer_text = True
        parser.XmlDeclHandler = refuse_other_encoding
        parser.StartElementHandler = self._on_start
        parser.EndElementHandler = self._on_end
        parser.CharacterDataHandler = self._on_text
        parser.StartDoctypeDeclHandler = refuse_restricted
        parser.EntityDeclHandler = refuse_restricted
        parser.ProcessingInstructionHandler = refuse_restricted
        parser.CommentHandler = refuse_restricted
        return parser

    def _feed_piece(self, piece: bytes) -> None:
        try:
            if self._fed < BEGINNING_BYTES:
                self._beginning += piece[:BEGINNING_BYTES]
                check_beginning(self._beginning)
            self._fed += len(piece)
            self._expat.Parse(piece, False)  # noqa: FBT003 - the signature is expat's
            if self._fed - self._position() > self.limits.tag_bytes:
                refuse_by_policy("a tag is too long")
            if self._fed - self._stanza_began > self.limits.stanza_bytes:
                refuse_by_policy("a stanza is too large")
        except StreamError as error:
            self.refusal = error
        except expat.ExpatError as error:
            self.refusal = refusal_of(error)

    def _position(self) -> int:
        """Where expat stands in the stream."""
        return self._fed - (self._fed - self._expat.CurrentByteIndex) % _INDEX_SPAN

    def _on_text(self, text: str) -> None:
        if len(self._open) > 1:
            self._text.append(text)
        elif text.strip(_WHITE_SPACE):
            refuse_text()
        else:
            self._stanza_began = self._fed  # white space keeps a stream alive and costs nothing

    def _on_start(self, name: str, attributes: dict[str, str]) -> None:
        tag = _clark(name)
        if self._is_over:
            refuse_by_policy("an element behind the last of this stream")
        depth = len(self._open)
        if depth == 1 and self.allowed is not None and tag not in self.allowed:
            raise StreamError(StreamCondition.NOT_AUTHORIZED, "an element that does not exist yet")
        self._elements += 1
        if depth >= self.limits.depth:
            refuse_by_policy("nested too deeply")
        if self._elements > self.limits.elements or len(attributes) > self.limits.attributes:
            refuse_by_policy("too many elements or attributes")
        self._put_text()
        element = Element(tag, {_clark(key): value for key, value in attributes.items()})
        if depth > 1:  # stanzas are not kept on the stream's root
            self._open[-1].append(element)
        self._open.append(element)
        self._events.append(("start", element))

    def _on_end(self, _name: str) -> None:
        self._put_text()
        element = self._open.pop()
        self._events.append(("end", element))
        if len(self._open) == 1:
            self._elements, self._stanza_began = 0, self._position()
            self._is_over = element.tag in _LAST_ELEMENTS

    def _put_text(self) -> None:
        if not self._text:
            return
        text, parent = "".join(self._text), self._open[-1]
        self._text.clear()
        if len(parent):
            parent[-1].tail = (parent[-1].tail or "") + text
        else:
            parent.text = (parent.text or "") + text


def _clark(name: str) -> str:
    return "{" + name if "}" in name else name
