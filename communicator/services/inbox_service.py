"""Takes messages that came: stores them, drops doubles, shows them, confirms them - in that order.

A receipt (XEP-0184) goes only to contacts, since it tells that the user is there, and only once
the message is on disk. A double is confirmed again: the first receipt may have been lost. Only
then the server may forget the message too (XEP-0198, section 4: an acknowledgement means that
the client has taken responsibility).
"""

import logging
from collections import deque
from dataclasses import dataclass
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
from shared_protocol.addresses import BareJid

BATCH_MESSAGES = 100  # stored by one commit
EARLIEST = datetime(1999, 1, 1, tzinfo=UTC)  # before Jabber: such a stamp is wrong

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Arrival:
    """A message on its way to the disk.

    Attributes:
        is_shown: True if the user has seen it although it could not be stored.
    """

    incoming: IncomingMessage
    message: Message
    is_shown: bool = False

    @property
    def key(self) -> tuple[BareJid, str | int]:
        """What a message that the server sends again has in common with the first."""
        message = self.message
        return message.conversation, message.origin_id or message.message_id


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
        self._unstored: list[_Arrival] = []  # no more than the server sends without an answer
        self._worker = QueueWorker(self._work, "inbox")
        self._subscriptions = Subscriptions()

    def start(self) -> None:
        """Follow the session."""
        self._subscriptions.add(self._session.message_received.connect(self._on_message_received))

    async def stop(self) -> None:
        """Store what has come, then end."""
        self._subscriptions.end()
        await self._worker.settled()
        if self._unstored:
            await self._take([])

    async def settled(self) -> None:
        """Wait until everything that came is stored and shown."""
        await self._worker.settled()

    def _on_message_received(self, incoming: IncomingMessage) -> None:
        self._arrived.append(incoming)
        self._worker.wake()

    async def _work(self) -> None:
        while self._arrived:
            count = min(len(self._arrived), BATCH_MESSAGES)
            batch = [self._arrived.popleft() for _ in range(count)]
            await self._take([_Arrival(one, self._message_of(one)) for one in batch])

    async def _take(self, batch: list[_Arrival]) -> None:
        arrivals = [*self._unstored, *batch]
        try:
            stored = await self._history.add_received([one.message for one in arrivals])
        except StorageError:
            _log.exception("%d messages could not be stored", len(arrivals))
            self._show_unstored(batch)
            return
        self._unstored.clear()
        for arrival, message in zip(arrivals, stored, strict=True):
            self._show(arrival, message)
        self._confirm(arrivals)

    def _show(self, arrival: _Arrival, stored: Message | None) -> None:
        if stored is None:
            return
        if not arrival.is_shown:
            self._logs.insert(stored)
            self._logs.announce(stored)
        elif stored.message_id != arrival.message.message_id:
            self._logs.renumber(stored, arrival.message.message_id)

    def _show_unstored(self, batch: list[_Arrival]) -> None:
        """Show what only memory has; it is stored with the next, and not confirmed before."""
        known = {arrival.key for arrival in self._unstored}
        for arrival in batch:
            if arrival.key not in known:
                known.add(arrival.key)
                arrival.is_shown = True
                self._logs.insert(arrival.message)
                self._logs.announce(arrival.message)
            self._unstored.append(arrival)

    def _confirm(self, arrivals: list[_Arrival]) -> None:
        for arrival in arrivals:
            self._session.confirm_stored(arrival.incoming)
        try:
            for incoming in (arrival.incoming for arrival in arrivals):
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
