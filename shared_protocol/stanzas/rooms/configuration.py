"""The configuration of a room, as its owner sees and fills it in (XEP-0045 1.35.5, 10.1 and 10.2).

Example::

    <x xmlns='jabber:x:data' type='submit'>
      <field var='FORM_TYPE'>
        <value>http://jabber.org/protocol/muc#roomconfig</value>
      </field>
      <field var='muc#roomconfig_roomname'><value>A Dark Cave</value></field>
      <field var='muc#roomconfig_passwordprotectedroom'><value>1</value></field>
      <field var='muc#roomconfig_roomsecret'><value>cauldronburn</value></field>
      <field var='muc#roomconfig_roomadmins'>
        <value>wiccarocks@shakespeare.lit</value>
        <value>hecate@shakespeare.lit</value>
      </field>
    </x>
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum

from shared_protocol.addresses import BareJid
from shared_protocol.namespaces import MUC_CONFIGURATION
from shared_protocol.stanzas.data_forms import (
    DataForm,
    FieldOption,
    FieldType,
    FormField,
    FormKind,
)
from shared_protocol.stanzas.form_answers import FormAnswers, checked_answers, not_acceptable
from shared_protocol.stanzas.rooms.ranks import Role

_VISIBLE_ROLES = frozenset({Role.VISITOR, Role.PARTICIPANT, Role.MODERATOR})
_NO_LIMIT = "none"
_PREFIX = "muc#roomconfig_"
_NAME = f"{_PREFIX}roomname"
_DESCRIPTION = f"{_PREFIX}roomdesc"
_LANGUAGE = f"{_PREFIX}lang"
_PUBSUB = f"{_PREFIX}pubsub"
_PERSISTENT = f"{_PREFIX}persistentroom"
_PUBLIC = f"{_PREFIX}publicroom"
_MEMBERS_ONLY = f"{_PREFIX}membersonly"
_MODERATED = f"{_PREFIX}moderatedroom"
_HAS_PASSWORD = f"{_PREFIX}passwordprotectedroom"
_PASSWORD = f"{_PREFIX}roomsecret"
_WHO_SEES_JIDS = f"{_PREFIX}whois"
_LOGGED = f"{_PREFIX}enablelogging"
_SUBJECT = f"{_PREFIX}changesubject"
_INVITES = f"{_PREFIX}allowinvites"
_PRIVATE = f"{_PREFIX}allowpm"
_OCCUPANTS = f"{_PREFIX}maxusers"
_HISTORY = "muc#maxhistoryfetch"
_BROADCAST = f"{_PREFIX}presencebroadcast"
_MEMBER_LIST = f"{_PREFIX}getmemberlist"
_ADMINS = f"{_PREFIX}roomadmins"
_OWNERS = f"{_PREFIX}roomowners"
_ANYONE, _MODERATORS = "anyone", "moderators"
_OFFERED_NUMBERS = ("10", "20", "50", "100", "300")


class PrivateMessages(Enum):
    """Who may send private messages."""

    ANYONE = "anyone"
    PARTICIPANTS = "participants"
    MODERATORS = "moderators"
    NOBODY = "none"

    @property
    def lowest_role(self) -> Role | None:
        """The role that it takes; None if none is high enough."""
        return _LOWEST_ROLES.get(self)


_LOWEST_ROLES = {
    PrivateMessages.ANYONE: Role.VISITOR,
    PrivateMessages.PARTICIPANTS: Role.PARTICIPANT,
    PrivateMessages.MODERATORS: Role.MODERATOR,
}
_PRIVATE_MESSAGES = {one.value: one for one in PrivateMessages}


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomConfiguration:
    """How a room is; without more, that of an instant room (section 10.1.2).

    Attributes:
        language: Of the conversation, as ``xml:lang``.
        pubsub_node: XMPP URI of a node that belongs to the room.
        is_public: Whether it is found in lists and by search.
        is_non_anonymous: Whether all occupants see real JIDs, not moderators alone.
        is_logged: Whether those who may enter can read what was said before.
        has_open_subject: Whether those with voice may set the subject, not moderators alone.
        has_open_invitations: Whether members may invite into a room for members.
        password: Empty if none is needed.
        most_occupants: 0 for no limit of its own.
        history_messages: How many messages somebody who enters gets at most.
        broadcast_roles: Whose presence the others see.
        member_list_roles: Who may read the list of members.
    """

    name: str = ""
    description: str = ""
    language: str = ""
    pubsub_node: str = ""
    is_persistent: bool = False
    is_public: bool = True
    is_members_only: bool = False
    is_moderated: bool = False
    is_non_anonymous: bool = False
    is_logged: bool = True
    has_open_subject: bool = False
    has_open_invitations: bool = False
    password: str = field(default="", repr=False)
    private_messages: PrivateMessages = PrivateMessages.ANYONE
    most_occupants: int = 0
    history_messages: int = 50
    broadcast_roles: frozenset[Role] = _VISIBLE_ROLES
    member_list_roles: frozenset[Role] = _VISIBLE_ROLES


@dataclass(frozen=True, slots=True)
class ConfigurationAnswers:
    """What an owner filled in.

    Attributes:
        configuration: What was not answered is as it was.
        admins: The full list (section 10.8), not a change of it; None if it was not answered.
        owners: The same.
    """

    configuration: RoomConfiguration
    admins: tuple[BareJid, ...] | None = None
    owners: tuple[BareJid, ...] | None = None


def configuration_form(
    configuration: RoomConfiguration,
    *,
    admins: Iterable[BareJid] = (),
    owners: Iterable[BareJid] = (),
    title: str = "",
) -> DataForm:
    """Make the form with what holds now as its defaults."""
    one = configuration
    return DataForm(
        FormKind.FORM,
        MUC_CONFIGURATION,
        (
            _text(_NAME, "Natural-Language Room Name", one.name),
            _text(_DESCRIPTION, "Short Description of Room", one.description),
            _text(_LANGUAGE, "Natural Language for Room Discussions", one.language),
            _text(_PUBSUB, "XMPP URI of Associated Publish-Subscribe Node", one.pubsub_node),
            _boolean(_PERSISTENT, "Make Room Persistent?", answer=one.is_persistent),
            _boolean(_PUBLIC, "Make Room Publicly Searchable?", answer=one.is_public),
            _boolean(_MEMBERS_ONLY, "Make Room Members-Only?", answer=one.is_members_only),
            _boolean(_MODERATED, "Make Room Moderated?", answer=one.is_moderated),
            _boolean(_HAS_PASSWORD, "Password Required to Enter?", answer=bool(one.password)),
            FormField(_PASSWORD, _given(one.password), FieldType.TEXT_PRIVATE, "Password"),
            _who_sees_jids(is_non_anonymous=one.is_non_anonymous),
            _boolean(_LOGGED, "Keep What Is Said for Those Who May Enter?", answer=one.is_logged),
            _boolean(_SUBJECT, "Allow Occupants to Change Subject?", answer=one.has_open_subject),
            _boolean(_INVITES, "Allow Members to Invite Others?", answer=one.has_open_invitations),
            _private_messages(one.private_messages),
            _most_occupants(one.most_occupants),
            _text(
                _HISTORY,
                "Maximum Number of History Messages Returned by Room",
                str(one.history_messages),
            ),
            _roles(_BROADCAST, "Roles for which Presence is Broadcasted", one.broadcast_roles),
            _roles(_MEMBER_LIST, "Roles that May Retrieve Member List", one.member_list_roles),
            FormField(_ADMINS, tuple(map(str, admins)), FieldType.JID_MULTI, "Room Admins"),
            FormField(_OWNERS, tuple(map(str, owners)), FieldType.JID_MULTI, "Room Owners"),
        ),
        title=title,
    )


def answers_to(submitted: DataForm, current: RoomConfiguration) -> ConfigurationAnswers:
    """Read what an owner filled in.

    Raises:
        StanzaError: ``bad-request`` if it is the answer to another form, ``not-acceptable`` if
            an answer is not one, or a password is wanted and none is given (section 10.1.3).
    """
    answers = checked_answers(submitted, configuration_form(current))
    configuration = RoomConfiguration(
        name=answers.text(_NAME, current.name),
        description=answers.text(_DESCRIPTION, current.description),
        language=answers.text(_LANGUAGE, current.language),
        pubsub_node=answers.text(_PUBSUB, current.pubsub_node),
        is_persistent=answers.boolean(_PERSISTENT, default=current.is_persistent),
        is_public=answers.boolean(_PUBLIC, default=current.is_public),
        is_members_only=answers.boolean(_MEMBERS_ONLY, default=current.is_members_only),
        is_moderated=answers.boolean(_MODERATED, default=current.is_moderated),
        is_non_anonymous=_sees_jids(answers, current),
        is_logged=answers.boolean(_LOGGED, default=current.is_logged),
        has_open_subject=answers.boolean(_SUBJECT, default=current.has_open_subject),
        has_open_invitations=answers.boolean(_INVITES, default=current.has_open_invitations),
        password=_password(answers, current),
        private_messages=_private(answers, current),
        most_occupants=_limit(answers, current),
        history_messages=answers.number(_HISTORY, current.history_messages),
        broadcast_roles=_role_set(answers, _BROADCAST, current.broadcast_roles),
        member_list_roles=_role_set(answers, _MEMBER_LIST, current.member_list_roles),
    )
    return ConfigurationAnswers(
        configuration, _bare_jids(answers, _ADMINS), _bare_jids(answers, _OWNERS)
    )


def submission(configuration: RoomConfiguration) -> DataForm:
    """Fill the form in, without the lists of admins and owners."""
    form = configuration_form(configuration)
    fields = tuple(
        FormField(one.var, one.values) for one in form.fields if one.var not in {_ADMINS, _OWNERS}
    )
    return DataForm(FormKind.SUBMIT, MUC_CONFIGURATION, fields)


def _given(text: str) -> tuple[str, ...]:
    return (text,) if text else ()


def _text(var: str, label: str, answer: str) -> FormField:
    return FormField(var, _given(answer), FieldType.TEXT_SINGLE, label)


def _boolean(var: str, label: str, *, answer: bool) -> FormField:
    return FormField(var, ("1" if answer else "0",), FieldType.BOOLEAN, label)


def _who_sees_jids(*, is_non_anonymous: bool) -> FormField:
    options = (FieldOption(_MODERATORS, "Moderators Only"), FieldOption(_ANYONE, "Anyone"))
    answer = _ANYONE if is_non_anonymous else _MODERATORS
    label = "Who May Discover Real JIDs?"
    return FormField(_WHO_SEES_JIDS, (answer,), FieldType.LIST_SINGLE, label, options=options)


def _private_messages(answer: PrivateMessages) -> FormField:
    labels = ("Anyone", "Anyone with Voice", "Moderators Only", "Nobody")
    options = tuple(
        FieldOption(one.value, label) for one, label in zip(PrivateMessages, labels, strict=True)
    )
    label = "Who Can Send Private Messages?"
    return FormField(_PRIVATE, (answer.value,), FieldType.LIST_SINGLE, label, options=options)


def _most_occupants(answer: int) -> FormField:
    options = (
        *(FieldOption(number, number) for number in _OFFERED_NUMBERS),
        FieldOption(_NO_LIMIT, "None"),
    )
    return FormField(
        _OCCUPANTS,
        (str(answer) if answer else _NO_LIMIT,),
        FieldType.LIST_SINGLE,
        "Maximum Number of Occupants",
        options=options,
        is_open=True,
    )


def _roles(var: str, label: str, answer: frozenset[Role]) -> FormField:
    offered = [role for role in reversed(Role) if role in _VISIBLE_ROLES]
    options = tuple(FieldOption(role.value, role.value.capitalize()) for role in offered)
    values = tuple(role.value for role in offered if role in answer)
    return FormField(var, values, FieldType.LIST_MULTI, label, options=options)


def _sees_jids(answers: FormAnswers, current: RoomConfiguration) -> bool:
    answer = answers.text(_WHO_SEES_JIDS)
    return answer == _ANYONE if answer else current.is_non_anonymous


def _password(answers: FormAnswers, current: RoomConfiguration) -> str:
    if not answers.boolean(_HAS_PASSWORD, default=bool(current.password)):
        return ""
    password = answers.text(_PASSWORD, current.password)
    if not password:
        raise not_acceptable(_PASSWORD, "a room with a password needs one")
    return password


def _private(answers: FormAnswers, current: RoomConfiguration) -> PrivateMessages:
    return _PRIVATE_MESSAGES.get(answers.text(_PRIVATE), current.private_messages)


def _limit(answers: FormAnswers, current: RoomConfiguration) -> int:
    if answers.text(_OCCUPANTS) == _NO_LIMIT:
        return 0
    return answers.number(_OCCUPANTS, current.most_occupants)


def _role_set(answers: FormAnswers, var: str, current: frozenset[Role]) -> frozenset[Role]:
    if var not in answers:
        return current
    values = answers.values(var)
    return frozenset(role for role in _VISIBLE_ROLES if role.value in values)


def _bare_jids(answers: FormAnswers, var: str) -> tuple[BareJid, ...] | None:
    if var not in answers:
        return None
    return tuple(dict.fromkeys(jid.bare for jid in answers.jids(var)))
