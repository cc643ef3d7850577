"""Events stop between those of whom one blocks the other (XEP-0163, section 4.3.3; XEP-0191)."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.helpers.eventing import answered, come_with, events, field, publish, pubsub
from tests.helpers.module_stage import Client, Stage

pytestmark = pytest.mark.asyncio
TUNE = "http://jabber.org/protocol/tune"
ITEM = f"<item><tune xmlns='{TUNE}'/></item>"


@pytest_asyncio.fixture
async def pair(stage: Stage) -> AsyncIterator[tuple[Client, Client]]:
    await stage.befriend("juliet", "romeo")
    juliet = await stage.enter("juliet/balcony")
    romeo = await come_with(await stage.enter("romeo/orchard"), TUNE)
    yield juliet, romeo


async def block(client: Client, jid: str) -> None:
    listed = f"<block xmlns='urn:xmpp:blocking'><item jid='{jid}'/></block>"
    await answered(client, f"<iq type='set' id='b'>{listed}</iq>")


@pytest.mark.parametrize("by", ["publisher", "contact"])
async def test_contact_hears_nothing_of_who_is_blocked(
    pair: tuple[Client, Client], by: str
) -> None:
    juliet, romeo = pair
    if by == "publisher":
        await block(juliet, "romeo@montague.lit")
    else:
        await block(romeo, "juliet@montague.lit")

    await answered(juliet, publish(TUNE, ITEM))

    assert events(romeo) == []


async def test_subscriber_who_is_blocked_hears_nothing(stage: Stage) -> None:
    juliet, nurse = (
        await stage.enter("juliet/balcony"),
        await (await stage.enter("nurse/home")).come(),
    )
    await answered(juliet, publish(TUNE, ITEM, options=field("access_model", "open")))
    subscribe = f"<subscribe node='{TUNE}' jid='nurse@montague.lit'/>"
    await answered(nurse, pubsub("set", subscribe, "juliet@montague.lit"))
    await answered(juliet, publish(TUNE, ITEM))
    before = len(events(nurse))

    await block(juliet, "nurse@montague.lit")
    await answered(juliet, publish(TUNE, ITEM))

    assert before == 1
    assert events(nurse) == []


async def test_client_that_comes_gets_nothing_of_who_blocks_it(stage: Stage) -> None:
    await stage.befriend("juliet", "romeo")
    juliet = await stage.enter("juliet/balcony")
    await answered(juliet, publish(TUNE, ITEM))
    await block(juliet, "romeo@montague.lit")

    romeo = await come_with(await stage.enter("romeo/orchard"), TUNE)

    assert events(romeo) == []
