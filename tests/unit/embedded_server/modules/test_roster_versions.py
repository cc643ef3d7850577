"""Roster versions: what a client is told that was away (RFC 6121, section 2.6)."""

import re
from pathlib import Path
from typing import Any

import pytest

from embedded_server.storage import roster_history
from tests.helpers.module_stage import Client, staged

pytestmark = pytest.mark.asyncio
GET = "<iq type='get' id='g'><query xmlns='jabber:iq:roster' ver='{}'/></iq>"
SET = "<iq type='set' id='s'><query xmlns='jabber:iq:roster'>{}</query></iq>"
EMPTY = "<iq type='result' to='romeo@montague.lit/orchard' id='g'/>"


async def put(client: Client, name: str, attributes: str = "") -> None:
    await client.say(SET.format(f"<item jid='{name}@montague.lit' {attributes}/>"))


async def version_of(client: Client) -> str:
    return version_in(await client.ask(GET.format("")))


def version_in(stanza: str) -> str:
    match = re.search(r"<query [^>]*\bver='(\d+)'", stanza)
    assert match is not None, stanza
    return match[1]


async def get(client: Client, version: str) -> list[str]:
    """Ask for a roster; return all that comes."""
    client.take()
    await client.say(GET.format(version))
    return client.take()


async def test_changes_since_a_version_are_pushed_in_their_order(stage: Any) -> None:
    """RFC 6121, section 2.6.3: "sends roster pushes (one for each roster item)", one per item."""
    garden = await stage.enter("romeo/garden")
    await put(garden, "juliet")
    known = await version_of(garden)
    await put(garden, "nurse", "name='Nurse'")
    await put(garden, "friar")
    romeo = await stage.enter("romeo/orchard")

    result, nurse, friar = await get(romeo, known)

    assert result == EMPTY
    assert "<item jid='nurse@montague.lit' subscription='none' name='Nurse'/>" in nurse
    assert "<item jid='friar@montague.lit' subscription='none'/>" in friar
    assert all("to='romeo@montague.lit/orchard'" in push for push in (nurse, friar))
    assert int(known) < int(version_in(nurse)) < int(version_in(friar))
    assert version_in(friar) == await version_of(garden)


async def test_interim_changes_of_an_item_are_one_push_of_its_final_state(stage: Any) -> None:
    """RFC 6121, section 2.6.3: "the server does not need to send interim pushes"."""
    garden = await stage.enter("romeo/garden")
    await put(garden, "juliet")
    known = await version_of(garden)
    for name in ("a", "b", "c"):
        await put(garden, "juliet", f"name='{name}'")
    romeo = await stage.enter("romeo/orchard")

    _, push = await get(romeo, known)

    assert "name='c'" in push


async def test_removed_item_is_pushed_as_removed(stage: Any) -> None:
    """RFC 6121, section 2.6.3: a removal is a change like any other."""
    garden = await stage.enter("romeo/garden")
    await put(garden, "juliet")
    await put(garden, "nurse")
    known = await version_of(garden)
    await put(garden, "juliet", "subscription='remove'")
    romeo = await stage.enter("romeo/orchard")

    _, push = await get(romeo, known)

    assert "<item jid='juliet@montague.lit' subscription='remove'/>" in push


@pytest.mark.parametrize(
    "version", ["1", "0", "00", "99999999999", "9" * 40, "a7f3", "-1", "\N{ARABIC-INDIC DIGIT ONE}"]
)
async def test_version_that_never_was_gets_the_whole_roster(stage: Any, version: str) -> None:
    """RFC 6121, section 2.6.2: an unknown version is answered with everything."""
    romeo = await stage.enter("romeo/orchard")
    await put(romeo, "juliet")

    (answer,) = await get(romeo, version)

    assert "<item jid='juliet@montague.lit'" in answer
    assert "type='result'" in answer


async def test_approval_counts_as_a_change_as_well(stage: Any) -> None:
    """RFC 6121, section 2.1.6: whatever changes an item is pushed."""
    garden = await stage.enter("romeo/garden")
    await put(garden, "juliet")
    known = await version_of(garden)
    await garden.say("<presence type='subscribe' to='juliet@montague.lit'/>")
    romeo = await stage.enter("romeo/orchard")

    _, push = await get(romeo, known)

    assert "ask='subscribe'" in push


async def test_later_pushes_follow_those_of_the_past(stage: Any) -> None:
    """RFC 6121, section 2.2: from the query on the resource is interested."""
    garden = await stage.enter("romeo/garden")
    await put(garden, "juliet")
    known = await version_of(garden)
    await put(garden, "nurse")
    romeo = await stage.enter("romeo/orchard")
    await get(romeo, known)

    await put(garden, "friar")

    (push,) = romeo.take()
    assert "friar@montague.lit" in push


async def test_changes_are_known_over_a_restart(tmp_path: Path) -> None:
    """RFC 6121, section 2.6: a client keeps its version while the server restarts."""
    async with staged(tmp_path) as stage:
        romeo = await stage.enter("romeo/garden")
        await put(romeo, "juliet")
        await put(romeo, "nurse")
        known = await version_of(romeo)
        await put(romeo, "juliet", "subscription='remove'")

    async with staged(tmp_path) as stage:
        romeo = await stage.enter("romeo/orchard")
        result, push = await get(romeo, known)
        newest = version_in(push)
        again = await get(romeo, newest)

    assert result == EMPTY
    assert "<item jid='juliet@montague.lit' subscription='remove'/>" in push
    assert again == [EMPTY]


async def test_version_that_is_too_old_gets_the_whole_roster(
    stage: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RFC 6121, section 2.6: the history is bounded; who is behind it, reads all."""
    monkeypatch.setattr(roster_history, "_REMEMBERED", 3)
    romeo = await stage.enter("romeo/orchard")
    versions = []
    for name in ("juliet", "nurse", "friar", "paris", "peter"):
        await put(romeo, name)
        versions.append(await version_of(romeo))

    oldest_known, forgotten = await get(romeo, versions[2]), await get(romeo, versions[1])

    assert [len(oldest_known), len(forgotten)] == [3, 1]
    assert "juliet@montague.lit" in forgotten[0]
