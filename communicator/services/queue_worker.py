"""Work that is done piece by piece in one task, and finished before its owner ends."""

import asyncio
from collections.abc import Awaitable, Callable

from communicator.state.task_owner import TaskOwner


class QueueWorker:
    """Runs one function whenever its owner's queue has something in it."""

    def __init__(self, work: Callable[[], Awaitable[None]], name: str) -> None:
        """Make a worker.

        Args:
            work: Takes from the queue until it is empty; never runs twice at a time.
            name: For the log if ``work`` fails; it is called again at the next ``wake``.
        """
        self._work = work
        self._name = name
        self._tasks = TaskOwner()
        self._idle = asyncio.Event()
        self._idle.set()

    def wake(self) -> None:
        """Tell that something was put into the queue."""
        if self._idle.is_set():
            self._idle.clear()
            self._tasks.spawn(self._run(), self._name)

    async def settled(self) -> None:
        """Wait until the queue is empty."""
        await self._idle.wait()

    async def _run(self) -> None:
        try:
            await self._work()
        finally:
            self._idle.set()
