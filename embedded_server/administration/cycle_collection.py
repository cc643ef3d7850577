"""When the collector of reference cycles runs in the server's process: seldom, and never for long.

What the server makes for a connection is freed without the collector (a test asserts it), while a
full collection walks over every session that is there: 100 ms at 10,000 of them, in which nobody is
served. So what has lived for a while is taken out of its sight.
"""

import asyncio
import gc

_YOUNG_OBJECTS = 20_000
_YOUNG_ROUNDS = 20
_OLD_ROUNDS = 100_000  # never by itself
_PAUSE_SECONDS = 600.0


async def collect_seldom() -> None:
    """Let the collector look at young objects only, until the task is cancelled."""
    thresholds = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_YOUNG_OBJECTS, _YOUNG_ROUNDS, _OLD_ROUNDS)
    try:
        while True:
            await asyncio.sleep(_PAUSE_SECONDS)
            gc.collect(1)
            gc.freeze()
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()
