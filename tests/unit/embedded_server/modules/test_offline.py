"""Messages that wait (XEP-0160; security.md, section 8)."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from embedded_server.storage.tables import messages
from shared_protocol.limits import SpoolLimits
from tests.helpers.module_stage import staged

pytestmark = pytest.mark.asyncio
CHAT = "<message type='chat' to='juliet@montague.lit' id='{}'><body>b</body></message>"


def ids(stanzas: list[str]) -> list[str]:
    return [one.partition(" id='")[2].partition("'")[0] for one in stanzas if "<message" in one]


async def test_waiting_messages_are_delivered_once_in_order_with_their_time(stage: Any) -> None:
    """XEP-0160, section 3: with a delay element from the server."""
    romeo = await stage.enter("romeo/orchard")
    for number in range(5):
        await romeo.say(CHAT.format(number))
    juliet = await stage.enter("juliet/balcony")

    await juliet.say("<presence/>")

    arrived = juliet.take()
    assert ids(arrived) == list("01234")
    assert all(
        "<delay xmlns='urn:xmpp:delay' from='montague.lit' stamp='" in one
        and "<stanza-id xmlns='urn:xmpp:sid:0' by='juliet@montague.lit' id='" in one
        for one in arrived[1:]
    )
    assert stage.messages.count("juliet") == 0
    await juliet.leave()
    again = await stage.enter("juliet/chamber")
    await again.say("<presence/>")
    assert ids(again.take()) == []


@pytest.mark.parametrize(
    "payload",
    [
        "<body>b</body><no-store xmlns='urn:xmpp:hints'/>",
        "<composing xmlns='http://jabber.org/protocol/chatstates'/>",
        "<thread>t</thread><active xmlns='http://jabber.org/protocol/chatstates'/>",
        "",
    ],
)
async def test_what_is_not_worth_keeping_is_dropped_in_silence(stage: Any, payload: str) -> None:
    """XEP-0160, section 3; XEP-0334, section 4.2."""
    romeo = await stage.enter("romeo/orchard")

    await romeo.say(f"<message type='chat' to='juliet@montague.lit'>{payload}</message>")

    assert stage.messages.count("juliet") == 0
    assert romeo.take() == []


async def test_full_store_refuses_and_never_drops(tmp_path: Path) -> None:
    """XEP-0160, section 3: service-unavailable; security.md, section 6."""
    async with staged(tmp_path, spool_limits=SpoolLimits(messages=2)) as stage:
        romeo = await stage.enter("romeo/orchard")

        for number in range(3):
            await romeo.say(CHAT.format(number))

        (refused,) = romeo.take()
        assert "id='2'><error type='cancel'><service-unavailable " in refused
        juliet = await stage.enter("juliet/balcony")
        await juliet.say("<presence/>")
        assert ids(juliet.take()) == ["0", "1"]


async def test_message_between_the_reading_and_the_delivery_does_not_overtake(stage: Any) -> None:
    """RFC 6120, section 10.1."""
    romeo = await stage.enter("romeo/orchard")
    await romeo.say(CHAT.format("1"))
    juliet = await stage.enter("juliet/balcony")

    juliet.send("<presence/>")
    for number in "23":
        romeo.send(CHAT.format(number))
    await stage.settle()

    assert ids(juliet.take()) == ["1", "2", "3"]


async def test_acknowledged_message_is_gone_and_others_come_again(stage: Any) -> None:
    """security.md, section 8.5: deleted after the receiver's acknowledgement, not when written."""
    romeo, juliet = await stage.enter("romeo/orchard"), await stage.enter("juliet/balcony")
    romeo.session.enable_acknowledgement()
    await juliet.come()
    juliet.session.enable_acknowledgement()
    for number in "12":
        await romeo.say(CHAT.format(number))
    assert ids(juliet.take()) == ["1", "2"]
    assert stage.messages.count("juliet") == 2

    juliet.session.acknowledge(1)
    await stage.settle()
    assert stage.messages.count("juliet") == 1
    await juliet.leave()
    chamber = await stage.enter("juliet/chamber")
    await chamber.say("<presence/>")

    assert ids(chamber.take()) == ["2"]


async def test_unacknowledged_message_goes_to_another_resource_at_once(stage: Any) -> None:
    """XEP-0198, section 5; protocol.md 5.6."""
    romeo = await stage.enter("romeo/orchard")
    romeo.session.enable_acknowledgement()
    balcony = await (await stage.enter("juliet/balcony")).come("<priority>5</priority>")
    balcony.session.enable_acknowledgement()
    chamber = await (await stage.enter("juliet/chamber")).come()
    await romeo.say(CHAT.format("1"))
    assert ids(chamber.take()) == []

    await balcony.leave()

    assert ids(chamber.take()) == ["1"]
    assert stage.messages.count("juliet") == 0


async def test_one_acknowledgement_of_many_receivers_is_enough(stage: Any) -> None:
    """security.md, section 8: shown once on each, and not again to the account."""
    romeo = await stage.enter("romeo/orchard")
    romeo.session.enable_acknowledgement()
    both = [await (await stage.enter(f"juliet/{name}")).come() for name in ("a", "b")]
    for client in both:
        client.session.enable_acknowledgement()
    await romeo.say(CHAT.format("1"))

    both[0].session.acknowledge(1)
    await stage.settle()
    await both[1].leave()

    assert stage.messages.count("juliet") == 0
    assert [ids(client.take()) for client in both] == [["1"], ["1"]]


async def test_slow_client_gets_the_rest_when_it_is_relieved(stage: Any) -> None:
    """security.md, section 6: beyond the soft buffer, stanzas wait in the store, in order."""
    romeo, juliet = await stage.enter("romeo/orchard"), await stage.enter("juliet/balcony")
    romeo.session.enable_acknowledgement()
    await juliet.come()
    await romeo.say(CHAT.format("1"))
    juliet.stream.is_congested = True
    for number in "23":
        await romeo.say(CHAT.format(number))
    assert ids(juliet.take()) == ["1"]

    juliet.stream.relieve()
    await romeo.say(CHAT.format("4"))

    assert ids(juliet.take()) == ["2", "3", "4"]
    assert stage.messages.count("juliet") == 0


async def test_messages_for_a_slow_reader_wait_on_disk_whoever_sends_them(stage: Any) -> None:
    """docs/security.md, row 12: who does not read holds no memory."""
    romeo, juliet = await stage.enter("romeo/orchard"), await stage.enter("juliet/balcony")
    await juliet.come()
    juliet.stream.is_congested = True

    await romeo.say(CHAT.format("1"))
    await romeo.say(
        "<message to='juliet@montague.lit' type='chat' id='typing'>"
        "<composing xmlns='http://jabber.org/protocol/chatstates'/></message>"
    )
    waited = stage.messages.count("juliet"), ids(juliet.take())
    juliet.stream.relieve()
    await romeo.say(CHAT.format("2"))

    assert waited == (1, [])
    assert ids(juliet.take()) == ["1", "2"]


async def test_negative_priority_takes_no_messages_until_it_is_raised(stage: Any) -> None:
    """RFC 6121, section 4.7.2.3; XEP-0160, section 3."""
    romeo, juliet = await stage.enter("romeo/orchard"), await stage.enter("juliet/balcony")
    await juliet.come("<priority>-1</priority>")
    await romeo.say(CHAT.format("1"))
    assert ids(juliet.take()) == []

    await juliet.say("<presence><priority>0</priority></presence>")

    assert ids(juliet.take()) == ["1"]


async def test_damaged_row_harms_nobody(stage: Any) -> None:
    """security.md row 96: evil row inserted, login works."""
    romeo = await stage.enter("romeo/orchard")
    for number in "12":
        await romeo.say(CHAT.format(number))
    await stage.writer.write(
        lambda connection: (
            connection.execute(
                update(messages)
                .where(messages.c.id == 1)
                .values(stanza=b"</stream:stream><message>")
            ).rowcount
        )
    )
    juliet = await stage.enter("juliet/balcony")

    await juliet.say("<presence/>")

    assert ids(juliet.take()) == ["2"]
    assert stage.messages.count("juliet") == 1


async def test_messages_wait_over_a_restart(tmp_path: Path) -> None:
    """protocol.md, section 8: what was acknowledged is still there."""
    async with staged(tmp_path) as stage:
        await (await stage.enter("romeo/orchard")).say(CHAT.format("1"))

    async with staged(tmp_path) as stage:
        juliet = await stage.enter("juliet/balcony")
        await juliet.say("<presence/>")

        assert ids(juliet.take()) == ["1"]


async def test_who_comes_gets_what_only_a_session_without_stream_has(stage: Any) -> None:
    """It may be the same person with a client that was killed; XEP-0198, section 5."""
    romeo = await stage.enter("romeo/orchard")
    romeo.session.enable_acknowledgement()
    lost, other = [await (await stage.enter(f"juliet/{name}")).come() for name in ("a", "b")]
    for client in (lost, other):
        client.session.enable_acknowledgement()
    for number in "12":
        await romeo.say(CHAT.format(number))
    other.session.acknowledge(1)
    await stage.settle()
    await romeo.say(
        "<message type='chat' to='juliet@montague.lit/a' id='3'><body>b</body></message>"
    )
    lost.session.hibernate(lambda: None)

    later = await stage.enter("juliet/c")
    await later.say("<presence/>")

    assert ids(later.take()) == ["3"]  # 1 has arrived, 2 is on its way to the other
    assert len([one for one in lost.session.undelivered if b"<message" in one.stanza]) == 3
    later.session.enable_acknowledgement()
    await later.say("<presence><priority>1</priority></presence>")
    assert ids(later.take()) == []
