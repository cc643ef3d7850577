"""What was acknowledged survives loss of power (security, section 10, fault F2).

"VFS log replay, 1,000 cuts, torn writes": "FULL 0 lost, 0 damaged; NORMAL must fail in the same
run". A real office runs on a disk that records, and a client notes in the same record what the
server has acknowledged. Then the disk is rebuilt as of many moments.
"""

import contextlib
import random
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from embedded_server.config import DATABASE_FILE
from embedded_server.storage.database import Database
from embedded_server.storage.messages.message_store import MessageStore
from embedded_server.storage.writer import StorageWriter
from tests.faults.archive_pages import whole_archive
from tests.faults.conversation import Conversation, Talker
from tests.faults.managed_client import Way
from tests.faults.plan import FaultPlan, unlimited
from tests.faults.power_cut import cut_at, moments, write_disk
from tests.faults.sqlite_disk import DiskEvent, FaultyDisk
from tests.helpers.office import (
    DOMAIN,
    PASSWORD,
    RunningOffice,
    client_tls,
    made_office,
)
from tests.helpers.stored_messages import all_waiting, origin_ids_on_disk

ROMEO = f"romeo@{DOMAIN}/orchard"
JULIET = f"juliet@{DOMAIN}"
MESSAGES = 120
WINDOWS = (1, 5, 20)
OPENED_BY_THE_SERVER = 10  # of the disks that are left; the others are read by SQLite alone


class Damage(NamedTuple):
    """What the cuts did: how many of them lost promised messages, and how many broke the file."""

    losing: int
    most_lost: int
    broken: int


@contextlib.contextmanager
def weakened(pragma: str) -> Iterator[None]:
    """Let every database of this block run with one more pragma: the control experiment."""
    original = Database.connect_for_writing

    def connect(self: Database) -> object:
        connection = original(self)
        connection.connection.driver_connection.execute(pragma)
        return connection

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Database, "connect_for_writing", connect)
        yield


async def recorded(folder: Path, chance: random.Random, *, pragma: str = "") -> list[DiskEvent]:
    """Run an office for some messages; returns what its disk did and its clients were told."""
    disk = FaultyDisk(recorded_folder=folder)
    with disk.mounted(), weakened(pragma) if pragma else contextlib.nullcontext():
        await made_office(folder, settings=unlimited())
        office = RunningOffice(folder, unlimited())
        await office.start()
        try:
            way = Way(lambda: office.tls_port, client_tls(folder), PASSWORD)
            talker = Talker(way, ROMEO, JULIET, per_second=2_000, window=chance.choice(WINDOWS))
            known: set[str] = set()

            def note() -> None:
                disk.mark(frozenset(talker.log.acknowledged - known))
                known.update(talker.log.acknowledged)

            talker.on_acknowledged = note
            talker.limit(MESSAGES)
            conversation = Conversation([talker], [])
            async with conversation.going_on():
                await talker.written()
                await conversation.come_to_rest()
            return disk.taken()
        finally:
            await office.stop()


def lost_and_broken(folder: Path, promised: set[str]) -> tuple[int, bool]:
    """Look into the database that was left; returns how many promises are gone."""
    try:
        with contextlib.closing(sqlite3.connect(folder / DATABASE_FILE)) as connection:
            is_sound = connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        kept = origin_ids_on_disk(folder / DATABASE_FILE)
    except sqlite3.DatabaseError:
        return len(promised), True
    return len(promised - kept), not is_sound


def promised_until(events: Sequence[DiskEvent], moment: int) -> set[str]:
    return {name for event in events[:moment] if event.kind == "mark" for name in event.mark}


def damage_of(
    events: Sequence[DiskEvent], cuts: int, folder: Path, chance: random.Random
) -> Damage:
    losing = most = broken = 0
    first = next(place for place, event in enumerate(events) if event.kind == "mark")
    for number, moment in enumerate(moments(events, cuts, chance, first=first)):
        left = folder / f"{number}"
        write_disk(cut_at(events, moment, chance), left)
        lost, is_broken = lost_and_broken(left, promised_until(events, moment))
        losing, most, broken = losing + (lost > 0), max(most, lost), broken + is_broken
    return Damage(losing, most, broken)


@pytest.mark.asyncio
@pytest.mark.timeout(600)
async def test_f02_acknowledged_messages_survive_loss_of_power(
    tmp_path: Path, plan: FaultPlan
) -> None:
    chance = plan.chance()
    settings = {"as built": "", "NORMAL": "PRAGMA synchronous=NORMAL"}
    found: dict[str, Damage] = {}
    for name, pragma in settings.items():
        damages = []
        for recording in range(plan.recordings):
            folder = tmp_path / f"{name}{recording}"
            events = await recorded(folder, chance, pragma=pragma)
            cuts = plan.power_cuts // plan.recordings
            damages.append(damage_of(events, cuts, folder.with_name(f"{folder.name} cut"), chance))
        found[name] = Damage(
            sum(one.losing for one in damages),
            max(one.most_lost for one in damages),
            sum(one.broken for one in damages),
        )
        plan.report(f"F2, {name}: {plan.power_cuts} cuts, {found[name]}")

    assert found["as built"] == Damage(0, 0, 0)
    assert found["NORMAL"].losing > plan.power_cuts // 10  # else the test sees nothing


async def archive_of(folder: Path) -> list[str]:
    """Start the office as after the return of the power; returns Juliet's archive."""
    office = RunningOffice(folder, unlimited())
    await office.start()
    try:
        way = Way(lambda: office.tls_port, client_tls(folder), PASSWORD)
        return [one.shown.origin_id for one in await whole_archive(way, JULIET)]
    finally:
        await office.stop()


@pytest.mark.asyncio
@pytest.mark.timeout(300)
async def test_f02_office_opens_again_after_loss_of_power(tmp_path: Path, plan: FaultPlan) -> None:
    """Section 8.3: "``PRAGMA quick_check`` at start after an unclean stop"; and nothing is lost."""
    chance = plan.chance()
    events = await recorded(tmp_path / "office", chance)
    first = next(place for place, event in enumerate(events) if event.kind == "mark")

    for number, moment in enumerate(moments(events, OPENED_BY_THE_SERVER, chance, first=first)):
        left = tmp_path / f"cut{number}"
        write_disk(cut_at(events, moment, chance), left)
        database = Database.open(left / DATABASE_FILE)
        writer = StorageWriter(database)
        writer.start()
        store = MessageStore(writer)
        await store.load(was_closed=False)
        kept = b"".join(one.stanza for one in await all_waiting(store, "juliet")).decode()
        await writer.stop()
        database.close()

        shutil.copytree(
            tmp_path / "office",
            left,
            ignore=shutil.ignore_patterns(f"{DATABASE_FILE}*"),
            dirs_exist_ok=True,
        )
        archive = await archive_of(left)
        assert [one for one in promised_until(events, moment) if one not in archive] == []
        assert len(archive) == len(set(archive))
        assert not database.was_closed
        assert [one for one in promised_until(events, moment) if one not in kept] == []
