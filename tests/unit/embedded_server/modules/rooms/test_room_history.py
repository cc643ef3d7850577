"""XEP-0045, sections 7.2.13 to 7.2.15: what somebody who enters is told of before."""

import re
import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, update

from embedded_server.storage.rooms.room_tables import room_messages
from shared_protocol.stanzas.delay import moment_to_text
from tests.helpers.coven import COVEN, Coven, Seen, all_seen
from tests.helpers.module_stage import Client, Stage

pytestmark = pytest.mark.asyncio

DELAY = "{urn:xmpp:delay}delay"
ENTER = (
    f"<presence to='{COVEN}/thirdwitch'>"
    "<x xmlns='http://jabber.org/protocol/muc'>{}</x></presence>"
)


async def aged(stage: Stage, *ages: float) -> None:
    """Let the messages be so many seconds old, oldest first."""

    def write(connection: Connection) -> None:
        numbers = connection.execute(room_messages.select().order_by(room_messages.c.id))
        for row, age in zip(numbers.all(), ages, strict=True):
            moment = time.time() - age
            connection.execute(
                update(room_messages).where(room_messages.c.id == row.id).values(stored_at=moment)
            )

    await stage.writer.write(write)


async def heard(coven: Coven, stage: Stage, wish: str) -> list[str | None]:
    """Enter with a new device, and return what it is told of before."""
    client = await stage.enter("juliet/" + re.sub(r"\W", "", wish or "all")[:20])
    arrived = await coven.enter(client, "thirdwitch", wish)
    assert arrived[-1].subject is not None  # section 7.2.15: always, and last
    bodies = [one.body for one in arrived[:-1] if one.name == "message"]
    await client.leave()
    return bodies


def bodies(count: int) -> list[str]:
    return [str(number) for number in range(count)]


async def test_message_says_when_it_was_sent_and_by_whom(
    coven: Coven, romeo: Client, juliet: Client
) -> None:
    """ "a <delay/> with the room as its from"."""
    await coven.say(romeo, "hark", "h1")

    *_, told, _subject = await coven.enter(juliet, "thirdwitch")

    assert (told.nickname, told.body, told.id) == ("firstwitch", "hark", "h1")
    delay = told.child(DELAY)
    assert delay is not None
    assert delay.get("from") == COVEN


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        ("", ["0", "1", "2", "3"]),
        ("<history maxstanzas='2'/>", ["2", "3"]),
        ("<history maxstanzas='0'/>", []),
        ("<history maxchars='0'/>", []),
        ("<history seconds='150'/>", ["2", "3"]),
        ("<history seconds='0'/>", []),
        ("<history since='{before_250_seconds}'/>", ["1", "2", "3"]),
        ("<history since='1970-01-01T00:00:00Z'/>", ["0", "1", "2", "3"]),
        ("<history since='1970-01-01T00:00:00Z' maxstanzas='1'/>", ["3"]),
        ("<history seconds='150' since='{now}'/>", []),
    ],
    ids=[
        "nothing",
        "two stanzas",
        "no stanza",
        "no character",
        "150 seconds",
        "no second",
        "since 250 seconds ago",
        "since 1970",
        "since 1970, one stanza",
        "150 seconds, since now",
    ],
)
async def test_as_much_is_told_as_was_asked(
    coven: Coven, stage: Stage, romeo: Client, wish: str, expected: list[str]
) -> None:
    """Section 7.2.14: "the smallest amount" of all bounds that are named."""
    for body in bodies(4):
        await coven.say(romeo, body)
    await aged(stage, 300.0, 200.0, 100.0, 50.0)
    now = datetime.now(UTC)
    before = moment_to_text(now - timedelta(seconds=250))
    wish = wish.format(now=moment_to_text(now), before_250_seconds=before)

    assert await heard(coven, stage, wish) == expected


async def test_characters_are_those_of_whole_stanzas(
    coven: Coven, stage: Stage, romeo: Client
) -> None:
    """ "the character count of the complete stanzas": what does not fit is left out whole."""
    for body in bodies(4):
        await coven.say(romeo, body)
    juliet = await stage.enter("juliet/balcony")
    await juliet.say(ENTER.format(""))
    stanzas = [one for one in juliet.take() if "<body>" in one]
    sizes = [len(one) for one in stanzas]
    for most, expected in (
        (sizes[3] - 1, []),
        (sizes[3], ["3"]),
        (sizes[3] + sizes[2] + sizes[1] - 1, ["2", "3"]),
    ):
        await coven.leave(juliet, "thirdwitch")
        await juliet.say(ENTER.format(f"<history maxchars='{most}'/>"))
        told = all_seen(juliet)
        assert [one.body for one in told if one.body is not None] == expected


@pytest.mark.parametrize("wish", ["<history maxstanzas='x'/>", "<history since='yesterday'/>"])
async def test_bound_that_cannot_be_read_is_a_bad_request(
    coven: Coven, juliet: Client, wish: str
) -> None:
    (answer,) = await coven.enter(juliet, "thirdwitch", wish)

    assert answer.error == "modify bad-request"


async def test_room_tells_no_more_than_its_owner_wants(
    coven: Coven, stage: Stage, romeo: Client
) -> None:
    """``muc#maxhistoryfetch``; 0 for nothing."""
    for body in bodies(4):
        await coven.say(romeo, body)

    await coven.configure(romeo, maxhistoryfetch="1")
    assert await heard(coven, stage, "<history maxstanzas='3'/>") == ["3"]
    await coven.configure(romeo, maxhistoryfetch="0")
    assert await heard(coven, stage, "") == []


async def test_what_is_said_meanwhile_comes_behind_the_history(
    coven: Coven, stage: Stage, romeo: Client, juliet: Client
) -> None:
    """No message is told twice, and none is missed."""
    for number in range(30):
        romeo.send(f"<message type='groupchat' to='{COVEN}'><body>{number}</body></message>")
        if number == 15:
            juliet.send(ENTER.format(""))
    for _ in range(5):  # many commits, and a reading between them
        await stage.settle()

    arrived: list[Seen] = [one for one in all_seen(juliet) if one.name == "message"]
    subjects = [one for one in arrived if one.subject is not None]
    spoken = [one.body for one in arrived if one.subject is None]
    assert spoken == bodies(30)
    assert len(subjects) == 1
    late = [one.child(DELAY) is not None for one in arrived]
    assert late == sorted(late, reverse=True)


async def test_who_leaves_while_it_is_read_is_told_nothing_more(
    coven: Coven, stage: Stage, romeo: Client, juliet: Client
) -> None:
    await coven.say(romeo, "hark")
    juliet.send(ENTER.format(""))
    juliet.send(f"<presence type='unavailable' to='{COVEN}/thirdwitch'/>")
    await stage.settle()

    last = all_seen(juliet)[-1]

    assert (last.name, last.type) == ("presence", "unavailable")
