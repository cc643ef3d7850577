"""Presence (RFC 6121, section 4; protocol.md 4.3)."""

from pathlib import Path
from typing import Any

import pytest

from shared_protocol.limits import RosterLimits
from tests.helpers.module_stage import staged

pytestmark = pytest.mark.asyncio


async def test_initial_presence_goes_to_contacts_and_own_resources_itself_included(
    stage: Any,
) -> None:
    """RFC 6121, sections 4.2.2 and 4.3.1."""
    await stage.befriend("romeo", "juliet")
    juliet = await (await stage.enter("juliet/balcony")).come("<show>dnd</show>")
    garden = await (await stage.enter("romeo/garden")).come()
    juliet.take()
    orchard = await stage.enter("romeo/orchard")

    await orchard.say("<presence><priority>5</priority></presence>")

    payload = "<priority>5</priority></presence>"
    sender = " from='romeo@montague.lit/orchard'>"
    assert juliet.take() == [f"<presence to='juliet@montague.lit'{sender}{payload}"]
    assert garden.take() == [f"<presence to='romeo@montague.lit'{sender}{payload}"]
    assert set(orchard.take()) == {
        f"<presence to='romeo@montague.lit'{sender}{payload}",
        "<presence to='romeo@montague.lit/orchard' from='romeo@montague.lit/garden'></presence>",
        "<presence to='romeo@montague.lit/orchard' from='juliet@montague.lit/balcony'>"
        "<show>dnd</show></presence>",
    }


async def test_presence_is_not_shown_to_those_who_only_share_theirs(stage: Any) -> None:
    """RFC 6121, section 4.2.2: to contacts with "from" or "both"."""
    romeo = await (await stage.enter("romeo/orchard")).come()
    juliet = await (await stage.enter("juliet/balcony")).come()
    await romeo.say("<presence type='subscribe' to='juliet@montague.lit'/>")
    await juliet.say("<presence type='subscribed' to='romeo@montague.lit'/>")
    juliet.take()

    await romeo.say("<presence><show>away</show></presence>")

    assert juliet.take() == []


async def test_unavailable_is_told_with_its_status(stage: Any) -> None:
    """RFC 6121, section 4.5.2: to contacts, own resources, and the resource itself."""
    await stage.befriend("romeo", "juliet")
    juliet = await (await stage.enter("juliet/balcony")).come()
    romeo = await (await stage.enter("romeo/orchard")).come()
    juliet.take()

    await romeo.say("<presence type='unavailable'><status>Mantua</status></presence>")

    told = "type='unavailable'><status>Mantua</status></presence>"
    assert [stanza.endswith(told) for stanza in juliet.take()] == [True]
    assert [stanza.endswith(told) for stanza in romeo.take()] == [True]


async def test_lost_session_is_told_as_unavailable(stage: Any) -> None:
    """RFC 6121, section 4.5.3: the server does it for the client."""
    await stage.befriend("romeo", "juliet")
    juliet = await (await stage.enter("juliet/balcony")).come()
    romeo = await (await stage.enter("romeo/orchard")).come()
    juliet.take()

    await romeo.leave()

    assert juliet.take() == [
        "<presence to='juliet@montague.lit' type='unavailable' from='romeo@montague.lit/orchard'/>"
    ]


async def test_directed_presence_reaches_a_stranger_who_also_hears_of_the_end(stage: Any) -> None:
    """RFC 6121, sections 4.6.2 and 4.6.3."""
    romeo, juliet = await stage.enter("romeo/orchard"), await stage.enter("juliet/balcony")
    await juliet.come()

    await romeo.say("<presence to='juliet@montague.lit/balcony'/>")
    (came,) = juliet.take()
    await romeo.say("<presence/>")
    assert juliet.take() == []  # it enters no broadcast list
    await romeo.leave()
    (went,) = juliet.take()

    assert came == "<presence from='romeo@montague.lit/orchard' to='juliet@montague.lit/balcony'/>"
    assert "to='juliet@montague.lit/balcony' type='unavailable'" in went


async def test_directed_unavailable_ends_directed_presence(stage: Any) -> None:
    """RFC 6121, section 4.6.3."""
    romeo, juliet = await stage.enter("romeo/orchard"), await stage.enter("juliet/balcony")
    await juliet.come()
    await romeo.say("<presence to='juliet@montague.lit'/>")
    await romeo.say("<presence type='unavailable' to='juliet@montague.lit'/>")
    assert len(juliet.take()) == 2

    await romeo.leave()

    assert juliet.take() == []


async def test_directed_presence_is_limited(tmp_path: Path) -> None:
    """security.md, section 6: directed presence."""
    async with staged(tmp_path, roster_limits=RosterLimits(directed_presence=1)) as stage:
        romeo = await stage.enter("romeo/orchard")
        await romeo.say("<presence to='juliet@montague.lit'/>")
        await romeo.say("<presence to='nurse@montague.lit'/>")

        (refused,) = romeo.take()

        assert "<resource-constraint " in refused


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("<priority>127</priority>", "<priority>127</priority>"),
        ("<priority>128</priority>", "<priority>0</priority>"),
        ("<priority>high</priority>", "<priority>0</priority>"),
        ("<priority>1_0</priority>", "<priority>0</priority>"),
        ("<priority> 127\n</priority>", "<priority>127</priority>"),
        ("<show>sleepy</show><status>z</status>", "<status>z</status>"),
        ("<show>xa</show>", "<show>xa</show>"),
    ],
)
async def test_priority_and_show_are_what_the_rfc_knows(stage: Any, sent: str, kept: str) -> None:
    """RFC 6121, section 4.7.2: priority from -128 to +127; show one of four."""
    romeo = await stage.enter("romeo/orchard")

    await romeo.say(f"<presence>{sent}</presence>")

    (own,) = romeo.take()
    assert own.endswith(f">{kept}</presence>")
    assert romeo.session.priority == (127 if "127" in sent else 0)


async def test_unknown_type_of_presence_is_a_bad_request(stage: Any) -> None:
    """RFC 6121, section 4.7.1."""
    romeo = await stage.enter("romeo/orchard")

    await romeo.say("<presence type='asleep' id='x'/>")

    (answer,) = romeo.take()
    assert "<error type='modify'><bad-request " in answer


async def test_probe_is_answered_with_the_full_last_presence(stage: Any) -> None:
    """RFC 6121, section 4.3.2."""
    await stage.befriend("romeo", "juliet")
    await (await stage.enter("juliet/balcony")).come("<show>chat</show>")
    await (await stage.enter("juliet/chamber")).come("<show>away</show>")
    romeo = await (await stage.enter("romeo/orchard")).come()

    await romeo.say("<presence type='probe' to='juliet@montague.lit'/>")
    all_of_her = romeo.take()
    await romeo.say("<presence type='probe' to='juliet@montague.lit/chamber'/>")
    one_of_her = romeo.take()

    assert len(all_of_her) == 2
    assert one_of_her == [stanza for stanza in all_of_her if "/chamber" in stanza]


@pytest.mark.parametrize("who", ["juliet", "tybalt"])
async def test_probe_tells_a_stranger_the_same_of_everybody(stage: Any, who: str) -> None:
    """RFC 6121, section 4.3.2: unsubscribed from the bare JID, with the id mirrored."""
    await (await stage.enter("juliet/balcony")).come()
    romeo = await (await stage.enter("romeo/orchard")).come()

    await romeo.say(f"<presence type='probe' to='{who}@montague.lit' id='p1'/>")

    assert romeo.take() == [
        f"<presence type='unsubscribed' from='{who}@montague.lit'"
        " to='romeo@montague.lit/orchard' id='p1'/>"
    ]


async def test_probe_of_a_contact_that_is_away_says_so(stage: Any) -> None:
    """RFC 6121, section 4.3.2: nobody on line: unavailable."""
    await stage.befriend("romeo", "juliet")
    romeo = await (await stage.enter("romeo/orchard")).come()

    await romeo.say("<presence type='probe' to='juliet@montague.lit'/>")

    (answer,) = romeo.take()
    assert "type='unavailable' from='juliet@montague.lit'" in answer


@pytest.mark.parametrize(
    "to", ["tybalt@montague.lit", "tybalt@montague.lit/x", "romeo@montague.lit/x"]
)
async def test_presence_to_nobody_is_met_with_silence(stage: Any, to: str) -> None:
    """RFC 6121, sections 8.5.1, 8.5.2.2 and 8.5.3.2."""
    romeo = await (await stage.enter("romeo/orchard")).come()

    await romeo.say(f"<presence to='{to}'/>")

    assert romeo.take() == []


async def test_presence_to_another_domain_comes_back(stage: Any) -> None:
    """RFC 6120, section 10.4.3."""
    romeo = await (await stage.enter("romeo/orchard")).come()

    await romeo.say("<presence to='paris@verona.lit'/>")

    (answer,) = romeo.take()
    assert "<remote-server-not-found " in answer


async def test_streams_language_is_stamped_where_a_stanza_has_none(stage: Any) -> None:
    """RFC 6120, section 8.1.5."""
    romeo = await stage.enter("romeo/orchard", language="it")

    await romeo.say("<presence><status>ciao</status></presence>")
    (with_language,) = romeo.take()
    await romeo.say("<presence xml:lang='en'><status>hi</status></presence>")
    (own_language,) = romeo.take()

    assert "xml:lang='it'" in with_language
    assert "xml:lang='en'" in own_language
    assert "'it'" not in own_language
