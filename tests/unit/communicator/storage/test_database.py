import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from communicator.storage.database import Database
from communicator.storage.drafts import SqlDrafts
from communicator.storage.errors import DatabaseTooNewError, StorageError
from communicator.storage.history import SqlHistory
from communicator.storage.outbox import SqlOutbox
from tests.helpers.profile_data import JULIET, NURSE, ROMEO


def mode_of(path: Path) -> int:
    return path.stat().st_mode & 0o777


def content_of(path: Path) -> bytes:
    return path.read_bytes()


def write_prologue(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"Two households, both alike in dignity" * 100)


def open_and_die(path: Path) -> None:
    script = (
        "import asyncio, os, pathlib, sys\n"
        "from communicator.storage.database import Database\n"
        "async def main():\n"
        "    await Database(pathlib.Path(sys.argv[1])).open()\n"
        "    os._exit(9)\n"
        "asyncio.run(main())\n"
    )
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path))
    subprocess.run([sys.executable, "-c", script, path], env=environment, check=False)


@pytest.mark.asyncio
async def test_every_commit_is_synced(database: Database) -> None:
    def pragmas(connection: Connection) -> tuple[object, object, object]:
        names = ("synchronous", "journal_mode", "foreign_keys")
        return tuple(connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names)

    assert await database.run(pragmas) == (2, "wal", 1)


@pytest.mark.asyncio
async def test_file_is_readable_by_its_owner_alone(database: Database, path: Path) -> None:
    assert mode_of(path) == 0o600
    assert mode_of(path.parent) == 0o700


@pytest.mark.asyncio
async def test_file_of_newer_program_is_refused_and_left_alone(path: Path) -> None:
    first = Database(path)
    await first.open()
    await first.run(
        lambda connection: connection.execute(
            text("UPDATE versions SET schema_version = 9, compatibility_version = 9")
        )
    )
    await first.close()
    before = content_of(path)

    with pytest.raises(DatabaseTooNewError, match="newer version of Parlour"):
        await Database(path).open()

    assert content_of(path) == before


@pytest.mark.asyncio
async def test_newer_file_that_stays_compatible_is_opened(path: Path) -> None:
    first = Database(path)
    await first.open()
    await first.run(
        lambda connection: connection.execute(text("UPDATE versions SET schema_version = 9"))
    )
    await first.close()

    again = Database(path)
    await again.open()
    await again.close()


@pytest.mark.asyncio
async def test_what_is_no_database_is_refused_with_a_sentence(path: Path) -> None:
    write_prologue(path)

    with pytest.raises(StorageError, match="cannot be used"):
        await Database(path).open()


@pytest.mark.asyncio
async def test_folder_that_is_a_file_is_refused_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "profile").write_text("not a folder")

    with pytest.raises(StorageError, match="folder"):
        await Database(tmp_path / "profile" / "parlour.db").open()


@pytest.mark.asyncio
async def test_failed_work_leaves_nothing_behind(database: Database) -> None:
    def work(connection: Connection) -> None:
        connection.execute(text("INSERT INTO accounts (jid) VALUES ('tybalt@capulet.lit')"))
        connection.execute(text("INSERT INTO nowhere VALUES (1)"))

    with pytest.raises(StorageError):
        await database.run(work)

    count = await database.run(
        lambda connection: connection.scalar(text("SELECT count(*) FROM accounts"))
    )
    assert count == 1


@pytest.mark.asyncio
async def test_accounts_of_one_profile_do_not_see_each_other(database: Database) -> None:
    await SqlDrafts(database).save(JULIET, "But soft")

    await database.use_account(NURSE)

    assert await SqlHistory(database).conversations() == []


@pytest.mark.asyncio
async def test_stores_refuse_to_work_without_an_account(path: Path) -> None:
    database = Database(path)
    await database.open()

    with pytest.raises(StorageError, match="account"):
        await SqlHistory(database).conversations()

    await database.close()


@pytest.mark.asyncio
async def test_file_that_was_not_closed_is_noticed_and_can_be_checked(path: Path) -> None:
    open_and_die(path)

    database = Database(path)
    await database.open()

    assert not database.was_closed
    assert await database.is_intact()
    await database.close()


@pytest.mark.asyncio
async def test_file_that_was_closed_is_known_to_be(path: Path) -> None:
    first = Database(path)
    await first.open()
    await first.use_account(ROMEO)
    await first.close()
    await first.close()

    again = Database(path)
    await again.open()

    assert again.was_closed
    await again.close()


@pytest.mark.asyncio
async def test_outline_is_read_from_a_covering_index(path: Path, database: Database) -> None:
    with closing(sqlite3.connect(path)) as connection:
        plan = connection.execute(
            "EXPLAIN QUERY PLAN SELECT id, length FROM messages"
            " WHERE conversation_id = 1 AND id < 5 ORDER BY id DESC LIMIT 2000"
        ).fetchall()

    assert "COVERING INDEX messages_outline" in plan[0][3]


@pytest.mark.asyncio
async def test_queries_of_the_stores_use_the_partial_indices(
    path: Path, database: Database
) -> None:
    statements: list[str] = []

    def trace(connection: Connection) -> None:
        connection.connection.driver_connection.set_trace_callback(statements.append)

    await database.run(trace)
    await SqlHistory(database).mark_read(JULIET)
    await SqlHistory(database).first_unread_id(JULIET)
    await SqlHistory(database).conversations()
    await SqlOutbox(database).mark_sent(["o1"])

    with closing(sqlite3.connect(path)) as connection:
        plans = " ".join(
            step[3]
            for statement in statements
            if statement.startswith(("SELECT", "UPDATE"))
            for step in connection.execute(f"EXPLAIN QUERY PLAN {statement}")
        )
    assert plans.count("messages_unread") == 3
    assert "messages_by_origin" in plans
    assert "SCAN messages" not in plans
