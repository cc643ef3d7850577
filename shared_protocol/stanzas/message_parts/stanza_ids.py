"""Unique and stable stanza ids (XEP-0359 0.7.0).

Example::

    <origin-id xmlns='urn:xmpp:sid:0' id='de305d54-75b4-431b-adb2-eb6b9e546013'/>
"""

from dataclasses import dataclass
from xml.etree.ElementTree import Element

from shared_protocol.namespaces import STANZA_IDS

ORIGIN_ID = f"{{{STANZA_IDS}}}origin-id"
STANZA_ID = f"{{{STANZA_IDS}}}stanza-id"


@dataclass(frozen=True, slots=True)
class StanzaId:
    """The id that an archive gave; to be believed only of an entity that announces it."""

    id: str
    by: str


def origin_id_to_element(origin_id: str) -> Element:
    """Write the sender's own id."""
    return Element(ORIGIN_ID, id=origin_id)


def stanza_id_to_element(stanza_id: StanzaId) -> Element:
    """Write the id that an archive gives."""
    return Element(STANZA_ID, id=stanza_id.id, by=stanza_id.by)


def stanza_id_by(message: Element, by: str) -> str:
    """Return the first id that this archive gave; empty if there is none."""
    return next((found.id for found in stanza_ids_of(message) if found.by == by), "")


def origin_id_of(message: Element) -> str:
    """Return the sender's own id; empty if there is none. It proves nothing."""
    found = message.find(ORIGIN_ID)
    return "" if found is None else found.get("id", "")


def stanza_ids_of(message: Element) -> tuple[StanzaId, ...]:
    """Return all ids that archives gave, in order; those without id or author are left out."""
    found = ((one.get("id"), one.get("by")) for one in message.iterfind(STANZA_ID))
    return tuple(StanzaId(one, by) for one, by in found if one and by)
