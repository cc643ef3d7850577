"""What a submitted form says, checked against the form that was offered (XEP-0004 2.13.2, 4).

Example::

    <x xmlns='jabber:x:data' type='submit'>
      <field var='FORM_TYPE'><value>jabber:bot</value></field>
      <field var='public'><value>0</value></field>
      <field var='invitelist'>
        <value>juliet@capulet.com</value>
        <value>benvolio@montague.net</value>
      </field>
    </x>
"""

from collections.abc import Iterable
from dataclasses import replace

from shared_protocol.addresses import AddressError, Jid, parse_jid
from shared_protocol.errors import StanzaCondition, StanzaError
from shared_protocol.stanzas.data_forms import DataForm, FieldType, FormField, FormKind

_TRUTHS = {"1": True, "true": True, "0": False, "false": False}
_JID_TYPES = {FieldType.JID_SINGLE, FieldType.JID_MULTI}
_QUOTED = 80  # characters of a value that an error repeats


class FormAnswers:
    """The answers that are worth anything: those to the offered questions, each by its type.

    Made by ``checked_answers`` for one submission.
    """

    def __init__(self, fields: Iterable[FormField]) -> None:
        self._fields = {field.var: field for field in fields}

    def __contains__(self, var: str) -> bool:
        return var in self._fields

    def text(self, var: str, default: str = "") -> str:
        """Return an answer, the lines of a long one joined; the default where nothing was said."""
        field = self._fields.get(var)
        return default if field is None else "\n".join(field.values)

    def values(self, var: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Return the answers to one question, in order; the default where nothing was said."""
        field = self._fields.get(var)
        return default if field is None else field.values

    def boolean(self, var: str, *, default: bool = False) -> bool:
        """Return yes or no; no for an empty answer, the default where nothing was said."""
        field = self._fields.get(var)
        return default if field is None else _TRUTHS.get(field.value, False)

    def number(self, var: str, default: int) -> int:
        """Return a whole number >= 0; the default where nothing was said.

        Raises:
            StanzaError: ``not-acceptable``, it is none, or has more than 18 digits.
        """
        text = self.text(var)
        if not text:
            return default
        if not (text.isascii() and text.isdigit() and len(text) <= 18):  # noqa: PLR2004 - fits 64 bits
            raise not_acceptable(var, f"expected a whole number, got {text[:_QUOTED]!r}")
        return int(text)

    def jids(self, var: str) -> tuple[Jid, ...]:
        """Return addresses in order, each once (section 3.3, jid-multi).

        Raises:
            StanzaError: ``not-acceptable``, one is no address.
        """
        return tuple(dict.fromkeys(_jid(var, text) for text in self.values(var) if text))


def checked_answers(submitted: DataForm, offered: DataForm) -> FormAnswers:
    """Take of a submission what was asked (section 3.1: other fields are ignored), by its type.

    Raises:
        StanzaError: ``bad-request`` if it is no submission or of another form type;
            ``not-acceptable`` (section 4) if a required answer is missing, comes twice, has too
            many values, is not among the options, or is no boolean and no address.
    """
    if submitted.kind is not FormKind.SUBMIT:
        raise StanzaError(StanzaCondition.BAD_REQUEST, "expected a submitted form")
    if submitted.form_type and submitted.form_type != offered.form_type:
        expected = f"expected a form of type {offered.form_type}"
        raise StanzaError(StanzaCondition.BAD_REQUEST, expected)
    asked = {one.var: one for one in offered.fields if one.type is not FieldType.FIXED}
    answers: dict[str, FormField] = {}
    for answer in submitted.fields:
        question = asked.get(answer.var)
        if question is None:
            continue
        if answer.var in answers:
            raise not_acceptable(answer.var, "answered twice")
        answers[answer.var] = _checked(answer, question)
    for var, question in asked.items():
        if question.is_required and not any(answers.get(var, FormField()).values):
            raise not_acceptable(var, "an answer is required")
    return FormAnswers(answers.values())


def not_acceptable(var: str, text: str) -> StanzaError:
    """Make the error for an answer that cannot be taken (section 4); it names the field."""
    return StanzaError(StanzaCondition.NOT_ACCEPTABLE, f"{var[:_QUOTED]}: {text}")


def _checked(answer: FormField, question: FormField) -> FormField:
    kind = question.type or FieldType.TEXT_SINGLE
    if len(answer.values) > 1 and not kind.is_multiple:
        raise not_acceptable(answer.var, f"expected one value, got {len(answer.values)}")
    if kind is FieldType.BOOLEAN and answer.value and answer.value not in _TRUTHS:
        raise not_acceptable(answer.var, f"expected 0 or 1, got {answer.value[:_QUOTED]!r}")
    if kind in _JID_TYPES:
        for value in filter(None, answer.values):
            _jid(answer.var, value)
    if kind.is_list and not question.is_open:
        _require_options(answer, question)
    return replace(answer, type=kind)


def _require_options(answer: FormField, question: FormField) -> None:
    options = {option.value for option in question.options}
    for value in answer.values:
        if value and value not in options:
            raise not_acceptable(answer.var, f"{value[:_QUOTED]!r} is none of the options")


def _jid(var: str, text: str) -> Jid:
    try:
        return parse_jid(text)
    except AddressError as error:
        raise not_acceptable(var, f"{text[:_QUOTED]!r} is no address") from error
