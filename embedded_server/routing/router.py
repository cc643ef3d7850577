"""Who gets a stanza of a local session: by name, type and kind of recipient (RFC 6120, section 10).

The router reads the attributes of the top element and the names of the children, both made by the
framer; it builds no tree. What a stanza means is decided by the handlers that modules register:
one for messages, one for presence, one for subscription stanzas, a table for IQs.
"""

import logging
from collections.abc import Callable, Coroutine
from enum import Enum
from functools import partial
from typing import Any
from xml.etree.ElementTree import Element

from embedded_server.routing.features import Entity
from embedded_server.routing.hooks import HookBus
from embedded_server.routing.inbound import Inbound, Recipient
from embedded_server.routing.iq_table import IqHandler, IqRequest, IqTable, Payload
from embedded_server.routing.questions import PresenceSharing
from embedded_server.routing.replies import error_reply, iq_result
from embedded_server.routing.stamping import stamped
from embedded_server.sessions.directory import SessionDirectory
from embedded_server.sessions.session import Session
from embedded_server.sessions.task_owner import TaskOwner
from embedded_server.storage.errors import StorageError
from shared_protocol.addresses import AddressError, FullJid, parse_jid
from shared_protocol.errors import (
    RemoteProtocolError,
    StanzaCondition,
    StanzaError,
    StreamCondition,
    StreamError,
)
from shared_protocol.namespaces import CLIENT
from shared_protocol.stanzas.senders import Accepts
from shared_protocol.xml.frames import StanzaFrame
from shared_protocol.xml.writer import serialise

StanzaHandler = Callable[[Inbound], None]
Unregister = Callable[[], None]

_logger = logging.getLogger(__name__)
_SUBSCRIPTION_TYPES = frozenset({"subscribe", "subscribed", "unsubscribe", "unsubscribed"})
_BUG = "a handler failed for a stanza of %s"
_FORESEEN = (StanzaError, RemoteProtocolError, StorageError)
_UNANSWERED_TYPES = frozenset({"error", "result"})


class StanzaKind(Enum):
    """What a module can take over as a whole."""

    MESSAGE = "message"
    PRESENCE = "presence"
    SUBSCRIPTION = "presence that changes a subscription"


class Router:
    """Takes the stanzas of the sessions of one host."""

    def __init__(
        self,
        *,
        domain: str,
        account_exists: Callable[[str], bool],
        sessions: SessionDirectory,
        hooks: HookBus,
        tasks: TaskOwner,
    ) -> None:
        self.iqs = IqTable()
        self._domain = domain
        self._account_exists = account_exists
        self._sessions = sessions
        self._hooks = hooks
        self._tasks = tasks
        self._handlers: dict[StanzaKind, StanzaHandler] = {}
        self._kinds: dict[str, StanzaHandler] = {
            f"{CLIENT} message": self._message,
            f"{CLIENT} presence": self._presence,
            f"{CLIENT} iq": self._iq,
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

    def receive(self, session: Session, frame: StanzaFrame) -> None:
        """Take one stanza.

        Raises:
            StreamError: It is no message, presence or IQ (RFC 6120, section 4.9.3.24).
        """
        handler = self._kinds.get(frame.name)
        if handler is None:
            raise StreamError(StreamCondition.UNSUPPORTED_STANZA_TYPE, "unknown element")
        try:
            inbound = self._addressed(session, frame)
        except AddressError:
            error = StanzaError(StanzaCondition.JID_MALFORMED)
            session.run_in_order(partial(self.refuse, session, frame, error))
            return
        self.attempt(handler, inbound)

    def attempt(self, handler: StanzaHandler, inbound: Inbound) -> None:
        """Run a handler; its errors become answers, its bugs ``internal-server-error``."""
        try:
            handler(inbound)
        except _FORESEEN as error:
            self.refuse(inbound.session, inbound.frame, _answer_to(error))
        except Exception:
            _logger.exception(_BUG, inbound.sender)
            self.refuse(inbound.session, inbound.frame, _answer_to(None))

    def attempt_later(self, work: Coroutine[Any, Any, None], inbound: Inbound, name: str) -> None:
        """Run work that waits for the store; later stanzas of the session wait for its end."""
        release = inbound.session.hold()
        self._tasks.spawn(self._attempt_later(work, inbound, release), name)

    def refuse(self, session: Session, frame: StanzaFrame, error: StanzaError) -> None:
        """Answer a stanza with an error; nothing answers an error (RFC 6120, section 8.3.1)."""
        if frame.attributes.get("type") not in _UNANSWERED_TYPES:
            name = frame.name.rpartition(" ")[2]
            session.send(error_reply(name, frame.attributes, session.full_jid, error))

    async def _attempt_later(
        self, work: Coroutine[Any, Any, None], inbound: Inbound, release: Callable[[], None]
    ) -> None:
        try:
            await work
        except _FORESEEN as error:
            self.refuse(inbound.session, inbound.frame, _answer_to(error))
        except Exception:
            _logger.exception(_BUG, inbound.sender)
            self.refuse(inbound.session, inbound.frame, _answer_to(None))
        finally:
            release()

    def _addressed(self, session: Session, frame: StanzaFrame) -> Inbound:
        text = frame.attributes.get("to")
        if text is None:  # RFC 6120, section 10.3
            return Inbound(
                session, frame, session.full_jid.bare, Recipient.ACCOUNT, has_address=False
            )
        to = parse_jid(text)
        if to.domainpart != self._domain:
            recipient = Recipient.REMOTE
        elif isinstance(to, FullJid):
            recipient = Recipient.RESOURCE
        else:
            recipient = Recipient.ACCOUNT if to.localpart else Recipient.SERVER
        return Inbound(session, frame, to, recipient, has_address=True)

    def _message(self, inbound: Inbound) -> None:
        self._handlers.get(StanzaKind.MESSAGE, _refuse_all)(inbound)

    def _presence(self, inbound: Inbound) -> None:
        is_subscription = inbound.type in _SUBSCRIPTION_TYPES
        kind = StanzaKind.SUBSCRIPTION if is_subscription else StanzaKind.PRESENCE
        handler = self._handlers.get(kind, _refuse_all)
        inbound.session.run_in_order(partial(self.attempt, handler, inbound))

    def _iq(self, inbound: Inbound) -> None:
        inbound.session.run_in_order(partial(self.attempt, self._iq_in_turn, inbound))

    def _iq_in_turn(self, inbound: Inbound) -> None:
        frame = inbound.frame
        if inbound.type in _UNANSWERED_TYPES:
            self._iq_response(inbound)
            return
        is_request = inbound.type in {"get", "set"}
        if not is_request or "id" not in frame.attributes or len(frame.children) != 1:
            raise StanzaError(StanzaCondition.BAD_REQUEST)  # RFC 6120, section 8.2.3
        if inbound.recipient is Recipient.REMOTE:
            raise StanzaError(StanzaCondition.REMOTE_SERVER_NOT_FOUND)
        if inbound.recipient is Recipient.RESOURCE:
            self._iq_to_resource(inbound)
        else:
            self._iq_to_host(inbound)

    def _iq_response(self, inbound: Inbound) -> None:
        receiver = self._matching(inbound)
        if receiver is not None:
            receiver.send(stamped(inbound))

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
        entity = Entity.SERVER if inbound.recipient is Recipient.SERVER else Entity.ACCOUNT
        handler = self.iqs.find(inbound.frame.children[0], entity)
        # The account's existence is checked before the handler runs (protocol.md section 4.4).
        exists = entity is Entity.SERVER or self._account_exists(inbound.to.localpart)
        if handler is None or not (exists or handler.answers_for_strangers):
            raise StanzaError(StanzaCondition.SERVICE_UNAVAILABLE)
        if handler.accepts is Accepts.OWN_ACCOUNT and not _is_own(inbound):
            raise StanzaError(handler.refusal)
        if inbound.type not in handler.types:
            raise StanzaError(StanzaCondition.SERVICE_UNAVAILABLE)
        self._answer(handler, inbound)

    def _answer(self, handler: IqHandler, inbound: Inbound) -> None:
        answer = handler.handle(IqRequest(inbound))
        if isinstance(answer, Coroutine):
            self.attempt_later(self._answer_later(answer, inbound), inbound, handler.payload)
        else:
            self._send_result(inbound, answer)

    async def _answer_later(self, answer: Coroutine[Any, Any, Payload], inbound: Inbound) -> None:
        self._send_result(inbound, await answer)

    def _send_result(self, inbound: Inbound, answer: Payload) -> None:
        payload = serialise(answer) if isinstance(answer, Element) else answer or b""
        attributes = inbound.frame.attributes
        inbound.session.send(iq_result(attributes, inbound.sender, payload))

    def _matching(self, inbound: Inbound) -> Session | None:
        to = inbound.to
        return self._sessions.get(to) if isinstance(to, FullJid) else None

    def _give_back(self, kind: StanzaKind, handler: StanzaHandler) -> None:
        if self._handlers.get(kind) is handler:
            del self._handlers[kind]


def _is_own(inbound: Inbound) -> bool:
    """Whether the request is for the sender's account, or for the server that it belongs to."""
    return inbound.recipient is Recipient.SERVER or inbound.is_to_own_account


def _answer_to(error: Exception | None) -> StanzaError:
    """Return what is answered: to what was foreseen, and to a bug, which is ``None``."""
    if error is None:
        return StanzaError(StanzaCondition.INTERNAL_SERVER_ERROR)
    if isinstance(error, StanzaError):
        return error
    if isinstance(error, StorageError):  # a full disk, as a rule (security.md, section 8.7)
        return StanzaError(StanzaCondition.RESOURCE_CONSTRAINT)
    return StanzaError(StanzaCondition.BAD_REQUEST, str(error))


def _refuse_all(_inbound: Inbound) -> None:
    raise StanzaError(StanzaCondition.SERVICE_UNAVAILABLE)
