"""Gajim and Dino, as Debian has them, on a virtual screen in an office of their own."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.foreign_programs import require_program, skip_outside_ci

_SECONDS = 280
_NEEDED = {
    "unshare": "util-linux",
    "ip": "iproute2",
    "xvfb-run": "xvfb",
    "openbox": "openbox",
    "dbus-run-session": "dbus-daemon",
    "curl": "curl",
}


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that another user can enter, unlike those of pytest."""
    folder = Path(tempfile.mkdtemp(prefix="desktop-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.network
@pytest.mark.timeout(_SECONDS + 10)
@pytest.mark.parametrize("program", ["gajim", "dino-im"])
def test_desktop_client_meets_us_in_a_room(program: str, open_folder: Path) -> None:
    """It joins by its bookmark, and gets history, a contact's avatar and a file."""
    require_program(program, program)
    for name, package in _NEEDED.items():
        require_program(name, package)
    if os.geteuid() != 0:
        skip_outside_ci("only root can give a program names and a network of its own")
    command = [sys.executable, "-m", "tests.helpers.desktop_stage", program, str(open_folder)]
    done = subprocess.run(
        ["unshare", "--net", "--mount", *command],
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert done.returncode == 0, done.stderr[-4_000:]
    found = json.loads(done.stdout.splitlines()[-1])

    assert found == {
        "joins the room": True,
        "gets the history": True,
        "gets the avatar": True,
        "gets the file": True,
    }
