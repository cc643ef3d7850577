"""An office that was begun and not finished leaves nothing that the next try could meet."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from communicator.hosting.errors import HostingError
from communicator.hosting.office_hosting import ProcessOfficeHosting

MAKE_AND_END = """
import pathlib, sys
folder = pathlib.Path(sys.argv[sys.argv.index("--data") + 1])
if sys.argv[1] == "init":
    folder.mkdir()
    (folder / "parlour.toml").write_text("")
    (folder / "ca.pem").write_text("authority")
else:
    sys.stderr.write("parlour-server: Port 5222 is taken: stop the other program.\\n")
    sys.exit(1)
"""
MAKE_HALF = """
import pathlib, sys
pathlib.Path(sys.argv[sys.argv.index("--data") + 1]).mkdir()
"""
REFUSE = """
import sys
sys.exit("parlour-server: There is an office already.")
"""
MAKE_AND_RUN = """
import os, pathlib, sys, time
folder = pathlib.Path(sys.argv[sys.argv.index("--data") + 1])
if sys.argv[1] == "init":
    folder.mkdir()
    (folder / "ca.pem").write_text("authority")
else:
    (folder / "process").write_text(str(os.getpid()))
    time.sleep(60)
"""


def hosting_with(code: str) -> ProcessOfficeHosting:
    return ProcessOfficeHosting([sys.executable, "-c", code])


async def create(hosting: ProcessOfficeHosting, folder: Path) -> str:
    return await hosting.create(folder, domain="verona.example", owner="romeo", password="w")


def content(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.asyncio
async def test_office_whose_server_does_not_start_can_be_made_again(tmp_path: Path) -> None:
    hosting, folder = hosting_with(MAKE_AND_END), tmp_path / "office"
    for _ in range(2):
        assert await hosting.free_folder(folder) == folder
        assert await create(hosting, folder) == "authority"
        with pytest.raises(HostingError, match="Port 5222 is taken"):
            await hosting.start(folder)

        await hosting.discard(folder)

        assert content(tmp_path) == []


@pytest.mark.asyncio
async def test_office_of_a_program_that_was_killed_is_removed_by_the_next(tmp_path: Path) -> None:
    folder = tmp_path / "office"
    await create(hosting_with(MAKE_AND_END), folder)  # and is killed before anybody remembers it

    assert await hosting_with(MAKE_AND_END).free_folder(folder) == folder

    assert content(tmp_path) == []


@pytest.mark.asyncio
async def test_office_that_is_kept_is_never_removed(tmp_path: Path) -> None:
    hosting, folder = hosting_with(MAKE_AND_END), tmp_path / "office"
    await create(hosting, folder)
    await hosting.keep(folder)

    await hosting.discard(folder)

    assert await hosting.free_folder(folder) == tmp_path / "office-2"
    assert content(tmp_path) == ["office"]


@pytest.mark.asyncio
async def test_office_whose_certificate_is_missing_is_removed(tmp_path: Path) -> None:
    with pytest.raises(HostingError, match="cannot be read"):
        await create(hosting_with(MAKE_HALF), tmp_path / "office")

    assert content(tmp_path) == []


@pytest.mark.asyncio
async def test_refusal_to_make_an_office_leaves_what_was_there(tmp_path: Path) -> None:
    """It may be the office of somebody else."""
    folder = tmp_path / "office"
    folder.mkdir()
    (folder / "parlour.toml").touch()

    with pytest.raises(HostingError, match="There is an office already"):
        await create(hosting_with(REFUSE), folder)

    assert content(tmp_path) == ["office"]
    assert content(folder) == ["parlour.toml"]


@pytest.mark.asyncio
async def test_server_that_never_answers_is_ended_with_its_office(tmp_path: Path) -> None:
    hosting, folder = hosting_with(MAKE_AND_RUN), tmp_path / "office"
    await create(hosting, folder)
    start = asyncio.get_running_loop().create_task(hosting.start(folder))
    async with asyncio.timeout(20):
        while not (folder / "process").is_file() or not (folder / "process").read_text():  # noqa: ASYNC110 - what another process does
            await asyncio.sleep(0.01)
    process = int((folder / "process").read_text())
    start.cancel()
    await asyncio.gather(start, return_exceptions=True)

    await hosting.discard(folder)

    assert content(tmp_path) == []
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
