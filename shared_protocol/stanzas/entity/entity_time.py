"""Entity time (XEP-0202 2.0) with the profile of dates of XEP-0082.

Example::

    <time xmlns='urn:xmpp:time'><tzo>-06:00</tzo><utc>2006-12-19T17:58:35Z</utc></time>
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from xml.etree.ElementTree import Element, SubElement

from shared_protocol.errors import MalformedStanzaError
from shared_protocol.namespaces import ENTITY_TIME
from shared_protocol.stanzas.delay import moment_from_text, moment_to_text

TIME = f"{{{ENTITY_TIME}}}time"
_TZO = f"{{{ENTITY_TIME}}}tzo"
_UTC = f"{{{ENTITY_TIME}}}utc"
_MINUTES = 60
_OFFSET = re.compile(r"(?P<sign>[+-])(?P<hours>[01][0-9]|2[0-3]):(?P<minutes>[0-5][0-9])")


@dataclass(frozen=True, slots=True)
class EntityTime:
    """The clock of an entity: the moment (UTC, aware) and its zone's offset from UTC.

    The offset is written in whole minutes.
    """

    moment: datetime
    offset: timedelta = timedelta()


def from_element(element: Element) -> EntityTime:
    """Read an answer.

    Raises:
        MalformedStanzaError: It is none, or a part cannot be read.
    """
    if element.tag != TIME:
        message = f"expected {TIME}, got {element.tag}"
        raise MalformedStanzaError(message)
    moment = moment_from_text(element.findtext(_UTC, ""))
    return EntityTime(moment, _offset(element.findtext(_TZO, "")))


def to_element(time: EntityTime | None = None) -> Element:
    """Write an answer, or the question if nothing is given."""
    element = Element(TIME)
    if time is not None:
        minutes = round(time.offset.total_seconds() / _MINUTES)
        sign, minutes = "-" if minutes < 0 else "+", abs(minutes)
        shown = f"{sign}{minutes // _MINUTES:02}:{minutes % _MINUTES:02}"
        SubElement(element, _TZO).text = shown
        SubElement(element, _UTC).text = moment_to_text(time.moment.astimezone(UTC))
    return element


def _offset(text: str) -> timedelta:
    if text == "Z":
        return timedelta()
    found = _OFFSET.fullmatch(text)
    if found is None:
        message = f"expected an offset like -06:00, got {text[:40]!r}"
        raise MalformedStanzaError(message)
    offset = timedelta(hours=int(found["hours"]), minutes=int(found["minutes"]))
    return -offset if found["sign"] == "-" else offset
