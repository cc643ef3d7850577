"""A server that is killed, stopped, or starved while everybody talks.

Security, section 10, faults F1, F3, F8, F12, F13 and F18.
"""

import asyncio
import contextlib
import random
import resource
import signal
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from embedded_server.config import DATABASE_FILE
from tests.faults.conversation import Talker
from tests.faults.managed_client import ManagedClient, pause
from tests.faults.plan import FaultPlan, soak_only
from tests.faults.server_stage import NAMES, ServerStage, choose_moment, server_stage
from tests.faults.waiting import wait_until
from tests.helpers.office import CAST, DOMAIN, LOOPBACK, PASSWORD, status_of
from tests.helpers.wire_client import Own, WireClient

STOP_SECONDS = 5.0
RECOVERY_SECONDS = 10.0
FEW_DESCRIPTORS = 64
MEMORY_BYTES = 256 * 1_048_576
HELD_BYTES = 65_536
SPARE_BYTES = 16 * 1_048_576  # what an allocator keeps, and pages of the database
FLOOD_MESSAGES = 200
FLOOD = f"<message to='nurse@{DOMAIN}' type='headline' id='f{{0}}'><body>{{1}}</body></message>"
MANY_CONNECTS = 200

pytestmark = [
    pytest.mark.asyncio,
    pytest.mark.timeout(3_600),
    pytest.mark.skipif(sys.platform != "linux", reason="limits of a running process: prlimit"),
]


@soak_only
async def test_f01_forty_clients_lose_nothing_by_a_hundred_kills(
    tmp_path: Path, plan: FaultPlan
) -> None:
    """ "20 + 20 clients, 200 msg/s, 100 kills at 0.2-5 s": ">= 20,000 acknowledged, 0 lost"."""
    chance = plan.chance()
    async with server_stage(tmp_path / "office", more_names=NAMES) as stage:
        conversation = stage.conversation(NAMES, per_second=15)
        async with conversation.going_on():
            for number in range(plan.kills):
                await moment_of_death(chance, conversation.talkers, is_timed=number % 2 == 0)
                stage.server.kill()
                await stage.restart()
            verdict = await conversation.come_to_rest(seconds=180)
        archives = await conversation.faults_of_archives(stage.way)
    plan.report(f"F1: {plan.kills} kills; {verdict}")

    assert verdict.faults == []
    assert archives == []
    assert verdict.acknowledged >= 200 * plan.kills


async def moment_of_death(
    chance: random.Random, talkers: Sequence[Talker], *, is_timed: bool
) -> None:
    if is_timed:
        await choose_moment(chance, talkers).wait()
    else:
        await pause(chance.uniform(0.2, 5.0))


async def test_f03_graceful_stop_under_load_loses_nothing(tmp_path: Path, plan: FaultPlan) -> None:
    """ "50 graceful stops under load": "0 lost, < 5 s, ``system-shutdown``"."""
    chance = plan.chance()
    longest = 0.0
    async with server_stage(tmp_path / "office") as stage:
        conversation = stage.conversation(CAST, per_second=100)
        async with conversation.going_on():
            for _ in range(plan.graceful_stops):
                await pause(chance.uniform(0.3, 1.0))
                began = time.monotonic()
                status = await asyncio.to_thread(stage.server.stop)
                longest = max(longest, time.monotonic() - began)
                assert status == 0, stage.server.log
                await stage.restart()
            verdict = await conversation.come_to_rest()
        said = {client.last_error for client in conversation.clients}
        archives = await conversation.faults_of_archives(stage.way)
    plan.report(f"F3: {plan.graceful_stops} stops, {longest:.2f} s at most; {verdict}")

    assert longest < STOP_SECONDS
    assert "system-shutdown" in said
    assert verdict.faults == []
    assert archives == []
    assert "ERROR" not in stage.server.log


async def test_f08_files_that_cannot_grow_refuse_and_recover(
    tmp_path: Path, plan: FaultPlan
) -> None:
    """ "Small tmpfs or RLIMIT_FSIZE": the real system call fails here."""
    async with server_stage(tmp_path / "office") as stage:
        conversation = stage.conversation(CAST, per_second=50)
        log = conversation.talkers[0].log
        async with conversation.going_on():
            await wait_until(lambda: len(log.acknowledged) >= 20)
            with no_longer_files(stage):
                await wait_until(lambda: len(log.refused) >= 10)
                told = status_of(stage.server.folder)["storage"]
            began = time.monotonic()
            enough = len(log.acknowledged) + 1
            await wait_until(lambda: len(log.acknowledged) >= enough)
            took = time.monotonic() - began
            verdict = await conversation.come_to_rest()
            told_after = status_of(stage.server.folder)["storage"]
        archives = await conversation.faults_of_archives(stage.way)
    plan.report(f"F8, RLIMIT_FSIZE: back after {took:.2f} s; {verdict}")

    assert set(log.refused.values()) == {"resource-constraint"}
    assert told != "ok"
    assert told_after == "ok"
    assert took < RECOVERY_SECONDS
    assert verdict.faults == []
    assert archives == []
    assert_sound(tmp_path / "office")


async def test_f12_server_out_of_descriptors_serves_and_recovers(
    tmp_path: Path, plan: FaultPlan
) -> None:
    """ "``ulimit -n 64``, 200 connects": "keeps serving, recovers"."""
    async with server_stage(tmp_path / "office") as stage:
        conversation = stage.conversation(CAST, per_second=20)
        log = conversation.talkers[0].log
        async with conversation.going_on():
            await wait_until(lambda: len(log.acknowledged) >= 5)
            with few_descriptors(stage):
                async with many_connections(stage.server.port, MANY_CONNECTS):
                    await wait_until(lambda: "no more connections" in stage.server.log)
                    enough = len(log.acknowledged) + 20
                    await wait_until(lambda: len(log.acknowledged) >= enough)
                nurse = ManagedClient(stage.way, f"nurse@{DOMAIN}/door")
                async with asyncio.timeout(RECOVERY_SECONDS):
                    await nurse.connect()
                    await nurse.leave()
            verdict = await conversation.come_to_rest()
    plan.report(f"F12: {verdict}")

    assert verdict.faults == []


@pytest.mark.parametrize("is_soak", [pytest.param(True, marks=soak_only), False])
async def test_f13_slow_readers_do_not_use_up_the_memory(
    tmp_path: Path, plan: FaultPlan, *, is_soak: bool
) -> None:
    """ "256 MiB, 1,000 slow readers": "slow ones cut, no kill, oracle of F1"."""
    count = 1_000 if is_soak else 50
    async with server_stage(tmp_path / "office") as stage:
        conversation = stage.conversation(CAST, per_second=50)
        readers = [await slow_reader(stage, f"nurse@{DOMAIN}/slow{n}") for n in range(count)]
        before = memory_of(stage)
        async with conversation.going_on():
            log = conversation.talkers[0].log
            await wait_until(lambda: len(log.acknowledged) >= 20)
            await flood(stage, f"romeo@{DOMAIN}/flood")
            most = memory_of(stage)
            verdict = await conversation.come_to_rest(seconds=120)
        for reader in readers:
            await reader.abort()
    grown = (most - before) / 1_048_576
    plan.report(f"F13: {count} slow readers, {grown:.0f} MiB more in use; {verdict}")

    assert verdict.faults == []
    assert most < MEMORY_BYTES
    assert most - before < 2 * count * HELD_BYTES + SPARE_BYTES


async def flood(stage: ServerStage, jid: str) -> None:
    """Send many long messages that go to every device of the nurse."""
    client = await WireClient.connect(stage.server.tls_port, DOMAIN, tls=stage.way.tls)
    await client.enter(jid, PASSWORD, tls=None)
    for number in range(FLOOD_MESSAGES):
        client.send(FLOOD.format(number, "x" * 4_000))
        await client.drain()
    client.send("<iq type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>")
    await client.receive_id("p", seconds=120)
    await client.close()


async def slow_reader(stage: ServerStage, jid: str) -> WireClient:
    """Log in, become available, and read nothing more."""
    client = await WireClient.connect(
        stage.server.tls_port, DOMAIN, tls=stage.way.tls, own=Own(receive_buffer_bytes=4_096)
    )
    await client.enter(jid, PASSWORD, tls=None)
    client.send("<presence/>")
    return client


def memory_of(stage: ServerStage) -> int:
    """Return what the server has in memory, in bytes."""
    pages = int(Path(f"/proc/{stage.server.pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize()


@soak_only
async def test_f18_server_that_slept_wakes_without_loss(tmp_path: Path, plan: FaultPlan) -> None:
    """ "SIGSTOP ... server 2 min": "< 5 s after waking, 0 lost"."""
    async with server_stage(tmp_path / "office") as stage:
        conversation = stage.conversation(CAST, per_second=20)
        log = conversation.talkers[0].log
        async with conversation.going_on():
            await wait_until(lambda: len(log.acknowledged) >= 20)
            stage.server.signal(signal.SIGSTOP)
            await pause(plan.sleep_seconds)
            stage.server.signal(signal.SIGCONT)
            began = time.monotonic()
            enough = len(log.acknowledged) + 1
            await wait_until(lambda: len(log.acknowledged) >= enough)
            took = time.monotonic() - began
            verdict = await conversation.come_to_rest()
    plan.report(f"F18: back {took:.2f} s after waking; {verdict}")

    assert took < STOP_SECONDS
    assert verdict.faults == []


@contextlib.contextmanager
def limited(stage: ServerStage, kind: int, value: int) -> Iterator[None]:
    """Lower a limit of the running server for the time of a block."""
    soft, hard = resource.prlimit(stage.server.pid, kind)
    resource.prlimit(stage.server.pid, kind, (value, hard))
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            resource.prlimit(stage.server.pid, kind, (soft, hard))


def no_longer_files(stage: ServerStage) -> AbstractContextManager[None]:
    """Let no file grow beyond what the log of the database has now."""
    size = (stage.server.folder / f"{DATABASE_FILE}-wal").stat().st_size
    return limited(stage, resource.RLIMIT_FSIZE, size)


def few_descriptors(stage: ServerStage) -> AbstractContextManager[None]:
    """Let the server open few files more."""
    return limited(stage, resource.RLIMIT_NOFILE, FEW_DESCRIPTORS)


@contextlib.asynccontextmanager
async def many_connections(port: int, count: int) -> AsyncIterator[None]:
    """Open connections that say nothing."""
    writers = []
    for _ in range(count):
        with contextlib.suppress(OSError):
            _reader, writer = await asyncio.open_connection(LOOPBACK, port)
            writers.append(writer)
    try:
        yield
    finally:
        for writer in writers:
            writer.transport.abort()


def assert_sound(folder: Path) -> None:
    with contextlib.closing(sqlite3.connect(folder / DATABASE_FILE)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
