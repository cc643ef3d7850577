"""What the interop tests need to know of a server, whoever wrote it."""

import asyncio
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from communicator.hosting.control_client import read_endpoint
from communicator.hosting.office_hosting import AUTHORITY_NAME, ProcessOfficeHosting
from communicator.state.account import Account
from shared_protocol.addresses import BareJid
from tests.helpers.foreign_programs import LOOPBACK
from tests.helpers.prosody import Prosody

PASSWORD = "a rose by any other name"
NAMES = ("romeo", "juliet")
OFFICE_DOMAIN = "verona.example"
ANY_PORTS = ("--listen", LOOPBACK, "--port", "0", "--tls-port", "0", "--http-port", "0")


@dataclass(frozen=True)
class ChatServer:
    """A running server with accounts for ``NAMES``, all with ``PASSWORD``."""

    domain: str
    authority: Path
    c2s_port: int
    direct_tls_port: int
    http_port: int = 0

    def account(self, name: str, *, is_direct_tls: bool = False) -> Account:
        """How our client finds the account."""
        return Account(
            BareJid.parse(f"{name}@{self.domain}"),
            host=LOOPBACK,
            port=self.direct_tls_port if is_direct_tls else self.c2s_port,
            is_direct_tls=is_direct_tls,
            authority_pem=self.authority.read_text(),
        )


def new_id() -> str:
    """An id for life: a server drops a message whose id it has seen."""
    return str(uuid.uuid4())


def chat_server_of(prosody: Prosody) -> ChatServer:
    """Make the accounts at Prosody."""
    for name in NAMES:
        prosody.add_account(name, PASSWORD)
    return ChatServer(
        prosody.domain, prosody.authority.path, prosody.c2s_port, prosody.direct_tls_port
    )


def add_account(folder: Path, name: str) -> None:
    """Make an account in an office of ours, as its administrator does."""
    command = [sys.executable, "-m", "embedded_server", "accounts", "create", name]
    subprocess.run(
        [*command, "--data", str(folder), "--password-stdin"],
        input=f"{PASSWORD}\n".encode(),
        stdout=subprocess.DEVNULL,
        check=True,
    )


@contextmanager
def running_office(folder: Path) -> Iterator[ChatServer]:
    """Make and run an office of ours, as the communicator does."""
    hosting = ProcessOfficeHosting(run_options=ANY_PORTS)
    asyncio.run(_open(hosting, folder))
    try:
        for name in NAMES[1:]:
            add_account(folder, name)
        ports = read_endpoint(folder).ports
        yield ChatServer(
            OFFICE_DOMAIN, folder / AUTHORITY_NAME, ports.c2s, ports.direct_tls, ports.http
        )
    finally:
        asyncio.run(hosting.stop(folder))


async def _open(hosting: ProcessOfficeHosting, folder: Path) -> None:
    await hosting.create(folder, domain=OFFICE_DOMAIN, owner=NAMES[0], password=PASSWORD)
    await hosting.start(folder)
