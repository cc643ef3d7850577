"""Subscribing and unsubscribing (XEP-0060 1.30.0, sections 5.6, 6.1 to 6.4; protocol.md 5.4)."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from shared_protocol.limits import PubSubLimits
from tests.helpers.eventing import events, field
from tests.helpers.module_stage import Client, Stage, staged
from tests.helpers.musings import (
    BERNARDO,
    FRANCISCO,
    NODE,
    RESULT,
    enter,
    make,
    owner_request,
    put,
    refused,
    request,
    subscribe,
)

pytestmark = pytest.mark.asyncio
OPTIONS = (
    "<options><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'>"
    "<value>http://jabber.org/protocol/pubsub#subscribe_options</value></field>{}</x></options>"
)


@pytest_asyncio.fixture
async def hamlet(stage: Stage) -> AsyncIterator[Client]:
    yield await enter(stage, "romeo/elsinore")


@pytest_asyncio.fixture
async def francisco(stage: Stage) -> AsyncIterator[Client]:
    yield await enter(stage, "juliet/barracks")


async def test_subscription_is_answered_with_its_state(hamlet: Client, francisco: Client) -> None:
    """Section 6.1.2, examples 31 and 32."""
    await make(hamlet)

    answer = await request(francisco, "set", f"<subscribe node='{NODE}' jid='{FRANCISCO}'/>")

    assert f"<subscription node='{NODE}' jid='{FRANCISCO}' subid='" in answer
    assert "subscription='subscribed'><subscribe-options/></subscription>" in answer


@pytest.mark.parametrize("jid", [BERNARDO, "bernardo@denmark.lit/x", "", "a@b@c"])
async def test_address_of_somebody_else_is_an_invalid_jid(
    hamlet: Client, francisco: Client, jid: str
) -> None:
    """Section 6.1.3.1, example 33."""
    await make(hamlet)

    answer = await request(francisco, "set", f"<subscribe node='{NODE}' jid='{jid}'/>")

    assert refused(answer, "modify", "bad-request", "invalid-jid")


@pytest.mark.parametrize(
    ("model", "error"),
    [
        ("presence", ("auth", "not-authorized", "presence-subscription-required")),
        ("roster", ("auth", "not-authorized", "presence-subscription-required")),
        ("whitelist", ("cancel", "not-allowed", "closed-node")),
    ],
)
async def test_access_model_refuses_who_is_not_meant(
    hamlet: Client, francisco: Client, model: str, error: tuple[str, str, str]
) -> None:
    """Sections 6.1.3.2 to 6.1.3.4, examples 34 to 36."""
    await make(hamlet, field("access_model", model))

    answer = await request(francisco, "set", f"<subscribe node='{NODE}' jid='{FRANCISCO}'/>")

    assert refused(answer, *error)


async def test_presence_and_roster_of_the_owner_let_in(stage: Stage) -> None:
    """Sections 4.5 and 6.1.3.3: the owner's roster decides, at the service too."""
    await stage.befriend("romeo", "juliet")
    hamlet, francisco = await enter(stage, "romeo/elsinore"), await enter(stage, "juliet/barracks")
    group = f"<item jid='{FRANCISCO}'><group>Guards</group></item>"
    await hamlet.say(f"<iq type='set' id='r'><query xmlns='jabber:iq:roster'>{group}</query></iq>")
    await make(hamlet, field("access_model", "presence"), node="seen")
    for node, groups in (("guards", "Guards"), ("courtiers", "Courtiers")):
        fields = field("access_model", "roster"), field("roster_groups_allowed", groups)
        await make(hamlet, *fields, node=node)

    assert await subscribe(francisco, FRANCISCO, node="seen")
    assert await subscribe(francisco, FRANCISCO, node="guards")
    answer = await request(francisco, "set", f"<subscribe node='courtiers' jid='{FRANCISCO}'/>")
    assert refused(answer, "auth", "not-authorized", "not-in-roster-group")


async def test_second_request_while_one_waits_is_refused(hamlet: Client, francisco: Client) -> None:
    """Sections 6.1.3.7 and 6.1.4, examples 39 and 45."""
    await make(hamlet, field("access_model", "authorize"))
    ask = f"<subscribe node='{NODE}' jid='{FRANCISCO}'/>"

    first, second = await request(francisco, "set", ask), await request(francisco, "set", ask)

    assert "subscription='pending'" in first
    assert refused(second, "auth", "not-authorized", "pending-subscription")


async def test_outcast_may_not_subscribe(hamlet: Client, francisco: Client) -> None:
    """Section 6.1.3.8, example 40."""
    await make(hamlet)
    ban = f"<affiliation jid='{FRANCISCO}' affiliation='outcast'/>"
    await owner_request(hamlet, "set", f"<affiliations node='{NODE}'>{ban}</affiliations>")

    answer = await request(francisco, "set", f"<subscribe node='{NODE}' jid='{FRANCISCO}'/>")

    assert refused(answer, "auth", "forbidden")


@pytest.mark.parametrize(
    "limits", [PubSubLimits(subscriptions=1), PubSubLimits(subscriptions_of_entity=1)]
)
async def test_too_many_subscriptions_are_refused(tmp_path: Path, limits: PubSubLimits) -> None:
    """Section 6.1.3.9, example 41: type wait."""
    async with staged(tmp_path, pubsub_limits=limits) as stage:
        hamlet = await enter(stage, "romeo/elsinore")
        francisco = await enter(stage, "juliet/barracks")
        await make(hamlet)
        await subscribe(francisco, FRANCISCO)

        full = f"{FRANCISCO}/barracks"
        answer = await request(francisco, "set", f"<subscribe node='{NODE}' jid='{full}'/>")

        assert refused(answer, "wait", "policy-violation", "too-many-subscriptions")


async def test_node_may_take_no_subscriptions(hamlet: Client, francisco: Client) -> None:
    """Section 6.1.3.10, example 42."""
    await make(hamlet, field("subscribe", "0"))

    answer = await request(francisco, "set", f"<subscribe node='{NODE}' jid='{FRANCISCO}'/>")

    assert refused(answer, "cancel", "feature-not-implemented", "unsupported")
    assert "feature='subscribe'" in answer


@pytest.mark.parametrize(
    "content",
    [
        f"<subscribe node='nowhere' jid='{FRANCISCO}'/>",
        f"<unsubscribe node='nowhere' jid='{FRANCISCO}'/>",
        f"<options node='nowhere' jid='{FRANCISCO}'/>",
        "<subscriptions node='nowhere'/>",
        "<affiliations node='nowhere'/>",
        "<default node='nowhere'/>",
    ],
)
async def test_node_that_is_not_there_is_not_found(francisco: Client, content: str) -> None:
    """Sections 6.1.3.12, 6.2.3.4 and 6.3.4.7."""
    is_get = content.startswith(("<options", "<subscriptions", "<affiliations", "<default"))

    answer = await request(francisco, "get" if is_get else "set", content)

    assert refused(answer, "cancel", "item-not-found")


@pytest.mark.parametrize(
    "content", [f"<subscribe jid='{FRANCISCO}'/>", f"<unsubscribe jid='{FRANCISCO}'/>"]
)
async def test_request_names_its_node(francisco: Client, content: str) -> None:
    answer = await request(francisco, "set", content)

    assert refused(answer, "modify", "bad-request", "nodeid-required")


async def test_repeated_request_is_answered_with_what_there_is(
    hamlet: Client, francisco: Client
) -> None:
    """Section 6.1.6: "return the current subscription state (as if it was just approved)"."""
    await make(hamlet)

    first, second = await subscribe(francisco, FRANCISCO), await subscribe(francisco, FRANCISCO)

    assert first == second


async def test_other_options_make_another_subscription(hamlet: Client, francisco: Client) -> None:
    """Section 6.1.6: "using different subscription options ... by subscribing multiple times"."""
    await make(hamlet)
    first = await subscribe(francisco, FRANCISCO)
    away = OPTIONS.format(field("show-values", "away"))

    second = await subscribe(francisco, FRANCISCO, options=away)

    assert first != second
    listed = await request(francisco, "get", "<subscriptions/>")
    assert f"subid='{first}'" in listed
    assert f"subid='{second}'" in listed


async def test_unsubscribing_ends_a_subscription(hamlet: Client, francisco: Client) -> None:
    """Section 6.2.2, example 51."""
    await make(hamlet)
    subid = await subscribe(francisco, FRANCISCO)

    answer = await request(francisco, "set", f"<unsubscribe node='{NODE}' jid='{FRANCISCO}'/>")

    shown = f"<subscription node='{NODE}' jid='{FRANCISCO}' subid='{subid}' subscription='none'/>"
    assert shown in answer
    await put(hamlet)
    assert events(francisco) == []


async def test_several_subscriptions_are_ended_by_name(hamlet: Client, francisco: Client) -> None:
    """Section 6.2.3.1, example 52; section 6.2.3.5, example 56."""
    await make(hamlet)
    await subscribe(francisco, FRANCISCO)
    other = await subscribe(
        francisco, FRANCISCO, options=OPTIONS.format(field("show-values", "away"))
    )
    leave = f"<unsubscribe node='{NODE}' jid='{FRANCISCO}'{{}}/>"

    without = await request(francisco, "set", leave.format(""))
    wrong = await request(francisco, "set", leave.format(" subid='991bae8'"))
    right = await request(francisco, "set", leave.format(f" subid='{other}'"))

    assert refused(without, "modify", "bad-request", "subid-required")
    assert refused(wrong, "modify", "not-acceptable", "invalid-subid")
    assert RESULT in right


async def test_who_is_not_subscribed_cannot_unsubscribe(hamlet: Client, francisco: Client) -> None:
    """Section 6.2.3.2, example 53: type cancel."""
    await make(hamlet)

    answer = await request(francisco, "set", f"<unsubscribe node='{NODE}' jid='{FRANCISCO}'/>")

    assert refused(answer, "cancel", "unexpected-request", "not-subscribed")


async def test_nobody_unsubscribes_others(hamlet: Client, francisco: Client) -> None:
    """Section 6.2.3.3, example 54."""
    await make(hamlet)
    await subscribe(francisco, FRANCISCO)

    answer = await request(hamlet, "set", f"<unsubscribe node='{NODE}' jid='{FRANCISCO}'/>")

    assert refused(answer, "auth", "forbidden")


async def test_options_are_shown_and_changed(hamlet: Client, francisco: Client) -> None:
    """Sections 6.3.2 to 6.3.6, examples 59, 60, 66 and 67."""
    await make(hamlet)
    await subscribe(francisco, FRANCISCO)
    place = f"node='{NODE}' jid='{FRANCISCO}'"

    form = await request(francisco, "get", f"<options {place}/>")
    submit = OPTIONS.format(field("deliver", "0")).replace("<options>", f"<options {place}>")
    done = await request(francisco, "set", submit)

    assert "<field var='pubsub#deliver' type='boolean' label='Enable delivery?'><value>1" in form
    assert "<field var='pubsub#show-values' type='list-multi'" in form
    assert RESULT in done
    await put(hamlet)
    assert events(francisco) == []


@pytest.mark.parametrize(
    ("attributes", "error"),
    [
        (f"jid='{BERNARDO}'", ("auth", "forbidden", "")),
        (f"jid='{FRANCISCO}'", ("cancel", "unexpected-request", "not-subscribed")),
        ("", ("modify", "bad-request", "jid-required")),
    ],
    ids=["others", "not subscribed", "no address"],
)
async def test_options_that_cannot_be_shown(
    hamlet: Client, francisco: Client, attributes: str, error: tuple[str, str, str]
) -> None:
    """Sections 6.3.4.1 to 6.3.4.3, examples 61 to 63."""
    await make(hamlet)

    answer = await request(francisco, "get", f"<options node='{NODE}' {attributes}/>")

    assert refused(answer, *error)


async def test_options_that_are_wrong_are_refused(hamlet: Client, francisco: Client) -> None:
    """Section 6.3.6.2, example 68."""
    await make(hamlet)
    await subscribe(francisco, FRANCISCO)
    wrong = OPTIONS.format(field("show-values", "asleep"))
    submit = wrong.replace("<options>", f"<options node='{NODE}' jid='{FRANCISCO}'>")

    answer = await request(francisco, "set", submit)

    assert refused(answer, "modify", "bad-request", "invalid-options")


@pytest.mark.parametrize("node", ["", f" node='{NODE}'"])
async def test_default_options_are_shown(hamlet: Client, francisco: Client, node: str) -> None:
    """Section 6.4, examples 71 to 73."""
    await make(hamlet)

    answer = await request(francisco, "get", f"<default{node}/>")

    assert f"<default{node}><x xmlns='jabber:x:data' type='form'>" in answer
    assert "http://jabber.org/protocol/pubsub#subscribe_options" in answer


async def test_subscriptions_are_listed_to_their_owner(hamlet: Client, francisco: Client) -> None:
    """Section 5.6, examples 20 to 25."""
    empty = await request(francisco, "get", "<subscriptions/>")
    for node in ("node1", "node2"):
        await make(hamlet, node=node)
        await subscribe(francisco, FRANCISCO, node=node)

    all_nodes = await request(francisco, "get", "<subscriptions/>")
    one_node = await request(francisco, "get", "<subscriptions node='node2'/>")

    assert "<subscriptions/>" in empty
    assert all_nodes.count("<subscription node=") == 2
    assert "<subscriptions node='node2'><subscription node='node2' jid=" in one_node
    assert one_node.count("<subscription ") == 1


async def test_affiliations_are_listed_to_who_has_them(hamlet: Client, francisco: Client) -> None:
    """Section 5.7, examples 26 to 30."""
    await make(hamlet)

    own = await request(hamlet, "get", "<affiliations/>")
    none = await request(francisco, "get", f"<affiliations node='{NODE}'/>")

    shown = f"<affiliations><affiliation node='{NODE}' affiliation='owner'/></affiliations>"
    assert shown in own
    assert f"<affiliations node='{NODE}'/>" in none


async def test_new_subscriber_gets_the_last_item_with_its_time(
    hamlet: Client, francisco: Client
) -> None:
    """Section 6.1.7, example 49; "to the subscribed JID"."""
    await make(hamlet)
    await put(hamlet)

    await francisco.say(
        "<iq type='set' id='s' to='pubsub.montague.lit'>"
        "<pubsub xmlns='http://jabber.org/protocol/pubsub'>"
        f"<subscribe node='{NODE}' jid='{FRANCISCO}'/></pubsub></iq>"
    )

    (message,) = events(francisco)
    assert message.get("to") == FRANCISCO
    assert message.find("{urn:xmpp:delay}delay") is not None


async def test_subscriptions_survive_a_restart(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await make(await enter(stage, "romeo/elsinore"))
        francisco = await enter(stage, "juliet/barracks")
        options = OPTIONS.format(field("show-values", "chat", "online"))
        subid = await subscribe(francisco, FRANCISCO, options=options)

    async with staged(tmp_path) as stage:
        francisco, hamlet = await enter(stage, "juliet/barracks"), await enter(stage, "romeo/e")
        assert f"subid='{subid}'" in await request(francisco, "get", "<subscriptions/>")
        form = await request(francisco, "get", f"<options node='{NODE}' jid='{FRANCISCO}'/>")
        await put(hamlet)

        assert len(events(francisco)) == 1
    assert "<value>chat</value><value>online</value><option" in form


async def test_temporary_subscription_ends_with_presence(stage: Stage, hamlet: Client) -> None:
    """Section 12.4: "automatically cancel the subscription"."""
    await make(hamlet)
    francisco = await enter(stage, "juliet/barracks")
    await subscribe(francisco, FRANCISCO, options=OPTIONS.format(field("expire", "presence")))
    await put(hamlet)
    assert len(events(francisco)) == 1

    await francisco.say("<presence type='unavailable'/>")
    await francisco.come()

    assert "<subscriptions/>" in await request(francisco, "get", "<subscriptions/>")


async def test_lease_that_is_over_brings_nothing(hamlet: Client, francisco: Client) -> None:
    """Section 12.18."""
    await make(hamlet)
    over = OPTIONS.format(field("expire", "2006-02-28T23:59:59Z"))
    await subscribe(francisco, FRANCISCO, options=over)

    await put(hamlet)

    assert events(francisco) == []
