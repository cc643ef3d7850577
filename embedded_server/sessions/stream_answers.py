"""What a stream itself says: nonzas of the negotiation, and answers to IQs that it handles."""

import base64
from collections.abc import Mapping

from shared_protocol.addresses import FullJid
from shared_protocol.errors import SaslCondition, StanzaError, StreamCondition, StreamError
from shared_protocol.namespaces import BIND, SASL, STANZA_ERRORS, TLS
from shared_protocol.stanzas.stream_management import too_high_bytes
from shared_protocol.xml.writer import STREAM_END, attribute, escaped, stream_error

PROCEED = f"<proceed xmlns='{TLS}'/>".encode()
_END_OF_ERROR = b"</stream:error>"


class DetailedStreamError(StreamError):
    """A stream error with a condition of its own specification besides that of the RFC.

    Attributes:
        detail: The element, written.
    """

    def __init__(self, condition: StreamCondition, text: str, detail: bytes) -> None:
        super().__init__(condition, text)
        self.detail = detail


def count_too_high(claimed: int, sent: int) -> DetailedStreamError:
    """Return what answers the acknowledgement of what was never sent (XEP-0198, section 6)."""
    return DetailedStreamError(
        StreamCondition.UNDEFINED_CONDITION,
        "more was acknowledged than was sent",
        too_high_bytes(claimed, sent),
    )


def stream_end(error: StreamError | None) -> bytes:
    """Write the end of a stream, after the error that there may be."""
    return STREAM_END if error is None else error_element(error) + STREAM_END


def error_element(error: StreamError) -> bytes:
    """Write an error of the stream."""
    written = stream_error(error.condition, error.text)
    if isinstance(error, DetailedStreamError):
        written = written.removesuffix(_END_OF_ERROR) + error.detail + _END_OF_ERROR
    return written


def challenge(data: bytes) -> bytes:
    """Write a SASL challenge (RFC 6120, section 6.4.3)."""
    return b"<challenge xmlns='%b'>%b</challenge>" % (SASL.encode(), base64.b64encode(data))


def success(data: bytes | None) -> bytes:
    """Write that a login is good, with what its mechanism adds."""
    return b"<success xmlns='%b'>%b</success>" % (SASL.encode(), base64.b64encode(data or b""))


def failure(condition: SaslCondition) -> bytes:
    """Write that a login failed."""
    return f"<failure xmlns='{SASL}'><{condition.value}/></failure>".encode()


def bind_result(request: Mapping[str, str], jid: FullJid) -> bytes:
    """Tell a client its full JID (RFC 6120, section 7.6.1)."""
    bind = f"<bind xmlns='{BIND}'><jid>{escaped(str(jid))}</jid></bind>"
    return f"<iq type='result'{_id(request)}>{bind}</iq>".encode()


def empty_result(request: Mapping[str, str]) -> bytes:
    """Say that an IQ is done."""
    return f"<iq type='result'{_id(request)}/>".encode()


def iq_error(request: Mapping[str, str], error: StanzaError) -> bytes:
    """Refuse an IQ that was for the stream itself."""
    condition = f"<{error.condition.value} xmlns='{STANZA_ERRORS}'/>"
    return (
        f"<iq type='error'{_id(request)}><error type='{error.type.value}'>{condition}</error></iq>"
    ).encode()


def _id(request: Mapping[str, str]) -> str:
    return attribute("id", request["id"]) if "id" in request else ""
