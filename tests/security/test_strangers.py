"""What strangers learn of an account, and what they can cost it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from embedded_server.routing.origin import ServiceOrigin
from shared_protocol.addresses import BareJid
from shared_protocol.limits import RosterLimits
from shared_protocol.xml.framer import frame_of
from tests.helpers.module_stage import Stage, staged

pytestmark = pytest.mark.asyncio
QUERIES = {
    "version": "<query xmlns='jabber:iq:version'/>",
    "last activity": "<query xmlns='jabber:iq:last'/>",
    "time": "<time xmlns='urn:xmpp:time'/>",
    "what it can do": "<query xmlns='http://jabber.org/protocol/disco#info'/>",
    "ping": "<ping xmlns='urn:xmpp:ping'/>",
}


@pytest_asyncio.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path) as ready:
        yield ready


@pytest.mark.parametrize("name", QUERIES)
@pytest.mark.parametrize("resource", ["", "/balcony"])
async def test_r73_stranger_is_told_nothing_of_an_account(
    stage: Stage, name: str, resource: str
) -> None:
    """Version, last activity and abilities: alike for who is there, away, and does not exist."""
    there = await (await stage.enter("juliet/balcony")).come()
    await (await (await stage.enter("nurse/balcony")).come()).leave()
    romeo = await (await stage.enter("romeo/orchard")).come()
    request = f"<iq type='get' id='q' to='{{}}@montague.lit{resource}'>{QUERIES[name]}</iq>"

    answers = [
        (await romeo.ask(request.format(who))).replace(who, "")
        for who in ("juliet", "nurse", "tybalt")
    ]

    assert "<service-unavailable " in answers[0]
    assert answers[0] == answers[1] == answers[2]
    assert there.take() == []


async def test_r73_who_is_blocked_is_a_stranger_again(stage: Stage) -> None:
    await stage.befriend("romeo", "juliet")
    romeo = await (await stage.enter("romeo/orchard")).come()
    juliet = await (await stage.enter("juliet/balcony")).come()
    await juliet.ask(
        "<iq type='set' id='b'><block xmlns='urn:xmpp:blocking'>"
        "<item jid='romeo@montague.lit'/></block></iq>"
    )
    romeo.take()

    for payload in QUERIES.values():
        request = f"<iq type='get' id='q' to='juliet@montague.lit'>{payload}</iq>"
        assert "<service-unavailable " in await romeo.ask(request)


async def test_r81_requests_of_many_strangers_are_bounded(tmp_path: Path) -> None:
    """Requests that wait for one account: no more than the limit, however many ask."""
    limits = RosterLimits(waiting_requests=10)
    names = [f"guest{number}" for number in range(25)]
    async with staged(tmp_path, roster_limits=limits) as stage:
        for name in names:
            await stage.accounts.create(name, "wherefore art thou")
            guest = await stage.enter(f"{name}/x")
            guest.send("<presence type='subscribe' to='juliet@montague.lit'/>")
        await stage.settle()
        juliet = await stage.enter("juliet/balcony")
        await juliet.say("<presence/>")

        assert sum("type='subscribe'" in stanza for stanza in juliet.take()) == 10


async def test_r81_requests_of_one_account_are_bounded_by_its_own_roster(tmp_path: Path) -> None:
    """10,000 subscribe to made-up names end at the limit of the roster, with an error each."""
    async with staged(tmp_path, roster_limits=RosterLimits(items=50)) as stage:
        romeo = await stage.enter("romeo/orchard")
        for number in range(10_000):
            romeo.send(f"<presence type='subscribe' to='nobody{number}@montague.lit'/>")
        while romeo.session.waiting_turns:
            await stage.settle()

        answers = romeo.take()
        roster = await romeo.ask("<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>")

    assert roster.count("<item ") == 50
    assert sum("<resource-constraint " in answer for answer in answers) == 9_950


async def test_r81_presence_of_a_service_does_not_fill_the_memory(stage: Stage) -> None:
    """A storm of presence is delivered or dropped; nothing of it is kept."""
    juliet = await (await stage.enter("juliet/balcony")).come()
    for number in range(5_000):
        room = BareJid(f"room{number}", "conference.montague.lit")
        frame = frame_of(b"<presence to='juliet@montague.lit'/>")
        stage.host.route(ServiceOrigin(room), frame)

    assert len(juliet.take()) == 5_000
    assert juliet.session.directed == set()
