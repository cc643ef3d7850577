"""Where the control line of an office lies: the socket's path, and the file that names it."""

import hashlib
import os
import stat
import sys
import tempfile
from pathlib import Path

from embedded_server.administration.private_files import write_private
from embedded_server.administration.setup_errors import OfficeStoppedError, SetupError
from shared_protocol.control.control_endpoint import (
    FILE_NAME,
    LONGEST_SOCKET_PATH_BYTES,
    ControlEndpoint,
)
from shared_protocol.control.control_errors import MalformedControlError

_OWNER_ONLY = 0o700
_NAME_DIGITS = 16


def socket_path(folder: Path) -> Path:
    """Return where the socket of an office goes; its folder is there and belongs to the user alone.

    Never below the data folder, whose path may be too long for a socket.

    Raises:
        SetupError: No folder is fit for it.
    """
    digits = hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:_NAME_DIGITS]
    name = f"{digits}.sock"
    for place in _places():
        if len(os.fsencode(place / name)) <= LONGEST_SOCKET_PATH_BYTES and _is_own(place):
            return place / name
    message = "There is no folder for the control socket: set XDG_RUNTIME_DIR to one of your own."
    raise SetupError(message)


def write_endpoint(folder: Path, endpoint: ControlEndpoint) -> None:
    """Publish where the server is.

    Raises:
        OSError: The file cannot be written.
    """
    write_private(folder / FILE_NAME, endpoint.to_json().encode())


def remove_endpoint(folder: Path) -> None:
    """The server ends: nobody shall look for it."""
    (folder / FILE_NAME).unlink(missing_ok=True)


def read_endpoint(folder: Path) -> ControlEndpoint:
    """Return where the server is, or was before it was killed.

    Raises:
        OfficeStoppedError: There is no such file, or none that can be read.
    """
    try:
        return ControlEndpoint.from_json((folder / FILE_NAME).read_bytes())
    except (OSError, MalformedControlError) as error:
        message = f"The office in {folder} is not running."
        raise OfficeStoppedError(message) from error


def _places() -> list[Path]:
    places = [Path(tempfile.gettempdir()) / f"parlour-{_user()}"]
    if runtime := os.environ.get("XDG_RUNTIME_DIR"):
        places.insert(0, Path(runtime) / "parlour")
    return places


def _is_own(place: Path) -> bool:
    """Make the folder if need be; false if somebody else could reach into it."""
    try:
        place.mkdir(mode=_OWNER_ONLY, exist_ok=True)
        found = place.lstat()
    except OSError:
        return False
    is_private = stat.S_IMODE(found.st_mode) & ~_OWNER_ONLY == 0
    return stat.S_ISDIR(found.st_mode) and found.st_uid == _user() and is_private


if sys.platform == "win32":

    def _user() -> int:
        return 0
else:

    def _user() -> int:
        return os.getuid()
