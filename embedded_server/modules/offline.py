"""Messages that wait until a client of their receiver has them (XEP-0160 1.0.1).

A message that is to be kept waits in the store until a receiver with stream management has
acknowledged it, or until it is written to receivers that have none; never shorter
(docs/decisions/0003).
"""

import logging
from collections import Counter
from collections.abc import Callable, Sequence

from embedded_server.modules.message_stamps import stanza_id_bytes, with_child
from embedded_server.plugin_api import (
    ArchiveIds,
    Attachments,
    Entity,
    HookTable,
    MessageStore,
    MessageWaiting,
    ModuleHost,
    NewMessage,
    PriorityChanged,
    Session,
    SessionAvailable,
    SessionBound,
    SessionClosed,
    SessionRestored,
    SessionState,
    StorageError,
    StoredMessage,
    stored_address,
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
    """Delivers stored messages, and hands them over when a client comes that takes messages.

    While it hands over, later messages for the same account wait, so that nothing overtakes.
    """

    def __init__(self, *, store: MessageStore, ids: ArchiveIds) -> None:
        self._store = store
        self._ids = ids
        self._handing_over: dict[str, list[Action]] = {}
        self._backlogs: set[str] = set()  # accounts with messages that wait for a slow client
        self._holders: Counter[int] = Counter()  # how many sessions a message was sent to
        self._attached = Attachments()
        self._host: ModuleHost

    def attach(self, host: ModuleHost) -> None:
        """Announce the feature; listen for those who come and go."""
        self._host = host
        listen = host.hooks.listen
        self._on_waiting: HookTable = host.hooks.table(MessageWaiting)
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
        on_stored: Callable[[int | StorageError], None],
    ) -> None:
        """Keep a message until it is delivered, in no archive.

        Args:
            receiver: An account of this host.
            stanza: As it is delivered.
            sender: Who sent it.
            origin_id: Its name by its sender (XEP-0359); empty if it has none.
            on_stored: See ``MessageStore.add``.

        Raises:
            StanzaError: The account's store is full (XEP-0160, section 3).
        """
        domain = self._host.domain
        self.check_room(receiver, len(stanza))
        message = NewMessage(
            sender=stored_address(sender, domain),
            receiver=stored_address(receiver, domain),
            stanza=stanza,
            origin_id=origin_id,
            is_kept_by_sender=False,
            is_kept_by_receiver=False,
            is_to_deliver=True,
        )
        self._store.add(message, on_stored)

    def check_room(self, receiver: BareJid, size_bytes: int) -> None:
        """Refuse a message for which there is no room.

        Raises:
            StanzaError: The account's store is full (XEP-0160, section 3).
        """
        if not self._store.has_room(receiver.localpart, size_bytes):
            raise StanzaError(StanzaCondition.SERVICE_UNAVAILABLE, "too many messages wait")

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

    def can_send(self, localpart: str) -> bool:
        """Whether a message may go to an account's sessions now, past nothing that waits."""
        return localpart not in self._handing_over and localpart not in self._backlogs

    def deliver(self, account: BareJid, message_id: int, stanza: bytes, to: Receivers) -> None:
        """Deliver a message that was stored; where there is nobody, it stays in the store.

        Args:
            account: Whose message it is.
            message_id: By which the store knows it.
            stanza: As it is to be sent.
            to: Tells who gets it, when it is its turn.
        """
        localpart = account.localpart
        waiting = self._handing_over.get(localpart)
        if waiting is None:
            self._deliver_now(localpart, message_id, stanza, to)
        else:
            waiting.append(lambda: self._deliver_now(localpart, message_id, stanza, to))

    def drop(self, account: BareJid, message_id: int) -> None:
        """Forget a message that was sent to one session alone, and whose sender is told so."""
        self._holders.pop(message_id, None)
        self._store.arrived(account.localpart, (message_id,))

    def _deliver_now(self, localpart: str, message_id: int, stanza: bytes, to: Receivers) -> None:
        if message_id in self._holders or localpart in self._backlogs:
            return  # handed over already, or behind others that wait
        if not self._store.is_waiting(localpart, message_id):
            return  # handed over already, and arrived
        receivers = to()
        self._send(localpart, message_id, stanza, receivers)
        if self._on_waiting and not any(map(_has_stream, receivers)):
            account = BareJid(localpart, self._host.domain)
            self._host.hooks.tell(MessageWaiting(account, stanza))

    def _send(
        self, localpart: str, message_id: int, stanza: bytes, receivers: Sequence[Session]
    ) -> bool:
        """Send one stored message; False if it has to wait for a client that is too slow."""
        ready = [session for session in receivers if not session.is_congested]
        if ready:
            self._holders[message_id] += len(ready)
            for session in ready:
                session.send(stanza, message_id)
        elif receivers:
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
        if is_idle and self._store.count(localpart) and self._receivers(localpart):
            self._handing_over[localpart] = []
            self._host.spawn(self._hand_over_all(localpart), f"hand over messages to {localpart}")

    async def _hand_over_all(self, localpart: str) -> None:
        try:
            last = 0
            while messages := await self._store.waiting(localpart, last):
                last = messages[-1].id
                if not self._hand_over_page(localpart, messages):
                    break
        except StorageError as error:
            _logger.warning("the messages of %s stay where they are: %s", localpart, error)
        finally:
            for action in self._handing_over.pop(localpart):
                action()

    def _hand_over_page(self, localpart: str, messages: Sequence[StoredMessage]) -> bool:
        """Send messages that waited; False if some of them have to wait on.

        What was sent to sessions alone that have lost their stream is not waited for: who comes now
        may be the same person, whose client has forgotten that it could resume.
        """
        held = {
            message_id
            for session in self._host.sessions.sessions_of(localpart)
            if session.state is not SessionState.HIBERNATING
            for message_id in session.unacknowledged
        }
        return all(
            self._hand_over_one(localpart, message)
            for message in messages
            if message.id not in held
        )

    def _hand_over_one(self, localpart: str, message: StoredMessage) -> bool:
        """Send a message that waited; False if it and all behind it have to wait on."""
        receivers = self._receivers(localpart)
        if message.id in self._holders:
            receivers = [one for one in receivers if one.state is not SessionState.HIBERNATING]
            if not receivers:
                return True
        if not _is_sound(message.stanza):  # it harms nobody but itself
            _logger.error("message %d of %s is damaged", message.id, localpart)
            return True
        stanza = self._stamped(BareJid(localpart, self._host.domain), message)
        return self._send(localpart, message.id, stanza, receivers)

    async def _read_stored(self, account: BareJid, message_id: int) -> bytes | None:
        message = await self._store.get(account.localpart, message_id)
        return None if message is None else self._stamped(account, message)

    def _stamped(self, account: BareJid, message: StoredMessage) -> bytes:
        stanza = with_delay(message.stanza, self._host.domain, message.stored_at)
        if not message.is_kept_by_receiver:
            return stanza
        return with_child(stanza, stanza_id_bytes(str(account), self._ids.id_of(message.id)))

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
        self._holders.update(session.unacknowledged)

    def _on_session_available(self, fact: SessionAvailable) -> None:
        self._on_receiver(fact.session)

    def _on_priority_changed(self, fact: PriorityChanged) -> None:
        self._on_receiver(fact.session)

    def _on_receiver(self, session: Session) -> None:
        if session.priority >= 0:
            self._hand_over(session.full_jid.localpart)

    def _on_acknowledged(self, session: Session, ids: Sequence[int]) -> None:
        """What one receiver has, needs not wait for the others."""
        localpart = session.full_jid.localpart
        arrived = [one for one in ids if self._holders.pop(one, 0)]
        if arrived:
            self._store.arrived(localpart, arrived)
        if self._backlogs and not session.is_congested:
            self._go_on(localpart)

    def _on_session_closed(self, fact: SessionClosed) -> None:
        """What the client has not acknowledged is delivered again, with its original time."""
        session = fact.session
        has_lost = False
        for one in session.unacknowledged:
            if one in self._holders:
                self._holders[one] -= 1
                if not self._holders[one]:
                    del self._holders[one]
                    has_lost = True
        localpart = session.full_jid.localpart
        self._backlogs.discard(localpart)
        if has_lost or self._store.count(localpart):
            self._hand_over(localpart)


def _is_sound(stanza: bytes) -> bool:
    try:
        return bool(frame_of(stanza).children)
    except StreamError:
        return False


def _has_stream(session: Session) -> bool:
    return session.state is SessionState.ATTACHED
