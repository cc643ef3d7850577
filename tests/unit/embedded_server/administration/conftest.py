"""Offices on disk, and a written server that has a control line and nothing else."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from embedded_server.administration.control_channel import ControlChannel
from embedded_server.administration.office_creation import create_office
from embedded_server.administration.office_lock import OfficeLock
from embedded_server.administration.open_office import OpenOffice
from embedded_server.administration.operation_sets.office_operations import office_operations
from embedded_server.config import ServerSettings, Settings
from embedded_server.modules.service.notices import NoticesModule
from shared_protocol.control.control_endpoint import PublicPorts

SETTINGS = Settings(server=ServerSettings(domain="capulet.lit"))


@pytest.fixture(autouse=True)
def runtime_folder(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Keep the control sockets of the tests away from those of the user."""
    folder = tmp_path_factory.mktemp("run")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    return folder


class ControlledServer:
    """What ``run_office`` runs, without streams."""

    def __init__(self, office: OpenOffice, request_stop: Callable[[], None]) -> None:
        self.on_stop = request_stop
        self.restarts = 0
        operations = office_operations(office, notices=NoticesModule(office.notices), control=self)
        self.channel = ControlChannel(folder=office.folder, operations=operations, version="1.2")

    def status(self) -> dict[str, object]:
        return {"sessions": 3, "ports": {"c2s": 5222}}

    def request_stop(self, *, is_restart: bool = False, delay_seconds: int = 0) -> None:
        self.restarts += is_restart
        if not delay_seconds:
            self.on_stop()

    async def start(self) -> None:
        await self.channel.start(PublicPorts(c2s=5222, direct_tls=5223))

    async def stop(self) -> None:
        await self.channel.stop()


@pytest.fixture
def office_folder(tmp_path: Path) -> Path:
    """An office of capulet.lit without accounts."""
    folder = tmp_path / "office"
    asyncio.run(create_office(folder, SETTINGS))
    return folder


Running = Callable[[], AbstractAsyncContextManager[ControlledServer]]


@pytest.fixture
def running(office_folder: Path) -> Running:
    """Run the server of the office inside a block."""

    @asynccontextmanager
    async def run() -> AsyncIterator[ControlledServer]:
        with contextlib.ExitStack() as held:
            held.enter_context(OfficeLock.acquire(office_folder))
            async with await OpenOffice.open(office_folder, SETTINGS) as office:
                server = ControlledServer(office, lambda: None)
                await server.start()
                try:
                    yield server
                finally:
                    await server.stop()

    return run
