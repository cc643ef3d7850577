"""What never leaves the server by log, arguments or files (docs/security.md, rows 86, 90)."""

import contextlib
import logging
from dataclasses import replace
from pathlib import Path

import pytest

from embedded_server.administration.log_setup import OneLineFormatter
from tests.helpers.office import (
    DOMAIN,
    OfficeProcess,
    change_settings,
    client_tls,
    made_office,
    office_process,
    office_settings,
    run_server_command,
)
from tests.helpers.wire_client import LoginRefusedError, WireClient

pytestmark = [pytest.mark.network, pytest.mark.asyncio]

CANARY = "canary-of-Mantua-7f3a"
SECRET_BODY = "canary of a letter 91c2"
FORGED_LINE = "2026-01-01 00:00:00 CRITICAL forged: all is lost"


async def talkative_office(folder: Path) -> Path:
    """Make an office that logs all it can, with an account whose password is the canary."""
    settings = office_settings()
    await made_office(folder, settings=settings)
    change_settings(folder, replace(settings, server=replace(settings.server, log_level="debug")))
    done = run_server_command(
        *("accounts", "create", "tybalt", "--data", str(folder), "--password-stdin"),
        stdin=f"{CANARY}\n",
    )
    assert done.returncode == 0, done.stderr
    assert CANARY not in done.stdout + done.stderr
    return folder


async def attempt(server: OfficeProcess, name: str, password: str, mechanism: str) -> None:
    """Log in, say something that may not be logged, and leave."""
    with contextlib.suppress(LoginRefusedError):
        client = await WireClient.log_in(
            server.tls_port,
            f"{name}@{DOMAIN}/street",
            password,
            tls=client_tls(server.folder),
            is_direct=True,
            mechanism=mechanism,
        )
        client.send(
            f"<message to='juliet@{DOMAIN}' type='chat' id='m'><body>{SECRET_BODY}</body></message>"
            "<iq type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>"
        )
        await client.receive_id("p")
        client.send(f"<message><body>{SECRET_BODY}</wrong>")
        await client.wait_for_end()


def shown_of_process(pid: int) -> bytes:
    """What every user of the computer, or a tool, sees of a process: arguments, environment."""
    files = [Path(f"/proc/{pid}/cmdline"), Path(f"/proc/{pid}/environ")]
    return b"".join(file.read_bytes() for file in files if file.exists())


@pytest.mark.timeout(120)
async def test_r86_password_and_bodies_are_nowhere_but_where_they_belong(tmp_path: Path) -> None:
    """ "A canary password in tests": arguments, environment, log, and files of the office."""
    folder = await talkative_office(tmp_path / "office")
    with office_process(folder) as server:
        for mechanism in ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-1"):
            await attempt(server, "tybalt", CANARY, mechanism)
            await attempt(server, "tybalt", f"{CANARY}-mistyped", mechanism)
            await attempt(server, f"{CANARY}", CANARY, mechanism)  # typed into the wrong field
        assert CANARY.encode() not in shown_of_process(server.pid)
        status = run_server_command("status", "--data", str(folder), "--json").stdout
        server.stop()
        log = server.log

    assert "ended a stream" in log  # the log was on
    assert CANARY not in log + status
    assert SECRET_BODY not in log
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert [path.name for path in files if CANARY.encode() in path.read_bytes()] == []


@pytest.mark.timeout(120)
async def test_r90_text_from_outside_cannot_forge_a_line_of_the_log(tmp_path: Path) -> None:
    """Newlines in names, resources, languages, and in what is no XML at all."""
    folder = await talkative_office(tmp_path / "office")
    forged = FORGED_LINE.replace(" ", "\u00a0")
    with office_process(folder) as server:
        for name in (f"x\n{FORGED_LINE}", f"x\r\n{FORGED_LINE}", f"x\x1b[31m{FORGED_LINE}"):
            await attempt(server, name, "hate", "PLAIN")
        client = await WireClient.connect(server.port, DOMAIN)
        client.send_header(**{"xml:lang": f"&#10;{FORGED_LINE}", "from": f"a&#10;{forged}"})
        client.send(f"\n{FORGED_LINE}\n")
        await client.wait_for_end()
        client = await WireClient.connect(server.port, f"&#10;{FORGED_LINE}")
        client.send_header()
        await client.wait_for_end()
        server.stop()
        lines = server.log.splitlines()

    assert [line for line in lines if line.lstrip().startswith(FORGED_LINE[:10])] == []
    assert all(character.isprintable() or character == "\t" for line in lines for character in line)


async def test_r90_every_control_character_is_escaped_also_in_what_is_logged_by_mistake() -> None:
    record = logging.LogRecord("x", logging.INFO, "", 0, "from %s", ("a\n\r\x1b\x85\x00b",), None)

    line = OneLineFormatter("%(message)s").format(record)

    assert line == "from a\\x0a\\x0d\\x1b\\x85\\x00b"
