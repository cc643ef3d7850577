from collections.abc import Callable
from xml.etree.ElementTree import Element, SubElement

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_protocol.errors import MalformedStanzaError
from shared_protocol.namespaces import DISCO_INFO, DISCO_ITEMS
from shared_protocol.stanzas.disco import (
    INFO_QUERY,
    ITEMS_QUERY,
    DiscoField,
    DiscoForm,
    DiscoInfo,
    DiscoItem,
    DiscoItems,
    Identity,
    info_from_element,
    info_to_element,
    items_from_element,
    items_to_element,
)
from tests.unit.shared_protocol.stanzas.stanza_values import JIDS, NAMES, TEXTS

FIELDS = st.builds(
    DiscoField, NAMES.filter(lambda name: name != "FORM_TYPE"), st.lists(TEXTS).map(tuple)
)
FORMS = st.builds(
    DiscoForm,
    st.lists(TEXTS, min_size=1, max_size=2).map(tuple),
    st.lists(FIELDS, max_size=2).map(tuple),
)
INFOS = st.builds(
    DiscoInfo,
    st.lists(st.builds(Identity, NAMES, NAMES, TEXTS, TEXTS), max_size=2).map(tuple),
    st.lists(NAMES, max_size=3).map(tuple),
    TEXTS,
    st.lists(FORMS, max_size=2).map(tuple),
)
ITEMS = st.builds(
    DiscoItems,
    st.lists(st.builds(DiscoItem, JIDS, TEXTS, TEXTS), max_size=3).map(tuple),
    TEXTS,
)


@given(INFOS)
def test_info_survives_a_round_trip(info: DiscoInfo) -> None:
    assert info_from_element(info_to_element(info)) == info


@given(ITEMS)
def test_items_survive_a_round_trip(items: DiscoItems) -> None:
    assert items_from_element(items_to_element(items)) == items


def test_form_without_a_hidden_type_is_left_out() -> None:  # XEP-0115, section 5.4
    query = info_to_element(DiscoInfo(forms=(DiscoForm(("a",)), DiscoForm(("b",)))))
    query[0][0].set("type", "text-single")

    assert info_from_element(query).forms == (DiscoForm(("b",)),)


@pytest.mark.parametrize(
    ("read", "query", "child", "attributes"),
    [
        (info_from_element, INFO_QUERY, f"{{{DISCO_INFO}}}identity", {"category": "client"}),
        (info_from_element, INFO_QUERY, f"{{{DISCO_INFO}}}identity", {"type": "pc"}),
        (info_from_element, INFO_QUERY, f"{{{DISCO_INFO}}}feature", {}),
        (items_from_element, ITEMS_QUERY, f"{{{DISCO_ITEMS}}}item", {}),
        (items_from_element, ITEMS_QUERY, f"{{{DISCO_ITEMS}}}item", {"jid": "a@b@"}),
    ],
)
def test_part_without_what_it_must_have_is_refused(
    read: Callable[[Element], object], query: str, child: str, attributes: dict[str, str]
) -> None:
    element = Element(query)
    SubElement(element, child, attributes)

    with pytest.raises(MalformedStanzaError, match="has no"):
        read(element)


@pytest.mark.parametrize("read", [info_from_element, items_from_element])
def test_other_element_is_refused(read: Callable[[Element], object]) -> None:
    with pytest.raises(MalformedStanzaError, match="expected"):
        read(Element("query"))
