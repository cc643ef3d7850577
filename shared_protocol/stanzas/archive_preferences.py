"""What an account wants to have kept in its archive (XEP-0441 0.2.0).

Example::

    <prefs xmlns='urn:xmpp:mam:2' default='roster'>
      <always><jid>romeo@montague.lit</jid></always>
      <never><jid>montague@montague.lit</jid></never>
    </prefs>
"""

from dataclasses import dataclass
from enum import Enum
from xml.etree.ElementTree import Element, SubElement

from shared_protocol.addresses import AddressError, Jid, parse_jid
from shared_protocol.errors import MalformedStanzaError
from shared_protocol.namespaces import ARCHIVE

PREFERENCES = f"{{{ARCHIVE}}}prefs"
_ALWAYS = f"{{{ARCHIVE}}}always"
_NEVER = f"{{{ARCHIVE}}}never"
_JID = f"{{{ARCHIVE}}}jid"


class ArchiveDefault(Enum):
    """What happens to messages with those that no list names (section 2.1.1)."""

    ALWAYS = "always"
    NEVER = "never"
    ROSTER = "roster"


@dataclass(frozen=True, slots=True)
class ArchivePreferences:
    """Whose messages are kept.

    Attributes:
        always: Kept, in the client's order; a bare JID stands for all its resources (section 2.3).
        never: Not kept; goes before ``always``.
    """

    default: ArchiveDefault = ArchiveDefault.ALWAYS
    always: tuple[Jid, ...] = ()
    never: tuple[Jid, ...] = ()


_DEFAULTS = {one.value: one for one in ArchiveDefault}


def from_element(element: Element) -> ArchivePreferences:
    """Read preferences.

    Raises:
        MalformedStanzaError: They are none, the default is unknown, or an address is none.
    """
    default = _DEFAULTS.get(element.get("default", ""))
    if element.tag != PREFERENCES or default is None:
        message = f"expected preferences with a default, got {element.get('default', '')[:40]!r}"
        raise MalformedStanzaError(message)
    return ArchivePreferences(default, _jids(element, _ALWAYS), _jids(element, _NEVER))


def to_element(preferences: ArchivePreferences) -> Element:
    """Write preferences; both lists are there, also where they are empty."""
    element = Element(PREFERENCES, default=preferences.default.value)
    for tag, jids in ((_ALWAYS, preferences.always), (_NEVER, preferences.never)):
        listed = SubElement(element, tag)
        for jid in jids:
            SubElement(listed, _JID).text = str(jid)
    return element


def _jids(element: Element, tag: str) -> tuple[Jid, ...]:
    try:
        found = [parse_jid((one.text or "").strip()) for one in element.iterfind(f"{tag}/{_JID}")]
    except AddressError as error:
        message = f"expected addresses in the lists: {error}"
        raise MalformedStanzaError(message) from error
    return tuple(dict.fromkeys(found))
