"""Membership and a nickname that nobody else gets (XEP-0045 1.35.5, sections 7.10 and 9.9).

Example::

    <query xmlns='jabber:iq:register'>
      <x xmlns='jabber:x:data' type='submit'>
        <field var='FORM_TYPE'>
          <value>http://jabber.org/protocol/muc#register</value>
        </field>
        <field var='muc#register_roomnick'><value>thirdwitch</value></field>
      </x>
    </query>
"""

from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement

from shared_protocol.addresses import BareJid
from shared_protocol.errors import MalformedStanzaError
from shared_protocol.namespaces import MUC_REGISTRATION, REGISTRATION
from shared_protocol.stanzas import data_forms
from shared_protocol.stanzas.data_forms import DataForm, FieldType, FormField, FormKind
from shared_protocol.stanzas.form_answers import checked_answers

QUERY = f"{{{REGISTRATION}}}query"
_REGISTERED = f"{{{REGISTRATION}}}registered"
_USERNAME = f"{{{REGISTRATION}}}username"
_REMOVE = f"{{{REGISTRATION}}}remove"
_NICKNAME = "muc#register_roomnick"
_ALLOW = "muc#register_allow"
_JID = "muc#jid"  # the XEP's form does not say who asks

REGISTRATION_FORM = DataForm(
    FormKind.FORM,
    MUC_REGISTRATION,
    (FormField(_NICKNAME, (), FieldType.TEXT_SINGLE, "Desired Nickname", is_required=True),),
    title="Registration with the room",
    instructions=("Choose the nickname that is to be yours in this room.",),
)


@dataclass(frozen=True, slots=True)
class RegistrationAnswer:
    """What somebody submitted.

    Attributes:
        is_removal: Whether the registration is to end; then there is nothing else.
    """

    nickname: str = ""
    is_removal: bool = False


@dataclass(frozen=True, slots=True)
class RegistrationApproval:
    """What an admin answers to a request for membership."""

    requester: BareJid
    nickname: str
    is_allowed: bool


def from_element(query: Element) -> RegistrationAnswer:
    """Read a request.

    Raises:
        MalformedStanzaError: It is none, or has no form.
        StanzaError: ``bad-request`` or ``not-acceptable``, another form, or not filled in.
    """
    if query.tag != QUERY:
        message = f"expected {QUERY}, got {query.tag}"
        raise MalformedStanzaError(message)
    if query.find(_REMOVE) is not None:
        return RegistrationAnswer(is_removal=True)
    form = data_forms.form_of(query)
    if form is None:
        message = "expected a form in a registration"
        raise MalformedStanzaError(message)
    return RegistrationAnswer(checked_answers(form, REGISTRATION_FORM).text(_NICKNAME))


def form_element() -> Element:
    """Write what the room wants to know (example 66)."""
    query = Element(QUERY)
    query.append(data_forms.to_element(REGISTRATION_FORM))
    return query


def registered_element(nickname: str) -> Element:
    """Write that the asking one is registered, and under which nickname (example 65)."""
    query = Element(QUERY)
    SubElement(query, _REGISTERED)
    if nickname:
        SubElement(query, _USERNAME).text = nickname
    return query


def request_element(answer: RegistrationAnswer) -> Element:
    """Write a request."""
    query = Element(QUERY)
    if answer.is_removal:
        SubElement(query, _REMOVE)
        return query
    form = DataForm(FormKind.SUBMIT, MUC_REGISTRATION, (FormField(_NICKNAME, (answer.nickname,)),))
    query.append(data_forms.to_element(form))
    return query


def approval_form(requester: BareJid, nickname: str) -> DataForm:
    """Make what the room asks its admins (section 9.9)."""
    return DataForm(
        FormKind.FORM,
        MUC_REGISTRATION,
        (
            FormField(_JID, (str(requester),), FieldType.JID_SINGLE, "User ID"),
            FormField(_NICKNAME, (nickname,), FieldType.TEXT_SINGLE, "Desired Nickname"),
            FormField(
                _ALLOW,
                ("0",),
                FieldType.BOOLEAN,
                "Allow this person to register with the room?",
            ),
        ),
        title="Registration request",
        instructions=("To approve this request, check the box and submit the form.",),
    )


def approval(requester: BareJid, nickname: str, *, is_allowed: bool) -> DataForm:
    """Make what an admin answers."""
    allowed = "1" if is_allowed else "0"
    values = {_JID: str(requester), _NICKNAME: nickname, _ALLOW: allowed}
    fields = tuple(FormField(var, (value,)) for var, value in values.items())
    return DataForm(FormKind.SUBMIT, MUC_REGISTRATION, fields)


_APPROVAL_QUESTIONS = DataForm(
    FormKind.FORM,
    MUC_REGISTRATION,
    (
        FormField(_JID, type=FieldType.JID_SINGLE, is_required=True),
        FormField(_NICKNAME, type=FieldType.TEXT_SINGLE),
        FormField(_ALLOW, type=FieldType.BOOLEAN, is_required=True),
    ),
)


def approval_from_form(submitted: DataForm) -> RegistrationApproval:
    """Read what an admin answers.

    Raises:
        StanzaError: ``bad-request`` or ``not-acceptable``, it is another form or not filled in.
    """
    answers = checked_answers(submitted, _APPROVAL_QUESTIONS)
    requester = answers.jids(_JID)[0].bare
    return RegistrationApproval(requester, answers.text(_NICKNAME), answers.boolean(_ALLOW))
