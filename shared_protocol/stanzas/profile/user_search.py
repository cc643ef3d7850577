"""Search in the directory of users (XEP-0055 1.3), with fields of old and with forms.

Example::

    <query xmlns='jabber:iq:search'>
      <last>Capulet</last>
    </query>
"""

from collections.abc import Iterable
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement

from shared_protocol.addresses import BareJid
from shared_protocol.errors import MalformedStanzaError
from shared_protocol.namespaces import SEARCH
from shared_protocol.stanzas.data_forms import (
    DataForm,
    FieldType,
    FormField,
    FormKind,
    form_of,
)
from shared_protocol.stanzas.data_forms import to_element as form_to_element

QUERY = f"{{{SEARCH}}}query"
FIELDS = ("first", "last", "nick", "email")
_LABELS = {
    "first": "Given Name",
    "last": "Family Name",
    "nick": "Nickname",
    "email": "Email Address",
}
_INSTRUCTIONS = "Fill in one or more fields to find colleagues. A * stands for anything."


@dataclass(frozen=True, slots=True)
class FoundUser:
    """One entry of the directory."""

    jid: BareJid
    first: str = ""
    last: str = ""
    nick: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for.

    Attributes:
        terms: By field; empty ones are left out.
        has_form: Whether the answer is to be a form.
    """

    terms: dict[str, str]
    has_form: bool


def search_from_element(query: Element) -> Search:
    """Read a search.

    Raises:
        MalformedStanzaError: It is none, or its form cannot be read.
    """
    if query.tag != QUERY:
        message = f"expected {QUERY}, got {query.tag}"
        raise MalformedStanzaError(message)
    form = form_of(query, SEARCH)
    if form is not None:
        said = {name: form.value(name).strip() for name in FIELDS}
    else:
        said = {name: (query.findtext(f"{{{SEARCH}}}{name}") or "").strip() for name in FIELDS}
    terms = {name: text for name, text in said.items() if text}
    return Search(terms, form is not None)


def fields_to_element() -> Element:
    """Write what can be searched for."""
    query = Element(QUERY)
    SubElement(query, f"{{{SEARCH}}}instructions").text = _INSTRUCTIONS
    for name in FIELDS:
        SubElement(query, f"{{{SEARCH}}}{name}")
    fields = tuple(FormField(name, (), FieldType.TEXT_SINGLE, _LABELS[name]) for name in FIELDS)
    form = DataForm(FormKind.FORM, SEARCH, fields, "Directory", (_INSTRUCTIONS,))
    query.append(form_to_element(form))
    return query


def found_to_element(users: Iterable[FoundUser], *, has_form: bool) -> Element:
    """Write what was found; nothing is an empty query (section 2)."""
    query = Element(QUERY)
    if has_form:
        reported = (
            FormField("jid", (), FieldType.JID_SINGLE, "Address"),
            *(FormField(name, (), FieldType.TEXT_SINGLE, _LABELS[name]) for name in FIELDS),
        )
        items = tuple(
            (
                FormField("jid", (str(user.jid),)),
                *(FormField(name, (getattr(user, name),)) for name in FIELDS),
            )
            for user in users
        )
        form = DataForm(FormKind.RESULT, SEARCH, (), "Directory", (), reported, items)
        query.append(form_to_element(form))
        return query
    for user in users:
        item = SubElement(query, f"{{{SEARCH}}}item", jid=str(user.jid))
        for name in FIELDS:
            SubElement(item, f"{{{SEARCH}}}{name}").text = getattr(user, name) or None
    return query
