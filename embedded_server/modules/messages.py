"""Messages between accounts of this host (RFC 6121, sections 5 and 8.5).

Where a message goes is read from the table of ``shared_protocol.stanzas.delivery``. A message that
is worth keeping is stored before it is delivered if its sender has been promised that (stream
management), or if nobody is there to take it.
"""

import re
from collections.abc import Sequence
from functools import cache, partial
from typing import NamedTuple

from embedded_server.modules.offline import OfflineModule
from embedded_server.plugin_api import (
    ALREADY_STORED,
    Attachments,
    HookTable,
    Inbound,
    MessageRouting,
    ModuleHost,
    Recipient,
    Session,
    StanzaKind,
    StorageError,
    stamped,
    to_attribute,
    with_address,
)
from shared_protocol.addresses import FullJid
from shared_protocol.errors import StanzaCondition, StanzaError
from shared_protocol.namespaces import CLIENT, STANZA_IDS
from shared_protocol.stanzas.delivery import (
    AddressKind,
    DeliveryChoice,
    ReceiverState,
    is_kept,
    message_choice,
)
from shared_protocol.stanzas.message_parts.stanza_ids import origin_id_of
from shared_protocol.stanzas.messages import MessageType
from shared_protocol.xml.elements import element_of

_TYPES = {one.value: one for one in MessageType}
_BODY = f"{CLIENT} body"
_ORIGIN_ID = f"{STANZA_IDS} origin-id"
_ORIGIN_ID_TAG = re.compile(rb"<origin-id\b[^>]*\sid\s*=\s*['\"]([\w.:-]{1,200})['\"]")


class _Delivery(NamedTuple):
    """What becomes of a message, as things stand now."""

    choice: DeliveryChoice
    receivers: Sequence[Session]


_choice = cache(message_choice)
_DROPPED_FOR_SLOW_READERS = frozenset({MessageType.NORMAL, MessageType.CHAT, MessageType.HEADLINE})
_ERRORS = frozenset({DeliveryChoice.ERROR, DeliveryChoice.ERROR_TO_KNOWN})


class MessageModule:
    """Delivers messages, keeps them, or says why not."""

    def __init__(self, *, offline: OfflineModule) -> None:
        self._offline = offline
        self._attached = Attachments()
        self._host: ModuleHost

    def attach(self, host: ModuleHost) -> None:
        """Take over messages."""
        self._host = host
        self._routing: HookTable = host.hooks.table(MessageRouting)
        self._attached.add(host.take_over(StanzaKind.MESSAGE, self._on_message))

    def detach(self) -> None:
        """Take everything back."""
        self._attached.undo()

    def _on_message(self, inbound: Inbound) -> None:
        if inbound.recipient is Recipient.REMOTE:
            raise StanzaError(StanzaCondition.REMOTE_SERVER_NOT_FOUND)
        if self._routing:
            is_dealt_with = self._host.hooks.ask(MessageRouting(inbound), inbound.frame.children)
            if is_dealt_with:
                return
        delivery = self._delivery(inbound)
        if delivery.choice in _ERRORS:
            # All senders are of the own server yet, so that none is answered by silence (8.1).
            raise StanzaError(StanzaCondition.SERVICE_UNAVAILABLE)
        if delivery.choice is DeliveryChoice.SILENCE:
            return
        if self._is_stored_first(inbound, delivery):
            self._store(inbound)
        elif inbound.origin.waiting_turns or self._offline.is_handing_over:
            inbound.origin.run_in_order(partial(self._deliver, inbound))
        elif delivery.receivers:
            _send(inbound, delivery.receivers)

    def _delivery(self, inbound: Inbound) -> _Delivery:
        """Look the table up (RFC 6121, section 8.5)."""
        to = inbound.to
        message_type = _message_type(inbound)
        if isinstance(to, FullJid):
            session = self._host.sessions.get(to)
            if session is not None:
                return _Delivery(DeliveryChoice.DELIVER_TO_RESOURCE, (session,))
            address = AddressKind.FULL_WITHOUT_MATCH
        else:
            address = AddressKind.BARE
        if not self._host.account_exists(to.bare):
            choice = _choice(message_type, ReceiverState.NO_ACCOUNT, address)
            return _Delivery(choice, ())
        takers = [
            session
            for session in self._host.sessions.available_of(to.localpart)
            if session.priority >= 0
        ]
        state = ReceiverState.SOMEBODY if takers else ReceiverState.NOBODY
        choice = _choice(message_type, state, address)
        if choice is DeliveryChoice.HIGHEST and len(takers) > 1:
            highest = max(session.priority for session in takers)
            takers = [session for session in takers if session.priority == highest]
        return _Delivery(choice, takers)

    def _is_stored_first(self, inbound: Inbound, delivery: _Delivery) -> bool:
        children = inbound.frame.children
        is_due = (
            delivery.choice is DeliveryChoice.OFFLINE
            or (inbound.origin.has_acknowledgement and _BODY in children)
            # What nobody can take now waits on disk, and not in memory.
            or not _ready(delivery.receivers)
        )
        return is_due and is_kept(_message_type(inbound), children)

    def _deliver(self, inbound: Inbound) -> None:
        """Deliver without storing, behind what is being handed over to the receiver."""
        self._offline.in_order(inbound.bare_to, partial(self._deliver_now, inbound))

    def _deliver_now(self, inbound: Inbound) -> None:
        _send(inbound, self._delivery(inbound).receivers)

    def _store(self, inbound: Inbound) -> None:
        """Store at once; deliver in the sender's order when it is on disk."""
        stanza = _addressed(inbound)
        release = inbound.origin.hold()

        def on_committed(row: int | StorageError) -> None:
            release(partial(self._on_stored, inbound, stanza, row))

        try:
            self._offline.store(
                inbound.bare_to,
                stanza,
                sender=inbound.sender.bare,
                origin_id=_origin_id(inbound),
                on_committed=on_committed,
            )
        except StanzaError:
            release()
            raise

    def _on_stored(self, inbound: Inbound, stanza: bytes, row: int | StorageError) -> None:
        if isinstance(row, StorageError):  # a full disk, as a rule (RFC 6120, section 8.3.3.18)
            self._host.refuse(inbound, StanzaError(StanzaCondition.RESOURCE_CONSTRAINT))
        elif row != ALREADY_STORED:
            self._offline.deliver(
                inbound.bare_to, row, stanza, lambda: self._delivery(inbound).receivers
            )


def _message_type(inbound: Inbound) -> MessageType:
    """Return the type; one that is unknown counts as normal (RFC 6121, section 5.2.2)."""
    return _TYPES.get(inbound.type, MessageType.NORMAL)


def _send(inbound: Inbound, receivers: Sequence[Session]) -> None:
    stanza = _addressed(inbound)
    if _message_type(inbound) in _DROPPED_FOR_SLOW_READERS:
        receivers = _ready(receivers)
    for receiver in receivers:
        receiver.send(stanza)


def _ready(receivers: Sequence[Session]) -> list[Session]:
    """Return those who read what they are sent."""
    return [receiver for receiver in receivers if not receiver.is_congested]


def _addressed(inbound: Inbound) -> bytes:
    """Return the message as it leaves; without ``to`` it is for the own account."""
    stanza = stamped(inbound)
    return stanza if inbound.has_address else with_address(stanza, to_attribute(inbound.to))


def _origin_id(inbound: Inbound) -> str:
    """Return the sender's name for the message (XEP-0359), if it gave one."""
    frame = inbound.frame
    if _ORIGIN_ID not in frame.children:
        return ""
    if frame.raw.count(b"origin-id") == 1:
        match = _ORIGIN_ID_TAG.search(frame.raw)
        if match is not None:
            return match[1].decode("ascii", "replace")
    return origin_id_of(element_of(frame.raw))
