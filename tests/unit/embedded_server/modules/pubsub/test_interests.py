"""What is remembered of which events clients want (XEP-0115; XEP-0163, section 4.3)."""

import pytest

from tests.helpers.eventing import announcement, answer_disco, come_with, events, info_with, publish
from tests.helpers.module_stage import Stage

pytestmark = pytest.mark.asyncio
TUNE, MOOD = "http://jabber.org/protocol/tune", "http://jabber.org/protocol/mood"


def item(node: str) -> str:
    return f"<item><x xmlns='{node}'/></item>"


async def test_first_nodes_of_too_many_count(stage: Stage) -> None:
    """256 nodes of one client are remembered; the rest of its list costs nothing."""
    nodes = [f"urn:x:{number:04}" for number in range(300)]
    juliet = await come_with(await stage.enter("juliet/balcony"), *nodes)

    for node in (nodes[0], nodes[255], nodes[256]):
        await juliet.say(publish(node, item(node)))

    assert len(events(juliet)) == 2


async def test_client_that_announces_other_features_wants_other_events(stage: Stage) -> None:
    juliet = await come_with(await stage.enter("juliet/balcony"), TUNE)
    other = info_with(MOOD)
    await juliet.say(f"<presence>{announcement(other)}</presence>")
    await answer_disco(juliet, other)

    await juliet.say(publish(TUNE, item(TUNE)))
    assert events(juliet) == []
    await juliet.say(publish(MOOD, item(MOOD)))
    assert len(events(juliet)) == 1


async def test_client_that_announces_nothing_any_more_wants_nothing(stage: Stage) -> None:
    juliet = await come_with(await stage.enter("juliet/balcony"), TUNE)
    await juliet.say("<presence/>")

    await juliet.say(publish(TUNE, item(TUNE)))

    assert events(juliet) == []


async def test_client_that_refuses_to_say_does_not_stop_the_next_of_its_hash(stage: Stage) -> None:
    info = info_with(TUNE)
    romeo, juliet = await stage.enter("romeo/orchard"), await stage.enter("juliet/balcony")
    await romeo.say(f"<presence>{announcement(info)}</presence>")
    await juliet.say(f"<presence>{announcement(info)}</presence>")
    (asked,) = [one for one in romeo.take() if "disco#info" in one]
    stanza_id = asked.partition(" id='")[2].partition("'")[0]
    await romeo.say(f"<iq type='error' id='{stanza_id}' to='montague.lit'/>")

    assert await answer_disco(juliet, info)
    await juliet.say(publish(TUNE, item(TUNE)))

    assert len(events(juliet)) == 1


async def test_client_that_leaves_while_it_is_asked_does_not_stop_the_next(stage: Stage) -> None:
    info = info_with(TUNE)
    romeo, juliet = await stage.enter("romeo/orchard"), await stage.enter("juliet/balcony")
    await romeo.say(f"<presence>{announcement(info)}</presence>")
    await juliet.say(f"<presence>{announcement(info)}</presence>")

    await romeo.leave()

    assert await answer_disco(juliet, info)
    await juliet.say(publish(TUNE, item(TUNE)))
    assert len(events(juliet)) == 1
