"""Search for public rooms (XEP-0433 0.1.0).

Example::

    <search xmlns='urn:xmpp:channel-search:0:search'>
      <set xmlns='http://jabber.org/protocol/rsm'><max>5</max></set>
      <x xmlns='jabber:x:data' type='submit'>
        <field type='hidden' var='FORM_TYPE'>
          <value>urn:xmpp:channel-search:0:search-params</value>
        </field>
        <field var='q'><value>witches</value></field>
        <field var='key'><value>{urn:xmpp:channel-search:0:order}address</value></field>
      </x>
    </search>
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from xml.etree.ElementTree import Element, SubElement

from shared_protocol.addresses import BareJid
from shared_protocol.errors import ErrorType, MalformedStanzaError, StanzaCondition, StanzaError
from shared_protocol.namespaces import (
    CHANNEL_SEARCH,
    CHANNEL_SEARCH_ERRORS,
    CHANNEL_SEARCH_FORM,
    CHANNEL_SEARCH_ORDER,
)
from shared_protocol.stanzas import data_forms, result_sets
from shared_protocol.stanzas.data_forms import (
    DataForm,
    FieldOption,
    FieldType,
    FormField,
    FormKind,
)
from shared_protocol.stanzas.form_answers import checked_answers
from shared_protocol.stanzas.result_sets import PageRequest, ResultSet

SEARCH = f"{{{CHANNEL_SEARCH}}}search"
RESULT = f"{{{CHANNEL_SEARCH}}}result"
_ITEM = f"{{{CHANNEL_SEARCH}}}item"
_ROOMS = "xep-0045"


class SearchOrder(Enum):
    """In which order rooms are found."""

    OCCUPANTS = f"{{{CHANNEL_SEARCH_ORDER}}}nusers"
    ADDRESS = f"{{{CHANNEL_SEARCH_ORDER}}}address"


@dataclass(frozen=True, slots=True)
class RoomSearch:
    """What is looked for.

    Attributes:
        words: All must occur; none for every room.
        fewest_occupants: Rooms with fewer are left out.
        has_rooms: Whether rooms of XEP-0045 are wanted at all.
    """

    words: tuple[str, ...] = ()
    order: SearchOrder = SearchOrder.OCCUPANTS
    fewest_occupants: int = 0
    is_in_names: bool = True
    is_in_descriptions: bool = True
    is_in_addresses: bool = True
    has_rooms: bool = True
    page: PageRequest = field(default_factory=PageRequest)


@dataclass(frozen=True, slots=True)
class FoundRoom:
    """A room that was found.

    Attributes:
        is_open: Whether it needs neither membership nor password.
    """

    address: BareJid
    name: str = ""
    description: str = ""
    language: str = ""
    occupants: int | None = None
    is_open: bool = False
    is_semi_anonymous: bool = False


def _toggle(var: str, label: str) -> FormField:
    return FormField(var, ("true",), FieldType.BOOLEAN, label)


SEARCH_FORM = DataForm(
    FormKind.FORM,
    CHANNEL_SEARCH_FORM,
    (
        FormField("q", type=FieldType.TEXT_SINGLE, label="Search for"),
        FormField("all", ("false",), FieldType.BOOLEAN, "Return all entries"),
        _toggle("sinname", "Search in name"),
        _toggle("sindescription", "Search in description"),
        _toggle("sinaddress", "Search in address"),
        FormField("min_users", ("0",), FieldType.TEXT_SINGLE, "Minimum number of users"),
        FormField(
            "types",
            (_ROOMS,),
            FieldType.LIST_MULTI,
            "Service types",
            options=(FieldOption(_ROOMS, "Multi-User Chats"),),
            is_open=True,
        ),
        FormField(
            "key",
            (SearchOrder.OCCUPANTS.value,),
            FieldType.LIST_SINGLE,
            "Sort results by",
            options=(
                FieldOption(SearchOrder.OCCUPANTS.value, "Number of online users"),
                FieldOption(SearchOrder.ADDRESS.value, "Address"),
            ),
            is_open=True,
        ),
    ),
)


def from_element(search: Element) -> RoomSearch | None:
    """Read what is looked for; None if the form is asked for (section 4.2.1).

    Raises:
        MalformedStanzaError: It is no search, or a part of it cannot be read.
        StanzaError: As section 4.2.2 says: no conditions, conflicting ones, an unknown order.
    """
    if search.tag != SEARCH:
        message = f"expected {SEARCH}, got {search.tag}"
        raise MalformedStanzaError(message)
    form = data_forms.form_of(search)
    if form is None:
        return None
    answers = checked_answers(form, SEARCH_FORM)
    words = tuple(answers.text("q").casefold().split())
    is_for_all = answers.boolean("all")
    if is_for_all and words:
        raise _refusal("conflicting-fields")
    if not is_for_all and not words:
        raise _refusal("invalid-search-terms" if "q" in answers else "no-search-conditions")
    kinds = answers.values("types", (_ROOMS,))
    return RoomSearch(
        words,
        _order(answers.text("key", SearchOrder.OCCUPANTS.value)),
        answers.number("min_users", 0),
        answers.boolean("sinname", default=True),
        answers.boolean("sindescription", default=True),
        answers.boolean("sinaddress", default=True),
        _ROOMS in kinds,
        result_sets.request_of(search) or PageRequest(),
    )


def to_element(search: RoomSearch) -> Element:
    """Write what is looked for."""
    values = {"q": " ".join(search.words)} if search.words else {"all": "true"}
    values |= {
        "sinname": _boolean(answer=search.is_in_names),
        "sindescription": _boolean(answer=search.is_in_descriptions),
        "sinaddress": _boolean(answer=search.is_in_addresses),
        "min_users": str(search.fewest_occupants),
        "key": search.order.value,
    }
    fields = tuple(FormField(var, (value,)) for var, value in values.items())
    element = Element(SEARCH)
    if search.page != PageRequest():
        element.append(result_sets.request_to_element(search.page))
    form = DataForm(FormKind.SUBMIT, CHANNEL_SEARCH_FORM, fields)
    element.append(data_forms.to_element(form))
    return element


def form_element() -> Element:
    """Write what can be looked for."""
    element = Element(SEARCH)
    element.append(data_forms.to_element(SEARCH_FORM))
    return element


def result_to_element(found: Iterable[FoundRoom], page: ResultSet) -> Element:
    """Write one page of what was found."""
    result = Element(RESULT)
    for room in found:
        item = SubElement(result, _ITEM, address=str(room.address))
        anonymity = "muc_semianonymous" if room.is_semi_anonymous else ""
        texts = {
            "name": room.name,
            "description": room.description,
            "language": room.language,
            "nusers": "" if room.occupants is None else str(room.occupants),
            "service-type": _ROOMS,
            "is-open": _boolean(answer=room.is_open),
            "anonymity-mode": anonymity,
        }
        for name, text in texts.items():
            if text:
                SubElement(item, f"{{{CHANNEL_SEARCH}}}{name}").text = text
    result.append(result_sets.result_to_element(page))
    return result


def result_from_element(result: Element) -> tuple[tuple[FoundRoom, ...], ResultSet]:
    """Read one page of what was found; what is no room's address is left out.

    Raises:
        MalformedStanzaError: It is no result, or an address is none.
    """
    if result.tag != RESULT:
        message = f"expected {RESULT}, got {result.tag}"
        raise MalformedStanzaError(message)
    page = result.find(result_sets.SET)
    found = tuple(map(_found, result.iterfind(_ITEM)))
    return found, ResultSet() if page is None else result_sets.result_from_element(page)


def _found(item: Element) -> FoundRoom:
    def text(name: str) -> str:
        return item.findtext(f"{{{CHANNEL_SEARCH}}}{name}", "").strip()

    try:
        address = BareJid.parse(item.get("address", ""))
    except ValueError as error:
        message = f"expected the address of a room: {error}"
        raise MalformedStanzaError(message) from error
    number = text("nusers")
    is_open = item.find(f"{{{CHANNEL_SEARCH}}}is-open") is not None
    return FoundRoom(
        address,
        text("name"),
        text("description"),
        text("language"),
        int(number) if number.isascii() and number.isdigit() and len(number) <= 9 else None,  # noqa: PLR2004 - no room is larger
        is_open and text("is-open") not in {"0", "false"},
        text("anonymity-mode") == "muc_semianonymous",
    )


def _order(text: str) -> SearchOrder:
    try:
        return SearchOrder(text)
    except ValueError:
        raise _refusal("invalid-sort-key", StanzaCondition.FEATURE_NOT_IMPLEMENTED) from None


def _refusal(detail: str, condition: StanzaCondition = StanzaCondition.BAD_REQUEST) -> StanzaError:
    written = f"<{detail} xmlns='{CHANNEL_SEARCH_ERRORS}'/>".encode()
    return StanzaError(condition, error_type=ErrorType.MODIFY, detail=written)


def _boolean(*, answer: bool) -> str:
    return "true" if answer else "false"
