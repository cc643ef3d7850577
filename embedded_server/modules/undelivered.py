"""What a client has not got when its session ends goes where it would go without that resource.

XEP-0198 1.6.3, section 4, with the table of RFC 6121, section 8.5. Messages that are stored are the
business of the offline module, but for those that the table answers with an error: the sender is
told, if he is there to hear it. Requests are answered; presence is dropped.
"""

from collections.abc import Sequence
from functools import partial

from embedded_server.modules.offline import OfflineModule
from embedded_server.plugin_api import (
    ALREADY_STORED,
    Attachments,
    ModuleHost,
    Phase,
    Session,
    SessionClosed,
    StorageError,
    Undelivered,
    error_reply,
)
from shared_protocol.addresses import AddressError, BareJid, FullJid, Jid, parse_jid
from shared_protocol.errors import StanzaCondition, StanzaError, StreamError
from shared_protocol.stanzas.delay import with_delay
from shared_protocol.stanzas.delivery import (
    AddressKind,
    DeliveryChoice,
    ReceiverState,
    is_kept,
    message_choice,
)
from shared_protocol.stanzas.message_parts.stanza_ids import origin_id_of
from shared_protocol.stanzas.messages import MessageType, type_of
from shared_protocol.xml.elements import element_of
from shared_protocol.xml.framer import frame_of
from shared_protocol.xml.frames import StanzaFrame

_REQUESTS = frozenset({"get", "set"})
_ERRORS = frozenset({DeliveryChoice.ERROR, DeliveryChoice.ERROR_TO_KNOWN})


class UndeliveredModule:
    """Finds another way for what was on its way to a session that has ended."""

    def __init__(self, *, offline: OfflineModule) -> None:
        self._offline = offline
        self._attached = Attachments()
        self._host: ModuleHost

    def attach(self, host: ModuleHost) -> None:
        """Listen for sessions that end, before the offline module looks at what they had."""
        self._host = host
        self._attached.add(
            host.hooks.listen(SessionClosed, self._on_session_closed, phase=Phase.EARLY)
        )

    def detach(self) -> None:
        """Take everything back."""
        self._attached.undo()

    def _on_session_closed(self, fact: SessionClosed) -> None:
        for one in fact.session.undelivered:
            if one.stanza and not one.stanza.startswith(b"<presence"):
                self._find_another_way(fact.session, one)

    def _find_another_way(self, session: Session, one: Undelivered) -> None:
        try:
            frame = frame_of(one.stanza)
            sender = parse_jid(frame.attributes.get("from", ""))
        except (StreamError, AddressError):
            return  # what the server itself says has no sender
        if sender in {session.full_jid.bare, self._host.jid}:
            return
        if frame.local_name == "message":
            self._on_message(session, one, frame, sender)
        elif frame.attributes.get("type") in _REQUESTS:
            self._refuse(frame, sender)

    def _on_message(
        self, session: Session, one: Undelivered, frame: StanzaFrame, sender: Jid
    ) -> None:
        takers = self._takers(session.full_jid.localpart)
        is_for_resource = "/" in frame.attributes.get("to", "")
        if not is_for_resource and any(_has_had(taker, session, one) for taker in takers):
            return
        choice = message_choice(
            _type_of(frame),
            ReceiverState.SOMEBODY if takers else ReceiverState.NOBODY,
            AddressKind.FULL_WITHOUT_MATCH if is_for_resource else AddressKind.BARE,
        )
        if choice in _ERRORS and self._can_hear(sender):
            if one.spool_id is not None:
                self._offline.drop(session.full_jid.bare, one.spool_id)
            self._refuse(frame, sender)
        elif one.spool_id is not None:
            return
        elif choice in {DeliveryChoice.HIGHEST, DeliveryChoice.ALL}:
            for taker in _highest(takers) if choice is DeliveryChoice.HIGHEST else takers:
                taker.send(self._delayed(one))
        elif choice is DeliveryChoice.OFFLINE:
            self._store(session.full_jid.bare, one, frame, sender)

    def _store(self, account: BareJid, one: Undelivered, frame: StanzaFrame, sender: Jid) -> None:
        if not is_kept(_type_of(frame), frame.children):
            return
        stanza = self._delayed(one)

        def on_stored(row: int | StorageError) -> None:
            if isinstance(row, StorageError):
                self._refuse(frame, sender, StanzaCondition.RESOURCE_CONSTRAINT)
            elif row != ALREADY_STORED:
                receivers = partial(self._highest_takers, account.localpart)
                self._offline.deliver(account, row, stanza, receivers)

        try:
            self._offline.store(
                account,
                stanza,
                sender=sender.bare,
                origin_id=origin_id_of(element_of(frame.raw)),
                on_stored=on_stored,
            )
        except StanzaError as error:
            self._refuse(frame, sender, error.condition)

    def _refuse(
        self,
        frame: StanzaFrame,
        sender: Jid,
        condition: StanzaCondition = StanzaCondition.SERVICE_UNAVAILABLE,
    ) -> None:
        """Answer with an error; nothing answers an error (RFC 6120, section 8.3.1)."""
        if frame.attributes.get("type") != "error":
            name = frame.local_name
            answer = error_reply(name, frame.attributes, sender, StanzaError(condition))
            self._host.deliver(answer, sender)

    def _can_hear(self, sender: Jid) -> bool:
        """Whether an error would reach him; else a message that is stored stays there."""
        if sender.domainpart != self._host.domain:
            return True
        return isinstance(sender, FullJid) and self._host.sessions.get(sender) is not None

    def _delayed(self, one: Undelivered) -> bytes:
        return with_delay(one.stanza, self._host.domain, one.sent_at)

    def _highest_takers(self, localpart: str) -> Sequence[Session]:
        return _highest(self._takers(localpart))

    def _takers(self, localpart: str) -> list[Session]:
        sessions = self._host.sessions.available_of(localpart)
        return [session for session in sessions if session.priority >= 0]


def _has_had(taker: Session, session: Session, one: Undelivered) -> bool:
    """Whether another resource got the same message to the account when it was sent."""
    return taker.bound_at <= one.sent_at and taker.priority >= session.priority


def _highest(takers: Sequence[Session]) -> Sequence[Session]:
    highest = max((session.priority for session in takers), default=0)
    return [session for session in takers if session.priority == highest]


def _type_of(frame: StanzaFrame) -> MessageType:
    return type_of(frame.attributes.get("type"))
