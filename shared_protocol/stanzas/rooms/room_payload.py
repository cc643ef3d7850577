"""What a room says in presence and messages: ``muc#user`` (XEP-0045 1.35.5, sections 7 to 10).

Only a room makes it (section 17.3); from anybody else it means nothing but an invitation's request,
which is read by ``invitations``.

Example::

    <x xmlns='http://jabber.org/protocol/muc#user'>
      <item affiliation='none' jid='hag66@shakespeare.lit/pda' role='none'>
        <actor nick='Fluellen'/>
        <reason>Avaunt, you cullion!</reason>
      </item>
      <status code='307'/>
    </x>
"""

from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, SubElement

from shared_protocol.addresses import AddressError, Jid, parse_jid
from shared_protocol.errors import MalformedStanzaError
from shared_protocol.namespaces import MUC_USER
from shared_protocol.stanzas.rooms.ranks import Affiliation, Role, affiliation_of, role_of

PAYLOAD = f"{{{MUC_USER}}}x"
_ITEM = f"{{{MUC_USER}}}item"
_ACTOR = f"{{{MUC_USER}}}actor"
_REASON = f"{{{MUC_USER}}}reason"
_STATUS = f"{{{MUC_USER}}}status"
_DESTROY = f"{{{MUC_USER}}}destroy"
_PASSWORD = f"{{{MUC_USER}}}password"
_CODE_DIGITS = 3


@dataclass(frozen=True, slots=True)
class RoomItem:
    """What somebody is in a room.

    Attributes:
        jid: The real JID, where the receiver may see it.
        nickname: The new one, when it changes; empty if it is not told.
        actor: Nickname of who did it; empty if it is not told.
    """

    affiliation: Affiliation = Affiliation.NONE
    role: Role = Role.NONE
    jid: Jid | None = None
    nickname: str = ""
    actor: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Destruction:
    """The end of a room (section 10.9).

    Attributes:
        venue: Where the conversation goes on; None if nowhere.
        password: That of the venue; empty if it needs none.
    """

    venue: Jid | None = None
    reason: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class RoomPayload:
    """What a room says about an occupant, or about itself.

    Attributes:
        codes: Numbers of the registry (``StatusCode``), also those that this program does not know.
    """

    item: RoomItem | None = None
    codes: frozenset[int] = frozenset()
    destruction: Destruction | None = None


def payload_of(stanza: Element) -> RoomPayload | None:
    """Return what a stanza of a room says; None if it says nothing of it.

    Raises:
        MalformedStanzaError: It cannot be read.
    """
    element = stanza.find(PAYLOAD)
    return None if element is None else from_element(element)


def from_element(element: Element) -> RoomPayload:
    """Read what a room says.

    Raises:
        MalformedStanzaError: It is something else, or a rank, address or code is none.
    """
    if element.tag != PAYLOAD:
        message = f"expected {PAYLOAD}, got {element.tag}"
        raise MalformedStanzaError(message)
    item, destroyed = element.find(_ITEM), element.find(_DESTROY)
    return RoomPayload(
        None if item is None else _item(item),
        frozenset(map(_code, element.iterfind(_STATUS))),
        None if destroyed is None else _destruction(destroyed),
    )


def to_element(payload: RoomPayload) -> Element:
    """Write what a room says."""
    element = Element(PAYLOAD)
    if payload.item is not None:
        element.append(_item_to_element(payload.item))
    if payload.destruction is not None:
        element.append(_destruction_to_element(payload.destruction))
    for code in sorted(payload.codes):
        SubElement(element, _STATUS, code=str(code))
    return element


def _item(element: Element) -> RoomItem:
    actor = element.find(_ACTOR)
    return RoomItem(
        affiliation_of(element) or Affiliation.NONE,
        role_of(element) or Role.NONE,
        address_of(element),
        element.get("nick", ""),
        "" if actor is None else actor.get("nick", ""),
        element.findtext(_REASON, ""),
    )


def _item_to_element(item: RoomItem) -> Element:
    element = Element(_ITEM, affiliation=item.affiliation.value, role=item.role.value)
    if item.jid is not None:
        element.set("jid", str(item.jid))
    if item.nickname:
        element.set("nick", item.nickname)
    if item.actor:
        SubElement(element, _ACTOR, nick=item.actor)
    if item.reason:
        SubElement(element, _REASON).text = item.reason
    return element


def _destruction(element: Element) -> Destruction:
    return Destruction(
        address_of(element), element.findtext(_REASON, ""), element.findtext(_PASSWORD, "")
    )


def _destruction_to_element(destruction: Destruction) -> Element:
    element = Element(_DESTROY)
    if destruction.venue is not None:
        element.set("jid", str(destruction.venue))
    for tag, text in ((_REASON, destruction.reason), (_PASSWORD, destruction.password)):
        if text:
            SubElement(element, tag).text = text
    return element


def _code(element: Element) -> int:
    text = element.get("code", "")
    if not (text.isascii() and text.isdigit() and len(text) == _CODE_DIGITS):
        message = f"expected a status code of three digits, got {text[:40]!r}"
        raise MalformedStanzaError(message)
    return int(text)


def address_of(element: Element, name: str = "jid") -> Jid | None:
    """Return the address in an attribute; None if it is not there.

    Raises:
        MalformedStanzaError: It is no address.
    """
    text = element.get(name)
    if text is None:
        return None
    try:
        return parse_jid(text)
    except AddressError as error:
        message = f"expected an address as {name}: {error}"
        raise MalformedStanzaError(message) from error
