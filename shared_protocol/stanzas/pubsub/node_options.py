"""How a node is configured, as a value and as forms (XEP-0060 1.30.0, sections 8.2 and 16.4.4).

Example::

    <x xmlns='jabber:x:data' type='submit'>
      <field var='FORM_TYPE' type='hidden'>
        <value>http://jabber.org/protocol/pubsub#node_config</value>
      </field>
      <field var='pubsub#title'><value>Princely Musings (Atom)</value></field>
      <field var='pubsub#max_items'><value>10</value></field>
      <field var='pubsub#access_model'><value>roster</value></field>
      <field var='pubsub#roster_groups_allowed'>
        <value>friends</value>
        <value>servants</value>
      </field>
    </x>
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, NamedTuple

from shared_protocol.errors import StanzaCondition, StanzaError
from shared_protocol.namespaces import PUBSUB_NODE_CONFIGURATION
from shared_protocol.stanzas.data_forms import (
    DataForm,
    FieldOption,
    FieldType,
    FormField,
    FormKind,
)
from shared_protocol.stanzas.form_answers import FormAnswers, checked_answers, not_acceptable
from shared_protocol.stanzas.pubsub.node_terms import (
    AccessModel,
    FullNode,
    ItemReply,
    NotificationType,
    PublishModel,
    SendLast,
)
from shared_protocol.stanzas.pubsub.refusals import PubSubDetail, refusal

_MAX = "max"
_LEAF = "leaf"
_TEXT_BYTES = 1_023
_MANY_VALUES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeOptions:
    """The configuration of a node.

    Attributes:
        payload_type: What the payloads mean, usually their namespace; payloads of another are
            refused.
        contacts: Addresses of those to ask, as they were written.
        max_items: How many items are kept; None for as many as the server allows.
        item_expire: Seconds after which an item goes; None for never.
        max_payload_bytes: Of an item; None for what the server allows.
        allows_subscriptions: Whether anybody may subscribe.
        has_temporary_subscriptions: Whether subscriptions end with the presence of who made them.
        roster_groups: Which groups of the owner's roster the model ``roster`` lets in.
    """

    access_model: AccessModel = AccessModel.OPEN
    publish_model: PublishModel = PublishModel.PUBLISHERS
    title: str = ""
    description: str = ""
    payload_type: str = ""
    language: str = ""
    contacts: tuple[str, ...] = ()
    persists_items: bool = True
    max_items: int | None = None
    item_expire: int | None = None
    publish_node_full: FullNode = FullNode.RETRACT_OLDEST
    max_payload_bytes: int | None = None
    delivers_notifications: bool = True
    delivers_payloads: bool = True
    notifies_config: bool = False
    notifies_delete: bool = True
    notifies_retract: bool = True
    notifies_subscriptions: bool = False
    notification_type: NotificationType = NotificationType.HEADLINE
    send_last: SendLast = SendLast.ON_SUBSCRIPTION
    has_presence_based_delivery: bool = False
    purges_offline: bool = False
    allows_subscriptions: bool = True
    has_temporary_subscriptions: bool = False
    roster_groups: tuple[str, ...] = ()
    item_reply: ItemReply | None = None


class _Option(NamedTuple):
    """How one attribute stands in a form.

    Attributes:
        read: Makes the value from the answers; given the highest number where there is one.
        write: Makes the form's values from the value.
    """

    var: str
    attribute: str
    kind: FieldType
    label: str
    read: Callable[[FormAnswers, str, int], Any]
    write: Callable[[Any], tuple[str, ...]]
    choices: type[Enum] | None = None


def _boolean(var: str, attribute: str, label: str) -> _Option:
    return _Option(
        var,
        attribute,
        FieldType.BOOLEAN,
        label,
        lambda answers, name, _most: answers.boolean(name),
        lambda value: ("1" if value else "0",),
    )


def _text(var: str, attribute: str, label: str) -> _Option:
    def write(value: str) -> tuple[str, ...]:
        return (value,) if value else ()

    return _Option(var, attribute, FieldType.TEXT_SINGLE, label, _read_text, write)


def _texts(var: str, attribute: str, kind: FieldType, label: str) -> _Option:
    return _Option(var, attribute, kind, label, _read_texts, lambda value: value)


def _choice(var: str, attribute: str, choices: type[Enum], label: str) -> _Option:
    def read(answers: FormAnswers, name: str, _most: int) -> Enum | None:
        text = answers.text(name)
        return choices(text) if text else None

    def write(value: Enum | None) -> tuple[str, ...]:
        return () if value is None else (value.value,)

    return _Option(var, attribute, FieldType.LIST_SINGLE, label, read, write, choices)


def _number(var: str, attribute: str, label: str) -> _Option:
    """A number, or ``max`` and ``0`` for none of its own."""

    def write(value: int | None) -> tuple[str, ...]:
        return (_MAX,) if value is None else (str(value),)

    return _Option(var, attribute, FieldType.TEXT_SINGLE, label, _read_number, write)


def _read_text(answers: FormAnswers, name: str, _most: int) -> str:
    text = answers.text(name)
    if len(text.encode()) > _TEXT_BYTES:
        raise not_acceptable(name, f"expected at most {_TEXT_BYTES} bytes")
    return text


def _read_texts(answers: FormAnswers, name: str, _most: int) -> tuple[str, ...]:
    values = tuple(dict.fromkeys(filter(None, answers.values(name))))
    is_too_much = any(len(value.encode()) > _TEXT_BYTES for value in values)
    if is_too_much or len(values) > _MANY_VALUES:
        raise not_acceptable(name, f"expected at most {_MANY_VALUES} values")
    return values


def _read_number(answers: FormAnswers, name: str, most: int) -> int | None:
    if answers.text(name) in {"", _MAX}:
        return None
    number = answers.number(name, 0)
    if number > most:
        raise not_acceptable(name, f"expected at most {most}, or max")
    return number or None


_HIGHEST = 10**12
_OPTIONS = (
    _text("pubsub#title", "title", "A friendly name for the node"),
    _text("pubsub#description", "description", "A description of the node"),
    _text("pubsub#type", "payload_type", "The namespace of the payloads"),
    _text("pubsub#language", "language", "The default language of the node"),
    _texts("pubsub#contact", "contacts", FieldType.JID_MULTI, "Whom to contact with questions"),
    _choice("pubsub#access_model", "access_model", AccessModel, "Who may subscribe and retrieve"),
    _texts(
        "pubsub#roster_groups_allowed",
        "roster_groups",
        FieldType.TEXT_MULTI,
        "Roster groups allowed to subscribe",
    ),
    _choice("pubsub#publish_model", "publish_model", PublishModel, "Who may publish"),
    _boolean("pubsub#persist_items", "persists_items", "Whether to persist items to storage"),
    _number("pubsub#max_items", "max_items", "How many items to keep; max for as many as possible"),
    _number("pubsub#item_expire", "item_expire", "Seconds after which items go; max for never"),
    _choice(
        "pubsub#publish_node_full",
        "publish_node_full",
        FullNode,
        "What happens when something is published at a full node",
    ),
    _number("pubsub#max_payload_size", "max_payload_bytes", "Longest payload in bytes"),
    _boolean(
        "pubsub#deliver_notifications",
        "delivers_notifications",
        "Whether to deliver event notifications",
    ),
    _boolean("pubsub#deliver_payloads", "delivers_payloads", "Whether notifications hold payloads"),
    _boolean("pubsub#notify_config", "notifies_config", "Notify of changes of the configuration"),
    _boolean("pubsub#notify_delete", "notifies_delete", "Notify when the node is deleted"),
    _boolean("pubsub#notify_retract", "notifies_retract", "Notify when items are removed"),
    _boolean("pubsub#notify_sub", "notifies_subscriptions", "Notify owners about subscribers"),
    _choice(
        "pubsub#notification_type",
        "notification_type",
        NotificationType,
        "Type of the messages that notify",
    ),
    _choice(
        "pubsub#send_last_published_item",
        "send_last",
        SendLast,
        "When to send the last published item",
    ),
    _boolean(
        "pubsub#presence_based_delivery",
        "has_presence_based_delivery",
        "Deliver to available users only",
    ),
    _boolean("pubsub#purge_offline", "purges_offline", "Purge when the publisher goes off line"),
    _boolean("pubsub#subscribe", "allows_subscriptions", "Whether to allow subscriptions"),
    _boolean(
        "pubsub#tempsub", "has_temporary_subscriptions", "Whether subscriptions are temporary"
    ),
    _choice("pubsub#itemreply", "item_reply", ItemReply, "Who gets replies to items"),
)
_NEVER_EMPTY = frozenset(
    {"access_model", "publish_model", "publish_node_full", "notification_type", "send_last"}
)
_BY_VAR = {option.var: option for option in _OPTIONS}
_NODE_TYPE = "pubsub#node_type"
_DEFAULTS = NodeOptions()


def options_form(options: NodeOptions, kind: FormKind = FormKind.FORM) -> DataForm:
    """Make the form of a configuration: to be filled in, or as a result."""
    is_form = kind is FormKind.FORM
    fields = tuple(_field(option, options, is_form=is_form) for option in _OPTIONS)
    return DataForm(kind, PUBSUB_NODE_CONFIGURATION, fields)


def options_with(
    options: NodeOptions, submitted: DataForm, most_items: int, *, form_type: str = ""
) -> NodeOptions:
    """Return a configuration with what a form changes; other fields than ours are ignored.

    Args:
        options: What is not answered stays as it is here.
        submitted: The answers.
        most_items: How many items the server keeps.
        form_type: Expected instead of that of the configuration.

    Raises:
        StanzaError: ``not-acceptable``, with ``unsupported-access-model`` or without, or
            ``bad-request``.
    """
    expected = form_type or PUBSUB_NODE_CONFIGURATION
    offered = replace(options_form(options), form_type=expected)
    _require_access_model(submitted)
    if submitted.value(_NODE_TYPE, _LEAF) != _LEAF:
        raise not_acceptable(_NODE_TYPE, "there are no collections")
    answers = checked_answers(submitted, offered)
    return replace(options, **_changes(answers, most_items))


def is_met_by(submitted: DataForm, options: NodeOptions, most_items: int, form_type: str) -> bool:
    """Return whether a configuration is what a form demands (section 7.1.5); ours alone are known.

    Raises:
        StanzaError: As ``options_with``.
    """
    if any(field.var not in _BY_VAR for field in submitted.fields):
        return False
    wanted = options_with(options, submitted, most_items, form_type=form_type)
    return wanted == options


def knows_all_of(submitted: DataForm) -> bool:
    """Return whether every field of a form belongs to the configuration of a node."""
    return all(field.var in _BY_VAR for field in submitted.fields)


def to_pairs(options: NodeOptions) -> dict[str, tuple[str, ...]]:
    """Return what differs from the defaults, and the models, by the names of the form's fields."""
    always = {"access_model", "publish_model"}
    return {
        option.var: option.write(getattr(options, option.attribute))
        for option in _OPTIONS
        if option.attribute in always
        or getattr(options, option.attribute) != getattr(_DEFAULTS, option.attribute)
    }


def from_pairs(pairs: Mapping[str, tuple[str, ...]]) -> NodeOptions:
    """Return the configuration that ``to_pairs`` wrote; what is not known is left out.

    Raises:
        StanzaError: A value is none that ``to_pairs`` writes.
    """
    fields = (FormField(var, values) for var, values in pairs.items() if var in _BY_VAR)
    answers = FormAnswers(fields)
    try:
        return replace(_DEFAULTS, **_changes(answers, _HIGHEST))
    except ValueError as error:
        raise StanzaError(StanzaCondition.INTERNAL_SERVER_ERROR, str(error)) from error


def _changes(answers: FormAnswers, most_items: int) -> dict[str, Any]:
    changes = {}
    for option in _OPTIONS:
        if option.var in answers:
            most = most_items if option.attribute == "max_items" else _HIGHEST
            changes[option.attribute] = option.read(answers, option.var, most)
    unanswered = (key for key in _NEVER_EMPTY if changes.get(key, key) is None)
    for key in tuple(unanswered):
        del changes[key]
    return changes


def _field(option: _Option, options: NodeOptions, *, is_form: bool) -> FormField:
    values = option.write(getattr(options, option.attribute))
    if not is_form:
        return FormField(option.var, values)
    choices = () if option.choices is None else tuple(option.choices)
    return FormField(
        option.var,
        values,
        option.kind,
        option.label,
        options=tuple(FieldOption(choice.value) for choice in choices),
    )


def _require_access_model(submitted: DataForm) -> None:
    model = submitted.value("pubsub#access_model")
    if model and model not in {one.value for one in AccessModel}:
        raise refusal(StanzaCondition.NOT_ACCEPTABLE, PubSubDetail.UNSUPPORTED_ACCESS_MODEL)
