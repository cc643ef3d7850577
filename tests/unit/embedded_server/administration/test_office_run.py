import asyncio
import logging
import os
import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from embedded_server.administration.certificates import SERVER_KEY
from embedded_server.administration.log_setup import OneLineFormatter
from embedded_server.administration.office_run import run_office
from embedded_server.administration.open_office import OpenOffice
from embedded_server.administration.setup_errors import CertificateError, SetupError
from embedded_server.config import ServerSettings, Settings
from embedded_server.network.errors import PortTakenError

pytestmark = pytest.mark.asyncio

SETTINGS = Settings(server=ServerSettings(domain="capulet.lit"))


class RecordingServer:
    """Remembers what was asked of it, and does something once it has started."""

    def __init__(self, then: Callable[["RecordingServer"], None]) -> None:
        self.calls: list[str] = []
        self.request_stop: Callable[[], None] = lambda: None
        self.request_restart: Callable[[], None] = lambda: None
        self._then = then

    def made(
        self,
        office: OpenOffice,
        request_stop: Callable[[], None],
        request_restart: Callable[[], None],
    ) -> "RecordingServer":
        self.calls.append(f"made for {office.settings.server.domain}")
        self.request_stop = request_stop
        self.request_restart = request_restart
        return self

    async def start(self) -> None:
        self.calls.append("started")
        self._then(self)

    async def stop(self) -> None:
        self.calls.append("stopped")


def is_closed(folder: Path) -> bool:
    connection = sqlite3.connect(folder / "parlour.db")
    found = connection.execute("SELECT is_closed FROM versions").fetchone()
    connection.close()
    return bool(found[0])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_signal_ends_the_office_cleanly(office_folder: Path, number: int) -> None:
    server = RecordingServer(lambda _: os.kill(os.getpid(), number))

    async with asyncio.timeout(5):
        await run_office(office_folder, SETTINGS, server.made)

    assert server.calls == ["made for capulet.lit", "started", "stopped"]
    assert is_closed(office_folder)


async def test_request_ends_the_office_cleanly(office_folder: Path) -> None:
    server = RecordingServer(lambda self: self.request_stop())

    assert await run_office(office_folder, SETTINGS, server.made) is False

    assert server.calls[-1] == "stopped"
    assert is_closed(office_folder)


async def test_wish_for_a_new_beginning_is_told_to_who_runs_the_office(office_folder: Path) -> None:
    server = RecordingServer(lambda self: self.request_restart())

    assert await run_office(office_folder, SETTINGS, server.made) is True

    assert server.calls[-1] == "stopped"
    assert is_closed(office_folder)


async def test_taken_port_is_told_with_what_to_do(office_folder: Path) -> None:
    def refuse(_: RecordingServer) -> None:
        raise PortTakenError("127.0.0.1", 5222)

    server = RecordingServer(refuse)

    with pytest.raises(SetupError, match=r"Port 5222 of 127\.0\.0\.1 is taken .* stop it, or give"):
        await run_office(office_folder, SETTINGS, server.made)

    assert server.calls[-1] == "stopped"
    assert is_closed(office_folder)


async def test_bad_certificate_is_told_before_anything_is_opened(office_folder: Path) -> None:
    (office_folder / SERVER_KEY).unlink()
    server = RecordingServer(lambda self: self.request_stop())

    with pytest.raises(CertificateError, match=r"server\.key cannot be read"):
        await run_office(office_folder, SETTINGS, server.made)

    assert server.calls == []


@pytest.mark.parametrize("text", ["a\nINFO forged", "a\r\n", "\x1b[31m", "\x00", "\x9b31m"])
async def test_name_from_outside_cannot_forge_a_line_of_the_log(text: str) -> None:
    """Security.md row 90."""
    record = logging.LogRecord("x", logging.INFO, "p", 1, "login of %s", (text,), None)

    line = OneLineFormatter("%(message)s").format(record)

    assert line.isprintable()
    assert line.startswith("login of ")
