"""Takes messages that came: stores them, drops doubles, shows them, confirms them - in that order.

A receipt (XEP-0184) goes only to contacts, since it tells that the user is there, and only once
the message is on disk. A double is confirmed again: the first receipt may have been lost.
"""

import logging
from collections import deque
from datetime import UTC, datetime

from communicator.services.open_logs import OpenLogs
from communicator.services.ports import Clock, MessageHistory
from communicator.services.queue_worker import QueueWorker
from communicator.session.errors import NotConnectedError
from communicator.session.ports import IncomingMessage, MessageSession
from communicator.state.conversations import DeliveryState, Message
from communicator.state.message_ids import MessageIds, first_id
from communicator.state.roster import Roster
from communicator.state.signals import Subscriptions
from communicator.storage.errors import StorageError

BATCH_MESSAGES = 100  # stored by one commit
EARLIEST = datetime(1999, 1, 1, tzinfo=UTC)  # before Jabber: such a stamp is wrong

_log = logging.getLogger(__name__)


class InboxService:
    """Stores and shows what counterparts send."""

    def __init__(
        self,
        *,
        session: MessageSession,
        history: MessageHistory,
        roster: Roster,
        logs: OpenLogs,
        message_ids: MessageIds,
        clock: Clock,
    ) -> None:
        self._session = session
        self._history = history
        self._roster = roster
        self._logs = logs
        self._message_ids = message_ids
        self._clock = clock
        self._arrived: deque[IncomingMessage] = deque()
        self._worker = QueueWorker(self._work, "inbox")
        self._subscriptions = Subscriptions()

    def start(self) -> None:
        """Follow the session."""
        self._subscriptions.add(self._session.message_received.connect(self._on_message_received))

    async def stop(self) -> None:
        """Store what has come, then end."""
        self._subscriptions.end()
        await self._worker.settled()

    async def settled(self) -> None:
        """Wait until everything that came is stored and shown."""
        await self._worker.settled()

    def _on_message_received(self, incoming: IncomingMessage) -> None:
        self._arrived.append(incoming)
        self._worker.wake()

    async def _work(self) -> None:
        while self._arrived:
            count = min(len(self._arrived), BATCH_MESSAGES)
            await self._take([self._arrived.popleft() for _ in range(count)])

    async def _take(self, batch: list[IncomingMessage]) -> None:
        messages = [self._message_of(incoming) for incoming in batch]
        try:
            stored = await self._history.add_received(messages)
        except StorageError:
            # Shown all the same, since the server will not send them again; but not confirmed.
            _log.exception("%d messages could not be stored", len(messages))
            self._show(messages)
            return
        self._show(stored)
        self._confirm(batch)

    def _show(self, messages: list[Message] | list[Message | None]) -> None:
        for message in messages:
            if message is not None:
                self._logs.insert(message)
                self._logs.announce(message)

    def _confirm(self, batch: list[IncomingMessage]) -> None:
        try:
            for incoming in batch:
                if incoming.wants_receipt and self._roster.contact(incoming.sender.bare):
                    self._session.send_receipt(incoming)
        except NotConnectedError:
            _log.info("a receipt was not sent: the connection is lost")

    def _message_of(self, incoming: IncomingMessage) -> Message:
        now = self._clock.now()
        delayed = incoming.delayed_at
        is_past = delayed is not None and EARLIEST <= delayed < now  # the future becomes now
        sent_at = delayed if delayed is not None and is_past else now
        return Message(
            message_id=first_id(sent_at) if is_past else self._message_ids.next_id(now),
            conversation=incoming.sender.bare,
            is_own=False,
            body=incoming.body,
            sent_at=sent_at,
            state=DeliveryState.RECEIVED,
            origin_id=incoming.origin_id,
            stanza_id=incoming.stanza_id,
        )
