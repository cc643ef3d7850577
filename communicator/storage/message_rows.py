"""Messages as rows: how one is read, numbered and written. Used by history and outbox."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, select
from sqlalchemy.dialects.sqlite import insert as insert_or_ignore

from communicator.state.conversations import DeliveryState, Message
from communicator.state.message_ids import COUNTER_BITS, milliseconds_of, moment_of
from communicator.storage.tables import conversations, messages
from shared_protocol.addresses import BareJid

_COLUMNS = (
    messages.c.id,
    conversations.c.jid,
    messages.c.is_own,
    messages.c.body,
    messages.c.sent_at,
    messages.c.state,
    messages.c.origin_id,
    messages.c.failure,
    messages.c.stanza_id,
)

select_messages = select(*_COLUMNS).join_from(messages, conversations)
"""Selects what ``message_of`` reads."""


def message_of(row: Row[*tuple[Any, ...]]) -> Message:
    """Return the message of a row of ``select_messages``."""
    number, jid, is_own, body, sent_at, state, origin_id, failure, stanza_id = row
    return Message(
        message_id=number,
        conversation=BareJid.parse(jid),
        is_own=is_own,
        body=body,
        sent_at=moment_of(sent_at),
        state=DeliveryState(state),
        origin_id=origin_id or "",
        failure=failure,
        stanza_id=stanza_id or "",
    )


def read_messages(connection: Connection, ids: Sequence[int]) -> list[Message]:
    """Return the messages with these ids, oldest first; those that are gone are left out."""
    query = select_messages.where(messages.c.id.in_(ids)).order_by(messages.c.id)
    return [message_of(row) for row in connection.execute(query)]


def conversation_row(connection: Connection, account_id: int, jid: BareJid) -> int:
    """Return the row of a conversation, made and opened if need be."""
    row = {"account_id": account_id, "jid": str(jid), "is_open": True}
    found = insert_or_ignore(conversations).values(row)
    connection.execute(
        found.on_conflict_do_update(index_elements=["account_id", "jid"], set_={"is_open": True})
    )
    query = select(conversations.c.id).where(
        conversations.c.account_id == account_id, conversations.c.jid == str(jid)
    )
    return int(connection.execute(query).scalar_one())


def free_id(connection: Connection, wanted: int) -> int:
    """Return ``wanted``, or behind what has the same millisecond already, the next free number."""
    taken = select(messages.c.id).where(messages.c.id == wanted)
    while connection.execute(taken).first() is not None:
        last_of_millisecond = wanted | ((1 << COUNTER_BITS) - 1)
        newest = connection.execute(
            select(func.max(messages.c.id)).where(
                messages.c.id.between(wanted, last_of_millisecond)
            )
        ).scalar_one()
        wanted = newest + 1  # if the millisecond is full, the first number of the next one
        taken = select(messages.c.id).where(messages.c.id == wanted)
    return wanted


def insert_message(
    connection: Connection, conversation_id: int, message: Message, *, is_unread: bool
) -> bool:
    """Write a message with the id that it has; return False if it had come before.

    The id must be free (``free_id``), so that only a double can be refused.
    """
    row = {
        "id": message.message_id,
        "conversation_id": conversation_id,
        "is_own": message.is_own,
        "body": message.body,
        "length": len(message.body),
        "sent_at": milliseconds_of(message.sent_at),
        "state": message.state.value,
        "origin_id": message.origin_id or None,
        "stanza_id": message.stanza_id or None,
        "failure": message.failure,
        "is_unread": is_unread,
    }
    if _is_weak_id(connection, conversation_id, message):
        row["origin_id"] = None
    statement = insert_or_ignore(messages).values(row).on_conflict_do_nothing()
    return connection.execute(statement).rowcount == 1


def _is_weak_id(connection: Connection, conversation_id: int, message: Message) -> bool:
    """Return whether the sender has used this origin id for another text before.

    Where a client gives no origin id the stanza's id stands for it, and some count from 1 at
    every start: such a message is no double.
    """
    if not message.origin_id:
        return False
    known = select(messages.c.body).where(
        messages.c.conversation_id == conversation_id,
        messages.c.is_own == message.is_own,
        messages.c.origin_id == message.origin_id,
    )
    body = connection.execute(known).scalar()
    return body is not None and body != message.body
