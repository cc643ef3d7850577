"""XEP-0045, sections 7.1, 7.2 and 10.1: how somebody gets into a room, and why not."""

import pytest

from shared_protocol.limits import RoomLimits
from tests.helpers.coven import COVEN, Coven, account, all_seen
from tests.helpers.module_stage import Client, Stage, staged

pytestmark = pytest.mark.asyncio


async def test_events_on_entering_come_in_their_order(
    coven: Coven, romeo: Client, juliet: Client
) -> None:
    """Section 7.1: the others, oneself, history, subject, live messages."""
    await coven.say(romeo, "Thrice the brinded cat hath mew'd.")

    arrived = await coven.enter(juliet, "thirdwitch")
    await coven.say(romeo, "Harpier cries")

    live = all_seen(juliet)
    told = [(one.name, one.nickname, one.body or one.subject) for one in arrived + live]
    assert told == [
        ("presence", "firstwitch", None),
        ("presence", "thirdwitch", None),
        ("message", "firstwitch", "Thrice the brinded cat hath mew'd."),
        ("message", "", ""),
        ("message", "firstwitch", "Harpier cries"),
    ]
    assert 110 in arrived[1].codes


async def test_message_while_the_history_is_read_comes_behind_the_subject(
    coven: Coven, romeo: Client, juliet: Client
) -> None:
    """Section 7.1."""
    await coven.say(romeo, "before")
    juliet.send(
        f"<presence to='{COVEN}/thirdwitch'><x xmlns='http://jabber.org/protocol/muc'/></presence>"
    )
    await coven.say(romeo, "after")

    bodies = [one.body for one in all_seen(juliet) if one.name == "message"]

    assert bodies == ["before", None, "after"]


async def test_second_join_from_the_same_device_tells_all_of_it_again(
    coven: Coven, romeo: Client, juliet: Client
) -> None:
    """Section 7.2.1 and 17.3."""
    await coven.say(romeo, "Double, double")
    first = await coven.enter(juliet, "thirdwitch")
    romeo.take()

    second = await coven.enter(juliet, "thirdwitch")

    assert second == first
    assert [one.nickname for one in all_seen(romeo)] == ["thirdwitch"]


async def test_new_room_is_locked_for_all_but_its_creator(
    stage: Stage, romeo: Client, juliet: Client
) -> None:
    """Sections 7.2.10 and 10.1.1."""
    coven = Coven(stage)

    (own, subject) = await coven.enter(romeo, "firstwitch")
    (refusal,) = await coven.enter(juliet, "thirdwitch")

    assert own.rank == "owner moderator"
    assert own.codes >= {110, 201}
    assert subject.subject == ""
    assert refusal.error == "cancel item-not-found"


async def test_locked_room_is_there_for_nobody_else(
    stage: Stage, romeo: Client, juliet: Client
) -> None:
    """Section 17.2: neither messages nor requests find it."""
    coven = Coven(stage)
    await coven.enter(romeo, "firstwitch")

    (message,) = await coven.say(juliet, "hail")
    info = await coven.get(juliet, "<query xmlns='http://jabber.org/protocol/disco#info'/>")

    assert message.error == info.error == "cancel item-not-found"


async def test_cancel_of_the_first_configuration_destroys_the_room(
    stage: Stage, romeo: Client, juliet: Client
) -> None:
    """Section 10.1.3: with unavailable presence to its creator."""
    coven = Coven(stage)
    await coven.enter(romeo, "firstwitch")

    answer = await coven.set(
        romeo,
        "<query xmlns='http://jabber.org/protocol/muc#owner'>"
        "<x xmlns='jabber:x:data' type='cancel'/></query>",
    )

    (gone,) = all_seen(romeo)
    assert answer.type == "result"
    assert gone.type == "unavailable"
    assert gone.child("*/{http://jabber.org/protocol/muc#user}destroy") is not None
    (own, _subject) = await coven.enter(juliet, "thirdwitch")
    assert 201 in own.codes


async def test_cancel_of_a_later_configuration_changes_nothing(
    coven: Coven, romeo: Client, juliet: Client
) -> None:
    """Section 10.2."""
    answer = await coven.set(
        romeo,
        "<query xmlns='http://jabber.org/protocol/muc#owner'>"
        "<x xmlns='jabber:x:data' type='cancel'/></query>",
    )

    assert answer.type == "result"
    assert len(await coven.enter(juliet, "thirdwitch")) == 3


@pytest.mark.parametrize("is_lost", [False, True], ids=["leaves", "is lost"])
async def test_creator_who_goes_before_configuring_takes_the_room_along(
    stage: Stage, romeo: Client, juliet: Client, *, is_lost: bool
) -> None:
    """Section 10.1.3."""
    coven = Coven(stage)
    await coven.enter(romeo, "firstwitch")

    if is_lost:
        await romeo.leave()
    else:
        (gone,) = await coven.leave(romeo, "firstwitch")
        assert gone.child("*/{http://jabber.org/protocol/muc#user}destroy") is not None

    (own, _subject) = await coven.enter(juliet, "thirdwitch")
    assert own.rank == "owner moderator"
    assert 201 in own.codes


async def test_reserved_room_is_configured_by_a_form(stage: Stage, romeo: Client) -> None:
    """Section 10.1.3."""
    coven = Coven(stage)
    await coven.enter(romeo, "firstwitch")

    form = await coven.get(romeo, "<query xmlns='http://jabber.org/protocol/muc#owner'/>")
    answer = await coven.configure(romeo, roomname="A Dark Cave", maxusers="10")

    assert form.element[0][0].get("type") == "form"
    assert answer.type == "result"
    assert all_seen(romeo)[2:] == []


async def test_first_configuration_that_cannot_be_leaves_the_room_locked(
    stage: Stage, romeo: Client, juliet: Client
) -> None:
    """Section 10.1.3: not-acceptable."""
    coven = Coven(stage)
    await coven.enter(romeo, "firstwitch")

    answer = await coven.configure(romeo, passwordprotectedroom="1", roomsecret="")

    (refusal,) = await coven.enter(juliet, "thirdwitch")
    assert answer.error == "modify not-acceptable"
    assert refusal.error == "cancel item-not-found"


async def test_who_may_not_make_rooms_is_told_so(stage: Stage, juliet: Client) -> None:
    """Section 10.1.1."""
    stage.without_rooms.add(account("juliet"))

    (refusal,) = await Coven(stage).enter(juliet, "thirdwitch")

    assert refusal.error == "cancel not-allowed"


async def test_password_must_be_right(stage: Stage, romeo: Client, juliet: Client) -> None:
    """Section 7.2.5; owners are asked as well."""
    coven = await Coven(stage).made_by(
        romeo, "firstwitch", passwordprotectedroom="1", roomsecret="cauldronburn"
    )

    (none,) = await coven.enter(juliet, "thirdwitch")
    (wrong,) = await coven.enter(juliet, "thirdwitch", "<password>bubble</password>")
    right = await coven.enter(juliet, "thirdwitch", "<password>cauldronburn</password>")

    assert none.error == wrong.error == "auth not-authorized"
    assert right[1].rank == "none participant"


async def test_room_for_members_lets_members_in(
    stage: Stage, romeo: Client, juliet: Client
) -> None:
    """Section 7.2.6."""
    coven = await Coven(stage).made_by(romeo, "firstwitch", membersonly="1")

    (refusal,) = await coven.enter(juliet, "thirdwitch")
    await coven.change(romeo, "affiliation='member' jid='juliet@montague.lit'")
    arrived = await coven.enter(juliet, "thirdwitch")

    assert refusal.error == "auth registration-required"
    assert arrived[-2].rank == "member participant"


async def test_outcast_does_not_get_in(coven: Coven, romeo: Client, juliet: Client) -> None:
    """Section 7.2.7."""
    await coven.change(romeo, "affiliation='outcast' jid='juliet@montague.lit'")

    (refusal,) = await coven.enter(juliet, "thirdwitch")

    assert refusal.error == "auth forbidden"


@pytest.mark.parametrize("nickname", ["firstwitch", "FirstWitch", "firstwitch ", "\uff46irstwitch"])
async def test_nickname_of_another_is_a_conflict(
    coven: Coven, juliet: Client, nickname: str
) -> None:
    """Sections 7.2.8 and 14.6: neither the same nor one that looks the same."""
    (refusal,) = await coven.enter(juliet, nickname)

    assert refusal.error == "cancel conflict"


async def test_reserved_nickname_of_another_is_a_conflict(
    coven: Coven, romeo: Client, juliet: Client
) -> None:
    """Section 7.2.8."""
    await coven.change(romeo, "affiliation='member' jid='nurse@montague.lit' nick='secondwitch'")

    (refusal,) = await coven.enter(juliet, "secondwitch")

    assert refusal.error == "cancel conflict"


async def test_devices_of_one_account_share_a_nickname(
    coven: Coven, stage: Stage, romeo: Client, juliet: Client
) -> None:
    """Section 7.2.8: both hear all, and both may speak."""
    chamber = await stage.enter("juliet/chamber")
    await coven.enter(juliet, "thirdwitch")
    romeo.take()

    arrived = await coven.enter(chamber, "thirdwitch")
    await coven.say(chamber, "from the chamber")

    assert [one.nickname for one in arrived if one.name == "presence"] == [
        "firstwitch",
        "thirdwitch",
    ]
    assert [one.body for one in all_seen(juliet) if one.body] == ["from the chamber"]
    assert [one.name for one in all_seen(romeo)] == ["message"]


async def test_device_that_leaves_does_not_take_the_nickname_along(
    coven: Coven, stage: Stage, romeo: Client, juliet: Client
) -> None:
    """Section 7.2.8: the others hear nothing while another device is there."""
    chamber = await stage.enter("juliet/chamber")
    await coven.enter(juliet, "thirdwitch")
    await coven.enter(chamber, "thirdwitch")
    romeo.take()

    (left,) = await coven.leave(chamber, "thirdwitch")
    await coven.leave(juliet, "thirdwitch")

    types = [one.type for one in all_seen(romeo)]
    assert left.type == "unavailable"
    assert 110 in left.codes
    assert types[-1] == "unavailable"
    assert "unavailable" not in types[:-1]


async def test_join_without_a_nickname_is_malformed(coven: Coven, juliet: Client) -> None:
    """Section 7.2.1."""
    await juliet.say(
        f"<presence to='{COVEN}'><x xmlns='http://jabber.org/protocol/muc'/></presence>"
    )

    (refusal,) = all_seen(juliet)
    assert refusal.error == "modify jid-malformed"


@pytest.mark.parametrize("nickname", [" ", "\u200b", "x" * 65])
async def test_nickname_must_be_visible_and_short(
    coven: Coven, juliet: Client, nickname: str
) -> None:
    """Sections 17.1 and 14.6."""
    (refusal,) = await coven.enter(juliet, nickname)

    assert refusal.error in {"modify not-acceptable", "modify jid-malformed"}


async def test_full_room_still_takes_admins_and_owners(
    stage: Stage, romeo: Client, juliet: Client, nurse: Client
) -> None:
    """Section 7.2.9."""
    coven = await Coven(stage).made_by(
        romeo, "firstwitch", maxusers="1", roomadmins="nurse@montague.lit"
    )

    (refusal,) = await coven.enter(juliet, "thirdwitch")
    arrived = await coven.enter(nurse, "secondwitch")

    assert refusal.error == "wait service-unavailable"
    assert arrived[1].rank == "admin moderator"


async def test_full_room_takes_another_device_of_who_is_in(
    stage: Stage, romeo: Client, juliet: Client
) -> None:
    coven = await Coven(stage).made_by(romeo, "firstwitch", maxusers="2")
    await coven.enter(juliet, "thirdwitch")

    arrived = await coven.enter(await stage.enter("juliet/chamber"), "thirdwitch")

    assert [one.error for one in arrived] == [""] * 3


async def test_client_that_believes_to_be_in_the_room_is_told_that_it_is_not(
    coven: Coven, juliet: Client
) -> None:
    """Section 7.2.17: presence without the wish to enter is none."""
    await juliet.say(f"<presence to='{COVEN}/thirdwitch'><show>away</show></presence>")

    (told,) = all_seen(juliet)
    assert (told.type, told.rank) == ("unavailable", "none none")
    assert told.codes == {110, 307, 333}


@pytest.mark.parametrize("kind", ["probe", "subscribe", "error"])
async def test_presence_with_a_type_is_no_wish_to_enter(
    coven: Coven, romeo: Client, juliet: Client, kind: str
) -> None:
    """Section 17.3."""
    await juliet.say(
        f"<presence type='{kind}' to='{COVEN}/thirdwitch'>"
        "<x xmlns='http://jabber.org/protocol/muc'/></presence>"
    )

    assert all_seen(romeo) == []
    assert not [one for one in all_seen(juliet) if one.type in {"", "unavailable"}]


async def test_everybody_sees_real_jids_in_a_non_anonymous_room(
    stage: Stage, romeo: Client, juliet: Client, nurse: Client
) -> None:
    """Sections 7.2.3 and 14.5: with a warning on entering."""
    coven = await Coven(stage).made_by(romeo, "firstwitch", whois="anyone")
    await coven.enter(nurse, "secondwitch")

    arrived = await coven.enter(juliet, "thirdwitch")

    assert [one.jid for one in arrived[:3]] == [
        "romeo@montague.lit/orchard",
        "nurse@montague.lit/hall",
        "juliet@montague.lit/balcony",
    ]
    assert 100 in arrived[2].codes
    assert "juliet@montague.lit/balcony" in [one.jid for one in all_seen(nurse)]


async def test_moderators_alone_see_real_jids_in_a_semi_anonymous_room(
    coven: Coven, romeo: Client, juliet: Client, nurse: Client
) -> None:
    """Section 7.2.4."""
    await coven.enter(nurse, "secondwitch")
    romeo.take()
    nurse.take()

    arrived = await coven.enter(juliet, "thirdwitch")

    assert [one.jid for one in arrived if one.name == "presence"] == ["", "", ""]
    assert [one.jid for one in all_seen(nurse)] == [""]
    assert [one.jid for one in all_seen(romeo)] == ["juliet@montague.lit/balcony"]


@pytest.mark.parametrize(("answer", "is_told"), [("1", True), ("0", False)])
async def test_who_enters_is_warned_if_what_is_said_is_kept(
    stage: Stage, romeo: Client, juliet: Client, answer: str, *, is_told: bool
) -> None:
    """Sections 7.2.12 and 14.3."""
    coven = await Coven(stage).made_by(romeo, "firstwitch", enablelogging=answer)

    arrived = await coven.enter(juliet, "thirdwitch")

    assert (170 in arrived[1].codes) is is_told


@pytest.mark.parametrize(
    ("is_moderated", "affiliation", "rank"),
    [
        ("1", "none", "none visitor"),
        ("1", "member", "member participant"),
        ("1", "admin", "admin moderator"),
        ("1", "owner", "owner moderator"),
        ("0", "none", "none participant"),
        ("0", "member", "member participant"),
        ("0", "admin", "admin moderator"),
        ("0", "owner", "owner moderator"),
    ],
)
async def test_role_on_entering_is_that_of_the_table(
    stage: Stage, romeo: Client, juliet: Client, is_moderated: str, affiliation: str, rank: str
) -> None:
    """Section 5.1.2."""
    coven = await Coven(stage).made_by(romeo, "firstwitch", moderatedroom=is_moderated)
    await coven.change(romeo, f"affiliation='{affiliation}' jid='juliet@montague.lit'")

    arrived = await coven.enter(juliet, "thirdwitch")

    assert arrived[1].rank == rank


async def test_room_that_nobody_wants_to_keep_goes_with_its_last_occupant(
    coven: Coven, romeo: Client, juliet: Client
) -> None:
    """Section 7.14."""
    await coven.leave(romeo, "firstwitch")

    (own, _subject) = await coven.enter(juliet, "thirdwitch")

    assert 201 in own.codes


async def test_persistent_room_stays_when_all_have_left(
    stage: Stage, romeo: Client, juliet: Client
) -> None:
    coven = await Coven(stage).made_by(romeo, "firstwitch", persistentroom="1")
    await coven.leave(romeo, "firstwitch")

    (own, _subject) = await coven.enter(juliet, "thirdwitch")

    assert own.rank == "none participant"


async def test_rooms_have_limits(tmp_path: object) -> None:
    """Section 14.6: one account makes a number of rooms, and no more."""
    limits = RoomLimits(rooms_of_one_owner=2, events_per_second=0)
    async with staged(tmp_path, room_limits=limits) as stage:  # type: ignore[arg-type]
        romeo = await stage.enter("romeo/orchard")
        for name in ("heath", "cave"):
            await Coven(stage, f"{name}@conference.montague.lit").made_by(romeo, "firstwitch")

        (refusal,) = await Coven(stage).enter(romeo, "firstwitch")

    assert refusal.error == "wait resource-constraint"


async def test_presence_of_a_role_may_be_kept_from_the_others(
    stage: Stage, romeo: Client, juliet: Client, nurse: Client
) -> None:
    """Section 7.2.2, ``muc#roomconfig_presencebroadcast``: visitors are seen by nobody."""
    coven = await Coven(stage).made_by(
        romeo,
        "firstwitch",
        moderatedroom="1",
        presencebroadcast=("moderator", "participant"),
    )
    await coven.enter(juliet, "thirdwitch")
    hidden = all_seen(romeo)

    seen_by_nurse = await coven.enter(nurse, "secondwitch")
    romeo.take()
    await coven.change(romeo, "nick='thirdwitch' role='participant'")
    shown = [one.rank for one in all_seen(romeo) if one.nickname == "thirdwitch"]
    await coven.change(romeo, "nick='thirdwitch' role='visitor'")
    hidden_again = [one.type for one in all_seen(romeo) if one.nickname == "thirdwitch"]

    assert hidden == []
    assert "thirdwitch" not in [one.nickname for one in seen_by_nurse]
    assert shown == ["none participant"]
    assert hidden_again == ["unavailable"]
