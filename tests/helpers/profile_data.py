"""Builders for what a profile keeps: accounts and messages of Romeo's."""

from datetime import UTC, datetime, timedelta

from communicator.state.conversations import DeliveryState, Message
from communicator.state.message_ids import first_id
from shared_protocol.addresses import BareJid

ROMEO = BareJid.parse("romeo@montague.lit")
JULIET = BareJid.parse("juliet@capulet.lit")
NURSE = BareJid.parse("nurse@capulet.lit")
NOON = datetime(2026, 5, 3, 12, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    """Return the moment so many seconds after noon."""
    return NOON + timedelta(seconds=seconds)


def received(
    body: str,
    seconds: float = 0,
    *,
    origin_id: str = "",
    stanza_id: str = "",
    sender: BareJid = JULIET,
) -> Message:
    """Return a message that came from Juliet."""
    moment = at(seconds)
    return Message(
        message_id=first_id(moment),
        conversation=sender,
        is_own=False,
        body=body,
        sent_at=moment,
        state=DeliveryState.RECEIVED,
        origin_id=origin_id,
        stanza_id=stanza_id,
    )


def own(body: str, seconds: float = 0, *, origin_id: str, to: BareJid = JULIET) -> Message:
    """Return a message of Romeo's that waits."""
    moment = at(seconds)
    return Message(
        message_id=first_id(moment),
        conversation=to,
        is_own=True,
        body=body,
        sent_at=moment,
        state=DeliveryState.WAITING,
        origin_id=origin_id,
    )
