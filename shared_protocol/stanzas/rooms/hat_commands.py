"""Commands by which the hats of a room are made and given (XEP-0317 0.3.1, section 4).

Each is an ad-hoc command (XEP-0050) of the room with one form at most, so that who knows the
answers may send them at once.

Example::

    <command xmlns='http://jabber.org/protocol/commands' action='execute'
             node='urn:xmpp:hats:commands:assign'>
      <x xmlns='jabber:x:data' type='submit'>
        <field var='FORM_TYPE' type='hidden'><value>urn:xmpp:hats:commands</value></field>
        <field var='hats#jid'><value>terry.anderson@example.edu</value></field>
        <field var='hats#uri'><value>http://tech.example.edu/hats#TeacherAssistant</value></field>
      </x>
    </command>
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum

from shared_protocol.addresses import AddressError, BareJid, parse_jid
from shared_protocol.errors import StanzaCondition, StanzaError
from shared_protocol.stanzas.data_forms import (
    DataForm,
    FieldOption,
    FieldType,
    FormField,
    FormKind,
)
from shared_protocol.stanzas.form_answers import checked_answers, not_acceptable
from shared_protocol.stanzas.rooms.hats import Hat, hue_of, hue_text

FORM_TYPE = "urn:xmpp:hats:commands"
_TITLE, _URI, _HUE, _JID = "hats#title", "hats#uri", "hats#hue", "hats#jid"
_URI_OF_AN_EXAMPLE = "hat"  # the form of example 6 has this name, its answer the other


class HatCommand(Enum):
    """A command, by its node."""

    CREATE = "urn:xmpp:hats:commands:create"
    DESTROY = "urn:xmpp:hats:commands:destroy"
    LIST = "urn:xmpp:hats:commands:list"
    ASSIGN = "urn:xmpp:hats:commands:assign"
    UNASSIGN = "urn:xmpp:hats:commands:unassign"
    LIST_ASSIGNED = "urn:xmpp:hats:commands:list-assigned"

    @property
    def title(self) -> str:
        """Its name for people."""
        return _TITLES[self]

    @property
    def has_form(self) -> bool:
        """Whether it asks something."""
        return self not in {HatCommand.LIST, HatCommand.LIST_ASSIGNED}


_TITLES = {
    HatCommand.CREATE: "Create or change a hat",
    HatCommand.DESTROY: "Destroy a hat",
    HatCommand.LIST: "List hats",
    HatCommand.ASSIGN: "Give a hat to somebody",
    HatCommand.UNASSIGN: "Take a hat from somebody",
    HatCommand.LIST_ASSIGNED: "List who has which hat",
}


@dataclass(frozen=True, slots=True)
class HatOrder:
    """What a command is told.

    Attributes:
        uri: Of the hat.
        title: Of a hat that is made or changed.
        hue: The same; None for none.
        wearer: Who gets or loses it.
    """

    uri: str
    title: str = ""
    hue: float | None = None
    wearer: BareJid | None = None


def question_form(command: HatCommand, hats: Iterable[Hat]) -> DataForm:
    """Make the form that a command asks.

    Args:
        command: One that has a form.
        hats: All of the room.
    """
    required = FormField(is_required=True, type=FieldType.TEXT_SINGLE)
    options = tuple(FieldOption(hat.uri, hat.title) for hat in hats)
    which = FormField(
        _URI, type=FieldType.LIST_SINGLE, label="Hat", options=options, is_required=True
    )
    who = replace(required, var=_JID, type=FieldType.JID_SINGLE, label="User Address")
    fields = {
        HatCommand.CREATE: (
            replace(required, var=_TITLE, label="Hat Title"),
            replace(required, var=_URI, label="Hat URI"),
            FormField(_HUE, type=FieldType.TEXT_SINGLE, label="Hat Hue"),
        ),
        HatCommand.DESTROY: (which,),
        HatCommand.ASSIGN: (who, which),
        HatCommand.UNASSIGN: (who, which),
    }[command]
    return DataForm(FormKind.FORM, FORM_TYPE, fields, command.title)


def order_of(command: HatCommand, form: DataForm, hats: Iterable[Hat]) -> HatOrder:
    """Read the answers to a command.

    Raises:
        StanzaError: ``not-acceptable``, one is missing or makes no sense, or the hat is none of
            the room.
    """
    renamed = tuple(
        replace(one, var=_URI) if one.var == _URI_OF_AN_EXAMPLE else one for one in form.fields
    )
    answers = checked_answers(replace(form, fields=renamed), question_form(command, hats))
    hue, written = None, answers.text(_HUE)
    if written:
        hue = hue_of(written)
        if hue is None:
            raise not_acceptable(_HUE, "expected an angle in degrees")
    wearer = next(iter(answers.jids(_JID)), None)
    if wearer is not None and not wearer.localpart:
        raise not_acceptable(_JID, "expected the address of a person")
    return HatOrder(
        answers.text(_URI), answers.text(_TITLE), hue, None if wearer is None else wearer.bare
    )


def order_to_form(order: HatOrder) -> DataForm:
    """Write the answers to a command."""
    return DataForm(FormKind.SUBMIT, FORM_TYPE, _row(order))


def hats_to_form(hats: Iterable[Hat]) -> DataForm:
    """Write which hats a room has."""
    rows = tuple(
        (_field(_TITLE, hat.title), _field(_URI, hat.uri), _hue_field(hat.hue)) for hat in hats
    )
    reported = tuple(FormField(var) for var in (_TITLE, _URI, _HUE))
    return DataForm(
        FormKind.RESULT, FORM_TYPE, title=HatCommand.LIST.title, reported=reported, items=rows
    )


def hats_of_form(form: DataForm) -> tuple[Hat, ...]:
    """Return the hats of a room; what has no name or title is left out."""
    found = (_values(row) for row in form.items)
    return tuple(
        Hat(one[_URI], one[_TITLE], hue_of(one.get(_HUE, "")))
        for one in found
        if one.get(_URI) and one.get(_TITLE)
    )


def wearers_to_form(worn: Iterable[tuple[BareJid, Hat]]) -> DataForm:
    """Write who has which hat."""
    rows = tuple(
        (
            _field(_JID, str(wearer)),
            _field(_URI, hat.uri),
            _field(_TITLE, hat.title),
            _hue_field(hat.hue),
        )
        for wearer, hat in worn
    )
    reported = tuple(FormField(var) for var in (_JID, _URI, _TITLE, _HUE))
    title = HatCommand.LIST_ASSIGNED.title
    return DataForm(FormKind.RESULT, FORM_TYPE, title=title, reported=reported, items=rows)


def wearers_of_form(form: DataForm) -> tuple[tuple[BareJid, str], ...]:
    """Return who has which hat, by its URI; what cannot be read is left out."""
    found = []
    for row in form.items:
        values = _values(row)
        try:
            wearer = parse_jid(values.get(_JID, "")).bare
        except AddressError:
            continue
        found.append((wearer, values.get(_URI, "")))
    return tuple(found)


def refused(text: str) -> StanzaError:
    """Make the error for an order that cannot be carried out."""
    return StanzaError(StanzaCondition.NOT_ACCEPTABLE, text)


def _row(order: HatOrder) -> tuple[FormField, ...]:
    wearer = "" if order.wearer is None else str(order.wearer)
    named = ((_JID, wearer), (_URI, order.uri), (_TITLE, order.title))
    fields = [_field(var, value) for var, value in named if value]
    return (*fields, _hue_field(order.hue)) if order.hue is not None else tuple(fields)


def _field(var: str, value: str) -> FormField:
    return FormField(var, (value,))


def _hue_field(hue: float | None) -> FormField:
    return FormField(_HUE, () if hue is None else (hue_text(hue),))


def _values(row: Iterable[FormField]) -> dict[str, str]:
    return {one.var: one.value for one in row}
