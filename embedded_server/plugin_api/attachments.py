"""What a module has registered, so that ``detach`` undoes everything."""

from collections.abc import Callable


class Attachments:
    """Functions that take back, called in the reverse order of registration."""

    def __init__(self) -> None:
        self._undo: list[Callable[[], None]] = []

    def add(self, *undo: Callable[[], None]) -> None:
        """Keep what registering returned."""
        self._undo.extend(undo)

    def undo(self) -> None:
        """Take everything back; a second call does nothing."""
        while self._undo:
            self._undo.pop()()
