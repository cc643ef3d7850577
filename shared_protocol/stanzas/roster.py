"""Rosters (RFC 6121, section 2).

Example::

    <query xmlns='jabber:iq:roster' ver='ver7'>
      <item jid='nurse@example.com' name='Nurse' subscription='both'>
        <group>Servants</group>
      </item>
    </query>
"""

from dataclasses import dataclass
from enum import Enum
from xml.etree.ElementTree import Element, SubElement

from shared_protocol.addresses import AddressError, BareJid
from shared_protocol.errors import MalformedStanzaError
from shared_protocol.namespaces import ROSTER

QUERY = f"{{{ROSTER}}}query"
_ITEM = f"{{{ROSTER}}}item"
_GROUP = f"{{{ROSTER}}}group"


class Subscription(Enum):
    """Who sees whose presence (RFC 6121, section 2.1.2.5)."""

    NONE = "none"
    TO = "to"
    FROM = "from"
    BOTH = "both"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class RosterItem:
    """One contact in an account's roster.

    Attributes:
        groups: As they were sent, in order; a double is an error that the server answers.
        ask: True while the contact has not answered a request (``ask='subscribe'``).
        approved: True if the account has approved the contact before it asked (section 3.4).
    """

    jid: BareJid
    name: str = ""
    subscription: Subscription = Subscription.NONE
    groups: tuple[str, ...] = ()
    ask: bool = False
    approved: bool = False


@dataclass(frozen=True, slots=True)
class RosterQuery:
    """A roster, or a part of it.

    Attributes:
        version: Opaque (section 2.6); None if the peer does not speak versions, empty if it has
            none.
    """

    items: tuple[RosterItem, ...] = ()
    version: str | None = None


def from_element(query: Element) -> RosterQuery:
    """Read a roster payload.

    Raises:
        MalformedStanzaError: It is no roster payload, or an item lacks a value or has a wrong one.
    """
    if query.tag != QUERY:
        message = f"expected {QUERY}, got {query.tag}"
        raise MalformedStanzaError(message)
    items = tuple(_item_from_element(item) for item in query.iterfind(_ITEM))
    return RosterQuery(items, query.get("ver"))


def to_element(query: RosterQuery) -> Element:
    """Write a roster payload."""
    element = Element(QUERY)
    if query.version is not None:
        element.set("ver", query.version)
    for item in query.items:
        element.append(item_to_element(item))
    return element


def item_to_element(item: RosterItem) -> Element:
    """Write one item."""
    element = Element(_ITEM, jid=str(item.jid), subscription=item.subscription.value)
    if item.name:
        element.set("name", item.name)
    if item.ask:
        element.set("ask", "subscribe")
    if item.approved:
        element.set("approved", "true")
    for group in item.groups:
        SubElement(element, _GROUP).text = group
    return element


def _item_from_element(item: Element) -> RosterItem:
    try:
        jid = BareJid.parse(item.get("jid", ""))
    except AddressError as error:
        message = f"a roster item has no valid jid: {error}"
        raise MalformedStanzaError(message) from error
    try:
        subscription = Subscription(item.get("subscription", "none"))
    except ValueError as error:
        message = f"unknown subscription of {jid}: {item.get('subscription')!r}"
        raise MalformedStanzaError(message) from error
    return RosterItem(
        jid=jid,
        name=item.get("name", ""),
        subscription=subscription,
        groups=tuple(group.text or "" for group in item.iterfind(_GROUP)),
        ask=item.get("ask") == "subscribe",
        approved=item.get("approved") in {"true", "1"},
    )
