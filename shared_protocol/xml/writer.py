"""Writes XML in the style of XMPP: default namespaces, no prefix but ``stream`` and ``xml``.

Nothing that is written can break the stream: text is escaped, and characters that XML 1.0 does not
allow are refused (``replace_forbidden`` makes text from elsewhere fit).
"""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from shared_protocol.errors import LocalProtocolError, StreamCondition
from shared_protocol.namespaces import CLIENT, STREAM_ERRORS, STREAMS, XML

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

STREAM_END = b"</stream:stream>"

# XML 1.0, section 2.2: what may stand in a document
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_IN_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_IN_ATTRIBUTE = str.maketrans(
    {
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        "'": "&apos;",
        '"': "&quot;",
        "\t": "&#9;",
        "\n": "&#10;",
        "\r": "&#13;",
    }
)
_SPECIAL_IN_TEXT = re.compile("[&<>\r]")
_SPECIAL_IN_ATTRIBUTE = re.compile("[&<>'\"\t\n\r]")


def escaped(text: str) -> str:
    """Escape text for the content of an element.

    Raises:
        LocalProtocolError: It holds a character that XML does not allow.
    """
    _check_characters(text)
    return text.translate(_IN_TEXT) if _SPECIAL_IN_TEXT.search(text) else text


def escape_attribute(text: str) -> str:
    """Escape text for the value of an attribute, in either kind of quotes.

    Raises:
        LocalProtocolError: It holds a character that XML does not allow.
    """
    _check_characters(text)
    return text.translate(_IN_ATTRIBUTE) if _SPECIAL_IN_ATTRIBUTE.search(text) else text


def attribute(name: str, value: str) -> str:
    """Write one attribute with the space before it: `` to='romeo@montague.lit'``.

    Raises:
        LocalProtocolError: The value holds a character that XML does not allow.
    """
    return f" {name}='{escape_attribute(value)}'"


def replace_forbidden(text: str) -> str:
    """Put U+FFFD in the place of each character that XML does not allow."""
    return _FORBIDDEN.sub("\ufffd", text)


def serialise(element: "Element", content_namespace: str = CLIENT) -> bytes:
    """Write an element as it stands below a stream with the given content namespace.

    An element without namespace gets ``xmlns=''``: qualify the names of what you build.

    Raises:
        LocalProtocolError: A text holds a character that XML does not allow.
    """
    parts: list[str] = []
    _write_element(parts, element, content_namespace)
    return "".join(parts).encode()


def start_tag(name: str, attributes: Mapping[str, str]) -> bytes:
    """Write an opening tag with names as they are; attributes in order, empty ones left out."""
    written = "".join(attribute(key, value) for key, value in attributes.items() if value)
    return f"<{name}{written}>".encode()


def stream_header(
    *,
    sender: str = "",
    recipient: str = "",
    stream_id: str = "",
    language: str = "",
    content_namespace: str = CLIENT,
) -> bytes:
    """Write the opening of a stream (RFC 6120, section 4.7); what is empty is left out."""
    attributes = {
        "from": sender,
        "to": recipient,
        "id": stream_id,
        "version": "1.0",
        "xml:lang": language,
        "xmlns": content_namespace,
        "xmlns:stream": STREAMS,
    }
    return b"<?xml version='1.0'?>" + start_tag("stream:stream", attributes)


def stream_error(condition: StreamCondition, text: str = "") -> bytes:
    """Write a stream error (RFC 6120, section 4.9.2), without the end of the stream."""
    told = f"<text xmlns='{STREAM_ERRORS}' xml:lang='en'>{escaped(text)}</text>" if text else ""
    written = f"<stream:error><{condition.value} xmlns='{STREAM_ERRORS}'/>{told}</stream:error>"
    return written.encode()


def _check_characters(text: str) -> None:
    forbidden = _FORBIDDEN.search(text)
    if forbidden:
        message = f"character U+{ord(forbidden[0]):04X} is not allowed in XML"
        raise LocalProtocolError(message)


def _write_element(parts: list[str], element: "Element", inherited: str) -> None:
    namespace, name = _split(element.tag)
    parts.append(f"<{name}")
    if namespace != inherited:
        parts.append(attribute("xmlns", namespace))
    for count, (key, value) in enumerate(element.items()):
        parts.append(_attribute(key, value, count))
    if not len(element) and not element.text:
        parts.append("/>")
        return
    parts.append(">")
    if element.text:
        parts.append(escaped(element.text))
    for child in element:
        _write_element(parts, child, namespace)
        if child.tail:
            parts.append(escaped(child.tail))
    parts.append(f"</{name}>")


def _attribute(key: str, value: str, count: int) -> str:
    namespace, name = _split(key)
    if not namespace:
        return attribute(name, value)
    if namespace == XML:
        return attribute(f"xml:{name}", value)
    return attribute(f"xmlns:n{count}", namespace) + attribute(f"n{count}:{name}", value)


def _split(qualified: str) -> tuple[str, str]:
    """Split ``{namespace}name``."""
    if qualified.startswith("{"):
        namespace, _, name = qualified[1:].rpartition("}")
        return namespace, name
    return "", qualified
