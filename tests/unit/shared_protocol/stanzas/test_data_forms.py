from xml.etree.ElementTree import Element, SubElement, fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_protocol.errors import MalformedStanzaError
from shared_protocol.stanzas.data_forms import (
    FORM,
    DataForm,
    FieldOption,
    FieldType,
    FormField,
    FormKind,
    form_of,
    from_element,
    to_element,
)
from tests.unit.shared_protocol.stanzas.stanza_values import NAMES, TEXTS

VARS = NAMES.filter(lambda name: name != "FORM_TYPE")
OPTIONS = st.lists(st.builds(FieldOption, TEXTS, TEXTS), max_size=2).map(tuple)
FIELDS = st.builds(
    FormField,
    VARS,
    st.lists(TEXTS, max_size=1).map(tuple),
    st.none() | st.sampled_from(FieldType),
    TEXTS,
    TEXTS,
    OPTIONS,
    st.booleans(),
    st.booleans(),
)
ROWS = st.lists(FIELDS, max_size=2).map(tuple)
FORMS = st.builds(
    DataForm,
    st.sampled_from(FormKind),
    TEXTS,
    ROWS,
    TEXTS,
    st.lists(TEXTS, max_size=2).map(tuple),
    ROWS,
    st.lists(ROWS, max_size=2).map(tuple),
)


@given(FORMS)
def test_form_survives_a_round_trip(form: DataForm) -> None:
    assert from_element(to_element(form)) == form


def field_of(text: str) -> FormField:
    raw = f"<x xmlns='jabber:x:data' type='form'>{text}</x>"
    return from_element(fromstring(raw)).fields[0]  # noqa: S314 - our own text


def test_field_of_an_unknown_type_is_a_line_of_text() -> None:
    """XEP-0004, section 3.3: text-single "MUST be assumed" for a type not understood."""
    assert field_of("<field var='mood' type='colour'/>").type is FieldType.TEXT_SINGLE


def test_field_without_a_type_tells_none() -> None:
    """Section 3.2: "the receiving entity can infer the 'type' attribute value from context"."""
    assert field_of("<field var='mood'><value>1</value><value>2</value></field>").type is None


def test_only_a_fixed_field_may_have_no_name() -> None:
    """Section 3.2: "anything other than fixed ... MUST possess a 'var' attribute"."""
    assert field_of("<field type='fixed'><value>Verona</value></field>").value == "Verona"
    with pytest.raises(MalformedStanzaError, match="name"):
        field_of("<field type='text-single'><value>Verona</value></field>")


def test_two_values_in_a_single_field_are_refused() -> None:
    """Section 3.2: "all other field types MUST NOT contain more than one <value/>"."""
    with pytest.raises(MalformedStanzaError, match="at most one value"):
        field_of("<field var='a' type='jid-single'><value>a</value><value>b</value></field>")


def test_option_has_one_value() -> None:
    """Section 3.2: "<option/> MUST contain one and only one <value/> child"."""
    with pytest.raises(MalformedStanzaError, match="one value"):
        field_of("<field var='a' type='list-single'><option label='none'/></field>")


@pytest.mark.parametrize(
    "element",
    [
        Element(FORM),
        Element(FORM, type="error"),
        Element("x", type="form"),
    ],
)
def test_form_of_no_known_kind_is_refused(element: Element) -> None:
    with pytest.raises(MalformedStanzaError, match="data form"):
        from_element(element)


@pytest.mark.parametrize(
    ("kind", "field_type", "form_type"),
    [
        ("form", "hidden", "jabber:bot"),
        ("form", "text-single", ""),
        ("result", None, ""),
        ("submit", None, "jabber:bot"),
        ("submit", "hidden", "jabber:bot"),
        ("submit", "text-single", ""),
    ],
)
def test_form_type_counts_where_it_is_hidden(
    kind: str, field_type: str | None, form_type: str
) -> None:
    """XEP-0068, section 3: not hidden, it "does not have the special meaning"; a submission may
    leave the type out.
    """
    element = Element(FORM, type=kind)
    field = SubElement(element, "{jabber:x:data}field", var="FORM_TYPE")
    SubElement(field, "{jabber:x:data}value").text = "jabber:bot"
    if field_type:
        field.set("type", field_type)

    assert from_element(element).form_type == form_type


def test_form_is_found_by_its_type() -> None:
    query = Element("{jabber:iq:search}query")
    query.append(to_element(DataForm(FormKind.FORM, "jabber:bot")))
    wanted = DataForm(FormKind.RESULT, "jabber:iq:search", (FormField("nick", ("Pete",)),))
    query.append(to_element(wanted))

    assert form_of(query, "jabber:iq:search") == wanted
    assert form_of(query) == DataForm(FormKind.FORM, "jabber:bot")
    assert form_of(query, "urn:other") is None


def test_values_are_asked_by_name() -> None:
    form = DataForm(
        FormKind.SUBMIT, fields=(FormField("a", ("1", "2")), FormField("empty"), FormField("a"))
    )

    assert form.values("a") == ("1", "2")
    assert form.value("a") == "1"
    assert form.value("empty", "nothing") == "nothing"
    assert form.value("absent", "nothing") == "nothing"
    assert form.values("absent") == ()
    assert FormField("empty").value == ""
