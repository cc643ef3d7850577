"""Every operation by every actor on every target, as XEP-0045, sections 5 and 8 to 10, has it."""

from itertools import product

import pytest

from shared_protocol.errors import StanzaCondition
from shared_protocol.stanzas.rooms.permissions import (
    AffiliationPrivilege,
    Rank,
    RoleMeasure,
    RolePrivilege,
    affiliation_allows,
    affiliation_change_refusal,
    default_role,
    may_read_list,
    role_allows,
    role_change_refusal,
    role_measure,
)
from shared_protocol.stanzas.rooms.ranks import Affiliation, Role

OUTCAST, NONE, MEMBER, ADMIN, OWNER = Affiliation
NOBODY, VISITOR, PARTICIPANT, MODERATOR = Role
FORBIDDEN = StanzaCondition.FORBIDDEN
NOT_ALLOWED = StanzaCondition.NOT_ALLOWED
CONFLICT = StanzaCondition.CONFLICT
IN_CHARGE = {ADMIN, OWNER}
ACTORS = [
    Rank(affiliation, role)
    for affiliation, role in product(Affiliation, Role)
    if affiliation is not OUTCAST or role is NOBODY
]
OCCUPANTS = [rank for rank in ACTORS if rank.role is not NOBODY]

# XEP-0045, table 3, as it is printed: none, visitor, participant, moderator.
ROLE_TABLE = """
Present in Room | No | Yes | Yes | Yes
Receive Messages | No | Yes | Yes | Yes
Receive Occupant Presence | No | Yes | Yes | Yes
Broadcast Presence to All Occupants | No | Yes* | Yes | Yes
Change Availability Status | No | Yes* | Yes | Yes
Change Room Nickname | No | Yes* | Yes | Yes
Send Private Messages | No | Yes* | Yes | Yes
Invite Other Users | No | Yes* | Yes* | Yes
Send Messages to All | No | No** | Yes | Yes
Modify Subject | No | No* | Yes* | Yes
Kick Participants and Visitors | No | No | No | Yes
Grant Voice | No | No | No | Yes
Revoke Voice | No | No | No | Yes***
"""
# XEP-0045, table 6, as it is printed: outcast, none, member, admin, owner.
AFFILIATION_TABLE = """
Enter Open Room | No | Yes* | Yes | Yes | Yes
Register with Open Room | No | Yes | N/A | N/A | N/A
Retrieve Member List | No | No | Yes | Yes | Yes
Enter Members-Only Room | No | No | Yes* | Yes | Yes
Ban Members and Unaffiliated Users | No | No | No | Yes | Yes
Edit Member List | No | No | No | Yes | Yes
Assign and Remove Moderator Role | No | No | No | Yes** | Yes**
Edit Admin List | No | No | No | No | Yes
Edit Owner List | No | No | No | No | Yes
Change Room Configuration | No | No | No | No | Yes
Destroy Room | No | No | No | No | Yes
"""


def rows(table: str) -> list[tuple[str, list[str]]]:
    lines = [line.split(" | ") for line in table.strip().splitlines()]
    return [(name.lower(), [cell.rstrip("*") for cell in cells]) for name, *cells in lines]


@pytest.mark.parametrize(("name", "cells"), rows(ROLE_TABLE))
def test_role_allows_what_the_table_says(name: str, cells: list[str]) -> None:
    privilege = RolePrivilege(name)
    expected = [cell == "Yes" for cell in cells]
    if privilege is RolePrivilege.CHANGE_SUBJECT:
        expected[PARTICIPANT.level] = False  # section 8.1: by default, moderators only

    assert [role_allows(role, privilege) for role in Role] == expected


@pytest.mark.parametrize(("name", "cells"), rows(AFFILIATION_TABLE))
def test_affiliation_allows_what_the_table_says(name: str, cells: list[str]) -> None:
    expected = [cell in {"Yes", "N/A"} for cell in cells]

    assert [affiliation_allows(one, AffiliationPrivilege(name)) for one in Affiliation] == expected


@pytest.mark.parametrize(
    ("is_moderated", "expected"),
    [
        (True, [NOBODY, VISITOR, PARTICIPANT, MODERATOR, MODERATOR]),
        (False, [NOBODY, PARTICIPANT, PARTICIPANT, MODERATOR, MODERATOR]),
    ],
)
def test_default_role_is_that_of_the_table(expected: list[Role], *, is_moderated: bool) -> None:
    """Section 5.1.2."""
    assert [default_role(one, is_moderated=is_moderated) for one in Affiliation] == expected


def expected_role_answer(actor: Rank, target: Rank, wanted: Role) -> StanzaCondition | None:
    """Tell the rule in other words than the tables do."""
    admins = actor.affiliation in IN_CHARGE
    touches_moderators = MODERATOR in {target.role, wanted}
    is_kick = wanted is NOBODY
    if actor.role is not MODERATOR and not admins:  # section 8
        return FORBIDDEN
    if touches_moderators and not admins:  # section 9; a moderator is kicked by admins (5.1.3)
        return NOT_ALLOWED if is_kick and target.role is MODERATOR else FORBIDDEN
    is_higher = target.affiliation.level > actor.affiliation.level
    is_at_level = target.affiliation.level >= actor.affiliation.level
    is_lowered = wanted.level < target.role.level
    keeps_voice = target.affiliation is not NONE and is_at_level
    too_high = (
        (is_kick and is_higher)  # section 8.2
        or (is_lowered and not is_kick and target.affiliation in IN_CHARGE)  # 8.4, 9.7
        or (is_lowered and wanted is VISITOR and keeps_voice)  # section 8.4
    )
    return NOT_ALLOWED if too_high else None


@pytest.mark.parametrize("wanted", Role)
@pytest.mark.parametrize("target", OCCUPANTS, ids=lambda rank: "-".join(x.value for x in rank))
@pytest.mark.parametrize("actor", ACTORS, ids=lambda rank: "-".join(x.value for x in rank))
def test_role_is_changed_by_whom_the_text_lets(actor: Rank, target: Rank, wanted: Role) -> None:
    answer = role_change_refusal(actor, target, wanted)

    assert answer is expected_role_answer(actor, target, wanted)


@pytest.mark.parametrize("actor", ACTORS)
def test_nobody_kicks_himself(actor: Rank) -> None:
    """Section 8.2: the service may deny it; who may not kick at all hears that first."""
    target = actor._replace(role=PARTICIPANT)
    is_moderator = actor.role is MODERATOR or actor.affiliation in IN_CHARGE
    expected = CONFLICT if is_moderator else FORBIDDEN

    assert role_change_refusal(actor, target, NOBODY, is_self=True) is expected


def expected_affiliation_answer(
    actor: Affiliation, before: Affiliation, wanted: Affiliation
) -> StanzaCondition | None:
    if actor not in IN_CHARGE:  # section 9
        return FORBIDDEN
    if actor is OWNER:
        return None
    if before in IN_CHARGE and wanted is OUTCAST:  # section 9.1
        return NOT_ALLOWED
    if before in IN_CHARGE or wanted in IN_CHARGE:  # sections 10.3 to 10.8
        return FORBIDDEN
    return None


@pytest.mark.parametrize("wanted", Affiliation)
@pytest.mark.parametrize("before", Affiliation)
@pytest.mark.parametrize("actor", Affiliation)
def test_affiliation_is_changed_by_whom_the_text_lets(
    actor: Affiliation, before: Affiliation, wanted: Affiliation
) -> None:
    answer = affiliation_change_refusal(actor, before, wanted)

    assert answer is expected_affiliation_answer(actor, before, wanted)


@pytest.mark.parametrize("actor", [ADMIN, OWNER])
def test_nobody_bans_himself(actor: Affiliation) -> None:
    """Section 9.1: the service must deny it."""
    assert affiliation_change_refusal(actor, actor, OUTCAST, is_self=True) is CONFLICT


def expected_to_read(reader: Rank, wanted: Affiliation | Role, *, is_open: bool) -> bool:
    is_admin, is_owner = reader.affiliation in IN_CHARGE, reader.affiliation is OWNER
    is_inside = reader.affiliation is not OUTCAST and (
        reader.role is not NOBODY or reader.affiliation.level >= MEMBER.level
    )
    readers = {
        OUTCAST: is_admin,  # section 9.2
        NONE: False,
        MEMBER: is_inside if is_open else is_admin or reader.role is MODERATOR,  # section 9.5
        ADMIN: is_inside if is_open else is_owner,  # section 10.8
        OWNER: is_inside if is_open else is_owner,  # section 10.5
        NOBODY: False,
        VISITOR: is_admin or reader.role is MODERATOR,
        PARTICIPANT: is_admin or reader.role is MODERATOR,  # section 8.5
        MODERATOR: is_admin,  # section 9.8
    }
    return readers[wanted]


@pytest.mark.parametrize("is_open", [False, True], ids=["semi-anonymous", "non-anonymous"])
@pytest.mark.parametrize("wanted", [*Affiliation, *Role], ids=str)
@pytest.mark.parametrize("reader", ACTORS, ids=lambda rank: "-".join(x.value for x in rank))
def test_list_is_read_by_whom_the_text_lets(
    reader: Rank, wanted: Affiliation | Role, *, is_open: bool
) -> None:
    answer = may_read_list(reader, wanted, is_non_anonymous=is_open)

    assert answer is expected_to_read(reader, wanted, is_open=is_open)


def test_configuration_says_who_of_the_occupants_reads_the_member_list() -> None:
    """Section 10.1.3: ``muc#roomconfig_getmemberlist``."""
    visitor = Rank(NONE, VISITOR)
    roles = frozenset({MODERATOR, PARTICIPANT})

    assert not may_read_list(visitor, MEMBER, is_non_anonymous=True, member_list_roles=roles)
    assert may_read_list(
        Rank(NONE, PARTICIPANT), MEMBER, is_non_anonymous=True, member_list_roles=roles
    )


def test_measure_tells_what_a_change_of_a_role_amounts_to() -> None:
    assert role_measure(PARTICIPANT, NOBODY) is RoleMeasure.KICK
    assert role_measure(MODERATOR, VISITOR) is RoleMeasure.REVOKE_VOICE
    assert role_measure(MODERATOR, PARTICIPANT) is RoleMeasure.REVOKE_MODERATOR
    assert role_measure(VISITOR, PARTICIPANT) is RoleMeasure.GRANT
