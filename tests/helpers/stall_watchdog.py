"""Finds turns of the event loop that took too long, and says who was at work.

A precise timer on the GUI thread is a heartbeat. A second thread looks at its age and takes the GUI
thread's stack while the stall goes on. Only work inside the event loop, or caused by a click or key
of the test, counts: what a test itself computes does not. A busy machine is told apart by processor
time, and by how long a fixed piece of work takes now and how long it took at best.
"""

import sys
import threading
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType

from PySide6.QtCore import Qt, QTimer

BEAT_SECONDS = 0.005
INSIDE_THE_LOOP = ("pytestqt", "qasync")  # whoever turns the loop or clicks is on the stack
ROOT = Path(__file__).parents[2]
OURS, TESTS = str(ROOT / "communicator"), str(ROOT / "tests")
SHOWN_FRAMES = 10
_WORK = range(20_000)


@dataclass(frozen=True, slots=True)
class Stall:
    """One turn that took too long: seconds by the clock, seconds of work, and the stack."""

    seconds: float
    worked_seconds: float
    stack: str


class Yardstick:
    """How slow the machine is now, against the best that was seen."""

    def __init__(self) -> None:
        self._best_seconds = min(self._measured() for _ in range(5))

    def slowness(self) -> float:
        """Return 1.0 on a quiet machine, and more on a busy one."""
        now = self._measured()
        self._best_seconds = min(self._best_seconds, now)
        return now / self._best_seconds

    @staticmethod
    def _measured() -> float:
        begin = time.thread_time()
        sum(number * number for number in _WORK)
        return time.thread_time() - begin


YARDSTICK = Yardstick()


class StallWatchdog:
    """Collects the stalls between ``start`` and ``stop``, on the GUI thread."""

    def __init__(self, limit_seconds: float = 0.05) -> None:
        self.stalls: list[Stall] = []
        self._limit = limit_seconds
        self._stack: str | None = None
        self._is_ours = False
        self._frames: list[FrameType] = []  # let go on the GUI thread, for widgets hang on them
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._gui_thread = threading.get_ident()
        self._timer = QTimer(timerType=Qt.TimerType.PreciseTimer)
        self._timer.setInterval(round(BEAT_SECONDS * 1000))
        self._timer.timeout.connect(self._on_beat)
        self._beat_at = time.perf_counter()
        self._worked_at = time.thread_time()
        self._thread = threading.Thread(target=self._look, name="stall watchdog", daemon=True)

    def __enter__(self) -> "StallWatchdog":
        self._beat_at, self._worked_at = time.perf_counter(), time.thread_time()
        self._timer.start()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._on_beat()
        self._timer.stop()
        self._stopped.set()
        self._thread.join()
        self._frames.clear()

    def report(self) -> str:
        """Return all stalls in words."""
        return "\n".join(
            f"the event loop stood still for {stall.seconds * 1e3:.0f} ms "
            f"({stall.worked_seconds * 1e3:.0f} ms of work)\n{stall.stack}"
            for stall in self.stalls
        )

    def _on_beat(self) -> None:
        now, worked_now = time.perf_counter(), time.thread_time()
        took, worked = now - self._beat_at, worked_now - self._worked_at
        if took > self._limit + BEAT_SECONDS and worked > self._limit and self._is_ours:
            worked /= YARDSTICK.slowness()
            if worked > self._limit:
                self.stalls.append(Stall(took, worked, self._stack or ""))
            now, worked_now = time.perf_counter(), time.thread_time()
        self._beat_at, self._worked_at = now, worked_now
        self._stack, self._is_ours = None, False
        with self._lock:
            self._frames.clear()

    def _look(self) -> None:
        while not self._stopped.wait(self._limit / 4):
            if self._stack is None and time.perf_counter() - self._beat_at > self._limit * 0.8:
                with self._lock:
                    self._take()

    def _take(self) -> None:
        """Note who is at work.

        A frame that ends meanwhile lives on by what is noted here; if this thread were the last to
        know it, it would destroy the widgets in it, which only the GUI thread may do.
        """
        frames = self._frames
        frames.append(sys._current_frames()[self._gui_thread])
        while (outer := frames[-1].f_back) is not None:
            frames.append(outer)
        lines = ((frame, frame.f_lineno) for frame in reversed(frames))
        summary = traceback.StackSummary.extract(iter(lines), lookup_lines=False)
        names = [entry.filename for entry in summary]
        is_inside = any(part in name for name in names for part in INSIDE_THE_LOOP)
        is_product = any(name.startswith(OURS) for name in names)
        is_test = any(name.startswith(TESTS) for name in names[-1:])
        self._is_ours = is_inside and is_product and not is_test
        self._stack = "".join(traceback.format_list(summary[-SHOWN_FRAMES:]))
