"""Starts the client that a test kills, and reads what it says."""

import asyncio
import contextlib
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from pathlib import Path

from tests.helpers.killable_client import Order

_ROOT = Path(__file__).parents[2]


@contextlib.asynccontextmanager
async def killable_client(order: Order, password: str) -> AsyncIterator[Process]:
    """Run ``tests.helpers.killable_client`` for the time of a block."""
    command = [sys.executable, "-m", "tests.helpers.killable_client", *order.arguments()]
    process = await asyncio.create_subprocess_exec(
        *command, cwd=_ROOT, stdin=PIPE, stdout=PIPE, stderr=PIPE
    )
    try:
        assert process.stdin is not None
        process.stdin.write(f"{password}\n".encode())
        process.stdin.close()
        yield process
    finally:
        assert process.stdout is not None
        if not process.stdout.at_eof():  # else it is dead, and only to be waited for
            process.kill()
        await process.wait()


async def spoken_words(process: Process) -> AsyncIterator[list[str]]:
    """Yield the words of every whole line that it says."""
    assert process.stdout is not None
    while (line := await process.stdout.readline()).endswith(b"\n"):
        yield line.decode().split()
