"""A disk that is full, fails, or is slow, and a database that another program holds.

Security, section 10, faults F8, F9 and F10; section 8: "an error of a sync is final: stop
acknowledging, go read-only, tell the administrator"; "Disk full: no acknowledgement,
``resource-constraint`` of type wait, back to normal within 10 s of space, no restart".
"""

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from embedded_server.config import DATABASE_FILE
from tests.faults.conversation import Conversation, Listener, Talker
from tests.faults.loop_lag import LoopLag
from tests.faults.managed_client import Way
from tests.faults.plan import FaultPlan, unlimited
from tests.faults.power_cut import cut_at, write_disk
from tests.faults.sqlite_disk import OK, FailingSyncs, FaultyDisk, FullDisk, SlowSyncs
from tests.faults.waiting import wait_until
from tests.helpers.office import DOMAIN, PASSWORD, RunningOffice, client_tls, made_office
from tests.helpers.stored_messages import origin_ids_on_disk

ROMEO = f"romeo@{DOMAIN}/orchard"
JULIET = f"juliet@{DOMAIN}/balcony"
RECOVERY_SECONDS = 10.0
LOCK_SECONDS = 7.0  # more than SQLite's own patience of 5 s
LONGEST_LAG_SECONDS = 0.05

pytestmark = [pytest.mark.asyncio, pytest.mark.timeout(120)]


class Stage:
    """An office on a faulty disk, with one who talks and one who listens."""

    def __init__(self, office: RunningOffice, disk: FaultyDisk) -> None:
        self.office = office
        self.disk = disk
        way = Way(lambda: office.tls_port, client_tls(office.folder), PASSWORD)
        self.talker = Talker(way, ROMEO, f"juliet@{DOMAIN}", per_second=100)
        self.listener = Listener(way, JULIET)
        self.conversation = Conversation([self.talker], [self.listener])

    @property
    def storage(self) -> str:
        """What ``status`` says of the storage."""
        return str(self.office.server.status()["storage"])

    async def acknowledged(self, more: int) -> None:
        """Wait until so many more messages are acknowledged."""
        log = self.talker.log
        enough = len(log.acknowledged) + more
        await wait_until(lambda: len(log.acknowledged) >= enough)

    async def refused(self, more: int) -> None:
        """Wait until so many more messages are refused."""
        log = self.talker.log
        enough = len(log.refused) + more
        await wait_until(lambda: len(log.refused) >= enough)


@contextlib.asynccontextmanager
async def staged(folder: Path, *, is_recording: bool = False) -> AsyncIterator[Stage]:
    disk = FaultyDisk(recorded_folder=folder if is_recording else None)
    with disk.mounted():
        await made_office(folder, settings=unlimited())
        office = RunningOffice(folder, unlimited())
        await office.start()
        try:
            yield Stage(office, disk)
        finally:
            await office.stop()


async def test_f08_full_disk_refuses_and_recovers_without_hands(
    tmp_path: Path, plan: FaultPlan
) -> None:
    async with staged(tmp_path / "office") as stage, stage.conversation.going_on():
        await stage.acknowledged(20)

        full = stage.disk.fault = FullDisk()
        full.is_full = True
        await stage.refused(20)
        refused, acknowledged = set(stage.talker.log.refused), len(stage.talker.log.acknowledged)
        told = stage.storage
        full.is_full = False
        began = time.monotonic()
        await stage.acknowledged(1)
        took = time.monotonic() - began
        verdict = await stage.conversation.come_to_rest()

        assert stage.storage == "ok"
    plan.report(f"F8: back {took:.2f} s after there was space; {verdict}")
    assert "disk is full" in told
    assert set(stage.talker.log.refused.values()) == {"resource-constraint"}
    assert took < RECOVERY_SECONDS
    assert verdict.faults == []
    assert refused.isdisjoint(stage.listener.log.came)
    assert acknowledged >= 20


async def test_f08_status_is_well_again_though_nobody_writes(tmp_path: Path) -> None:
    async with staged(tmp_path / "office") as stage:
        full = stage.disk.fault = FullDisk()
        full.is_full = True
        async with stage.conversation.going_on():
            await stage.refused(1)

        full.is_full = False

        async with asyncio.timeout(RECOVERY_SECONDS):
            await wait_until(lambda: stage.storage == "ok")


async def test_f08_disk_that_is_full_between_log_and_database_loses_nothing(
    tmp_path: Path, plan: FaultPlan
) -> None:
    """The write-ahead log still grows, while a checkpoint finds no space."""
    async with staged(tmp_path / "office") as stage:
        full = FullDisk()
        full.is_full = True
        stage.disk.fault = lambda kind, file: full(kind, file) if file == DATABASE_FILE else OK
        stage.talker.hurry()
        async with stage.conversation.going_on():
            await wait_until(lambda: bool(full.refusals))
            full.is_full = False
            verdict = await stage.conversation.come_to_rest()
    plan.report(f"F8, checkpoint: {full.refusals} writes found no space; {verdict}")

    assert verdict.faults == []
    assert_sound(tmp_path / "office")


@pytest.mark.parametrize("is_lasting", [False, True])
async def test_f09_failed_sync_ends_all_acknowledgement(
    tmp_path: Path, plan: FaultPlan, *, is_lasting: bool
) -> None:
    """ "EIO on the nth sync"; "Never repeat the sync and call it success"."""
    chance = plan.chance()
    async with staged(tmp_path / "office", is_recording=True) as stage:
        async with stage.conversation.going_on():
            await stage.acknowledged(20)
            stage.disk.fault = FailingSyncs(chance.randint(1, 5), is_lasting=is_lasting)
            await wait_until(lambda: stage.storage != "ok")
            await stage.refused(20)
            told = stage.storage
        verdict = stage.conversation.judge()
    plan.report(f"F9: {verdict}")

    assert "started again" in told
    assert set(stage.talker.log.acknowledged) - stored_ids(tmp_path / "office") == set()
    assert [one for one in verdict.faults if "missing" not in one] == []


async def test_f09_no_promise_rests_on_a_sync_that_failed(tmp_path: Path, plan: FaultPlan) -> None:
    """What a failed sync carried may be gone, though the kernel still shows it."""
    chance = plan.chance()
    for round_number in range(plan.failing_syncs):
        folder = tmp_path / f"office{round_number}"
        async with staged(folder, is_recording=True) as stage:
            lonely = Conversation([stage.talker], [])
            async with lonely.going_on():
                await stage.acknowledged(chance.randint(1, 30))
                ending = chance.choice(("-wal", ""))
                stage.disk.fault = FailingSyncs(chance.randint(1, 4), file_ending=ending)
                await stage.refused(1)
            promised = set(stage.talker.log.acknowledged)
            events = stage.disk.taken()
        left = tmp_path / f"cut{round_number}"
        write_disk(cut_at(events, len(events), chance), left)

        assert promised - stored_ids(left) == set()
        assert_sound(left)


async def test_f09_slow_syncs_do_not_stall_the_loop(tmp_path: Path, plan: FaultPlan) -> None:
    """ "Syncs of 2 s": "loop lag < 50 ms"."""
    async with staged(tmp_path / "office") as stage, stage.conversation.going_on():
        await stage.acknowledged(5)
        slow = stage.disk.fault = SlowSyncs(2.0)
        async with LoopLag() as lag:
            await wait_until(lambda: slow.count >= 2)
            await stage.office.log_in("nurse/kitchen", is_direct=True)
        stage.disk.fault = lambda _kind, _file: OK
        verdict = await stage.conversation.come_to_rest()
    plan.report(f"F9, slow: the loop was busy for {lag.most_worked_seconds * 1e3:.0f} ms at most")

    assert lag.most_worked_seconds < LONGEST_LAG_SECONDS
    assert verdict.faults == []


async def test_f10_locked_database_lets_writes_wait(tmp_path: Path, plan: FaultPlan) -> None:
    """ "SQLite locked 10 s": "sessions stay; 0 lost; < 5 s after"."""
    async with staged(tmp_path / "office") as stage, stage.conversation.going_on():
        await stage.acknowledged(5)
        with contextlib.closing(sqlite3.connect(tmp_path / "office" / DATABASE_FILE)) as other:
            other.isolation_level = None
            other.execute("BEGIN IMMEDIATE")
            began = time.monotonic()
            await wait_until(lambda: time.monotonic() - began > LOCK_SECONDS)
            told = stage.storage
            other.execute("ROLLBACK")
        began = time.monotonic()
        await stage.acknowledged(1)
        took = time.monotonic() - began
        verdict = await stage.conversation.come_to_rest()
        logins = stage.talker.client.begun, stage.listener.client.begun
    plan.report(f"F10: back {took:.2f} s after the lock; {verdict}")

    assert "locked" in told
    assert took < 5
    assert logins == (1, 1)
    assert verdict.refused == 0
    assert verdict.faults == []


def stored_ids(folder: Path) -> set[str]:
    return origin_ids_on_disk(folder / DATABASE_FILE)


def assert_sound(folder: Path) -> None:
    with contextlib.closing(sqlite3.connect(folder / DATABASE_FILE)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
