"""Messages that are kept until a client of their receiver has them (XEP-0160 1.0.1).

Store first: a message that is to be kept is on disk before its sender's acknowledgement counts it
and before it is delivered. Its copy goes when a receiver with stream management has acknowledged
it, or once it is written to receivers that have none; never earlier (docs/decisions/0003).
"""

import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence

from embedded_server.plugin_api import (
    Attachments,
    Entity,
    MessageSpool,
    ModuleHost,
    PriorityChanged,
    Session,
    SessionAvailable,
    SessionBound,
    SessionClosed,
    SessionRestored,
    SpooledMessage,
    StorageError,
)
from shared_protocol.addresses import BareJid
from shared_protocol.errors import StanzaCondition, StanzaError, StreamError
from shared_protocol.namespaces import OFFLINE_MESSAGES
from shared_protocol.stanzas.delay import with_delay
from shared_protocol.xml.framer import frame_of

Action = Callable[[], None]
Receivers = Callable[[], Sequence[Session]]

_logger = logging.getLogger(__name__)


class OfflineModule:
    """Keeps messages, and hands them over when a client comes that takes messages.

    While it hands over, later messages for the same account wait, so that nothing overtakes.
    """

    def __init__(self, *, spool: MessageSpool) -> None:
        self._spool = spool
        self._handing_over: dict[str, list[Action]] = {}
        self._backlogs: set[str] = set()  # accounts with messages that wait for a slow client
        self._holders: Counter[int] = Counter()  # how many sessions a row was sent to
        self._attached = Attachments()
        self._host: ModuleHost

    def attach(self, host: ModuleHost) -> None:
        """Announce the feature; listen for those who come and go."""
        self._host = host
        listen = host.hooks.listen
        self._attached.add(
            host.features.add(Entity.SERVER, OFFLINE_MESSAGES),
            listen(SessionBound, self._on_session_bound),
            listen(SessionRestored, self._on_session_restored),
            listen(SessionAvailable, self._on_session_available),
            listen(PriorityChanged, self._on_priority_changed),
            listen(SessionClosed, self._on_session_closed),
            host.read_stored_by(self._read_stored),
        )

    def detach(self) -> None:
        """Take everything back."""
        self._attached.undo()

    def store(
        self,
        receiver: BareJid,
        stanza: bytes,
        *,
        sender: BareJid,
        origin_id: str,
        on_committed: Callable[[int | StorageError], None],
    ) -> None:
        """Keep a message.

        Args:
            receiver: An account of this host.
            stanza: As it is delivered.
            sender: Who sent it.
            origin_id: Its name by its sender (XEP-0359); empty if it has none.
            on_committed: Told the row when it is on disk; see ``MessageSpool.add``.

        Raises:
            StanzaError: The account's store is full (XEP-0160, section 3).
        """
        if not self._spool.has_room(receiver.localpart, len(stanza)):
            raise StanzaError(StanzaCondition.SERVICE_UNAVAILABLE, "too many messages wait")
        self._spool.add(
            receiver.localpart,
            stanza,
            str(sender),
            time.time(),
            on_committed,
            origin_id=origin_id,
        )

    @property
    def is_handing_over(self) -> bool:
        """Whether waiting messages are being delivered, to whichever account."""
        return bool(self._handing_over)

    def in_order(self, account: BareJid, action: Action) -> None:
        """Deliver something to an account behind what is being handed over to it."""
        waiting = self._handing_over.get(account.localpart)
        if waiting is None:
            action()
        else:
            waiting.append(action)

    def deliver(self, account: BareJid, row: int, stanza: bytes, receivers: Receivers) -> None:
        """Deliver a message that was stored; where there is nobody, it stays in the store.

        Args:
            account: Whose message it is.
            row: What ``store`` reported.
            stanza: What was stored.
            receivers: Tells who gets it, when it is its turn.
        """
        self.in_order(account, lambda: self._deliver_now(account.localpart, row, stanza, receivers))

    def drop(self, row: int) -> None:
        """Forget a message that was sent to one session alone, and whose sender is told so."""
        self._holders.pop(row, None)
        self._spool.remove((row,))

    def _deliver_now(self, localpart: str, row: int, stanza: bytes, receivers: Receivers) -> None:
        if row in self._holders or localpart in self._backlogs:
            return  # handed over already, or behind others that wait
        self._send(localpart, row, stanza, receivers())

    def _send(self, localpart: str, row: int, stanza: bytes, receivers: Sequence[Session]) -> bool:
        """Send one stored message; False if it has to wait for a client that is too slow."""
        ready = [session for session in receivers if not session.is_congested]
        self._holders[row] += len(ready)
        if not ready:
            del self._holders[row]
        for session in ready:
            session.send(stanza, row)
        if receivers and not ready:
            self._wait_for(localpart, receivers[0])
        return bool(ready)

    def _wait_for(self, localpart: str, session: Session) -> None:
        self._backlogs.add(localpart)

        def go_on() -> None:
            if not session.is_congested:
                self._go_on(localpart)

        session.when_relieved(go_on)

    def _go_on(self, localpart: str) -> None:
        if localpart in self._backlogs:
            self._backlogs.discard(localpart)
            self._hand_over(localpart)

    def _hand_over(self, localpart: str) -> None:
        """Start to deliver what waits, if there is something and somebody takes it."""
        is_idle = localpart not in self._handing_over
        if is_idle and self._spool.count(localpart) and self._receivers(localpart):
            self._handing_over[localpart] = []
            self._host.spawn(self._hand_over_all(localpart), f"hand over messages to {localpart}")

    async def _hand_over_all(self, localpart: str) -> None:
        try:
            for message in await self._spool.of(localpart):
                if message.id in self._holders:
                    continue
                if not _is_sound(message.stanza):  # it harms nobody but itself
                    _logger.error("row %d of the spool of %s is damaged", message.id, localpart)
                    continue
                receivers = self._receivers(localpart)
                if not self._send(localpart, message.id, self._delayed(message), receivers):
                    break
        except StorageError as error:
            _logger.warning("the messages of %s stay where they are: %s", localpart, error)
        finally:
            for action in self._handing_over.pop(localpart):
                action()

    async def _read_stored(self, account: BareJid, row: int) -> bytes | None:
        message = await self._spool.get(account.localpart, row)
        return None if message is None else self._delayed(message)

    def _delayed(self, message: SpooledMessage) -> bytes:
        return with_delay(message.stanza, self._host.domain, message.stored_at)

    def _receivers(self, localpart: str) -> Sequence[Session]:
        """Return the available sessions of the highest priority that is not negative."""
        available = self._host.sessions.available_of(localpart)
        highest = max((session.priority for session in available), default=-1)
        return [one for one in available if one.priority == highest] if highest >= 0 else []

    def _on_session_bound(self, fact: SessionBound) -> None:
        fact.session.on_acknowledged = self._on_acknowledged

    def _on_session_restored(self, fact: SessionRestored) -> None:
        session = fact.session
        session.on_acknowledged = self._on_acknowledged
        rows = session.unacknowledged
        self._holders.update(rows)
        if rows:
            fact.work.append(self._know_again(session.full_jid.localpart))

    async def _know_again(self, localpart: str) -> None:
        await self._spool.of(localpart)

    def _on_session_available(self, fact: SessionAvailable) -> None:
        self._on_receiver(fact.session)

    def _on_priority_changed(self, fact: PriorityChanged) -> None:
        self._on_receiver(fact.session)

    def _on_receiver(self, session: Session) -> None:
        if session.priority >= 0:
            self._hand_over(session.full_jid.localpart)

    def _on_acknowledged(self, session: Session, rows: Sequence[int]) -> None:
        """What one receiver has, needs not wait for the others."""
        arrived = [row for row in rows if self._holders.pop(row, 0)]
        if arrived:
            self._spool.remove(arrived)
        if self._backlogs and not session.is_congested:
            self._go_on(session.full_jid.localpart)

    def _on_session_closed(self, fact: SessionClosed) -> None:
        """What the client has not acknowledged is delivered again, with its original time."""
        session = fact.session
        has_lost = False
        for row in session.unacknowledged:
            if row in self._holders:
                self._holders[row] -= 1
                if not self._holders[row]:
                    del self._holders[row]
                    has_lost = True
        localpart = session.full_jid.localpart
        self._backlogs.discard(localpart)
        if has_lost or self._spool.count(localpart):
            self._hand_over(localpart)


def _is_sound(stanza: bytes) -> bool:
    try:
        return bool(frame_of(stanza).children)
    except StreamError:
        return False
