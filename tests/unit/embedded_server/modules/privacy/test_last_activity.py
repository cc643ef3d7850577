"""Last activity (XEP-0012, XEP-0256): who is told since when an account is gone."""

import time
from pathlib import Path
from typing import Any

import pytest

from embedded_server.modules.privacy.last_activity import Clocks, LastActivityModule
from embedded_server.modules.roster_book import RosterBook
from embedded_server.storage.activity_repository import ActivityRepository, StoredActivity
from embedded_server.storage.roster_repository import RosterRepository
from shared_protocol.stanzas.entity.last_activity import LastActivity, from_element
from shared_protocol.xml.elements import element_of
from tests.helpers.module_stage import Client, Stage, staged

pytestmark = pytest.mark.asyncio
LAST = "<iq type='get' id='l'{}><query xmlns='jabber:iq:last'/></iq>"


async def ask(client: Client, to: str) -> str:
    return await client.ask(LAST.format(f" to='{to}'" if to else ""))


def activity_in(answer: str) -> LastActivity:
    return from_element(element_of(answer.encode())[0])


async def stored(stage: Stage, name: str) -> StoredActivity | None:
    return await ActivityRepository(stage.writer).of(name)


async def test_contact_that_left_is_told_with_what_it_said(stage: Any) -> None:
    """XEP-0012, section 3: seconds since logout, and the status of the last presence."""
    await stage.befriend("romeo", "juliet")
    juliet = await (await stage.enter("juliet/balcony")).come()
    await juliet.say("<presence type='unavailable'><status>Heading home</status></presence>")
    romeo = await (await stage.enter("romeo/orchard")).come()

    answer = activity_in(await ask(romeo, "juliet@montague.lit"))

    assert answer.status == "Heading home"
    assert 0 <= answer.seconds < 60


async def test_contact_that_was_cut_off_left_as_well(stage: Any) -> None:
    """RFC 6121, section 4.5.3: the server says unavailable for the client."""
    await stage.befriend("romeo", "juliet")
    await (await (await stage.enter("juliet/balcony")).come()).leave()
    romeo = await stage.enter("romeo/orchard")

    assert activity_in(await ask(romeo, "juliet@montague.lit")).status == ""


async def test_contact_that_is_there_has_left_no_second_ago(stage: Any) -> None:
    """XEP-0012, section 3: "an empty query whose seconds attribute is set to 0"."""
    await stage.befriend("romeo", "juliet")
    await (await (await stage.enter("juliet/balcony")).come()).leave()
    await (await stage.enter("juliet/chamber")).come()
    romeo = await stage.enter("romeo/orchard")

    assert "<query xmlns='jabber:iq:last' seconds='0'/>" in await ask(romeo, "juliet@montague.lit")


async def test_account_is_gone_with_its_last_resource(stage: Any) -> None:
    first = await (await stage.enter("juliet/balcony")).come()
    await (await stage.enter("juliet/chamber")).come()

    await first.say("<presence type='unavailable'><status>no</status></presence>")

    assert await stored(stage, "juliet") is None


@pytest.mark.parametrize("who", ["juliet", "tybalt"])
async def test_stranger_learns_the_same_of_everybody(stage: Any, who: str) -> None:
    """XEP-0012, section 8: "MUST NOT allow an unauthorized entity to learn"."""
    await (await (await stage.enter("juliet/balcony")).come()).leave()
    romeo = await (await stage.enter("romeo/orchard")).come()

    answer = await ask(romeo, f"{who}@montague.lit")

    assert "<error type='cancel'><service-unavailable " in answer


async def test_who_only_shows_his_presence_is_a_stranger(stage: Any) -> None:
    """It takes a subscription to the account, not one of the account."""
    romeo = await (await stage.enter("romeo/orchard")).come()
    juliet = await (await stage.enter("juliet/balcony")).come()
    await juliet.say("<presence type='subscribe' to='romeo@montague.lit'/>")
    await romeo.say("<presence type='subscribed' to='juliet@montague.lit'/>")
    romeo.take()

    assert "<service-unavailable " in await ask(romeo, "juliet@montague.lit")


async def test_own_account_may_ask_with_and_without_address(stage: Any) -> None:
    romeo = await (await stage.enter("romeo/orchard")).come()

    for to in ("", "romeo@montague.lit"):
        assert "seconds='0'" in await ask(romeo, to)


async def test_contact_that_never_was_there_is_not_found(stage: Any) -> None:
    await stage.befriend("romeo", "juliet")
    juliet_never_available = "juliet@montague.lit"
    romeo = await (await stage.enter("romeo/orchard")).come()

    assert "<item-not-found " in await ask(romeo, juliet_never_available)


async def test_session_that_nobody_saw_tells_nothing_but_when_it_began(stage: Any) -> None:
    """Who was never available cannot have left; administrators still see the login."""
    began = time.time()
    await (await stage.enter("juliet/balcony")).leave()

    found = await stored(stage, "juliet")

    assert found is not None
    assert found.left_at is None
    assert began <= found.came_at <= time.time()


async def test_last_activity_is_known_over_a_restart(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.befriend("romeo", "juliet")
        juliet = await (await stage.enter("juliet/balcony")).come()
        await juliet.say("<presence type='unavailable'><status>Mantua</status></presence>")
        await juliet.leave()

    async with staged(tmp_path) as stage:
        romeo = await stage.enter("romeo/orchard")

        assert activity_in(await ask(romeo, "juliet@montague.lit")).status == "Mantua"


async def test_long_status_is_cut_in_the_store_only(stage: Any) -> None:
    juliet = await (await stage.enter("juliet/balcony")).come()

    await juliet.say(f"<presence type='unavailable'><status>{'x' * 5_000}</status></presence>")

    found = await stored(stage, "juliet")
    assert found is not None
    assert len(found.status) == 1_023
    assert "x" * 5_000 in juliet.take()[-1]


async def test_server_tells_since_when_it_runs(stage: Any) -> None:
    """XEP-0012, section 5: the uptime."""
    times = iter((100.0, 160.9))
    stage.modules.detach()
    module = LastActivityModule(
        store=ActivityRepository(stage.writer),
        book=RosterBook(store=RosterRepository(stage.writer)),
        clocks=Clocks(running=lambda: next(times)),
    )
    module.attach(stage.host)
    romeo = await stage.enter("romeo/orchard")

    answer = await ask(romeo, "montague.lit")

    module.detach()
    stage.modules.attach(stage.host)
    assert answer.endswith("><query xmlns='jabber:iq:last' seconds='60'/></iq>")


async def test_probe_of_a_contact_that_is_away_tells_since_when(stage: Any) -> None:
    """RFC 6121, section 4.3.2: unavailable, with the time at which it was last sent."""
    await stage.befriend("romeo", "juliet")
    await (await (await stage.enter("juliet/balcony")).come()).leave()
    romeo = await (await stage.enter("romeo/orchard")).come()

    await romeo.say("<presence type='probe' to='juliet@montague.lit' id='p'/>")
    (of_account,) = romeo.take()
    await romeo.say("<presence type='probe' to='juliet@montague.lit/attic' id='p'/>")
    (of_resource,) = romeo.take()

    assert "<delay xmlns='urn:xmpp:delay' from='montague.lit' stamp='2" in of_account
    assert "<delay" not in of_resource


async def test_activity_in_presence_is_relayed(stage: Any) -> None:
    """XEP-0256: clients say since when they are idle; the server passes it on."""
    await stage.befriend("romeo", "juliet")
    romeo = await (await stage.enter("romeo/orchard")).come()
    juliet = await (await stage.enter("juliet/balcony")).come()
    romeo.take()
    idle = "<show>away</show><query xmlns='jabber:iq:last' seconds='600'/>"

    await juliet.say(f"<presence>{idle}</presence>")

    assert idle in romeo.take()[0]
