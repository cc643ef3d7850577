"""Rosters as clients see them (RFC 6121, section 2; protocol.md 4.1)."""

import re
from pathlib import Path
from typing import Any

import pytest

from shared_protocol.limits import RosterLimits
from tests.helpers.module_stage import staged

pytestmark = pytest.mark.asyncio
GET = "<iq type='get' id='g'><query xmlns='jabber:iq:roster'{}/></iq>"
SET = "<iq type='set' id='s'{}><query xmlns='jabber:iq:roster'>{}</query></iq>"
JULIET = "<item jid='juliet@montague.lit' name='Juliet'><group>Friends</group></item>"


def version_in(stanza: str) -> str:
    match = re.search(r"<query [^>]*\bver='(\d+)'", stanza)
    assert match is not None, stanza
    return match[1]


async def test_empty_roster_is_a_query_without_items(stage: Any) -> None:
    """RFC 6121, section 2.1.4: not an error and not an empty result."""
    romeo = await stage.enter("romeo/orchard")

    answer = await romeo.ask(GET.format(""))

    assert answer == (
        "<iq type='result' to='romeo@montague.lit/orchard' id='g'>"
        "<query xmlns='jabber:iq:roster' ver='0'></query></iq>"
    )


async def test_set_is_pushed_to_every_interested_resource_and_answered(stage: Any) -> None:
    """RFC 6121, section 2.1.6: the push goes to "all of the user's interested resources"."""
    orchard, garden = await stage.enter("romeo/orchard"), await stage.enter("romeo/garden")
    stranger = await stage.enter("romeo/never-asked")
    await orchard.ask(GET.format(""))
    await garden.ask(GET.format(""))

    await orchard.say(SET.format("", JULIET))

    pushed, answer = orchard.take()[-2:]
    item = (
        "<item jid='juliet@montague.lit' subscription='none' name='Juliet'><group>Friends</group>"
    )
    assert item in pushed
    assert answer == "<iq type='result' to='romeo@montague.lit/orchard' id='s'/>"
    (also,) = garden.take()
    assert item in also
    assert "to='romeo@montague.lit/garden'" in also
    assert stranger.take() == []


async def test_roster_of_another_account_is_forbidden(stage: Any) -> None:
    """RFC 6121, section 2.3.3: "the server MUST return a <forbidden/> stanza error"."""
    romeo = await stage.enter("romeo/orchard")

    answer = await romeo.ask(SET.format(" to='juliet@montague.lit'", JULIET))

    assert "<error type='auth'><forbidden " in answer


@pytest.mark.parametrize(
    ("items", "error"),
    [
        ("", "<error type='modify'><bad-request "),
        (JULIET + "<item jid='nurse@montague.lit'/>", "<error type='modify'><bad-request "),
        (
            "<item jid='a@b.lit'><group>x</group><group>x</group></item>",
            "<error type='modify'><bad-request ",
        ),
        ("<item jid='a@b.lit'><group/></item>", "<error type='modify'><not-acceptable "),
        (
            f"<item jid='a@b.lit' name='{'x' * 2_000}'/>",
            "<error type='modify'><not-acceptable ",
        ),
        (
            f"<item jid='a@b.lit'><group>{'x' * 2_000}</group></item>",
            "<error type='modify'><not-acceptable ",
        ),
        (
            "<item jid='a@b.lit' subscription='remove'/>",
            "<error type='cancel'><item-not-found ",
        ),
    ],
    ids=["none", "two", "same group twice", "empty group", "long name", "long group", "no item"],
)
async def test_roster_set_that_cannot_be_is_refused(stage: Any, items: str, error: str) -> None:
    """RFC 6121, sections 2.3.3 and 2.5.3."""
    romeo = await stage.enter("romeo/orchard")

    assert error in await romeo.ask(SET.format("", items))


async def test_client_cannot_give_itself_a_subscription(stage: Any) -> None:
    """RFC 6121, section 2.1.2.5: the server ignores every value but "remove"."""
    romeo = await stage.enter("romeo/orchard")
    item = "<item jid='juliet@montague.lit' subscription='both' ask='subscribe' approved='true'/>"

    await romeo.ask(SET.format("", item))

    answer = await romeo.ask(GET.format(""))
    assert "<item jid='juliet@montague.lit' subscription='none'/>" in answer


async def test_update_makes_the_item_exactly_what_was_sent(stage: Any) -> None:
    """RFC 6121, section 2.4.1: no group is no groups, an empty name is no name."""
    romeo = await stage.enter("romeo/orchard")
    await romeo.ask(SET.format("", JULIET))

    await romeo.ask(SET.format("", "<item jid='juliet@montague.lit' name=''/>"))

    answer = await romeo.ask(GET.format(""))
    assert "<item jid='juliet@montague.lit' subscription='none'/>" in answer


async def test_known_version_is_answered_with_an_empty_result(stage: Any) -> None:
    """RFC 6121, section 2.6.3."""
    romeo = await stage.enter("romeo/orchard")
    await romeo.ask(SET.format("", JULIET))
    version = version_in(await romeo.ask(GET.format(" ver=''")))

    current = await romeo.ask(GET.format(f" ver='{version}'"))
    old = await romeo.ask(GET.format(" ver='1'"))

    assert current == "<iq type='result' to='romeo@montague.lit/orchard' id='g'/>"
    assert "juliet@montague.lit" in old


async def test_every_push_has_a_new_version(stage: Any) -> None:
    """protocol.md 4.1: "Every push has a unique new ver"."""
    romeo = await stage.enter("romeo/orchard")
    await romeo.ask(GET.format(""))
    pushes = []
    for name in "abc":
        await romeo.say(SET.format("", f"<item jid='nurse@montague.lit' name='{name}'/>"))
        pushes.append(romeo.take()[0])

    versions = [int(version_in(push)) for push in pushes]

    assert versions == sorted(set(versions))


async def test_remove_ends_the_subscriptions_of_both_sides(stage: Any) -> None:
    """RFC 6121, section 2.5.2: unsubscribe and unsubscribed are sent on the user's behalf."""
    await stage.befriend("romeo", "juliet")
    romeo = await (await stage.enter("romeo/orchard")).come()
    juliet = await (await stage.enter("juliet/balcony")).come()
    romeo.take()

    await romeo.say(SET.format("", "<item jid='juliet@montague.lit' subscription='remove'/>"))

    assert any("subscription='remove'" in stanza for stanza in romeo.take())
    arrived = "".join(juliet.take())
    assert "<presence type='unsubscribe' from='romeo@montague.lit'" in arrived
    assert "<presence type='unsubscribed' from='romeo@montague.lit'" in arrived
    assert "<presence type='unavailable' to='juliet@montague.lit'" in arrived or (
        "type='unavailable' from='romeo@montague.lit/orchard'" in arrived
    )
    assert "<item jid='romeo@montague.lit' subscription='none'/>" in await juliet.ask(
        GET.format("")
    )


async def test_full_roster_takes_no_new_item_but_changes_old_ones(tmp_path: Path) -> None:
    """security.md, section 6: refuse with resource-constraint."""
    async with staged(tmp_path, roster_limits=RosterLimits(items=1)) as stage:
        romeo = await stage.enter("romeo/orchard")
        await romeo.ask(SET.format("", JULIET))

        refused = await romeo.ask(SET.format("", "<item jid='nurse@montague.lit'/>"))
        changed = await romeo.ask(SET.format("", "<item jid='juliet@montague.lit'/>"))

        assert "<error type='wait'><resource-constraint " in refused
        assert "type='result'" in changed


async def test_what_was_answered_is_there_after_a_restart(tmp_path: Path) -> None:
    """protocol.md, section 8: what was answered "done" is still done."""
    async with staged(tmp_path) as stage:
        romeo = await stage.enter("romeo/orchard")
        await romeo.ask(SET.format("", JULIET))
        version = version_in(await romeo.ask(GET.format("")))

    async with staged(tmp_path) as stage:
        romeo = await stage.enter("romeo/orchard")
        answer = await romeo.ask(GET.format(""))

    assert version_in(answer) == version
    assert "name='Juliet'><group>Friends</group></item>" in answer


@pytest.mark.parametrize("subscription", ["both", "from", "pending", ""])
async def test_subscription_in_a_set_is_ignored_though_nobody_knows_it(
    stage: Any, subscription: str
) -> None:
    """RFC 6121, section 2.1.2.5: "the server MUST ignore any value other than remove"."""
    romeo = await stage.enter("romeo/orchard")
    item = f"<item jid='juliet@montague.lit' subscription='{subscription}'/>"

    answer = await romeo.ask(SET.format("", item))

    assert answer == "<iq type='result' to='romeo@montague.lit/orchard' id='s'/>"
    assert "<item jid='juliet@montague.lit' subscription='none'/>" in await romeo.ask(
        GET.format("")
    )


async def test_query_that_is_repeated_is_answered_again(stage: Any) -> None:
    """RFC 6121, section 2.1.4: a client may ask for the roster at any time."""
    romeo = await stage.enter("romeo/orchard")
    await romeo.ask(SET.format("", JULIET))

    first, second = [await romeo.ask(GET.format("")) for _ in range(2)]
    await romeo.say(SET.format("", JULIET))

    assert first == second
    assert len(romeo.take()) == 2  # one push, one result
