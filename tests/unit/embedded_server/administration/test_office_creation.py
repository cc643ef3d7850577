import stat
import subprocess
import sys
from pathlib import Path

import pytest

from embedded_server.accounts.credentials import PasswordRefusedError
from embedded_server.administration.office_creation import FirstAccount, create_office
from embedded_server.administration.office_lock import OfficeLock
from embedded_server.administration.open_office import OpenOffice
from embedded_server.administration.setup_errors import (
    OfficeExistsError,
    OfficeInUseError,
    SetupError,
)
from embedded_server.config import ServerSettings, Settings, load_settings

pytestmark = pytest.mark.asyncio

SETTINGS = Settings(server=ServerSettings(domain="capulet.lit", office_name="Verona"))
PASSWORD = "wherefore art thou"


async def test_new_office_has_everything_that_it_needs(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "office"

    made = await create_office(folder, SETTINGS, FirstAccount("Juliet", PASSWORD))

    assert made == ""
    assert {path.name for path in folder.iterdir()} == {
        "ca.pem",
        "lock",
        "office-authority.pem",
        "parlour.db",
        "parlour.toml",
        "server.key",
        "server.pem",
    }
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert load_settings(folder) == SETTINGS
    assert [path.name for path in folder.parent.iterdir()] == ["office"]
    async with await OpenOffice.open(folder, SETTINGS) as office:
        assert office.accounts.names() == ["juliet"]
        assert office.accounts.is_administrator("juliet")
        assert await office.accounts.check_password("juliet", PASSWORD)


async def test_password_is_made_where_none_is_given(tmp_path: Path) -> None:
    made = await create_office(tmp_path / "office", SETTINGS, FirstAccount("juliet"))

    async with await OpenOffice.open(tmp_path / "office", SETTINGS) as office:
        assert await office.accounts.check_password("juliet", made)


async def test_empty_folder_is_taken(tmp_path: Path) -> None:
    folder = tmp_path / "office"
    folder.mkdir()

    await create_office(folder, SETTINGS)

    assert (folder / "parlour.toml").exists()


async def test_office_that_is_there_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "office"
    await create_office(folder, SETTINGS)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    with pytest.raises(OfficeExistsError, match="an office in .* already"):
        await create_office(folder, SETTINGS)

    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize("is_folder", [True, False], ids=["folder with a file", "file"])
async def test_what_is_not_empty_is_left_alone(tmp_path: Path, is_folder: object) -> None:
    folder = tmp_path / "office"
    path = folder / "diary.txt" if is_folder else folder
    path.parent.mkdir(exist_ok=True)
    path.write_text("mine")

    with pytest.raises(OfficeExistsError, match="not an empty folder"):
        await create_office(folder, SETTINGS)

    assert path.read_text() == "mine"


async def test_failure_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(PasswordRefusedError):
        await create_office(tmp_path / "a" / "b" / "office", SETTINGS, FirstAccount("juliet", ""))

    assert list(tmp_path.iterdir()) == []


async def test_failure_leaves_an_empty_folder_as_it_was(tmp_path: Path) -> None:
    folder = tmp_path / "office"
    folder.mkdir()

    with pytest.raises(PasswordRefusedError):
        await create_office(folder, SETTINGS, FirstAccount("juliet", "short"))

    assert list(tmp_path.iterdir()) == [folder]
    assert list(folder.iterdir()) == []


async def test_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(SetupError, match=r"file/office: Not a directory\."):
        await create_office(tmp_path / "file" / "office", SETTINGS)


async def test_what_a_killed_process_left_is_no_hindrance(tmp_path: Path) -> None:
    folder = tmp_path / "office"
    script = (
        "import os, sys, asyncio, pathlib\n"
        "from embedded_server.administration import office_creation as creation\n"
        "from embedded_server.config import ServerSettings, Settings\n"
        "creation.create_certificates = lambda *_: os._exit(9)\n"
        "settings = Settings(server=ServerSettings(domain='capulet.lit'))\n"
        "asyncio.run(creation.create_office(pathlib.Path(sys.argv[1]), settings))\n"
    )
    command = [sys.executable, "-c", script, str(folder)]
    killed = subprocess.run(command, cwd=Path(__file__).parents[4], check=False)
    left = [path.name for path in tmp_path.iterdir()]

    await create_office(folder, SETTINGS)

    assert killed.returncode == 9
    assert left == ["office.new"]
    assert [path.name for path in tmp_path.iterdir()] == ["office"]


async def test_folder_that_somebody_else_is_at_is_left_to_him(tmp_path: Path) -> None:
    unfinished = tmp_path / "office.new"
    unfinished.mkdir()

    with OfficeLock.acquire(unfinished), pytest.raises(OfficeInUseError):
        await create_office(tmp_path / "office", SETTINGS)

    assert unfinished.exists()


async def test_first_account_does_not_show_its_password() -> None:
    assert PASSWORD not in repr(FirstAccount("juliet", PASSWORD))
