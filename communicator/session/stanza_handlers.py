"""Who handles which stanzas, and from whom: every handler declares whose stanzas it accepts."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from xml.etree.ElementTree import Element

from shared_protocol.addresses import BareJid, Jid, parse_jid
from shared_protocol.errors import MalformedStanzaError, StanzaCondition, StanzaError
from shared_protocol.stanzas.iq import IQ, failure, result
from shared_protocol.stanzas.messages import MESSAGE
from shared_protocol.stanzas.presence import PRESENCE
from shared_protocol.stanzas.senders import Accepts, SenderContext, is_accepted

Handle = Callable[[Jid | None, Element], Element | None]
"""Takes the sender (None for the own account) and the stanza; returns an IQ's payload."""

_log = logging.getLogger(__name__)


class StanzaKind(Enum):
    """What a handler is for."""

    MESSAGE = "message"
    PRESENCE = "presence"
    IQ_GET = "get"
    IQ_SET = "set"


@dataclass(frozen=True, slots=True)
class StanzaHandler:
    """A handler and what it accepts.

    Attributes:
        payload: Name of the first child of an IQ; empty for the other kinds.
    """

    kind: StanzaKind
    payload: str
    accepts: Accepts
    handle: Handle


class StanzaHandlers:
    """The handlers of a session."""

    def __init__(self) -> None:
        self._handlers: dict[tuple[StanzaKind, str], StanzaHandler] = {}

    @property
    def handlers(self) -> tuple[StanzaHandler, ...]:
        """All handlers, for the test that walks over them."""
        return tuple(self._handlers.values())

    def register(
        self, kind: StanzaKind, accepts: Accepts, handle: Handle, *, payload: str = ""
    ) -> None:
        """Add the one handler for a kind of stanza, of an IQ for a payload."""
        self._handlers[kind, payload] = StanzaHandler(kind, payload, accepts, handle)

    def handle(self, sender: Jid | None, element: Element, account: BareJid) -> Element | None:
        """Handle a message, a presence, or an IQ that asks; return the answer to an IQ."""
        if element.tag == IQ:
            return self._answer(sender, element, account)
        kind = {MESSAGE: StanzaKind.MESSAGE, PRESENCE: StanzaKind.PRESENCE}.get(element.tag)
        handler = self._handlers.get((kind, "")) if kind is not None else None
        if handler is not None and is_accepted(sender, handler.accepts, SenderContext(account)):
            try:
                handler.handle(sender, element)
            except MalformedStanzaError as error:
                _log.warning("a stanza was dropped: %s", error)
        return None

    def _answer(self, sender: Jid | None, iq: Element, account: BareJid) -> Element:
        try:
            return result(iq, self._result(sender, iq, account))
        except StanzaError as error:
            return failure(iq, error)
        except MalformedStanzaError as error:
            return failure(iq, StanzaError(StanzaCondition.BAD_REQUEST, str(error)))

    def _result(self, sender: Jid | None, iq: Element, account: BareJid) -> Element | None:
        if len(iq) != 1:
            raise StanzaError(StanzaCondition.BAD_REQUEST, "an IQ has one payload")
        handler = self._handlers.get((StanzaKind(iq.get("type")), iq[0].tag))
        if handler is None or not is_accepted(sender, handler.accepts, SenderContext(account)):
            raise StanzaError(StanzaCondition.SERVICE_UNAVAILABLE)
        return handler.handle(sender, iq)


def sender_of(element: Element) -> Jid | None:
    """Return who sent a stanza; None if it names nobody: the own account (RFC 6120, 8.1.2.1).

    Raises:
        AddressError: It names somebody who cannot be.
    """
    text = element.get("from")
    return parse_jid(text) if text else None
