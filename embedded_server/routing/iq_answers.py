"""Answers of the server, of its accounts and of its services to IQs (RFC 6120, section 8.2.3)."""

from collections.abc import Coroutine
from typing import Any
from xml.etree.ElementTree import Element

from embedded_server.routing.attempts import Attempts
from embedded_server.routing.features import Entity
from embedded_server.routing.inbound import Inbound, Recipient
from embedded_server.routing.iq_table import IqHandler, IqRequest, IqTable, Payload, Sequel
from embedded_server.routing.replies import iq_result
from embedded_server.sessions.session import Session
from shared_protocol.errors import StanzaCondition, StanzaError
from shared_protocol.stanzas.senders import Accepts
from shared_protocol.xml.writer import serialise

_REQUESTS = frozenset({"get", "set"})


class IqAnswers:
    """Finds who answers a request, judges the sender, and sends what is answered."""

    def __init__(self, attempts: Attempts) -> None:
        self._attempts = attempts

    def answer(
        self, table: IqTable, inbound: Inbound, entity: Entity, *, exists: bool = True
    ) -> None:
        """Answer a get or set.

        Args:
            table: Who answers what.
            inbound: The request; ``checked_request`` has passed it.
            entity: Who is asked.
            exists: Whether the account that is asked exists; checked before a handler runs.

        Raises:
            StanzaError: Nobody answers it, or not to this sender.
        """
        handler = table.find(inbound.frame.children[0], entity)
        if handler is None or not (exists or handler.answers_for_strangers):
            raise StanzaError(StanzaCondition.SERVICE_UNAVAILABLE)
        if handler.accepts is Accepts.OWN_ACCOUNT and not _is_own(inbound):
            raise StanzaError(handler.refusal)
        if inbound.type not in handler.types:
            raise StanzaError(StanzaCondition.SERVICE_UNAVAILABLE)
        self._run(handler, inbound)

    def _run(self, handler: IqHandler, inbound: Inbound) -> None:
        answer = handler.handle(IqRequest(inbound))
        if isinstance(answer, Coroutine):
            work = self._answer_later(answer, inbound)
            self._attempts.attempt_later(work, inbound, handler.payload)
        else:
            _send_result(inbound, answer)

    async def _answer_later(self, answer: Coroutine[Any, Any, Payload], inbound: Inbound) -> None:
        _send_result(inbound, await answer)


def checked_request(inbound: Inbound) -> None:
    """Refuse an IQ that is no request (RFC 6120, section 8.2.3).

    Raises:
        StanzaError: ``bad-request``: no id, another type than get or set, not exactly one child.
    """
    frame = inbound.frame
    is_request = inbound.type in _REQUESTS
    if not is_request or "id" not in frame.attributes or len(frame.children) != 1:
        raise StanzaError(StanzaCondition.BAD_REQUEST)


def _send_result(inbound: Inbound, answer: Payload) -> None:
    if isinstance(answer, Sequel):
        _send_result(inbound, answer.payload)
        answer.follow()
        return
    payload = serialise(answer) if isinstance(answer, Element) else answer or b""
    inbound.origin.send(iq_result(inbound.frame.attributes, inbound.sender, payload))


def _is_own(inbound: Inbound) -> bool:
    """Whether a client asks its own account, or the server that it belongs to."""
    is_addressed = inbound.recipient is Recipient.SERVER or inbound.is_to_own_account
    return is_addressed and isinstance(inbound.origin, Session)
