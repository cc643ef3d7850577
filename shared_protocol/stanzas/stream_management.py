"""Stream management (XEP-0198 1.6.3): acknowledgements and resumption.

The nonzas as values are for the client; the server writes the bytes below without a tree.

Example::

    <enabled xmlns='urn:xmpp:sm:3' id='some-long-sm-id' resume='true' max='600'/>
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement

from shared_protocol.errors import MalformedStanzaError, StanzaCondition
from shared_protocol.namespaces import STANZA_ERRORS, STREAM_MANAGEMENT

ENABLE = f"{{{STREAM_MANAGEMENT}}}enable"
ENABLED = f"{{{STREAM_MANAGEMENT}}}enabled"
RESUME = f"{{{STREAM_MANAGEMENT}}}resume"
RESUMED = f"{{{STREAM_MANAGEMENT}}}resumed"
FAILED = f"{{{STREAM_MANAGEMENT}}}failed"
REQUEST = f"{{{STREAM_MANAGEMENT}}}r"
ANSWER = f"{{{STREAM_MANAGEMENT}}}a"
COUNTER_SPAN = 2**32  # section 4: h wraps
LONGEST_ID_BYTES = 4_000  # section 5
_COUNT = re.compile("[0-9]{1,10}")
_CONDITIONS = {f"{{{STANZA_ERRORS}}}{one.value}": one for one in StanzaCondition}


REQUEST_BYTES = f"<r xmlns='{STREAM_MANAGEMENT}'/>".encode()
ENABLED_BYTES = f"<enabled xmlns='{STREAM_MANAGEMENT}'/>".encode()


@dataclass(frozen=True, slots=True)
class Enable:
    """The client wants acknowledgements.

    Attributes:
        wants_resumption: Whether the session shall outlive a lost connection.
        longest_seconds: How long the client wishes it to wait then; None if it does not say.
    """

    wants_resumption: bool = False
    longest_seconds: int | None = None


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
class Resume:
    """The client wants a former session back.

    Attributes:
        id: What the server had given to that session.
        handled: How many stanzas of the server the client had handled, modulo 2^32.
    """

    id: str
    handled: int


@dataclass(frozen=True, slots=True)
class Resumed:
    """The server gives it back; attributes as in ``Resume``, for the client's stanzas."""

    id: str
    handled: int


@dataclass(frozen=True, slots=True)
class Failed:
    """The server does not agree.

    Attributes:
        handled: How much of the session to be resumed was handled; None if not told.
    """

    condition: StanzaCondition | None = None
    handled: int | None = None


StreamManagementNonza = (
    Enable | Enabled | Resume | Resumed | AcknowledgementRequest | Acknowledgement | Failed
)


def from_element(nonza: Element) -> StreamManagementNonza:
    """Read a nonza.

    Raises:
        MalformedStanzaError: It is none that is spoken here, or a number in it is none.
    """
    read = _READERS.get(nonza.tag)
    if read is None:
        message = f"expected a nonza of stream management, got {nonza.tag}"
        raise MalformedStanzaError(message)
    return read(nonza)


def to_element(nonza: StreamManagementNonza) -> Element:
    """Write a nonza."""
    match nonza:
        case Enable():
            return _enable(nonza)
        case Enabled():
            return _enabled(nonza)
        case Resume() | Resumed():
            tag = RESUME if isinstance(nonza, Resume) else RESUMED
            return Element(tag, h=str(nonza.handled % COUNTER_SPAN), previd=nonza.id)
        case AcknowledgementRequest():
            return Element(REQUEST)
        case Acknowledgement():
            return Element(ANSWER, h=str(nonza.handled % COUNTER_SPAN))
        case _:
            return _failed(nonza)


def answer_bytes(handled: int) -> bytes:
    """Write how many stanzas were handled, modulo 2^32."""
    return f"<a xmlns='{STREAM_MANAGEMENT}' h='{handled % COUNTER_SPAN}'/>".encode()


def resumable_bytes(session_id: str, longest_seconds: int) -> bytes:
    """Write that acknowledgements are enabled, and how the session is resumed (section 5)."""
    return (
        f"<enabled xmlns='{STREAM_MANAGEMENT}' id='{session_id}' resume='true'"
        f" max='{longest_seconds}'/>"
    ).encode()


def resumed_bytes(session_id: str, handled: int) -> bytes:
    """Write that a session goes on, and how much of the client's was handled, modulo 2^32."""
    return (
        f"<resumed xmlns='{STREAM_MANAGEMENT}' previd='{session_id}' h='{handled % COUNTER_SPAN}'/>"
    ).encode()


def failed_bytes(condition: StanzaCondition, handled: int | None = None) -> bytes:
    """Write that enabling or resuming failed.

    Args:
        condition: Why.
        handled: How much was handled of the session to be resumed, where that is known.
    """
    count = "" if handled is None else f" h='{handled % COUNTER_SPAN}'"
    return (
        f"<failed xmlns='{STREAM_MANAGEMENT}'{count}>"
        f"<{condition.value} xmlns='{STANZA_ERRORS}'/></failed>"
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


def _read_enable(nonza: Element) -> Enable:
    return Enable(_is_true(nonza.get("resume")), _optional_count(nonza.get("max")))


def _read_enabled(nonza: Element) -> Enabled:
    seconds = _optional_count(nonza.get("max"))
    return Enabled(nonza.get("id", ""), _is_true(nonza.get("resume")), seconds)


def _read_resume(nonza: Element) -> Resume:
    return Resume(_id_of(nonza), handled_count(nonza.get("h")))


def _read_resumed(nonza: Element) -> Resumed:
    return Resumed(_id_of(nonza), handled_count(nonza.get("h")))


def _read_request(_nonza: Element) -> AcknowledgementRequest:
    return AcknowledgementRequest()


def _read_answer(nonza: Element) -> Acknowledgement:
    return Acknowledgement(handled_count(nonza.get("h")))


def _read_failed(nonza: Element) -> Failed:
    known = (_CONDITIONS[child.tag] for child in nonza if child.tag in _CONDITIONS)
    return Failed(next(known, None), _optional_count(nonza.get("h")))


_READERS: dict[str, Callable[[Element], StreamManagementNonza]] = {
    ENABLE: _read_enable,
    ENABLED: _read_enabled,
    RESUME: _read_resume,
    RESUMED: _read_resumed,
    REQUEST: _read_request,
    ANSWER: _read_answer,
    FAILED: _read_failed,
}


def _enable(enable: Enable) -> Element:
    element = Element(ENABLE)
    if enable.wants_resumption:
        element.set("resume", "true")
    if enable.longest_seconds is not None:
        element.set("max", str(enable.longest_seconds))
    return element


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


def _id_of(nonza: Element) -> str:
    session_id = nonza.get("previd", "")
    if not 0 < len(session_id.encode()) <= LONGEST_ID_BYTES:
        message = f"expected a previd of 1 to {LONGEST_ID_BYTES} bytes, got {session_id[:20]!r}"
        raise MalformedStanzaError(message)
    return session_id


def _is_true(text: str | None) -> bool:
    return text in {"true", "1"}


def _optional_count(text: str | None) -> int | None:
    return None if text is None else handled_count(text)
