"""Sends what the user wrote: on disk first, then on the wire, in order, until there is evidence.

States of a message: WAITING until the server acknowledged it (XEP-0198) or the counterpart sent a
receipt (XEP-0184); then SENT or DELIVERED. A refusal makes it FAILED. After a reconnection all
that waits is sent again in the order of writing, under the same origin id (XEP-0359), by which
server and receiver drop doubles. Only what was refused, and so never arrived, gets a new origin
id when the user tries again: the server would drop the old one as a double.

All changes go through one queue of jobs, so that their order is the order of what happened.
"""

import asyncio
import logging
import uuid
from collections import deque
from dataclasses import dataclass, replace

from communicator.services.open_logs import OpenLogs
from communicator.services.ports import Clock, MessageHistory, MessageOutbox
from communicator.services.queue_worker import QueueWorker
from communicator.session.errors import NotConnectedError
from communicator.session.ports import (
    MessageReceipt,
    MessageRefusal,
    MessageSession,
    OutgoingMessage,
)
from communicator.state.conversations import DeliveryState, Message
from communicator.state.message_ids import MessageIds
from communicator.state.sentences import said_by
from communicator.state.signals import Subscriptions
from communicator.storage.errors import StorageError
from shared_protocol.addresses import BareJid

SLICE_MESSAGES = 50  # sent in one turn of the loop

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Written:
    """The user wrote a message."""

    message: Message


@dataclass(frozen=True, slots=True)
class _Acknowledged:
    """The server has stored a message."""

    origin_id: str


@dataclass(frozen=True, slots=True)
class _Retry:
    """The user wants a failed message to be sent again."""

    message_id: int


@dataclass(frozen=True, slots=True)
class _Discard:
    """The user wants a failed message to go."""

    message_id: int


@dataclass(frozen=True, slots=True)
class _Connected:
    """What waits can be sent.

    Attributes:
        number: Counts the connections; the job means nothing once a later one came.
    """

    number: int


_Job = _Written | _Acknowledged | MessageReceipt | MessageRefusal | _Retry | _Discard | _Connected


class OutboxService:
    """Sends messages and follows what becomes of them."""

    def __init__(
        self,
        *,
        session: MessageSession,
        outbox: MessageOutbox,
        history: MessageHistory,
        logs: OpenLogs,
        message_ids: MessageIds,
        clock: Clock,
    ) -> None:
        self._session = session
        self._outbox = outbox
        self._history = history
        self._logs = logs
        self._message_ids = message_ids
        self._clock = clock
        self._jobs: deque[_Job] = deque()
        self._worker = QueueWorker(self._work, "outbox")
        self._connections = 0
        self._is_sending = False  # True while the session lives and all older messages have left
        self._unsaved_by_id: dict[int, Message] = {}  # could not be stored; kept for a retry
        self._subscriptions = Subscriptions()

    def start(self) -> None:
        """Follow the session."""
        session = self._session
        self._subscriptions.add(
            session.connected.connect(lambda _: self._on_connected()),
            session.disconnected.connect(lambda _: self._on_disconnected()),
            session.message_acknowledged.connect(lambda it: self._put(_Acknowledged(it))),
            session.message_refused.connect(self._put),
            session.receipt_received.connect(self._put),
        )

    async def stop(self) -> None:
        """Store what was written until now, then end; what waits is sent after the next start."""
        self._subscriptions.end()
        self._on_disconnected()
        await self._worker.settled()

    async def settled(self) -> None:
        """Wait until everything that was asked for is stored, and sent where that is possible."""
        await self._worker.settled()

    def send(self, jid: BareJid, body: str) -> Message:
        """Show a message at once; store it, then send it. Return it as it is shown."""
        now = self._clock.now()
        message = Message(
            message_id=self._message_ids.next_id(now),
            conversation=jid,
            is_own=True,
            body=body,
            sent_at=now,
            state=DeliveryState.WAITING,
            origin_id=str(uuid.uuid4()),
        )
        self._logs.insert(message)
        self._put(_Written(message))
        return message

    def retry(self, message_id: int) -> None:
        """Try a failed message again."""
        self._put(_Retry(message_id))

    def discard(self, message_id: int) -> None:
        """Remove a failed message."""
        self._put(_Discard(message_id))

    def _on_connected(self) -> None:
        self._connections += 1
        self._put(_Connected(self._connections))

    def _on_disconnected(self) -> None:
        self._connections += 1
        self._is_sending = False

    def _put(self, job: _Job) -> None:
        self._jobs.append(job)
        self._worker.wake()

    async def _work(self) -> None:
        while self._jobs:
            job = self._jobs.popleft()
            try:
                await self._do(job)
            except StorageError:
                _log.exception("%s was not stored", type(job).__name__)

    async def _do(self, job: _Job) -> None:
        match job:
            case _Written(message):
                await self._store_and_send(message)
            case _Acknowledged(origin_id):
                self._show(await self._outbox.mark_sent([origin_id, *self._next_acknowledged()]))
            case MessageReceipt(origin_id=origin_id, sender=sender):
                self._show(await self._outbox.mark_delivered(sender.bare, origin_id))
            case MessageRefusal(origin_id=origin_id, sender=sender, text=text):
                self._show(await self._outbox.mark_failed(sender.bare, origin_id, text))
            case _Retry(message_id):
                await self._put_back(message_id)
            case _Discard(message_id):
                await self._remove(message_id)
            case _Connected(number):
                await self._send_waiting(number)

    def _next_acknowledged(self) -> list[str]:
        """Take the acknowledgements that came in one go: one commit for all of them."""
        found = []
        while self._jobs and isinstance(self._jobs[0], _Acknowledged):
            found.append(self._jobs[0].origin_id)
            self._jobs.popleft()
        return found

    async def _store_and_send(self, message: Message) -> None:
        try:
            stored = await self._outbox.add(message)
        except StorageError as error:
            failed = replace(message, state=DeliveryState.FAILED, failure=said_by(error))
            self._unsaved_by_id[message.message_id] = failed
            self._logs.change(failed)
            _log.exception("a message could not be stored")
            return
        if stored.message_id != message.message_id:
            self._logs.renumber(stored, message.message_id)
        else:
            self._logs.show(stored)  # for a log that was opened while this was being stored
        self._send(stored)

    async def _send_waiting(self, connection: int) -> None:
        waiting = await self._outbox.waiting()
        for first in range(0, len(waiting), SLICE_MESSAGES):
            if connection != self._connections:
                return  # that connection is lost; the next one begins anew
            for message in waiting[first : first + SLICE_MESSAGES]:
                self._transmit(message)
            await asyncio.sleep(0)
        self._is_sending = connection == self._connections

    def _send(self, message: Message) -> None:
        if self._is_sending:
            self._transmit(message)

    def _transmit(self, message: Message) -> None:
        try:
            self._session.send_message(
                OutgoingMessage(message.conversation, message.body, message.origin_id)
            )
        except NotConnectedError:
            self._on_disconnected()  # it waits; the next connection sends it

    async def _put_back(self, message_id: int) -> None:
        if unsaved := self._unsaved_by_id.pop(message_id, None):
            again = replace(unsaved, state=DeliveryState.WAITING, failure="")
            self._logs.change(again)
            await self._store_and_send(again)
        elif stored := await self._outbox.put_back(message_id, str(uuid.uuid4())):
            self._logs.change(stored)
            self._send(stored)

    async def _remove(self, message_id: int) -> None:
        message = self._unsaved_by_id.pop(message_id, None)
        message = message or await self._outbox.discard(message_id)
        if message is not None:
            self._logs.remove(message, await self._history.conversation(message.conversation))

    def _show(self, changed: list[Message]) -> None:
        for message in changed:
            self._logs.change(message)
