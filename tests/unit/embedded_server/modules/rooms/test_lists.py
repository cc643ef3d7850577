"""XEP-0045, sections 8 to 10 and 17.4: lists are read and changed, by deltas of many items."""

from itertools import product

import pytest

from shared_protocol.limits import RoomLimits
from shared_protocol.stanzas.rooms.permissions import (
    Rank,
    affiliation_change_refusal,
    may_read_list,
    role_change_refusal,
)
from shared_protocol.stanzas.rooms.ranks import Affiliation, Role
from tests.helpers.coven import Coven, all_seen
from tests.helpers.module_stage import Client, Stage, staged

pytestmark = pytest.mark.asyncio

JULIET = "juliet@montague.lit"
NURSE = "nurse@montague.lit"
RANKED = [Affiliation.NONE, Affiliation.MEMBER, Affiliation.ADMIN, Affiliation.OWNER]
ROLES = [Role.VISITOR, Role.PARTICIPANT, Role.MODERATOR]


def is_possible(affiliation: Affiliation, role: Role) -> bool:
    """Admins and owners in the room are moderators."""
    return role is Role.MODERATOR or not affiliation.is_in_charge


async def rank(
    coven: Coven, owner: Client, name: str, affiliation: Affiliation, role: Role
) -> None:
    """Let the owner give somebody who is in the room a rank."""
    if affiliation is not Affiliation.NONE:
        await coven.change(owner, f"affiliation='{affiliation.value}' jid='{name}@montague.lit'")
    await coven.change(owner, f"nick='{name}' role='{role.value}'")


@pytest.mark.parametrize(("actor", "actor_role"), list(product(RANKED, ROLES)))
async def test_roles_are_changed_as_the_table_says(
    coven: Coven, romeo: Client, juliet: Client, nurse: Client, actor: Affiliation, actor_role: Role
) -> None:
    """Sections 5.1.3, 8.2 to 8.5, 9.6 to 9.8: every target and every wanted role."""
    if not is_possible(actor, actor_role):
        return
    await coven.enter(juliet, "juliet")
    await rank(coven, romeo, "juliet", actor, actor_role)
    for target, role, wanted in product(RANKED, ROLES, Role):
        if not is_possible(target, role):
            continue
        await coven.enter(nurse, "nurse")
        await rank(coven, romeo, "nurse", target, role)

        answer = await coven.change(juliet, f"nick='nurse' role='{wanted.value}'")

        refusal = role_change_refusal(Rank(actor, actor_role), Rank(target, role), wanted)
        told = answer.error.rpartition(" ")[2]
        assert told == (refusal.value if refusal else ""), (target, role, wanted)
        await coven.change(romeo, f"affiliation='none' jid='{NURSE}'")
        await coven.leave(nurse, "nurse")


@pytest.mark.parametrize(("actor", "before"), list(product([*RANKED], [*Affiliation])))
async def test_affiliations_are_changed_as_the_table_says(
    coven: Coven, romeo: Client, juliet: Client, actor: Affiliation, before: Affiliation
) -> None:
    """Sections 5.2.2, 9.1 to 9.5, 10.3 to 10.8: every wanted affiliation."""
    await coven.change(romeo, f"affiliation='{actor.value}' jid='{JULIET}'")
    for wanted in Affiliation:
        await coven.change(romeo, f"affiliation='{before.value}' jid='{NURSE}'")

        answer = await coven.change(juliet, f"affiliation='{wanted.value}' jid='{NURSE}'")

        refusal = affiliation_change_refusal(actor, before, wanted)
        told = answer.error.rpartition(" ")[2]
        assert told == (refusal.value if refusal else ""), wanted
        kept = before if refusal else wanted
        if kept is not Affiliation.NONE:
            assert NURSE in await coven.listed(romeo, f"affiliation='{kept.value}'")


@pytest.mark.parametrize("whois", ["moderators", "anyone"])
@pytest.mark.parametrize(("reader", "role"), list(product(RANKED, [Role.NONE, *ROLES])))
async def test_lists_are_read_as_the_table_says(
    stage: Stage, romeo: Client, juliet: Client, reader: Affiliation, role: Role, whois: str
) -> None:
    """Sections 8.5, 9.2, 9.5, 9.8, 10.5 and 10.8."""
    if role is not Role.NONE and not is_possible(reader, role):
        return
    coven = await Coven(stage).made_by(romeo, "firstwitch", whois=whois)
    if role is Role.NONE:
        await coven.change(romeo, f"affiliation='{reader.value}' jid='{JULIET}'")
    else:
        await coven.enter(juliet, "juliet")
        await rank(coven, romeo, "juliet", reader, role)
    for wanted in (*Affiliation, *Role):
        kind = "affiliation" if isinstance(wanted, Affiliation) else "role"

        found = await coven.listed(juliet, f"{kind}='{wanted.value}'")

        is_open = whois == "anyone"
        allowed = may_read_list(Rank(reader, role), wanted, is_non_anonymous=is_open)
        assert (found != ["auth forbidden"]) is allowed, wanted


async def test_many_items_are_all_applied(coven: Coven, romeo: Client) -> None:
    """Section 9.2: a change is a delta, and may hold many."""
    await coven.change(romeo, f"affiliation='member' jid='{JULIET}'")

    answer = await coven.change(
        romeo,
        f"affiliation='none' jid='{JULIET}'",
        f"affiliation='member' jid='{NURSE}'",
        "affiliation='outcast' jid='hecate@montague.lit'",
    )

    assert answer.type == "result"
    assert await coven.listed(romeo, "affiliation='member'") == [NURSE]
    assert await coven.listed(romeo, "affiliation='outcast'") == ["hecate@montague.lit"]


@pytest.mark.parametrize(
    "bad",
    [
        "affiliation='outcast' jid='romeo@montague.lit'",
        "affiliation='member' role='visitor' jid='nurse@montague.lit' nick='x'",
        "role='visitor' nick='nobody'",
        "affiliation='member' nick='thirdwitch'",
        "role='visitor' jid='juliet@montague.lit'",
        "jid='nurse@montague.lit'",
        "affiliation='king' jid='nurse@montague.lit'",
        "affiliation='member' jid='montague.lit'",
        "affiliation='none' jid='romeo@montague.lit'",
    ],
)
async def test_one_item_that_may_not_be_spoils_all(
    coven: Coven, romeo: Client, juliet: Client, bad: str
) -> None:
    """Sections 9.2 and 17.4: none is applied."""
    await coven.enter(juliet, "thirdwitch")

    answer = await coven.change(romeo, f"affiliation='member' jid='{NURSE}'", bad)

    assert answer.type == "error"
    assert await coven.listed(romeo, "affiliation='member'") == []
    assert await coven.listed(romeo, "affiliation='owner'") == ["romeo@montague.lit"]


async def test_kick_is_told_to_the_kicked_the_moderator_and_the_others_in_this_order(
    coven: Coven, romeo: Client, juliet: Client, nurse: Client
) -> None:
    """Section 8.2: 307, with reason and who did it; he may come again."""
    await coven.enter(juliet, "thirdwitch")
    await coven.enter(nurse, "secondwitch")
    for client in (romeo, juliet, nurse):
        client.take()

    await romeo.say(
        f"<iq type='set' id='kick1' to='{coven.jid}'>"
        "<query xmlns='http://jabber.org/protocol/muc#admin'><item nick='thirdwitch' role='none'>"
        "<reason>Avaunt, you cullion!</reason></item></query></iq>"
    )

    (kicked,) = all_seen(juliet)
    answer, told = all_seen(romeo)
    (other,) = all_seen(nurse)
    assert kicked.codes == {110, 307}
    assert kicked.rank == "none none"
    assert kicked.item is not None
    assert (kicked.item.reason, kicked.item.actor) == ("Avaunt, you cullion!", "firstwitch")
    assert (answer.name, answer.type) == ("iq", "result")
    assert told.codes == other.codes == {307}
    assert len(await coven.enter(juliet, "thirdwitch")) == 4


async def test_nobody_kicks_himself(coven: Coven, romeo: Client) -> None:
    """Section 8.2."""
    answer = await coven.change(romeo, "nick='firstwitch' role='none'")

    assert answer.error == "cancel conflict"


async def test_ban_removes_and_frees_the_reserved_nickname(
    coven: Coven, romeo: Client, juliet: Client, nurse: Client
) -> None:
    """Section 9.1: 301; by the bare JID, whatever device is named."""
    await coven.change(romeo, f"affiliation='member' jid='{JULIET}' nick='thirdwitch'")
    await coven.enter(juliet, "thirdwitch")
    romeo.take()

    answer = await coven.change(romeo, f"affiliation='outcast' jid='{JULIET}/elsewhere'")

    (banned,) = all_seen(juliet)[-1:]
    (told,) = all_seen(romeo)
    assert answer.type == "result"
    assert banned.codes == {110, 301}
    assert banned.rank == "outcast none"
    assert told.codes == {301}
    assert len(await coven.enter(nurse, "thirdwitch")) == 3


async def test_ban_of_a_domain_spares_those_with_a_rank_of_their_own(
    coven: Coven, romeo: Client, juliet: Client, nurse: Client
) -> None:
    """Section 9.2: first the account, then its domain."""
    await coven.change(romeo, f"affiliation='member' jid='{NURSE}'")
    await coven.enter(juliet, "thirdwitch")
    await coven.enter(nurse, "secondwitch")
    juliet.take()

    await coven.change(romeo, "affiliation='outcast' jid='montague.lit'")

    (banned,) = all_seen(juliet)
    assert banned.codes == {110, 301}
    assert [one.error for one in await coven.enter(juliet, "thirdwitch")] == ["auth forbidden"]
    assert [one.body for one in await coven.say(nurse, "still here")] == ["still here"]
    assert await coven.listed(romeo, "affiliation='outcast'") == ["montague.lit"]


async def test_ban_that_is_lifted_lets_in_again(
    coven: Coven, romeo: Client, juliet: Client
) -> None:
    await coven.change(romeo, f"affiliation='outcast' jid='{JULIET}'")
    await coven.change(romeo, f"affiliation='none' jid='{JULIET}'")

    assert len(await coven.enter(juliet, "thirdwitch")) == 3
    assert await coven.listed(romeo, "affiliation='outcast'") == []


async def test_nobody_bans_himself(coven: Coven, romeo: Client) -> None:
    """Section 9.1."""
    answer = await coven.change(romeo, "affiliation='outcast' jid='romeo@montague.lit'")

    assert answer.error == "cancel conflict"


@pytest.mark.parametrize("wanted", ["admin", "member", "none"])
async def test_last_owner_stays_owner(coven: Coven, romeo: Client, wanted: str) -> None:
    """Sections 10 to 10.5: a room always has one."""
    alone = await coven.change(romeo, f"affiliation='{wanted}' jid='romeo@montague.lit'")
    await coven.change(romeo, f"affiliation='owner' jid='{JULIET}'")
    with_another = await coven.change(romeo, f"affiliation='{wanted}' jid='romeo@montague.lit'")

    assert alone.error == "cancel conflict"
    assert with_another.type == "result"


async def test_owners_who_are_exchanged_in_one_request_leave_no_gap(
    coven: Coven, romeo: Client
) -> None:
    answer = await coven.change(
        romeo,
        "affiliation='none' jid='romeo@montague.lit'",
        f"affiliation='owner' jid='{JULIET}'",
    )

    assert answer.type == "result"


@pytest.mark.parametrize(
    ("affiliation", "rank_after"),
    [("owner", "owner moderator"), ("admin", "admin moderator"), ("member", "member participant")],
)
async def test_new_affiliation_is_shown_with_the_role_that_goes_with_it(
    stage: Stage, romeo: Client, juliet: Client, affiliation: str, rank_after: str
) -> None:
    """Sections 5.1.3, 9.3, 10.3 and 10.6: to all, in a moderated room too."""
    coven = await Coven(stage).made_by(romeo, "firstwitch", moderatedroom="1")
    await coven.enter(juliet, "thirdwitch")
    romeo.take()

    await coven.change(romeo, f"affiliation='{affiliation}' jid='{JULIET}'")

    (told,) = all_seen(romeo)
    (own,) = all_seen(juliet)[-1:]
    assert told.rank == own.rank == rank_after
    assert 110 in own.codes


async def test_admin_no_more_gets_the_role_of_who_enters(
    coven: Coven, romeo: Client, juliet: Client
) -> None:
    """Sections 5.1.3 and 10.7."""
    await coven.change(romeo, f"affiliation='admin' jid='{JULIET}'")
    await coven.enter(juliet, "thirdwitch")
    romeo.take()

    await coven.change(romeo, f"affiliation='none' jid='{JULIET}'")

    assert [one.rank for one in all_seen(romeo)] == ["none participant"]


async def test_lost_membership_of_a_room_for_members_is_one_presence_and_no_way_back(
    stage: Stage, romeo: Client, juliet: Client
) -> None:
    """Section 9.4: unavailable with 321, and nothing before it."""
    coven = await Coven(stage).made_by(romeo, "firstwitch", membersonly="1")
    await coven.change(romeo, f"affiliation='member' jid='{JULIET}'")
    await coven.enter(juliet, "thirdwitch")
    romeo.take()
    juliet.take()

    await coven.change(romeo, f"affiliation='none' jid='{JULIET}'")

    (own,) = all_seen(juliet)
    (told,) = all_seen(romeo)
    assert (own.type, own.codes) == ("unavailable", {110, 321})
    assert (told.type, told.codes) == ("unavailable", {321})
    assert [one.error for one in await coven.enter(juliet, "x")] == ["auth registration-required"]


async def test_new_member_of_a_room_for_members_is_invited(
    stage: Stage, romeo: Client, juliet: Client
) -> None:
    """Section 9.5: with the password."""
    coven = await Coven(stage).made_by(
        romeo, "firstwitch", membersonly="1", passwordprotectedroom="1", roomsecret="bubble"
    )
    await juliet.say("<presence/>")
    juliet.take()

    await coven.change(romeo, f"affiliation='member' jid='{JULIET}'")

    (invitation,) = all_seen(juliet)
    user = "{http://jabber.org/protocol/muc#user}"
    invite = invitation.child(f"{user}x/{user}invite")
    password = invitation.child(f"{user}x/{user}password")
    assert invite is not None
    assert invite.get("from") == "romeo@montague.lit"
    assert password is not None
    assert password.text == "bubble"


async def test_role_list_has_nicknames_and_real_jids(
    coven: Coven, romeo: Client, juliet: Client
) -> None:
    """Sections 8.5 and 17.4."""
    await coven.enter(juliet, "thirdwitch")

    answer = await coven.get(
        romeo,
        "<query xmlns='http://jabber.org/protocol/muc#admin'><item role='participant'/></query>",
    )

    (item,) = answer.element[0]
    assert item.attrib == {
        "affiliation": "none",
        "role": "participant",
        "jid": "juliet@montague.lit/balcony",
        "nick": "thirdwitch",
    }


async def test_affiliation_list_has_no_roles_and_outcasts_no_nicknames(
    coven: Coven, romeo: Client, juliet: Client
) -> None:
    """Section 17.4."""
    await coven.enter(juliet, "thirdwitch")
    await coven.change(romeo, f"affiliation='member' jid='{JULIET}'")
    await romeo.say(
        f"<iq type='set' id='b' to='{coven.jid}'>"
        "<query xmlns='http://jabber.org/protocol/muc#admin'>"
        f"<item affiliation='outcast' jid='{NURSE}' nick='x'><reason>Treason</reason></item>"
        "</query></iq>"
    )
    romeo.take()
    ask = "<query xmlns='http://jabber.org/protocol/muc#admin'><item affiliation='{}'/></query>"

    (member,) = (await coven.get(romeo, ask.format("member"))).element[0]
    (outcast,) = (await coven.get(romeo, ask.format("outcast"))).element[0]

    assert member.attrib == {"affiliation": "member", "jid": JULIET, "nick": "thirdwitch"}
    assert outcast.attrib == {"affiliation": "outcast", "jid": NURSE}
    assert outcast[0].text == "Treason"


async def test_reserved_nickname_is_given_changed_and_taken_back(
    coven: Coven, romeo: Client, juliet: Client
) -> None:
    """Sections 9.3 and 9.5: kept where the item does not speak of it, gone where it is empty."""
    for item in ("nick='thirdwitch'", "", "nick=''"):
        await coven.change(romeo, f"affiliation='member' jid='{NURSE}' {item}")
        answers = await coven.enter(juliet, "thirdwitch")
        is_free = item == "nick=''"
        assert (answers[0].error == "") is is_free


async def test_two_requests_for_one_nickname_are_a_conflict(coven: Coven, romeo: Client) -> None:
    answer = await coven.change(
        romeo,
        f"affiliation='member' jid='{NURSE}' nick='witch'",
        f"affiliation='member' jid='{JULIET}' nick='WITCH'",
    )

    assert answer.error == "cancel conflict"


async def test_lists_have_an_end(tmp_path: object) -> None:
    """Nobody fills the store with names."""
    async with staged(tmp_path, room_limits=RoomLimits(affiliations=2)) as stage:  # type: ignore[arg-type]
        romeo = await stage.enter("romeo/orchard")
        coven = await Coven(stage).made_by(romeo, "firstwitch")

        first = await coven.change(romeo, f"affiliation='member' jid='{NURSE}'")
        second = await coven.change(romeo, f"affiliation='member' jid='{JULIET}'")

    assert first.type == "result"
    assert second.error == "wait resource-constraint"


async def test_request_for_two_lists_or_none_is_bad(coven: Coven, romeo: Client) -> None:
    query = "<query xmlns='http://jabber.org/protocol/muc#admin'>{}</query>"
    items = "<item affiliation='owner'/><item affiliation='admin'/>"

    for asked in (items, "<item/>", "<item affiliation='owner' role='visitor'/>"):
        assert (await coven.get(romeo, query.format(asked))).error == "modify bad-request"


async def test_moderator_from_outside_is_who_is_in_charge(
    coven: Coven, stage: Stage, romeo: Client, juliet: Client, nurse: Client
) -> None:
    """Section 9: an admin needs not be in the room."""
    await coven.change(romeo, f"affiliation='admin' jid='{NURSE}'")
    await coven.enter(juliet, "thirdwitch")

    answer = await coven.change(nurse, "nick='thirdwitch' role='none'")

    assert answer.type == "result"
    (kicked,) = [one for one in all_seen(juliet) if one.type == "unavailable"]
    assert kicked.item is not None
    assert kicked.item.actor == ""
