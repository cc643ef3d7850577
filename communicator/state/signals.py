"""Typed signals: a fact that listeners connect to."""

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Signal(Generic[T]):
    """A fact of one kind; what it carries says what changed."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[T], None]] = []

    def connect(self, listener: Callable[[T], None]) -> Callable[[], None]:
        """Call ``listener`` at every emission, until the returned function is called."""
        self._listeners.append(listener)

        def disconnect() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return disconnect

    def emit(self, value: T) -> None:
        """Tell every listener, in the order of connection."""
        for listener in tuple(self._listeners):
            listener(value)


class Subscriptions:
    """Connections to signals that end together."""

    def __init__(self) -> None:
        self._disconnects: list[Callable[[], None]] = []

    def add(self, *disconnects: Callable[[], None]) -> None:
        """Take over what ``Signal.connect`` returned."""
        self._disconnects.extend(disconnects)

    def end(self) -> None:
        """Hear nothing more; a second call does nothing."""
        while self._disconnects:
            self._disconnects.pop()()
