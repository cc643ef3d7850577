"""What connections share: deadlines, and one flush for a turn."""

import asyncio
import logging

import pytest

from embedded_server.network.network_loop import NetworkLoop

pytestmark = pytest.mark.asyncio


async def test_deadline_comes_once_and_not_before_its_time() -> None:
    network = NetworkLoop(asyncio.get_running_loop(), sweep_seconds=0.005)
    came: list[float] = []
    done = asyncio.Event()
    began = network.time()
    network.set_deadline("romeo", 0.05, lambda: came.append(network.time() - began))

    network.set_deadline("juliet", 0.08, done.set)
    await done.wait()

    assert len(came) == 1
    assert came[0] >= 0.05


async def test_deadline_that_was_cleared_or_replaced_does_not_come() -> None:
    network = NetworkLoop(asyncio.get_running_loop(), sweep_seconds=0.005)
    came: list[str] = []
    done = asyncio.Event()
    network.set_deadline("romeo", 0.0, lambda: came.append("romeo"))
    network.set_deadline("juliet", 0.0, lambda: came.append("too early"))
    network.clear_deadline("romeo")
    network.set_deadline("juliet", 0.02, done.set)

    await done.wait()

    assert came == []


async def test_failing_deadline_and_failing_flush_hinder_no_other(
    caplog: pytest.LogCaptureFixture,
) -> None:
    network = NetworkLoop(asyncio.get_running_loop(), sweep_seconds=0.005)
    deadline, flushed = asyncio.Event(), asyncio.Event()
    came: list[float] = []
    network.set_deadline("first", 0.0, lambda: came.append(1 // 0))
    network.set_deadline("second", 0.0, deadline.set)
    network.flush_soon(Failing())
    network.flush_soon(Telling(flushed))

    with caplog.at_level(logging.ERROR):
        await deadline.wait()
        await flushed.wait()

    assert "deadline asked for failed" in caplog.text
    assert "could not be sent" in caplog.text


async def test_stop_leaves_no_timer() -> None:
    network = NetworkLoop(asyncio.get_running_loop(), sweep_seconds=0.005)
    came: list[str] = []
    network.set_deadline("romeo", 0.0, lambda: came.append("romeo"))

    network.stop()
    done = asyncio.Event()
    other = NetworkLoop(asyncio.get_running_loop(), sweep_seconds=0.005)
    other.set_deadline("juliet", 0.02, done.set)
    await done.wait()

    assert came == []


class Failing:
    """Something that cannot be sent."""

    def flush(self) -> None:
        message = "a flush with a bug"
        raise RuntimeError(message)


class Telling:
    """Something that tells that it was flushed."""

    def __init__(self, flushed: asyncio.Event) -> None:
        self._flushed = flushed

    def flush(self) -> None:
        self._flushed.set()
