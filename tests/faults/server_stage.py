"""A real server process at ports that stay, and everybody who talks through it."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

from embedded_server.administration.open_office import OpenOffice
from embedded_server.config import Settings
from tests.faults.conversation import Conversation, Listener, Talker
from tests.faults.managed_client import Way
from tests.faults.plan import unlimited
from tests.helpers.office import (
    DOMAIN,
    PASSWORD,
    OfficeProcess,
    change_settings,
    client_tls,
    made_office,
    office_process,
)

NAMES = tuple(f"capulet{number}" for number in range(20))


class ServerStage:
    """A server that comes back where it was.

    Attributes:
        server: The process.
        way: How clients reach it.
    """

    def __init__(self, server: OfficeProcess) -> None:
        self.server = server
        self.way = Way(lambda: server.tls_port, client_tls(server.folder), PASSWORD)

    def conversation(
        self, names: Sequence[str], *, per_second: float, window: int = 20
    ) -> Conversation:
        """Let each write to the next, with one device that writes and one that listens."""
        pairs = zip(names, (*names[1:], names[0]), strict=True)
        talkers = [
            Talker(
                self.way,
                f"{one}@{DOMAIN}/pen",
                f"{other}@{DOMAIN}",
                per_second=per_second,
                window=window,
            )
            for one, other in pairs
        ]
        return Conversation(talkers, [Listener(self.way, f"{one}@{DOMAIN}/ear") for one in names])

    async def restart(self) -> None:
        """Start the server again; it must have ended."""
        before = self.server.endpoint.ports
        await asyncio.to_thread(self.server.start)
        assert self.server.endpoint.ports == before


def keep_ports(server: OfficeProcess, settings: Settings) -> None:
    """Let the office listen where it listens now, also after the next start."""
    ports = server.endpoint.ports
    fixed = replace(
        settings.server, port=ports.c2s, tls_port=ports.direct_tls, http_port=ports.http
    )
    change_settings(server.folder, replace(settings, server=fixed))


@contextlib.asynccontextmanager
async def server_stage(
    folder: Path, *, more_names: Sequence[str] = (), settings: Settings | None = None
) -> AsyncIterator[ServerStage]:
    """Make an office, and run it as a process for the time of a block."""
    settings = settings or unlimited()
    await made_office(folder, settings=settings)
    if more_names:
        async with await OpenOffice.open(folder, settings) as office:
            for name in more_names:
                await office.accounts.create(name, PASSWORD)
    with office_process(folder) as server:
        keep_ports(server, settings)
        yield ServerStage(server)


def choose_moment(chance: random.Random, talkers: Sequence[Talker]) -> asyncio.Event:
    """Return an event that comes with one of the next acknowledgements of somebody.

    "The gap between acknowledgement and commit is about 1 ms": kills at random do not see it.
    """
    moment = asyncio.Event()
    remaining = chance.randint(1, 40)

    def count() -> None:
        nonlocal remaining
        remaining -= 1
        if remaining == 0:
            moment.set()

    for talker in talkers:
        talker.on_acknowledged = count
    return moment
