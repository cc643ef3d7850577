"""What modules do for a session that is bound within its login (XEP-0386 1.1.0, section 3.2)."""

from collections.abc import Callable, Coroutine
from typing import Any
from xml.etree.ElementTree import Element

from embedded_server.sessions.session import Session

BeginWith = Callable[[Session, Element], bytes]
StateAtBinding = Callable[[Session], Coroutine[Any, Any, bytes]]
Unregister = Callable[[], None]


class BindingFeatures:
    """What sessions may begin with, and what their clients are told at once."""

    def __init__(self) -> None:
        self._by_namespace: dict[str, BeginWith] = {}
        self._states: list[StateAtBinding] = []

    @property
    def namespaces(self) -> tuple[str, ...]:
        """What is announced."""
        return tuple(self._by_namespace)

    def add(self, namespace: str, begin: BeginWith) -> Unregister:
        """Let sessions begin with something.

        Args:
            namespace: Announced; that of the element with which a client asks for it.
            begin: Takes the session and the element; returns what is answered, which may be empty.
                What it does not know it passes over.
        """
        self._by_namespace[namespace] = begin

        def take_back() -> None:
            self._by_namespace.pop(namespace, None)

        return take_back

    def add_state(self, tell: StateAtBinding) -> Unregister:
        """Tell clients something of their account at the moment of binding."""
        self._states.append(tell)
        return lambda: self._states.remove(tell)

    def begin_with(self, session: Session, element: Element) -> bytes:
        """Begin with what a client asks for; nothing if nobody knows it."""
        begin = self._by_namespace.get(element.tag[1:].partition("}")[0])
        return begin(session, element) if begin is not None else b""

    async def state_of(self, session: Session) -> bytes:
        """Return what is told."""
        return b"".join([await tell(session) for tell in self._states])
