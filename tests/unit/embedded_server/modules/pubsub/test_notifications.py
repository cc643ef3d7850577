"""How notifications go to those who are subscribed (XEP-0060 1.30.0, sections 7.1.2, 9 and 12)."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.helpers.eventing import (
    answered,
    come_with,
    configuration,
    events,
    field,
    owner,
    publish,
    pubsub,
)
from tests.helpers.module_stage import Client, Stage
from tests.helpers.musings import (
    FRANCISCO,
    HAMLET,
    NODE,
    SERVICE,
    enter,
    item,
    make,
    put,
    request,
    subscribe,
)

pytestmark = pytest.mark.asyncio
TUNE = "http://jabber.org/protocol/tune"
PLAYED = f"<item id='1'><tune xmlns='{TUNE}'/></item>"
SHIM = "{http://jabber.org/protocol/shim}"
OPTIONS = "<options><x xmlns='jabber:x:data' type='submit'>{}</x></options>"


@pytest_asyncio.fixture
async def hamlet(stage: Stage) -> AsyncIterator[Client]:
    yield await enter(stage, "romeo/elsinore")


@pytest_asyncio.fixture
async def francisco(stage: Stage) -> AsyncIterator[Client]:
    yield await enter(stage, "juliet/barracks")


async def test_one_address_is_told_once_with_its_subscriptions(
    hamlet: Client, francisco: Client
) -> None:
    """Sections 6.1.6 and 7.1.2.4, example 105: SHIM headers as the last child."""
    await make(hamlet)
    first = await subscribe(francisco, FRANCISCO)
    here = OPTIONS.format(field("show-values", "online"))
    second = await subscribe(francisco, FRANCISCO, options=here)
    away = OPTIONS.format(field("show-values", "away"))
    await subscribe(francisco, FRANCISCO, options=away)

    await put(hamlet)

    (message,) = events(francisco)
    assert message[-1].tag == f"{SHIM}headers"
    assert [one.text for one in message.iter(f"{SHIM}header")] == [first, second]


async def test_addresses_of_one_account_are_told_apart(hamlet: Client, francisco: Client) -> None:
    """Section 6.1.6: "the service MUST treat those as separate JIDs"."""
    await make(hamlet)
    full = f"{FRANCISCO}/barracks"
    await subscribe(francisco, full)
    await subscribe(francisco, FRANCISCO)

    await put(hamlet)

    assert [one.get("to") for one in events(francisco)] == [full, FRANCISCO]


async def test_presence_decides_what_is_delivered(stage: Stage, hamlet: Client) -> None:
    """Section 12.5; sections 6.3 and 16.4.2, ``pubsub#show-values``."""
    await make(hamlet)
    francisco = await enter(stage, "juliet/barracks")
    chatty = OPTIONS.format(field("show-values", "chat"))
    await subscribe(francisco, FRANCISCO, options=chatty)

    await put(hamlet, item("1"))
    await francisco.say("<presence><show>chat</show></presence>")
    await put(hamlet, item("2"))

    assert len(events(francisco)) == 1


async def test_normal_notification_waits_for_who_is_away(stage: Stage, hamlet: Client) -> None:
    """Section 12.6; RFC 6121, section 8.5.2.2: of type normal it is kept, as headline it is not."""
    await make(hamlet, field("notification_type", "normal"), node="kept")
    await make(hamlet, node="lost")
    francisco = await enter(stage, "juliet/barracks")
    for node in ("kept", "lost"):
        await subscribe(francisco, FRANCISCO, node=node)
    await francisco.leave()
    for node in ("kept", "lost"):
        await put(hamlet, node=node)

    francisco = await stage.enter("juliet/barracks")
    await francisco.say("<presence/>")

    (message,) = events(francisco)
    assert message.get("type") is None
    assert message.find(".//*[@node='kept']") is not None


async def test_presence_based_delivery_keeps_nothing(stage: Stage, hamlet: Client) -> None:
    """Section 12.5, ``pubsub#presence_based_delivery``."""
    await make(hamlet, field("notification_type", "normal"), field("presence_based_delivery", "1"))
    francisco = await enter(stage, "juliet/barracks")
    await subscribe(francisco, FRANCISCO)
    await francisco.leave()
    await put(hamlet)

    francisco = await stage.enter("juliet/barracks")
    await francisco.say("<presence/>")

    assert events(francisco) == []


async def test_node_may_deliver_nothing(hamlet: Client, francisco: Client) -> None:
    """Section 16.4.4, ``pubsub#deliver_notifications``."""
    await make(hamlet, field("deliver_notifications", "0"))
    await subscribe(francisco, FRANCISCO)

    await put(hamlet)

    assert events(francisco) == []


@pytest.mark.parametrize(
    ("reply", "named"), [("owner", HAMLET), ("publisher", f"{HAMLET}/elsinore")]
)
async def test_node_names_who_gets_replies(
    hamlet: Client, francisco: Client, reply: str, named: str
) -> None:
    """Sections 12.16 and 16.4.4, ``pubsub#itemreply``, by XEP-0033."""
    await make(hamlet, field("itemreply", reply))
    await subscribe(francisco, FRANCISCO)

    await put(hamlet)

    (message,) = events(francisco)
    address = message.find(".//{http://jabber.org/protocol/address}address")
    assert address is not None
    assert address.attrib == {"type": "replyto", "jid": named}


@pytest.mark.parametrize(
    ("send_last", "on_subscription", "on_presence"),
    [("never", 0, 0), ("on_sub", 1, 0), ("on_sub_and_presence", 1, 1)],
)
async def test_last_item_is_sent_as_the_node_says(
    stage: Stage, hamlet: Client, send_last: str, on_subscription: int, on_presence: int
) -> None:
    """Sections 6.1.7 and 16.4.4, ``pubsub#send_last_published_item``."""
    await make(hamlet, field("send_last_published_item", send_last))
    await put(hamlet)
    francisco = await enter(stage, "juliet/barracks")
    content = f"<subscribe node='{NODE}' jid='{FRANCISCO}'/>"

    await francisco.say(pubsub("set", content, SERVICE))
    subscribed = len(events(francisco))
    await francisco.say("<presence type='unavailable'/>")
    await francisco.say("<presence/>")

    assert subscribed == on_subscription
    assert len(events(francisco)) == on_presence


async def test_subscriber_who_lost_the_right_hears_nothing(
    hamlet: Client, francisco: Client
) -> None:
    """Sections 4.1 and 4.5: what is configured now counts."""
    await make(hamlet)
    await subscribe(francisco, FRANCISCO)
    closed = configuration(field("access_model", "whitelist"))
    content = f"<configure node='{NODE}'>{closed}</configure>"
    await answered(hamlet, owner("set", content, SERVICE))

    await put(hamlet)

    assert events(francisco) == []


# Accounts.


async def test_stranger_subscribes_to_an_open_node_of_an_account(
    hamlet: Client, francisco: Client
) -> None:
    """XEP-0163, section 4.1: explicitly; one notification to the subscribed JID."""
    await answered(hamlet, publish(TUNE, PLAYED, options=field("access_model", "open")))
    content = f"<subscribe node='{TUNE}' jid='{FRANCISCO}'/>"
    assert "subscription='subscribed'" in await answered(francisco, pubsub("set", content, HAMLET))

    await answered(hamlet, publish(TUNE, PLAYED))

    (message,) = events(francisco)
    assert message.get("from") == HAMLET
    assert message.get("to") == FRANCISCO


async def test_contact_who_subscribed_besides_is_told_once(stage: Stage) -> None:
    """XEP-0163, section 4.3.2: to the full JIDs that are interested, and not to the bare too."""
    await stage.befriend("romeo", "juliet")
    hamlet = await enter(stage, "romeo/elsinore")
    francisco = await come_with(await stage.enter("juliet/barracks"), TUNE)
    await answered(hamlet, publish(TUNE, PLAYED))
    await answered(
        francisco, pubsub("set", f"<subscribe node='{TUNE}' jid='{FRANCISCO}'/>", HAMLET)
    )

    await answered(hamlet, publish(TUNE, PLAYED))

    assert [one.get("to") for one in events(francisco)] == [f"{FRANCISCO}/barracks"]


async def test_who_is_let_in_gets_the_last_item(stage: Stage) -> None:
    """Section 12.2: "gains access to the node because of a change to the node access model"."""
    await stage.befriend("romeo", "juliet")
    hamlet = await enter(stage, "romeo/elsinore")
    francisco = await come_with(await stage.enter("juliet/barracks"), TUNE)
    await answered(hamlet, publish(TUNE, PLAYED, options=field("access_model", "whitelist")))
    before = events(francisco)

    for model in ("presence", "open"):
        form = configuration(field("access_model", model))
        await answered(hamlet, owner("set", f"<configure node='{TUNE}'>{form}</configure>"))

    assert before == []
    assert len(events(francisco)) == 1


async def test_member_of_a_whitelist_who_sees_presence_is_told(stage: Stage) -> None:
    """XEP-0163, section 4: "authorized to receive events ... in accordance with the access model"."""  # noqa: E501 - a quotation
    await stage.befriend("romeo", "juliet")
    hamlet = await enter(stage, "romeo/elsinore")
    francisco = await come_with(await stage.enter("juliet/barracks"), TUNE)
    await answered(hamlet, publish(TUNE, PLAYED, options=field("access_model", "whitelist")))
    member = f"<affiliation jid='{FRANCISCO}' affiliation='member'/>"
    await answered(hamlet, owner("set", f"<affiliations node='{TUNE}'>{member}</affiliations>"))

    await answered(hamlet, publish(TUNE, PLAYED))

    assert len(events(francisco)) == 1


async def test_outcast_among_the_contacts_is_not_told(stage: Stage) -> None:
    await stage.befriend("romeo", "juliet")
    hamlet = await enter(stage, "romeo/elsinore")
    francisco = await come_with(await stage.enter("juliet/barracks"), TUNE)
    await answered(hamlet, publish(TUNE, PLAYED))
    ban = f"<affiliation jid='{FRANCISCO}' affiliation='outcast'/>"
    await answered(hamlet, owner("set", f"<affiliations node='{TUNE}'>{ban}</affiliations>"))
    events(francisco)

    await answered(hamlet, publish(TUNE, PLAYED))

    assert events(francisco) == []


async def test_deleted_account_is_nothing_to_nodes_any_more(stage: Stage) -> None:
    """Who gets the name next owns nothing, and is subscribed to nothing."""
    hamlet, francisco = await enter(stage, "romeo/elsinore"), await enter(stage, "juliet/barracks")
    await make(hamlet)
    await subscribe(francisco, FRANCISCO)
    await make(francisco, node="hers")

    await stage.delete("juliet")

    listed = await answered(hamlet, owner("get", f"<subscriptions node='{NODE}'/>", SERVICE))
    assert f"<subscriptions node='{NODE}'/>" in listed
    answer = await request(hamlet, "get", "<items node='hers'/>")
    assert "<item-not-found " in answer
