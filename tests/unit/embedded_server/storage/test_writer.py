import asyncio
import logging
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, insert, select, text

from embedded_server.storage.database import Database
from embedded_server.storage.errors import (
    AccountExistsError,
    StorageClosedError,
    StorageError,
    StorageFailedError,
    StorageUnavailableError,
)
from embedded_server.storage.tables import scram_keys, secrets
from embedded_server.storage.writer import StorageWriter
from tests.faults.sqlite_disk import FaultyDisk, FullDisk
from tests.faults.waiting import wait_until

pytestmark = pytest.mark.asyncio


class Secret:
    """A write that stores one secret."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, connection: Connection) -> str:
        connection.execute(insert(secrets).values(name=self.name, value=b""))
        return self.name


def names(connection: Connection) -> list[str]:
    return list(connection.execute(select(secrets.c.name).order_by(secrets.c.name)).scalars())


def store_names(connection: Connection, rows: Sequence[str]) -> list[str]:
    connection.execute(insert(secrets), [{"name": name, "value": b""} for name in rows])
    return [name.upper() for name in rows]


def refused(connection: Connection) -> None:
    connection.execute(insert(secrets).values(name="half", value=b""))
    raise AccountExistsError("taken")


def break_commit(connection: Connection) -> None:
    """Let the commit itself fail: a key without its account, checked at the end only."""
    connection.execute(text("PRAGMA defer_foreign_keys = ON"))
    values = {"hash": "sha1", "salt": b"", "stored_key": b"", "server_key": b"", "iterations": 1}
    connection.execute(insert(scram_keys).values(account_id=4711, **values))


async def test_awaited_write_is_on_disk_and_returns_what_it_found(
    writer: StorageWriter, database: Database
) -> None:
    found = await writer.write(Secret("a"))

    with database.connect_for_reading() as connection:
        assert names(connection) == ["a"]
    assert found == "a"


async def test_results_come_on_the_event_loop_in_the_order_of_submission(
    writer: StorageWriter,
) -> None:
    told: list[object] = []
    threads: set[threading.Thread] = set()

    def tell(outcome: object) -> None:
        told.append(outcome)
        threads.add(threading.current_thread())

    for number in range(100):
        if number % 3:
            writer.submit_row(store_names, f"row{number}", tell)
        else:
            writer.submit(Secret(f"{number}"), tell)
    await writer.write(Secret("last"))

    expected = [f"ROW{number}" if number % 3 else f"{number}" for number in range(100)]
    assert told == expected
    assert threads == {threading.current_thread()}


async def test_rows_of_one_kind_are_written_together(writer: StorageWriter) -> None:
    groups: list[int] = []

    def store(connection: Connection, rows: Sequence[str]) -> list[str]:
        groups.append(len(rows))
        return store_names(connection, rows)

    for number in range(50):
        writer.submit_row(store, f"{number}")
    await writer.write(Secret("last"))

    assert groups == [50]


async def test_failing_write_undoes_itself_and_nothing_else(writer: StorageWriter) -> None:
    told: list[object] = []
    writer.submit(Secret("before"), told.append)
    writer.submit(refused, told.append)
    writer.submit(Secret("after"), told.append)

    stored = await writer.write(names)

    assert stored == ["after", "before"]
    assert [type(one) for one in told] == [str, AccountExistsError, str]


async def test_failing_row_does_not_fail_the_rows_beside_it(writer: StorageWriter) -> None:
    await writer.write(Secret("taken"))
    told: list[object] = []
    for name in ("a", "taken", "b"):
        writer.submit_row(store_names, name, told.append)

    stored = await writer.write(names)

    assert stored == ["a", "b", "taken"]
    assert told[0] == "A"
    assert isinstance(told[1], StorageError)
    assert told[2] == "B"


async def test_fault_in_a_write_is_an_error_for_its_own_caller_only(
    writer: StorageWriter, caplog: pytest.LogCaptureFixture
) -> None:
    def fault(_connection: Connection) -> None:
        raise ZeroDivisionError

    with caplog.at_level(logging.CRITICAL), pytest.raises(StorageError, match="fault"):
        await writer.write(fault)

    assert await writer.write(Secret("next")) == "next"


async def test_fault_in_a_report_does_not_keep_the_others_from_theirs(
    writer: StorageWriter, caplog: pytest.LogCaptureFixture
) -> None:
    def fault(_outcome: object) -> None:
        raise ZeroDivisionError

    with caplog.at_level(logging.CRITICAL):
        writer.submit(Secret("a"), fault)
        assert await writer.write(Secret("b")) == "b"


async def test_failed_commit_is_told_to_all_of_the_group_and_is_final(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """Security.md 8.4: stop acknowledging, go read-only, tell the administrator."""
    failures: list[StorageFailedError] = []
    writer = StorageWriter(database)
    writer.start(failures.append)
    await writer.write(Secret("earlier"))
    told: list[object] = []
    with caplog.at_level(logging.CRITICAL + 1):
        writer.submit(Secret("same group"), told.append)
        writer.submit(break_commit, told.append)
        with pytest.raises(StorageFailedError):
            await writer.write(Secret("also"))
        with pytest.raises(StorageFailedError, match="started again"):
            await writer.write(Secret("later"))
        readable = await writer.read(names)
    await writer.stop()

    assert [type(one) for one in told] == [StorageFailedError, StorageFailedError]
    assert failures == [writer.failure]
    assert readable == ["earlier"]


async def test_full_disk_is_told_and_passes(writer: StorageWriter) -> None:
    """Security.md 8.7: no acknowledgement, back to normal without a restart."""

    def fill(connection: Connection) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    def free(connection: Connection) -> None:
        connection.exec_driver_sql("PRAGMA max_page_count = 1000000")

    def store_much(connection: Connection) -> None:
        connection.execute(insert(secrets).values(name="much", value=b"x" * 100_000))

    await writer.write(fill)
    with pytest.raises(StorageUnavailableError, match="full"):
        await writer.write(store_much)
    await writer.write(free)
    await writer.write(store_much)

    assert writer.failure is None
    assert await writer.read(names) == ["much"]


async def test_trouble_is_told_until_the_writer_itself_finds_space(tmp_path: Path) -> None:
    """security.md, section 8.7: "back to normal within 10 s of space, no restart"."""
    with FaultyDisk().mounted() as disk:
        database = Database.create(tmp_path / "parlour.db")
        writer = StorageWriter(database)
        writer.start()
        full = disk.fault = FullDisk()
        full.is_full = True

        with pytest.raises(StorageUnavailableError, match="The disk is full"):
            await writer.write(Secret("much"))
        told = writer.trouble
        full.is_full = False
        await wait_until(lambda: writer.trouble is None, seconds=10)

        assert isinstance(told, StorageUnavailableError)
        assert await writer.write(names) == []
        await writer.stop()
        database.close()


async def test_stop_writes_what_waits_and_what_its_reports_submit(tmp_path: Path) -> None:
    database = Database.create(tmp_path / "parlour.db")
    writer = StorageWriter(database)
    writer.start()
    told: list[object] = []
    writer.submit(Secret("a"), lambda _: writer.submit(Secret("b"), told.append))

    await writer.stop()

    with database.connect_for_reading() as connection:
        assert names(connection) == ["a", "b"]
    assert told == ["b"]
    database.close()


async def test_write_after_the_stop_is_refused(tmp_path: Path) -> None:
    database = Database.create(tmp_path / "parlour.db")
    writer = StorageWriter(database)
    writer.start()
    await writer.stop()

    with pytest.raises(StorageClosedError):
        await writer.write(Secret("late"))
    with pytest.raises(StorageClosedError):
        await writer.read(names)
    database.close()


async def test_submitting_does_not_wait_while_the_disk_is_busy(writer: StorageWriter) -> None:
    is_let_go = threading.Event()
    slow = asyncio.ensure_future(writer.write(lambda _: is_let_go.wait(10)))  # noqa: TID251 - awaited below
    await asyncio.sleep(0)

    for number in range(1_000):
        writer.submit(Secret(f"{number}"))
    is_let_go.set()

    assert await slow
    count = await writer.write(lambda c: c.execute(select(func.count(secrets.c.name))).scalar())
    assert count == 1_000


async def test_cancelled_waiter_does_not_undo_the_write(writer: StorageWriter) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await writer.write(Secret("kept"))

    assert await writer.write(names) == ["kept"]
