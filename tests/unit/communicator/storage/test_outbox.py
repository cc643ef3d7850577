import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from communicator.state.conversations import DeliveryState, Message
from communicator.storage.database import Database
from communicator.storage.history import SqlHistory
from communicator.storage.outbox import SqlOutbox
from tests.helpers.profile_data import JULIET, NURSE, ROMEO, own

_WRITER = """
import asyncio, pathlib, sys
from communicator.storage.database import Database
from communicator.storage.outbox import SqlOutbox
from tests.helpers.profile_data import ROMEO, own

async def main():
    database = Database(pathlib.Path(sys.argv[1]))
    await database.open()
    await database.use_account(ROMEO)
    outbox = SqlOutbox(database)
    for number in range(int(sys.argv[2]), 100_000):
        await outbox.add(own(f"line {number}", number, origin_id=f"o{number}"))
        sys.stdout.write(f"{number}\\n")
        sys.stdout.flush()

asyncio.run(main())
"""


@pytest.fixture
def outbox(database: Database) -> SqlOutbox:
    return SqlOutbox(database)


def bodies(messages: list[Message]) -> list[str]:
    return [message.body for message in messages]


@pytest.mark.asyncio
async def test_messages_wait_in_the_order_in_which_they_were_sent(outbox: SqlOutbox) -> None:
    await outbox.add(own("one", 10, origin_id="o1"))
    await outbox.add(own("two", 5, origin_id="o2"))  # the clock was put back meanwhile

    assert bodies(await outbox.waiting()) == ["one", "two"]


@pytest.mark.asyncio
async def test_acknowledged_message_waits_no_longer(outbox: SqlOutbox) -> None:
    await outbox.add(own("one", origin_id="o1"))
    await outbox.add(own("two", origin_id="o2"))

    (sent,) = await outbox.mark_sent(["o1", "unknown"])

    assert sent.state is DeliveryState.SENT
    assert bodies(await outbox.waiting()) == ["two"]


@pytest.mark.asyncio
async def test_receipt_before_the_acknowledgement_is_evidence_too(outbox: SqlOutbox) -> None:
    await outbox.add(own("one", origin_id="o1"))

    (delivered,) = await outbox.mark_delivered(JULIET, "o1")

    assert delivered.state is DeliveryState.DELIVERED
    assert await outbox.waiting() == []
    assert await outbox.mark_sent(["o1"]) == []
    assert await outbox.mark_delivered(JULIET, "o1") == []


@pytest.mark.asyncio
async def test_receipt_of_somebody_else_changes_nothing(outbox: SqlOutbox) -> None:
    await outbox.add(own("one", origin_id="o1"))

    assert await outbox.mark_delivered(NURSE, "o1") == []

    assert bodies(await outbox.waiting()) == ["one"]


@pytest.mark.asyncio
async def test_refused_message_fails_with_its_reason_until_it_is_put_back(
    outbox: SqlOutbox,
) -> None:
    message = await outbox.add(own("one", origin_id="o1"))

    (failed,) = await outbox.mark_failed(JULIET, "o1", "There is no such account.")

    assert (failed.state, failed.failure) == (DeliveryState.FAILED, "There is no such account.")
    assert await outbox.waiting() == []

    again = await outbox.put_back(message.message_id, "o2")

    assert again is not None
    assert (again.state, again.failure, again.origin_id) == (DeliveryState.WAITING, "", "o2")
    assert await outbox.waiting() == [again]
    assert await outbox.put_back(message.message_id, "o3") is None


@pytest.mark.asyncio
async def test_delivered_message_cannot_fail(outbox: SqlOutbox) -> None:
    await outbox.add(own("one", origin_id="o1"))
    await outbox.mark_delivered(JULIET, "o1")

    assert await outbox.mark_failed(JULIET, "o1", "bounced by one device") == []


@pytest.mark.asyncio
async def test_failed_message_can_be_discarded_and_one_that_may_have_left_cannot(
    outbox: SqlOutbox, database: Database
) -> None:
    failed = await outbox.add(own("one", 1, origin_id="o1"))
    waiting = await outbox.add(own("two", 2, origin_id="o2"))
    await outbox.mark_failed(JULIET, "o1", "refused")

    discarded = await outbox.discard(failed.message_id)
    kept = await outbox.discard(waiting.message_id)

    assert discarded is not None
    assert kept is None
    both = await SqlHistory(database).messages([failed.message_id, waiting.message_id])
    assert bodies(both) == ["two"]


@pytest.mark.asyncio
async def test_outbox_of_another_account_is_not_sent(outbox: SqlOutbox, database: Database) -> None:
    await outbox.add(own("one", origin_id="o1"))

    await database.use_account(NURSE)

    assert await outbox.waiting() == []


def _write_until_killed(path: Path, first: int) -> int:
    """Let another process write; kill it in the act. Return the last number that it confirmed."""
    root = str(Path(__file__).parents[4])
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join([root, *sys.path]))
    command = [sys.executable, "-c", _WRITER, str(path), str(first)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        for _ in range(7):
            assert process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        confirmed = process.stdout.read().split()
        return max([first + 6, *map(int, confirmed)])


@pytest.mark.asyncio
async def test_five_kills_lose_no_confirmed_message(path: Path) -> None:
    first = 0
    for _ in range(5):
        confirmed = _write_until_killed(path, first)

        database = Database(path)
        await database.open()
        await database.use_account(ROMEO)
        waiting = await SqlOutbox(database).waiting()
        is_intact = await database.is_intact()
        await database.close()

        first = len(waiting)
        assert is_intact
        assert confirmed + 1 <= first <= confirmed + 2  # one may be kept and not yet confirmed
        assert bodies(waiting) == [f"line {number}" for number in range(first)]
