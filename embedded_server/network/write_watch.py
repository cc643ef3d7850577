"""Who waits until bytes have left, or until a queue has shrunk."""

import logging
from collections.abc import Callable

_logger = logging.getLogger(__name__)


class WriteWatch:
    """Callbacks of one connection; made only for connections on which somebody waits."""

    __slots__ = ("_relieved", "_written")

    def __init__(self) -> None:
        self._written: list[tuple[int, Callable[[], None]]] = []
        self._relieved: list[Callable[[], None]] = []

    def add_written(self, place: int, callback: Callable[[], None]) -> None:
        """Call back when so many bytes have left since the beginning."""
        self._written.append((place, callback))

    def add_relieved(self, callback: Callable[[], None]) -> None:
        """Call back when the queue is below the soft limit."""
        self._relieved.append(callback)

    def tell(self, sent_bytes: int, *, is_congested: bool) -> bool:
        """Call back whose time has come, in the order of their asking; return True if some stay."""
        due = [callback for place, callback in self._written if place <= sent_bytes]
        del self._written[: len(due)]
        if not is_congested:
            due += self._relieved
            self._relieved = []
        for callback in due:
            try:
                callback()
            except Exception:
                _logger.exception("what was to follow a write failed")
        return bool(self._written or self._relieved)
