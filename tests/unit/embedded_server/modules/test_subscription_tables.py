"""Every cell of the subscription tables, through the real modules (RFC 6121, appendix A)."""

from typing import Any

import pytest

from embedded_server.storage.roster_repository import RosterRepository
from shared_protocol.addresses import BareJid
from shared_protocol.stanzas.presence import PresenceType
from shared_protocol.stanzas.roster import RosterItem, Subscription
from shared_protocol.stanzas.subscription_states import (
    INBOUND,
    OUTBOUND,
    SubscriptionState,
    inbound,
    outbound,
)
from tests.helpers.module_stage import Stage

pytestmark = pytest.mark.asyncio
ROMEO = BareJid.parse("romeo@montague.lit")
JULIET = BareJid.parse("juliet@montague.lit")
KINDS = [
    PresenceType.SUBSCRIBE,
    PresenceType.UNSUBSCRIBE,
    PresenceType.SUBSCRIBED,
    PresenceType.UNSUBSCRIBED,
]
# In which state the other side routes such a stanza, and in which it shows one that arrives.
ROUTING = {
    PresenceType.SUBSCRIBE: SubscriptionState.NONE,
    PresenceType.UNSUBSCRIBE: SubscriptionState.NONE,
    PresenceType.SUBSCRIBED: SubscriptionState.NONE_IN,
    PresenceType.UNSUBSCRIBED: SubscriptionState.NONE_IN,
}
SHOWING = {
    PresenceType.SUBSCRIBE: SubscriptionState.NONE,
    PresenceType.UNSUBSCRIBE: SubscriptionState.FROM,
    PresenceType.SUBSCRIBED: SubscriptionState.NONE_OUT,
    PresenceType.UNSUBSCRIBED: SubscriptionState.NONE_OUT,
}


async def put(stage: Stage, account: BareJid, contact: BareJid, state: SubscriptionState) -> None:
    """Let an account's roster have a state, before anybody reads it."""
    rosters = RosterRepository(stage.writer)
    if state.subscription is not Subscription.NONE or state.is_asked:
        item = RosterItem(contact, subscription=state.subscription, ask=state.is_asked)
        await rosters.put(account.localpart, item, 1)
    if state.has_request:
        request = f"<presence from='{contact}' to='{account}' type='subscribe'/>"
        await rosters.put_request(account.localpart, contact, request.encode())


async def state_of(stage: Stage, account: BareJid, contact: BareJid) -> SubscriptionState:
    stored = await RosterRepository(stage.writer).load(account.localpart)
    item = stored.items.get(contact, RosterItem(contact))
    return SubscriptionState.of(
        item.subscription, is_asked=item.ask, has_request=contact in stored.requests
    )


def kinds_in(stanzas: list[str]) -> list[str]:
    return [kind.value for kind in KINDS for text in stanzas if f"type='{kind.value}'" in text]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("state", list(OUTBOUND))
async def test_what_the_account_sends_moves_it_as_the_table_says(
    stage: Any, state: SubscriptionState, kind: PresenceType
) -> None:
    """RFC 6121, appendix A.2: new state, routed or not, pushed or not."""
    await put(stage, ROMEO, JULIET, state)
    await put(stage, JULIET, ROMEO, SHOWING[kind])
    romeo = await (await stage.enter("romeo/orchard")).come()
    juliet = await (await stage.enter("juliet/balcony")).come()
    step = outbound(state, kind)

    await romeo.say(f"<presence type='{kind.value}' to='juliet@montague.lit/balcony'/>")

    assert await state_of(stage, ROMEO, JULIET) is step.new_state
    assert kinds_in(juliet.take()) == ([kind.value] if step.is_routed else [])
    stored = await RosterRepository(stage.writer).load("romeo")
    approved = JULIET in stored.items and stored.items[JULIET].approved
    assert approved is step.is_approved
    pushes = [text for text in romeo.take() if "jid='juliet@montague.lit'" in text]
    assert bool(pushes) is step.is_roster_pushed


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("state", list(INBOUND))
async def test_what_the_contact_sends_moves_the_account_as_the_table_says(
    stage: Any, state: SubscriptionState, kind: PresenceType
) -> None:
    """RFC 6121, appendix A.3: new state, delivered or not, pushed or not, answered or not."""
    await put(stage, ROMEO, JULIET, state)
    await put(stage, JULIET, ROMEO, ROUTING[kind])
    romeo = await (await stage.enter("romeo/orchard")).come()
    juliet = await (await stage.enter("juliet/balcony")).come()
    step = inbound(state, kind)

    await juliet.say(f"<presence type='{kind.value}' to='romeo@montague.lit'/>")

    arrived = romeo.take()
    assert await state_of(stage, ROMEO, JULIET) is step.new_state
    assert kinds_in(arrived) == ([kind.value] if step.is_routed else [])
    assert any("jid='juliet@montague.lit'" in text for text in arrived) is step.is_roster_pushed
    is_answered = "subscribed" in kinds_in(juliet.take())
    assert is_answered is (step.auto_reply is PresenceType.SUBSCRIBED)


@pytest.mark.parametrize("state", list(INBOUND))
async def test_request_of_who_was_approved_before_is_answered(
    stage: Any, state: SubscriptionState
) -> None:
    """RFC 6121, section 3.4.2: the server "SHOULD return subscribed on behalf of the user"."""
    await put(stage, ROMEO, JULIET, state)
    if state.subscription is not Subscription.NONE or state.is_asked:
        stored = await RosterRepository(stage.writer).load("romeo")
        item = stored.items[JULIET]
    else:
        item = RosterItem(JULIET)
    approved = RosterItem(JULIET, subscription=item.subscription, ask=item.ask, approved=True)
    await RosterRepository(stage.writer).put("romeo", approved, 2)
    romeo = await (await stage.enter("romeo/orchard")).come()
    juliet = await (await stage.enter("juliet/balcony")).come()
    step = inbound(state, PresenceType.SUBSCRIBE, is_approved=True)

    await juliet.say("<presence type='subscribe' to='romeo@montague.lit'/>")

    assert await state_of(stage, ROMEO, JULIET) is step.new_state
    assert "subscribe" not in kinds_in(romeo.take())
    is_answered = "subscribed" in kinds_in(juliet.take())
    assert is_answered is (step.auto_reply is PresenceType.SUBSCRIBED)
