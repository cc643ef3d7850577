"""Stream management (XEP-0198 1.6.3): acknowledgements; resumption is not spoken yet.

The nonzas as values are for the client; the server writes the bytes below without a tree.

Example::

    <enabled xmlns='urn:xmpp:sm:3' id='some-long-sm-id' resume='true' max='600'/>
"""

import re
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement

from shared_protocol.errors import MalformedStanzaError, StanzaCondition
from shared_protocol.namespaces import STANZA_ERRORS, STREAM_MANAGEMENT

ENABLE = f"{{{STREAM_MANAGEMENT}}}enable"
ENABLED = f"{{{STREAM_MANAGEMENT}}}enabled"
FAILED = f"{{{STREAM_MANAGEMENT}}}failed"
REQUEST = f"{{{STREAM_MANAGEMENT}}}r"
ANSWER = f"{{{STREAM_MANAGEMENT}}}a"
COUNTER_SPAN = 2**32  # section 4: h wraps
_COUNT = re.compile("[0-9]{1,10}")
_CONDITIONS = {f"{{{STANZA_ERRORS}}}{one.value}": one for one in StanzaCondition}


class _Tag:
    """Dotted names, which a ``match`` compares instead of binding them."""

    ENABLE = ENABLE
    ENABLED = ENABLED
    REQUEST = REQUEST
    ANSWER = ANSWER
    FAILED = FAILED


REQUEST_BYTES = f"<r xmlns='{STREAM_MANAGEMENT}'/>".encode()
ENABLED_BYTES = f"<enabled xmlns='{STREAM_MANAGEMENT}'/>".encode()


@dataclass(frozen=True, slots=True)
class Enable:
    """The client wants acknowledgements."""

    wants_resumption: bool = False


@dataclass(frozen=True, slots=True)
class Enabled:
    """The server agrees.

    Attributes:
        id: For resumption; empty without.
        longest_seconds: How long a lost session waits for its resumption; None if not told.
    """

    id: str = ""
    can_resume: bool = False
    longest_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class AcknowledgementRequest:
    """Either end asks how much was handled."""


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Either end tells how many stanzas it has handled, modulo 2^32."""

    handled: int


@dataclass(frozen=True, slots=True)
class Failed:
    """The server does not agree.

    Attributes:
        handled: How much of the session to be resumed was handled; None if not told.
    """

    condition: StanzaCondition | None = None
    handled: int | None = None


StreamManagementNonza = Enable | Enabled | AcknowledgementRequest | Acknowledgement | Failed


def from_element(nonza: Element) -> StreamManagementNonza:
    """Read a nonza.

    Raises:
        MalformedStanzaError: It is none that is spoken here, or a number in it is none.
    """
    match nonza.tag:
        case _Tag.ENABLE:
            return Enable(_is_true(nonza.get("resume")))
        case _Tag.ENABLED:
            seconds = _optional_count(nonza.get("max"))
            return Enabled(nonza.get("id", ""), _is_true(nonza.get("resume")), seconds)
        case _Tag.REQUEST:
            return AcknowledgementRequest()
        case _Tag.ANSWER:
            return Acknowledgement(handled_count(nonza.get("h")))
        case _Tag.FAILED:
            known = (_CONDITIONS[child.tag] for child in nonza if child.tag in _CONDITIONS)
            return Failed(next(known, None), _optional_count(nonza.get("h")))
    message = f"expected a nonza of stream management, got {nonza.tag}"
    raise MalformedStanzaError(message)


def to_element(nonza: StreamManagementNonza) -> Element:
    """Write a nonza."""
    match nonza:
        case Enable():
            return Element(ENABLE, {"resume": "true"} if nonza.wants_resumption else {})
        case Enabled():
            return _enabled(nonza)
        case AcknowledgementRequest():
            return Element(REQUEST)
        case Acknowledgement():
            return Element(ANSWER, h=str(nonza.handled % COUNTER_SPAN))
        case _:
            return _failed(nonza)


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
    if text is None or not _COUNT.fullmatch(text) or int(text) >= COUNTER_SPAN:
        message = f"expected a count of stanzas, got {(text or '')[:20]!r}"
        raise MalformedStanzaError(message)
    return int(text)


def newly_handled(handled: int, acknowledged: int) -> int:
    """Return how many stanzas an ``h`` confirms beyond those confirmed before."""
    return (handled - acknowledged) % COUNTER_SPAN


def failed_element(condition: StanzaCondition) -> Element:
    """Write that enabling or resuming failed, as an element."""
    return to_element(Failed(condition))


def _enabled(enabled: Enabled) -> Element:
    element = Element(ENABLED)
    if enabled.id:
        element.set("id", enabled.id)
    if enabled.can_resume:
        element.set("resume", "true")
    if enabled.longest_seconds is not None:
        element.set("max", str(enabled.longest_seconds))
    return element


def _failed(failed: Failed) -> Element:
    element = Element(FAILED)
    if failed.handled is not None:
        element.set("h", str(failed.handled % COUNTER_SPAN))
    if failed.condition is not None:
        SubElement(element, f"{{{STANZA_ERRORS}}}{failed.condition.value}")
    return element


def _is_true(text: str | None) -> bool:
    return text in {"true", "1"}


def _optional_count(text: str | None) -> int | None:
    return None if text is None else handled_count(text)
