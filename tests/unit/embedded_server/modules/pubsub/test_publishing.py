"""Publishing, retracting and purging (XEP-0060 1.30.0, sections 7 and 8.5; protocol.md 5.4)."""

from collections.abc import AsyncIterator
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
import pytest_asyncio

from shared_protocol.limits import PubSubLimits
from tests.helpers.eventing import answered, events, field, owner, publish, pubsub
from tests.helpers.module_stage import Client, Stage, staged
from tests.helpers.musings import (
    ATOM,
    BERNARDO,
    FRANCISCO,
    HAMLET,
    NODE,
    RESULT,
    SERVICE,
    enter,
    entry,
    item,
    make,
    owner_request,
    put,
    refused,
    request,
    subscribe,
)

pytestmark = pytest.mark.asyncio
EVENT = "{http://jabber.org/protocol/pubsub#event}"


@pytest_asyncio.fixture
async def hamlet(stage: Stage) -> AsyncIterator[Client]:
    yield await enter(stage, "romeo/elsinore")


@pytest_asyncio.fixture
async def francisco(stage: Stage) -> AsyncIterator[Client]:
    yield await enter(stage, "juliet/barracks")


async def affiliate(owner_client: Client, jid: str, affiliation: str) -> None:
    content = f"<affiliation jid='{jid}' affiliation='{affiliation}'/>"
    await owner_request(
        owner_client, "set", f"<affiliations node='{NODE}'>{content}</affiliations>"
    )


def items_of(answer: str) -> list[str]:
    return [part.partition("'")[0] for part in answer.split("<item id='")[1:]]


async def stored(client: Client) -> list[str]:
    return items_of(await request(client, "get", f"<items node='{NODE}'/>"))


def one_child(message: Element) -> Element:
    child = message.find(f"{EVENT}event/*")
    assert child is not None
    return child


async def test_item_with_an_id_is_published_and_told(hamlet: Client, francisco: Client) -> None:
    """Section 7.1.2, examples 99, 101 and 103."""
    await make(hamlet)
    await subscribe(francisco, FRANCISCO)

    answer = await put(hamlet)

    assert f"<publish node='{NODE}'><item id='bnd81g37d61f49fgn581'/></publish>" in answer
    (message,) = events(francisco)
    assert message.get("from") == SERVICE
    assert message.get("to") == FRANCISCO
    assert message.get("id")
    items = one_child(message)
    assert items.get("node") == NODE
    assert [one.get("id") for one in items] == ["bnd81g37d61f49fgn581"]
    assert items.findtext(f".//{{{ATOM}}}title") == "Soliloquy"


async def test_item_without_an_id_is_given_one(hamlet: Client) -> None:
    """Section 7.1.1, examples 100 and 102."""
    await make(hamlet)

    first = items_of(await put(hamlet, f"<item>{entry()}</item>"))
    second = items_of(await put(hamlet, f"<item>{entry()}</item>"))

    assert len({*first, *second}) == 2


async def test_item_of_the_same_id_is_replaced_and_told(hamlet: Client, francisco: Client) -> None:
    """Section 7.1.2: "the service MUST overwrite the old item"; 12.8: it is the newest then."""
    await make(hamlet)
    await subscribe(francisco, FRANCISCO)
    for item_id, title in (("1", "Alone"), ("2", "Ghost"), ("1", "Soliloquy")):
        await put(hamlet, item(item_id, title))

    assert len(events(francisco)) == 3
    answer = await request(francisco, "get", f"<items node='{NODE}'/>")
    assert items_of(answer) == ["2", "1"]
    assert "Alone" not in answer


async def test_notification_only_node_tells_no_payload(hamlet: Client, francisco: Client) -> None:
    """Section 7.1.2.2, example 104; section 4.3."""
    await make(hamlet, field("deliver_payloads", "0"))
    await subscribe(francisco, FRANCISCO)

    await put(hamlet)
    await put(hamlet, "<item id='2'/>")

    for message in events(francisco):
        (told,) = one_child(message)
        assert len(told) == 0


async def test_node_without_items_tells_that_something_happened(
    hamlet: Client, francisco: Client
) -> None:
    """Section 4.3: transient and notification-only: an empty items element."""
    await make(hamlet, field("persist_items", "0"), field("deliver_payloads", "0"))
    await subscribe(francisco, FRANCISCO)

    answer = await put(hamlet, "")

    assert RESULT in answer
    (message,) = events(francisco)
    assert len(one_child(message)) == 0


async def test_transient_node_keeps_nothing_but_the_last(hamlet: Client, francisco: Client) -> None:
    """Sections 4.3, 6.5.5 and 12.9."""
    await make(hamlet, field("persist_items", "0"))
    ask = f"<items node='{NODE}'/>"
    before = await request(francisco, "get", ask)

    for title in ("Alone", "Soliloquy"):
        await put(hamlet, item(title, title))

    assert refused(before, "cancel", "feature-not-implemented", "unsupported")
    assert items_of(await request(francisco, "get", ask)) == ["Soliloquy"]


@pytest.mark.parametrize(
    ("fields", "content", "detail"),
    [
        ((), "", "item-required"),
        ((), "<item id='1'/>", "payload-required"),
        ((), f"<item>{entry()}{entry()}</item>", "invalid-payload"),
        (
            (field("persist_items", "0"), field("deliver_payloads", "0")),
            item(),
            "item-forbidden",
        ),
    ],
    ids=["no item", "no payload", "two payloads", "an item"],
)
async def test_publication_that_does_not_fit_the_node(
    hamlet: Client, fields: tuple[str, ...], content: str, detail: str
) -> None:
    """Sections 7.1.3.6 and 7.1.3.7, examples 111 to 114."""
    await make(hamlet, *fields)

    assert refused(await put(hamlet, content), "modify", "bad-request", detail)


async def test_items_come_one_at_a_time(hamlet: Client) -> None:
    """Section 7.1.1: "more than one <item/> element is no longer allowed"."""
    await make(hamlet)

    assert refused(await put(hamlet, item("1") + item("2")), "modify", "bad-request")


async def test_payload_that_is_too_big_is_refused(tmp_path: Path) -> None:
    """Section 7.1.3.5, example 110; the node may demand less."""
    async with staged(tmp_path, pubsub_limits=PubSubLimits(payload_bytes=1_000)) as stage:
        hamlet = await enter(stage, "romeo/elsinore")
        await make(hamlet)
        await make(hamlet, field("max_payload_size", "100"), node="small")

        big = await put(hamlet, item("1", "x" * 1_000))
        small = await put(hamlet, item("1", "x" * 100), node="small")

        for answer in (big, small):
            assert refused(answer, "modify", "not-acceptable", "payload-too-big")


async def test_who_is_no_publisher_is_forbidden(hamlet: Client, francisco: Client) -> None:
    """Section 7.1.3.1, example 106."""
    await make(hamlet)

    assert refused(await put(francisco), "auth", "forbidden")


@pytest.mark.parametrize("affiliation", ["owner", "publisher", "publish-only"])
async def test_affiliation_lets_publish(
    hamlet: Client, francisco: Client, affiliation: str
) -> None:
    """Section 4.1, its table."""
    await make(hamlet)
    await affiliate(hamlet, FRANCISCO, affiliation)

    assert RESULT in await put(francisco)


@pytest.mark.parametrize("affiliation", ["member", "outcast"])
async def test_affiliation_does_not_let_publish(
    hamlet: Client, francisco: Client, affiliation: str
) -> None:
    """Section 4.1, its table."""
    await make(hamlet)
    await affiliate(hamlet, FRANCISCO, affiliation)

    assert refused(await put(francisco), "auth", "forbidden")


async def test_publish_model_of_subscribers(hamlet: Client, francisco: Client) -> None:
    await make(hamlet, field("publish_model", "subscribers"))

    before = await put(francisco)
    await subscribe(francisco, FRANCISCO)
    after = await put(francisco)

    assert refused(before, "auth", "forbidden")
    assert RESULT in after


async def test_publish_model_open_lets_all_but_outcasts(stage: Stage, hamlet: Client) -> None:
    await make(hamlet, field("publish_model", "open"))
    francisco, bernardo = await enter(stage, "juliet/barracks"), await enter(stage, "nurse/wall")
    await affiliate(hamlet, BERNARDO, "outcast")

    assert RESULT in await put(francisco)
    assert refused(await put(bernardo), "auth", "forbidden")


async def test_publisher_is_named_by_the_service(hamlet: Client, francisco: Client) -> None:
    """Section 7.1.2.3: "generated by the service, not accepted by the service"."""
    await make(hamlet)
    await subscribe(francisco, FRANCISCO)
    forged = item().replace("<item ", "<item publisher='claudius@denmark.lit' ")

    await put(hamlet, forged)

    (message,) = events(francisco)
    (told,) = one_child(message)
    assert told.get("publisher") == HAMLET
    answer = await request(francisco, "get", f"<items node='{NODE}'/>")
    assert f"publisher='{HAMLET}'" in answer


@pytest.mark.parametrize(
    ("full", "kept", "told"),
    [
        ("retract-oldest", ["2", "3"], [["item"], ["item"], ["retract"], ["item"]]),
        ("discard-oldest", ["2", "3"], [["item"], ["item"], ["item"]]),
    ],
)
async def test_full_node_lets_the_oldest_go(
    hamlet: Client, francisco: Client, full: str, kept: list[str], told: list[list[str]]
) -> None:
    """Section 7.1.2.5."""
    await make(hamlet, field("max_items", "2"), field("publish_node_full", full))
    await subscribe(francisco, FRANCISCO)

    for item_id in "123":
        await put(hamlet, item(item_id))

    arrived = [
        [one.tag.removeprefix(EVENT) for one in one_child(message)] for message in events(francisco)
    ]
    assert arrived == told
    assert await stored(francisco) == kept


async def test_full_node_may_refuse(hamlet: Client) -> None:
    """Section 7.1.3.4, example 109; what replaces an item always fits."""
    await make(hamlet, field("max_items", "1"), field("publish_node_full", "reject"))
    await put(hamlet, item("1"))

    another, same = await put(hamlet, item("2")), await put(hamlet, item("1", "Alone"))

    assert refused(another, "cancel", "conflict", "node-full")
    assert RESULT in same


async def test_max_means_as_many_as_the_server_keeps(tmp_path: Path) -> None:
    """Section 16.4.4: "a server imposed maximum"."""
    async with staged(tmp_path, pubsub_limits=PubSubLimits(items=3)) as stage:
        hamlet = await enter(stage, "romeo/elsinore")
        await make(hamlet, field("max_items", "max"))

        for number in range(5):
            await put(hamlet, item(str(number)))

        assert await stored(hamlet) == ["2", "3", "4"]
        more = await make(hamlet, field("max_items", "4"), node="more")
        assert refused(more, "modify", "not-acceptable")


async def test_expired_items_are_not_shown(hamlet: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Section 16.4.4, ``pubsub#item_expire``."""
    await make(hamlet, field("item_expire", "3600"))
    await put(hamlet)

    monkeypatch.setattr("time.time", lambda: 4_000_000_000.0)

    assert await stored(hamlet) == []


# Options of a publication.


async def test_new_node_is_made_with_the_options(hamlet: Client, francisco: Client) -> None:
    """Section 7.1.5, example 115: "auto-create the node with default configuration ... except"."""
    options = field("access_model", "whitelist") + field("max_items", "5")

    assert RESULT in await answered(hamlet, publish(NODE, item(), to=SERVICE, options=options))

    answer = await request(francisco, "get", f"<items node='{NODE}'/>")
    assert refused(answer, "cancel", "not-allowed", "closed-node")
    form = await owner_request(hamlet, "get", f"<configure node='{NODE}'/>")
    assert "<field var='pubsub#max_items' type='text-single'" in form
    assert "<value>5</value>" in form


@pytest.mark.parametrize(
    ("options", "is_met"),
    [
        (field("access_model", "open"), True),
        (field("access_model", "open") + field("persist_items", "true"), True),
        (field("max_items", "max"), True),
        (field("access_model", "whitelist"), False),
        (field("access_model", "open") + field("max_items", "1"), False),
        (field("access_model", "nonsense"), False),
        (field("max_items", "100000"), False),
        (field("unheard_of", "1"), False),
        ("<field var='other'><value>1</value></field>", False),
    ],
)
async def test_options_are_preconditions(
    hamlet: Client, francisco: Client, options: str, *, is_met: bool
) -> None:
    """Section 7.1.5; protocol.md 5.4: nothing is published where one is not met or not known."""
    await make(hamlet)
    await subscribe(francisco, FRANCISCO)

    answer = await answered(hamlet, publish(NODE, item(), to=SERVICE, options=options))

    if is_met:
        assert RESULT in answer
        assert len(events(francisco)) == 1
    else:
        assert refused(answer, "cancel", "conflict", "precondition-not-met")
        assert events(francisco) == []
        assert await stored(hamlet) == []


async def test_unknown_option_makes_no_node(hamlet: Client) -> None:
    """Section 7.1.5: "MUST reject the publication upon encountering unknown fields"."""
    asked = publish(NODE, item(), to=SERVICE, options=field("unheard_of", "1"))

    assert refused(await answered(hamlet, asked), "cancel", "conflict", "precondition-not-met")
    assert refused(
        await request(hamlet, "get", f"<items node='{NODE}'/>"), "cancel", "item-not-found"
    )


async def test_publication_that_is_refused_makes_no_node(hamlet: Client) -> None:
    answer = await put(hamlet, "<item id='1'/>")

    assert refused(answer, "modify", "bad-request", "payload-required")
    missing = await request(hamlet, "get", f"<items node='{NODE}'/>")
    assert refused(missing, "cancel", "item-not-found")


# Retracting and purging.


@pytest.mark.parametrize(
    ("notify", "configured", "is_told"),
    [("", "1", True), (" notify='true'", "0", True), (" notify='1'", "0", True), ("", "0", False)],
)
async def test_retracted_item_is_gone_and_told_if_wanted(
    hamlet: Client, francisco: Client, notify: str, configured: str, *, is_told: bool
) -> None:
    """Section 7.2.2, examples 116 to 118."""
    await make(hamlet, field("notify_retract", configured))
    await put(hamlet, item("1"))
    await subscribe(francisco, FRANCISCO)

    answer = await request(
        hamlet, "set", f"<retract node='{NODE}'{notify}><item id='1'/></retract>"
    )

    assert answer.endswith("id='p'/>")
    told = [one_child(message).find(f"{EVENT}retract") for message in events(francisco)]
    assert [one.get("id") for one in told if one is not None] == (["1"] if is_told else [])
    assert await stored(hamlet) == []


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (f"<retract node='{NODE}'><item id='9'/></retract>", ("cancel", "item-not-found", "")),
        ("<retract node='nowhere'><item id='1'/></retract>", ("cancel", "item-not-found", "")),
        ("<retract><item id='1'/></retract>", ("modify", "bad-request", "nodeid-required")),
        (f"<retract node='{NODE}'/>", ("modify", "bad-request", "item-required")),
        (f"<retract node='{NODE}'><item/></retract>", ("modify", "bad-request", "item-required")),
    ],
)
async def test_retraction_that_cannot_be(
    hamlet: Client, content: str, error: tuple[str, str, str]
) -> None:
    """Sections 7.2.3.2 to 7.2.3.4, examples 121 to 123."""
    await make(hamlet)
    await put(hamlet, item("1"))

    assert refused(await request(hamlet, "set", content), *error)
    assert await stored(hamlet) == ["1"]


async def test_batch_is_retracted_whole_or_not_at_all(hamlet: Client) -> None:
    """Section 12.10: "If the service cannot process any one ... the entire batch MUST fail"."""
    await make(hamlet)
    for item_id in "12":
        await put(hamlet, item(item_id))
    batch = "<retract node='{}'><item id='1'/><item id='{}'/></retract>"

    failed = await request(hamlet, "set", batch.format(NODE, 9))
    kept = await stored(hamlet)
    await request(hamlet, "set", batch.format(NODE, 2))

    assert refused(failed, "cancel", "item-not-found")
    assert kept == ["1", "2"]
    assert await stored(hamlet) == []


@pytest.mark.parametrize("affiliation", ["publisher", "publish-only"])
async def test_publisher_deletes_what_it_published_itself(
    hamlet: Client, francisco: Client, affiliation: str
) -> None:
    """Section 4.1, its notes; section 7.2.3.1, example 120."""
    await make(hamlet)
    await affiliate(hamlet, FRANCISCO, affiliation)
    await put(hamlet, item("his"))
    await put(francisco, item("mine"))
    retract = f"<retract node='{NODE}'><item id='{{}}'/></retract>"

    assert refused(await request(francisco, "set", retract.format("his")), "auth", "forbidden")
    assert RESULT in await request(francisco, "set", retract.format("mine"))


async def test_node_that_keeps_nothing_retracts_nothing(hamlet: Client) -> None:
    """Section 7.2.3.5, example 124; section 8.5.3.3, example 154."""
    await make(hamlet, field("persist_items", "0"))

    for answer in (
        await request(hamlet, "set", f"<retract node='{NODE}'><item id='1'/></retract>"),
        await owner_request(hamlet, "set", f"<purge node='{NODE}'/>"),
    ):
        assert refused(answer, "cancel", "feature-not-implemented", "unsupported")
        assert "feature='persistent-items'" in answer


async def test_purge_is_told_once(hamlet: Client, francisco: Client) -> None:
    """Section 8.5.2, example 150: "a single notification to each subscriber"."""
    await make(hamlet)
    for item_id in "12":
        await put(hamlet, item(item_id))
    await subscribe(francisco, FRANCISCO)

    answer = await owner_request(hamlet, "set", f"<purge node='{NODE}'/>")

    assert RESULT in answer
    (message,) = events(francisco)
    assert one_child(message).tag == f"{EVENT}purge"
    assert await stored(hamlet) == []


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (f"<purge node='{NODE}'/>", ("auth", "forbidden", "")),
        ("<purge node='nowhere'/>", ("cancel", "item-not-found", "")),
        ("<purge/>", ("modify", "bad-request", "nodeid-required")),
    ],
)
async def test_purge_that_cannot_be(
    hamlet: Client, francisco: Client, content: str, error: tuple[str, str, str]
) -> None:
    """Section 8.5.3, examples 152 to 155."""
    await make(hamlet)

    assert refused(await owner_request(francisco, "set", content), *error)


async def test_items_go_with_the_presence_of_their_publisher(stage: Stage) -> None:
    """Section 16.4.4, ``pubsub#purge_offline``."""
    hamlet, francisco = await enter(stage, "romeo/elsinore"), await enter(stage, "juliet/barracks")
    await make(hamlet, field("purge_offline", "1"), field("publish_model", "open"))
    await put(hamlet, item("his"))
    await put(francisco, item("hers"))

    await hamlet.say("<presence type='unavailable'/>")

    assert await stored(francisco) == ["hers"]


async def test_what_cannot_be_read_is_a_bad_request(hamlet: Client) -> None:
    """RFC 6120, section 8.3.3.1; a get that must be a set, and the other way round."""
    for kind, content in (
        ("set", ""),
        ("set", "<unheard-of/>"),
        ("get", f"<publish node='{NODE}'>{item()}</publish>"),
        ("set", f"<items node='{NODE}'/>"),
        ("get", f"<items node='{NODE}' max_items='many'/>"),
        ("set", f"<publish node='{NODE}'><item id='1'><bare xmlns=''/></item></publish>"),
    ):
        asked = await answered(hamlet, pubsub(kind, content, SERVICE))
        assert "<error type='modify'><bad-request " in asked, content
    for kind, content in (("set", ""), ("get", "<unheard-of/>"), ("get", "<delete node='x'/>")):
        asked = await answered(hamlet, owner(kind, content, SERVICE))
        assert "<error type='modify'><bad-request " in asked, content
