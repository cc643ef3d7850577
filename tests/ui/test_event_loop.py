"""asyncio inside Qt: the program's coroutine runs on Qt's loop and ends it."""

import asyncio
import gc
import threading

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from communicator.state.task_owner import TaskOwner
from communicator.ui.event_loop import run_until_done
from tests.helpers.session_diary import until


def test_exit_status_is_what_the_program_returns_and_qt_turns_meanwhile(
    qapp: QApplication,
) -> None:
    turned: list[bool] = []

    async def program() -> int:
        done = asyncio.Event()
        QTimer.singleShot(0, lambda: (turned.append(True), done.set()))
        await done.wait()
        return 3

    assert run_until_done(qapp, program) == 3
    assert turned == [True]


def test_tasks_that_are_left_over_are_cancelled(qapp: QApplication) -> None:
    ended: list[str] = []
    tasks = TaskOwner()

    async def for_ever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("cancelled")

    async def program() -> int:
        tasks.spawn(for_ever(), "wait for ever")
        await asyncio.sleep(0)
        return 0

    assert run_until_done(qapp, program) == 0
    assert ended == ["cancelled"]


def test_garbage_is_collected_on_the_thread_of_qt_and_on_no_other(qapp: QApplication) -> None:
    """A widget in a cycle must not be destroyed by the thread of the database."""
    threads: list[int] = []

    class Cyclic:
        def __init__(self) -> None:
            self.itself = self

        def __del__(self) -> None:
            threads.append(threading.get_ident())

    def make_garbage() -> None:
        for _ in range(5_000):
            Cyclic()

    async def program() -> int:
        await asyncio.to_thread(make_garbage)
        await until(lambda: threads)
        return 0

    gc.enable()
    assert run_until_done(qapp, program) == 0
    assert gc.isenabled()
    gc.disable()  # as all tests of the interface
    assert set(threads) == {threading.get_ident()}
