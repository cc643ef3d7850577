"""Bookmarks in three forms are the same bookmarks (XEP-0402, 0048, 0049, 0411)."""

from pathlib import Path

import pytest

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
from tests.helpers.module_stage import Client, Stage, staged

pytestmark = pytest.mark.asyncio
BOOKMARKS, STORAGE = "urn:xmpp:bookmarks:1", "storage:bookmarks"
PLAY, ORCHARD = "theplay@conference.shakespeare.lit", "orchard@conference.shakespeare.lit"
OPTIONS = (
    field("persist_items", "true")
    + field("max_items", "max")
    + field("send_last_published_item", "never")
    + field("access_model", "whitelist")
)
EXTENSIONS = (
    "<extensions><state xmlns='http://myclient.example/state' minimized='true'/></extensions>"
)
GET_PRIVATE = (
    "<iq type='get' id='g'><query xmlns='jabber:iq:private'>"
    f"<storage xmlns='{STORAGE}'/></query></iq>"
)


def conference(room: str, name: str = "The Play", extra: str = "<nick>JC</nick>") -> str:
    return (
        f"<item id='{room}'><conference xmlns='{BOOKMARKS}' name='{name}' autojoin='true'>"
        f"{extra}</conference></item>"
    )


def storage(*rooms: str, extra: str = "") -> str:
    written = "".join(
        f"<conference jid='{room}' name='The Play' autojoin='1'><nick>JC</nick></conference>"
        for room in rooms
    )
    return f"<storage xmlns='{STORAGE}'>{written}{extra}</storage>"


def set_private(content: str) -> str:
    return f"<iq type='set' id='s'><query xmlns='jabber:iq:private'>{content}</query></iq>"


async def bookmarked(client: Client) -> str:
    return await answered(client, pubsub("get", f"<items node='{BOOKMARKS}'/>"))


@pytest.fixture
def example() -> str:
    """XEP-0402, example 5."""
    return publish(BOOKMARKS, conference(PLAY), options=OPTIONS)


async def test_bookmark_is_kept_and_told_to_own_clients(stage: Stage, example: str) -> None:
    """XEP-0402, sections 3.3 and 3.1: published with options, notified with +notify."""
    balcony = await stage.enter("juliet/balcony")
    chamber = await come_with(await stage.enter("juliet/chamber"), BOOKMARKS)

    assert "type='result'" in await answered(balcony, example)

    (message,) = events(chamber)
    assert message.get("from") == "juliet@montague.lit"
    item = message.find(".//{http://jabber.org/protocol/pubsub#event}item")
    assert item is not None
    assert item.get("id") == PLAY
    assert f"<item id='{PLAY}'><conference xmlns='{BOOKMARKS}'" in await bookmarked(balcony)


async def test_many_bookmarks_are_kept_without_options(stage: Stage) -> None:
    """XEP-0402, section 4: the node is private, and holds as many items as there is room for."""
    juliet, romeo = await stage.enter("juliet/balcony"), await stage.enter("romeo/orchard")
    await stage.befriend("juliet", "romeo")

    for room in (PLAY, ORCHARD):
        await answered(juliet, publish(BOOKMARKS, conference(room)))

    answer = await bookmarked(juliet)
    assert PLAY in answer
    assert ORCHARD in answer
    ask = pubsub("get", f"<items node='{BOOKMARKS}'/>", "juliet@montague.lit")
    assert "<closed-node xmlns=" in await romeo.ask(ask)


async def test_removed_bookmark_is_told(stage: Stage, example: str) -> None:
    """XEP-0402, section 3.5, example 9."""
    balcony = await stage.enter("juliet/balcony")
    chamber = await come_with(await stage.enter("juliet/chamber"), BOOKMARKS)
    await answered(balcony, example)
    events(chamber)

    retract = f"<retract node='{BOOKMARKS}' notify='true'><item id='{PLAY}'/></retract>"
    assert "type='result'" in await answered(balcony, pubsub("set", retract))

    (message,) = events(chamber)
    gone = message.find(".//{http://jabber.org/protocol/pubsub#event}retract")
    assert gone is not None
    assert gone.get("id") == PLAY


async def test_old_client_reads_new_bookmarks_from_private_storage(
    stage: Stage, example: str
) -> None:
    """XEP-0402, section 4: "unifying bookmarks from XEP-0049 and XEP-0402"."""
    juliet = await stage.enter("juliet/balcony")
    await answered(juliet, example)

    answer = await answered(juliet, GET_PRIVATE)

    assert (
        f"<storage xmlns='{STORAGE}'><conference jid='{PLAY}' name='The Play' autojoin='true'>"
        "<nick>JC</nick></conference></storage>"
    ) in answer


async def test_new_client_reads_old_bookmarks_as_items(stage: Stage) -> None:
    juliet = await stage.enter("juliet/balcony")

    assert "type='result'" in await answered(juliet, set_private(storage(PLAY, ORCHARD)))

    answer = await bookmarked(juliet)
    for room in (PLAY, ORCHARD):
        written = (
            f"<item id='{room}'><conference xmlns='{BOOKMARKS}' name='The Play' autojoin='true'>"
        )
        assert f"{written}<nick>JC</nick></conference></item>" in answer


async def test_old_client_changes_only_what_it_changed(stage: Stage, example: str) -> None:
    """XEP-0402, section 4: no notification of unchanged items, a retraction of what is gone."""
    balcony = await stage.enter("juliet/balcony")
    await answered(balcony, example)
    await answered(balcony, publish(BOOKMARKS, conference(ORCHARD), options=OPTIONS))
    chamber = await come_with(await stage.enter("juliet/chamber"), BOOKMARKS)
    events(chamber)
    new = "council@conference.underhill.org"

    await answered(balcony, set_private(storage(PLAY, new)))

    told = [one.find("*/*/*") for one in events(chamber)]
    assert [(one.tag.rpartition("}")[2], one.get("id")) for one in told if one is not None] == [
        ("item", new),
        ("retract", ORCHARD),
    ]


async def test_extensions_of_a_bookmark_survive_an_old_client(stage: Stage) -> None:
    """XEP-0402, section 3.4: "MUST preserve any XML elements they do not understand"."""
    juliet = await stage.enter("juliet/balcony")
    item = conference(PLAY, extra=f"<nick>JC</nick>{EXTENSIONS}")
    await answered(juliet, publish(BOOKMARKS, item, options=OPTIONS))

    renamed = storage(PLAY).replace("The Play", "Hamlet")
    await answered(juliet, set_private(renamed))

    answer = await bookmarked(juliet)
    assert "name='Hamlet'" in answer
    assert EXTENSIONS in answer


async def test_bookmarks_of_web_pages_stay_for_old_clients(stage: Stage, example: str) -> None:
    """XEP-0048, section 2.2."""
    juliet = await stage.enter("juliet/balcony")
    page = "<url name='Complete Works' url='http://the-tech.mit.edu/Shakespeare/'/>"
    await answered(juliet, set_private(storage(ORCHARD, extra=page)))

    await answered(juliet, example)

    answer = await answered(juliet, GET_PRIVATE)
    assert page in answer
    assert PLAY in answer
    assert ORCHARD in answer


async def test_node_of_old_is_kept_alike_and_told(stage: Stage, example: str) -> None:
    """XEP-0402, section 4, ``#compat-pep``; XEP-0048, sections 3.1 to 3.3."""
    balcony = await stage.enter("juliet/balcony")
    chamber = await come_with(await stage.enter("juliet/chamber"), STORAGE)

    await answered(balcony, example)

    (message,) = events(chamber)
    assert message.find(f".//{{{STORAGE}}}conference[@jid='{PLAY}']") is not None
    answer = await answered(balcony, pubsub("get", f"<items node='{STORAGE}'/>"))
    assert f"<item id='current'><storage xmlns='{STORAGE}'><conference jid='{PLAY}'" in answer


async def test_item_of_old_becomes_items_of_today(stage: Stage) -> None:
    """XEP-0048, section 3.1, its example."""
    juliet = await stage.enter("juliet/balcony")
    options = field("persist_items", "true") + field("access_model", "whitelist")

    item = f"<item id='current'>{storage(PLAY)}</item>"
    assert "type='result'" in await answered(juliet, publish(STORAGE, item, options=options))

    assert f"<item id='{PLAY}'>" in await bookmarked(juliet)


async def test_bookmarks_that_others_may_read_are_not_mixed_with_private_ones(
    stage: Stage, example: str
) -> None:
    """XEP-0411, section 5: "the user is the only one who has access to that node"."""
    juliet = await stage.enter("juliet/balcony")
    await answered(juliet, example)
    opened = configuration(field("access_model", "open"))
    await answered(juliet, owner("set", f"<configure node='{BOOKMARKS}'>{opened}</configure>"))

    await answered(juliet, set_private(storage(ORCHARD)))

    assert ORCHARD not in await bookmarked(juliet)
    assert ORCHARD in await answered(juliet, GET_PRIVATE)


async def test_all_forms_are_there_after_a_restart(tmp_path: Path, example: str) -> None:
    async with staged(tmp_path) as stage:
        await answered(await stage.enter("juliet/balcony"), example)

    async with staged(tmp_path) as stage:
        juliet = await stage.enter("juliet/balcony")
        await answered(juliet, publish(BOOKMARKS, conference(ORCHARD), options=OPTIONS))

        for answer in (await bookmarked(juliet), await answered(juliet, GET_PRIVATE)):
            assert PLAY in answer
            assert ORCHARD in answer


@pytest.mark.parametrize("name", ["#compat", "#compat-pep"])
async def test_compatibility_is_announced(stage: Stage, name: str) -> None:
    """XEP-0402, section 5."""
    juliet = await stage.enter("juliet/balcony")

    answer = await juliet.ask(
        "<iq type='get' id='d'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>"
    )

    assert f"<feature var='{BOOKMARKS}{name}'/>" in answer


# Other private data (XEP-0049).


async def test_private_data_comes_back(stage: Stage) -> None:
    """XEP-0049, section 2.3, examples 1 and 2."""
    hamlet = await stage.enter("romeo/denmark")
    exodus = "<exodus xmlns='exodus:prefs'><defaultnick>Hamlet</defaultnick></exodus>"

    assert "type='result'" in await hamlet.ask(set_private(exodus))

    ask = set_private("<exodus xmlns='exodus:prefs'/>").replace("'set'", "'get'")
    assert f"<query xmlns='jabber:iq:private'>{exodus}</query>" in await hamlet.ask(ask)


async def test_private_data_that_is_not_there_comes_back_empty(stage: Stage) -> None:
    romeo = await stage.enter("romeo/orchard")

    answer = await romeo.ask(set_private("<x xmlns='u:x'/>").replace("'set'", "'get'"))

    assert "<query xmlns='jabber:iq:private'><x xmlns='u:x'/></query>" in answer


@pytest.mark.parametrize("kind", ["get", "set"])
async def test_private_data_of_others_is_forbidden(stage: Stage, kind: str) -> None:
    """XEP-0049, section 2.3, example 3."""
    romeo = await stage.enter("romeo/orchard")
    query = "<query xmlns='jabber:iq:private'><x xmlns='u:x'/></query>"

    answer = await romeo.ask(f"<iq type='{kind}' id='p' to='juliet@montague.lit'>{query}</iq>")

    assert "<forbidden " in answer


@pytest.mark.parametrize(
    ("kind", "content", "error"),
    [
        ("set", "", "<not-acceptable "),
        ("get", "", "<not-acceptable "),
        ("set", "<x/>", "<not-acceptable "),
        ("get", "<x xmlns='u:x'/><y xmlns='u:y'/>", "<bad-request "),
        ("set", f"<x xmlns='u:x'>{'x' * 70_000}</x>", "<not-acceptable "),
    ],
    ids=["set nothing", "get nothing", "no namespace", "two", "too long"],
)
async def test_private_data_that_cannot_be_is_refused(
    stage: Stage, kind: str, content: str, error: str
) -> None:
    """XEP-0049, sections 2.2 and 3."""
    romeo = await stage.enter("romeo/orchard")

    assert error in await romeo.ask(set_private(content).replace("'set'", f"'{kind}'"))


async def test_private_data_is_bounded(stage: Stage) -> None:
    romeo = await stage.enter("romeo/orchard")
    answers = [
        await romeo.ask(set_private(f"<x{number} xmlns='u:x'>{'x' * 60_000}</x{number}>"))
        for number in range(18)
    ]

    assert "<resource-constraint " in answers[-1]
    assert "type='result'" in answers[0]
    emptied = await romeo.ask(set_private("<x0 xmlns='u:x'/>"))
    assert "type='result'" in emptied
