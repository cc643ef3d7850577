"""Messages between accounts of this host (RFC 6121, sections 5 and 8.5).

Where a message goes is read from the table of ``shared_protocol.stanzas.delivery``. A message that
is worth keeping is stored. If its sender has been promised that (stream management), or nobody is
there to take it, it is stored before it is delivered, else at the same time (docs/decisions/0003).
"""

from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import NamedTuple

from embedded_server.modules.archive.archive_policy import ArchivePolicy, Keeping
from embedded_server.modules.archive.message_worth import MessageWorth, worth_of
from embedded_server.modules.archive.roster_first import RosterFirst
from embedded_server.modules.carbons import CarbonsModule
from embedded_server.modules.message_stamps import stanza_id_bytes, with_child
from embedded_server.modules.offline import OfflineModule
from embedded_server.modules.roster_book import RosterBook
from embedded_server.plugin_api import (
    ALREADY_STORED,
    ArchiveIds,
    Attachments,
    HookTable,
    Inbound,
    MessageDirected,
    MessageRouting,
    MessageStore,
    ModuleHost,
    NewMessage,
    Recipient,
    Session,
    StanzaKind,
    StorageError,
    origin_id_in,
    stamped,
    stored_address,
    to_attribute,
    with_address,
)
from shared_protocol.addresses import BareJid, FullJid
from shared_protocol.errors import StanzaCondition, StanzaError
from shared_protocol.namespaces import STANZA_IDS
from shared_protocol.stanzas.delivery import (
    AddressKind,
    DeliveryChoice,
    ReceiverState,
    message_choice,
)
from shared_protocol.stanzas.messages import MessageType

_ORIGIN_ID = f"{STANZA_IDS} origin-id"


class _Delivery(NamedTuple):
    """What becomes of a message, as things stand now."""

    choice: DeliveryChoice
    receivers: Sequence[Session]


class _Message(NamedTuple):
    """A message on its way.

    Attributes:
        stanza: As it is stored, with the true sender and an address.
        keeping: Into whose archive it goes.
    """

    inbound: Inbound
    worth: MessageWorth
    stanza: bytes
    keeping: Keeping


_choice = cache(message_choice)
_DROPPED_FOR_SLOW_READERS = frozenset({MessageType.NORMAL, MessageType.CHAT, MessageType.HEADLINE})


class MessageModule:
    """Delivers messages, stores them, or says why not."""

    def __init__(
        self,
        *,
        store: MessageStore,
        ids: ArchiveIds,
        policy: ArchivePolicy,
        offline: OfflineModule,
        carbons: CarbonsModule,
        book: RosterBook,
    ) -> None:
        self._store = store
        self._ids = ids
        self._policy = policy
        self._offline = offline
        self._carbons = carbons
        self._book = book
        self._attached = Attachments()
        self._host: ModuleHost

    def attach(self, host: ModuleHost) -> None:
        """Take over messages."""
        self._host = host
        self._roster_first = RosterFirst(host, self._book, self._route)
        self._routing: HookTable = host.hooks.table(MessageRouting)
        self._attached.add(
            host.take_over(StanzaKind.MESSAGE, self._on_message),
            host.hooks.listen(MessageDirected, self._on_directed),
        )

    def detach(self) -> None:
        """Take everything back."""
        self._attached.undo()

    def _on_message(self, inbound: Inbound) -> None:
        if inbound.recipient is Recipient.REMOTE:
            raise StanzaError(StanzaCondition.REMOTE_SERVER_NOT_FOUND)
        if self._policy.needs_rosters:
            worth = worth_of(inbound.type, tuple(inbound.frame.children))
            missing = self._policy.missing_roster(inbound, worth)
            if self._roster_first.takes(inbound, missing):
                return
        self._route(inbound)

    def _route(self, inbound: Inbound) -> None:
        kind = tuple(inbound.frame.children)
        for handler in self._routing.handlers(kind):
            if handler(MessageRouting(inbound)):
                return
        worth = worth_of(inbound.type, kind)
        choice, receivers = self._delivery(inbound, worth)
        if choice is DeliveryChoice.ERROR or choice is DeliveryChoice.ERROR_TO_KNOWN:
            # All senders are of the own server yet, so that none is answered by silence (8.1).
            raise StanzaError(StanzaCondition.SERVICE_UNAVAILABLE)
        if choice is DeliveryChoice.SILENCE:
            return
        keeping = self._policy.keeping(inbound, worth)
        message = _Message(inbound, worth, _addressed(inbound), keeping)
        ready = _ready(receivers)
        if not self._is_stored(message, ready):
            self._pass_on(message, receivers)
        elif self._is_sent_at_once(inbound, ready):
            self._send_and_store(message, ready)
        else:
            self._store_first(message)

    def _delivery(self, inbound: Inbound, worth: MessageWorth) -> _Delivery:
        """Look the table up (RFC 6121, section 8.5)."""
        to = inbound.to
        if isinstance(to, FullJid):
            session = self._host.sessions.get(to)
            if session is not None:
                return _Delivery(DeliveryChoice.DELIVER_TO_RESOURCE, (session,))
            address = AddressKind.FULL_WITHOUT_MATCH
        else:
            address = AddressKind.BARE
        takers: Sequence[Session] = self._host.sessions.available_of(to.localpart)
        if len(takers) == 1 and takers[0].priority >= 0 and address is AddressKind.BARE:
            return _Delivery(worth.to_somebody, takers)  # nearly always
        takers = [session for session in takers if session.priority >= 0]
        if takers:
            state = ReceiverState.SOMEBODY
        elif self._host.account_exists(to.bare):
            state = ReceiverState.NOBODY
        else:
            state = ReceiverState.NO_ACCOUNT
        choice = _choice(worth.type, state, address)
        if choice is DeliveryChoice.HIGHEST and len(takers) > 1:
            highest = max(session.priority for session in takers)
            takers = [session for session in takers if session.priority == highest]
        return _Delivery(choice, takers)

    def _is_stored(self, message: _Message, ready: Sequence[Session]) -> bool:
        """Whether an archive wants it, or nobody is there, or its sender relies on it."""
        worth, keeping = message.worth, message.keeping
        if not worth.is_kept:
            return False
        is_promised = worth.is_archived and message.inbound.origin.has_acknowledgement
        # What nobody can take now waits on disk, and not in memory.
        return is_promised or keeping.by_sender or keeping.by_receiver or not ready

    def _is_sent_at_once(self, inbound: Inbound, ready: Sequence[Session]) -> bool:
        origin = inbound.origin
        return bool(
            ready
            and not origin.has_acknowledgement
            and not origin.waiting_turns
            and self._offline.can_send(inbound.to.localpart)
        )

    def _pass_on(self, message: _Message, receivers: Sequence[Session]) -> None:
        """Deliver without storing, in the order of the sender and of the receiver."""
        inbound = message.inbound
        if inbound.origin.waiting_turns or self._offline.is_handing_over:
            inbound.origin.run_in_order(partial(self._pass_on_in_order, message))
        else:
            _send(message, receivers)
            self._copy(message, receivers)

    def _pass_on_in_order(self, message: _Message) -> None:
        inbound = message.inbound

        def pass_on() -> None:
            receivers = self._delivery(inbound, message.worth).receivers
            _send(message, receivers)
            self._copy(message, receivers)

        self._offline.in_order(inbound.bare_to, pass_on)

    def _send_and_store(self, message: _Message, receivers: Sequence[Session]) -> None:
        """Deliver now: nothing was promised, and the id is known before the commit.

        Where no receiver says what has arrived, it has arrived when it is sent.
        """
        is_watched = any(receiver.has_acknowledgement for receiver in receivers)
        message_id = self._add(message, _leave_it, is_to_deliver=is_watched)
        if message_id == ALREADY_STORED:
            return
        stanza = self._identified(message, message_id)
        if is_watched:
            self._offline.deliver(message.inbound.bare_to, message_id, stanza, lambda: receivers)
        else:
            for receiver in receivers:
                receiver.send(stanza)
        self._copy(message, receivers, message_id)

    def _store_first(self, message: _Message) -> None:
        """Store at once; deliver in the sender's order when it is on disk."""
        release = message.inbound.origin.hold()

        def on_stored(outcome: int | StorageError) -> None:
            release(partial(self._on_stored, message, outcome))

        try:
            self._add(message, on_stored, is_to_deliver=True)
        except StanzaError:
            release()
            raise

    def _on_stored(self, message: _Message, outcome: int | StorageError) -> None:
        inbound = message.inbound
        if isinstance(outcome, StorageError):  # a full disk, as a rule (RFC 6120, 8.3.3.18)
            self._host.refuse(inbound, StanzaError(StanzaCondition.RESOURCE_CONSTRAINT))
        elif outcome != ALREADY_STORED:
            receivers = self._delivery(inbound, message.worth).receivers
            account, stanza = inbound.to.bare, self._identified(message, outcome)
            if self._offline.can_send(account.localpart):
                self._offline.deliver(account, outcome, stanza, lambda: receivers)
            else:  # who is there may change until it is its turn
                self._offline.deliver(
                    account,
                    outcome,
                    stanza,
                    lambda: self._delivery(inbound, message.worth).receivers,
                )
            self._copy(message, receivers, outcome)

    def _copy(
        self, message: _Message, receivers: Sequence[Session], message_id: int = ALREADY_STORED
    ) -> None:
        if message.worth.is_copied:
            identified = partial(self._identified_for, message, message_id)
            self._carbons.copy(message.inbound, receivers, identified)

    def _on_directed(self, fact: MessageDirected) -> None:
        """A service has taken a message, as a room one for an occupant: the sender's side is ours.

        What rooms show to all is not for the archives of accounts, and is copied to nobody.
        """
        inbound = fact.inbound
        worth = worth_of(inbound.type, tuple(inbound.frame.children))
        if not isinstance(inbound.origin, Session) or worth.type is MessageType.GROUPCHAT:
            return
        keeping = self._policy.keeping(inbound, worth)._replace(by_receiver=False)
        message = _Message(inbound, worth, _addressed(inbound), keeping)
        message_id = ALREADY_STORED
        if keeping.by_sender:
            message_id = self._add(message, _leave_it, is_to_deliver=False)
        if worth.is_copied:
            self._carbons.copy_sent(inbound, partial(self._identified_for, message, message_id))

    def _add(
        self,
        message: _Message,
        on_stored: Callable[[int | StorageError], None],
        *,
        is_to_deliver: bool,
    ) -> int:
        """Hand a message to the store.

        Raises:
            StanzaError: Too many messages wait for the receiver (XEP-0160, section 3).
        """
        inbound, domain = message.inbound, self._host.domain
        if is_to_deliver:
            self._offline.check_room(inbound.bare_to, len(message.stanza))
        has_name = _ORIGIN_ID in inbound.frame.children
        keeping = message.keeping
        new = NewMessage(
            stored_address(inbound.origin.address.bare, domain),
            stored_address(inbound.to.bare, domain),
            message.stanza,
            origin_id_in(message.stanza) if has_name else "",
            keeping.by_sender,
            keeping.by_receiver,
            is_to_deliver,
        )
        return self._store.add(new, on_stored)

    def _identified(self, message: _Message, message_id: int) -> bytes:
        """Return the stanza with the id that it has in the receiver's archive (XEP-0359)."""
        if not message.keeping.by_receiver:
            return message.stanza
        stanza_id = stanza_id_bytes(str(message.inbound.to.bare), self._ids.id_of(message_id))
        return with_child(message.stanza, stanza_id)

    def _identified_for(self, message: _Message, message_id: int, account: BareJid) -> bytes:
        """Return the stanza with the id that it has in the archive of one of its sides, if any."""
        keeping = message.keeping
        is_receiver = account == message.inbound.to.bare
        if message_id == ALREADY_STORED or not keeping[1 if is_receiver else 0]:
            return message.stanza
        return with_child(
            message.stanza, stanza_id_bytes(str(account), self._ids.id_of(message_id))
        )


def _leave_it(_outcome: int | StorageError) -> None:
    """It has arrived, or the receiver's stream says what becomes of it."""


def _send(message: _Message, receivers: Sequence[Session]) -> None:
    if message.worth.type in _DROPPED_FOR_SLOW_READERS:
        receivers = _ready(receivers)
    for receiver in receivers:
        receiver.send(message.stanza)


def _ready(receivers: Sequence[Session]) -> list[Session]:
    """Return those who read what they are sent."""
    return [receiver for receiver in receivers if not receiver.is_congested]


def _addressed(inbound: Inbound) -> bytes:
    """Return the message as it leaves; without ``to`` it is for the own account."""
    stanza = stamped(inbound)
    return stanza if inbound.has_address else with_address(stanza, to_attribute(inbound.to))
