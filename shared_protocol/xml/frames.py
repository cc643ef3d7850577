"""What a stream consists of, as values: its opening tag, the elements below it, its end.

A stanza stays the bytes it came in; a router reads the attributes of its top element and the names
of its children, and forwards the bytes with the true sender put in (architecture, "the hot path").
"""

from typing import NamedTuple

from shared_protocol.errors import LocalProtocolError
from shared_protocol.namespaces import XML
from shared_protocol.xml.raw_tags import attributes_of, name_end
from shared_protocol.xml.writer import attribute

LANGUAGE = f"{XML} lang"
"""Key of ``xml:lang`` among a frame's attributes."""

_OWNED_BY_THE_STREAM = (b"from", b"xmlns")
_OWNED_BY_THE_ROOM = (*_OWNED_BY_THE_STREAM, b"to")


class StreamHeader(NamedTuple):
    """The opening tag of a stream.

    Attributes:
        name: Namespace and local name, joined by a space.
        attributes: By name; those with a namespace as "namespace local".
        namespaces: Declared namespaces by prefix; the default namespace has the prefix "".
    """

    name: str
    attributes: dict[str, str]
    namespaces: dict[str, str]


class StanzaFrame(NamedTuple):
    """One element below the stream element, with the bytes it came in.

    Attributes:
        name: Namespace and local name, joined by a space.
        attributes: Of the top element; those with a namespace as "namespace local".
        children: Names of the direct children, in order, written like ``name``.
        raw: The bytes from the first ``<`` to the last ``>``.
        repeats_namespace: The top element declares the stream's content namespace once more.
        is_portable: ``stamped`` yields bytes that mean the same in any other stream. Otherwise they
            may need a prefix of the stream header, or the top element declares another namespace:
            then go by ``element_of`` and ``serialise``.
    """

    name: str
    attributes: dict[str, str]
    children: list[str]
    raw: bytes
    repeats_namespace: bool
    is_portable: bool

    @property
    def local_name(self) -> str:
        """The name without its namespace."""
        return self.name.rpartition(" ")[2]

    @property
    def language(self) -> str:
        """The stanza's own ``xml:lang``; empty if it has none."""
        return self.attributes.get(LANGUAGE, "")

    def stamped(self, from_attribute: bytes, language_attribute: bytes = b"") -> bytes:
        """Return the bytes with the true sender, whatever ``from`` the peer had written.

        Args:
            from_attribute: What ``sender_attribute`` made, once per session.
            language_attribute: What ``language_attribute`` made from the stream's ``xml:lang``; put
                in only if the stanza has none of its own (RFC 6120, section 8.1.5).

        Raises:
            LocalProtocolError: The frame is not portable.
        """
        raw, attributes = self.raw, self.attributes
        if not self.is_portable:
            message = "a frame that is not portable must be written anew from its element"
            raise LocalProtocolError(message)
        if language_attribute and LANGUAGE not in attributes:
            from_attribute += language_attribute
        end = name_end(raw)
        if "from" not in attributes and not self.repeats_namespace:
            return raw[:end] + from_attribute + raw[end:]
        parts = [raw[:end], from_attribute]
        for written in attributes_of(raw):
            if written[1] not in _OWNED_BY_THE_STREAM:
                parts.append(written[0])
            end = written.end()
        return b"".join([*parts, raw[end:]])

    def passed_on(self, from_attribute: bytes) -> bytes:
        """Return the bytes with another sender and without ``to``, which differs for each receiver.

        Args:
            from_attribute: What ``sender_attribute`` made.

        Raises:
            LocalProtocolError: The frame is not portable.
        """
        raw = self.raw
        if not self.is_portable:
            message = "a frame that is not portable must be written anew from its element"
            raise LocalProtocolError(message)
        end = name_end(raw)
        parts = [raw[:end], from_attribute]
        for written in attributes_of(raw):
            if written[1] not in _OWNED_BY_THE_ROOM:
                parts.append(written[0])
            end = written.end()
        return b"".join([*parts, raw[end:]])


class StreamEnd(NamedTuple):
    """The closing tag of a stream."""


Frame = StreamHeader | StanzaFrame | StreamEnd


def sender_attribute(sender: object) -> bytes:
    """Write the attribute that ``StanzaFrame.stamped`` puts in; ``sender`` is a JID or its text."""
    return attribute("from", str(sender)).encode()


def language_attribute(language: str) -> bytes:
    """Write the stream's ``xml:lang`` for ``StanzaFrame.stamped``; nothing if it is empty."""
    return attribute("xml:lang", language).encode() if language else b""
