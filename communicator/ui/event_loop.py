"""The one place where asyncio meets Qt: the only module that imports qasync.

Rules (docs/architecture.md): tasks have owners, nothing opens a nested event loop, timers of the
loop are coarse. The program stops by returning from its main coroutine, not by closing a window.
"""

import asyncio
import gc
from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication  # before qasync, which takes the binding that is loaded
from qasync import QEventLoop  # type: ignore[import-untyped]  # it has no stubs

COLLECTION_MS = 1_000


def run_until_done(application: QApplication, main: Callable[[], Coroutine[Any, Any, int]]) -> int:
    """Run ``main`` on Qt's event loop and return its exit status; tasks left over are cancelled.

    Args:
        application: The application; the end of its last window no longer ends it.
        main: Makes the coroutine of the whole program.
    """
    application.setQuitOnLastWindowClosed(False)  # else the loop stops before ``main`` has ended
    collector = CollectorOnLoop(application)
    try:
        with asyncio.Runner(loop_factory=lambda: QEventLoop(application)) as runner:
            return runner.run(main())
    finally:
        collector.stop()


class CollectorOnLoop:
    """Collects cyclic garbage on the thread of Qt, and on no other, until it is stopped.

    Python collects in whichever thread happens to make the next object. A widget or timer in a
    cycle would then be destroyed by the thread of the database, which Qt forbids.
    """

    def __init__(self, application: QApplication) -> None:
        self._was_enabled = gc.isenabled()
        gc.disable()
        self._timer = QTimer(application, interval=COLLECTION_MS)
        self._timer.timeout.connect(self._collect)
        self._timer.start()

    def stop(self) -> None:
        """Let Python collect as before."""
        self._timer.stop()
        self._timer.deleteLater()
        if self._was_enabled:
            gc.enable()

    def _collect(self) -> None:
        """Collect the oldest generation that is due by Python's own thresholds."""
        due = [
            generation
            for generation, (count, threshold) in enumerate(
                zip(gc.get_count(), gc.get_threshold(), strict=True)
            )
            if threshold and count > threshold
        ]
        if due:
            gc.collect(due[-1])
