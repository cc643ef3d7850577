"""XEP-0045, sections 7.6, 7.7, 7.14, 11 and 18.1.2: nicknames, status, and the ways out."""

import pytest

from tests.helpers.coven import COVEN, Coven, account, all_seen
from tests.helpers.module_stage import Client, Stage

pytestmark = pytest.mark.asyncio


async def rename(client: Client, nickname: str) -> None:
    await client.say(f"<presence to='{COVEN}/{nickname}'/>")


async def test_new_nickname_is_told_by_the_old_one(
    coven: Coven, romeo: Client, juliet: Client
) -> None:
    """Section 7.6: 303 with the new one, then its presence; no second 201, no history."""
    await coven.say(romeo, "before")
    await coven.enter(juliet, "thirdwitch")
    romeo.take()

    await rename(juliet, "oldhag")

    for told, is_own in ((all_seen(romeo), False), (all_seen(juliet), True)):
        old, new = told
        assert (old.type, old.nickname) == ("unavailable", "thirdwitch")
        assert old.item is not None
        assert old.item.nickname == "oldhag"
        assert old.rank == "none participant"
        assert old.codes == ({303, 110} if is_own else {303})
        assert (new.type, new.nickname) == ("", "oldhag")
        assert new.codes == ({110} if is_own else set())


async def test_nickname_that_is_taken_is_a_conflict_and_changes_nothing(
    coven: Coven, romeo: Client, juliet: Client
) -> None:
    """Section 7.6."""
    await coven.enter(juliet, "thirdwitch")
    romeo.take()

    await rename(juliet, "FIRSTWITCH")

    assert [one.error for one in all_seen(juliet)] == ["cancel conflict"]
    assert all_seen(romeo) == []
    assert (await coven.say(juliet, "still me"))[0].nickname == "thirdwitch"


async def test_own_nickname_may_be_written_otherwise(
    coven: Coven, romeo: Client, juliet: Client
) -> None:
    await coven.enter(juliet, "thirdwitch")
    juliet.take()

    await rename(juliet, "ThirdWitch")

    assert [one.nickname for one in all_seen(juliet)] == ["thirdwitch", "ThirdWitch"]


async def test_device_that_takes_another_nickname_leaves_the_others_behind(
    coven: Coven, stage: Stage, romeo: Client, juliet: Client
) -> None:
    """The others see a second occupant come; the first one stays."""
    chamber = await stage.enter("juliet/chamber")
    for device in (juliet, chamber):
        await coven.enter(device, "thirdwitch")
    for client in (romeo, juliet, chamber):
        client.take()

    await rename(chamber, "oldhag")

    assert [(one.type, one.nickname) for one in all_seen(romeo)] == [("", "oldhag")]
    assert [(one.type, one.nickname) for one in all_seen(chamber)] == [
        ("unavailable", "thirdwitch"),
        ("", "oldhag"),
    ]
    assert (await coven.say(juliet, "x"))[0].nickname == "thirdwitch"


async def test_device_may_join_the_nickname_of_another_of_its_account(
    coven: Coven, stage: Stage, romeo: Client, juliet: Client
) -> None:
    chamber = await stage.enter("juliet/chamber")
    await coven.enter(juliet, "thirdwitch")
    await coven.enter(chamber, "oldhag")
    romeo.take()

    await rename(chamber, "thirdwitch")

    told = [(one.type, one.nickname) for one in all_seen(romeo)]
    assert told == [("unavailable", "oldhag"), ("", "thirdwitch")]
    assert (await coven.say(chamber, "x"))[0].nickname == "thirdwitch"


async def test_status_is_shown_to_all(coven: Coven, romeo: Client, juliet: Client) -> None:
    """Section 7.7; what only the room may say is cut out (section 17.3)."""
    await coven.enter(juliet, "thirdwitch")
    romeo.take()

    await juliet.say(
        f"<presence to='{COVEN}/thirdwitch'><show>xa</show><status>gone</status>"
        "<x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='owner'/></x>"
        "<hats xmlns='urn:xmpp:hats:0'><hat uri='urn:king' title='King'/></hats>"
        "<x xmlns='vcard-temp:x:update'><photo>abc</photo></x>"
        "<occupant-id xmlns='urn:xmpp:occupant-id:0' id='forged'/></presence>"
    )

    (told,) = all_seen(romeo)
    client = "{jabber:client}"
    assert told.element.findtext(f"{client}show") == "xa"
    assert told.element.findtext(f"{client}status") == "gone"
    assert told.rank == "none participant"
    assert told.child("{vcard-temp:x:update}x") is not None
    assert told.child("{urn:xmpp:hats:0}hats") is None
    ids = told.element.findall("{urn:xmpp:occupant-id:0}occupant-id")
    assert len(ids) == 1
    assert ids[0].get("id") != "forged"


async def test_presence_that_is_too_long_is_refused(coven: Coven, romeo: Client) -> None:
    await romeo.say(f"<presence to='{COVEN}/firstwitch'><status>{'x' * 20_000}</status></presence>")

    assert [one.error for one in all_seen(romeo)] == ["modify not-acceptable"]


async def test_unavailable_presence_from_outside_is_met_with_silence(
    coven: Coven, romeo: Client, juliet: Client
) -> None:
    """Section 17.3."""
    assert await coven.leave(juliet, "firstwitch") == []
    assert all_seen(romeo) == []


async def test_unavailable_presence_to_another_nickname_ends_nothing(
    coven: Coven, romeo: Client, juliet: Client
) -> None:
    """Of a former nickname a server tells as well when a client goes."""
    await coven.enter(juliet, "thirdwitch")
    await rename(juliet, "oldhag")
    romeo.take()

    assert await coven.leave(juliet, "thirdwitch") == []
    assert all_seen(romeo) == []


async def test_client_that_goes_off_line_leaves_once(
    coven: Coven, romeo: Client, juliet: Client
) -> None:
    """Section 7.14: by its server's word, though it was known by two nicknames."""
    await juliet.come()
    await coven.enter(juliet, "thirdwitch")
    await rename(juliet, "oldhag")
    romeo.take()

    await juliet.say("<presence type='unavailable'><status>good night</status></presence>")

    (told,) = all_seen(romeo)
    assert (told.type, told.nickname, told.rank) == ("unavailable", "oldhag", "none none")
    assert told.element.findtext("{jabber:client}status") == "good night"


async def test_lost_client_leaves(coven: Coven, romeo: Client, juliet: Client) -> None:
    await coven.enter(juliet, "thirdwitch")
    romeo.take()

    await juliet.leave()

    (told,) = all_seen(romeo)
    assert (told.type, told.codes) == ("unavailable", set())


@pytest.mark.parametrize(
    ("stanza", "condition", "is_out"),
    [
        ("message", "recipient-unavailable", True),
        ("message", "gone", True),
        ("presence", "remote-server-timeout", True),
        ("iq", "item-not-found", True),
        ("message", "service-unavailable", False),
        ("message", "forbidden", False),
    ],
)
async def test_who_is_not_reached_any_more_is_taken_out(
    coven: Coven, romeo: Client, juliet: Client, stanza: str, condition: str, *, is_out: bool
) -> None:
    """Sections 11.1 and 18.1.2: with 333, by errors that tell so."""
    await coven.enter(juliet, "thirdwitch")
    romeo.take()

    await juliet.say(
        f"<{stanza} type='error' id='e' to='{COVEN}/firstwitch'><error type='wait'>"
        f"<{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></{stanza}>"
    )

    told = [(one.type, one.codes) for one in all_seen(romeo)]
    assert told == ([("unavailable", {333})] if is_out else [])


async def test_error_from_outside_changes_nothing(
    coven: Coven, romeo: Client, juliet: Client
) -> None:
    await juliet.say(
        f"<message type='error' to='{COVEN}'><error type='cancel'>"
        "<gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"
    )

    assert all_seen(romeo) == all_seen(juliet) == []


async def test_service_that_stops_tells_everybody(
    coven: Coven, stage: Stage, romeo: Client, juliet: Client
) -> None:
    """Section 11.2: with 332, once, and nothing of the others."""
    await coven.enter(juliet, "thirdwitch")
    romeo.take()

    stage.stop()

    for client in (romeo, juliet):
        (told,) = all_seen(client)
        assert (told.type, told.codes, told.rank) == ("unavailable", {110, 332}, told.rank)


async def test_account_that_is_deleted_is_in_no_list_any_more(
    stage: Stage, romeo: Client, juliet: Client
) -> None:
    """Whoever gets the name next owns nothing and is banned nowhere."""
    coven = await Coven(stage).made_by(romeo, "firstwitch", membersonly="1")
    await coven.change(romeo, "affiliation='member' jid='juliet@montague.lit'")
    await coven.enter(juliet, "thirdwitch")

    await stage.delete_account("juliet")

    assert await coven.listed(romeo, "affiliation='member'") == []
    assert {321, 110} in [one.codes for one in all_seen(juliet)]


@pytest.mark.parametrize("heir", ["admin", "administrator"])
async def test_room_of_a_deleted_owner_goes_to_who_is_next(
    coven: Coven, stage: Stage, romeo: Client, juliet: Client, heir: str
) -> None:
    """A room always has an owner: its admins, else the administrators of the office."""
    if heir == "admin":
        await coven.change(romeo, "affiliation='admin' jid='juliet@montague.lit'")
    else:
        stage.administrators.append(account("juliet"))
    await coven.enter(juliet, "thirdwitch")

    await stage.delete_account("romeo")

    assert await coven.listed(juliet, "affiliation='owner'") == ["juliet@montague.lit"]


async def test_room_that_nobody_can_own_ends(
    coven: Coven, stage: Stage, romeo: Client, juliet: Client
) -> None:
    await coven.enter(juliet, "thirdwitch")
    juliet.take()

    await stage.delete_account("romeo")

    (told,) = all_seen(juliet)
    assert told.child("*/{http://jabber.org/protocol/muc#user}destroy") is not None
    assert 201 in (await coven.enter(juliet, "thirdwitch"))[0].codes
