"""The order in which things happen in a room, and are told.

Everybody in a room sees the same order. A message waits for the store before it is sent; meanwhile
other messages may go to the store as well, but a change of the room - who is in it, who is what -
waits until they are sent, and messages that come after a change wait for it.
"""

from collections.abc import Callable
from functools import partial

from embedded_server.plugin_api import Hold, TurnQueue

Action = Callable[[], None]


class RoomTurns:
    """The turns of one room."""

    __slots__ = ("_changes", "_queue", "_running")

    def __init__(self) -> None:
        self._queue = TurnQueue()
        self._changes = 0
        self._running = 0

    @property
    def is_idle(self) -> bool:
        """Whether nothing waits."""
        return not self._queue

    @property
    def is_changing(self) -> bool:
        """Whether a change waits, so that what comes now must be judged behind it.

        Not for what has its turn just now.
        """
        return self._changes > 0 and not self._running

    def run(self, change: Action) -> None:
        """Do something that changes the room, or is judged by how it is then, in its turn."""
        if not self._queue:
            change()
        else:
            self._changes += 1
            self._queue.run(partial(self._run_change, change))

    def tell(self, action: Action) -> None:
        """Send something that was judged already, behind what waits."""
        self._queue.run(action)

    def hold_for_message(self) -> Hold:
        """Keep the place of a message that goes to the store."""
        return self._queue.hold()

    def hold_for_change(self) -> Callable[[Action], None]:
        """Keep the place of a change that goes to the store; call the result with what follows."""
        self._changes += 1
        return partial(self._release_change, self._queue.hold())

    def _run_change(self, change: Action) -> None:
        self._changes -= 1
        self._running += 1
        try:
            change()
        finally:
            self._running -= 1

    def _release_change(self, hold: Hold, follow: Action) -> None:
        hold(partial(self._run_change, follow))
