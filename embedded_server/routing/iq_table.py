"""Which handler answers which IQ, and from whom it takes it."""

from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, Union
from xml.etree.ElementTree import Element

from embedded_server.routing.features import Entity
from embedded_server.routing.inbound import Inbound
from shared_protocol.addresses import BareJid, Jid
from shared_protocol.errors import StanzaCondition
from shared_protocol.stanzas.senders import Accepts
from shared_protocol.xml.elements import element_of

Payload = Union[Element, bytes, "Sequel", None]
IqAnswer = Payload | Coroutine[Any, Any, Payload]


class Sequel(NamedTuple):
    """A result with what follows it at once, before anything that its receiver asked for later.

    Attributes:
        payload: The child of the result.
        follow: Called when the result is sent.
    """

    payload: Element | bytes | None
    follow: Callable[[], None]


class IqRequest:
    """A get or set that the server itself answers.

    Attributes:
        inbound: The stanza.
    """

    __slots__ = ("_payload", "inbound")

    def __init__(self, inbound: Inbound) -> None:
        self.inbound = inbound
        self._payload: Element | None = None

    @property
    def payload(self) -> Element:
        """The only child, as a tree that is made when it is asked for."""
        if self._payload is None:
            self._payload = element_of(self.inbound.frame.raw)[0]
        return self._payload

    @property
    def is_set(self) -> bool:
        """Whether it is a set, not a get."""
        return self.inbound.type == "set"

    @property
    def sender(self) -> Jid:
        """Who asks."""
        return self.inbound.sender

    @property
    def account(self) -> BareJid:
        """Who is asked: an account that exists, or the domain."""
        return self.inbound.bare_to


@dataclass(frozen=True, slots=True)
class IqHandler:
    """One entry of the table.

    Attributes:
        payload: Name of the child, "namespace local".
        entity: Whether the server or an account is asked.
        accepts: Who may ask: ``OWN_ACCOUNT`` for the account's own resources, else ``ANYONE``.
        handle: Returns the child of the result as a tree or as bytes, ``None`` for an empty result,
            or a coroutine that does; raises ``StanzaError`` or ``MalformedStanzaError``.
        types: ``get``, ``set``, or both; others are answered with ``service-unavailable``.
        refusal: Answer to those who may not ask.
        answers_for_strangers: Also asked for accounts that do not exist, and must not tell.
    """

    payload: str
    entity: Entity
    accepts: Accepts
    handle: Callable[[IqRequest], IqAnswer]
    types: frozenset[str] = frozenset({"get", "set"})
    refusal: StanzaCondition = StanzaCondition.SERVICE_UNAVAILABLE
    answers_for_strangers: bool = False


class IqTable:
    """Handlers by payload and entity. One handler for each."""

    def __init__(self) -> None:
        self._handlers: dict[tuple[str, Entity], IqHandler] = {}

    def __iter__(self) -> Iterator[IqHandler]:
        return iter(tuple(self._handlers.values()))

    def add(self, handler: IqHandler) -> Callable[[], None]:
        """Register a handler; returns the function that takes it out.

        Raises:
            ValueError: There is a handler for this payload and entity.
        """
        key = (handler.payload, handler.entity)
        if key in self._handlers:
            message = f"{handler.payload} of {handler.entity.value} has a handler already"
            raise ValueError(message)
        self._handlers[key] = handler
        return lambda: self._remove(key, handler)

    def find(self, payload: str, entity: Entity) -> IqHandler | None:
        """Return who answers, if anybody does."""
        return self._handlers.get((payload, entity))

    def _remove(self, key: tuple[str, Entity], handler: IqHandler) -> None:
        if self._handlers.get(key) is handler:
            del self._handlers[key]
