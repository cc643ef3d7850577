"""Invitations to a room (XEP-0045 1.35.5, section 7.8; direct ones: XEP-0249 1.2).

Example, what an occupant sends to the room::

    <message xmlns='jabber:client' to='coven@chat.shakespeare.lit'>
      <x xmlns='http://jabber.org/protocol/muc#user'>
        <invite to='hecate@shakespeare.lit'>
          <reason>Hey Hecate, this is the place for all good witches!</reason>
          <continue thread='e0ffe42b28561960c6b12b944a092794b9683a38'/>
        </invite>
      </x>
    </message>
"""

from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, SubElement

from shared_protocol.addresses import BareJid, Jid
from shared_protocol.errors import MalformedStanzaError
from shared_protocol.namespaces import DIRECT_INVITATIONS, MUC_USER
from shared_protocol.stanzas.rooms.room_payload import PAYLOAD, address_of

DIRECT = f"{{{DIRECT_INVITATIONS}}}x"
_INVITE = f"{{{MUC_USER}}}invite"
_DECLINE = f"{{{MUC_USER}}}decline"
_REASON = f"{{{MUC_USER}}}reason"
_CONTINUE = f"{{{MUC_USER}}}continue"
_PASSWORD = f"{{{MUC_USER}}}password"
_TRUE = frozenset({"1", "true"})


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation that goes through a room.

    Attributes:
        counterpart: To the room, who is invited; from the room, who invites.
        is_continuation: Whether the room continues a conversation of two.
        thread: That of the conversation; empty if it had none.
        password: What the room adds if it needs one (section 7.8.2).
    """

    counterpart: Jid
    reason: str = ""
    is_continuation: bool = False
    thread: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Decline:
    """Somebody does not come.

    Attributes:
        counterpart: To the room, who has invited; from the room, who declines.
    """

    counterpart: Jid
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DirectInvitation:
    """An invitation that goes past the room."""

    room: BareJid
    reason: str = ""
    is_continuation: bool = False
    thread: str = ""
    password: str = field(default="", repr=False)


def requests_of(message: Element) -> tuple[Invitation, ...]:
    """Return the invitations that an occupant asks the room to send, in order.

    Raises:
        MalformedStanzaError: One does not say for whom.
    """
    invites = message.iterfind(f"{PAYLOAD}/{_INVITE}")
    return tuple(_invitation(one, "to", message) for one in invites)


def invitation_of(message: Element) -> Invitation | None:
    """Return the invitation that a room brings, or None.

    Raises:
        MalformedStanzaError: It does not say from whom.
    """
    invite = message.find(f"{PAYLOAD}/{_INVITE}")
    return None if invite is None else _invitation(invite, "from", message)


def decline_request_of(message: Element) -> Decline | None:
    """Return the answer that an invited one asks the room to pass on, or None.

    Raises:
        MalformedStanzaError: It does not say to whom.
    """
    return _decline(message, "to")


def decline_of(message: Element) -> Decline | None:
    """Return the answer that a room passes on, or None.

    Raises:
        MalformedStanzaError: It does not say from whom.
    """
    return _decline(message, "from")


def request_to_element(*invitations: Invitation) -> Element:
    """Write what an occupant sends to the room."""
    payload = Element(PAYLOAD)
    for invitation in invitations:
        payload.append(_invite_to_element(invitation, "to"))
    return payload


def invitation_to_element(invitation: Invitation) -> Element:
    """Write what a room sends to who is invited."""
    payload = Element(PAYLOAD)
    payload.append(_invite_to_element(invitation, "from"))
    if invitation.password:
        SubElement(payload, _PASSWORD).text = invitation.password
    return payload


def decline_request_to_element(decline: Decline) -> Element:
    """Write what an invited one sends to the room."""
    return _decline_to_element(decline, "to")


def decline_to_element(decline: Decline) -> Element:
    """Write what a room sends to who has invited."""
    return _decline_to_element(decline, "from")


def direct_invitation_of(message: Element) -> DirectInvitation | None:
    """Return the direct invitation in a message, or None.

    Raises:
        MalformedStanzaError: It names no room.
    """
    element = message.find(DIRECT)
    if element is None:
        return None
    room = address_of(element)
    if not isinstance(room, BareJid):
        text = "expected the bare JID of a room in a direct invitation"
        raise MalformedStanzaError(text)
    return DirectInvitation(
        room,
        element.get("reason", ""),
        element.get("continue", "") in _TRUE,
        element.get("thread", ""),
        element.get("password", ""),
    )


def direct_invitation_to_element(invitation: DirectInvitation) -> Element:
    """Write a direct invitation."""
    element = Element(DIRECT, jid=str(invitation.room))
    continued = "true" if invitation.is_continuation else ""
    values = {
        "password": invitation.password,
        "reason": invitation.reason,
        "continue": continued,
        "thread": invitation.thread,
    }
    for name, value in values.items():
        if value:
            element.set(name, value)
    return element


def _invitation(invite: Element, direction: str, message: Element) -> Invitation:
    continued = invite.find(_CONTINUE)
    return Invitation(
        _counterpart(invite, direction),
        invite.findtext(_REASON, ""),
        continued is not None,
        "" if continued is None else continued.get("thread", ""),
        message.findtext(f"{PAYLOAD}/{_PASSWORD}", ""),
    )


def _invite_to_element(invitation: Invitation, direction: str) -> Element:
    invite = Element(_INVITE, {direction: str(invitation.counterpart)})
    if invitation.reason:
        SubElement(invite, _REASON).text = invitation.reason
    if invitation.is_continuation:
        thread = {"thread": invitation.thread} if invitation.thread else {}
        SubElement(invite, _CONTINUE, thread)
    return invite


def _decline(message: Element, direction: str) -> Decline | None:
    element = message.find(f"{PAYLOAD}/{_DECLINE}")
    if element is None:
        return None
    return Decline(_counterpart(element, direction), element.findtext(_REASON, ""))


def _decline_to_element(decline: Decline, direction: str) -> Element:
    payload = Element(PAYLOAD)
    element = SubElement(payload, _DECLINE, {direction: str(decline.counterpart)})
    if decline.reason:
        SubElement(element, _REASON).text = decline.reason
    return payload


def _counterpart(element: Element, direction: str) -> Jid:
    found = address_of(element, direction)
    if found is None:
        message = f"expected an address as {direction}"
        raise MalformedStanzaError(message)
    return found
