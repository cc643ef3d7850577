"""The durable outbox: what the user sent and the server has not yet stored.

A row is on disk before the first byte of its message leaves, and goes only on evidence: the
server's acknowledgement (XEP-0198), a receipt (XEP-0184), or a refusal. So a kill at any moment
loses nothing, and what is sent again has the origin id of the first time.
"""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from communicator.state.conversations import DeliveryState, Message
from communicator.storage.database import Database
from communicator.storage.message_rows import (
    conversation_row,
    free_id,
    insert_message,
    message_of,
    select_messages,
)
from communicator.storage.tables import conversations, messages, outbox
from shared_protocol.addresses import BareJid


class SqlOutbox:
    """Own messages and what is known of their delivery."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, message: Message) -> Message:
        """Store an own message that waits to be sent; return it with the id that was free."""
        account_id = self._database.account_id

        def write(connection: Connection) -> Message:
            row = conversation_row(connection, account_id, message.conversation)
            numbered = replace(message, message_id=free_id(connection, message.message_id))
            insert_message(connection, row, numbered, is_unread=False)
            connection.execute(insert(outbox).values(message_id=numbered.message_id))
            return numbered

        return await self._database.run(write)

    async def waiting(self) -> list[Message]:
        """Return every message that still waits, in the order in which the user sent them."""
        query = (
            select_messages.join(outbox, outbox.c.message_id == messages.c.id)
            .where(conversations.c.account_id == self._database.account_id)
            .order_by(outbox.c.position)
        )
        return await self._database.run(
            lambda connection: [message_of(row) for row in connection.execute(query)]
        )

    async def mark_sent(self, origin_ids: Sequence[str]) -> list[Message]:
        """Note that the server stored these; return those that waited, as they are now."""
        is_due = messages.c.state == DeliveryState.WAITING.value
        wanted = messages.c.origin_id.in_(origin_ids)
        return await self._change(is_due & wanted, DeliveryState.SENT)

    async def mark_delivered(self, jid: BareJid, origin_id: str) -> list[Message]:
        """Note that the counterpart confirmed a message; return it unless nothing changed.

        Nothing changes unless the message was addressed to ``jid``.
        """
        is_due = messages.c.state != DeliveryState.DELIVERED.value
        is_it = (messages.c.origin_id == origin_id) & self._is_to(jid)
        return await self._change(is_due & is_it, DeliveryState.DELIVERED)

    async def mark_failed(self, jid: BareJid, origin_id: str, failure: str) -> list[Message]:
        """Note that a message was refused; one that was delivered stays so."""
        is_due = messages.c.state.in_((DeliveryState.WAITING.value, DeliveryState.SENT.value))
        is_it = (messages.c.origin_id == origin_id) & self._is_to(jid)
        return await self._change(is_due & is_it, DeliveryState.FAILED, failure)

    async def put_back(self, message_id: int, origin_id: str) -> Message | None:
        """Make a failed message wait again, at the end, under a new origin id; None if none is."""

        def write(connection: Connection) -> Message | None:
            changed = connection.execute(
                update(messages)
                .where(messages.c.id == message_id)
                .where(messages.c.state == DeliveryState.FAILED.value)
                .values(state=DeliveryState.WAITING.value, failure="", origin_id=origin_id)
            )
            if not changed.rowcount:
                return None
            connection.execute(insert(outbox).values(message_id=message_id))
            row = connection.execute(select_messages.where(messages.c.id == message_id)).one()
            return message_of(row)

        return await self._database.run(write)

    async def discard(self, message_id: int) -> Message | None:
        """Remove a failed message; return it, or None if there is none.

        One that waits stays: it may have left already, in this session or in one before.
        """
        is_it = (messages.c.id == message_id) & (messages.c.state == DeliveryState.FAILED.value)

        def write(connection: Connection) -> Message | None:
            row = connection.execute(select_messages.where(is_it)).first()
            connection.execute(delete(messages).where(is_it))
            return None if row is None else message_of(row)

        return await self._database.run(write)

    def _is_to(self, jid: BareJid) -> ColumnElement[bool]:
        return messages.c.conversation_id.in_(
            select(conversations.c.id).where(
                conversations.c.account_id == self._database.account_id,
                conversations.c.jid == str(jid),
            )
        )

    async def _change(
        self, condition: ColumnElement[bool], state: DeliveryState, failure: str = ""
    ) -> list[Message]:
        """Give own messages another state and take them out of the outbox."""

        def write(connection: Connection) -> list[Message]:
            query = select_messages.where(messages.c.is_own, condition)
            changed = [message_of(row) for row in connection.execute(query)]
            ids = [message.message_id for message in changed]
            connection.execute(
                update(messages)
                .where(messages.c.id.in_(ids))
                .values(state=state.value, failure=failure)
            )
            connection.execute(delete(outbox).where(outbox.c.message_id.in_(ids)))
            return [replace(message, state=state, failure=failure) for message in changed]

        return await self._database.run(write)
