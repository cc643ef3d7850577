"""What neither end takes from a stream, and how it is answered (RFC 6120, section 11)."""

from typing import NoReturn
from xml.parsers import expat

from shared_protocol.errors import StreamCondition, StreamError

_CODES = expat.errors.codes
_CONDITIONS = {
    # Section 11.1: only the five predefined entities
    _CODES[expat.errors.XML_ERROR_UNDEFINED_ENTITY]: StreamCondition.RESTRICTED_XML,
    _CODES[expat.errors.XML_ERROR_UNKNOWN_ENCODING]: StreamCondition.UNSUPPORTED_ENCODING,
    _CODES[expat.errors.XML_ERROR_INCORRECT_ENCODING]: StreamCondition.UNSUPPORTED_ENCODING,
}


_MAY_BEGIN = frozenset(b"< \t\r\n")
_BEGINNINGS_OF_UTF_16 = frozenset(b"\x00\xfe\xff")
BEGINNING_BYTES = 2


def check_beginning(data: bytes | bytearray) -> None:
    """Check the first bytes of a stream before expat sees them.

    Although it is told UTF-8, expat goes over to UTF-16 by a byte order mark. In XMPP there is no
    such mark: U+FEFF is a character (section 11.6), and none may stand before the stream.

    Args:
        data: At least one byte; those beyond ``BEGINNING_BYTES`` do not matter.
    """
    if data[0] in _BEGINNINGS_OF_UTF_16 or not all(data[:BEGINNING_BYTES]):
        raise StreamError(StreamCondition.UNSUPPORTED_ENCODING, "expected UTF-8")
    if data[0] not in _MAY_BEGIN:
        raise StreamError(StreamCondition.NOT_WELL_FORMED, "text before the stream")


def refusal_of(error: expat.ExpatError) -> StreamError:
    """Translate what expat found; the text quotes nothing of what was received."""
    condition = _CONDITIONS.get(error.code, StreamCondition.NOT_WELL_FORMED)
    return StreamError(condition, expat.ErrorString(error.code) or "")


def refuse_other_encoding(_version: str, encoding: str | None, _standalone: int) -> None:
    """Check the XML declaration (section 11.6); a handler of expat."""
    if encoding and encoding.upper() != "UTF-8":
        raise StreamError(StreamCondition.UNSUPPORTED_ENCODING, "expected UTF-8")


def refuse_restricted(*_details: object) -> NoReturn:
    """Refuse what section 11.1 forbids; a handler of expat for all of it."""
    text = "DOCTYPE, entity, comment or processing instruction"
    raise StreamError(StreamCondition.RESTRICTED_XML, text)


def refuse_by_policy(text: str) -> NoReturn:
    """Refuse what passes a limit (section 4.9.3.14)."""
    raise StreamError(StreamCondition.POLICY_VIOLATION, text)


def refuse_text() -> NoReturn:
    """Refuse text between stanzas; white space is no text (section 11.7)."""
    raise StreamError(StreamCondition.BAD_FORMAT, "text between stanzas")
