"""The typed hook bus: questions before the fact, facts after it.

A *question* is asked before something happens; a handler may answer it, and the first answer ends
the chain. A *fact* is told after it happened and cannot be stopped. Both are classes
(docs/architecture.md), so that a handler's signature is checked when it is registered and no
format hides in a string.
"""

import inspect
import logging
from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar

AnswerT = TypeVar("AnswerT")
QuestionT = TypeVar("QuestionT", bound="Question[Any]")
FactT = TypeVar("FactT", bound="Fact")
Handler = Callable[[Any], Any]
Unregister = Callable[[], None]

_logger = logging.getLogger(__name__)
_PARAMETERS = 1
_KNOWN_KINDS = 1_000


class HookError(TypeError):
    """A handler does not fit the hook that it was registered for."""


class Phase(IntEnum):
    """When a handler runs; within one phase, in the order of registration."""

    EARLY = 0
    NORMAL = 1
    LATE = 2


class Hook:
    """What can be registered for.

    Attributes:
        public_name: Name in settings, logs and the documents of the SDK, as ``message.routing``.
    """

    __slots__ = ()
    public_name: ClassVar[str] = ""


class Question(Hook, Generic[AnswerT]):
    """Asked before the fact. A handler returns ``None`` to leave the question to the next one."""

    __slots__ = ()


class Fact(Hook):
    """Told after the fact, in the past tense."""

    __slots__ = ()


class _Registration(NamedTuple):
    phase: Phase
    number: int
    payload: str | None
    handler: Handler


class HookTable:
    """Who listens to one hook, in order; kept up to date, so that asking costs a look-up.

    Attributes:
        always: Handlers that did not name a payload.
    """

    __slots__ = ("_known", "_payloads", "_registrations", "always")

    def __init__(self) -> None:
        self._registrations: list[_Registration] = []
        self._known: dict[tuple[str, ...], tuple[Handler, ...]] = {}
        self._payloads: frozenset[str | None] = frozenset()
        self.always: tuple[Handler, ...] = ()

    def __bool__(self) -> bool:
        return bool(self._registrations)

    def add(self, registration: _Registration) -> None:
        """Add a handler behind those of its phase."""
        self._registrations.append(registration)
        self._registrations.sort(key=lambda other: other[:2])
        self._precompute()

    def remove(self, registration: _Registration) -> None:
        """Take a handler out; nothing happens if it is out already."""
        if registration in self._registrations:
            self._registrations.remove(registration)
            self._precompute()

    def handlers(self, payloads: Sequence[str]) -> tuple[Handler, ...]:
        """Return who is to be called for a stanza with these children ("namespace local")."""
        if not self._payloads:
            return self.always
        kind = tuple(payloads)
        known = self._known.get(kind)
        if known is None:
            if len(self._known) >= _KNOWN_KINDS:  # whoever sends them chooses the names
                self._known.clear()
            known = self._known[kind] = self._find(kind)
        return known

    def _find(self, kind: tuple[str, ...]) -> tuple[Handler, ...]:
        if self._payloads.isdisjoint(kind):
            return self.always
        return tuple(
            entry.handler
            for entry in self._registrations
            if entry.payload is None or entry.payload in kind
        )

    def _precompute(self) -> None:
        entries = self._registrations
        self._known.clear()
        self.always = tuple(entry.handler for entry in entries if entry.payload is None)
        self._payloads = frozenset(entry.payload for entry in entries) - {None}


class HookBus:
    """Joins those who ask and tell with those who registered. One per host."""

    def __init__(self) -> None:
        self._tables: dict[type[Hook], HookTable] = {}
        self._count = 0

    def answer(
        self,
        question: type[QuestionT],
        handler: Callable[[QuestionT], Any],
        *,
        phase: Phase = Phase.NORMAL,
        payload: str | None = None,
    ) -> Unregister:
        """Register a handler that may answer a question.

        Args:
            question: The class of the question.
            handler: Takes the question; returns an answer, or ``None`` to leave it to others. Not
                a coroutine.
            phase: When it is asked.
            payload: Ask only for stanzas with this child, "namespace local".

        Returns:
            The function that takes the handler out again.

        Raises:
            HookError: The handler's signature does not fit.
        """
        return self._register(question, handler, phase, payload)

    def listen(
        self,
        fact: type[FactT],
        handler: Callable[[FactT], None],
        *,
        phase: Phase = Phase.NORMAL,
        payload: str | None = None,
    ) -> Unregister:
        """Register a handler that is told a fact; arguments and result as in ``answer``."""
        return self._register(fact, handler, phase, payload)

    def table(self, hook: type[Hook]) -> HookTable:
        """Return the live table of a hook, to be kept by those who ask often.

        It is false while nobody listens.
        """
        return self._tables.setdefault(hook, HookTable())

    def ask(self, question: Question[AnswerT], payloads: Sequence[str] = ()) -> AnswerT | None:
        """Ask until the first answer; ``None`` if nobody answered.

        What a handler raises goes to the asker: a question may be refused by ``StanzaError``.
        """
        for handler in self.table(type(question)).handlers(payloads):
            answer: AnswerT | None = handler(question)
            if answer is not None:
                return answer
        return None

    def tell(self, fact: Fact, payloads: Sequence[str] = ()) -> None:
        """Tell everybody. A handler's failure is logged and does not reach the others."""
        for handler in self.table(type(fact)).handlers(payloads):
            try:
                handler(fact)
            except Exception:
                _logger.exception("a handler of %s failed", fact.public_name)

    def _register(
        self, hook: type[Hook], handler: Handler, phase: Phase, payload: str | None
    ) -> Unregister:
        _check_signature(hook, handler)
        self._count += 1
        registration = _Registration(phase, self._count, payload, handler)
        table = self.table(hook)
        table.add(registration)
        return lambda: table.remove(registration)


def _check_signature(hook: type[Hook], handler: Handler) -> None:
    if not hook.public_name:
        raise HookError(f"{hook.__name__} has no public name")
    if inspect.iscoroutinefunction(handler):
        raise HookError(f"{_name_of(handler)} is a coroutine: spawn the work from a plain function")
    parameters = list(inspect.signature(handler).parameters.values())
    if len(parameters) != _PARAMETERS:
        raise HookError(f"{_name_of(handler)} takes {len(parameters)} arguments, expected one")
    wanted = parameters[0].annotation
    if wanted is inspect.Parameter.empty or _accepts(wanted, hook):
        return
    raise HookError(f"{_name_of(handler)} takes {wanted!r}, expected {hook.__name__}")


def _accepts(annotation: object, hook: type[Hook]) -> bool:
    if isinstance(annotation, str):  # imported for types only
        return annotation.strip("'\"").rpartition(".")[2] == hook.__name__
    return isinstance(annotation, type) and issubclass(hook, annotation)


def _name_of(handler: Handler) -> str:
    return getattr(handler, "__qualname__", repr(handler))
