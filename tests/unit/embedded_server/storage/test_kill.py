"""What was acknowledged survives kill -9 (security.md section 10, fault F1, of the store alone)."""

import contextlib
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from embedded_server.storage.account_repository import AccountRepository
from embedded_server.storage.database import Database
from embedded_server.storage.messages.message_store import MessageStore
from embedded_server.storage.writer import StorageWriter
from tests.helpers.stored_messages import all_waiting

ROOT = Path(__file__).parents[4]
WRITING = """
import asyncio, sys
from pathlib import Path
from embedded_server.storage.database import Database
from embedded_server.storage.messages.message_store import MessageStore, NewMessage
from embedded_server.storage.writer import StorageWriter

async def main():
    writer = StorageWriter(Database.open(Path(sys.argv[1])))
    writer.start()
    store = MessageStore(writer)
    await store.load(was_closed=False)
    first = int(sys.argv[2])

    def add(number):
        def acknowledge(outcome):
            sys.stdout.buffer.write(b"%d\\n" % number)
            sys.stdout.buffer.flush()
            add(number + 10)
        store.add(NewMessage("romeo", "juliet", b"%d" % number, "", True, True, True), acknowledge)

    for number in range(first, first + 10):
        add(number)
    await asyncio.Event().wait()

asyncio.run(main())
"""


def killed_writer(path: Path, first: int, *, after: int) -> list[int]:
    """Run a writer, kill it when it has acknowledged so many, and return all it acknowledged."""
    command = [sys.executable, "-c", WRITING, str(path), str(first)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        acknowledged = [process.stdout.readline() for _ in range(after)]
        process.kill()
        acknowledged += process.stdout.readlines()
    return [int(line) for line in acknowledged if line.endswith(b"\n")]


@pytest.mark.asyncio
async def test_no_acknowledged_message_is_lost_by_five_kills(tmp_path: Path) -> None:
    path = tmp_path / "parlour.db"
    database = Database.create(path)
    writer = StorageWriter(database)
    writer.start()
    await AccountRepository(writer).create("juliet", {})
    await writer.stop()
    database.close()
    seed = time.time_ns()
    dice = random.Random(seed)  # noqa: S311 - when to kill is no secret

    acknowledged: list[int] = []
    for kill in range(5):
        acknowledged += killed_writer(path, kill * 1_000_000, after=dice.randint(20, 300))

    database = Database.open(path)
    writer = StorageWriter(database)
    writer.start()
    with contextlib.closing(database):
        store = MessageStore(writer)
        await store.load(was_closed=database.was_closed)
        kept = [int(message.stanza) for message in await all_waiting(store, "juliet")]
        await writer.stop()
    assert set(acknowledged) - set(kept) == set(), f"seed {seed}"
    assert len(kept) == len(set(kept))
    assert len(acknowledged) > 100
    assert not database.was_closed
