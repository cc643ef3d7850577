"""Subscriptions between two accounts (RFC 6121, section 3; protocol.md 4.2)."""

from pathlib import Path
from typing import Any

import pytest

from shared_protocol.addresses import BareJid
from shared_protocol.limits import RosterLimits
from tests.helpers.module_stage import staged

pytestmark = pytest.mark.asyncio
GET = "<iq type='get' id='g'><query xmlns='jabber:iq:roster'/></iq>"


def subscription(kind: str, to: str) -> str:
    return f"<presence type='{kind}' to='{to}@montague.lit'/>"


async def test_request_reaches_the_contact_whole_and_from_the_bare_jid(stage: Any) -> None:
    """RFC 6121, section 3.1.2: stamped with the bare JID, a full address is cut to bare."""
    romeo = await (await stage.enter("romeo/orchard")).come()
    juliet = await (await stage.enter("juliet/balcony")).come()

    await romeo.say(
        "<presence type='subscribe' to='juliet@montague.lit/balcony' id='a'>"
        "<nick xmlns='http://jabber.org/protocol/nick'>Romeo</nick></presence>"
    )

    assert juliet.take() == [
        "<presence type='subscribe' to='juliet@montague.lit' id='a' from='romeo@montague.lit'>"
        "<nick xmlns='http://jabber.org/protocol/nick'>Romeo</nick></presence>"
    ]
    (push,) = romeo.take()
    assert "<item jid='juliet@montague.lit' subscription='none' ask='subscribe'/>" in push


async def test_request_alone_makes_no_roster_item(stage: Any) -> None:
    """RFC 6121, section 3.1.3, and appendix A.2.1: "None + Pending In" is not in the roster."""
    romeo = await (await stage.enter("romeo/orchard")).come()
    juliet = await (await stage.enter("juliet/balcony")).come()

    await romeo.say(subscription("subscribe", "juliet"))
    juliet.take()

    assert "<item" not in await juliet.ask(GET)


async def test_request_waits_for_a_contact_that_is_away_over_a_restart(tmp_path: Path) -> None:
    """RFC 6121, section 3.1.3: whole, at every new available resource, until answered."""
    async with staged(tmp_path) as stage:
        romeo = await (await stage.enter("romeo/orchard")).come()
        await romeo.say(
            "<presence type='subscribe' to='juliet@montague.lit'><status>O</status></presence>"
        )

    async with staged(tmp_path) as stage:
        for resource in ("balcony", "chamber"):
            juliet = await stage.enter(f"juliet/{resource}")
            await juliet.say("<presence/>")
            assert any("<status>O</status>" in stanza for stanza in juliet.take())
        await juliet.say(subscription("unsubscribed", "romeo"))
        late = await stage.enter("juliet/hall")
        await late.say("<presence/>")

        assert not any("subscribe" in stanza for stanza in late.take())


async def test_approval_goes_out_before_the_push_and_brings_presence(stage: Any) -> None:
    """RFC 6121, sections 3.1.5 and 3.1.6: stanza, then roster push, then presence."""
    romeo = await (await stage.enter("romeo/orchard")).come()
    juliet = await (await stage.enter("juliet/balcony")).come("<show>away</show>")
    await romeo.say(subscription("subscribe", "juliet"))
    romeo.take()

    await juliet.say(subscription("subscribed", "romeo"))

    approved, push, presence = romeo.take()
    assert "type='subscribed'" in approved
    assert "from='juliet@montague.lit'" in approved
    assert "<item jid='juliet@montague.lit' subscription='to'/>" in push
    assert presence == (
        "<presence to='romeo@montague.lit' from='juliet@montague.lit/balcony'>"
        "<show>away</show></presence>"
    )


async def test_cancelled_approval_takes_the_presence_away(stage: Any) -> None:
    """RFC 6121, section 3.2.1: unsubscribed, then unavailable from each resource."""
    await stage.befriend("romeo", "juliet")
    romeo = await (await stage.enter("romeo/orchard")).come()
    juliet = await (await stage.enter("juliet/balcony")).come()
    romeo.take()

    await juliet.say(subscription("unsubscribed", "romeo"))

    cancelled, push, presence = romeo.take()
    assert "type='unsubscribed'" in cancelled
    assert "subscription='from'" in push
    assert "type='unavailable'" in presence
    assert "from='juliet@montague.lit/balcony'" in presence


async def test_unsubscribe_is_answered_and_hides_the_contact(stage: Any) -> None:
    """RFC 6121, section 3.3.3."""
    await stage.befriend("romeo", "juliet")
    romeo = await (await stage.enter("romeo/orchard")).come()
    juliet = await (await stage.enter("juliet/balcony")).come()
    romeo.take()

    await romeo.say(subscription("unsubscribe", "juliet"))

    assert "subscription='to'" in "".join(juliet.take())
    assert any("type='unavailable'" in stanza for stanza in romeo.take())
    assert "subscription='from'" in await romeo.ask(GET)


async def test_request_of_a_subscriber_is_answered_by_the_server(stage: Any) -> None:
    """RFC 6121, section 3.1.3: auto-reply on behalf of the contact."""
    await stage.befriend("romeo", "juliet")
    romeo = await (await stage.enter("romeo/orchard")).come()
    juliet = await (await stage.enter("juliet/balcony")).come()
    romeo.take()

    await romeo.say(subscription("subscribe", "juliet"))

    assert juliet.take() == []
    assert "subscription='both'" in await romeo.ask(GET)


async def test_approval_before_the_request_answers_it(stage: Any) -> None:
    """RFC 6121, section 3.4: pre-approval."""
    romeo = await (await stage.enter("romeo/orchard")).come()
    juliet = await (await stage.enter("juliet/balcony")).come()
    await juliet.say(subscription("subscribed", "romeo"))
    (push,) = juliet.take()
    assert "subscription='none' approved='true'" in push

    await romeo.say(subscription("subscribe", "juliet"))

    assert not any("type='subscribe'" in stanza for stanza in juliet.take())
    arrived = romeo.take()
    assert any("type='subscribed'" in stanza for stanza in arrived)
    assert "from='juliet@montague.lit/balcony'" in arrived[-1]
    assert "subscription='to'" in await romeo.ask(GET)


async def test_request_to_an_unknown_account_is_met_with_silence(stage: Any) -> None:
    """RFC 6121, section 8.5.1: no answer; protocol.md 4.2: the request stays open."""
    romeo = await (await stage.enter("romeo/orchard")).come()

    await romeo.say(subscription("subscribe", "tybalt"))

    (push,) = romeo.take()
    assert "<item jid='tybalt@montague.lit' subscription='none' ask='subscribe'/>" in push


async def test_request_to_another_domain_comes_back(stage: Any) -> None:
    """RFC 6120, section 10.4.3: no such remote server."""
    romeo = await (await stage.enter("romeo/orchard")).come()

    await romeo.say("<presence type='subscribe' to='paris@verona.lit' id='x'/>")

    (answer,) = romeo.take()
    assert answer.startswith(
        "<presence type='error' to='romeo@montague.lit/orchard' from='paris@verona.lit' id='x'>"
    )
    assert "<remote-server-not-found " in answer


async def test_requests_are_limited_in_size_and_number(tmp_path: Path) -> None:
    """security.md, section 6: subscriptions waiting; protocol.md 4.2: limit size and number."""
    limits = RosterLimits(waiting_requests=1, request_bytes=500)
    async with staged(tmp_path, roster_limits=limits) as stage:
        romeo, nurse = await stage.enter("romeo/orchard"), await stage.enter("nurse/kitchen")
        await romeo.say(
            f"<presence type='subscribe' to='juliet@montague.lit'><status>{'x' * 600}</status>"
            "</presence>"
        )
        (refused,) = romeo.take()
        assert "<not-acceptable " in refused

        await romeo.say(subscription("subscribe", "juliet"))
        await nurse.say(subscription("subscribe", "juliet"))
        juliet = await stage.enter("juliet/balcony")
        await juliet.say("<presence/>")

        assert sum("type='subscribe'" in stanza for stanza in juliet.take()) == 1


async def test_deleted_account_leaves_no_subscription_behind(stage: Any) -> None:
    """Whoever gets the name next must not see the presence of the old contacts."""
    await stage.befriend("romeo", "juliet")
    await stage.accounts.delete("romeo")

    await stage.modules.subscriptions.forget(
        BareJid("romeo", "montague.lit"), stage.accounts.names()
    )

    juliet = await stage.enter("juliet/balcony")
    assert "<item jid='romeo@montague.lit' subscription='none'/>" in await juliet.ask(GET)
