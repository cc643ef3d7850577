"""Who gets a stanza of a session or a service: by name, type and recipient (RFC 6120, section 10).

The router reads the attributes of the top element and the names of the children, both made by the
framer; it builds no tree. What a stanza means is decided by the handlers that modules register:
one for messages, one for presence, one for subscription stanzas, a table for IQs, and one for each
domain that is served beside the host's own.
"""

from collections import Counter
from collections.abc import Callable, Coroutine
from enum import Enum
from functools import partial
from typing import Any

from embedded_server.routing.attempts import UNANSWERED_TYPES, Attempts, StanzaHandler
from embedded_server.routing.barrier import Barrier
from embedded_server.routing.block_lists import BlockLists
from embedded_server.routing.features import Entity
from embedded_server.routing.hooks import HookBus
from embedded_server.routing.inbound import Inbound, Recipient
from embedded_server.routing.iq_answers import IqAnswers, checked_request
from embedded_server.routing.iq_table import IqTable
from embedded_server.routing.origin import Origin, ServiceOrigin
from embedded_server.routing.outgoing_requests import OutgoingRequests
from embedded_server.routing.questions import (
    MessageDirected,
    PresenceAmending,
    PresenceDirecting,
    PresenceSharing,
    SessionClosed,
)
from embedded_server.routing.stamping import stamped
from embedded_server.sessions.directory import SessionDirectory
from embedded_server.sessions.session import Session
from embedded_server.sessions.task_owner import TaskOwner
from shared_protocol.addresses import AddressError, FullJid, Jid, parse_jid
from shared_protocol.errors import StanzaCondition, StanzaError, StreamCondition, StreamError
from shared_protocol.namespaces import CLIENT
from shared_protocol.xml.framer import frame_of
from shared_protocol.xml.frames import StanzaFrame

Unregister = Callable[[], None]

_SUBSCRIPTION_TYPES = frozenset({"subscribe", "subscribed", "unsubscribe", "unsubscribed"})
_IQ = f"{CLIENT} iq"
_MESSAGE = f"{CLIENT} message"
_PRESENCE = f"{CLIENT} presence"


class StanzaKind(Enum):
    """What a module can take over as a whole."""

    MESSAGE = "message"
    PRESENCE = "presence"
    SUBSCRIPTION = "presence that changes a subscription"


class Router:
    """Takes the stanzas of the sessions and services of one host.

    Attributes:
        iqs: Who answers IQs to the server and to its accounts.
        answers: Answers them; services use it for tables of their own.
        attempts: Runs handlers.
        requests: What the server itself has asked.
    """

    def __init__(
        self,
        *,
        domain: str,
        account_exists: Callable[[str], bool],
        sessions: SessionDirectory,
        hooks: HookBus,
        tasks: TaskOwner,
        block_lists: BlockLists,
    ) -> None:
        self.iqs = IqTable()
        self._domain = domain
        self._account_exists = account_exists
        self._sessions = sessions
        self._hooks = hooks
        self.attempts = Attempts(tasks)
        self._block_lists = block_lists
        self._barrier = Barrier(block_lists, self.attempts)
        self.answers = IqAnswers(self.attempts)
        self.requests = OutgoingRequests(self._send_request)
        hooks.listen(SessionClosed, lambda fact: self.requests.lose(fact.session.full_jid))
        self._amending = hooks.table(PresenceAmending)
        self._handlers: dict[StanzaKind, StanzaHandler] = {}
        self._services: dict[str, StanzaHandler] = {}
        self._ordering: set[str] = set()  # domains whose handlers keep the order of messages
        self._waiting: Counter[Origin] = Counter()  # how much for services waits in its order
        self._kinds: dict[str, StanzaHandler] = {
            _MESSAGE: self._message,
            _PRESENCE: self._presence,
            _IQ: self._iq,
        }

    def take_over(self, kind: StanzaKind, handler: StanzaHandler) -> Unregister:
        """Let a module handle all stanzas of a kind.

        Args:
            kind: What it handles; one module for each.
            handler: Called once per stanza; raises ``StanzaError``. Presence comes in the order of
                its session; messages come at once, and their handler keeps that order itself.

        Raises:
            ValueError: Another module handles them already.
        """
        if kind in self._handlers:
            message = f"{kind.value} has a handler already"
            raise ValueError(message)
        self._handlers[kind] = handler
        return lambda: self._give_back(kind, handler)

    def serve(
        self, domain: str, handler: StanzaHandler, *, orders_messages: bool = False
    ) -> Unregister:
        """Let a module or a component take all that is sent to a domain.

        Args:
            domain: In its normal form; not that of the host.
            handler: Called once per stanza in the order of its sender; raises ``StanzaError``. IQ
                requests have an id and one child; what is of type result or error is not answered.
            orders_messages: Messages come at once if nothing but messages waits of their sender,
                so that many can be on their way to the store; the handler keeps their order.

        Raises:
            ValueError: The domain is served already.
        """
        if domain == self._domain or domain in self._services:
            message = f"{domain} is served already"
            raise ValueError(message)
        self._services[domain] = handler
        if orders_messages:
            self._ordering.add(domain)

        def take_back() -> None:
            if self._services.get(domain) is handler:
                del self._services[domain]
                self._ordering.discard(domain)

        return take_back

    def receive(self, origin: Origin, frame: StanzaFrame) -> None:
        """Take one stanza.

        Raises:
            StreamError: It is no message, presence or IQ (RFC 6120, section 4.9.3.24).
        """
        handler = self._kinds.get(frame.name)
        if handler is None:
            raise StreamError(StreamCondition.UNSUPPORTED_STANZA_TYPE, "unknown element")
        try:
            inbound = self._addressed(origin, frame)
        except AddressError:
            error = StanzaError(StanzaCondition.JID_MALFORMED)
            origin.run_in_order(partial(self.attempts.refuse, origin, frame, error))
            return
        if self._block_lists and self._barrier.stops(inbound):
            return
        if inbound.recipient is Recipient.SERVICE:
            self._receive_for_service(origin, inbound)
        else:
            self.attempts.attempt(handler, inbound)

    def _receive_for_service(self, origin: Origin, inbound: Inbound) -> None:
        is_message = inbound.frame.name == _MESSAGE
        if is_message and origin not in self._waiting and inbound.to.domainpart in self._ordering:
            self.attempts.attempt(self._to_service, inbound)
        elif origin.waiting_turns:
            self._waiting[origin] += 1
            origin.run_in_order(partial(self._after_waiting, inbound))
        else:
            origin.run_in_order(partial(self.attempts.attempt, self._to_service, inbound))

    def _after_waiting(self, inbound: Inbound) -> None:
        origin = inbound.origin
        self._waiting[origin] -= 1
        if not self._waiting[origin]:
            del self._waiting[origin]
        self.attempts.attempt(self._to_service, inbound)

    def attempt_later(self, work: Coroutine[Any, Any, None], inbound: Inbound, name: str) -> None:
        """Run work that waits for the store; later stanzas of its sender wait for its end."""
        self.attempts.attempt_later(work, inbound, name)

    def _send_request(
        self, stanza: bytes, sender: Jid, to: Jid, on_error: Callable[[bytes], None]
    ) -> None:
        session = self._sessions.get(to) if isinstance(to, FullJid) else None
        if session is not None and to.domainpart == self._domain:
            session.send(stanza)
        else:
            self.receive(ServiceOrigin(sender, on_error), frame_of(stanza))

    def _addressed(self, origin: Origin, frame: StanzaFrame) -> Inbound:
        text = frame.attributes.get("to")
        if text is None:  # RFC 6120, section 10.3
            own = origin.address.bare
            return Inbound(origin, frame, own, self._recipient(own), has_address=False)
        to = parse_jid(text)
        return Inbound(origin, frame, to, self._recipient(to), has_address=True)

    def _recipient(self, to: Jid) -> Recipient:
        if to.domainpart != self._domain:
            return Recipient.SERVICE if to.domainpart in self._services else Recipient.REMOTE
        if isinstance(to, FullJid):
            return Recipient.RESOURCE
        return Recipient.ACCOUNT if to.localpart else Recipient.SERVER

    def _to_service(self, inbound: Inbound) -> None:
        handler = self._services.get(inbound.to.domainpart)
        if handler is None:  # it has gone while the stanza waited
            raise StanzaError(StanzaCondition.SERVICE_UNAVAILABLE)
        name = inbound.frame.name
        if name == _IQ and inbound.type not in UNANSWERED_TYPES:
            checked_request(inbound)
        elif name == _PRESENCE and isinstance(inbound.origin, Session):
            if inbound.type in _SUBSCRIPTION_TYPES:
                # The client's own roster changes first; then the module sends it on its way.
                handler = self._handlers.get(StanzaKind.SUBSCRIPTION, _refuse_all)
            else:
                self._hooks.ask(PresenceDirecting(inbound))
                inbound = self._amended(inbound)
        handler(inbound)
        if name == _MESSAGE:
            self._hooks.tell(MessageDirected(inbound))

    def _message(self, inbound: Inbound) -> None:
        self._handlers.get(StanzaKind.MESSAGE, _refuse_all)(inbound)

    def _presence(self, inbound: Inbound) -> None:
        is_subscription = inbound.type in _SUBSCRIPTION_TYPES
        kind = StanzaKind.SUBSCRIPTION if is_subscription else StanzaKind.PRESENCE
        handler = partial(self._presence_in_turn, self._handlers.get(kind, _refuse_all))
        inbound.origin.run_in_order(partial(self.attempts.attempt, handler, inbound))

    def _presence_in_turn(self, handler: StanzaHandler, inbound: Inbound) -> None:
        handler(self._amended(inbound))

    def _amended(self, inbound: Inbound) -> Inbound:
        """Put in what the server adds to the available presence of a client."""
        if inbound.type or not self._amending:
            return inbound
        frame = self._hooks.ask(PresenceAmending(inbound))
        return inbound if frame is None else inbound._replace(frame=frame)

    def _iq(self, inbound: Inbound) -> None:
        inbound.origin.run_in_order(partial(self.attempts.attempt, self._iq_in_turn, inbound))

    def _iq_in_turn(self, inbound: Inbound) -> None:
        if inbound.type in UNANSWERED_TYPES:
            self._iq_response(inbound)
            return
        checked_request(inbound)
        if inbound.recipient is Recipient.REMOTE:
            raise StanzaError(StanzaCondition.REMOTE_SERVER_NOT_FOUND)
        if inbound.recipient is Recipient.RESOURCE:
            self._iq_to_resource(inbound)
        else:
            self._iq_to_host(inbound)

    def _iq_response(self, inbound: Inbound) -> None:
        if isinstance(inbound.to, FullJid):
            receiver = self._matching(inbound)
            if receiver is not None:
                receiver.send(stamped(inbound))
        else:
            self.requests.take(inbound)

    def _iq_to_resource(self, inbound: Inbound) -> None:
        """Deliver where presence is shared or directed (RFC 6121, section 8.5.3.1)."""
        receiver = self._matching(inbound)
        sender = inbound.sender.bare
        if receiver is None or not (
            receiver.full_jid.bare == sender or self._hooks.ask(PresenceSharing(receiver, sender))
        ):
            raise StanzaError(StanzaCondition.SERVICE_UNAVAILABLE)
        receiver.send(stamped(inbound))

    def _iq_to_host(self, inbound: Inbound) -> None:
        if inbound.recipient is Recipient.SERVER:
            self.answers.answer(self.iqs, inbound, Entity.SERVER)
        else:
            # The account's existence is checked before the handler runs (RFC 6121, section 8.5.1).
            exists = self._account_exists(inbound.to.localpart)
            self.answers.answer(self.iqs, inbound, Entity.ACCOUNT, exists=exists)

    def _matching(self, inbound: Inbound) -> Session | None:
        to = inbound.to
        return self._sessions.get(to) if isinstance(to, FullJid) else None

    def _give_back(self, kind: StanzaKind, handler: StanzaHandler) -> None:
        if self._handlers.get(kind) is handler:
            del self._handlers[kind]


def _refuse_all(_inbound: Inbound) -> None:
    raise StanzaError(StanzaCondition.SERVICE_UNAVAILABLE)
