"""Data forms (XEP-0004 2.13.2), form types (XEP-0068 1.3.0), open lists (XEP-0122 1.0.2, 3.2.2).

What a submission must keep to is in ``form_answers``.

Example::

    <x xmlns='jabber:x:data' type='form'>
      <title>Bot Configuration</title>
      <field var='FORM_TYPE' type='hidden'><value>jabber:bot</value></field>
      <field var='botname' type='text-single' label='The name of your bot'><required/></field>
      <field var='maxsubs' type='list-single' label='Maximum number of subscribers'>
        <value>20</value>
        <option label='10'><value>10</value></option>
        <option label='20'><value>20</value></option>
      </field>
    </x>
"""

from dataclasses import dataclass
from enum import Enum
from xml.etree.ElementTree import Element, SubElement

from shared_protocol.errors import MalformedStanzaError
from shared_protocol.namespaces import DATA_FORM_VALIDATION, DATA_FORMS

FORM = f"{{{DATA_FORMS}}}x"
FORM_TYPE = "FORM_TYPE"
_TITLE = f"{{{DATA_FORMS}}}title"
_INSTRUCTIONS = f"{{{DATA_FORMS}}}instructions"
_REPORTED = f"{{{DATA_FORMS}}}reported"
_ITEM = f"{{{DATA_FORMS}}}item"
_FIELD = f"{{{DATA_FORMS}}}field"
_DESCRIPTION = f"{{{DATA_FORMS}}}desc"
_REQUIRED = f"{{{DATA_FORMS}}}required"
_VALUE = f"{{{DATA_FORMS}}}value"
_OPTION = f"{{{DATA_FORMS}}}option"
_VALIDATE = f"{{{DATA_FORM_VALIDATION}}}validate"
_OPEN = f"{{{DATA_FORM_VALIDATION}}}open"
_TEXT_DATATYPE = "xs:string"


class FormKind(Enum):
    """Where a form stands in its dialogue (section 3.1)."""

    FORM = "form"
    SUBMIT = "submit"
    CANCEL = "cancel"
    RESULT = "result"


class FieldType(Enum):
    """What a field holds (section 3.3)."""

    BOOLEAN = "boolean"
    FIXED = "fixed"
    HIDDEN = "hidden"
    JID_MULTI = "jid-multi"
    JID_SINGLE = "jid-single"
    LIST_MULTI = "list-multi"
    LIST_SINGLE = "list-single"
    TEXT_MULTI = "text-multi"
    TEXT_PRIVATE = "text-private"
    TEXT_SINGLE = "text-single"

    @property
    def is_multiple(self) -> bool:
        """True if the field may have more than one value (section 3.2)."""
        return self in _MULTIPLE

    @property
    def is_list(self) -> bool:
        """True if the field has options."""
        return self in {FieldType.LIST_SINGLE, FieldType.LIST_MULTI}


_MULTIPLE = {FieldType.LIST_MULTI, FieldType.JID_MULTI, FieldType.TEXT_MULTI, FieldType.HIDDEN}
_KINDS = {one.value: one for one in FormKind}
_TYPES = {one.value: one for one in FieldType}


@dataclass(frozen=True, slots=True)
class FieldOption:
    """One choice of a list, and how people call it."""

    value: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class FormField:
    """One question, or its answer.

    Attributes:
        var: Name in the form; only a field of type ``fixed`` may have none.
        values: In order; those of a form are its defaults.
        type: None if it was not given, as in a submission.
        options: Choices of a list, in order.
        is_open: True if a list takes other values than its options (XEP-0122, section 3.2.2).
    """

    var: str = ""
    values: tuple[str, ...] = ()
    type: FieldType | None = None
    label: str = ""
    description: str = ""
    options: tuple[FieldOption, ...] = ()
    is_required: bool = False
    is_open: bool = False

    @property
    def value(self) -> str:
        """The first value; empty if there is none."""
        return self.values[0] if self.values else ""


@dataclass(frozen=True, slots=True)
class DataForm:
    """A form.

    Attributes:
        form_type: Namespace of the fields' names (``FORM_TYPE``); empty if there is none.
        fields: In order, without ``FORM_TYPE``.
        instructions: Paragraphs, in order.
        reported: The columns of a result with items.
        items: The rows of a result; each holds fields in order.
    """

    kind: FormKind
    form_type: str = ""
    fields: tuple[FormField, ...] = ()
    title: str = ""
    instructions: tuple[str, ...] = ()
    reported: tuple[FormField, ...] = ()
    items: tuple[tuple[FormField, ...], ...] = ()

    def field(self, var: str) -> FormField | None:
        """Return the first field of that name, or None."""
        return next((one for one in self.fields if one.var == var), None)

    def value(self, var: str, default: str = "") -> str:
        """Return the first value of the field of that name, or the default without a value."""
        found = self.field(var)
        return found.value if found is not None and found.values else default

    def values(self, var: str) -> tuple[str, ...]:
        """Return the values of the field of that name; empty if it is not there."""
        found = self.field(var)
        return () if found is None else found.values


def from_element(element: Element) -> DataForm:
    """Read a form.

    Raises:
        MalformedStanzaError: It is none or of an unknown kind, a field lacks its name or has more
            values than its type allows, or an option has not one value.
    """
    kind = _KINDS.get(element.get("type", ""))
    if element.tag != FORM or kind is None:
        message = f"expected a data form, got {element.tag} of type {element.get('type')!r}"
        raise MalformedStanzaError(message)
    fields = _fields(element)
    form_type = next((one for one in fields if _is_form_type(one, kind)), None)
    reported = element.find(_REPORTED)
    return DataForm(
        kind,
        "" if form_type is None else form_type.value,
        tuple(one for one in fields if one is not form_type),
        (element.findtext(_TITLE) or "").strip(),
        tuple((one.text or "").strip() for one in element.iterfind(_INSTRUCTIONS)),
        () if reported is None else _fields(reported),
        tuple(map(_fields, element.iterfind(_ITEM))),
    )


def to_element(form: DataForm) -> Element:
    """Write a form."""
    element = Element(FORM, type=form.kind.value)
    if form.title:
        SubElement(element, _TITLE).text = form.title
    for paragraph in form.instructions:
        SubElement(element, _INSTRUCTIONS).text = paragraph
    if form.form_type:
        _add_field(element, FormField(FORM_TYPE, (form.form_type,), FieldType.HIDDEN))
    for field in form.fields:
        _add_field(element, field)
    if form.reported:
        _add_row(element, _REPORTED, form.reported)
    for item in form.items:
        _add_row(element, _ITEM, item)
    return element


def form_of(parent: Element, form_type: str = "") -> DataForm | None:
    """Return the first form in a payload, if a type is given the first of that; None without one.

    Raises:
        MalformedStanzaError: A form up to there cannot be read.
    """
    forms = (from_element(element) for element in parent.iterfind(FORM))
    return next((one for one in forms if not form_type or one.form_type == form_type), None)


def _is_form_type(field: FormField, kind: FormKind) -> bool:
    """Tell whether a field names the form's type: hidden, or untyped in a submission (0068, 3)."""
    implied = field.type is None and kind is FormKind.SUBMIT
    return field.var == FORM_TYPE and (implied or field.type is FieldType.HIDDEN)


def _fields(parent: Element) -> tuple[FormField, ...]:
    return tuple(map(_field, parent.iterfind(_FIELD)))


def _field(element: Element) -> FormField:
    name, written = element.get("var", ""), element.get("type")
    # section 3.3: a type that is not understood is text-single
    field_type = None if written is None else _TYPES.get(written, FieldType.TEXT_SINGLE)
    values = _values(element)
    if not name and field_type is not FieldType.FIXED:
        message = "expected a field with a name in its var"
        raise MalformedStanzaError(message)
    if field_type is not None and len(values) > 1 and not field_type.is_multiple:
        message = f"expected at most one value in {name[:80]!r}, got {len(values)}"
        raise MalformedStanzaError(message)
    return FormField(
        name,
        values,
        field_type,
        element.get("label", ""),
        (element.findtext(_DESCRIPTION) or "").strip(),
        tuple(map(_option, element.iterfind(_OPTION))),
        element.find(_REQUIRED) is not None,
        element.find(f"{_VALIDATE}/{_OPEN}") is not None,
    )


def _option(element: Element) -> FieldOption:
    values = _values(element)
    if len(values) != 1:
        message = f"expected an option with one value, got {len(values)}"
        raise MalformedStanzaError(message)
    return FieldOption(values[0], element.get("label", ""))


def _values(parent: Element) -> tuple[str, ...]:
    return tuple(one.text or "" for one in parent.iterfind(_VALUE))


def _add_row(parent: Element, tag: str, fields: tuple[FormField, ...]) -> None:
    row = SubElement(parent, tag)
    for field in fields:
        _add_field(row, field)


def _add_field(parent: Element, field: FormField) -> None:
    element = SubElement(parent, _FIELD)
    written_type = None if field.type is None else field.type.value
    for key, value in (("var", field.var), ("type", written_type), ("label", field.label)):
        if value:
            element.set(key, value)
    if field.is_open:
        SubElement(SubElement(element, _VALIDATE, datatype=_TEXT_DATATYPE), _OPEN)
    if field.description:
        SubElement(element, _DESCRIPTION).text = field.description
    if field.is_required:
        SubElement(element, _REQUIRED)
    _add_values(element, field.values)
    for option in field.options:
        choice = SubElement(element, _OPTION)
        if option.label:
            choice.set("label", option.label)
        _add_values(choice, (option.value,))


def _add_values(parent: Element, values: tuple[str, ...]) -> None:
    for value in values:
        SubElement(parent, _VALUE).text = value
