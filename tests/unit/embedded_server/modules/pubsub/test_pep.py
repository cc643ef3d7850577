"""Personal eventing: who hears what of whom (XEP-0163 1.2.2)."""

from collections.abc import AsyncIterator
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
import pytest_asyncio

from tests.helpers.eventing import (
    announcement,
    answer_disco,
    come_with,
    events,
    field,
    info_with,
    publish,
    pubsub,
)
from tests.helpers.module_stage import Client, Stage, staged

pytestmark = pytest.mark.asyncio
TUNE = "http://jabber.org/protocol/tune"
MOOD = "http://jabber.org/protocol/mood"
FINZI = f"<item><tune xmlns='{TUNE}'><artist>Gerald Finzi</artist></tune></item>"
PUBLISH_TUNE = publish(TUNE, FINZI)
EVENT = "{http://jabber.org/protocol/pubsub#event}"


@pytest_asyncio.fixture
async def verona(stage: Stage) -> AsyncIterator[Stage]:
    """Juliet and Romeo see each other; Juliet's nurse is a stranger to both."""
    await stage.befriend("juliet", "romeo")
    yield stage


async def at(stage: Stage, jid: str, *nodes: str) -> Client:
    return await come_with(await stage.enter(jid), *nodes)


def artist(message: Element) -> str:
    return message.findtext(f".//{{{TUNE}}}artist") or ""


async def test_event_goes_to_contacts_and_own_clients_that_ask_for_it(verona: Stage) -> None:
    """XEP-0163, section 4.3: from the bare JID, to full JIDs that are interested."""
    balcony, chamber = await at(verona, "juliet/balcony", TUNE), await at(verona, "juliet/chamber")
    orchard, garden = (
        await at(verona, "romeo/orchard", TUNE),
        await at(verona, "romeo/garden", MOOD),
    )
    nurse = await at(verona, "nurse/home", TUNE)

    await balcony.say(PUBLISH_TUNE)

    for client in (balcony, orchard):
        (message,) = events(client)
        assert message.get("from") == "juliet@montague.lit"
        assert message.get("to") == str(client.session.full_jid)
        assert message.get("type") == "headline"
        assert artist(message) == "Gerald Finzi"
    assert [events(one) for one in (chamber, garden, nurse)] == [[], [], []]


async def test_publication_is_answered_with_the_id_of_the_item(verona: Stage) -> None:
    """XEP-0060, section 7.1.2: "the IQ-result SHOULD include an empty <item/> element"."""
    juliet = await at(verona, "juliet/balcony")

    answer = await juliet.ask(PUBLISH_TUNE)

    assert "type='result'" in answer
    assert f"<publish node='{TUNE}'><item id='" in answer


async def test_client_that_comes_gets_the_last_item_with_its_time(verona: Stage) -> None:
    """XEP-0163, section 4.3.4: to each newly available resource, the publisher being away."""
    juliet = await at(verona, "juliet/balcony")
    await juliet.say(PUBLISH_TUNE)
    await juliet.leave()

    orchard = await at(verona, "romeo/orchard", TUNE)

    (message,) = events(orchard)
    assert message.get("from") == "juliet@montague.lit"
    assert artist(message) == "Gerald Finzi"
    assert message.find("{urn:xmpp:delay}delay") is not None


async def test_last_item_comes_once_for_one_interest(verona: Stage) -> None:
    """XEP-0060, section 12.2: "only once upon first receiving such presence"."""
    juliet = await at(verona, "juliet/balcony")
    await juliet.say(PUBLISH_TUNE)
    orchard = await at(verona, "romeo/orchard", TUNE)
    events(orchard)

    await orchard.say(f"<presence><show>away</show>{announcement(info_with(TUNE))}</presence>")

    assert events(orchard) == []


async def test_features_are_asked_once_for_one_hash(verona: Stage) -> None:
    """XEP-0115, section 5: whoever announces a known hash is not asked."""
    await at(verona, "juliet/balcony", TUNE)
    info = info_with(TUNE)
    orchard = await verona.enter("romeo/orchard")

    await orchard.say(f"<presence>{announcement(info)}</presence>")

    assert not await answer_disco(orchard, info)
    await (await verona.enter("juliet/chamber")).say(PUBLISH_TUNE)
    assert len(events(orchard)) == 1


async def test_answer_that_does_not_fit_its_hash_counts_for_nobody_else(verona: Stage) -> None:
    """XEP-0115, section 5.4: a hash that is false says something about its sender only."""
    false = announcement(info_with(TUNE))
    romeo, juliet = await verona.enter("romeo/orchard"), await verona.enter("juliet/balcony")
    await romeo.say(f"<presence>{false}</presence>")
    assert await answer_disco(romeo, info_with(MOOD))

    await juliet.say(f"<presence>{false}</presence>")

    assert await answer_disco(juliet, info_with(TUNE))
    await juliet.say(PUBLISH_TUNE)
    assert len(events(juliet)) == 1
    assert events(romeo) == []


async def test_contact_hears_no_more_when_the_subscription_ends(verona: Stage) -> None:
    """XEP-0163, section 4.2: the right comes with the presence subscription."""
    juliet = await at(verona, "juliet/balcony")
    orchard = await at(verona, "romeo/orchard", TUNE)
    await juliet.say("<presence type='unsubscribed' to='romeo@montague.lit'/>")

    await juliet.say(PUBLISH_TUNE)

    assert events(orchard) == []
    refused = await orchard.ask(pubsub("get", f"<items node='{TUNE}'/>", "juliet@montague.lit"))
    assert "<not-authorized " in refused
    assert "<presence-subscription-required xmlns=" in refused


async def test_new_contact_gets_the_last_item(stage: Stage) -> None:
    """XEP-0163, section 4.3.4: "a PEP service MUST send the last published item to all new subscribers"."""  # noqa: E501 - a quotation
    juliet = await at(stage, "juliet/balcony")
    romeo = await at(stage, "romeo/orchard", TUNE)
    await juliet.say(PUBLISH_TUNE)
    await romeo.say("<presence type='subscribe' to='juliet@montague.lit'/>")
    assert events(romeo) == []

    await juliet.say("<presence type='subscribed' to='romeo@montague.lit'/>")

    assert [artist(one) for one in events(romeo)] == ["Gerald Finzi"]


async def test_roster_model_lets_chosen_groups_hear_alone(verona: Stage) -> None:
    """XEP-0163, section 3; XEP-0222, section 2: access by groups of the owner's roster."""
    await verona.befriend("juliet", "nurse")
    juliet = await at(verona, "juliet/balcony")
    for name, group in (("romeo", "Friends"), ("nurse", "Servants")):
        item = f"<item jid='{name}@montague.lit'><group>{group}</group></item>"
        await juliet.say(
            f"<iq type='set' id='s'><query xmlns='jabber:iq:roster'>{item}</query></iq>"
        )
    romeo, nurse = await at(verona, "romeo/orchard", TUNE), await at(verona, "nurse/home", TUNE)
    options = field("access_model", "roster") + field("roster_groups_allowed", "Friends")

    await juliet.say(publish(TUNE, FINZI, options=options))

    assert len(events(romeo)) == 1
    assert events(nurse) == []
    refused = await nurse.ask(pubsub("get", f"<items node='{TUNE}'/>", "juliet@montague.lit"))
    assert "<not-in-roster-group xmlns=" in refused


async def test_private_node_is_for_its_owner_alone(verona: Stage) -> None:
    """XEP-0223, section 3."""
    juliet = await at(verona, "juliet/balcony", "urn:x")
    romeo = await at(verona, "romeo/orchard", "urn:x")
    options = field("persist_items", "true") + field("access_model", "whitelist")

    await juliet.say(publish("urn:x", "<item id='1'><a xmlns='urn:x'/></item>", options=options))

    assert len(events(juliet)) == 1
    assert events(romeo) == []
    refused = await romeo.ask(pubsub("get", "<items node='urn:x'/>", "juliet@montague.lit"))
    assert "<not-allowed " in refused
    assert "<closed-node xmlns=" in refused


async def test_nodes_and_items_are_there_after_a_restart(tmp_path: Path) -> None:
    """What was answered is on disk."""
    async with staged(tmp_path) as stage:
        await stage.befriend("juliet", "romeo")
        juliet = await at(stage, "juliet/balcony")
        await juliet.ask(publish(TUNE, FINZI.replace("<item>", "<item id='1'>")))

    async with staged(tmp_path) as stage:
        romeo = await at(stage, "romeo/orchard", TUNE)

        assert [artist(one) for one in events(romeo)] == ["Gerald Finzi"]
        answer = await romeo.ask(pubsub("get", f"<items node='{TUNE}'/>", "juliet@montague.lit"))
    assert "<item id='1'><tune xmlns=" in answer


async def test_account_that_does_not_exist_has_no_nodes(stage: Stage) -> None:
    """security row 78: "no node for unknown users"; RFC 6121, section 8.5.1."""
    romeo = await at(stage, "romeo/orchard")

    answer = await romeo.ask(pubsub("get", f"<items node='{TUNE}'/>", "tybalt@montague.lit"))

    assert "<service-unavailable " in answer


async def test_nobody_publishes_for_others(verona: Stage) -> None:
    """XEP-0163, section 3: "The owner-publisher for every node is the bare JID"."""
    romeo = await at(verona, "romeo/orchard")

    new = await romeo.ask(publish(TUNE, FINZI, to="juliet@montague.lit"))
    await (await at(verona, "juliet/balcony")).say(PUBLISH_TUNE)
    old = await romeo.ask(publish(TUNE, FINZI, to="juliet@montague.lit"))

    assert "<forbidden " in new
    assert "<forbidden " in old
