"""Makes the data folder of a new office: all of it, or nothing."""

import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from embedded_server.accounts.credentials import made_password
from embedded_server.administration.certificates import create_certificates
from embedded_server.administration.office_lock import OfficeLock
from embedded_server.administration.open_office import OpenOffice
from embedded_server.administration.private_files import write_private
from embedded_server.administration.setup_errors import OfficeExistsError, SetupError
from embedded_server.config import SETTINGS_FILE, Settings, settings_file_text

_OWNER_ONLY = 0o700


@dataclass(frozen=True, slots=True)
class FirstAccount:
    """The administrator's account of a new office.

    Attributes:
        name: As somebody typed it.
        password: As somebody typed it; None if one shall be made.
    """

    name: str
    password: str | None = field(default=None, repr=False)


async def create_office(
    folder: Path, settings: Settings, administrator: FirstAccount | None = None
) -> str:
    """Make an office; its folder is there with everything in it, or as it was before.

    Everything is made in a folder beside it, ``NAME.new``, which is renamed last.

    Args:
        folder: The data folder; it must not be there, or be empty.
        settings: What is written to ``parlour.toml``.
        administrator: The first account, if there shall be one.

    Returns:
        The password that was made for the first account; empty if none was.

    Raises:
        OfficeExistsError: There is an office, or something else, in the folder.
        OfficeInUseError: Another process makes an office there right now.
        SetupError: The folder cannot be written.
        AccountError: Name or password of the administrator is refused.
        StorageError: The database cannot be made.
    """
    _require_free(folder)
    made = ""
    with _work_folder(folder) as unfinished:
        write_private(unfinished / SETTINGS_FILE, settings_file_text(settings).encode())
        create_certificates(unfinished, settings.server.domain)
        async with await OpenOffice.open(unfinished, settings, is_new=True) as office:
            if administrator is not None:
                made = made_password() if administrator.password is None else ""
                await office.accounts.create(
                    administrator.name, administrator.password or made, is_administrator=True
                )
    return made


def _require_free(folder: Path) -> None:
    if (folder / SETTINGS_FILE).exists():
        message = f"There is an office in {folder} already: run it, or take another folder."
        raise OfficeExistsError(message)
    try:
        is_free = not folder.exists() or (folder.is_dir() and not any(folder.iterdir()))
    except OSError as error:
        message = f"The folder {folder} cannot be read: {error.strerror}."
        raise SetupError(message) from error
    if not is_free:
        message = f"{folder} is not an empty folder: take another one for the office."
        raise OfficeExistsError(message)


@contextlib.contextmanager
def _work_folder(folder: Path) -> Iterator[Path]:
    """Give a folder to fill, which then takes the place of ``folder``, or is gone."""
    unfinished = folder.with_name(f"{folder.name}.new")
    made: list[Path] = []
    try:
        made += _make_parents(folder)
        lock = _claimed(unfinished)
        try:
            _empty(unfinished, but=lock)
            yield unfinished
            lock.release()  # Windows renames no folder with an open file
            if folder.exists():
                folder.rmdir()
            unfinished.rename(folder)
        except BaseException:
            lock.release()
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
    except OSError as error:
        _remove(made)
        message = f"The office cannot be made in {folder}: {error.strerror}."
        raise SetupError(message) from error
    except BaseException:
        _remove(made)
        raise


def _make_parents(folder: Path) -> list[Path]:
    """Make the folders above; return those that were not there, the innermost first."""
    missing = [parent for parent in folder.parents if not parent.exists()]
    above = folder.parents[len(missing)]
    if not above.is_dir():
        message = f"The office cannot be made in {folder}: {above} is not a folder."
        raise SetupError(message)
    folder.parent.mkdir(parents=True, exist_ok=True)
    return missing


def _remove(folders: list[Path]) -> None:
    for folder in folders:
        with contextlib.suppress(OSError):
            folder.rmdir()


def _claimed(unfinished: Path) -> OfficeLock:
    """Make the folder, or take over what a killed process left; nobody else may be at it."""
    unfinished.mkdir(mode=_OWNER_ONLY, exist_ok=True)
    unfinished.chmod(_OWNER_ONLY)
    return OfficeLock.acquire(unfinished)


def _empty(unfinished: Path, *, but: OfficeLock) -> None:
    for path in unfinished.iterdir():
        if path.name == but.name:
            continue
        if path.is_dir() and not path.is_symlink():
            message = f"{unfinished} holds folders that no office has: move it away."
            raise SetupError(message)
        path.unlink()
