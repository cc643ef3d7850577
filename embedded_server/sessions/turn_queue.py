"""What one session asked for happens in the order of its asking (RFC 6120, section 10.1).

Most stanzas are dealt with at once. Some wait for the store; what came later from the same session
and could overtake them waits behind.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from typing import Protocol

Action = Callable[[], None]

_logger = logging.getLogger(__name__)


class Hold:
    """A place in the queue that is kept until it is called, once; further calls do nothing."""

    __slots__ = ("_is_released", "_queue", "then")

    def __init__(self, queue: "TurnQueue") -> None:
        self._queue = queue
        self._is_released = False
        self.then: Action | None = None

    @property
    def is_released(self) -> bool:
        """Whether the place is free."""
        return self._is_released

    def __call__(self, then: Action | None = None) -> None:
        """Free the place.

        Args:
            then: Done in the turn of this place, before anything that came later.
        """
        if not self._is_released:
            self._is_released = True
            self.then = then
            self._queue.advance()


class Ordered(Protocol):
    """What asks for things in an order of its own, as a session."""

    def run_in_order(self, action: Action) -> None:
        """Do something now, or when what came before it is done."""


async def settled(asker: Ordered) -> None:
    """Return when all that somebody has asked for until now is done."""
    done = asyncio.Event()
    asker.run_in_order(done.set)
    await done.wait()


class TurnQueue:
    """Runs actions in order. Takes no memory worth mentioning while nothing waits."""

    __slots__ = ("_is_advancing", "_made_by_action", "_turns")

    def __init__(self) -> None:
        self._turns: deque[Hold | Action] | None = None
        self._made_by_action: list[Hold | Action] = []
        self._is_advancing = False

    def __len__(self) -> int:
        return len(self._turns) if self._turns else 0

    def run(self, action: Action) -> None:
        """Do it now if nothing before it waits, else in its turn."""
        if self._is_advancing:
            if not self._made_by_action:
                action()
            else:
                self._made_by_action.append(action)
        elif self._turns:
            self._turns.append(action)
        else:
            action()

    def hold(self) -> Hold:
        """Keep a place: what comes later waits until it is released.

        A place that an action takes in its own turn comes before all that waited behind the action.
        """
        hold = Hold(self)
        if self._is_advancing:
            self._made_by_action.append(hold)
        elif self._turns is None:
            self._turns = deque((hold,))
        else:
            self._turns.append(hold)
        return hold

    def advance(self) -> None:
        """Do what nothing hinders any more."""
        if self._is_advancing:
            return  # the loop below is at work and will see it
        turns = self._turns
        while turns:
            first = turns[0]
            if isinstance(first, Hold):
                if not first.is_released:
                    return
                action = first.then
            else:
                action = first
            turns.popleft()
            if action is not None:
                self._take_turn(action, turns)
        self._turns = None

    def _take_turn(self, action: Action, turns: "deque[Hold | Action]") -> None:
        self._is_advancing = True
        try:
            action()
        except Exception:
            _logger.exception("what a session asked for failed in its turn")
        finally:
            self._is_advancing = False
            if self._made_by_action:
                turns.extendleft(reversed(self._made_by_action))
                self._made_by_action.clear()
