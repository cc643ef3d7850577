"""What owners do (XEP-0060 1.30.0, section 8)."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

import pytest
import pytest_asyncio

from shared_protocol.limits import PubSubLimits
from tests.helpers.eventing import answered, configuration, events, field, owner, publish, pubsub
from tests.helpers.module_stage import Client, Stage, staged
from tests.helpers.musings import (
    BERNARDO,
    FRANCISCO,
    HAMLET,
    NODE,
    RESULT,
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
EVENT = "{http://jabber.org/protocol/pubsub#event}"


@pytest_asyncio.fixture
async def hamlet(stage: Stage) -> AsyncIterator[Client]:
    yield await enter(stage, "romeo/elsinore")


@pytest_asyncio.fixture
async def francisco(stage: Stage) -> AsyncIterator[Client]:
    yield await enter(stage, "juliet/barracks")


def affiliation(jid: str, value: str) -> str:
    return f"<affiliation jid='{jid}' affiliation='{value}'/>"


async def affiliate(client: Client, *changes: str) -> str:
    content = f"<affiliations node='{NODE}'>{''.join(changes)}</affiliations>"
    return await owner_request(client, "set", content)


async def manage(client: Client, *changes: str) -> str:
    content = f"<subscriptions node='{NODE}'>{''.join(changes)}</subscriptions>"
    return await owner_request(client, "set", content)


def changes_in(client: Client) -> list[tuple[str | None, str | None]]:
    found = [message.find(f"{EVENT}event/{EVENT}subscription") for message in events(client)]
    return [(one.get("jid"), one.get("subscription")) for one in found if one is not None]


def requests_in(client: Client) -> list[Element]:
    arrived = [fromstring(f"<x xmlns='jabber:client'>{one}</x>")[0] for one in client.take()]  # noqa: S314 - our server's
    return [one for one in arrived if one.find("{jabber:x:data}x") is not None]


def decision(request_form: Element, allow: str, kind: str = "submit") -> str:
    """The form, filled in (examples 157 and 159)."""
    form = request_form.find("{jabber:x:data}x")
    assert form is not None
    values = {
        one.get("var"): one.findtext("{jabber:x:data}value")
        for one in form.iterfind("{jabber:x:data}field")
    }
    values["pubsub#allow"] = allow
    fields = "".join(
        f"<field var='{var}'><value>{value}</value></field>" for var, value in values.items()
    )
    sender = request_form.get("from")
    return f"<message to='{sender}' id='{request_form.get('id')}'><x xmlns='jabber:x:data' type='{kind}'>{fields}</x></message>"  # noqa: E501 - one stanza


# Creating.


async def test_node_is_created(hamlet: Client) -> None:
    """Section 8.1.2, examples 126 and 127: an empty result."""
    answer = await request(hamlet, "set", f"<create node='{NODE}'/>")

    assert answer.endswith("id='p'/>")


async def test_node_is_created_with_its_configuration(hamlet: Client, francisco: Client) -> None:
    """Section 8.1.3, example 130."""
    fields = (
        field("title", "Princely Musings (Atom)"),
        field("deliver_notifications", "1"),
        field("deliver_payloads", "1"),
        field("persist_items", "1"),
        field("max_items", "10"),
        field("item_expire", "604800"),
        field("access_model", "open"),
        field("publish_model", "publishers"),
        field("purge_offline", "0"),
        field("send_last_published_item", "never"),
        field("presence_based_delivery", "false"),
        field("notification_type", "headline"),
        field("notify_config", "0"),
        field("notify_delete", "0"),
        field("notify_retract", "0"),
        field("notify_sub", "0"),
        field("max_payload_size", "1028"),
        field("type", "urn:example:e2ee:bundle"),
        field("body_xslt", "http://jabxslt.jabberstudio.org/atom_body.xslt"),
    )

    assert RESULT in await make(hamlet, *fields)

    form = await owner_request(hamlet, "get", f"<configure node='{NODE}'/>")
    for value in ("Princely Musings (Atom)", "10", "604800", "never", "1028"):
        assert f"<value>{value}</value>" in form


@pytest.mark.parametrize("content", ["<create/>", "<create node=''/>"])
async def test_instant_node_is_given_a_name(hamlet: Client, content: str) -> None:
    """Section 8.1.1, examples 132 and 133."""
    answer = await request(hamlet, "set", content)

    match = re.search(r"<create node='(\w+)'/>", answer)
    assert match is not None
    assert RESULT in await put(hamlet, node=match[1])


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (f"<create node='{NODE}'/>", ("cancel", "conflict", "")),
        (f"<create node='{'x' * 2_000}'/>", ("modify", "not-acceptable", "")),
        (
            f"<create node='b'/><configure node='b'>{configuration()}</configure>",
            ("modify", "bad-request", ""),
        ),
        (
            f"<create node='b'/><configure>{configuration(field('access_model', 'x'))}</configure>",
            ("modify", "not-acceptable", "unsupported-access-model"),
        ),
        (
            f"<create node='b'/><configure>{configuration(field('max_items', 'x'))}</configure>",
            ("modify", "not-acceptable", ""),
        ),
        (
            "<create node='b'/><configure>"
            f"{configuration(field('node_type', 'collection'))}</configure>",
            ("modify", "not-acceptable", ""),
        ),
    ],
    ids=["there", "long", "named twice", "access model", "number", "collection"],
)
async def test_node_that_cannot_be_created(
    hamlet: Client, content: str, error: tuple[str, str, str]
) -> None:
    """Sections 8.1.1 to 8.1.3, example 131."""
    await make(hamlet)

    assert refused(await request(hamlet, "set", content), *error)
    assert refused(
        await owner_request(hamlet, "get", "<configure node='b'/>"), "cancel", "item-not-found"
    )


async def test_nodes_of_an_account_are_limited(tmp_path: Path) -> None:
    """security row 78."""
    async with staged(tmp_path, pubsub_limits=PubSubLimits(nodes=2)) as stage:
        hamlet = await enter(stage, "romeo/elsinore")
        await make(hamlet, node="1")
        await make(hamlet, node="2")

        answer = await make(hamlet, node="3")

        assert refused(answer, "wait", "resource-constraint", "max-nodes-exceeded")


# Configuring.


async def test_configuration_is_shown_and_changed(hamlet: Client, francisco: Client) -> None:
    """Sections 8.2.1 to 8.2.5, examples 134, 135, 141 and 144."""
    await make(hamlet)

    form = await owner_request(hamlet, "get", f"<configure node='{NODE}'/>")
    changed = configuration(field("access_model", "whitelist"))
    done = await owner_request(hamlet, "set", f"<configure node='{NODE}'>{changed}</configure>")

    assert "<x xmlns='jabber:x:data' type='form'>" in form
    assert "<field var='pubsub#access_model' type='list-single'" in form
    assert "<value>open</value><option><value>open</value></option>" in form
    assert done.endswith("id='o'/>")
    answer = await request(francisco, "get", f"<items node='{NODE}'/>")
    assert refused(answer, "cancel", "not-allowed", "closed-node")


async def test_cancelled_configuration_stays_as_it_was(hamlet: Client, francisco: Client) -> None:
    """Section 8.2.4, example 143."""
    await make(hamlet)

    cancel = "<x xmlns='jabber:x:data' type='cancel'/>"
    done = await owner_request(hamlet, "set", f"<configure node='{NODE}'>{cancel}</configure>")

    assert RESULT in done
    assert await subscribe(francisco, FRANCISCO)


@pytest.mark.parametrize(("payloads", "has_form"), [("1", True), ("0", False)])
async def test_change_of_the_configuration_is_told(
    hamlet: Client, francisco: Client, payloads: str, *, has_form: bool
) -> None:
    """Section 8.2.5.3, examples 146 and 147."""
    await make(hamlet, field("notify_config", "1"), field("deliver_payloads", payloads))
    await subscribe(francisco, FRANCISCO)

    changed = configuration(field("title", "Musings"))
    await owner_request(hamlet, "set", f"<configure node='{NODE}'>{changed}</configure>")

    (message,) = events(francisco)
    told = message.find(f"{EVENT}event/{EVENT}configuration")
    assert told is not None
    assert told.get("node") == NODE
    assert (told.find("{jabber:x:data}x") is not None) is has_form


async def test_smaller_node_lets_the_oldest_go(hamlet: Client) -> None:
    await make(hamlet)
    for item_id in "123":
        await put(hamlet, item(item_id))

    changed = configuration(field("max_items", "1"))
    await owner_request(hamlet, "set", f"<configure node='{NODE}'>{changed}</configure>")

    answer = await request(hamlet, "get", f"<items node='{NODE}'/>")
    assert re.findall(r"<item id='(\d)'", answer) == ["3"]


@pytest.mark.parametrize(
    "content",
    [
        "<configure{}/>",
        f"<configure{{}}>{configuration()}</configure>",
        "<delete{}/>",
        "<purge{}/>",
        "<subscriptions{}/>",
        "<affiliations{}/>",
    ],
)
async def test_owners_alone_do_what_owners_do(
    hamlet: Client, francisco: Client, content: str
) -> None:
    """Sections 8.2.3, 8.4.3, 8.5.3, 8.8.1.3 and 8.9.1.3, examples 137 to 140, 149, 151, 153."""
    await make(hamlet)
    is_set = content.startswith(("<delete", "<purge")) or "<x " in content
    kind = "set" if is_set else "get"

    foreign = await owner_request(francisco, kind, content.format(f" node='{NODE}'"))
    missing = await owner_request(hamlet, kind, content.format(" node='nowhere'"))
    unnamed = await owner_request(hamlet, kind, content.format(""))

    assert refused(foreign, "auth", "forbidden")
    assert refused(missing, "cancel", "item-not-found")
    assert refused(unnamed, "modify", "bad-request", "nodeid-required")


async def test_defaults_are_shown(hamlet: Client) -> None:
    """Section 8.3, examples 148 and following; there are no collections."""
    service = await owner_request(hamlet, "get", "<default/>")
    account = await answered(hamlet, owner("get", "<default/>"))
    collection = await owner_request(hamlet, "get", "<default type='collection'/>")

    assert "<default><x xmlns='jabber:x:data' type='form'>" in service
    assert "<value>open</value><option>" in service
    assert "<value>presence</value><option>" in account
    assert refused(collection, "cancel", "feature-not-implemented", "unsupported")


# Deleting.


async def test_deletion_is_told_to_all_subscribers(stage: Stage) -> None:
    """Section 8.4.2: pending ones too; with the node in its place (examples 150 to 152)."""
    hamlet, francisco = await enter(stage, "romeo/elsinore"), await enter(stage, "juliet/barracks")
    bernardo = await enter(stage, "nurse/wall")
    await make(hamlet, field("access_model", "authorize"))
    await affiliate(hamlet, affiliation(FRANCISCO, "member"))
    await subscribe(francisco, FRANCISCO)
    await subscribe(bernardo, BERNARDO)
    events(bernardo)

    uri = "xmpp:hamlet@denmark.lit?;node=blog"
    answer = await owner_request(
        hamlet, "set", f"<delete node='{NODE}'><redirect uri='{uri}'/></delete>"
    )

    assert RESULT in answer
    for client in (francisco, bernardo):
        (message,) = events(client)
        gone = message.find(f"{EVENT}event/{EVENT}delete")
        assert gone is not None
        assert gone.get("node") == NODE
        assert gone.find(f"{EVENT}redirect[@uri='{uri}']") is not None
    assert refused(await put(francisco), "cancel", "item-not-found") or RESULT in await put(
        francisco
    )


async def test_deleted_node_is_gone_with_all_it_had(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        hamlet = await enter(stage, "romeo/elsinore")
        await make(hamlet)
        await put(hamlet)
        await subscribe(hamlet, HAMLET)
        await owner_request(hamlet, "set", f"<delete node='{NODE}'/>")

    async with staged(tmp_path) as stage:
        hamlet = await enter(stage, "romeo/elsinore")
        assert "<subscriptions/>" in await request(hamlet, "get", "<subscriptions/>")
        assert RESULT in await make(hamlet)
        answer = await request(hamlet, "get", f"<items node='{NODE}'/>")
    assert f"<items node='{NODE}'/>" in answer


# Approving.


async def test_owner_approves_a_subscription(hamlet: Client, francisco: Client) -> None:
    """Section 8.6, examples 156 to 158."""
    await make(hamlet, field("access_model", "authorize"))
    await put(hamlet)
    hamlet.take()
    await subscribe(francisco, FRANCISCO)
    (form,) = requests_in(hamlet)
    assert form.get("from") == SERVICE
    assert form.get("to") == HAMLET

    await hamlet.say(decision(form, "true"))

    assert changes_in(francisco) == [(FRANCISCO, "subscribed")]
    await put(hamlet)
    assert len(events(francisco)) == 1


async def test_owner_denies_a_subscription(hamlet: Client, francisco: Client) -> None:
    """Section 8.6, examples 159 and 160."""
    await make(hamlet, field("access_model", "authorize"))
    hamlet.take()
    await subscribe(francisco, FRANCISCO)
    (form,) = requests_in(hamlet)

    await hamlet.say(decision(form, "0"))

    assert changes_in(francisco) == [(FRANCISCO, "none")]
    assert "<subscriptions/>" in await request(francisco, "get", "<subscriptions/>")


async def test_cancelled_form_leaves_the_request_open(hamlet: Client, francisco: Client) -> None:
    """Section 8.6: "the subscription request MUST remain in the pending state"."""
    await make(hamlet, field("access_model", "authorize"))
    hamlet.take()
    await subscribe(francisco, FRANCISCO)
    (form,) = requests_in(hamlet)

    await hamlet.say(decision(form, "1", "cancel"))

    assert "subscription='pending'" in await request(francisco, "get", "<subscriptions/>")


async def test_nobody_approves_himself(hamlet: Client, francisco: Client) -> None:
    await make(hamlet, field("access_model", "authorize"))
    hamlet.take()
    await subscribe(francisco, FRANCISCO)
    (form,) = requests_in(hamlet)
    francisco.take()

    await francisco.say(decision(form, "1"))

    (answer,) = francisco.take()
    assert "<forbidden " in answer
    assert "subscription='pending'" in await request(francisco, "get", "<subscriptions/>")


async def test_request_waits_for_an_owner_who_is_away(stage: Stage) -> None:
    hamlet, francisco = await enter(stage, "romeo/elsinore"), await enter(stage, "juliet/barracks")
    await make(hamlet, field("access_model", "authorize"))
    await hamlet.leave()
    await subscribe(francisco, FRANCISCO)

    hamlet = await stage.enter("romeo/elsinore")
    await hamlet.say("<presence/>")

    assert len(requests_in(hamlet)) == 1


async def test_account_approves_for_its_own_nodes(hamlet: Client, francisco: Client) -> None:
    """XEP-0163: every account is a service; the form comes from and goes to the own address."""
    options = field("access_model", "authorize")
    await answered(
        hamlet, publish("urn:x", "<item id='1'><a xmlns='urn:x'/></item>", options=options)
    )
    hamlet.take()
    content = f"<subscribe node='urn:x' jid='{FRANCISCO}'/>"
    pending = await answered(francisco, pubsub("set", content, HAMLET))
    (form,) = requests_in(hamlet)

    await hamlet.say(decision(form, "1"))

    assert "subscription='pending'" in pending
    assert (FRANCISCO, "subscribed") in changes_in(francisco)


# Lists.


async def test_subscriptions_are_listed_and_changed(stage: Stage) -> None:
    """Section 8.8, examples 164 to 172."""
    hamlet, francisco = await enter(stage, "romeo/elsinore"), await enter(stage, "juliet/barracks")
    bernardo = await enter(stage, "nurse/wall")
    await make(hamlet)
    await subscribe(francisco, FRANCISCO)

    answer = await manage(
        hamlet,
        f"<subscription jid='{FRANCISCO}' subscription='none'/>",
        f"<subscription jid='{BERNARDO}' subscription='subscribed'/>",
    )

    assert RESULT in answer
    assert changes_in(francisco) == [(FRANCISCO, "none")]
    assert changes_in(bernardo) == [(BERNARDO, "subscribed")]
    listed = await owner_request(hamlet, "get", f"<subscriptions node='{NODE}'/>")
    assert re.findall(
        r"<subscription jid='([^']*)' subid='\w+' subscription='(\w+)'/>", listed
    ) == [(BERNARDO, "subscribed")]


async def test_what_cannot_be_changed_comes_back_and_the_rest_is_done(
    hamlet: Client, francisco: Client
) -> None:
    """Section 8.8.2.4, example 171: "with the invalid entries", unaltered."""
    await make(hamlet)
    await subscribe(francisco, FRANCISCO)

    answer = await manage(
        hamlet,
        f"<subscription jid='{FRANCISCO}' subscription='asleep'/>",
        f"<subscription jid='{BERNARDO}' subscription='subscribed'/>",
    )

    assert f"<subscription jid='{FRANCISCO}' subscription='subscribed'/>" in answer
    assert answer.index("</pubsub>") < answer.index("<error type='modify'><not-acceptable ")
    listed = await owner_request(hamlet, "get", f"<subscriptions node='{NODE}'/>")
    assert BERNARDO in listed


async def test_pending_subscriptions_are_not_listed(hamlet: Client, francisco: Client) -> None:
    """Section 8.8.1.2."""
    await make(hamlet, field("access_model", "authorize"))
    await subscribe(francisco, FRANCISCO)

    listed = await owner_request(hamlet, "get", f"<subscriptions node='{NODE}'/>")

    assert f"<subscriptions node='{NODE}'/>" in listed
    await manage(hamlet, f"<subscription jid='{FRANCISCO}' subscription='subscribed'/>")
    assert (FRANCISCO, "subscribed") in changes_in(francisco)


async def test_affiliations_are_listed_and_changed(hamlet: Client) -> None:
    """Section 8.9, examples 173 to 181."""
    await make(hamlet)

    answer = await affiliate(
        hamlet, affiliation(FRANCISCO, "publisher"), affiliation(BERNARDO, "outcast")
    )

    assert answer.endswith("id='o'/>")
    listed = await owner_request(hamlet, "get", f"<affiliations node='{NODE}'/>")
    for jid, value in ((HAMLET, "owner"), (FRANCISCO, "publisher"), (BERNARDO, "outcast")):
        assert affiliation(jid, value) in listed
    await affiliate(hamlet, affiliation(BERNARDO, "none"))
    assert BERNARDO not in await owner_request(hamlet, "get", f"<affiliations node='{NODE}'/>")


async def test_last_owner_stays_and_the_rest_is_done(hamlet: Client) -> None:
    """Section 8.9.2.4, examples 182 and 183."""
    await make(hamlet)

    answer = await affiliate(
        hamlet,
        affiliation(HAMLET, "none"),
        affiliation(BERNARDO, "none"),
        affiliation(FRANCISCO, "publisher"),
    )

    assert f"<affiliations node='{NODE}'>{affiliation(HAMLET, 'owner')}</affiliations>" in answer
    assert answer.index("</pubsub>") < answer.index("<error type='modify'><not-acceptable ")
    listed = await owner_request(hamlet, "get", f"<affiliations node='{NODE}'/>")
    assert affiliation(FRANCISCO, "publisher") in listed


@pytest.mark.parametrize(
    ("before", "after", "is_allowed"),
    [
        ("member", "publisher", True),
        ("member", "outcast", True),
        ("outcast", "none", True),
        ("outcast", "owner", True),
        ("publisher", "none", True),
        ("publisher", "member", False),
        ("owner", "publisher", False),
        ("owner", "member", False),
        ("owner", "outcast", False),
        ("owner", "none", False),
        ("owner", "owner", True),
    ],
)
async def test_affiliations_move_by_the_chart(
    hamlet: Client, before: str, after: str, *, is_allowed: bool
) -> None:
    """Section 4.1: "a MUST-IMPLEMENT set of rules"; an owner can but resign."""
    await make(hamlet)
    await affiliate(hamlet, affiliation(FRANCISCO, before))

    answer = await affiliate(hamlet, affiliation(FRANCISCO, after))

    assert (RESULT in answer) is is_allowed


async def test_owner_resigns_where_there_is_another(hamlet: Client, francisco: Client) -> None:
    await make(hamlet)
    await affiliate(hamlet, affiliation(FRANCISCO, "owner"))

    assert RESULT in await affiliate(hamlet, affiliation(HAMLET, "none"))
    assert refused(await affiliate(hamlet, affiliation(HAMLET, "owner")), "auth", "forbidden")
    assert RESULT in await owner_request(francisco, "get", f"<affiliations node='{NODE}'/>")


async def test_account_stays_owner_of_its_nodes(hamlet: Client) -> None:
    """XEP-0163, section 3.2."""
    await answered(hamlet, pubsub("set", f"<create node='{NODE}'/>"))
    both = affiliation(FRANCISCO, "owner")
    change = f"<affiliations node='{NODE}'>{{}}</affiliations>"
    await answered(hamlet, owner("set", change.format(both)))

    answer = await answered(hamlet, owner("set", change.format(affiliation(HAMLET, "none"))))

    assert "<not-acceptable " in answer


async def test_entity_twice_in_a_list_is_a_bad_request(hamlet: Client) -> None:
    """Section 8.9.2.4: "the service MUST return a <bad-request/> error"."""
    await make(hamlet)

    answer = await affiliate(
        hamlet, affiliation(FRANCISCO, "member"), affiliation(FRANCISCO, "publisher")
    )

    assert refused(answer, "modify", "bad-request")


@pytest.mark.parametrize("jid", ["", "a@b@c"])
async def test_entity_without_an_address_is_refused(hamlet: Client, jid: str) -> None:
    await make(hamlet)

    assert "<not-acceptable " in await affiliate(hamlet, affiliation(jid, "member"))


@pytest.mark.parametrize(("value", "state"), [("publisher", "subscribed"), ("outcast", "none")])
async def test_affiliation_settles_what_waits(
    hamlet: Client, francisco: Client, value: str, state: str
) -> None:
    """Section 8.7.5: approved with owner or publisher, rejected with outcast."""
    await make(hamlet, field("access_model", "authorize"))
    await subscribe(francisco, FRANCISCO)

    await affiliate(hamlet, affiliation(FRANCISCO, value))

    assert changes_in(francisco) == [(FRANCISCO, state)]


async def test_owners_hear_of_subscribers_if_they_want(hamlet: Client, francisco: Client) -> None:
    """Section 16.4.4, ``pubsub#notify_sub``."""
    await make(hamlet, field("notify_sub", "1"))
    await subscribe(francisco, FRANCISCO)
    await request(francisco, "set", f"<unsubscribe node='{NODE}' jid='{FRANCISCO}'/>")

    assert changes_in(hamlet) == [(FRANCISCO, "subscribed"), (FRANCISCO, "none")]


async def test_lists_survive_a_restart(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        hamlet = await enter(stage, "romeo/elsinore")
        await make(hamlet, field("title", "Musings"), field("max_items", "7"))
        await affiliate(hamlet, affiliation(FRANCISCO, "publisher"))

    async with staged(tmp_path) as stage:
        hamlet = await enter(stage, "romeo/elsinore")
        listed = await owner_request(hamlet, "get", f"<affiliations node='{NODE}'/>")
        form = await owner_request(hamlet, "get", f"<configure node='{NODE}'/>")
    assert affiliation(FRANCISCO, "publisher") in listed
    assert "<value>Musings</value>" in form
    assert "<value>7</value>" in form
