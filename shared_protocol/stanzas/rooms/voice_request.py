"""How a visitor asks for voice, and a moderator gives it (XEP-0045 1.35.5, sections 7.13 and 8.6).

Example, the answer of a moderator::

    <x xmlns='jabber:x:data' type='submit'>
      <field var='FORM_TYPE' type='hidden'>
        <value>http://jabber.org/protocol/muc#request</value>
      </field>
      <field var='muc#role'><value>participant</value></field>
      <field var='muc#jid'><value>hag66@shakespeare.lit/pda</value></field>
      <field var='muc#roomnick'><value>thirdwitch</value></field>
      <field var='muc#request_allow'><value>true</value></field>
    </x>
"""

from dataclasses import dataclass

from shared_protocol.addresses import Jid
from shared_protocol.namespaces import MUC_REQUEST
from shared_protocol.stanzas.data_forms import (
    DataForm,
    FieldOption,
    FieldType,
    FormField,
    FormKind,
)
from shared_protocol.stanzas.form_answers import checked_answers
from shared_protocol.stanzas.rooms.ranks import Role

_ROLE = "muc#role"
_JID = "muc#jid"
_NICKNAME = "muc#roomnick"
_ALLOW = "muc#request_allow"
_PARTICIPANT = Role.PARTICIPANT.value


@dataclass(frozen=True, slots=True)
class VoiceAnswer:
    """What somebody submitted.

    Attributes:
        is_approval: Whether it is a moderator's answer; else it is a visitor's request.
        is_allowed: Whether voice is given.
        nickname: To whom.
    """

    is_approval: bool = False
    is_allowed: bool = False
    nickname: str = ""


def request_form() -> DataForm:
    """Make what a visitor sends."""
    return DataForm(FormKind.SUBMIT, MUC_REQUEST, (FormField(_ROLE, (_PARTICIPANT,)),))


def approval_form(requester: Jid, nickname: str) -> DataForm:
    """Make what the room asks its moderators.

    Args:
        requester: Real JID of the visitor.
        nickname: That of the visitor.
    """
    role_options = (FieldOption(_PARTICIPANT, "Participant"),)
    return DataForm(
        FormKind.FORM,
        MUC_REQUEST,
        (
            FormField(
                _ROLE,
                (_PARTICIPANT,),
                FieldType.LIST_SINGLE,
                "Requested role",
                options=role_options,
            ),
            FormField(_JID, (str(requester),), FieldType.JID_SINGLE, "User ID"),
            FormField(_NICKNAME, (nickname,), FieldType.TEXT_SINGLE, "Room Nickname"),
            FormField(_ALLOW, ("0",), FieldType.BOOLEAN, "Grant voice to this person?"),
        ),
        title="Voice request",
        instructions=("To approve this request for voice, check the box and submit the form.",),
    )


def approval(requester: Jid, nickname: str) -> DataForm:
    """Make what a moderator answers who gives voice."""
    values = {_ROLE: _PARTICIPANT, _JID: str(requester), _NICKNAME: nickname, _ALLOW: "1"}
    fields = tuple(FormField(var, (value,)) for var, value in values.items())
    return DataForm(FormKind.SUBMIT, MUC_REQUEST, fields)


_QUESTIONS = DataForm(
    FormKind.FORM,
    MUC_REQUEST,
    (
        FormField(
            _ROLE,
            type=FieldType.LIST_SINGLE,
            options=(FieldOption(_PARTICIPANT),),
            is_required=True,
        ),
        FormField(_NICKNAME, type=FieldType.TEXT_SINGLE),
        FormField(_ALLOW, type=FieldType.BOOLEAN),
    ),
)


def answer_from_form(submitted: DataForm) -> VoiceAnswer:
    """Read what somebody submitted.

    Raises:
        StanzaError: ``bad-request`` if it is no submission, ``not-acceptable`` if it wants another
            role than that of a participant.
    """
    answers = checked_answers(submitted, _QUESTIONS)
    return VoiceAnswer(_ALLOW in answers, answers.boolean(_ALLOW), answers.text(_NICKNAME))
