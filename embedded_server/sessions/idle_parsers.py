"""Takes the XML parsers from streams that are idle: a parser is nearly half of what they weigh."""

from typing import Protocol

from embedded_server.network.network_loop import NetworkLoop

IDLE_SECONDS = 5.0


class ParserOwner(Protocol):
    """A stream that can do without its parser for a while."""

    def rest(self) -> None:
        """Give the parser up, if nothing is unfinished in it."""


class IdleParsers:
    """Knows who has used its parser lately; the longest idle first."""

    def __init__(self, network: NetworkLoop, *, idle_seconds: float = IDLE_SECONDS) -> None:
        self.idle_seconds = idle_seconds
        self._network = network
        self._used_at: dict[ParserOwner, float] = {}

    def __len__(self) -> int:
        return len(self._used_at)

    def mark_used(self, owner: ParserOwner, now: float) -> None:
        """A stream needs its parser; to be repeated when ``idle_seconds`` are over, not before."""
        if not self._used_at:
            self._look_later()
        self._used_at.pop(owner, None)
        self._used_at[owner] = now

    def forget(self, owner: ParserOwner) -> None:
        """A stream has ended."""
        self._used_at.pop(owner, None)

    def _look_later(self) -> None:
        self._network.set_deadline(self, self.idle_seconds, self._look)

    def _look(self) -> None:
        # Twice the time, because a stream that is at work tells it only once in that time.
        latest = self._network.time() - 2 * self.idle_seconds
        while self._used_at:
            owner, used_at = next(iter(self._used_at.items()))
            if used_at > latest:
                self._look_later()
                return
            del self._used_at[owner]
            owner.rest()
