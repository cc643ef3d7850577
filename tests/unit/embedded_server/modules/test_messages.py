"""Messages (RFC 6121, section 8.5; protocol.md 4.4): every cell of the table, and the order."""

import itertools
from pathlib import Path
from typing import Any

import pytest

from shared_protocol.stanzas.delivery import (
    AddressKind,
    DeliveryChoice,
    ReceiverState,
    message_choice,
)
from shared_protocol.stanzas.messages import MessageType
from tests.helpers.module_stage import staged

pytestmark = pytest.mark.asyncio
PRIORITIES: dict[str, tuple[int, ...]] = {
    "none": (),
    "negative": (-1, -5),
    "zero": (0,),
    "positive": (3,),
    "equal": (2, 2),
    "mixed": (5, 1, -1),
}
ERRORS = {DeliveryChoice.ERROR, DeliveryChoice.ERROR_TO_KNOWN}


@pytest.mark.parametrize("who", ["juliet", "tybalt"])
@pytest.mark.parametrize("address", list(AddressKind))
@pytest.mark.parametrize("message_type", list(MessageType))
async def test_message_goes_where_the_table_says(
    tmp_path: Path, who: str, address: AddressKind, message_type: MessageType
) -> None:
    """RFC 6121, section 8.5, for every set of resources of the receiver."""
    exists = who == "juliet"
    async with staged(tmp_path) as stage:
        for resources in PRIORITIES if exists else ("none",):
            await _check_cell(stage, who, PRIORITIES[resources], address, message_type)


async def _check_cell(
    stage: Any,
    who: str,
    priorities: tuple[int, ...],
    address: AddressKind,
    message_type: MessageType,
) -> None:
    clients = []
    for number, priority in enumerate(priorities):
        client = await stage.enter(f"{who}/r{number}")
        clients.append((priority, await client.come(f"<priority>{priority}</priority>")))
    for _, client in clients:
        client.take()
    if address is AddressKind.FULL_WITH_MATCH and not clients:
        return
    resource = {
        AddressKind.BARE: "",
        AddressKind.FULL_WITHOUT_MATCH: "/gone",
        AddressKind.FULL_WITH_MATCH: "/r0",
    }[address]
    state = ReceiverState.SOMEBODY if max((*priorities, -9)) >= 0 else ReceiverState.NOBODY
    if who == "tybalt":
        state = ReceiverState.NO_ACCOUNT
    choice = message_choice(message_type, state, address)
    takers = [priority for priority in priorities if priority >= 0]
    expected = {
        DeliveryChoice.DELIVER_TO_RESOURCE: priorities[:1],
        DeliveryChoice.HIGHEST: [one for one in takers if one == max(takers)],
        DeliveryChoice.ALL: takers,
    }.get(choice, [])
    romeo = await stage.enter("romeo/orchard")
    count = stage.messages.count(who)

    shown = f"type='{message_type.value}'" if message_type is not MessageType.NORMAL else ""
    await romeo.say(
        f"<message {shown} to='{who}@montague.lit{resource}' id='m'><body>b</body></message>"
    )

    delivered = [priority for priority, client in clients if client.take()]
    answers = romeo.take()
    context = (priorities, choice)
    assert delivered == list(expected), context
    assert stage.messages.count(who) - count == (choice is DeliveryChoice.OFFLINE), context
    assert len(answers) == (choice in ERRORS), context
    for answer in answers:
        assert "<error type='cancel'><service-unavailable " in answer, context
    stage.messages.arrived(who, [one.id for one in await stage.messages.waiting(who)])
    for _, client in (*clients, (0, romeo)):
        await client.leave()


async def test_message_is_relayed_byte_for_byte_with_the_true_sender(stage: Any) -> None:
    """RFC 6120, section 8.1.2.1; architecture.md section 3: what is unchanged is not rewritten."""
    romeo, juliet = await stage.enter("romeo/orchard"), await stage.enter("juliet/balcony")
    head = '<message  to="juliet@montague.lit/balcony"'
    tail = " ><body a='1' >&#65;<![CDATA[<]]></body ></message >"
    sender = " from='romeo@montague.lit/orchard'"

    await romeo.say(f"{head}\n from='x@y.lit'{tail}")

    (arrived,) = juliet.take()
    before, _stanza_id, after = arrived.partition("<stanza-id ")
    assert before + after.partition("/>")[2] == head.replace("<message", f"<message{sender}") + tail


async def test_unknown_type_counts_as_normal(stage: Any) -> None:
    """RFC 6121, section 5.2.2."""
    romeo, juliet = await stage.enter("romeo/orchard"), await stage.enter("juliet/balcony")
    await juliet.come()

    await romeo.say("<message type='whisper' to='juliet@montague.lit'><body>b</body></message>")

    assert len(juliet.take()) == 1


async def test_error_is_not_answered_by_an_error(stage: Any) -> None:
    """RFC 6120, section 8.3.1."""
    romeo = await stage.enter("romeo/orchard")

    for to in ("@montague.lit", "paris@verona.lit", "tybalt@montague.lit", "montague.lit"):
        await romeo.say(f"<message type='error' to='{to}'><error type='cancel'/></message>")

    assert romeo.take() == []


async def test_claims_in_the_servers_name_are_cut_out(stage: Any) -> None:
    """XEP-0359, section 6; XEP-0203, section 4: only those that name this server."""
    romeo, juliet = await stage.enter("romeo/orchard"), await stage.enter("juliet/balcony")
    delay = "<delay xmlns='urn:xmpp:delay' from='{}' stamp='2002-09-10T23:08:25Z'/>"
    stanza_id = "<stanza-id xmlns='urn:xmpp:sid:0' id='1' by='{}'/>"
    own = delay.format("romeo@montague.lit/orchard") + stanza_id.format("room@verona.lit")

    await romeo.say(
        "<message to='juliet@montague.lit/balcony'><body>b</body>"
        + delay.format("montague.lit")
        + stanza_id.format("juliet@montague.lit")
        + own
        + "</message>"
    )

    (arrived,) = juliet.take()
    assert arrived.count("<delay ") == 1
    assert arrived.count("<stanza-id ") == 2
    assert "by='juliet@montague.lit' id='1'" not in arrived
    assert "id='1' by='juliet@montague.lit'" not in arrived
    assert "from='romeo@montague.lit/orchard' stamp" in arrived
    assert "by='room@verona.lit'" in arrived


async def test_order_of_a_sender_is_kept_whether_stored_or_not(stage: Any) -> None:
    """RFC 6120, section 10.1: what is not stored does not overtake what is."""
    romeo, juliet = await stage.enter("romeo/orchard"), await stage.enter("juliet/balcony")
    await juliet.come()
    romeo.session.enable_acknowledgement()
    state = "<paused xmlns='http://jabber.org/protocol/chatstates'/>"

    for number in range(6):
        payload = state if number % 2 else "<body>b</body>"
        romeo.send(
            f"<message type='chat' to='juliet@montague.lit' id='{number}'>{payload}</message>"
        )
    assert juliet.take() == []  # not one before its predecessors are on disk
    await stage.settle()

    ids = [stanza.partition(" id='")[2][0] for stanza in juliet.take()]
    assert ids == list("012345")


async def test_sender_is_acknowledged_only_when_the_message_is_on_disk(stage: Any) -> None:
    """security.md, section 8.1."""
    romeo = await stage.enter("romeo/orchard")
    acknowledgement = romeo.session.enable_acknowledgement()

    romeo.send("<message type='chat' to='juliet@montague.lit'><body>b</body></message>")
    romeo.session.run_in_order(acknowledgement.count_handled)
    before = acknowledgement.handled
    await stage.settle()

    assert before == 0
    assert acknowledgement.handled == 1
    assert [message.stanza for message in await stage.messages.waiting("juliet")]


@pytest.mark.parametrize(("first", "second"), list(itertools.product(("chat", "normal"), repeat=2)))
async def test_message_sent_again_is_acknowledged_and_not_stored_again(
    stage: Any, first: str, second: str
) -> None:
    """security.md, section 8.6: origin ids are unique per sender."""
    romeo = await stage.enter("romeo/orchard")
    message = (
        "<message type='{}' to='juliet@montague.lit'><body>b</body>"
        "<origin-id xmlns='urn:xmpp:sid:0' id='o1'/></message>"
    )

    await romeo.say(message.format(first))
    await romeo.say(message.format(second))

    assert stage.messages.count("juliet") == 1
    assert romeo.take() == []
