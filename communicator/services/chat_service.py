"""Conversations: opened, read, typed in, and written in by way of the outbox."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from communicator.services.inbox_service import InboxService
from communicator.services.open_logs import OpenLogs
from communicator.services.outbox_service import OutboxService
from communicator.services.ports import Clock, DraftStore, MessageHistory, MessageOutbox
from communicator.services.queue_worker import QueueWorker
from communicator.services.typing_service import TypingService
from communicator.session.ports import MessageSession
from communicator.state.conversations import Conversation, Conversations
from communicator.state.message_ids import MessageIds
from communicator.state.message_log import PAGE_ROWS, MessageLog
from communicator.state.roster import Roster
from communicator.state.task_owner import TaskOwner
from communicator.storage.errors import StorageError
from shared_protocol.addresses import BareJid

FIRST_ROWS = 2_000  # read before a log is shown
MORE_ROWS = 20_000  # added in one turn of the loop

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ChatStores:
    """Where the chat keeps its data."""

    history: MessageHistory
    outbox: MessageOutbox
    drafts: DraftStore


class ChatService:
    """All that the chat window asks for; made of an outbox, an inbox and a typing service."""

    def __init__(
        self,
        *,
        session: MessageSession,
        conversations: Conversations,
        roster: Roster,
        stores: ChatStores,
        clock: Clock,
    ) -> None:
        self._conversations = conversations
        self._history = stores.history
        self._drafts = stores.drafts
        self._message_ids = MessageIds()
        self._logs = logs = OpenLogs(conversations)
        self._outbox = OutboxService(
            session=session,
            outbox=stores.outbox,
            history=stores.history,
            logs=logs,
            message_ids=self._message_ids,
            clock=clock,
        )
        self._inbox = InboxService(
            session=session,
            history=stores.history,
            roster=roster,
            logs=logs,
            message_ids=self._message_ids,
            clock=clock,
        )
        self._typing = TypingService(session=session, roster=roster, logs=logs, clock=clock)
        self._tasks = TaskOwner()
        self._loading_by_jid: dict[BareJid, tuple[MessageLog, asyncio.Task[object]]] = {}
        self._drafts_by_jid: dict[BareJid, str] = {}  # not yet on disk
        self._writes: deque[Callable[[], Awaitable[None]]] = deque()
        self._writer = QueueWorker(self._write, "data of the chat")

    async def start(self) -> None:
        """Show the conversations of the account in use, and follow the session.

        To be called before the session connects.

        Raises:
            StorageError: The data cannot be read.
        """
        self._logs.begin(await self._history.conversations())
        self._message_ids.put_newest(await self._history.newest_id())
        self._outbox.start()
        self._inbox.start()
        self._typing.start()

    async def stop(self) -> None:
        """Store what was sent, received and typed until now, then end."""
        await self._typing.stop()
        await self._inbox.stop()
        await self._outbox.stop()
        await self._writer.settled()
        await self._tasks.stop()
        self._loading_by_jid.clear()

    async def settled(self) -> None:
        """Wait until what was sent, received, read and typed until now is stored."""
        await self._writer.settled()
        await self._inbox.settled()
        await self._outbox.settled()

    def open(self, jid: BareJid) -> MessageLog:
        """Return the log of a conversation; rows that are missing come in the next moments."""
        known = self._logs.log(jid)
        if known is not None:  # an empty log is false
            return known
        if jid not in self._loading_by_jid:
            log = MessageLog(jid, (), lambda ids: self._request(log, ids))
            log.is_filled = False
            task = self._tasks.spawn(self._load(log), f"log of {jid}")
            self._loading_by_jid[jid] = (log, task)
        return self._loading_by_jid[jid][0]

    async def load(self, jid: BareJid) -> MessageLog:
        """Return the log of a conversation with its newest rows, and the last bodies in memory.

        Its ``first_unread_id`` is that of this moment; to be called before ``mark_read``.

        Raises:
            StorageError: The data cannot be read.
        """
        log = self.open(jid)
        if loading := self._loading_by_jid.get(jid):
            await asyncio.shield(loading[1])
        else:
            log.first_unread_id = await self._history.first_unread_id(jid)
        return log

    def start_conversation(self, jid: BareJid) -> None:
        """List a conversation, though nothing may have been written in it yet."""
        if self._conversations.conversation(jid) is None:
            self._logs.put_conversation(Conversation(jid))
            self._put_write(lambda: self._list(jid))

    def close_conversation(self, jid: BareJid) -> None:
        """List a conversation no longer; its history stays."""
        self._logs.forget(jid)
        self._conversations.remove(jid)
        self._put_write(lambda: self._history.close_conversation(jid))

    def mark_read(self, jid: BareJid) -> None:
        """Forget that messages of a conversation are unread."""
        known = self._conversations.conversation(jid)
        if known is not None and known.unread:
            self._logs.put_read(jid)
            self._put_write(lambda: self._history.mark_read(jid))

    def send(self, jid: BareJid, body: str) -> None:
        """Send a message: shown at once, on disk before it leaves, kept until there is evidence."""
        self._typing.forget_told(jid)
        self._outbox.send(jid, body)

    def retry(self, message_id: int) -> None:
        """Try a failed message again."""
        self._outbox.retry(message_id)

    def discard(self, message_id: int) -> None:
        """Remove a failed message."""
        self._outbox.discard(message_id)

    def set_composing(self, jid: BareJid, *, is_composing: bool) -> None:
        """Tell a contact who is there that the user types, or has stopped."""
        self._typing.set_composing(jid, is_composing=is_composing)

    def save_draft(self, jid: BareJid, text: str) -> None:
        """Keep what the user typed and has not sent; on disk in the next moments."""
        self._logs.put_draft(jid, text)
        is_planned = jid in self._drafts_by_jid
        self._drafts_by_jid[jid] = text
        if not is_planned:
            self._put_write(lambda: self._drafts.save(jid, self._drafts_by_jid.pop(jid)))

    def _put_write(self, write: Callable[[], Awaitable[None]]) -> None:
        self._writes.append(write)
        self._writer.wake()

    async def _write(self) -> None:
        while self._writes:
            try:
                await self._writes.popleft()()
            except StorageError:
                _log.exception("data of the chat was not stored")

    async def _list(self, jid: BareJid) -> None:
        await self._history.open_conversation(jid)
        if stored := await self._history.conversation(jid):  # closed earlier: it has messages
            self._logs.put_conversation(stored)

    async def _load(self, log: MessageLog) -> None:
        jid = log.conversation
        try:
            log.first_unread_id = await self._history.first_unread_id(jid)
            newest = await self._history.outline(jid, before=None, limit=FIRST_ROWS)
            # In this turn of the loop: what is stored later comes by ``OpenLogs.show``.
            log.insert_older(newest)
            log.is_filled = len(newest) < FIRST_ROWS
            self._logs.keep(log)
            await self._fetch(log, [number for number, _ in newest[-PAGE_ROWS:]])
        finally:
            self._loading_by_jid.pop(jid, None)
        if not log.is_filled:
            self._tasks.spawn(self._fill(log), f"older rows of {jid}")

    async def _fill(self, log: MessageLog) -> None:
        while not log.is_filled:
            before = log.message_id(0)
            rows = await self._history.outline(log.conversation, before=before, limit=MORE_ROWS)
            log.insert_older(rows)
            log.is_filled = len(rows) < MORE_ROWS

    def _request(self, log: MessageLog, ids: Sequence[int]) -> None:
        self._tasks.spawn(self._fetch(log, ids), "bodies of messages")

    async def _fetch(self, log: MessageLog, ids: Sequence[int]) -> None:
        log.put_messages(await self._history.messages(ids))
