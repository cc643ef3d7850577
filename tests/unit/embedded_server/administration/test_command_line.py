import asyncio
import io
import json
import logging
import os
import signal
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from embedded_server.administration.command_line import run_command
from embedded_server.administration.office_lock import OfficeLock
from embedded_server.administration.open_office import OpenOffice
from embedded_server.config import ServerSettings, Settings, load_settings

CANARY = "canary in a coal mine"
Running = Callable[[], AbstractAsyncContextManager[Any]]
Capture = pytest.CaptureFixture[str]


def never_run(_folder: Path, _settings: Settings) -> bool:
    pytest.fail("no server was to be run")


def command(*arguments: str) -> int:
    return run_command(arguments, never_run)


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], None]:
    """Give the commands of the test this standard input."""
    return lambda said: monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(said)))


def accounts_of(folder: Path, password: str = "") -> dict[str, bool]:
    """Return whether each account has this password."""

    async def ask() -> dict[str, bool]:
        settings = load_settings(folder)
        async with await OpenOffice.open(folder, settings) as office:
            accounts = office.accounts
            return {
                name: await accounts.check_password(name, password) for name in accounts.names()
            }

    return asyncio.run(ask())


@contextmanager
def served(running: Running) -> Iterator[Any]:
    """Run the server in a thread, so that commands find it as they find another process."""
    is_ready, loops, servers = threading.Event(), [], []

    async def serve() -> None:
        stop = asyncio.Event()
        async with running() as server:
            server.on_stop = stop.set
            loops.append((asyncio.get_running_loop(), stop))
            servers.append(server)
            is_ready.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert is_ready.wait(10)
    try:
        yield servers[0]
    finally:
        loop, stop = loops[0]
        if thread.is_alive() and not loop.is_closed():
            loop.call_soon_threadsafe(stop.set)
        thread.join()


def one_line_of(capsys: Capture) -> str:
    """Return the only line on standard error."""
    said = capsys.readouterr().err
    assert said.startswith("parlour-server: ")
    assert said.count("\n") == 1
    return said


def test_init_makes_an_office_and_prints_the_made_password_once(
    tmp_path: Path, capsys: Capture
) -> None:
    folder = tmp_path / "office"

    status = command("init", "--data", str(folder), "--domain", "capulet.lit", "--admin", "juliet")

    said = capsys.readouterr()
    password = said.out.splitlines()[-1].removeprefix("Password of juliet: ")
    assert status == 0
    assert said.err == ""
    assert said.out.count(password) == 1
    assert accounts_of(folder, password) == {"juliet": True}


def test_password_comes_from_standard_input_and_is_not_printed(
    tmp_path: Path, capsys: Capture, typed: Callable[[bytes], None]
) -> None:
    folder = tmp_path / "office"
    typed(f"{CANARY}\r\nmore lines\n".encode())

    status = command(
        *("init", "--data", str(folder), "--domain", "capulet.lit"),
        *("--name", "House of Capulet", "--admin", "juliet", "--password-stdin"),
    )

    said = capsys.readouterr()
    assert status == 0
    assert CANARY not in said.out + said.err
    assert accounts_of(folder, CANARY) == {"juliet": True}
    assert load_settings(folder).server.office_name == "House of Capulet"


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (("--domain", "10.0.0.1"), 78, "10.0.0.1 is an IP address: take a name"),
        (("--domain", "acme.local"), 78, "take acme.internal instead"),
        (("--domain", "a b"), 78, "is no domain"),
        (("--domain", "acme.internal", "--admin", "a b"), 1, "cannot be the name of an account"),
        (("--domain", "acme.internal", "--admin", "\udcff"), 1, "cannot be the name"),
        (("--domain", "acme.internal", "--password-stdin"), 1, "name it by --admin NAME"),
        ((), 1, "required: --domain: see parlour-server init --help."),
    ],
)
def test_init_that_is_refused_says_why_and_makes_nothing(
    tmp_path: Path, capsys: Capture, arguments: tuple[str, ...], status: int, sentence: str
) -> None:
    assert command("init", "--data", str(tmp_path / "a" / "office"), *arguments) == status

    assert sentence in one_line_of(capsys)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (b"", "The password is empty."),
        (b"\n", "The password is empty."),
        (b"x7-qw\n", "too short: take 8"),
        (b"aaaaaaaaaaaa\n", "too easy to guess"),
        (b"with\x07a bell\n", "a character that is not allowed"),
        (b"caf\xe9 au lait\n", "The password is not UTF-8."),
    ],
)
def test_bad_password_makes_nothing_and_is_not_repeated(
    tmp_path: Path,
    capsys: Capture,
    typed: Callable[[bytes], None],
    said: bytes,
    sentence: str,
) -> None:
    typed(said)

    status = command(
        *("init", "--data", str(tmp_path / "office"), "--domain", "capulet.lit"),
        *("--admin", "juliet", "--password-stdin"),
    )

    line = one_line_of(capsys)
    assert status == 1
    assert sentence in line
    assert not said.strip() or said.strip().decode(errors="replace") not in line
    assert list(tmp_path.iterdir()) == []


def test_second_office_in_a_folder_is_refused(office_folder: Path, capsys: Capture) -> None:
    assert command("init", "--data", str(office_folder), "--domain", "montague.lit") == 1

    assert "There is an office in" in one_line_of(capsys)
    assert load_settings(office_folder).server.domain == "capulet.lit"


def test_accounts_are_looked_after_while_the_server_is_stopped(
    office_folder: Path, capsys: Capture, typed: Callable[[bytes], None]
) -> None:
    data = ("--data", str(office_folder))
    typed(f"{CANARY}\n".encode())
    assert command("accounts", "create", "Romeo", *data, "--password-stdin") == 0
    assert command("accounts", "create", "tybalt", *data) == 0
    capsys.readouterr()

    assert command("accounts", "list", *data) == 0
    assert capsys.readouterr().out == "romeo@capulet.lit\ntybalt@capulet.lit\n"
    assert command("accounts", "delete", "tybalt", *data) == 0
    assert accounts_of(office_folder, CANARY) == {"romeo": True}
    typed(b"another canary\n")
    assert command("accounts", "set-password", "romeo", *data, "--password-stdin") == 0
    assert accounts_of(office_folder, "another canary") == {"romeo": True}
    assert "canary" not in "".join(capsys.readouterr())


def test_accounts_are_looked_after_while_the_server_runs(
    office_folder: Path, running: Running, capsys: Capture, typed: Callable[[bytes], None]
) -> None:
    data = ("--data", str(office_folder))
    with served(running):
        typed(f"{CANARY}\n".encode())
        assert command("accounts", "create", "romeo", *data, "--password-stdin") == 0
        assert command("accounts", "create", "romeo", *data) == 1
        assert "'romeo' already" in one_line_of(capsys)
        assert command("accounts", "list", *data) == 0
        assert capsys.readouterr().out == "romeo@capulet.lit\n"

    assert accounts_of(office_folder, CANARY) == {"romeo": True}


def test_commands_at_the_same_time_wait_for_each_other(office_folder: Path) -> None:
    names = ["romeo", "juliet", "tybalt", "nurse"]
    found: list[int] = []

    def create(name: str) -> None:
        found.append(command("accounts", "create", name, "--data", str(office_folder)))

    threads = [threading.Thread(target=create, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [0, 0, 0, 0]
    assert sorted(accounts_of(office_folder)) == sorted(names)


def test_status_is_told_for_people_and_for_programs(
    office_folder: Path, running: Running, capsys: Capture
) -> None:
    with served(running):
        assert command("status", "--data", str(office_folder)) == 0
        people = capsys.readouterr().out
        assert command("status", "--data", str(office_folder), "--json") == 0
        programs = capsys.readouterr().out

    assert people == 'sessions: 3\nports: {"c2s": 5222}\n'
    assert json.loads(programs) == {"sessions": 3, "ports": {"c2s": 5222}}


def test_stop_returns_when_the_server_has_ended(office_folder: Path, running: Running) -> None:
    with served(running):
        assert command("stop", "--data", str(office_folder)) == 0

        OfficeLock.acquire(office_folder).release()


def test_rights_are_changed_and_shown_while_the_server_is_stopped(
    office_folder: Path, capsys: Capture
) -> None:
    data = ("--data", str(office_folder))
    assert command("accounts", "create", "romeo", *data, "--administrator") == 0
    assert command("accounts", "create", "tybalt", *data) == 0
    assert command("accounts", "disable", "tybalt", *data) == 0
    assert command("accounts", "set-administrator", "tybalt", *data) == 0
    capsys.readouterr()

    assert command("accounts", "list", *data) == 0
    assert capsys.readouterr().out == (
        "romeo@capulet.lit (administrator)\ntybalt@capulet.lit (administrator, disabled)\n"
    )
    assert command("accounts", "enable", "tybalt", *data) == 0
    assert command("accounts", "set-administrator", "tybalt", *data, "--revoke") == 0
    assert command("accounts", "show", "tybalt", *data) == 0
    said = capsys.readouterr().out
    assert "tybalt@capulet.lit: may log in again" in said
    assert "is_administrator: false" in said
    assert "contacts: 0" in said


def test_message_of_the_day_is_looked_after_while_the_server_is_stopped(
    office_folder: Path, capsys: Capture
) -> None:
    data = ("--data", str(office_folder))
    assert command("motd", "show", *data) == 0
    assert command("motd", "set", "Feast at six", *data) == 0
    assert command("motd", "edit", "Feast at seven", *data) == 0
    assert command("motd", "show", *data) == 0
    assert command("motd", "delete", *data) == 0
    said = capsys.readouterr().out

    assert said == "There is no message of the day.\nFeast at seven\n"
    assert command("motd", "delete", *data) == 1
    assert "There is no message of the day." in one_line_of(capsys)


def test_running_office_announces_and_tells_who_is_there(
    office_folder: Path, running: Running, capsys: Capture
) -> None:
    data = ("--data", str(office_folder))
    with served(running):
        assert command("announce", "Fire!", *data, "--subject", "News") == 0
        assert command("sessions", "list", *data) == 0
        assert capsys.readouterr().out == "Resources reached: 0\n"
        assert command("sessions", "end", "juliet", *data) == 1
        assert "juliet is not on line" in one_line_of(capsys)


def test_restart_is_asked_for_and_a_late_stop_is_not_waited_for(
    office_folder: Path, running: Running
) -> None:
    data = ("--data", str(office_folder))
    with served(running) as server:
        assert command("restart", *data, "--delay", "60") == 0
        assert command("stop", *data, "--delay", "60") == 0

        assert server.restarts == 1


def test_restarted_server_is_run_with_the_settings_read_anew(office_folder: Path) -> None:
    runs: list[int] = []

    def run_server(folder: Path, settings: Settings) -> bool:
        runs.append(settings.server.port)
        text = (folder / "parlour.toml").read_text(encoding="utf-8")
        changed = text.replace("# port = 5222", "port = 6222")
        (folder / "parlour.toml").write_text(changed, encoding="utf-8")
        return len(runs) < 2

    data = ("--data", str(office_folder))
    assert run_command(("run", *data, "--tls-port", "0"), run_server) == 0

    assert runs == [5222, 6222]


def test_settings_that_are_wrong_at_a_restart_are_passed_over(office_folder: Path) -> None:
    runs: list[int] = []

    def run_server(folder: Path, settings: Settings) -> bool:
        runs.append(settings.server.port)
        (folder / "parlour.toml").write_text("no settings", encoding="utf-8")
        return len(runs) < 2

    assert run_command(("run", "--data", str(office_folder)), run_server) == 0

    assert runs == [5222, 5222]


@pytest.mark.parametrize("words", [("announce", "x"), ("sessions", "list"), ("restart",)])
def test_what_needs_a_server_says_so(
    office_folder: Path, capsys: Capture, words: tuple[str, ...]
) -> None:
    assert command(*words, "--data", str(office_folder)) == 1

    assert one_line_of(capsys).endswith("is not running.\n")


@pytest.mark.parametrize("word", ["status", "stop"])
def test_office_that_does_not_run_is_told_so(
    office_folder: Path, capsys: Capture, word: str
) -> None:
    assert command(word, "--data", str(office_folder)) == 1

    assert one_line_of(capsys).endswith("is not running.\n")


@pytest.mark.parametrize("words", [("run",), ("status",), ("stop",), ("accounts", "list")])
def test_folder_without_an_office_is_told_with_what_to_do(
    tmp_path: Path, capsys: Capture, words: tuple[str, ...]
) -> None:
    folder = tmp_path / "nowhere"

    assert command(*words, "--data", str(folder)) == 1

    assert f"make one by parlour-server init --data {folder}" in one_line_of(capsys)
    assert not folder.exists()


def test_run_gives_the_server_the_settings_with_what_the_command_line_replaced(
    office_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    monkeypatch.setattr(logging.getLogger(), "level", logging.WARNING)
    seen: list[ServerSettings] = []
    arguments = ("--listen", "127.0.0.1", "--listen", "::1", "--port", "0", "--tls-port", "6223")

    status = run_command(
        ("run", "--data", str(office_folder), *arguments),
        lambda _, settings: seen.append(settings.server),
    )

    assert status == 0
    assert (seen[0].listen, seen[0].port) == (("127.0.0.1", "::1"), 0)
    assert (seen[0].tls_port, seen[0].http_port) == (6223, 5443)


def test_second_run_is_refused_with_75(office_folder: Path, capsys: Capture) -> None:
    with OfficeLock.acquire(office_folder):
        assert command("run", "--data", str(office_folder)) == 75

    assert "Another process has the office" in one_line_of(capsys)


@pytest.mark.parametrize(
    ("arguments", "setting", "sentence"),
    [
        (("--port", "65536"), "", "server.port is 65536"),
        (("--listen", "verona"), "", "'verona' is no IP address"),
        ((), "[limts]\n", "did you mean 'limits'?"),
        ((), "nonsense\n", "This is no TOML"),
    ],
)
def test_wrong_settings_are_refused_with_78(
    office_folder: Path,
    capsys: Capture,
    arguments: tuple[str, ...],
    setting: str,
    sentence: str,
) -> None:
    with (office_folder / "parlour.toml").open("a") as file:
        file.write(setting)

    assert command("run", "--data", str(office_folder), *arguments) == 78

    assert sentence in one_line_of(capsys)


def test_database_that_is_too_new_is_one_line(office_folder: Path, capsys: Capture) -> None:
    connection = sqlite3.connect(office_folder / "parlour.db")
    connection.execute("UPDATE versions SET schema_version = 999, compatibility_version = 999")
    connection.commit()
    connection.close()

    assert command("accounts", "list", "--data", str(office_folder)) == 1

    assert "install the newer version" in one_line_of(capsys)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_unwritable_folder_is_one_line(tmp_path: Path, capsys: Capture) -> None:
    tmp_path.chmod(0o500)
    try:
        status = command("init", "--data", str(tmp_path / "office"), "--domain", "capulet.lit")
    finally:
        tmp_path.chmod(0o700)

    assert status == 1
    assert "Permission denied" in one_line_of(capsys)


@pytest.mark.parametrize("arguments", [(), ("rnu",), ("accounts",), ("run",), ("init", "--port")])
def test_wrong_command_line_is_one_line(capsys: Capture, arguments: tuple[str, ...]) -> None:
    assert command(*arguments) == 1

    assert "--help." in one_line_of(capsys)


def test_password_has_no_place_in_the_arguments(office_folder: Path, capsys: Capture) -> None:
    arguments = ("accounts", "create", "romeo", "--data", str(office_folder))

    assert command(*arguments, "--password", CANARY) == 1
    assert "--help." in one_line_of(capsys)


def test_interrupted_command_is_one_line(office_folder: Path, capsys: Capture) -> None:
    def interrupt(_folder: Path, _settings: Settings) -> None:
        signal.raise_signal(signal.SIGINT)

    handlers, level = logging.getLogger().handlers[:], logging.getLogger().level
    # Who is started in the background by a shell inherits that SIGINT is passed over.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        assert run_command(("run", "--data", str(office_folder)), interrupt) == 1
    finally:
        signal.signal(signal.SIGINT, before)
        logging.getLogger().handlers[:] = handlers
        logging.getLogger().setLevel(level)

    assert one_line_of(capsys) == "parlour-server: Stopped.\n"
