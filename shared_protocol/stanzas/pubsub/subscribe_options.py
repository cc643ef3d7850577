"""How a subscriber wants to be notified, as a value and as forms (XEP-0060 1.30.0, 6.3, 16.4.2).

Digests and message bodies are not offered.

Example::

    <x xmlns='jabber:x:data' type='submit'>
      <field var='FORM_TYPE' type='hidden'>
        <value>http://jabber.org/protocol/pubsub#subscribe_options</value>
      </field>
      <field var='pubsub#deliver'><value>1</value></field>
      <field var='pubsub#expire'><value>presence</value></field>
      <field var='pubsub#show-values'><value>chat</value><value>online</value></field>
    </x>
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from shared_protocol.errors import MalformedStanzaError, StanzaCondition, StanzaError
from shared_protocol.namespaces import PUBSUB_SUBSCRIBE_OPTIONS
from shared_protocol.stanzas.data_forms import (
    DataForm,
    FieldOption,
    FieldType,
    FormField,
    FormKind,
)
from shared_protocol.stanzas.delay import moment_from_text, moment_to_text
from shared_protocol.stanzas.form_answers import FormAnswers, checked_answers
from shared_protocol.stanzas.pubsub.refusals import PubSubDetail, refusal

ONLINE = "online"
_SHOWS = ("chat", ONLINE, "away", "xa", "dnd")
_DELIVER = "pubsub#deliver"
_SHOW_VALUES = "pubsub#show-values"
_EXPIRE = "pubsub#expire"
_PRESENCE = "presence"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscribeOptions:
    """What a subscriber has chosen.

    Attributes:
        delivers: Whether notifications are wanted at all.
        shows: For which presence (``online`` for no show); all of them is the default.
        is_temporary: Whether the subscription ends with the presence of the subscriber (12.4).
        expires_at: Seconds since 1970, UTC, at which it ends (12.18); None for never.
    """

    delivers: bool = True
    shows: frozenset[str] = frozenset(_SHOWS)
    is_temporary: bool = False
    expires_at: float | None = None


def options_form(options: SubscribeOptions, kind: FormKind = FormKind.FORM) -> DataForm:
    """Make the form: to be filled in, or as a result."""
    pairs = _all_pairs(options)
    if kind is not FormKind.FORM:
        fields = tuple(FormField(var, values) for var, values in pairs.items())
        return DataForm(kind, PUBSUB_SUBSCRIBE_OPTIONS, fields)
    shows = tuple(FieldOption(show) for show in _SHOWS)
    return DataForm(
        kind,
        PUBSUB_SUBSCRIBE_OPTIONS,
        (
            FormField(_DELIVER, pairs[_DELIVER], FieldType.BOOLEAN, "Enable delivery?"),
            FormField(
                _SHOW_VALUES,
                pairs[_SHOW_VALUES],
                FieldType.LIST_MULTI,
                "Presence for which to deliver",
                options=shows,
            ),
            FormField(
                _EXPIRE,
                pairs[_EXPIRE],
                FieldType.TEXT_SINGLE,
                "When the subscription ends: a moment, or presence",
            ),
        ),
    )


def options_with(options: SubscribeOptions, submitted: DataForm) -> SubscribeOptions:
    """Return options with what a form changes.

    Raises:
        StanzaError: ``bad-request`` with ``invalid-options`` (section 6.3.7).
    """
    try:
        answers = checked_answers(submitted, options_form(options))
        return _read(options, answers)
    except (MalformedStanzaError, StanzaError) as error:
        detail = PubSubDetail.INVALID_OPTIONS
        raise refusal(StanzaCondition.BAD_REQUEST, detail, str(error)) from error


def to_pairs(options: SubscribeOptions) -> dict[str, tuple[str, ...]]:
    """Return what differs from the defaults, by the names of the form's fields."""
    usual = _all_pairs(SubscribeOptions())
    return {var: values for var, values in _all_pairs(options).items() if values != usual[var]}


def from_pairs(pairs: Mapping[str, tuple[str, ...]]) -> SubscribeOptions:
    """Return the options that ``to_pairs`` wrote."""
    fields = (FormField(var, values) for var, values in pairs.items())
    return _read(SubscribeOptions(), FormAnswers(fields))


def _all_pairs(options: SubscribeOptions) -> dict[str, tuple[str, ...]]:
    expire: tuple[str, ...] = ()
    if options.is_temporary:
        expire = (_PRESENCE,)
    elif options.expires_at is not None:
        expire = (moment_to_text(datetime.fromtimestamp(options.expires_at, UTC)),)
    return {
        _DELIVER: ("1" if options.delivers else "0",),
        # Nothing at all has to differ from what was not said
        _SHOW_VALUES: tuple(show for show in _SHOWS if show in options.shows) or ("",),
        _EXPIRE: expire,
    }


def _read(options: SubscribeOptions, answers: FormAnswers) -> SubscribeOptions:
    expire = answers.text(_EXPIRE)
    is_moment = bool(expire) and expire != _PRESENCE
    if _EXPIRE not in answers:
        is_temporary, expires_at = options.is_temporary, options.expires_at
    else:
        is_temporary = expire == _PRESENCE
        expires_at = moment_from_text(expire).timestamp() if is_moment else None
    return SubscribeOptions(
        delivers=answers.boolean(_DELIVER, default=options.delivers),
        shows=frozenset(filter(None, answers.values(_SHOW_VALUES, tuple(options.shows)))),
        is_temporary=is_temporary,
        expires_at=expires_at,
    )
