"""The command itself, as processes: what a supervisor and a stranger see of it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from embedded_server.administration.control_place import read_endpoint
from embedded_server.administration.setup_errors import OfficeStoppedError

pytestmark = pytest.mark.network

ROOT = Path(__file__).parents[4]
CANARY = "canary in a coal mine"
ANY_PORT = ("--listen", "127.0.0.1", *("--port", "0", "--tls-port", "0", "--http-port", "0"))


def started(*arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "embedded_server", *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finished(*arguments: str, said: str = "") -> tuple[int, str]:
    """Return the exit status, and all that was printed."""
    with started(*arguments) as process:
        printed = process.communicate(said, timeout=30)
    return process.returncode, "".join(printed)


def wait_until_open(folder: Path, process: "subprocess.Popen[str]") -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.poll() is None:
        try:
            read_endpoint(folder)
        except OfficeStoppedError:
            continue
        return
    pytest.fail(f"the server did not open: {process.communicate(timeout=5)}")


@contextmanager
def office_open(folder: Path, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    with started("run", "--data", str(folder), *ANY_PORT, *arguments) as process:
        try:
            wait_until_open(folder, process)
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_the_server_in_time_with_status_0(
    office_folder: Path, number: signal.Signals
) -> None:
    """Security.md section 10, fault F3: under 5 s."""
    with office_open(office_folder) as process:
        begun = time.monotonic()
        process.send_signal(number)
        printed = process.communicate(timeout=20)

    assert process.returncode == 0
    assert time.monotonic() - begun < 5
    assert "Traceback" not in "".join(printed)
    assert not (office_folder / "control.json").exists()


def test_killed_server_starts_again(office_folder: Path) -> None:
    with office_open(office_folder) as process:
        process.kill()
        process.wait()
    (office_folder / "control.json").unlink()

    with office_open(office_folder) as process:
        status, printed = finished("status", "--data", str(office_folder), "--json")
        assert json.loads(printed)["domain"] == "capulet.lit"
        assert finished("stop", "--data", str(office_folder)) == (0, "")
        process.communicate(timeout=5)

    assert status == 0
    assert process.returncode == 0


def test_second_server_of_an_office_ends_with_75(office_folder: Path) -> None:
    with office_open(office_folder):
        status, printed = finished("run", "--data", str(office_folder), *ANY_PORT)

    assert status == 75
    assert printed.count("\n") == 1


@pytest.mark.parametrize("option", ["--port", "--tls-port", "--http-port"])
def test_taken_port_is_one_line_and_nothing_is_left_open(office_folder: Path, option: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        arguments = ("run", "--data", str(office_folder), *ANY_PORT, option, port)
        status, printed = finished(*arguments)

    assert status == 1
    assert f"Port {port} of 127.0.0.1 is taken by another program: stop it, or give" in printed
    assert printed.count("\n") == 1
    assert not (office_folder / "control.json").exists()


def test_bad_certificate_is_one_line(office_folder: Path) -> None:
    (office_folder / "server.pem").write_text("Two households")

    status, printed = finished("run", "--data", str(office_folder), *ANY_PORT)

    assert status == 1
    assert printed.count("\n") == 1
    assert "holds no certificate in PEM form: restore it" in printed


def process_files(number: int) -> str:
    """Return what other programs can read about a process, where there is /proc."""
    texts = []
    for name in ("cmdline", "environ"):
        path = Path(f"/proc/{number}/{name}")
        if path.exists():
            texts.append(path.read_bytes().decode(errors="replace").replace("\0", " "))
    return " ".join(texts)


def test_password_is_nowhere_but_in_the_keys_made_from_it(tmp_path: Path) -> None:
    """Security.md row 86: nothing secret in argv, logs, errors."""
    folder = tmp_path / "office"
    data = ("--data", str(folder))
    said = f"{CANARY}\n"
    results = [
        finished(
            *("init", *data, "--domain", "capulet.lit", "--admin", "juliet", "--password-stdin"),
            said=said,
        ),
        finished("accounts", "create", "romeo", *data, "--password-stdin", said=said),
    ]
    with (folder / "parlour.toml").open("r+") as file:
        text = file.read().replace('# log_level = "info"', 'log_level = "debug"')
        file.seek(0)
        file.write(text)
    with office_open(folder) as process:
        results += [
            finished("accounts", *words, *data, "--password-stdin", said=said)
            for words in (("create", "nurse"), ("set-password", "romeo"), ("create", "romeo"))
        ]
        seen = process_files(process.pid)
        token = read_endpoint(folder).token
        process.send_signal(signal.SIGTERM)
        log = "".join(process.communicate(timeout=20))

    printed = "".join(text for _, text in results)
    kept = b"".join(path.read_bytes() for path in folder.iterdir())
    assert [status for status, _ in results] == [0, 0, 0, 0, 1]
    assert "accounts.set-password romeo" in log
    for secret in (CANARY, token):
        assert secret not in printed + seen + log
        assert secret.encode() not in kept


def test_command_works_from_any_folder(tmp_path: Path, office_folder: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "embedded_server", "accounts", "list", "--data", "office"]

    listed = subprocess.run(command, cwd=tmp_path, env=environment, check=False)

    assert listed.returncode == 0
