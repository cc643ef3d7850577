"""Service discovery (XEP-0030 2.5.0).

Example::

    <query xmlns='http://jabber.org/protocol/disco#info'>
      <identity category='server' type='im' name='Parlour'/>
      <feature var='urn:xmpp:ping'/>
    </query>
"""

from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement

from shared_protocol.addresses import AddressError, Jid, parse_jid
from shared_protocol.errors import MalformedStanzaError
from shared_protocol.namespaces import DISCO_INFO, DISCO_ITEMS, XML

INFO_QUERY = f"{{{DISCO_INFO}}}query"
ITEMS_QUERY = f"{{{DISCO_ITEMS}}}query"
_IDENTITY = f"{{{DISCO_INFO}}}identity"
_FEATURE = f"{{{DISCO_INFO}}}feature"
_ITEM = f"{{{DISCO_ITEMS}}}item"
_LANG = f"{{{XML}}}lang"


@dataclass(frozen=True, slots=True)
class Identity:
    """What an entity is, by the registry of categories and types."""

    category: str
    type: str
    name: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class DiscoInfo:
    """What an entity is and can do.

    Attributes:
        node: Empty if none was asked for; an answer repeats it.
    """

    identities: tuple[Identity, ...] = ()
    features: tuple[str, ...] = ()
    node: str = ""


@dataclass(frozen=True, slots=True)
class DiscoItem:
    """Something that belongs to an entity."""

    jid: Jid
    name: str = ""
    node: str = ""


@dataclass(frozen=True, slots=True)
class DiscoItems:
    """What belongs to an entity."""

    items: tuple[DiscoItem, ...] = ()
    node: str = ""


def info_from_element(query: Element) -> DiscoInfo:
    """Read an info query or its answer.

    Raises:
        MalformedStanzaError: It is none, or an identity or feature lacks what it must have.
    """
    _require(query, INFO_QUERY)
    identities = tuple(
        Identity(
            _attribute(one, "category"),
            _attribute(one, "type"),
            one.get("name", ""),
            one.get(_LANG, ""),
        )
        for one in query.iterfind(_IDENTITY)
    )
    features = tuple(_attribute(one, "var") for one in query.iterfind(_FEATURE))
    return DiscoInfo(identities, features, query.get("node", ""))


def info_to_element(info: DiscoInfo) -> Element:
    """Write an info query or its answer."""
    query = Element(INFO_QUERY)
    if info.node:
        query.set("node", info.node)
    for identity in info.identities:
        element = SubElement(query, _IDENTITY, category=identity.category, type=identity.type)
        if identity.name:
            element.set("name", identity.name)
        if identity.language:
            element.set(_LANG, identity.language)
    for feature in info.features:
        SubElement(query, _FEATURE, var=feature)
    return query


def items_from_element(query: Element) -> DiscoItems:
    """Read an items query or its answer.

    Raises:
        MalformedStanzaError: It is none, or an item has no address.
    """
    _require(query, ITEMS_QUERY)
    items = tuple(
        DiscoItem(_jid(one), one.get("name", ""), one.get("node", ""))
        for one in query.iterfind(_ITEM)
    )
    return DiscoItems(items, query.get("node", ""))


def items_to_element(items: DiscoItems) -> Element:
    """Write an items query or its answer."""
    query = Element(ITEMS_QUERY)
    if items.node:
        query.set("node", items.node)
    for item in items.items:
        element = SubElement(query, _ITEM, jid=str(item.jid))
        if item.name:
            element.set("name", item.name)
        if item.node:
            element.set("node", item.node)
    return query


def _require(query: Element, tag: str) -> None:
    if query.tag != tag:
        message = f"expected {tag}, got {query.tag}"
        raise MalformedStanzaError(message)


def _attribute(element: Element, name: str) -> str:
    value = element.get(name)
    if not value:
        message = f"{element.tag} has no {name}"
        raise MalformedStanzaError(message)
    return value


def _jid(item: Element) -> Jid:
    try:
        return parse_jid(item.get("jid", ""))
    except AddressError as error:
        message = f"a discovery item has no valid jid: {error}"
        raise MalformedStanzaError(message) from error
