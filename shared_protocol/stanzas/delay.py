"""Delayed delivery (XEP-0203 2.0) with the profile of dates of XEP-0082.

Example::

    <delay xmlns='urn:xmpp:delay' from='capulet.lit' stamp='2002-09-10T23:08:25Z'/>
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree.ElementTree import Element

from shared_protocol.errors import MalformedStanzaError
from shared_protocol.namespaces import DELAY

DELAY_ELEMENT = f"{{{DELAY}}}delay"


@dataclass(frozen=True, slots=True)
class Delay:
    """When a stanza was first sent (UTC, aware), and who says so; empty if nobody."""

    moment: datetime
    by: str = ""


def from_element(element: Element) -> Delay:
    """Read a delay.

    Raises:
        MalformedStanzaError: It is none, or its stamp cannot be read.
    """
    if element.tag != DELAY_ELEMENT:
        message = f"expected {DELAY_ELEMENT}, got {element.tag}"
        raise MalformedStanzaError(message)
    return Delay(moment_from_text(element.get("stamp", "")), element.get("from", ""))


def to_element(delay: Delay) -> Element:
    """Write a delay."""
    element = Element(DELAY_ELEMENT, stamp=moment_to_text(delay.moment))
    if delay.by:
        element.set("from", delay.by)
    return element


def delays_of(stanza: Element) -> tuple[Delay, ...]:
    """Return the delays of a stanza in order; those that cannot be read count as not there."""
    return tuple(_readable(stanza.iterfind(DELAY_ELEMENT)))


def moment_from_text(text: str) -> datetime:
    """Read a moment as XEP-0082, section 3.2, writes it; the result is UTC.

    Raises:
        MalformedStanzaError: It cannot be read, or has no zone.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or "T" not in text:
        message = f"expected a moment like 2002-09-10T23:08:25Z, got {text[:40]!r}"
        raise MalformedStanzaError(message)
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        message = f"the moment {text[:40]!r} is out of range"
        raise MalformedStanzaError(message) from error


def moment_to_text(moment: datetime) -> str:
    """Write a moment in UTC, with milliseconds where it has them."""
    utc = moment.astimezone(UTC)
    precision = "milliseconds" if utc.microsecond else "seconds"
    return utc.replace(tzinfo=None).isoformat(timespec=precision) + "Z"


def _readable(elements: Iterable[Element]) -> Iterator[Delay]:
    for element in elements:
        with suppress(MalformedStanzaError):
            yield from_element(element)
