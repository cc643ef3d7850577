"""XEP-0045, sections 10.2 and 10.9: what an owner configures, and how a room ends."""

import pytest

from tests.helpers.coven import Coven, all_seen
from tests.helpers.module_stage import Client, Stage

pytestmark = pytest.mark.asyncio

JULIET = "juliet@montague.lit"
NURSE = "nurse@montague.lit"
OWNER = "<query xmlns='http://jabber.org/protocol/muc#owner'>{}</query>"


@pytest.mark.parametrize("affiliation", ["none", "member", "admin"])
async def test_only_owners_see_and_change_the_configuration(
    coven: Coven, romeo: Client, juliet: Client, affiliation: str
) -> None:
    """Section 10.2: forbidden for all others, as is destruction (section 10.9)."""
    await coven.change(romeo, f"affiliation='{affiliation}' jid='{JULIET}'")

    answers = [
        await coven.get(juliet, OWNER.format("")),
        await coven.configure(juliet, roomname="Mine"),
        await coven.set(juliet, OWNER.format("<destroy/>")),
    ]

    assert [one.error for one in answers] == ["auth forbidden"] * 3


async def test_form_shows_what_holds(stage: Stage, romeo: Client) -> None:
    coven = await Coven(stage).made_by(
        romeo, "firstwitch", roomname="A Dark Cave", roomadmins=(JULIET, NURSE), moderatedroom="1"
    )

    form = await coven.get(romeo, OWNER.format(""))

    values = {
        field.get("var"): [value.text for value in field.iter("{jabber:x:data}value")]
        for field in form.element.iter("{jabber:x:data}field")
    }
    assert values["muc#roomconfig_roomname"] == ["A Dark Cave"]
    assert values["muc#roomconfig_moderatedroom"] == ["1"]
    assert values["muc#roomconfig_roomadmins"] == [JULIET, NURSE]
    assert values["muc#roomconfig_roomowners"] == ["romeo@montague.lit"]


@pytest.mark.parametrize(
    ("answers", "codes"),
    [
        ({"roomname": "A Dark Cave"}, {104}),
        ({"enablelogging": "0"}, {171}),
        ({"whois": "anyone"}, {172}),
        ({"enablelogging": "0", "whois": "anyone", "roomdesc": "x"}, {104, 171, 172}),
        ({"roomadmins": NURSE}, {104}),
        ({}, set()),
    ],
)
async def test_occupants_are_told_what_has_changed(
    coven: Coven,
    romeo: Client,
    juliet: Client,
    answers: dict[str, str],
    codes: set[int],
) -> None:
    """Section 10.2.1: 104, and the codes of privacy."""
    await coven.enter(juliet, "thirdwitch")
    juliet.take()

    await coven.configure(romeo, **answers)

    told = [one for one in all_seen(juliet) if one.name == "message"]
    assert [one.codes for one in told] == ([codes] if codes else [])
    assert all(one.type == "groupchat" and one.nickname == "" for one in told)


async def test_change_back_has_codes_of_its_own(
    stage: Stage, romeo: Client, juliet: Client
) -> None:
    """Section 10.2.1: 170 and 173."""
    coven = await Coven(stage).made_by(romeo, "firstwitch", enablelogging="0", whois="anyone")
    await coven.enter(juliet, "thirdwitch")
    juliet.take()

    await coven.configure(romeo, enablelogging="1", whois="moderators")

    assert [one.codes for one in all_seen(juliet)] == [{170, 173}]


async def test_room_that_becomes_one_for_members_loses_all_others(
    coven: Coven, romeo: Client, juliet: Client, nurse: Client
) -> None:
    """Section 10.2: with 322, to them and to those who stay."""
    await coven.change(romeo, f"affiliation='member' jid='{NURSE}'")
    await coven.enter(juliet, "thirdwitch")
    await coven.enter(nurse, "secondwitch")
    for client in (juliet, nurse, romeo):
        client.take()

    await coven.configure(romeo, membersonly="1")

    (own,) = all_seen(juliet)
    told, code = all_seen(nurse)
    assert (own.type, own.codes) == ("unavailable", {110, 322})
    assert (told.nickname, told.codes) == ("thirdwitch", {322})
    assert code.codes == {104}


async def test_lists_of_the_form_are_full_lists(
    coven: Coven, romeo: Client, juliet: Client
) -> None:
    """Sections 10.2, 10.5 and 10.8: who is not in it any more has lost it."""
    await coven.change(romeo, f"affiliation='admin' jid='{JULIET}'")
    await coven.enter(juliet, "thirdwitch")
    romeo.take()

    await coven.configure(romeo, roomadmins=NURSE)

    assert await coven.listed(romeo, "affiliation='admin'") == [NURSE]
    ranks = [one.rank for one in all_seen(romeo) if one.name == "presence"]
    assert ranks == ["none participant"]


async def test_owner_who_is_not_in_the_list_any_more_stays_admin(
    coven: Coven, romeo: Client, juliet: Client
) -> None:
    """Section 10.2, example of a lost owner."""
    await coven.change(romeo, f"affiliation='owner' jid='{JULIET}'")

    answer = await coven.configure(juliet, roomowners=JULIET)

    assert answer.type == "result"
    assert [one.rank for one in all_seen(romeo) if one.item][-1] == "admin moderator"
    assert await coven.listed(juliet, "affiliation='owner'") == [JULIET]


async def test_form_without_an_owner_is_a_conflict(coven: Coven, romeo: Client) -> None:
    """Section 10.2."""
    answer = await coven.configure(romeo, roomowners=(), roomname="Nobody's")

    assert answer.error == "cancel conflict"
    assert await coven.listed(romeo, "affiliation='owner'") == ["romeo@montague.lit"]


async def test_list_of_the_form_names_people(coven: Coven, romeo: Client) -> None:
    answer = await coven.configure(romeo, roomadmins="montague.lit")

    assert answer.error == "modify not-acceptable"


@pytest.mark.parametrize(
    "answers",
    [
        {"roomname": "x" * 201},
        {"roomdesc": "x" * 2_001},
        {"roomsecret": "x" * 201, "passwordprotectedroom": "1"},
        {"whois": "nobody"},
    ],
)
async def test_answer_that_cannot_be_changes_nothing(
    coven: Coven, romeo: Client, answers: dict[str, str]
) -> None:
    """Section 10.1.3."""
    answer = await coven.configure(romeo, publicroom="0", **answers)

    info = await coven.get(romeo, "<query xmlns='http://jabber.org/protocol/disco#info'/>")
    features = {one.get("var") for one in info.element[0]}
    assert answer.error == "modify not-acceptable"
    assert "muc_public" in features


async def test_history_is_not_longer_than_the_service_allows(coven: Coven, romeo: Client) -> None:
    await coven.configure(romeo, maxhistoryfetch="1000000")

    form = await coven.get(romeo, OWNER.format(""))
    field = form.element.find(".//{jabber:x:data}field[@var='muc#maxhistoryfetch']")
    assert field is not None
    assert field[0].text == "50"


async def test_query_without_a_form_is_bad(coven: Coven, romeo: Client) -> None:
    assert (await coven.set(romeo, OWNER.format(""))).error == "modify bad-request"


async def test_destruction_is_told_once_to_each_with_reason_and_new_place(
    coven: Coven, romeo: Client, juliet: Client, nurse: Client
) -> None:
    """Section 10.9: to all, then to the owner; nobody leaves by unavailable presence of his own."""
    await coven.enter(juliet, "thirdwitch")
    await coven.enter(nurse, "secondwitch")
    for client in (romeo, juliet, nurse):
        client.take()

    await romeo.say(
        f"<iq type='set' id='begone' to='{coven.jid}'>"
        + OWNER.format(
            "<destroy jid='heath@conference.montague.lit'><password>x</password>"
            "<reason>Macbeth doth come.</reason></destroy>"
        )
        + "</iq>"
    )

    (told,) = all_seen(juliet)
    own, answer = all_seen(romeo)
    user = "{http://jabber.org/protocol/muc#user}"
    destroy = told.child(f"{user}x/{user}destroy")
    assert (told.type, told.nickname, told.rank) == ("unavailable", "thirdwitch", "none none")
    assert destroy is not None
    assert destroy.get("jid") == "heath@conference.montague.lit"
    assert destroy.findtext(f"{user}reason") == "Macbeth doth come."
    assert destroy.findtext(f"{user}password") == "x"
    assert own.nickname == "firstwitch"
    assert (answer.name, answer.type) == ("iq", "result")
    assert len(all_seen(nurse)) == 1
    assert 201 in (await coven.enter(juliet, "thirdwitch"))[0].codes


async def test_room_that_is_not_to_last_any_more_goes_if_nobody_is_there(
    stage: Stage, romeo: Client, juliet: Client
) -> None:
    coven = await Coven(stage).made_by(romeo, "firstwitch", persistentroom="1")
    await coven.leave(romeo, "firstwitch")

    await coven.configure(romeo, persistentroom="0")

    assert 201 in (await coven.enter(juliet, "thirdwitch"))[0].codes


async def test_what_waits_for_a_room_that_is_destroyed_begins_anew(
    coven: Coven, romeo: Client, juliet: Client
) -> None:
    """A client that enters in the same moment makes a new room."""
    romeo.send(f"<iq type='set' id='d' to='{coven.jid}'>{OWNER.format('<destroy/>')}</iq>")

    arrived = await coven.enter(juliet, "thirdwitch")

    assert [one.codes for one in arrived if one.name == "presence"] == [{110, 170, 201}]
