import subprocess
import sys
from pathlib import Path

import pytest

from embedded_server.administration.office_lock import OfficeLock
from embedded_server.administration.setup_errors import OfficeInUseError, SetupError

ROOT = Path(__file__).parents[4]
HOLDING = """
import sys, pathlib
from embedded_server.administration.office_lock import OfficeLock
lock = OfficeLock.acquire(pathlib.Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_second_process_is_refused_until_the_first_is_gone(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDING, str(tmp_path)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(OfficeInUseError, match="open: stop it first"):
            OfficeLock.acquire(tmp_path)
        process.kill()
        process.wait()

        OfficeLock.acquire(tmp_path).release()


def test_lock_is_free_after_its_block(tmp_path: Path) -> None:
    with OfficeLock.acquire(tmp_path), pytest.raises(OfficeInUseError):
        OfficeLock.acquire(tmp_path)

    with OfficeLock.acquire(tmp_path):
        pass


def test_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="cannot be written: No such file"):
        OfficeLock.acquire(tmp_path / "nowhere")
