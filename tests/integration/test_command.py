"""``parlour`` as a command: its options, and several of it side by side."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SECONDS = 60
LOOK_SECONDS = 0.02
ENVIRONMENT = {
    **os.environ,
    "QT_QPA_PLATFORM": "offscreen",
    "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
}


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "communicator", *arguments]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments),
        cwd=ROOT,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


@contextlib.contextmanager
def running(profile: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A communicator that has its profile; ended with the block."""
    process = subprocess.Popen(
        command("--profile", str(profile)), cwd=ROOT, env=ENVIRONMENT, stderr=subprocess.PIPE
    )
    try:
        deadline = time.monotonic() + SECONDS
        while not (profile / "messages.sqlite").exists():
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(LOOK_SECONDS)
        yield process
    finally:
        process.terminate()
        process.wait(SECONDS)
        if process.stderr is not None:
            process.stderr.close()


def test_self_test_checks_the_installation_without_a_display() -> None:
    done = run("--self-test")

    assert done.returncode == 0, done.stdout
    names = [line.split()[1].rstrip(":") for line in done.stdout.splitlines()]
    assert names == ["libraries", "window", "icons", "texts", "database", "login", "server"]
    assert all(line.startswith("ok") for line in done.stdout.splitlines())


def test_profile_is_used_by_one_program_and_another_profile_runs_beside(tmp_path: Path) -> None:
    first, other = tmp_path / "first", tmp_path / "other"
    with running(first), running(other):
        again = run("--profile", str(first))

    assert again.returncode == 75
    assert again.stderr == f"Parlour already runs with the profile {first}.\n"


@pytest.mark.skipif(os.name == "nt", reason="folders are made by other rules")
def test_folder_that_cannot_be_used_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    done = run("--profile", str(tmp_path / "file" / "profile"))

    assert done.returncode == 1
    assert done.stderr.startswith(f"The folder {tmp_path / 'file' / 'profile'} cannot be used: ")


def test_unknown_option_is_refused_with_the_known_ones() -> None:
    done = run("--profil")

    assert done.returncode == 2
    assert "--self-test" in done.stderr
