"""Configurations of nodes and options of subscriptions, as values and as forms."""

from dataclasses import fields, replace

import pytest

from shared_protocol.errors import StanzaCondition, StanzaError
from shared_protocol.namespaces import PUBSUB_NODE_CONFIGURATION, PUBSUB_PUBLISH_OPTIONS
from shared_protocol.stanzas.data_forms import DataForm, FormField, FormKind
from shared_protocol.stanzas.pubsub import node_options, subscribe_options
from shared_protocol.stanzas.pubsub.node_options import NodeOptions
from shared_protocol.stanzas.pubsub.node_terms import (
    AccessModel,
    FullNode,
    ItemReply,
    NotificationType,
    PublishModel,
    SendLast,
)
from shared_protocol.stanzas.pubsub.subscribe_options import SubscribeOptions

OTHER = NodeOptions(
    access_model=AccessModel.ROSTER,
    publish_model=PublishModel.SUBSCRIBERS,
    title="Musings",
    description="Of Hamlet",
    payload_type="http://www.w3.org/2005/Atom",
    language="en",
    contacts=("bard@shakespeare.lit",),
    persists_items=False,
    max_items=10,
    item_expire=604_800,
    publish_node_full=FullNode.REJECT,
    max_payload_bytes=1_028,
    delivers_notifications=False,
    delivers_payloads=False,
    notifies_config=True,
    notifies_delete=False,
    notifies_retract=False,
    notifies_subscriptions=True,
    notification_type=NotificationType.NORMAL,
    send_last=SendLast.NEVER,
    has_presence_based_delivery=True,
    purges_offline=True,
    allows_subscriptions=False,
    has_temporary_subscriptions=True,
    roster_groups=("friends", "servants"),
    item_reply=ItemReply.PUBLISHER,
)


def submitted(*answers: FormField, form_type: str = PUBSUB_NODE_CONFIGURATION) -> DataForm:
    return DataForm(FormKind.SUBMIT, form_type, answers)


def changed(*answers: FormField) -> NodeOptions:
    return node_options.options_with(NodeOptions(), submitted(*answers), 256)


def test_every_option_survives_forms_and_the_store() -> None:
    assert all(getattr(OTHER, one.name) != one.default for one in fields(NodeOptions))
    form = replace(node_options.options_form(OTHER, FormKind.RESULT), kind=FormKind.SUBMIT)

    assert node_options.options_with(NodeOptions(), form, 256) == OTHER
    assert node_options.from_pairs(node_options.to_pairs(OTHER)) == OTHER
    assert node_options.from_pairs(node_options.to_pairs(NodeOptions())) == NodeOptions()


def test_form_shows_what_there_is_and_what_there_may_be() -> None:
    form = node_options.options_form(OTHER)

    field = form.field("pubsub#access_model")
    assert field is not None
    assert field.values == ("roster",)
    assert {option.value for option in field.options} == {one.value for one in AccessModel}
    assert form.value("pubsub#max_items") == "10"


def test_what_is_not_answered_stays() -> None:
    form = submitted(FormField("pubsub#title", ("Hamlet's",)), FormField("pubsub#unknown", ("1",)))

    assert node_options.options_with(OTHER, form, 256) == replace(OTHER, title="Hamlet's")


@pytest.mark.parametrize(("text", "number"), [("max", None), ("", None), ("0", None), ("7", 7)])
def test_number_of_items_may_be_left_to_the_server(text: str, number: int | None) -> None:
    assert changed(FormField("pubsub#max_items", (text,))).max_items == number


@pytest.mark.parametrize(
    "var", ["access_model", "publish_model", "notification_type", "send_last_published_item"]
)
def test_empty_choice_changes_nothing(var: str) -> None:
    assert changed(FormField(f"pubsub#{var}", ("",))) == NodeOptions()


@pytest.mark.parametrize(
    "answer",
    [
        FormField("pubsub#max_items", ("257",)),
        FormField("pubsub#max_items", ("many",)),
        FormField("pubsub#access_model", ("nonsense",)),
        FormField("pubsub#publish_model", ("nonsense",)),
        FormField("pubsub#persist_items", ("perhaps",)),
        FormField("pubsub#title", ("x" * 2_000,)),
        FormField("pubsub#roster_groups_allowed", tuple(map(str, range(101)))),
        FormField("pubsub#roster_groups_allowed", ("x" * 2_000,)),
        FormField("pubsub#contact", ("a@b@c",)),
        FormField("pubsub#node_type", ("collection",)),
    ],
)
def test_answer_that_cannot_be_is_not_acceptable(answer: FormField) -> None:
    with pytest.raises(StanzaError) as refused:
        changed(answer)

    assert refused.value.condition is StanzaCondition.NOT_ACCEPTABLE


@pytest.mark.parametrize(
    ("answers", "is_met"),
    [
        ((), True),
        ((FormField("pubsub#access_model", ("open",)),), True),
        ((FormField("pubsub#persist_items", ("true",)),), True),
        ((FormField("pubsub#access_model", ("whitelist",)),), False),
        ((FormField("pubsub#unknown", ("1",)),), False),
    ],
)
def test_preconditions_are_compared(answers: tuple[FormField, ...], *, is_met: bool) -> None:
    form = submitted(*answers, form_type=PUBSUB_PUBLISH_OPTIONS)

    assert node_options.is_met_by(form, NodeOptions(), 256, PUBSUB_PUBLISH_OPTIONS) is is_met


def test_damaged_value_in_the_store_is_an_error() -> None:
    with pytest.raises(StanzaError):
        node_options.from_pairs({"pubsub#access_model": ("nonsense",)})
    assert node_options.from_pairs({"pubsub#unknown": ("1",)}) == NodeOptions()


SUBSCRIBED = [
    SubscribeOptions(),
    SubscribeOptions(delivers=False),
    SubscribeOptions(shows=frozenset({"chat", "online"})),
    SubscribeOptions(shows=frozenset()),
    SubscribeOptions(is_temporary=True),
    SubscribeOptions(expires_at=1_141_171_199.0),
]


@pytest.mark.parametrize("options", SUBSCRIBED)
def test_options_of_a_subscription_survive_forms_and_the_store(options: SubscribeOptions) -> None:
    form = subscribe_options.options_form(options, FormKind.SUBMIT)

    assert subscribe_options.options_with(SubscribeOptions(), form) == options
    assert subscribe_options.from_pairs(subscribe_options.to_pairs(options)) == options


def test_options_that_are_not_answered_stay() -> None:
    before = SubscribeOptions(is_temporary=True, shows=frozenset({"chat"}))
    form = DataForm(FormKind.SUBMIT, "", (FormField("pubsub#deliver", ("0",)),))

    assert subscribe_options.options_with(before, form) == replace(before, delivers=False)


@pytest.mark.parametrize(
    "answer",
    [
        FormField("pubsub#show-values", ("asleep",)),
        FormField("pubsub#expire", ("tomorrow",)),
        FormField("pubsub#deliver", ("perhaps",)),
    ],
)
def test_options_that_cannot_be_are_invalid(answer: FormField) -> None:
    with pytest.raises(StanzaError) as refused:
        subscribe_options.options_with(SubscribeOptions(), DataForm(FormKind.SUBMIT, "", (answer,)))

    assert b"<invalid-options " in refused.value.detail


def test_form_of_a_subscription_is_to_be_filled_in() -> None:
    form = subscribe_options.options_form(SubscribeOptions(is_temporary=True))

    assert form.value("pubsub#expire") == "presence"
    field = form.field("pubsub#show-values")
    assert field is not None
    assert len(field.options) == 5
