"""Waiting for what a fault leads to, where nothing tells of it."""

import asyncio
from collections.abc import Callable

LOOK_SECONDS = 0.02


async def wait_until(is_so: Callable[[], bool], *, seconds: float = 60.0) -> None:
    """Look again and again, until it is so.

    Raises:
        TimeoutError: It was not so in time.
    """
    async with asyncio.timeout(seconds):
        while not is_so():  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(LOOK_SECONDS)
