"""An upgrade of the database that is killed, or loses power, at any moment (fault F15).

"kill -9 at every migration statement": "next start ends at head; counts and checksums equal". The
disk is recorded instead, which sees every moment between statements and within them.
"""

import asyncio
import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import create_engine

from embedded_server.storage.database import Database
from embedded_server.storage.messages.message_store import MessageStore
from embedded_server.storage.schema_upgrade import migration_settings
from embedded_server.storage.tables import SCHEMA_VERSION
from embedded_server.storage.writer import StorageWriter
from tests.faults.plan import FaultPlan
from tests.faults.power_cut import cut_at, killed_at, write_disk
from tests.faults.sqlite_disk import DiskEvent, FaultyDisk
from tests.helpers.stored_messages import all_waiting

NAME = "parlour.db"
MESSAGES = 200
UNTOUCHED = {  # columns of the first version that every later one keeps
    "accounts": "id, localpart, created_at",
    "scram_keys": "account_id, hash, salt, iterations, stored_key, server_key",
    "roster_items": "account_id, jid, name, subscription, is_asked, is_approved",
    "roster_groups": "roster_item_id, position, name",
    "secrets": "name, value",
}


def old_database(path: Path) -> None:
    """Make a database of the first version, with two accounts and what belongs to them."""
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        command.upgrade(migration_settings(connection), "0001")
        run = connection.exec_driver_sql
        run("INSERT INTO versions VALUES (1, 1, 1)")
        run("INSERT INTO secrets VALUES ('fake salts', x'0102')")
        for key, name in ((1, "romeo"), (2, "juliet")):
            run("INSERT INTO accounts VALUES (?, ?, 1000.0, 0, 3)", (key, name))
            run("INSERT INTO scram_keys VALUES (?, 'sha256', x'01', 4096, x'02', x'03')", (key,))
        run("INSERT INTO roster_items VALUES (1, 2, 'romeo@montague.lit', 'R.', 'both', 0, 0)")
        run("INSERT INTO roster_groups VALUES (1, 0, 'Verona')")
        for number in range(MESSAGES):
            stanza = f"<message id='{number}'><body>{number}</body></message>".encode()
            row = (number + 1, "romeo@montague.lit", f"o{number}", stanza, 1_000.0 + number)
            run("INSERT INTO spooled_messages VALUES (?, 2, ?, ?, ?, ?)", row)
    engine.dispose()


def recorded_upgrade(folder: Path) -> list[DiskEvent]:
    """Let the program open the old database, on a disk that records."""
    disk = FaultyDisk(recorded_folder=folder)
    with disk.mounted():
        Database.open(folder / NAME).close()
    return disk.taken()


def checksum(path: Path) -> str:
    """Return one sum over all that no migration may change."""
    with closing(sqlite3.connect(path)) as connection:
        rows = [
            connection.execute(f"SELECT {columns} FROM {table} ORDER BY 1, 2").fetchall()  # noqa: S608 - ours
            for table, columns in UNTOUCHED.items()
        ]
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def version_of(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("SELECT schema_version FROM versions").fetchone()[0])


async def waiting_bodies(path: Path) -> list[bytes]:
    """Open what was left, as the next start does; return what waits for Juliet."""
    database = Database.open(path)
    writer = StorageWriter(database)
    writer.start()
    store = MessageStore(writer)
    await store.load(was_closed=False)
    waiting = [one.stanza for one in await all_waiting(store, "juliet")]
    await writer.stop()
    database.close()
    return waiting


@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("is_power_cut", [False, True], ids=["killed", "power cut"])
def test_f15_upgrade_that_ends_at_any_moment_is_finished_by_the_next_start(
    tmp_path: Path, plan: FaultPlan, *, is_power_cut: bool
) -> None:
    chance = plan.chance()
    folder = tmp_path / "old"
    folder.mkdir()
    old_database(folder / NAME)
    before = checksum(folder / NAME)
    events = recorded_upgrade(folder)
    beginning = 2  # the events that tell what was there
    count = min(plan.upgrade_cuts, len(events) - beginning)
    moments = sorted(chance.sample(range(beginning, len(events) + 1), count))

    for moment in moments:
        left = tmp_path / f"{moment}"
        disk = cut_at(events, moment, chance) if is_power_cut else killed_at(events, moment)
        write_disk(disk, left)
        waiting = asyncio.run(waiting_bodies(left / NAME))

        assert version_of(left / NAME) == SCHEMA_VERSION, moment
        assert checksum(left / NAME) == before, moment
        assert len(waiting) == MESSAGES, moment
        assert all(b"<body>%d<" % number in one for number, one in enumerate(waiting))
    plan.report(f"F15: {len(moments)} of {len(events)} moments")
