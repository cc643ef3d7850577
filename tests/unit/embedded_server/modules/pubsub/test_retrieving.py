"""Discovering nodes and retrieving items (XEP-0060 1.30.0, sections 5 and 6.5)."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from shared_protocol.limits import PubSubLimits
from tests.helpers.eventing import answered, field, owner, publish, pubsub
from tests.helpers.module_stage import Client, Stage, staged
from tests.helpers.musings import (
    FRANCISCO,
    HAMLET,
    NODE,
    SERVICE,
    enter,
    item,
    make,
    owner_request,
    put,
    refused,
    request,
    subscribe,
)

pytestmark = pytest.mark.asyncio
IDS = ["368866411b877c30064a5f62b917cffe", "3300659945416e274474e469a1f0154c", "4e30f35", "ae890ac"]
DISCO = "<iq type='get' id='d' to='{}'><query xmlns='http://jabber.org/protocol/disco#{}'{}/></iq>"


@pytest_asyncio.fixture
async def hamlet(stage: Stage) -> AsyncIterator[Client]:
    client = await enter(stage, "romeo/elsinore")
    await make(client, field("title", "Princely Musings (Atom)"))
    for number, item_id in enumerate(IDS):
        await put(client, item(item_id, f"Title {number}"))
    yield client


@pytest_asyncio.fixture
async def francisco(stage: Stage) -> AsyncIterator[Client]:
    yield await enter(stage, "juliet/barracks")


def items_of(answer: str) -> list[str]:
    return [part.partition("'")[0] for part in answer.split("<item id='")[1:]]


def rsm(content: str) -> str:
    return f"<set xmlns='http://jabber.org/protocol/rsm'>{content}</set>"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (f"<items node='{NODE}'/>", IDS),
        (f"<items node='{NODE}' max_items='2'/>", IDS[2:]),
        (f"<items node='{NODE}' max_items='9'/>", IDS),
        (
            f"<items node='{NODE}'><item id='{IDS[2]}'/><item id='{IDS[0]}'/></items>",
            [IDS[2], IDS[0]],
        ),
        (f"<items node='{NODE}'><item id='nothing'/></items>", []),
        (f"<items node='{NODE}'/>" + rsm("<max>2</max>"), IDS[:2]),
        (f"<items node='{NODE}'/>" + rsm(f"<max>2</max><after>{IDS[1]}</after>"), IDS[2:]),
        (f"<items node='{NODE}'/>" + rsm("<max>1</max><before/>"), IDS[3:]),
        (f"<items node='{NODE}'/>" + rsm("<max>0</max>"), []),
    ],
    ids=["all", "recent", "more", "chosen", "none", "page", "next page", "last page", "count"],
)
async def test_items_are_returned_oldest_first(
    hamlet: Client, francisco: Client, content: str, expected: list[str]
) -> None:
    """Sections 6.5.2 to 6.5.8, examples 77 to 86, 97."""
    answer = await request(francisco, "get", content)

    assert items_of(answer) == expected
    assert answer.count("<entry xmlns=") == len(expected)
    if "<max>" in content:
        assert "<count>4</count>" in answer


async def test_node_without_items_is_empty(hamlet: Client, francisco: Client) -> None:
    """Section 6.5.9.12: a result with an empty items element."""
    await make(hamlet, node="empty")

    assert "<items node='empty'/>" in await request(francisco, "get", "<items node='empty'/>")


async def test_long_answer_is_cut_and_says_so(tmp_path: Path) -> None:
    """Section 6.5.4, example 79: "by including a Result Set Management notation"."""
    async with staged(tmp_path, pubsub_limits=PubSubLimits(answer_bytes=400)) as stage:
        hamlet = await enter(stage, "romeo/elsinore")
        await make(hamlet)
        for item_id in "12345":
            await put(hamlet, item(item_id))

        first = await request(hamlet, "get", f"<items node='{NODE}'/>")
        rest = await request(hamlet, "get", f"<items node='{NODE}'/>" + rsm("<after>2</after>"))
        recent = await request(hamlet, "get", f"<items node='{NODE}' max_items='5'/>")

    assert items_of(first) == ["1", "2"]
    assert "<first index='0'>1</first><last>2</last><count>5</count>" in first
    assert items_of(rest) == ["3", "4"]
    assert items_of(recent) == ["4", "5"]


async def test_unknown_place_of_a_page_is_not_found(hamlet: Client) -> None:
    """XEP-0059, section 2.2."""
    answer = await request(hamlet, "get", f"<items node='{NODE}'/>" + rsm("<after>x</after>"))

    assert refused(answer, "cancel", "item-not-found")


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        (
            ("access_model", "presence"),
            ("auth", "not-authorized", "presence-subscription-required"),
        ),
        (("access_model", "whitelist"), ("cancel", "not-allowed", "closed-node")),
        (("access_model", "authorize"), ("auth", "not-authorized", "not-subscribed")),
    ],
)
async def test_access_model_hides_items(
    hamlet: Client, francisco: Client, fields: tuple[str, str], error: tuple[str, str, str]
) -> None:
    """Sections 6.5.9.3 to 6.5.9.8, examples 89 to 94."""
    await make(hamlet, field(*fields), node="closed")

    answer = await request(francisco, "get", "<items node='closed'/>")

    assert refused(answer, *error)


@pytest.mark.parametrize(
    ("affiliation", "is_shown"),
    [
        ("owner", True),
        ("publisher", True),
        ("member", True),
        ("publish-only", False),
        ("outcast", False),
    ],
)
async def test_affiliation_decides_who_retrieves(
    hamlet: Client, francisco: Client, affiliation: str, *, is_shown: bool
) -> None:
    """Section 4.1, its table; section 6.5.9.10, example 96."""
    await make(hamlet, field("access_model", "whitelist"), node="closed")
    change = f"<affiliation jid='{FRANCISCO}' affiliation='{affiliation}'/>"
    await owner_request(hamlet, "set", f"<affiliations node='closed'>{change}</affiliations>")

    answer = await request(francisco, "get", "<items node='closed'/>")

    assert ("type='result'" in answer) is is_shown
    assert is_shown or refused(answer, "auth", "forbidden")


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ("<items node='nowhere'/>", ("cancel", "item-not-found", "")),
        ("<items/>", ("modify", "bad-request", "nodeid-required")),
    ],
)
async def test_retrieval_that_cannot_be(
    francisco: Client, content: str, error: tuple[str, str, str]
) -> None:
    """Section 6.5.9.11, example 97."""
    assert refused(await request(francisco, "get", content), *error)


async def test_subscription_that_is_named_must_be_there(hamlet: Client, francisco: Client) -> None:
    """Sections 6.5.9.1 and 6.5.9.2, examples 87 and 88."""
    await subscribe(francisco, FRANCISCO)

    wrong = await request(francisco, "get", f"<items node='{NODE}' subid='x'/>")
    options = (
        "<options><x xmlns='jabber:x:data' type='submit'>"
        f"{field('show-values', 'away')}</x></options>"
    )
    await subscribe(francisco, FRANCISCO, options=options)
    missing = await request(francisco, "get", f"<items node='{NODE}'/>")

    assert refused(wrong, "modify", "not-acceptable", "invalid-subid")
    assert refused(missing, "modify", "bad-request", "subid-required")


# Discovery.


async def test_service_says_what_it_is(francisco: Client) -> None:
    """Section 5.1, example 2; section 10."""
    answer = await francisco.ask(DISCO.format(SERVICE, "info", ""))

    assert "<identity category='pubsub' type='service'" in answer
    for feature in ("publish", "subscribe", "delete-items", "retrieve-items", "auto-create"):
        assert f"<feature var='http://jabber.org/protocol/pubsub#{feature}'/>" in answer


@pytest.mark.parametrize(
    "feature",
    [
        "delete-items",
        "retrieve-items",
        "auto-create",
        "persistent-items",
        "multi-items",
        "config-node-max",
        "publish-options",
        "auto-subscribe",
        "filtered-notifications",
        "last-published",
        "pubsub-on-a-jid",
        "access-presence",
    ],
)
async def test_account_announces_what_clients_look_for(francisco: Client, feature: str) -> None:
    """protocol.md 5.4; XEP-0163, section 6.1."""
    answer = await francisco.ask(DISCO.format(FRANCISCO, "info", ""))

    assert "<identity category='pubsub' type='pep'/>" in answer
    assert f"<feature var='http://jabber.org/protocol/pubsub#{feature}'/>" in answer


async def test_nodes_are_listed_to_whom_they_are_for(hamlet: Client, francisco: Client) -> None:
    """Section 5.2, example 4."""
    await make(hamlet, field("access_model", "whitelist"), node="closed")

    answer = await francisco.ask(DISCO.format(SERVICE, "items", ""))

    shown = f"<item jid='{SERVICE}' name='Princely Musings (Atom)' node='{NODE}'/>"
    assert shown in answer
    assert "closed" not in answer


async def test_node_describes_itself(hamlet: Client, francisco: Client) -> None:
    """Sections 5.3 and 5.4, examples 8 and 10."""
    await subscribe(francisco, FRANCISCO)

    answer = await francisco.ask(DISCO.format(SERVICE, "info", f" node='{NODE}'"))

    assert f"node='{NODE}'><identity category='pubsub' type='leaf'/>" in answer
    assert "<value>http://jabber.org/protocol/pubsub#meta-data</value>" in answer
    for var, value in (
        ("title", "Princely Musings (Atom)"),
        ("creator", HAMLET),
        ("owner", HAMLET),
        ("access_model", "open"),
        ("num_subscribers", "1"),
        ("max_items", "max"),
    ):
        assert f"<field var='pubsub#{var}'><value>{value}</value></field>" in answer


async def test_items_are_discovered_by_name(hamlet: Client, francisco: Client) -> None:
    """Section 5.5, example 12: "the item MUST NOT possess a 'node' attribute"."""
    answer = await francisco.ask(DISCO.format(SERVICE, "items", f" node='{NODE}'"))

    assert f"<item jid='{SERVICE}' name='{IDS[0]}'/>" in answer


@pytest.mark.parametrize("kind", ["info", "items"])
async def test_node_that_is_not_there_is_not_discovered(francisco: Client, kind: str) -> None:
    answer = await francisco.ask(DISCO.format(SERVICE, kind, " node='nowhere'"))

    assert refused(answer, "cancel", "item-not-found")


async def test_nodes_of_an_account_are_listed_to_contacts_alone(stage: Stage) -> None:
    """XEP-0163, section 6.2; XEP-0030, section 8: strangers get an empty list."""
    await stage.befriend("romeo", "juliet")
    hamlet, francisco = await enter(stage, "romeo/elsinore"), await enter(stage, "juliet/barracks")
    bernardo = await enter(stage, "nurse/wall")
    mood = "http://jabber.org/protocol/mood"
    await answered(hamlet, publish(mood, f"<item id='m'><mood xmlns='{mood}'/></item>"))
    await answered(hamlet, owner("get", "<default/>"))
    await answered(hamlet, pubsub("set", "<create node='urn:secret'/>"))
    closed = field("access_model", "whitelist")
    form = f"<x xmlns='jabber:x:data' type='submit'>{closed}</x>"
    await answered(hamlet, owner("set", f"<configure node='urn:secret'>{form}</configure>"))

    listed = await francisco.ask(DISCO.format(HAMLET, "items", ""))
    items = await francisco.ask(DISCO.format(HAMLET, "items", f" node='{mood}'"))
    info = await francisco.ask(DISCO.format(HAMLET, "info", f" node='{mood}'"))
    stranger = await bernardo.ask(DISCO.format(HAMLET, "items", ""))

    assert f"<item jid='{HAMLET}' node='{mood}'/>" in listed
    assert "urn:secret" not in listed
    assert f"<item jid='{HAMLET}' name='m'/>" in items
    assert "<identity category='pubsub' type='leaf'/>" in info
    assert stranger.endswith("<query xmlns='http://jabber.org/protocol/disco#items'/></iq>")


async def test_service_is_listed_by_the_server_and_answers_pings(francisco: Client) -> None:
    items = await francisco.ask(DISCO.format("montague.lit", "items", ""))
    ping = await francisco.ask(
        f"<iq type='get' id='1' to='{SERVICE}'><ping xmlns='urn:xmpp:ping'/></iq>"
    )

    assert f"<item jid='{SERVICE}' name='Publishing'/>" in items
    assert "type='result'" in ping


async def test_what_is_no_address_of_the_service_is_not_found(francisco: Client) -> None:
    answer = await answered(francisco, pubsub("get", f"<items node='{NODE}'/>", f"x@{SERVICE}"))

    assert refused(answer, "cancel", "item-not-found")
