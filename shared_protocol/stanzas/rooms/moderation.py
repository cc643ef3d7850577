"""Messages that a moderator takes back (XEP-0425 0.3.0, and its form before 0.3.0).

The old form fastens to the message (XEP-0422) and has other namespaces. A room reads both, and says
both in one message, so that each client finds the one that it knows.

Example::

    <moderate xmlns='urn:xmpp:message-moderate:1' id='stanza-id-1'>
      <retract xmlns='urn:xmpp:message-retract:1'/>
      <reason>This message contains inappropriate content for this forum</reason>
    </moderate>
"""

from dataclasses import dataclass
from datetime import datetime
from xml.etree.ElementTree import Element, SubElement

from shared_protocol.addresses import Jid
from shared_protocol.errors import MalformedStanzaError
from shared_protocol.namespaces import (
    FASTENING,
    MODERATION,
    MODERATION_BEFORE,
    RETRACTION,
    RETRACTION_BEFORE,
)
from shared_protocol.stanzas.delay import moment_to_text
from shared_protocol.stanzas.rooms import occupant_id
from shared_protocol.stanzas.rooms.room_payload import address_of

MODERATE = f"{{{MODERATION}}}moderate"
APPLY_TO = f"{{{FASTENING}}}apply-to"
_MODERATE_BEFORE = f"{{{MODERATION_BEFORE}}}moderate"
_MODERATED = f"{{{MODERATION}}}moderated"
_MODERATED_BEFORE = f"{{{MODERATION_BEFORE}}}moderated"
_RETRACT = f"{{{RETRACTION}}}retract"
_RETRACT_BEFORE = f"{{{RETRACTION_BEFORE}}}retract"
_RETRACTED = f"{{{RETRACTION}}}retracted"
_RETRACTED_BEFORE = f"{{{RETRACTION_BEFORE}}}retracted"
_REASON = f"{{{MODERATION}}}reason"
_REASON_BEFORE = f"{{{MODERATION_BEFORE}}}reason"
_REASON_OF_RETRACTION = f"{{{RETRACTION}}}reason"


@dataclass(frozen=True, slots=True)
class ModerationRequest:
    """What a moderator asks the room to take back.

    Attributes:
        stanza_id: The message's id by the room (XEP-0359).
    """

    stanza_id: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Moderation:
    """A message that was taken back.

    Attributes:
        by: Occupant JID of the moderator; None if the room does not tell.
        occupant_id: That of the moderator (XEP-0421); empty if it is not told.
    """

    stanza_id: str
    by: Jid | None = None
    occupant_id: str = ""
    reason: str = ""


def request_from_element(element: Element) -> ModerationRequest:
    """Read a moderator's request, in either form.

    Raises:
        MalformedStanzaError: It is none, names no message, or wants something but a retraction.
    """
    moderate = element.find(_MODERATE_BEFORE) if element.tag == APPLY_TO else element
    is_known = moderate is not None and moderate.tag in {MODERATE, _MODERATE_BEFORE}
    if moderate is None or not is_known or not element.get("id"):
        message = "expected the request of a moderator that names a message"
        raise MalformedStanzaError(message)
    if moderate.find(_RETRACT) is None and moderate.find(_RETRACT_BEFORE) is None:
        message = "expected a retraction in the request of a moderator"
        raise MalformedStanzaError(message)
    reason = moderate.findtext(_REASON) or moderate.findtext(_REASON_BEFORE) or ""
    return ModerationRequest(element.get("id", ""), reason)


def request_to_element(request: ModerationRequest, *, is_old: bool = False) -> Element:
    """Write a moderator's request; the old form for rooms that announce only that one."""
    if not is_old:
        element = Element(MODERATE, id=request.stanza_id)
        SubElement(element, _RETRACT)
        _add_reason(element, _REASON, request.reason)
        return element
    element = Element(APPLY_TO, id=request.stanza_id)
    moderate = SubElement(element, _MODERATE_BEFORE)
    SubElement(moderate, _RETRACT_BEFORE)
    _add_reason(moderate, _REASON_BEFORE, request.reason)
    return element


def moderation_of(message: Element) -> Moderation | None:
    """Return what a room says about a message that was taken back; None if it says nothing of it.

    To be believed from the bare JID of a room only (section 5).

    Raises:
        MalformedStanzaError: It does not name the message.
    """
    moderated = message.find(f"{_RETRACT}/{_MODERATED}")
    if moderated is not None:
        retract = message.find(_RETRACT)
        reason = message.findtext(f"{_RETRACT}/{_REASON_OF_RETRACTION}", "")
        return _moderation(retract, moderated, reason)
    moderated = message.find(f"{APPLY_TO}/{_MODERATED_BEFORE}")
    if moderated is None:
        return None
    return _moderation(message.find(APPLY_TO), moderated, moderated.findtext(_REASON_BEFORE, ""))


def moderation_to_elements(moderation: Moderation) -> tuple[Element, Element]:
    """Write what a room says to all occupants, in both forms, to stand in one message."""
    retract = Element(_RETRACT, id=moderation.stanza_id)
    retract.append(_moderated(_MODERATED, moderation))
    _add_reason(retract, _REASON_OF_RETRACTION, moderation.reason)
    apply_to = Element(APPLY_TO, id=moderation.stanza_id)
    moderated = _moderated(_MODERATED_BEFORE, moderation)
    SubElement(moderated, _RETRACT_BEFORE)
    _add_reason(moderated, _REASON_BEFORE, moderation.reason)
    apply_to.append(moderated)
    return retract, apply_to


def tombstone_to_elements(moderation: Moderation, moment: datetime) -> tuple[Element, Element]:
    """Write what stands in the place of a message's content (section 4), in both forms.

    Args:
        moderation: What the moderator did.
        moment: When (aware).
    """
    stamp = moment_to_text(moment)
    retracted = Element(_RETRACTED, stamp=stamp)
    retracted.append(_moderated(_MODERATED, moderation))
    _add_reason(retracted, _REASON_OF_RETRACTION, moderation.reason)
    moderated = _moderated(_MODERATED_BEFORE, moderation)
    SubElement(moderated, _RETRACTED_BEFORE, stamp=stamp)
    _add_reason(moderated, _REASON_BEFORE, moderation.reason)
    return retracted, moderated


def is_tombstone(message: Element) -> bool:
    """Return whether a message of an archive is what is left of one that was taken back."""
    return message.find(_RETRACTED) is not None or message.find(_MODERATED_BEFORE) is not None


def _moderation(named: Element | None, moderated: Element, reason: str) -> Moderation:
    stanza_id = "" if named is None else named.get("id", "")
    if not stanza_id:
        message = "expected the id of the message that was taken back"
        raise MalformedStanzaError(message)
    by = address_of(moderated, "by")
    return Moderation(stanza_id, by, occupant_id.occupant_id_of(moderated), reason)


def _moderated(tag: str, moderation: Moderation) -> Element:
    moderated = Element(tag)
    if moderation.by is not None:
        moderated.set("by", str(moderation.by))
    if moderation.occupant_id:
        moderated.append(occupant_id.to_element(moderation.occupant_id))
    return moderated


def _add_reason(parent: Element, tag: str, reason: str) -> None:
    if reason:
        SubElement(parent, tag).text = reason
