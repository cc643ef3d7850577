"""asyncio inside Qt: the program's coroutine runs on Qt's loop and ends it."""

import asyncio

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from communicator.state.task_owner import TaskOwner
from communicator.ui.event_loop import run_until_done


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
