"""The framing where each element comes alone: WebSocket (RFC 7395), and BOSH on top of the same.

Example::

    C: <open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='montague.lit' version='1.0'/>
    S: <open xmlns='urn:ietf:params:xml:ns:xmpp-framing' from='montague.lit' id='++TR84Sm6A3h'
         version='1.0' xml:lang='en'/>
    S: <stream:features xmlns:stream='http://etherx.jabber.org/streams'/>
    C: <close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>
"""

from collections.abc import Sequence

from embedded_server.sessions.stream_answers import error_element
from embedded_server.sessions.stream_opening import new_stream_id, recipient_of
from shared_protocol.errors import StreamCondition, StreamError
from shared_protocol.limits import BEFORE_LOGIN, StreamLimits
from shared_protocol.namespaces import CLIENT, FRAMING, STREAMS
from shared_protocol.xml.framer import StanzaFramer
from shared_protocol.xml.frames import Frame, StanzaFrame, StreamEnd, StreamHeader
from shared_protocol.xml.raw_tags import attributes_of, name_end
from shared_protocol.xml.writer import start_tag

CLOSE = f"<close xmlns='{FRAMING}'/>".encode()
_OPEN_NAME = f"{FRAMING} open"
_CLOSE_NAME = f"{FRAMING} close"
_STREAM = f"{STREAMS} stream"
_NAMESPACES = {"": CLIENT, "stream": STREAMS}
# What the parser has read before the first element: no prefix that an element could lean on.
_BEGINNING = start_tag("stream", {"xmlns": CLIENT})
_STANZAS = (b"<message", b"<presence", b"<iq")
_OF_STREAM = b"<stream:"
_IN_CLIENT = f" xmlns='{CLIENT}'".encode()
_IN_STREAM = f" xmlns:stream='{STREAMS}'".encode()


class ElementFraming:
    """Takes one element at a time; see ``StreamFraming``."""

    __slots__ = ("_framer", "limits")

    def __init__(self, limits: StreamLimits = BEFORE_LOGIN) -> None:
        self.limits = limits
        self._framer: StanzaFramer | None = None

    @property
    def has_parser(self) -> bool:
        """Whether it holds a parser."""
        return self._framer is not None

    @property
    def is_between_stanzas(self) -> bool:
        """Always: elements come whole."""
        return True

    def begin(self, limits: StreamLimits) -> None:
        """Expect ``<open/>``."""
        self.limits = limits
        self.close()

    def close(self) -> None:
        """Let go of the parser."""
        framer, self._framer = self._framer, None
        if framer is not None:
            framer.close()

    def allow(self, limits: StreamLimits) -> None:
        """Grant what comes from now on other limits."""
        self.limits = limits
        if self._framer is not None:
            self._framer.limits = limits

    def receive(self, data: bytes) -> list[Frame]:
        """Take one element, which can be parsed alone (RFC 7395, section 3.3.3).

        Raises:
            StreamError: It is not exactly one element, or is refused for what it is.
        """
        framer = self._framer
        if framer is None:
            framer = self._framer = StanzaFramer(self.limits)
            framer.receive(_BEGINNING)
        if not data.startswith(b"<"):  # no white space, no declaration, no nothing
            raise StreamError(StreamCondition.BAD_FORMAT, "expected one element")
        try:
            frames = framer.receive(data)
        except StreamError as error:
            error.frames_before.clear()
            raise
        match frames:
            case [StanzaFrame() as frame] if framer.is_between_stanzas:
                return [_frame_of_stream(frame)]
            case _:
                raise StreamError(StreamCondition.BAD_FORMAT, "expected one element")

    def rest(self) -> bool:
        """Give the parser up: nothing is ever unfinished in it."""
        self.close()
        return True

    def header(self, domain: str, header: StreamHeader | None) -> bytes:
        """Write ``<open/>``."""
        attributes = {
            "xmlns": FRAMING,
            "from": domain,
            "to": recipient_of(header),
            "id": new_stream_id(),
            "version": "1.0",
            "xml:lang": "en",
        }
        return start_tag("open", attributes)[:-1] + b"/>"

    def end(self, error: StreamError | None) -> Sequence[bytes]:
        """Write the error, whole, and ``<close/>`` (RFC 7395, sections 3.5 and 3.6)."""
        return (CLOSE,) if error is None else (error_element(error), CLOSE)


def opening(recipient: str, sender: str, language: str) -> bytes:
    """Write the ``<open/>`` that a client would send whose carrier has a header of its own."""
    attributes = {
        "xmlns": FRAMING,
        "to": recipient,
        "from": sender,
        "version": "1.0",
        "xml:lang": language,
    }
    return start_tag("open", attributes)[:-1] + b"/>"


def declared(element: bytes) -> bytes:
    """Write an element so that it can be parsed alone.

    Args:
        element: One element as it stands below a stream over TCP.
    """
    if element.startswith(_STANZAS):
        end = name_end(element)
        tag = element[: element.index(b">")]
        if b"xmlns=" in tag and any(one[1] == b"xmlns" for one in attributes_of(element)):
            return element
        return element[:end] + _IN_CLIENT + element[end:]
    if element.startswith(_OF_STREAM):
        end = name_end(element)
        return element[:end] + _IN_STREAM + element[end:]
    return element


def _frame_of_stream(frame: StanzaFrame) -> Frame:
    """Return what an element is to the stream."""
    if frame.name == _OPEN_NAME:
        if frame.children:
            raise StreamError(StreamCondition.BAD_FORMAT, "an opening is empty")
        return StreamHeader(_STREAM, frame.attributes, _NAMESPACES)
    if frame.name == _CLOSE_NAME:
        return StreamEnd()
    if frame.name.startswith(CLIENT) and not _declares_its_own(frame):
        raise StreamError(StreamCondition.INVALID_NAMESPACE, "an element declares its namespace")
    return frame


def _declares_its_own(frame: StanzaFrame) -> bool:
    return frame.repeats_namespace or b":" in frame.raw[: name_end(frame.raw)]
