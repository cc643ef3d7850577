"""The messages of all conversations of the account in use."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import ColumnElement, Connection, Select, func, select, update

from communicator.state.conversations import Conversation, Message
from communicator.state.message_ids import moment_of
from communicator.storage.database import Database
from communicator.storage.message_rows import (
    conversation_row,
    free_id,
    insert_message,
    read_messages,
)
from communicator.storage.tables import conversations, drafts, messages
from shared_protocol.addresses import BareJid

PREVIEW_CHARACTERS = 200


class SqlHistory:
    """Reads and writes conversations and their messages."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add_received(self, received: Sequence[Message]) -> list[Message | None]:
        """Store messages that came, in one transaction.

        Args:
            received: In the order of arrival; each id is the wanted one.

        Returns:
            For each the message as it was stored, with the next free id, or None if it had come
            before: first by its stanza id, second by sender and origin id (XEP-0359,
            section 3).
        """
        return await self._database.run(lambda connection: self._add(connection, received))

    async def newest_id(self) -> int:
        """Return the highest id of all messages; 0 if there are none."""
        query = select(func.coalesce(func.max(messages.c.id), 0))
        return await self._database.run(lambda connection: int(connection.scalar(query) or 0))

    async def outline(
        self, jid: BareJid, *, before: int | None, limit: int
    ) -> list[tuple[int, int]]:
        """Return ids and lengths of the newest messages, oldest first; no body is touched.

        Args:
            jid: The counterpart.
            before: Only messages with lower ids; None for the newest of all.
            limit: At most this many.
        """
        query = select(messages.c.id, messages.c.length).where(self._is_with(jid))
        if before is not None:
            query = query.where(messages.c.id < before)
        query = query.order_by(messages.c.id.desc()).limit(limit)

        def read(connection: Connection) -> list[tuple[int, int]]:
            return [(row[0], row[1]) for row in reversed(connection.execute(query).all())]

        return await self._database.run(read)

    async def messages(self, ids: Sequence[int]) -> list[Message]:
        """Return the messages with these ids, oldest first; those that are gone are left out."""
        wanted = list(ids)
        return await self._database.run(lambda connection: read_messages(connection, wanted))

    async def first_unread_id(self, jid: BareJid) -> int | None:
        """Return the oldest unread message of a conversation, or None."""
        query = select(func.min(messages.c.id)).where(self._is_with(jid), messages.c.is_unread)
        return await self._database.run(lambda connection: connection.scalar(query))

    async def mark_read(self, jid: BareJid) -> None:
        """Forget that messages of a conversation are unread."""
        await self._database.run(
            lambda connection: connection.execute(
                update(messages)
                .where(messages.c.is_unread)
                .where(messages.c.conversation_id.in_(self._row(jid)))
                .values(is_unread=False)
            )
        )

    async def conversations(self) -> list[Conversation]:
        """Return every open conversation with its last message, unread count and draft."""
        return await self._database.run(self._conversations)

    async def conversation(self, jid: BareJid) -> Conversation | None:
        """Return one open conversation, or None."""
        is_it = conversations.c.jid == str(jid)
        found = await self._database.run(lambda connection: self._conversations(connection, is_it))
        return found[0] if found else None

    async def open_conversation(self, jid: BareJid) -> None:
        """Make a conversation, or list a closed one again."""
        account_id = self._database.account_id
        await self._database.run(lambda connection: conversation_row(connection, account_id, jid))

    async def close_conversation(self, jid: BareJid) -> None:
        """List a conversation no longer; its messages stay, and it opens with the next one."""
        await self._database.run(
            lambda connection: connection.execute(
                update(conversations)
                .where(conversations.c.id.in_(self._row(jid)))
                .values(is_open=False)
            )
        )

    def _add(self, connection: Connection, received: Sequence[Message]) -> list[Message | None]:
        stored: list[Message | None] = []
        rows_by_jid: dict[BareJid, int] = {}
        for message in received:
            jid = message.conversation
            if jid not in rows_by_jid:
                rows_by_jid[jid] = conversation_row(connection, self._database.account_id, jid)
            numbered = replace(message, message_id=free_id(connection, message.message_id))
            is_new = insert_message(
                connection, rows_by_jid[jid], numbered, is_unread=not message.is_own
            )
            stored.append(numbered if is_new else None)
        return stored

    def _conversations(
        self, connection: Connection, condition: ColumnElement[bool] | None = None
    ) -> list[Conversation]:
        inner = messages.alias()
        is_here = inner.c.conversation_id == conversations.c.id
        newest = select(func.max(inner.c.id)).where(is_here).scalar_subquery()
        unread = select(func.count(inner.c.id)).where(is_here, inner.c.is_unread).scalar_subquery()
        query = (
            select(
                conversations.c.jid,
                func.substr(messages.c.body, 1, PREVIEW_CHARACTERS),
                messages.c.is_own,
                messages.c.sent_at,
                unread,
                drafts.c.body,
            )
            .select_from(conversations)
            .outerjoin(messages, messages.c.id == newest)
            .outerjoin(drafts)
            .where(conversations.c.account_id == self._database.account_id)
            .where(conversations.c.is_open)
        )
        if condition is not None:
            query = query.where(condition)
        return [
            Conversation(
                jid=BareJid.parse(jid),
                preview=" ".join((body or "").split()),
                is_preview_own=bool(is_own),
                last_at=None if sent_at is None else moment_of(sent_at),
                unread=count,
                draft=draft or "",
            )
            for jid, body, is_own, sent_at, count, draft in connection.execute(query)
        ]

    def _row(self, jid: BareJid) -> Select[int]:
        return select(conversations.c.id).where(
            conversations.c.account_id == self._database.account_id,
            conversations.c.jid == str(jid),
        )

    def _is_with(self, jid: BareJid) -> ColumnElement[bool]:
        return messages.c.conversation_id == self._row(jid).scalar_subquery()
