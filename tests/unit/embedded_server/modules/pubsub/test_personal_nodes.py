"""The specifications that are personal eventing and nothing else, by their own examples."""

from xml.etree.ElementTree import canonicalize, fromstring, tostring

import pytest

from tests.helpers.eventing import answered, come_with, events, publish, pubsub
from tests.helpers.module_stage import Client, Stage
from tests.helpers.published_examples import (
    EXAMPLES,
    FOR_EVER,
    MANY,
    OPEN,
    PRIVATE,
    UNASKED,
    Example,
)

pytestmark = pytest.mark.asyncio
every_example = pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: one.source)
DISPLAYED = "urn:xmpp:mds:displayed:0"
BUNDLES = "urn:xmpp:omemo:2:bundles"


def plain(xml: str) -> str:
    """XML without what does not matter: prefixes and the space between elements."""
    return canonicalize(xml, strip_text=True, rewrite_prefixes=True)


def payloads(client: Client) -> list[str]:
    """What the events of a client carry, as :func:`plain` writes it."""
    found = "{http://jabber.org/protocol/pubsub#event}item/*"
    return [
        plain(tostring(payload, "unicode"))
        for message in events(client)
        for payload in message.iterfind(f".//{found}")
    ]


async def fetched(client: Client, node: str) -> list[str]:
    """What Juliet's node has for a client; nothing if it may not look."""
    answer = await answered(client, pubsub("get", f"<items node='{node}'/>", "juliet@montague.lit"))
    found = ".//{http://jabber.org/protocol/pubsub}item/*"
    return [plain(tostring(one, "unicode")) for one in fromstring(answer).iterfind(found)]  # noqa: S314 - our server's


@every_example
async def test_event_brings_what_was_published_to_those_who_may_have_it(
    stage: Stage, example: Example
) -> None:
    """XEP-0163, section 4.3: to own clients and to contacts, the payload as it was given."""
    await stage.befriend("juliet", "romeo")
    balcony = await come_with(await stage.enter("juliet/balcony"), example.node)
    chamber = await come_with(await stage.enter("juliet/chamber"), example.node)
    orchard = await come_with(await stage.enter("romeo/orchard"), example.node)
    nurse = await come_with(await stage.enter("nurse/home"), example.node)

    await balcony.say(publish(example.node, example.item, options=example.options))

    payload = plain(example.payload.strip())
    assert payloads(balcony) == [payload]
    assert payloads(chamber) == [payload]
    assert payloads(orchard) == ([payload] if example.readers == "contacts" else [])
    assert payloads(nurse) == []


@every_example
async def test_item_is_given_to_those_who_may_ask(stage: Stage, example: Example) -> None:
    await stage.befriend("juliet", "romeo")
    juliet, romeo, nurse = [
        await stage.enter(one) for one in ("juliet/balcony", "romeo/orchard", "nurse/home")
    ]
    await juliet.say(publish(example.node, example.item, options=example.options))

    payload = plain(example.payload.strip())
    assert await fetched(juliet, example.node) == [payload]
    assert await fetched(romeo, example.node) == ([] if example.fetchers == "owner" else [payload])
    assert await fetched(nurse, example.node) == ([payload] if example.fetchers == "all" else [])


async def test_state_that_is_published_again_takes_the_place_of_the_first(stage: Stage) -> None:
    """XEP-0107, example 3: the empty mood is what is known from then on."""
    first, empty = EXAMPLES[:2]
    juliet = await stage.enter("juliet/balcony")
    await juliet.say(publish(first.node, first.item))

    await juliet.say(publish(empty.node, empty.item))

    assert await fetched(juliet, first.node) == [plain(empty.payload)]


async def test_devices_of_one_account_keep_their_bundles_side_by_side(stage: Stage) -> None:
    """XEP-0384, section 5.3.2: "the <bundles> node is configured to store multiple items"."""
    juliet = await stage.enter("juliet/balcony")
    options = MANY + OPEN
    for device in range(1, 6):
        item = f"<item id='{device}'><bundle xmlns='urn:xmpp:omemo:2'/></item>"
        assert "type='result'" in await answered(juliet, publish(BUNDLES, item, options=options))

    assert len(await fetched(juliet, BUNDLES)) == 5


async def test_node_of_bundles_that_was_made_for_one_is_not_taken_for_many(stage: Stage) -> None:
    """XEP-0384, section 5.3.2: the client is told, and configures the node."""
    juliet = await stage.enter("juliet/balcony")
    item = "<item id='1'><bundle xmlns='urn:xmpp:omemo:2'/></item>"
    await juliet.say(publish(BUNDLES, item, options=OPEN))

    answer = await answered(juliet, publish(BUNDLES, item, options=MANY + OPEN))

    assert "<conflict " in answer
    assert "<precondition-not-met xmlns='http://jabber.org/protocol/pubsub#errors'/>" in answer


async def test_chats_are_marked_one_by_one(stage: Stage) -> None:
    """XEP-0490, examples 2 to 4: an item for each chat, and an event for each change."""
    juliet = await come_with(await stage.enter("juliet/balcony"), DISPLAYED)
    options = FOR_EVER + MANY + UNASKED + PRIVATE
    chats = ("romeo@montegue.lit", "example@conference.shakespeare.lit", "romeo@montegue.lit")
    for number, chat in enumerate(chats):
        mark = f"<stanza-id xmlns='urn:xmpp:sid:0' by='juliet@capulet.lit' id='{number}'/>"
        item = f"<item id='{chat}'><displayed xmlns='{DISPLAYED}'>{mark}</displayed></item>"
        await juliet.say(publish(DISPLAYED, item, options=options))

    assert len(payloads(juliet)) == 3
    assert len(await fetched(juliet, DISPLAYED)) == 2


async def test_marks_of_chats_do_not_come_unasked(stage: Stage) -> None:
    """XEP-0490, section 4: ``send_last_published_item`` is never; the client catches up itself."""
    example = EXAMPLES[-1]
    juliet = await stage.enter("juliet/balcony")
    await juliet.say(publish(example.node, example.item, options=example.options))

    chamber = await come_with(await stage.enter("juliet/chamber"), DISPLAYED)

    assert payloads(chamber) == []
