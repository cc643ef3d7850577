"""The wish to enter a room (XEP-0045 1.35.5, sections 7.2.1, 7.2.5 and 7.2.14).

Example::

    <x xmlns='http://jabber.org/protocol/muc'>
      <password>cauldronburn</password>
      <history maxstanzas='20' since='1970-01-01T00:00:00Z'/>
    </x>
"""

from dataclasses import dataclass, field
from datetime import datetime
from xml.etree.ElementTree import Element, SubElement

from shared_protocol.errors import MalformedStanzaError
from shared_protocol.namespaces import MUC
from shared_protocol.stanzas.delay import moment_from_text, moment_to_text

JOIN = f"{{{MUC}}}x"
_PASSWORD = f"{{{MUC}}}password"
_HISTORY = f"{{{MUC}}}history"
_MOST_DIGITS = 18  # fits 64 bits


@dataclass(frozen=True, slots=True)
class HistoryRequest:
    """How much of what was said before is wanted; None sets no bound.

    Attributes:
        most_characters: Of all stanzas together, as they are sent.
        most_messages: How many.
        seconds: Only what is not older.
        since: Only what is not older (UTC, aware).
    """

    most_characters: int | None = None
    most_messages: int | None = None
    seconds: int | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class JoinRequest:
    """What an entering client says beside its presence.

    Attributes:
        password: Empty if it gives none.
    """

    password: str = field(default="", repr=False)
    history: HistoryRequest = field(default_factory=HistoryRequest)


def from_element(element: Element) -> JoinRequest:
    """Read the wish.

    Raises:
        MalformedStanzaError: It is none, or the bounds of the history cannot be read.
    """
    if element.tag != JOIN:
        message = f"expected {JOIN}, got {element.tag}"
        raise MalformedStanzaError(message)
    wanted = element.find(_HISTORY)
    history = HistoryRequest() if wanted is None else _history(wanted)
    return JoinRequest(element.findtext(_PASSWORD, ""), history)


def to_element(request: JoinRequest) -> Element:
    """Write the wish."""
    element = Element(JOIN)
    if request.password:
        SubElement(element, _PASSWORD).text = request.password
    history = request.history
    since = None if history.since is None else moment_to_text(history.since)
    bounds = {
        "maxchars": history.most_characters,
        "maxstanzas": history.most_messages,
        "seconds": history.seconds,
        "since": since,
    }
    given = {name: str(value) for name, value in bounds.items() if value is not None}
    if given:
        SubElement(element, _HISTORY, given)
    return element


def _history(element: Element) -> HistoryRequest:
    since = element.get("since")
    return HistoryRequest(
        _number(element, "maxchars"),
        _number(element, "maxstanzas"),
        _number(element, "seconds"),
        None if since is None else moment_from_text(since),
    )


def _number(element: Element, name: str) -> int | None:
    text = element.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()):
        message = f"expected a whole number as {name}, got {text[:40]!r}"
        raise MalformedStanzaError(message)
    return int(text) if len(text) <= _MOST_DIGITS else 10**_MOST_DIGITS
