"""Lists of a room and their changes: ``muc#admin`` (XEP-0045 1.35.5, sections 8 to 10, 17.4).

A change is a delta, and may hold many items.

Example::

    <query xmlns='http://jabber.org/protocol/muc#admin'>
      <item affiliation='outcast' jid='earlofcambridge@shakespeare.lit'>
        <reason>Treason</reason>
      </item>
      <item nick='pistol' role='none'/>
    </query>
"""

from collections.abc import Iterable
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement

from shared_protocol.addresses import Jid
from shared_protocol.errors import MalformedStanzaError
from shared_protocol.namespaces import MUC_ADMIN
from shared_protocol.stanzas.rooms.ranks import Affiliation, Role, affiliation_of, role_of
from shared_protocol.stanzas.rooms.room_payload import address_of

QUERY = f"{{{MUC_ADMIN}}}query"
_ITEM = f"{{{MUC_ADMIN}}}item"
_REASON = f"{{{MUC_ADMIN}}}reason"


@dataclass(frozen=True, slots=True)
class AdminItem:
    """One entry of a list, one change, or with a rank alone the question for a list.

    Attributes:
        affiliation: None if the item is about a role.
        role: None if the item is about an affiliation.
        jid: Whose affiliation; a domain stands for all its accounts.
        nickname: Whose role, or the reserved nickname of ``jid``; None if the item does not say.
    """

    affiliation: Affiliation | None = None
    role: Role | None = None
    jid: Jid | None = None
    nickname: str | None = None
    reason: str = ""


def from_element(query: Element) -> tuple[AdminItem, ...]:
    """Read the items of a query, in order.

    Raises:
        MalformedStanzaError: It is none, holds no item, or a rank or an address is none.
    """
    if query.tag != QUERY:
        message = f"expected {QUERY}, got {query.tag}"
        raise MalformedStanzaError(message)
    items = tuple(map(_item, query.iterfind(_ITEM)))
    if not items:
        message = "expected one item or more"
        raise MalformedStanzaError(message)
    return items


def to_element(items: Iterable[AdminItem]) -> Element:
    """Write a query or its answer."""
    query = Element(QUERY)
    for item in items:
        element = SubElement(query, _ITEM)
        affiliation = None if item.affiliation is None else item.affiliation.value
        role = None if item.role is None else item.role.value
        jid = None if item.jid is None else str(item.jid)
        named = {"affiliation": affiliation, "role": role, "jid": jid, "nick": item.nickname}
        for name, value in named.items():
            if value is not None:
                element.set(name, value)
        if item.reason:
            SubElement(element, _REASON).text = item.reason
    return query


def _item(element: Element) -> AdminItem:
    return AdminItem(
        affiliation_of(element),
        role_of(element),
        address_of(element),
        element.get("nick"),
        element.findtext(_REASON, ""),
    )
