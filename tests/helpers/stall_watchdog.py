"""Finds turns of the event loop that took too long, and says who was at work.

A precise timer on the GUI thread is a heartbeat. A second thread looks at its age and takes the GUI
thread's stack while the stall goes on. Only work inside the event loop, or caused by a click or key
of the test, counts: what a test itself computes does not. A busy machine is told apart by processor
time.
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


@dataclass(frozen=True, slots=True)
class Stall:
    """One turn that took too long: seconds by the clock, seconds of work, and the stack."""

    seconds: float
    worked_seconds: float
    stack: str


class StallWatchdog:
    """Collects the stalls between ``start`` and ``stop``, on the GUI thread."""

    def __init__(self, limit_seconds: float = 0.05) -> None:
        self.stalls: list[Stall] = []
        self._limit = limit_seconds
        self._stack: str | None = None
        self._is_ours = False
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
            self.stalls.append(Stall(took, worked, self._stack or ""))
        self._beat_at, self._worked_at = now, worked_now
        self._stack, self._is_ours = None, False

    def _look(self) -> None:
        while not self._stopped.wait(self._limit / 4):
            if self._stack is None and time.perf_counter() - self._beat_at > self._limit * 0.8:
                frame = sys._current_frames().get(self._gui_thread)
                if frame is not None:
                    self._take(frame)

    def _take(self, frame: FrameType) -> None:
        summary = traceback.extract_stack(frame)
        names = [entry.filename for entry in summary]
        is_inside = any(part in name for name in names for part in INSIDE_THE_LOOP)
        is_product = any(name.startswith(OURS) for name in names)
        is_test = any(name.startswith(TESTS) for name in names[-1:])
        self._is_ours = is_inside and is_product and not is_test
        self._stack = "".join(traceback.format_list(summary[-SHOWN_FRAMES:]))
