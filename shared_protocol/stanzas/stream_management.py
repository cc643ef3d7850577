"""Stream management (XEP-0198 1.6.3): acknowledgements; resumption is not spoken yet.

Example::

    <a xmlns='urn:xmpp:sm:3' h='1'/>
"""

from xml.etree.ElementTree import Element, SubElement

from shared_protocol.errors import MalformedStanzaError, StanzaCondition
from shared_protocol.namespaces import STANZA_ERRORS, STREAM_MANAGEMENT

ENABLE = f"{{{STREAM_MANAGEMENT}}}enable"
ENABLED = f"{{{STREAM_MANAGEMENT}}}enabled"
FAILED = f"{{{STREAM_MANAGEMENT}}}failed"
REQUEST = f"{{{STREAM_MANAGEMENT}}}r"
ANSWER = f"{{{STREAM_MANAGEMENT}}}a"
COUNTER_SPAN = 2**32  # section 4: h wraps

REQUEST_BYTES = f"<r xmlns='{STREAM_MANAGEMENT}'/>".encode()
ENABLED_BYTES = f"<enabled xmlns='{STREAM_MANAGEMENT}'/>".encode()


def answer_bytes(handled: int) -> bytes:
    """Write how many stanzas were handled, modulo 2^32."""
    return f"<a xmlns='{STREAM_MANAGEMENT}' h='{handled % COUNTER_SPAN}'/>".encode()


def failed_bytes(condition: StanzaCondition) -> bytes:
    """Write that enabling or resuming failed."""
    return (
        f"<failed xmlns='{STREAM_MANAGEMENT}'><{condition.value} xmlns='{STANZA_ERRORS}'/></failed>"
    ).encode()


def too_high_bytes(handled: int, sent: int) -> bytes:
    """Write the stream error's detail for an acknowledgement of what was never sent."""
    return (
        f"<handled-count-too-high xmlns='{STREAM_MANAGEMENT}' h='{handled}' send-count='{sent}'/>"
    ).encode()


def handled_count(text: str | None) -> int:
    """Read an ``h``.

    Raises:
        MalformedStanzaError: It is no number from 0 to 2^32 - 1.
    """
    if text is None or not text.isascii() or not text.isdigit() or int(text[:11]) >= COUNTER_SPAN:
        message = f"expected a count of stanzas, got {(text or '')[:20]!r}"
        raise MalformedStanzaError(message)
    return int(text)


def newly_handled(handled: int, acknowledged: int) -> int:
    """Return how many stanzas an ``h`` confirms beyond those confirmed before."""
    return (handled - acknowledged) % COUNTER_SPAN


def failed_element(condition: StanzaCondition) -> Element:
    """Write that enabling or resuming failed, as an element."""
    element = Element(FAILED)
    SubElement(element, f"{{{STANZA_ERRORS}}}{condition.value}")
    return element
