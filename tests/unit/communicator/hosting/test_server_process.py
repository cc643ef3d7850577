import sys
from pathlib import Path

import pytest

from communicator.hosting.errors import HostingError
from communicator.hosting.office_hosting import ProcessOfficeHosting
from communicator.hosting.server_process import sentence_of, server_command

ECHO = """
import os, pathlib, sys
folder = pathlib.Path(sys.argv[sys.argv.index("--data") + 1])
folder.mkdir(exist_ok=True)
(folder / "ca.pem").write_text("authority")
(folder / "argv").write_text("\\n".join(sys.argv))
(folder / "stdin").write_text(sys.stdin.readline())
(folder / "session").write_text(str(os.getsid(0) == os.getpid()))
"""
FAIL = """
import sys
sys.stderr.write("2026-03-02 INFO embedded_server: the office is open\\n")
sys.stderr.write("parlour-server: Port 5222 is taken: stop the other program.\\n")
sys.exit(1)
"""


def command(code: str) -> list[str]:
    return [sys.executable, "-c", code]


@pytest.mark.asyncio
async def test_the_password_goes_by_standard_input_and_never_in_the_arguments(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "office"
    pem = await ProcessOfficeHosting(command(ECHO)).create(
        folder, domain="verona.example", owner="romeo", password="wherefore", office_name="Verona"
    )
    assert pem == "authority"
    assert (folder / "stdin").read_text() == "wherefore\n"
    assert (folder / "argv").read_text().splitlines()[1:] == [
        "init",
        *("--data", str(folder)),
        *("--domain", "verona.example"),
        *("--name", "Verona"),
        *("--admin", "romeo", "--password-stdin"),
    ]


@pytest.mark.asyncio
async def test_what_the_command_says_is_the_sentence_for_the_user(tmp_path: Path) -> None:
    hosting = ProcessOfficeHosting(command(FAIL))
    said = "Port 5222 is taken: stop the other program."
    with pytest.raises(HostingError) as raised:
        await hosting.create(tmp_path, domain="verona.example", owner="romeo", password="w")
    assert str(raised.value) == said
    with pytest.raises(HostingError) as raised:
        await hosting.start(tmp_path)
    assert str(raised.value) == said


@pytest.mark.asyncio
async def test_a_command_that_cannot_be_started_is_one_sentence(tmp_path: Path) -> None:
    hosting = ProcessOfficeHosting([str(tmp_path / "missing")])
    with pytest.raises(HostingError, match="cannot be started: No such file"):
        await hosting.create(tmp_path, domain="verona.example", owner="romeo", password="w")
    with pytest.raises(HostingError, match="cannot be started: No such file"):
        await hosting.start(tmp_path)


@pytest.mark.asyncio
async def test_a_server_that_ends_at_once_without_a_word_is_told(tmp_path: Path) -> None:
    hosting = ProcessOfficeHosting(command("raise SystemExit(3)"))
    with pytest.raises(HostingError, match="ended at once \\(status 3\\)"):
        await hosting.start(tmp_path)


@pytest.mark.asyncio
@pytest.mark.skipif(sys.platform == "win32", reason="sessions of processes are POSIX")
async def test_the_server_runs_in_a_session_of_its_own(tmp_path: Path) -> None:
    """So that it outlives the window and the terminal that started it."""
    with pytest.raises(HostingError):
        await ProcessOfficeHosting(command(ECHO)).start(tmp_path)
    assert (tmp_path / "session").read_text() == "True"


@pytest.mark.asyncio
async def test_what_does_not_run_has_no_sessions_and_is_stopped_already(tmp_path: Path) -> None:
    hosting = ProcessOfficeHosting()
    assert await hosting.connected_sessions(tmp_path) is None
    await hosting.stop(tmp_path)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (b"", ""),
        (b"\n\n", ""),
        (b"parlour-server: One.\n2026 INFO later\n", "One."),
        (b"Traceback\nValueError: two\n", "ValueError: two"),
        (b"\xff\n", "\ufffd"),
    ],
)
def test_the_sentence_is_what_was_told_to_the_user_or_else_the_last_line(
    said: bytes, sentence: str
) -> None:
    assert sentence_of(said) == sentence


def test_a_frozen_program_has_its_server_beside_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """``-m embedded_server`` does not exist in a frozen program."""
    assert server_command() == [sys.executable, "-m", "embedded_server"]
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "parlour"))
    assert server_command()[0].startswith(str(tmp_path / "parlour-server"))
