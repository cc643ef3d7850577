"""How long the event loop was held up by work, told apart from a machine that is busy."""

import asyncio
import time
from types import TracebackType

BEAT_SECONDS = 0.005


class LoopLag:
    """A heartbeat in the running loop for the time of a block.

    Attributes:
        most_seconds: Longest time between two beats.
        most_worked_seconds: Most processor time of this thread between two beats: a thread that
            waits for the disk or for other programs does not work.
    """

    def __init__(self) -> None:
        self.most_seconds = 0.0
        self.most_worked_seconds = 0.0
        self._handle: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> "LoopLag":
        self._note()
        self._beat()
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if self._handle is not None:
            self._handle.cancel()

    def _note(self) -> None:
        self._at, self._worked_at = time.perf_counter(), time.thread_time()

    def _beat(self) -> None:
        seconds = time.perf_counter() - self._at
        self.most_seconds = max(self.most_seconds, seconds)
        worked = time.thread_time() - self._worked_at
        self.most_worked_seconds = max(self.most_worked_seconds, worked)
        self._note()
        self._handle = asyncio.get_running_loop().call_later(BEAT_SECONDS, self._beat)
