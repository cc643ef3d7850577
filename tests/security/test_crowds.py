"""Thousands who connect and do not log in shut no colleague out (docs/security.md, rows 8, 9)."""

import asyncio
import contextlib
import sys
import time
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.faults.plan import plan_from_environment
from tests.helpers.office import CAST, RunningOffice, office_settings, running_office
from tests.helpers.wire_client import StreamEndedError
from tests.security.attack_stage import connections_of, header, no_limits

pytestmark = [
    pytest.mark.asyncio,
    pytest.mark.network,
    pytest.mark.timeout(900),
    pytest.mark.skipif(sys.platform != "linux", reason="other addresses of the loopback interface"),
]

ROOT = Path(__file__).parents[2]
CROWD = 20_000 if plan_from_environment().soak_seconds else 1_000
LOGIN_SECONDS = 20.0  # most of it the crowd's own work, on the same processors
LOGINS = 10


@contextlib.asynccontextmanager
async def crowd(port: int, count: int, addresses: int, spoken: str) -> AsyncIterator[None]:
    """Let a crowd stand before the door for the time of a block."""
    command = [sys.executable, "-m", "tests.security.crowd"]
    process = await asyncio.create_subprocess_exec(
        *command,
        f"{port}",
        f"{count}",
        f"{addresses}",
        spoken,
        cwd=ROOT,
        stdout=PIPE,
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(120):
            assert await process.stdout.readline() == b"full\n"
        yield
    finally:
        process.kill()
        await process.communicate()


async def come_in(office: RunningOffice, name: str) -> int:
    """Log in as often as it takes; returns how many tries it took."""
    for tries in range(1, 100):
        with contextlib.suppress(OSError, StreamEndedError):
            client = await office.log_in(f"{name}/desk", is_direct=tries % 2 == 0)
            await office.end(client)
            return tries
    raise AssertionError("shut out")


@pytest.mark.parametrize(
    ("addresses", "spoken"),
    [(30, ""), (30, header()[:20]), (CROWD, ""), (CROWD, header()[:20])],
    ids=["thirty, silent", "thirty, half a word", "each its own, silent", "each, half a word"],
)
async def test_r09_crowd_that_does_not_log_in_shuts_nobody_out(
    tmp_path: Path, addresses: int, spoken: str
) -> None:
    """ "20,000 half-open or silent connections do not shut colleagues out"."""
    plan = plan_from_environment()
    limits = no_limits(counts_loopback=True)
    async with running_office(
        tmp_path / "office", settings=office_settings(limits=limits)
    ) as office:
        await come_in(office, "nurse")  # there have been colleagues before the crowd
        tries, took = [], []
        async with crowd(office.port, CROWD, addresses, spoken):
            for number in range(LOGINS):
                began = time.monotonic()
                tries.append(await come_in(office, CAST[number % len(CAST)]))
                took.append(time.monotonic() - began)
            inside = len(connections_of(office))
        plan.report(
            f"crowd of {CROWD} from {addresses}: {inside} inside, logins took {max(took):.2f} s at "
            f"most, {sum(tries)} tries for {LOGINS}"
        )

        assert sum(tries) <= LOGINS + 2
        assert inside <= office.settings.limits.connections_before_login + LOGINS
        assert max(took) < LOGIN_SECONDS
