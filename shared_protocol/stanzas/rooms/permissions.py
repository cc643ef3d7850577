"""Who may do what in a room, and to whom (XEP-0045 1.35.5, sections 5, 8, 9 and 10).

The tables below are the whole rule: the server acts on them, the communicator offers what they
allow, and a test walks every cell. Where the XEP leaves a choice, ours is in the table.

Example, a moderator takes the voice of an admin, which nobody may; the answer is ``not-allowed``::

    <query xmlns='http://jabber.org/protocol/muc#admin'>
      <item nick='secondwitch' role='visitor'/>
    </query>
"""

from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple

from shared_protocol.errors import StanzaCondition
from shared_protocol.stanzas.rooms.ranks import Affiliation, Role


class Rank(NamedTuple):
    """What somebody is in a room; who is outside has the role ``NONE``."""

    affiliation: Affiliation
    role: Role

    @property
    def is_moderating(self) -> bool:
        """Whether it may moderate: admins and owners may also from outside (section 5.1.3)."""
        return self.role is Role.MODERATOR or self.affiliation.is_in_charge


class RolePrivilege(Enum):
    """What a role allows (section 5.1.1)."""

    BE_PRESENT = "present in room"
    RECEIVE_MESSAGES = "receive messages"
    RECEIVE_PRESENCE = "receive occupant presence"
    BROADCAST_PRESENCE = "broadcast presence to all occupants"
    CHANGE_STATUS = "change availability status"
    CHANGE_NICKNAME = "change room nickname"
    SEND_PRIVATE_MESSAGES = "send private messages"
    INVITE = "invite other users"
    SPEAK = "send messages to all"
    CHANGE_SUBJECT = "modify subject"
    KICK = "kick participants and visitors"
    GRANT_VOICE = "grant voice"
    REVOKE_VOICE = "revoke voice"


class AffiliationPrivilege(Enum):
    """What an affiliation allows (section 5.2.1)."""

    ENTER_OPEN_ROOM = "enter open room"
    REGISTER = "register with open room"
    RETRIEVE_MEMBER_LIST = "retrieve member list"
    ENTER_MEMBERS_ONLY_ROOM = "enter members-only room"
    BAN = "ban members and unaffiliated users"
    EDIT_MEMBER_LIST = "edit member list"
    ASSIGN_MODERATORS = "assign and remove moderator role"
    EDIT_ADMIN_LIST = "edit admin list"
    EDIT_OWNER_LIST = "edit owner list"
    CONFIGURE = "change room configuration"
    DESTROY = "destroy room"


#: Columns: none, visitor, participant, moderator. What the configuration may change is as it is
#: without one: only moderators set the subject.
ROLE_PRIVILEGES: Mapping[RolePrivilege, str] = {
    RolePrivilege.BE_PRESENT: "NYYY",
    RolePrivilege.RECEIVE_MESSAGES: "NYYY",
    RolePrivilege.RECEIVE_PRESENCE: "NYYY",
    RolePrivilege.BROADCAST_PRESENCE: "NYYY",
    RolePrivilege.CHANGE_STATUS: "NYYY",
    RolePrivilege.CHANGE_NICKNAME: "NYYY",
    RolePrivilege.SEND_PRIVATE_MESSAGES: "NYYY",
    RolePrivilege.INVITE: "NYYY",
    RolePrivilege.SPEAK: "NNYY",
    RolePrivilege.CHANGE_SUBJECT: "NNNY",
    RolePrivilege.KICK: "NNNY",
    RolePrivilege.GRANT_VOICE: "NNNY",
    RolePrivilege.REVOKE_VOICE: "NNNY",
}

#: Columns: outcast, none, member, admin, owner. Whoever is affiliated may register a nickname.
AFFILIATION_PRIVILEGES: Mapping[AffiliationPrivilege, str] = {
    AffiliationPrivilege.ENTER_OPEN_ROOM: "NYYYY",
    AffiliationPrivilege.REGISTER: "NYYYY",
    AffiliationPrivilege.RETRIEVE_MEMBER_LIST: "NNYYY",
    AffiliationPrivilege.ENTER_MEMBERS_ONLY_ROOM: "NNYYY",
    AffiliationPrivilege.BAN: "NNNYY",
    AffiliationPrivilege.EDIT_MEMBER_LIST: "NNNYY",
    AffiliationPrivilege.ASSIGN_MODERATORS: "NNNYY",
    AffiliationPrivilege.EDIT_ADMIN_LIST: "NNNNY",
    AffiliationPrivilege.EDIT_OWNER_LIST: "NNNNY",
    AffiliationPrivilege.CONFIGURE: "NNNNY",
    AffiliationPrivilege.DESTROY: "NNNNY",
}

#: Columns: none, member, admin, owner; outcasts do not get in (section 5.1.2).
DEFAULT_ROLES: Mapping[bool, tuple[Role, Role, Role, Role]] = {
    True: (Role.VISITOR, Role.PARTICIPANT, Role.MODERATOR, Role.MODERATOR),
    False: (Role.PARTICIPANT, Role.PARTICIPANT, Role.MODERATOR, Role.MODERATOR),
}

#: From the role of the row to none, visitor, participant, moderator (section 5.1.3). ``m``: by a
#: moderator; ``a``: by an admin or owner; ``k``: by an admin or owner, and for a moderator without
#: that affiliation the target ranks too high.
ROLE_CHANGES: Mapping[Role, str] = {
    Role.VISITOR: "mmma",
    Role.PARTICIPANT: "mmma",
    Role.MODERATOR: "kaaa",
}


class RoleMeasure(Enum):
    """What a change of a role amounts to."""

    KICK = "to none (section 8.2)"
    REVOKE_VOICE = "to visitor (section 8.4)"
    REVOKE_MODERATOR = "from moderator to participant (section 9.7)"
    GRANT = "to a higher role, or the same (sections 8.3 and 9.6)"


#: Rows: the actor's affiliation; columns: the target's: none, member, admin, owner. ``N`` is
#: ``not-allowed``. "At or above the moderator's level" (section 8.4) is read so that somebody
#: without affiliation is at no level: else moderators without one could silence nobody.
ROLE_PROTECTION: Mapping[RoleMeasure, Mapping[Affiliation, str]] = {
    RoleMeasure.KICK: {
        Affiliation.NONE: "YNNN",
        Affiliation.MEMBER: "YYNN",
        Affiliation.ADMIN: "YYYN",
        Affiliation.OWNER: "YYYY",
    },
    RoleMeasure.REVOKE_VOICE: {
        Affiliation.NONE: "YNNN",
        Affiliation.MEMBER: "YNNN",
        Affiliation.ADMIN: "YYNN",
        Affiliation.OWNER: "YYNN",
    },
    RoleMeasure.REVOKE_MODERATOR: {
        Affiliation.NONE: "NNNN",
        Affiliation.MEMBER: "NNNN",
        Affiliation.ADMIN: "YYNN",
        Affiliation.OWNER: "YYNN",
    },
    RoleMeasure.GRANT: {
        Affiliation.NONE: "YYYY",
        Affiliation.MEMBER: "YYYY",
        Affiliation.ADMIN: "YYYY",
        Affiliation.OWNER: "YYYY",
    },
}

#: From the affiliation of the row to outcast, none, member, admin, owner (section 5.2.2). ``a``: by
#: an admin or owner; ``o``: by an owner, others are ``forbidden``; ``b``: by an owner, and for an
#: admin the target ranks too high (section 9.1).
AFFILIATION_CHANGES: Mapping[Affiliation, str] = {
    Affiliation.OUTCAST: "aaaoo",
    Affiliation.NONE: "aaaoo",
    Affiliation.MEMBER: "aaaoo",
    Affiliation.ADMIN: "boooo",
    Affiliation.OWNER: "boooo",
}

#: Who may read the list of those with a rank. Columns: semi-anonymous room, non-anonymous room.
#: ``m``: moderators, admins and owners (section 8.5); ``a``: admins and owners; ``o``: owners;
#: ``r``: admins, owners, members, and occupants with a role that the configuration names; ``s``:
#: the same but for those who must not see real JIDs: mere members, who is below moderator (9.5).
LIST_READERS: Mapping[Affiliation | Role, str] = {
    Affiliation.OUTCAST: "aa",
    Affiliation.MEMBER: "sr",
    Affiliation.ADMIN: "or",
    Affiliation.OWNER: "or",
    Role.VISITOR: "mm",
    Role.PARTICIPANT: "mm",
    Role.MODERATOR: "aa",
}
_ALL_ROLES = frozenset({Role.VISITOR, Role.PARTICIPANT, Role.MODERATOR})
_FORBIDDEN = StanzaCondition.FORBIDDEN
_TOO_HIGH = StanzaCondition.NOT_ALLOWED


def role_allows(role: Role, privilege: RolePrivilege) -> bool:
    """Return what the table of section 5.1.1 says."""
    return ROLE_PRIVILEGES[privilege][role.level] == "Y"


def affiliation_allows(affiliation: Affiliation, privilege: AffiliationPrivilege) -> bool:
    """Return what the table of section 5.2.1 says."""
    return AFFILIATION_PRIVILEGES[privilege][affiliation.level] == "Y"


def default_role(affiliation: Affiliation, *, is_moderated: bool) -> Role:
    """Return the role of somebody who enters; ``NONE`` for an outcast."""
    if affiliation is Affiliation.OUTCAST:
        return Role.NONE
    return DEFAULT_ROLES[is_moderated][affiliation.level - 1]


def role_measure(before: Role, after: Role) -> RoleMeasure:
    """Return what a change of a role amounts to."""
    if after is Role.NONE:
        return RoleMeasure.KICK
    if after.level >= before.level:
        return RoleMeasure.GRANT
    return RoleMeasure.REVOKE_VOICE if after is Role.VISITOR else RoleMeasure.REVOKE_MODERATOR


def role_change_refusal(
    actor: Rank, target: Rank, wanted: Role, *, is_self: bool = False
) -> StanzaCondition | None:
    """Judge the change of an occupant's role.

    Args:
        actor: Who wants it.
        target: Whose role, before the change; somebody in the room.
        wanted: The new role; ``NONE`` is a kick.
        is_self: Whether both are the same occupant.

    Returns:
        The error, or None if it may be done.
    """
    if not actor.is_moderating:
        return _FORBIDDEN
    measure = role_measure(target.role, wanted)
    if is_self and measure is RoleMeasure.KICK:  # section 8.2 leaves the choice
        return StanzaCondition.CONFLICT
    letter = ROLE_CHANGES[target.role][wanted.level]
    if letter != "m" and not actor.affiliation.is_in_charge:
        return _TOO_HIGH if letter == "k" else _FORBIDDEN
    protection = ROLE_PROTECTION[measure][actor.affiliation]
    return None if protection[target.affiliation.level - 1] == "Y" else _TOO_HIGH


def affiliation_change_refusal(
    actor: Affiliation, before: Affiliation, wanted: Affiliation, *, is_self: bool = False
) -> StanzaCondition | None:
    """Judge the change of an affiliation; that the last owner stays is judged by the whole list.

    Args:
        actor: That of who wants it.
        before: The target's.
        wanted: The target's new one.
        is_self: Whether both are the same account.

    Returns:
        The error, or None if it may be done.
    """
    if not actor.is_in_charge:
        return _FORBIDDEN
    if is_self and wanted is Affiliation.OUTCAST:  # section 9.1
        return StanzaCondition.CONFLICT
    letter = AFFILIATION_CHANGES[before][wanted.level]
    if letter == "a" or actor is Affiliation.OWNER:
        return None
    return _TOO_HIGH if letter == "b" else _FORBIDDEN


def may_read_list(
    reader: Rank,
    wanted: Affiliation | Role,
    *,
    is_non_anonymous: bool,
    member_list_roles: frozenset[Role] = _ALL_ROLES,
) -> bool:
    """Judge who asks for the list of those with a rank.

    Args:
        reader: Who asks.
        wanted: The rank; there is no list of those without one.
        is_non_anonymous: Whether everybody in the room sees real JIDs.
        member_list_roles: Those that may read it by the room's configuration.
    """
    letter = LIST_READERS.get(wanted, "--")[is_non_anonymous]
    has_role = reader.role in member_list_roles
    match letter:
        case "a":
            return reader.affiliation.is_in_charge
        case "o":
            return reader.affiliation is Affiliation.OWNER
        case "m":
            return reader.is_moderating
        case "s":
            return reader.affiliation.is_in_charge or (has_role and reader.role is Role.MODERATOR)
        case "r":
            return has_role or affiliation_allows(
                reader.affiliation, AffiliationPrivilege.RETRIEVE_MEMBER_LIST
            )
        case _:
            return False
