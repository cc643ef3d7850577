"""Plain elements (``xml.etree``) from the bytes of a frame."""

from collections.abc import Mapping
from xml.etree.ElementTree import Element, ParseError, XMLParser

from shared_protocol.errors import MalformedStanzaError
from shared_protocol.namespaces import CLIENT, STREAMS
from shared_protocol.xml.writer import start_tag

_USUAL_PREFIXES = {"stream": STREAMS}


def element_of(
    raw: bytes,
    content_namespace: str = CLIENT,
    prefixes: Mapping[str, str] = _USUAL_PREFIXES,
) -> Element:
    """Read one element as it stood below its stream.

    Only for bytes that the framer has accepted: limits and refusals are its work (``frame_of``
    does it for stored bytes).

    Args:
        raw: The bytes of ``StanzaFrame.raw``.
        content_namespace: What an element without declaration belongs to.
        prefixes: Namespaces that the stream header declared, by prefix; "" is ignored.

    Raises:
        MalformedStanzaError: The bytes are not exactly one element.
    """
    declared = {f"xmlns:{prefix}": uri for prefix, uri in prefixes.items() if prefix}
    parser = XMLParser()  # noqa: S314 - the framer has refused all that this one would not
    try:
        parser.feed(start_tag("stream", {"xmlns": content_namespace, **declared}))
        parser.feed(raw)
        parser.feed(b"</stream>")
        stream: Element = parser.close()
    except ParseError as error:
        message = f"not one well-formed element: {error}"
        raise MalformedStanzaError(message) from error
    if len(stream) != 1:
        message = f"{len(stream)} elements, expected one"
        raise MalformedStanzaError(message)
    element = stream[0]
    element.tail = None
    return element


def qualified(name: str) -> str:
    """Turn a frame's name ("namespace local") into that of an element ("{namespace}local")."""
    namespace, space, local_name = name.rpartition(" ")
    return f"{{{namespace}}}{local_name}" if space else name
