"""XEP-0045, section 17.4, and XEP-0410: requests from one occupant to another."""

from pathlib import Path

import pytest

from shared_protocol.limits import RoomLimits
from tests.helpers.coven import COVEN, Coven, all_seen
from tests.helpers.module_stage import Client, Stage, staged

pytestmark = pytest.mark.asyncio

PING = "<ping xmlns='urn:xmpp:ping'/>"
VERSION = "<query xmlns='jabber:iq:version'/>"
VCARD = "<vCard xmlns='vcard-temp'/>"
FIRST, THIRD = f"{COVEN}/firstwitch", f"{COVEN}/thirdwitch"
NOT_ACCEPTABLE, NOT_FOUND = "modify not-acceptable", "cancel item-not-found"


async def ask(client: Client, payload: str, to: str = FIRST, kind: str = "get") -> None:
    await client.say(f"<iq type='{kind}' id='v1' to='{to}'>{payload}</iq>")


async def test_who_pings_itself_is_told_that_it_is_in_the_room(
    coven: Coven, juliet: Client
) -> None:
    """XEP-0410, section 3.3: the room answers itself, even if another device is slow."""
    await coven.enter(juliet, "thirdwitch")

    await ask(juliet, PING, THIRD)

    (answer,) = all_seen(juliet)
    assert (answer.name, answer.type, answer.nickname) == ("iq", "result", "thirdwitch")


async def test_who_is_not_in_the_room_is_told_so_by_its_own_ping(
    coven: Coven, stage: Stage, juliet: Client
) -> None:
    """XEP-0410, section 3.2: another device of the same account may be in it."""
    await coven.enter(juliet, "thirdwitch")
    other = await stage.enter("juliet/chamber")

    await ask(other, PING, THIRD)

    (answer,) = all_seen(other)
    assert answer.error == NOT_ACCEPTABLE


async def test_ping_to_a_room_that_is_gone_is_not_acceptable(juliet: Client) -> None:
    await ask(juliet, PING, THIRD)

    (answer,) = all_seen(juliet)
    assert answer.error == NOT_ACCEPTABLE


async def test_request_goes_to_the_occupant_and_hides_who_asks(
    coven: Coven, romeo: Client, juliet: Client
) -> None:
    """Neither sees the other's address; the answer comes from the occupant, with the right id."""
    await coven.enter(juliet, "thirdwitch")
    romeo.take()

    await ask(juliet, VERSION)
    (asked,) = all_seen(romeo)
    assert asked.nickname == "thirdwitch"
    assert "juliet" not in "".join(asked.element.attrib.values())
    await romeo.say(
        f"<iq type='result' id='{asked.id}' to='{THIRD}'><query xmlns='jabber:iq:version'>"
        "<name>Exodus</name></query></iq>"
    )

    (answer,) = all_seen(juliet)
    assert (answer.type, answer.id, answer.nickname) == ("result", "v1", "firstwitch")
    assert answer.element.findtext(".//{jabber:iq:version}name") == "Exodus"
    assert "romeo" not in "".join(answer.element.attrib.values())


async def test_error_comes_back_the_same_way(coven: Coven, romeo: Client, juliet: Client) -> None:
    await coven.enter(juliet, "thirdwitch")
    romeo.take()
    await ask(juliet, VERSION)
    (asked,) = all_seen(romeo)

    await romeo.say(
        f"<iq type='error' id='{asked.id}' to='{THIRD}'><error type='cancel'>"
        "<service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
    )

    (answer,) = all_seen(juliet)
    assert (answer.error, answer.id) == ("cancel service-unavailable", "v1")


async def test_only_who_was_asked_answers(
    coven: Coven, romeo: Client, juliet: Client, nurse: Client
) -> None:
    await coven.enter(juliet, "thirdwitch")
    await coven.enter(nurse, "secondwitch")
    romeo.take()
    await ask(juliet, VERSION)
    asked = all_seen(romeo)[-1]
    juliet.take()

    await nurse.say(f"<iq type='result' id='{asked.id}' to='{THIRD}'/>")
    await romeo.say(f"<iq type='result' id='made-up' to='{THIRD}'/>")

    assert all_seen(juliet) == []


async def test_vcard_is_that_of_the_account(coven: Coven, romeo: Client, juliet: Client) -> None:
    """Section 17.4: a vCard is asked of the bare JID, which the server answers."""
    await romeo.say("<iq type='set' id='s'><vCard xmlns='vcard-temp'><FN>Romeo</FN></vCard></iq>")
    await coven.enter(juliet, "thirdwitch")
    romeo.take()

    await ask(juliet, VCARD)

    (answer,) = all_seen(juliet)
    assert answer.element.findtext(".//{vcard-temp}FN") == "Romeo"
    assert answer.nickname == "firstwitch"
    assert all_seen(romeo) == []


async def test_request_to_nobody_and_from_outside_is_refused(
    coven: Coven, juliet: Client, nurse: Client
) -> None:
    await coven.enter(juliet, "thirdwitch")

    await ask(juliet, VERSION, f"{COVEN}/secondwitch")
    await ask(nurse, VERSION)

    assert [one.error for one in all_seen(juliet)] == [NOT_FOUND]
    assert [one.error for one in all_seen(nurse)] == [NOT_ACCEPTABLE]


async def test_device_that_is_asked_is_the_one_that_is_shown(
    coven: Coven, stage: Stage, romeo: Client, juliet: Client
) -> None:
    other = await stage.enter("romeo/garden")
    await coven.enter(other, "firstwitch")
    await coven.enter(juliet, "thirdwitch")
    romeo.take(), other.take()

    await ask(juliet, VERSION)

    assert all_seen(romeo) == []
    assert [one.name for one in all_seen(other)] == ["iq"]


async def test_request_whose_asker_is_gone_meanwhile_is_answered_into_the_void(
    coven: Coven, romeo: Client, juliet: Client
) -> None:
    await coven.enter(juliet, "thirdwitch")
    romeo.take()
    await ask(juliet, VERSION)
    asked = all_seen(romeo)[-1]
    await juliet.leave()

    await romeo.say(f"<iq type='result' id='{asked.id}' to='{THIRD}'/>")

    assert [one.name for one in all_seen(romeo)] == ["presence"]


async def test_requests_that_wait_are_limited(tmp_path: Path) -> None:
    """The oldest is forgotten, and its answer reaches nobody."""
    limits = RoomLimits(events_per_second=0, open_requests=2)
    async with staged(tmp_path, room_limits=limits) as stage:
        romeo, juliet = await stage.enter("romeo/orchard"), await stage.enter("juliet/balcony")
        coven = await Coven(stage).made_by(romeo, "firstwitch")
        await coven.enter(juliet, "thirdwitch")
        romeo.take()
        for number in range(3):
            await juliet.say(f"<iq type='get' id='{number}' to='{FIRST}'>{VERSION}</iq>")
        asked = all_seen(romeo)
        for one in asked:
            await romeo.say(f"<iq type='result' id='{one.id}' to='{THIRD}'/>")

        assert [one.id for one in all_seen(juliet)] == ["1", "2"]
