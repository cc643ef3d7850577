"""The collector of cycles: seldom, because nothing waits for it."""

import asyncio
import contextlib
import gc
import weakref
from pathlib import Path

import pytest

from embedded_server.administration.cycle_collection import collect_seldom
from tests.helpers.office import running_office


@pytest.mark.asyncio
async def test_old_objects_are_out_of_sight_while_it_runs() -> None:
    before = gc.get_threshold()
    task = asyncio.get_running_loop().create_task(collect_seldom())
    await asyncio.sleep(0)

    assert gc.get_freeze_count() > 0
    assert gc.get_threshold()[2] > before[2]

    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0


@pytest.mark.asyncio
@pytest.mark.network
@pytest.mark.parametrize("is_cut", [True, False], ids=["cut off", "in good order"])
async def test_session_is_freed_without_the_collector(tmp_path: Path, *, is_cut: bool) -> None:
    """Streams, sessions and parsers hold no cycle when they have ended."""
    async with running_office(tmp_path / "office") as office:
        romeo = await office.log_in("romeo/orchard", is_direct=True)
        romeo.send("<presence/>")
        await romeo.enable_acknowledgement()
        directory = office.server._directory
        (session,) = directory
        freed = asyncio.Event()
        weakref.finalize(session, freed.set)
        del session
        gc.disable()
        try:
            await office.end(romeo, is_cut=is_cut)
            async with asyncio.timeout(5):
                await freed.wait()
        finally:
            gc.enable()
    assert not len(directory)
