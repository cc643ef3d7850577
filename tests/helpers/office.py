"""A real office on the loopback interface: inside the test's process, or as one of its own."""

import asyncio
import contextlib
import json
import os
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from enum import Enum
from pathlib import Path

from embedded_server.administration.certificates import AUTHORITY_CERTIFICATE
from embedded_server.administration.office_creation import create_office
from embedded_server.administration.office_lock import OfficeLock
from embedded_server.administration.open_office import OpenOffice
from embedded_server.config import (
    LimitSettings,
    RegistrationSettings,
    ServerSettings,
    Settings,
    settings_file_text,
)
from embedded_server.server import Server, make_server
from embedded_server.setting_sections import HttpSettings, ProxySettings
from shared_protocol.control.control_endpoint import FILE_NAME, ControlEndpoint
from tests.helpers.bosh_client import BoshClient
from tests.helpers.http_client import HttpClient
from tests.helpers.office_template import copied_office
from tests.helpers.websocket_client import WebSocketClient
from tests.helpers.wire_client import WireClient

DOMAIN = "montague.lit"
PASSWORD = "wherefore art thou"
CAST = ("romeo", "juliet", "nurse")
LOOPBACK = "127.0.0.1"
_ROOT = Path(__file__).parents[2]
_START_SECONDS = 20.0
_STOP_SECONDS = 10.0
_LOOK_SECONDS = 0.02


def office_settings(
    *,
    domain: str = DOMAIN,
    limits: LimitSettings | None = None,
    is_registration_open: bool = False,
    http: HttpSettings | None = None,
    proxy: ProxySettings | None = None,
) -> Settings:
    """Settings of an office on free ports of the loopback interface, without rate limits."""
    free = LimitSettings(stanzas_per_second=0, bytes_per_second=0, counts_loopback=False)
    return Settings(
        server=ServerSettings(domain=domain, listen=(LOOPBACK,), port=0, tls_port=0, http_port=0),
        limits=limits or free,
        registration=RegistrationSettings(open=is_registration_open),
        http=http or HttpSettings(),
        proxy=proxy or ProxySettings(),
    )


def client_tls(folder: Path) -> ssl.SSLContext:
    """What a client of the office trusts: its authority, and nothing else."""
    return ssl.create_default_context(cafile=str(folder / AUTHORITY_CERTIFICATE))


class Carrier(Enum):
    """What carries the streams of clients."""

    TCP = "tcp"
    WEBSOCKET = "websocket"
    BOSH = "bosh"


class RunningOffice:
    """An office whose server runs in the test's event loop.

    Attributes:
        folder: Its data folder.
        office: Accounts, rosters, messages, storage.
        server: The server.
        stop_requested: Set when an administrator has asked for the end.
        carrier: How clients come in.
    """

    def __init__(self, folder: Path, settings: Settings) -> None:
        self.folder = folder
        self.settings = settings
        self.domain = settings.server.domain
        self.stop_requested = asyncio.Event()
        self.office: OpenOffice
        self.server: Server
        self.carrier = Carrier.TCP
        self._lock: OfficeLock
        self._clients: list[WireClient] = []
        self._browsers: list[HttpClient] = []

    @property
    def port(self) -> int:
        """Where clients begin with STARTTLS."""
        return self.server.ports.c2s

    @property
    def tls_port(self) -> int:
        """Where clients begin with TLS."""
        return self.server.ports.direct_tls

    @property
    def http_port(self) -> int:
        """Where browsers come in."""
        return self.server.ports.http

    async def browse(self) -> HttpClient:
        """Open a connection for HTTPS."""
        client = await HttpClient.connect(self.http_port, client_tls(self.folder), name=self.domain)
        self._browsers.append(client)
        return client

    async def start(self) -> None:
        """Open the office; it must have been made."""
        self._lock = OfficeLock.acquire(self.folder)
        self.office = await OpenOffice.open(self.folder, self.settings)
        self.server = make_server(self.office, self.stop_requested.set)
        try:
            await self.server.start()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Close it in good order."""
        await self.server.stop()
        await self.office.close()
        self._lock.release()
        clients, self._clients = self._clients, []
        for client in clients:
            await client.abort()
        browsers, self._browsers = self._browsers, []
        for browser in browsers:
            await browser.close()

    async def restart(self) -> None:
        """Close it and open it again, on other ports."""
        await self.stop()
        await self.start()

    async def create_accounts(self, *names: str) -> None:
        """Make accounts that all have ``PASSWORD``."""
        for name in names:
            await self.office.accounts.create(name, PASSWORD)

    async def connect(self, *, is_direct: bool = False) -> WireClient:
        """Open a connection; in clear text, or with direct TLS."""
        if self.carrier is Carrier.WEBSOCKET:
            return await self.connect_by_websocket()
        if self.carrier is Carrier.BOSH:
            return await self.connect_by_bosh()
        tls = client_tls(self.folder) if is_direct else None
        port = self.tls_port if is_direct else self.port
        return self._kept(await WireClient.connect(port, self.domain, tls=tls))

    async def connect_by_websocket(self, **headers: str) -> WebSocketClient:
        """Open a WebSocket."""
        client = await WebSocketClient.connect(
            self.http_port, self.domain, tls=client_tls(self.folder), **headers
        )
        self._kept(client)
        return client

    async def connect_by_bosh(self) -> BoshClient:
        """Open connections for BOSH."""
        tls = client_tls(self.folder)
        client = await BoshClient.connect(self.http_port, self.domain, tls=tls)
        self._kept(client)
        return client

    async def log_in(
        self,
        name: str,
        *,
        password: str = PASSWORD,
        is_direct: bool = False,
        language: str = "",
    ) -> WireClient:
        """Log a client in, as ``romeo/orchard``; it has sent no presence."""
        localpart, _, resource = name.partition("/")
        jid = f"{localpart}@{self.domain}" + (f"/{resource}" if resource else "")
        client = await self.connect(is_direct=is_direct)
        client.language = language
        is_in_clear = self.carrier is Carrier.TCP and not is_direct
        tls = client_tls(self.folder) if is_in_clear else None
        try:
            await client.enter(jid, password, tls=tls)
        except BaseException:
            self._clients.remove(client)
            raise
        return client

    async def end(self, client: WireClient, *, is_cut: bool = False) -> None:
        """End a client, in good order or by cutting its connection; ``stop`` ends the rest."""
        self._clients.remove(client)
        await (client.abort() if is_cut else client.close())

    def _kept(self, client: WireClient) -> WireClient:
        self._clients.append(client)
        return client


@contextlib.asynccontextmanager
async def running_office(
    folder: Path, *, settings: Settings | None = None, accounts: Sequence[str] = CAST
) -> AsyncIterator[RunningOffice]:
    """Make an office in a folder that is not there yet, and run it for the time of a block."""
    settings = settings or office_settings()
    await copied_office(folder, settings)
    office = RunningOffice(folder, settings)
    await office.start()
    try:
        await office.create_accounts(*accounts)
        yield office
    finally:
        await office.stop()


class OfficeProcess:
    """``python -m embedded_server run`` as a real process.

    Attributes:
        folder: The data folder; its office must have been made.
        ports: Where it listens, once it has started.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.endpoint: ControlEndpoint
        self._process: subprocess.Popen[bytes] | None = None
        self._log = folder.with_name(f"{folder.name}.log")

    @property
    def port(self) -> int:
        """Where clients begin with STARTTLS."""
        return self.endpoint.ports.c2s

    @property
    def tls_port(self) -> int:
        """Where clients begin with TLS."""
        return self.endpoint.ports.direct_tls

    @property
    def pid(self) -> int:
        """Of the process that runs."""
        assert self._process is not None
        return self._process.pid

    @property
    def log(self) -> str:
        """What it has written to its log."""
        return self._log.read_text(encoding="utf-8")

    def start(self) -> None:
        """Start it, and wait until it listens."""
        endpoint_file = self.folder / FILE_NAME
        endpoint_file.unlink(missing_ok=True)  # left by one that was killed
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*server_command(), "run", "--data", str(self.folder)],
                stdout=log,
                stderr=log,
                cwd=_ROOT,
            )
        deadline = time.monotonic() + _START_SECONDS
        while not endpoint_file.exists():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"the server did not start:\n{self.log}")
            time.sleep(_LOOK_SECONDS)
        self.endpoint = ControlEndpoint.from_json(endpoint_file.read_bytes())

    def kill(self) -> None:
        """End it as the operating system would, by SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(_STOP_SECONDS)
            self._process = None

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        if self._process is not None:
            self._process.send_signal(number)

    def stop(self) -> int:
        """Ask it to end by SIGTERM; return its exit status."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
        return self.wait()

    def wait(self) -> int:
        """Wait until it has ended, as somebody else has asked it; return its exit status."""
        if self._process is None:
            return 0
        process, self._process = self._process, None
        try:
            return process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(_STOP_SECONDS)
            raise


def server_command() -> list[str]:
    """How the server is called from the source tree."""
    return [sys.executable, "-m", "embedded_server"]


def run_server_command(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run one command of the server to its end."""
    return subprocess.run(
        [*server_command(), *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        cwd=_ROOT,
        env=os.environ,
        timeout=_START_SECONDS,
        check=False,
    )


async def made_office(folder: Path, *, settings: Settings | None = None) -> Path:
    """Make an office with the cast's accounts, without running it; returns its folder.

    It is not copied: a disk that writes down what happens to it must see all.
    """
    settings = settings or office_settings()
    await create_office(folder, settings)
    async with await OpenOffice.open(folder, settings) as office:
        for name in CAST:
            await office.accounts.create(name, PASSWORD)
    return folder


@contextlib.contextmanager
def office_process(folder: Path) -> Iterator[OfficeProcess]:
    """Run the server of a made office as a process for the time of a block."""
    process = OfficeProcess(folder)
    process.start()
    try:
        yield process
    finally:
        process.kill()


def change_settings(folder: Path, settings: Settings) -> None:
    """Write other settings into the folder of an office that does not run."""
    text = settings_file_text(replace(settings))
    (folder / "parlour.toml").write_text(text, encoding="utf-8")


def status_of(folder: Path) -> dict[str, object]:
    """What ``status --json`` says."""
    done = run_server_command("status", "--data", str(folder), "--json")
    status: dict[str, object] = json.loads(done.stdout)
    return status
