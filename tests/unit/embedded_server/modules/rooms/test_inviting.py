"""XEP-0045, sections 7.8, 7.10, 7.13, 8.6 and 9.9: invitations, membership, voice."""

import pytest

from tests.helpers.coven import COVEN, Coven, Seen, all_seen
from tests.helpers.module_stage import Client, Stage

pytestmark = pytest.mark.asyncio

USER = "{http://jabber.org/protocol/muc#user}"
FORM = "{jabber:x:data}"


async def invite(client: Client, *names: str, more: str = "") -> None:
    invites = "".join(
        f"<invite to='{name}@montague.lit'><reason>Hey</reason>{more}</invite>" for name in names
    )
    await client.say(
        f"<message id='i1' to='{COVEN}'><x xmlns='http://jabber.org/protocol/muc#user'>"
        f"{invites}</x></message>"
    )


def invitation(told: Seen) -> dict[str, str]:
    found = told.child(f"{USER}x/{USER}invite")
    password = told.child(f"{USER}x/{USER}password")
    assert found is not None
    return {
        "from": found.get("from", ""),
        "reason": found.findtext(f"{USER}reason", ""),
        "password": "" if password is None else password.text or "",
        "room": told.element.get("from", ""),
    }


async def test_invitation_goes_through_the_room(
    stage: Stage, romeo: Client, juliet: Client
) -> None:
    """Section 7.8.2: from the room, with who invites and the password."""
    await Coven(stage).made_by(
        romeo, "firstwitch", passwordprotectedroom="1", roomsecret="cauldronburn"
    )
    await juliet.come()

    await invite(romeo, "juliet")

    (told,) = all_seen(juliet)
    assert invitation(told) == {
        "from": "romeo@montague.lit/orchard",
        "reason": "Hey",
        "password": "cauldronburn",
        "room": COVEN,
    }
    assert told.id == "i1"


async def test_invited_one_who_is_away_finds_it_later(
    coven: Coven, stage: Stage, romeo: Client
) -> None:
    """RFC 6121, section 8.5: it is a message like any other."""
    await invite(romeo, "juliet", "nurse")

    for name in ("juliet", "nurse"):
        client = await stage.enter(f"{name}/late")
        await client.say("<presence/>")
        assert [invitation(one)["room"] for one in all_seen(client) if one.name == "message"] == [
            COVEN
        ]


async def test_several_are_invited_with_the_thread_that_goes_on(
    coven: Coven, stage: Stage, romeo: Client, juliet: Client, nurse: Client
) -> None:
    """Section 7.9."""
    for client in (juliet, nurse):
        await client.come()

    await invite(romeo, "juliet", "nurse", more="<continue thread='e0ff'/>")

    for client in (juliet, nurse):
        (told,) = all_seen(client)
        continued = told.child(f"{USER}x/{USER}invite/{USER}continue")
        assert continued is not None
        assert continued.get("thread") == "e0ff"


async def test_invitation_of_nobody_invites_nobody(
    coven: Coven, romeo: Client, juliet: Client
) -> None:
    """Section 7.8.2: item-not-found."""
    await juliet.come()

    await invite(romeo, "juliet", "tybalt")

    assert [one.error for one in all_seen(romeo)] == ["cancel item-not-found"]
    assert all_seen(juliet) == []


async def test_outsider_invites_nobody(coven: Coven, juliet: Client) -> None:
    await invite(juliet, "nurse")

    assert [one.error for one in all_seen(juliet)] == ["modify not-acceptable"]


@pytest.mark.parametrize(
    ("affiliation", "is_open", "is_allowed"),
    [
        ("member", "0", False),
        ("member", "1", True),
        ("admin", "0", True),
        ("owner", "0", True),
    ],
)
async def test_into_a_room_for_members_invites_who_may(
    stage: Stage, romeo: Client, juliet: Client, affiliation: str, is_open: str, *, is_allowed: bool
) -> None:
    """Sections 7.8.2 and 9.5: who is invited becomes a member."""
    coven = await Coven(stage).made_by(romeo, "firstwitch", membersonly="1", allowinvites=is_open)
    await coven.change(romeo, f"affiliation='{affiliation}' jid='juliet@montague.lit'")
    await coven.enter(juliet, "thirdwitch")
    juliet.take()

    await invite(juliet, "nurse")

    members = await coven.listed(romeo, "affiliation='member'")
    assert ("nurse@montague.lit" in members) is is_allowed
    errors = [one.error for one in all_seen(juliet) if one.error]
    assert errors == ([] if is_allowed else ["auth forbidden"])


async def test_invitation_into_an_open_room_makes_nobody_a_member(
    coven: Coven, romeo: Client
) -> None:
    """Section 9.5."""
    await invite(romeo, "nurse")

    assert await coven.listed(romeo, "affiliation='member'") == []


async def test_refusal_goes_through_the_room(coven: Coven, romeo: Client, juliet: Client) -> None:
    """Section 7.8.2."""
    await romeo.come()

    await juliet.say(
        f"<message id='d1' to='{COVEN}'><x xmlns='http://jabber.org/protocol/muc#user'>"
        "<decline to='romeo@montague.lit'><reason>Too busy</reason></decline></x></message>"
    )

    (told,) = all_seen(romeo)
    decline = told.child(f"{USER}x/{USER}decline")
    assert decline is not None
    assert decline.get("from") == "juliet@montague.lit"
    assert decline.findtext(f"{USER}reason") == "Too busy"
    assert told.element.get("from") == COVEN


async def test_room_carries_no_refusals_to_strangers(
    coven: Coven, juliet: Client, nurse: Client
) -> None:
    """Nobody writes to whom he wants in the room's name."""
    await nurse.come()

    await juliet.say(
        f"<message to='{COVEN}'><x xmlns='http://jabber.org/protocol/muc#user'>"
        "<decline to='nurse@montague.lit'/></x></message>"
    )

    assert [one.error for one in all_seen(juliet)] == ["cancel item-not-found"]
    assert all_seen(nurse) == []


async def test_direct_invitation_is_a_message_like_any_other(
    coven: Coven, romeo: Client, juliet: Client
) -> None:
    """XEP-0249: the room has no part in it."""
    await juliet.come()

    await romeo.say(
        "<message to='juliet@montague.lit'>"
        f"<x xmlns='jabber:x:conference' jid='{COVEN}' reason='Hey'/></message>"
    )

    (told,) = all_seen(juliet)
    found = told.child("{jabber:x:conference}x")
    assert found is not None
    assert found.get("jid") == COVEN


# Registration.

REGISTER = "<query xmlns='jabber:iq:register'>{}</query>"
SUBMITTED = (
    "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'>"
    "<value>http://jabber.org/protocol/muc#register</value></field>{}</x>"
)


def wish(nickname: str) -> str:
    field = f"<field var='muc#register_roomnick'><value>{nickname}</value></field>"
    return REGISTER.format(SUBMITTED.format(field))


async def test_registration_makes_a_member_with_a_nickname_of_his_own(
    coven: Coven, romeo: Client, juliet: Client, nurse: Client
) -> None:
    """Section 7.10: told to all who are in the room."""
    await coven.enter(juliet, "thirdwitch")
    romeo.take()

    form = await coven.get(juliet, REGISTER.format(""))
    answer = await coven.set(juliet, wish("thirdwitch"))
    again = await coven.get(juliet, REGISTER.format(""))

    assert form.element.find(f".//{FORM}field[@var='muc#register_roomnick']") is not None
    assert answer.type == "result"
    assert [one.rank for one in all_seen(romeo)] == ["member participant"]
    assert again.element.findtext(".//{jabber:iq:register}username") == "thirdwitch"
    await coven.leave(juliet, "thirdwitch")
    assert [one.error for one in await coven.enter(nurse, "thirdwitch")] == ["cancel conflict"]


async def test_reserved_nickname_is_found_by_its_owner_alone(
    coven: Coven, juliet: Client, nurse: Client
) -> None:
    """Section 7.12: from outside too; empty for others."""
    await coven.set(juliet, wish("thirdwitch"))
    ask = "<query xmlns='http://jabber.org/protocol/disco#info' node='x-roomuser-item'/>"

    own, other = await coven.get(juliet, ask), await coven.get(nurse, ask)

    identity = own.element[0][0]
    assert (identity.get("category"), identity.get("type")) == ("conference", "text")
    assert identity.get("name") == "thirdwitch"
    assert len(other.element[0]) == 0


async def test_nickname_that_is_reserved_or_in_use_is_a_conflict(
    coven: Coven, juliet: Client, nurse: Client
) -> None:
    """Section 7.10."""
    await coven.set(juliet, wish("thirdwitch"))

    answers = [await coven.set(nurse, wish(name)) for name in ("thirdwitch", "firstwitch")]

    assert [one.error for one in answers] == ["cancel conflict"] * 2


async def test_registration_that_is_not_filled_in_is_refused(coven: Coven, juliet: Client) -> None:
    """Section 7.10."""
    answers = [
        await coven.set(juliet, REGISTER.format("")),
        await coven.set(juliet, wish("")),
    ]

    assert [one.error for one in answers] == ["modify bad-request", "modify not-acceptable"]


async def test_outcast_does_not_register(coven: Coven, romeo: Client, juliet: Client) -> None:
    """Section 7.10: not-allowed."""
    await coven.change(romeo, "affiliation='outcast' jid='juliet@montague.lit'")

    answers = [
        await coven.get(juliet, REGISTER.format("")),
        await coven.set(juliet, wish("thirdwitch")),
    ]

    assert [one.error for one in answers] == ["cancel not-allowed"] * 2


async def test_room_that_is_not_there_has_no_registration(juliet: Client, stage: Stage) -> None:
    """Section 7.10: item-not-found."""
    answer = await Coven(stage).get(juliet, REGISTER.format(""))

    assert answer.error == "cancel item-not-found"


async def test_registration_is_ended_by_who_has_it(
    coven: Coven, romeo: Client, juliet: Client
) -> None:
    """XEP-0077, section 3.2; an owner loses the nickname alone."""
    await coven.set(juliet, wish("thirdwitch"))
    await coven.set(romeo, wish("firstwitch"))

    answers = [
        await coven.set(client, REGISTER.format("<remove/>")) for client in (juliet, romeo, juliet)
    ]

    assert [one.type for one in answers] == ["result", "result", "error"]
    assert await coven.listed(romeo, "affiliation='member'") == []
    assert await coven.listed(romeo, "affiliation='owner'") == ["romeo@montague.lit"]


async def test_membership_of_a_room_for_members_is_asked_of_its_admins(
    stage: Stage, romeo: Client, juliet: Client
) -> None:
    """Section 9.9: by a form, whose answer makes the member."""
    coven = await Coven(stage).made_by(romeo, "firstwitch", membersonly="1")
    await romeo.come()

    answer = await coven.set(juliet, wish("thirdwitch"))
    (asked,) = all_seen(romeo)
    fields = {
        field.get("var"): field.findtext(f"{FORM}value")
        for field in asked.element.iter(f"{FORM}field")
    }
    await approve(romeo, fields["muc#jid"] or "")

    assert answer.type == "result"
    assert fields["muc#jid"] == "juliet@montague.lit"
    assert fields["muc#register_roomnick"] == "thirdwitch"
    assert await coven.listed(romeo, "affiliation='member'") == ["juliet@montague.lit"]


async def approve(client: Client, jid: str) -> None:
    values = {"muc#jid": jid, "muc#register_roomnick": "thirdwitch", "muc#register_allow": "1"}
    fields = "".join(
        f"<field var='{var}'><value>{value}</value></field>" for var, value in values.items()
    )
    await client.say(f"<message to='{COVEN}'>{SUBMITTED.format(fields)}</message>")


async def test_approval_by_who_is_no_admin_is_forbidden(
    coven: Coven, romeo: Client, juliet: Client
) -> None:
    await approve(juliet, "juliet@montague.lit")

    assert [one.error for one in all_seen(juliet)] == ["auth forbidden"]
    assert await coven.listed(romeo, "affiliation='member'") == []


# Voice.


def request(**values: str) -> str:
    fields = "".join(
        f"<field var='muc#{name}'><value>{value}</value></field>" for name, value in values.items()
    )
    return (
        f"<message to='{COVEN}'><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'>"
        f"<value>http://jabber.org/protocol/muc#request</value></field>{fields}</x></message>"
    )


async def test_visitor_asks_for_voice_and_a_moderator_gives_it(
    stage: Stage, romeo: Client, juliet: Client, nurse: Client
) -> None:
    """Sections 7.13 and 8.6."""
    coven = await Coven(stage).made_by(romeo, "firstwitch", moderatedroom="1")
    for client, nickname in ((juliet, "thirdwitch"), (nurse, "secondwitch")):
        await coven.enter(client, nickname)
    for client in (romeo, juliet, nurse):
        client.take()

    await juliet.say(request(role="participant"))
    (asked,) = all_seen(romeo)
    fields = {
        field.get("var"): field.findtext(f"{FORM}value")
        for field in asked.element.iter(f"{FORM}field")
    }
    await romeo.say(request(role="participant", roomnick="thirdwitch", request_allow="true"))

    assert fields["muc#jid"] == "juliet@montague.lit/balcony"
    assert fields["muc#roomnick"] == "thirdwitch"
    assert fields["muc#request_allow"] == "0"
    assert [one.rank for one in all_seen(nurse)] == ["none participant"]
    assert [one.body for one in await coven.say(juliet, "at last")][-1] == "at last"


async def test_voice_is_given_by_moderators_alone(
    stage: Stage, romeo: Client, juliet: Client
) -> None:
    coven = await Coven(stage).made_by(romeo, "firstwitch", moderatedroom="1")
    await coven.enter(juliet, "thirdwitch")
    juliet.take()

    await juliet.say(request(role="participant", roomnick="thirdwitch", request_allow="1"))

    assert [one.error for one in all_seen(juliet)] == ["auth forbidden"]


async def test_request_that_is_put_aside_changes_nothing(
    stage: Stage, romeo: Client, juliet: Client
) -> None:
    coven = await Coven(stage).made_by(romeo, "firstwitch", moderatedroom="1")
    await coven.enter(juliet, "thirdwitch")
    for client in (romeo, juliet):
        client.take()

    await romeo.say(request(role="participant", roomnick="thirdwitch", request_allow="0"))
    await romeo.say(f"<message to='{COVEN}'><x xmlns='jabber:x:data' type='cancel'/></message>")

    assert all_seen(romeo) == all_seen(juliet) == []


async def test_outsider_asks_for_no_voice(coven: Coven, juliet: Client) -> None:
    await juliet.say(request(role="participant"))

    assert [one.error for one in all_seen(juliet)] == ["modify not-acceptable"]


async def test_nobody_asks_to_be_moderator(coven: Coven, romeo: Client) -> None:
    await romeo.say(request(role="moderator"))

    assert [one.error for one in all_seen(romeo)] == ["modify not-acceptable"]


async def test_other_form_is_a_bad_request(coven: Coven, romeo: Client) -> None:
    await romeo.say(
        f"<message to='{COVEN}'><x xmlns='jabber:x:data' type='submit'>"
        "<field var='FORM_TYPE'><value>urn:example:x</value></field></x></message>"
    )

    assert [one.error for one in all_seen(romeo)] == ["modify bad-request"]
