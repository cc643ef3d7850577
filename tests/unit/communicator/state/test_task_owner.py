import asyncio
import logging

import pytest

from communicator.state.task_owner import TaskOwner


@pytest.mark.asyncio
async def test_stop_ends_what_still_runs() -> None:
    owner = TaskOwner()
    task = owner.spawn(asyncio.Event().wait(), "wait for ever")
    await asyncio.sleep(0)

    await owner.stop()

    assert task.cancelled()


@pytest.mark.asyncio
async def test_failure_is_logged_once_with_the_name_of_the_work(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def fail() -> None:
        raise ValueError("O, I am fortune's fool!")

    owner = TaskOwner()
    with caplog.at_level(logging.ERROR):
        task = owner.spawn(fail(), "a duel")
        await asyncio.wait([task])
        await asyncio.sleep(0)

    assert [record.getMessage() for record in caplog.records] == ["a duel failed"]
