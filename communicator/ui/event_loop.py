"""The one place where asyncio meets Qt: the only module that imports qasync.

Rules (docs/architecture.md): tasks have owners, nothing opens a nested event loop, timers of the
loop are coarse. The program stops by returning from its main coroutine, not by closing a window.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtWidgets import QApplication  # before qasync, which takes the binding that is loaded
from qasync import QEventLoop  # type: ignore[import-untyped]  # it has no stubs


def run_until_done(application: QApplication, main: Callable[[], Coroutine[Any, Any, int]]) -> int:
    """Run ``main`` on Qt's event loop and return its exit status; tasks left over are cancelled.

    Args:
        application: The application; the end of its last window no longer ends it.
        main: Makes the coroutine of the whole program.
    """
    application.setQuitOnLastWindowClosed(False)  # else the loop stops before ``main`` has ended
    with asyncio.Runner(loop_factory=lambda: QEventLoop(application)) as runner:
        return runner.run(main())
