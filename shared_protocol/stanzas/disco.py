"""Service discovery (XEP-0030 2.5.0) with its extensions (XEP-0128 1.0.1).

Example::

    <query xmlns='http://jabber.org/protocol/disco#info'>
      <identity category='server' type='im' name='Parlour'/>
      <feature var='urn:xmpp:ping'/>
      <x xmlns='jabber:x:data' type='result'>
        <field var='FORM_TYPE' type='hidden'>
          <value>urn:xmpp:dataforms:softwareinfo</value>
        </field>
        <field var='os'><value>Mac</value></field>
      </x>
    </query>
"""

from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement

from shared_protocol.addresses import AddressError, Jid, parse_jid
from shared_protocol.errors import MalformedStanzaError
from shared_protocol.namespaces import DATA_FORMS, DISCO_INFO, DISCO_ITEMS, XML

INFO_QUERY = f"{{{DISCO_INFO}}}query"
ITEMS_QUERY = f"{{{DISCO_ITEMS}}}query"
_IDENTITY = f"{{{DISCO_INFO}}}identity"
_FEATURE = f"{{{DISCO_INFO}}}feature"
_ITEM = f"{{{DISCO_ITEMS}}}item"
_LANG = f"{{{XML}}}lang"
_FORM = f"{{{DATA_FORMS}}}x"
_FIELD = f"{{{DATA_FORMS}}}field"
_VALUE = f"{{{DATA_FORMS}}}value"
_FORM_TYPE = "FORM_TYPE"


@dataclass(frozen=True, slots=True)
class Identity:
    """What an entity is, by the registry of categories and types."""

    category: str
    type: str
    name: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class DiscoField:
    """One fact of a form, and its values in order."""

    var: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DiscoForm:
    """More facts, of one kind (XEP-0128).

    Attributes:
        form_types: The values of ``FORM_TYPE``; more than one is an error of its sender.
        fields: In order, without ``FORM_TYPE``.
    """

    form_types: tuple[str, ...]
    fields: tuple[DiscoField, ...] = ()


@dataclass(frozen=True, slots=True)
class DiscoInfo:
    """What an entity is and can do.

    Attributes:
        features: As they came, in order; a feature that comes twice is an error of its sender.
        node: Empty if none was asked for; an answer repeats it.
        forms: Those with a hidden ``FORM_TYPE``, in order.
    """

    identities: tuple[Identity, ...] = ()
    features: tuple[str, ...] = ()
    node: str = ""
    forms: tuple[DiscoForm, ...] = ()


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
    return DiscoInfo(identities, features, query.get("node", ""), tuple(_forms(query)))


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
    query.extend(map(_form_to_element, info.forms))
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


def _forms(query: Element) -> Iterator[DiscoForm]:
    """Leave out what has no hidden form type, as XEP-0115, section 5.4, rule 3.6, demands."""
    for form in query.iterfind(_FORM):
        fields = [
            (field, tuple(value.text or "" for value in field.iterfind(_VALUE)))
            for field in form.iterfind(_FIELD)
        ]
        form_types = next(
            (
                values
                for field, values in fields
                if field.get("var") == _FORM_TYPE and field.get("type") == "hidden"
            ),
            (),
        )
        if form_types:
            named = ((field.get("var", ""), values) for field, values in fields)
            facts = tuple(DiscoField(var, values) for var, values in named if var != _FORM_TYPE)
            yield DiscoForm(form_types, facts)


def _form_to_element(form: DiscoForm) -> Element:
    element = Element(_FORM, type="result")
    kind = SubElement(element, _FIELD, var=_FORM_TYPE, type="hidden")
    _add_values(kind, form.form_types)
    for fact in form.fields:
        _add_values(SubElement(element, _FIELD, var=fact.var), fact.values)
    return element


def _add_values(field: Element, values: tuple[str, ...]) -> None:
    for value in values:
        SubElement(field, _VALUE).text = value
