import asyncio
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

SETTINGS = Settings(server=ServerSettings(domain="capulet.lit", office_name="Verona"))
PASSWORD = "wherefore art thou"
ROOT = Path(__file__).parents[4]


def make(folder: Path, settings: Settings, administrator: FirstAccount | None = None) -> str:
    return asyncio.run(create_office(folder, settings, administrator))


async def accepts(folder: Path, name: str, password: str) -> tuple[list[str], bool, bool]:
    """Return the names, whether one is an administrator, and whether its password is right."""
    async with await OpenOffice.open(folder, SETTINGS) as office:
        accounts = office.accounts
        is_right = await accounts.check_password(name, password)
        return accounts.names(), accounts.is_administrator(name), is_right


def test_new_office_has_everything_that_it_needs(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "office"

    made = make(folder, SETTINGS, FirstAccount("Juliet", PASSWORD))

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
    assert asyncio.run(accepts(folder, "juliet", PASSWORD)) == (["juliet"], True, True)


def test_password_is_made_where_none_is_given(tmp_path: Path) -> None:
    made = make(tmp_path / "office", SETTINGS, FirstAccount("juliet"))

    assert asyncio.run(accepts(tmp_path / "office", "juliet", made)) == (["juliet"], True, True)


def test_empty_folder_is_taken(tmp_path: Path) -> None:
    folder = tmp_path / "office"
    folder.mkdir()

    make(folder, SETTINGS)

    assert (folder / "parlour.toml").exists()


def test_office_that_is_there_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "office"
    make(folder, SETTINGS)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    with pytest.raises(OfficeExistsError, match=r"an office in .* already"):
        make(folder, SETTINGS)

    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize("is_folder", [True, False], ids=["folder with a file", "file"])
def test_what_is_not_empty_is_left_alone(tmp_path: Path, is_folder: object) -> None:
    folder = tmp_path / "office"
    path = folder / "diary.txt" if is_folder else folder
    path.parent.mkdir(exist_ok=True)
    path.write_text("mine")

    with pytest.raises(OfficeExistsError, match="not an empty folder"):
        make(folder, SETTINGS)

    assert path.read_text() == "mine"


def test_failure_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(PasswordRefusedError):
        make(tmp_path / "a" / "b" / "office", SETTINGS, FirstAccount("juliet", ""))

    assert list(tmp_path.iterdir()) == []


def test_failure_leaves_an_empty_folder_as_it_was(tmp_path: Path) -> None:
    folder = tmp_path / "office"
    folder.mkdir()

    with pytest.raises(PasswordRefusedError):
        make(folder, SETTINGS, FirstAccount("juliet", "short"))

    assert list(tmp_path.iterdir()) == [folder]
    assert list(folder.iterdir()) == []


def test_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(SetupError, match=r"file is not a folder"):
        make(tmp_path / "file" / "office", SETTINGS)


def test_what_a_killed_process_left_is_no_hindrance(tmp_path: Path) -> None:
    folder, unfinished = tmp_path / "office", tmp_path / "office.new"
    command = [sys.executable, "-m", "embedded_server", "init"]
    command += ["--data", str(folder), "--domain", "capulet.lit"]
    with subprocess.Popen(command, cwd=ROOT) as process:
        while not unfinished.exists() and process.poll() is None:
            pass
        process.kill()
    was_half_made = not folder.exists()

    if was_half_made:  # as good as always
        make(folder, SETTINGS)

    assert [path.name for path in tmp_path.iterdir()] == ["office"]
    assert load_settings(folder).server.domain == "capulet.lit"


def test_folder_that_somebody_else_is_at_is_left_to_him(tmp_path: Path) -> None:
    unfinished = tmp_path / "office.new"
    unfinished.mkdir()

    with OfficeLock.acquire(unfinished), pytest.raises(OfficeInUseError):
        make(tmp_path / "office", SETTINGS)

    assert unfinished.exists()


def test_first_account_does_not_show_its_password() -> None:
    assert PASSWORD not in repr(FirstAccount("juliet", PASSWORD))
