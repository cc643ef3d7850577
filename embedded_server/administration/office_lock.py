"""One process for each office: an exclusive lock that ends with the process."""

import os
import sys
from pathlib import Path
from typing import IO, Self

from embedded_server.administration.setup_errors import OfficeInUseError, SetupError

LOCK_FILE = "lock"


class OfficeLock:
    """The lock of a data folder, held from ``acquire`` to ``release``; its file may stay."""

    name = LOCK_FILE

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    @classmethod
    def acquire(cls, folder: Path) -> Self:
        """Lock a folder.

        Raises:
            OfficeInUseError: Another process holds it.
            SetupError: The folder cannot be written.
        """
        path = folder / LOCK_FILE
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            message = f"The folder {folder} cannot be written: {error.strerror}."
            raise SetupError(message) from error
        file = os.fdopen(descriptor, "r+b")
        try:
            _lock(descriptor)
        except OSError as error:
            file.close()
            message = f"Another process has the office in {folder} open: stop it first."
            raise OfficeInUseError(message) from error
        return cls(file)

    def release(self) -> None:
        """Let others have it; a second call does nothing."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.release()


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
