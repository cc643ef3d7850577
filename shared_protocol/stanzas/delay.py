"""Delayed delivery (XEP-0203 2.0) with the profile of dates of XEP-0082.

Example::

    <delay xmlns='urn:xmpp:delay' from='capulet.lit' stamp='2002-09-10T23:08:25Z'>
      Offline Storage
    </delay>
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree.ElementTree import Element

from shared_protocol.errors import MalformedStanzaError
from shared_protocol.namespaces import DELAY
from shared_protocol.xml.writer import attribute

DELAY_ELEMENT = f"{{{DELAY}}}delay"
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,20})?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})"
)


@dataclass(frozen=True, slots=True)
class Delay:
    """When a stanza was first sent (UTC, aware), and who says so; empty if nobody.

    Attributes:
        reason: Free text of who says so.
    """

    moment: datetime
    by: str = ""
    reason: str = ""


def from_element(element: Element) -> Delay:
    """Read a delay.

    Raises:
        MalformedStanzaError: It is none, or its stamp cannot be read.
    """
    if element.tag != DELAY_ELEMENT:
        message = f"expected {DELAY_ELEMENT}, got {element.tag}"
        raise MalformedStanzaError(message)
    return Delay(
        moment_from_text(element.get("stamp", "")),
        element.get("from", ""),
        (element.text or "").strip(),
    )


def to_element(delay: Delay) -> Element:
    """Write a delay."""
    element = Element(DELAY_ELEMENT, stamp=moment_to_text(delay.moment))
    if delay.by:
        element.set("from", delay.by)
    if delay.reason:
        element.text = delay.reason
    return element


def delays_of(stanza: Element) -> tuple[Delay, ...]:
    """Return the delays of a stanza in order; those that cannot be read count as not there."""
    return tuple(_readable(stanza.iterfind(DELAY_ELEMENT)))


def moment_from_text(text: str) -> datetime:
    """Read a moment as XEP-0082, section 3.2, writes it; the result is UTC.

    Raises:
        MalformedStanzaError: It cannot be read, or has no zone.
    """
    if not _MOMENT.fullmatch(text):
        message = f"expected a moment like 2002-09-10T23:08:25Z, got {text[:40]!r}"
        raise MalformedStanzaError(message)
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        message = f"the moment {text[:40]!r} is not in the calendar"
        raise MalformedStanzaError(message) from error


def moment_to_text(moment: datetime) -> str:
    """Write a moment (aware) in UTC, with milliseconds where it has a part of a second."""
    utc = moment.astimezone(UTC)
    precision = "milliseconds" if utc.microsecond else "seconds"
    return utc.replace(tzinfo=None).isoformat(timespec=precision) + "Z"


def with_delay(message: bytes, by: str, sent_at: float) -> bytes:
    """Put a delay at the end of a message as it is written on a stream.

    Args:
        message: One whole stanza. One without children, one that is no message, and one that has a
            delay of ours stay as they are.
        by: Who says so.
        sent_at: Seconds since 1970, UTC.
    """
    author = b"<delay xmlns='%b'%b" % (DELAY.encode(), attribute("from", by).encode())
    end = message.rfind(b"</message")
    if end < 0 or not message.startswith(b"<message") or author in message:
        return message
    stamp = attribute("stamp", moment_to_text(datetime.fromtimestamp(sent_at, UTC))).encode()
    return b"%b%b%b/>%b" % (message[:end], author, stamp, message[end:])


def _readable(elements: Iterable[Element]) -> Iterator[Delay]:
    for element in elements:
        with suppress(MalformedStanzaError):
            yield from_element(element)
