import pytest

from shared_protocol.addresses import parse_jid
from shared_protocol.errors import StanzaCondition, StanzaError
from shared_protocol.stanzas.data_forms import (
    DataForm,
    FieldOption,
    FieldType,
    FormField,
    FormKind,
)
from shared_protocol.stanzas.form_answers import FormAnswers, checked_answers

OFFERED = DataForm(
    FormKind.FORM,
    "jabber:bot",
    (
        FormField(type=FieldType.FIXED, values=("Section 1",)),
        FormField("botname", type=FieldType.TEXT_SINGLE, is_required=True),
        FormField("description", type=FieldType.TEXT_MULTI),
        FormField("public", type=FieldType.BOOLEAN),
        FormField("maxsubs", options=(FieldOption("20"),), type=FieldType.LIST_SINGLE),
        FormField("features", options=(FieldOption("news"),), type=FieldType.LIST_MULTI),
        FormField("ids", type=FieldType.LIST_MULTI, is_open=True),
        FormField("owner", type=FieldType.JID_SINGLE),
        FormField("invitelist", type=FieldType.JID_MULTI),
        FormField("untyped"),
    ),
)
NAME = FormField("botname", ("Joogle",))


def answers(*fields: FormField, form_type: str = "jabber:bot") -> FormAnswers:
    return checked_answers(DataForm(FormKind.SUBMIT, form_type, (NAME, *fields)), OFFERED)


def test_answers_are_read_by_the_type_of_the_question() -> None:
    found = answers(
        FormField("description", ("line one", "line two")),
        FormField("public", ("true",)),
        FormField("maxsubs", ("20",)),
        FormField("ids", ("28482-98726-73623",)),
        FormField("invitelist", ("juliet@capulet.lit", "JULIET@capulet.lit", "")),
    )

    assert found.text("description") == "line one\nline two"
    assert found.boolean("public")
    assert found.number("maxsubs", 5) == 20
    assert found.values("ids") == ("28482-98726-73623",)
    assert found.jids("invitelist") == (parse_jid("juliet@capulet.lit"),)


def test_what_was_not_said_keeps_its_value() -> None:
    """XEP-0004, section 3.5: "the values of the omitted fields SHOULD keep their current value"."""
    found = answers()

    assert "public" not in found
    assert found.boolean("public", default=True)
    assert found.number("maxsubs", 50) == 50
    assert found.text("description", "as before") == "as before"
    assert found.values("ids", ("as before",)) == ("as before",)
    assert found.jids("invitelist") == ()


def test_field_that_was_not_asked_is_ignored() -> None:
    """Section 3.1: "MUST ignore any fields that it does not understand"."""
    assert "colour" not in answers(FormField("colour", ("red",)), FormField("colour"))


def test_empty_answer_unsets() -> None:
    """Section 3.6: "'unsetting' a field value requires a request to contain a <field/>"."""
    found = answers(FormField("public", ("",)), FormField("maxsubs", ("",)), FormField("ids"))

    assert not found.boolean("public", default=True)
    assert found.text("maxsubs", "20") == ""
    assert found.number("maxsubs", 20) == 20
    assert found.values("ids", ("before",)) == ()


@pytest.mark.parametrize(
    "field",
    [
        FormField("botname", ("twice",)),
        FormField("public", ("perhaps",)),
        FormField("maxsubs", ("21",)),
        FormField("features", ("news", "weather")),
        FormField("owner", ("a@b@c",)),
        FormField("invitelist", ("juliet@capulet.lit", "a@b@c")),
        FormField("untyped", ("one", "two")),
    ],
)
def test_answer_that_is_not_valid_is_not_acceptable(field: FormField) -> None:
    """Section 4: "If ... not valid, it SHOULD return a "Not Acceptable" error"."""
    with pytest.raises(StanzaError, match=field.var) as refusal:
        answers(field)

    assert refusal.value.condition is StanzaCondition.NOT_ACCEPTABLE


@pytest.mark.parametrize("fields", [(), (FormField("botname"),), (FormField("botname", ("",)),)])
def test_required_answer_must_be_there(fields: tuple[FormField, ...]) -> None:
    """Section 3.2: required "in order for the form to be considered valid"."""
    with pytest.raises(StanzaError, match="required") as refusal:
        checked_answers(DataForm(FormKind.SUBMIT, "jabber:bot", fields), OFFERED)

    assert refusal.value.condition is StanzaCondition.NOT_ACCEPTABLE


@pytest.mark.parametrize("text", ["-1", "ten", "٣", "1" * 19])
def test_number_is_whole_and_fits(text: str) -> None:
    with pytest.raises(StanzaError, match="whole number"):
        answers(FormField("untyped", (text,))).number("untyped", 1)


def test_form_of_another_type_is_a_bad_request() -> None:
    with pytest.raises(StanzaError, match="jabber:bot") as refusal:
        answers(form_type="urn:other")

    assert refusal.value.condition is StanzaCondition.BAD_REQUEST
    assert answers(form_type="").text("botname") == "Joogle"


def test_cancelled_form_has_no_answers() -> None:
    with pytest.raises(StanzaError, match="submitted") as refusal:
        checked_answers(DataForm(FormKind.CANCEL), OFFERED)

    assert refusal.value.condition is StanzaCondition.BAD_REQUEST
