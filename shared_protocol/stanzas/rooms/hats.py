"""Titles that a room gives to those in it, beside role and affiliation (XEP-0317 0.3.1).

Example::

    <presence xmlns='jabber:client' from='meeting123@meetings.example.com/Harry'>
      <hats xmlns='urn:xmpp:hats:0'>
        <hat title='Host' uri='http://schemas.example.com/hats#host' hue='327.255249'/>
        <hat title='Presenter' uri='http://schemas.example.com/hats#presenter'/>
      </hats>
    </presence>
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement

from shared_protocol.namespaces import HATS

HATS_ELEMENT = f"{{{HATS}}}hats"
_HAT = f"{{{HATS}}}hat"
_FULL_CIRCLE = 360.0


@dataclass(frozen=True, slots=True)
class Hat:
    """One title.

    Attributes:
        uri: By which it is known.
        title: For people.
        hue: Angle of its colour in degrees, 0 to 360; None if it has none.
    """

    uri: str
    title: str
    hue: float | None = None


def hats_of(presence: Element) -> tuple[Hat, ...]:
    """Return the hats that an occupant wears, in order; without name or title, none."""
    return tuple(
        Hat(hat.get("uri", ""), hat.get("title", ""), hue_of(hat.get("hue", "")))
        for hat in presence.iterfind(f"{HATS_ELEMENT}/{_HAT}")
        if hat.get("uri") and hat.get("title")
    )


def to_element(hats: Iterable[Hat]) -> Element:
    """Write the hats of an occupant."""
    element = Element(HATS_ELEMENT)
    for hat in hats:
        written = SubElement(element, _HAT, title=hat.title, uri=hat.uri)
        if hat.hue is not None:
            written.set("hue", hue_text(hat.hue))
    return element


def hue_of(text: str) -> float | None:
    """Read an angle; None if it is none from 0 to 360."""
    with suppress(ValueError):
        hue = float(text)
        return hue if 0.0 <= hue <= _FULL_CIRCLE else None
    return None


def hue_text(hue: float) -> str:
    """Write an angle."""
    return f"{hue:.6f}".rstrip("0").rstrip(".")
