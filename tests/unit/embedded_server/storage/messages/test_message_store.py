import asyncio

import pytest
from sqlalchemy import Connection, func, select

from embedded_server.storage.account_repository import AccountRepository
from embedded_server.storage.errors import StorageError, StorageUnavailableError
from embedded_server.storage.messages import message_rows
from embedded_server.storage.messages.message_store import ALREADY_STORED, MessageStore
from embedded_server.storage.tables import delivery_marks, messages, waiting_messages
from embedded_server.storage.writer import StorageWriter
from shared_protocol.limits import DoubleLimits, SpoolLimits
from tests.helpers.stored_messages import all_waiting
from tests.unit.embedded_server.storage.messages.store_stage import (
    key_of,
    loaded,
    message,
    rest,
    stored,
)

pytestmark = [pytest.mark.asyncio, pytest.mark.usefixtures("repository")]

SIZE = len(message().stanza)


async def counts(writer: StorageWriter) -> tuple[int, int, int]:
    """Return how many messages, marks and listed messages are on disk."""

    def read(connection: Connection) -> tuple[int, int, int]:
        tables = (messages, delivery_marks, waiting_messages)
        one, two, three = (
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in tables
        )
        return one, two, three

    return await writer.read(read)


async def waiting_texts(store: MessageStore, account: str = "juliet") -> list[str]:
    found = await all_waiting(store, account)
    return [one.stanza.partition(b"<body>")[2].partition(b"<")[0].decode() for one in found]


async def test_messages_come_back_in_order_with_their_time(writer: StorageWriter) -> None:
    moments = iter((1.5, 2.5, 3.5, 4.5))
    store = await loaded(writer, clock=lambda: next(moments))
    ids = [store.add(message(str(number)), lambda _: None) for number in range(3)]
    await stored(store, message("for romeo", receiver="romeo"))

    found = await all_waiting(store, "juliet")

    assert [(one.id, one.stored_at) for one in found] == list(
        zip(ids, (1.5, 2.5, 3.5), strict=True)
    )
    assert await waiting_texts(store) == ["0", "1", "2"]
    assert ids == sorted(ids)


async def test_id_is_known_at_once_and_told_again_when_it_is_on_disk(
    writer: StorageWriter,
) -> None:
    store = await loaded(writer)
    told: list[int | StorageError] = []

    key = store.add(message(), told.append)
    at_once = list(told)
    await rest(writer)

    assert at_once == []
    assert told == [key]


async def test_clock_that_is_put_back_a_little_stands_still(writer: StorageWriter) -> None:
    """Archive order is a sequence; times follow it unless the clock makes a leap."""
    moments = iter((1_000.0, 990.0, 900.0))
    store = await loaded(writer, clock=lambda: next(moments))
    for _ in range(3):
        await stored(store, message())

    assert [one.stored_at for one in await all_waiting(store, "juliet")] == [1_000, 1_000, 900]


async def test_only_what_arrived_waits_no_more(writer: StorageWriter) -> None:
    store = await loaded(writer)
    keys = [await key_of(store, message(str(number))) for number in range(4)]

    store.arrived("juliet", [keys[0], keys[2], 4711])

    assert await waiting_texts(store) == ["1", "3"]
    assert store.count("juliet") == 2
    assert store.is_waiting("juliet", keys[1])
    assert not store.is_waiting("juliet", keys[2])


async def test_what_arrived_during_a_read_is_left_out(writer: StorageWriter) -> None:
    store = await loaded(writer)
    keys = [await key_of(store, message(str(number))) for number in range(4)]
    reading = asyncio.gather(store.waiting("juliet"), store.waiting("juliet"))
    await asyncio.sleep(0)

    store.arrived("juliet", keys[:3])
    first, second = await reading

    assert [one.id for one in first] == [one.id for one in second] == [keys[3]]


@pytest.mark.parametrize("was_closed", [True, False])
async def test_next_start_knows_what_waits_and_what_arrived(
    writer: StorageWriter, was_closed: object
) -> None:
    """Section 8.5 of security: the receiver's copy goes at his acknowledgement."""
    before = await loaded(writer)
    keys = [await key_of(before, message(str(number))) for number in range(6)]
    before.arrived("juliet", [keys[0], keys[1], keys[3]])
    await rest(writer, before)

    after = await loaded(writer, was_closed=bool(was_closed))

    assert await waiting_texts(after) == ["2", "4", "5"]
    assert after.count("juliet") == 3
    assert await key_of(after, message()) > keys[-1]


async def test_what_arrives_later_than_others_is_written_as_well(writer: StorageWriter) -> None:
    store = await loaded(writer)
    keys = [await key_of(store, message(str(number))) for number in range(6)]
    for arrived in ([keys[3]], [keys[0]], [keys[5]], [keys[2]]):
        store.arrived("juliet", arrived)
        await rest(writer, store)

    assert await waiting_texts(await loaded(writer)) == ["1", "4"]
    store.arrived("juliet", [keys[1], keys[4]])
    await rest(writer, store)
    assert await waiting_texts(await loaded(writer)) == []
    assert (await counts(writer))[2] == 0


async def test_mark_does_not_go_back_when_an_old_message_arrives_after_a_crash(
    writer: StorageWriter,
) -> None:
    before = await loaded(writer)
    keys = [await key_of(before, message(str(number))) for number in range(5)]
    before.arrived("juliet", [*keys[:2], *keys[3:]])
    await rest(writer, before)
    after = await loaded(writer, was_closed=False)

    after.arrived("juliet", [keys[2]])
    await rest(writer, after)

    assert await waiting_texts(await loaded(writer, was_closed=False)) == []


async def test_delivered_message_costs_one_mark_and_no_row_of_its_own(
    writer: StorageWriter,
) -> None:
    store = await loaded(writer)
    for _ in range(5):
        key = await key_of(store, message())
        store.arrived("juliet", [key])
        await rest(writer, store)

    assert await counts(writer) == (5, 1, 0)


async def test_ids_are_never_given_again_after_a_crash(
    writer: StorageWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A receiver may know the id of a message that the crash took: it drops doubles by it."""
    before = await loaded(writer)
    with monkeypatch.context() as patch:
        patch.setattr(message_rows, "insert_messages", lambda *_: None)
        key = await key_of(before, message())  # given, perhaps sent, and not written

    after = await loaded(writer, was_closed=False)

    assert await key_of(after, message()) > key


async def test_message_that_nobody_keeps_is_gone_when_it_arrived(writer: StorageWriter) -> None:
    store = await loaded(writer)
    keys = [await key_of(store, message(str(number), is_kept=False)) for number in range(3)]

    store.arrived("juliet", keys[:2])
    await rest(writer, store)

    assert (await counts(writer))[0] == 1
    after = await loaded(writer)
    assert await waiting_texts(after) == ["2"]
    after.arrived("juliet", keys[2:])
    await rest(writer, after)
    assert (await counts(writer))[0] == 0
    assert await key_of(await loaded(writer), message()) > keys[2]


async def test_same_message_of_a_sender_is_stored_once(writer: StorageWriter) -> None:
    """Security 8.6: a second arrival is acknowledged again and not stored again."""
    store = await loaded(writer)

    first = await stored(store, message("1", origin_id="a"))
    again = await stored(store, message("1", origin_id="a"))
    other = await stored(store, message("2", origin_id="b"))
    elsewhere = await stored(store, message("1", receiver="romeo", origin_id="a"))
    of_another = await stored(store, message("3", sender="nurse", origin_id="a"))

    assert again == ALREADY_STORED
    assert ALREADY_STORED not in {first, other, elsewhere, of_another}
    assert await waiting_texts(store) == ["1", "2", "3"]


async def test_same_message_is_known_though_it_arrived_and_the_office_was_restarted(
    writer: StorageWriter,
) -> None:
    before = await loaded(writer)
    key = await key_of(before, message(origin_id="a"))
    before.arrived("juliet", [key])
    await rest(writer, before)

    after = await loaded(writer)

    assert await stored(after, message(origin_id="a")) == ALREADY_STORED


async def test_double_of_what_is_on_its_way_to_the_disk_is_told_behind_it(
    writer: StorageWriter,
) -> None:
    store = await loaded(writer)
    told: list[int | StorageError] = []
    for origin_id in ("a", "b", "a", "c"):
        store.add(message(origin_id=origin_id), told.append)

    await rest(writer)

    assert sorted(outcome == ALREADY_STORED for outcome in told) == [False, False, False, True]
    assert told.index(ALREADY_STORED) > 0
    assert store.count("juliet") == 3


async def test_only_the_newest_names_are_remembered(writer: StorageWriter) -> None:
    store = await loaded(writer, doubles=DoubleLimits(remembered_messages=2))
    for name in "abcde":
        await stored(store, message(origin_id=name))

    outcomes = [await stored(store, message(origin_id=name)) for name in "aed"]

    assert [outcome == ALREADY_STORED for outcome in outcomes] == [False, True, True]


async def test_message_that_could_not_be_stored_leaves_nothing(
    writer: StorageWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await loaded(writer)

    def fail(*_: object) -> None:
        raise StorageUnavailableError("The disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr(message_rows, "insert_messages", fail)
        told: list[int | StorageError] = []
        store.add(message("1", sender="paris", origin_id="a"), told.append)
        store.add(message("1", sender="paris", origin_id="a"), told.append)
        await rest(writer)

    assert all(isinstance(outcome, StorageUnavailableError) for outcome in told)
    assert len(told) == 2
    assert store.count("juliet") == 0
    assert isinstance(await key_of(store, message("1", sender="paris", origin_id="a")), int)


async def test_arrival_that_could_not_be_written_goes_with_the_next(
    writer: StorageWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await loaded(writer)
    keys = [await key_of(store, message(str(number))) for number in range(5)]

    def fail(*_: object) -> None:
        raise StorageUnavailableError("The disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr(message_rows, "write_deliveries", fail)
        store.arrived("juliet", [keys[0], keys[3]])
        await rest(writer, store)
    store.arrived("juliet", [keys[1]])
    await rest(writer, store)

    assert await waiting_texts(await loaded(writer)) == ["2", "4"]


@pytest.mark.parametrize(
    ("limits", "fits"),
    [
        (SpoolLimits(messages=3, size_bytes=1_000), True),
        (SpoolLimits(messages=2, size_bytes=1_000), False),
        (SpoolLimits(messages=3, size_bytes=2 * SIZE + 5), True),
        (SpoolLimits(messages=3, size_bytes=2 * SIZE + 4), False),
        (SpoolLimits(messages=0, size_bytes=0), True),
    ],
)
async def test_room_is_counted_in_messages_and_bytes(
    writer: StorageWriter, limits: SpoolLimits, fits: object
) -> None:
    store = await loaded(writer, limits)
    for _ in range(2):
        await stored(store, message())

    assert store.has_room("juliet", 5) is fits
    assert store.has_room("nurse", 5)


async def test_room_comes_back_after_a_restart(writer: StorageWriter) -> None:
    before = await loaded(writer)
    await stored(before, message())
    after = await loaded(writer, SpoolLimits(messages=1))
    was_full = not after.has_room("juliet", 1)

    after.arrived("juliet", [one.id for one in await after.waiting("juliet")])

    assert was_full
    assert after.has_room("juliet", 1)


async def test_who_gets_the_name_of_a_deleted_account_gets_none_of_its_messages(
    writer: StorageWriter, repository: AccountRepository
) -> None:
    store = await loaded(writer)
    keys = [await key_of(store, message(str(number), is_kept=bool(number))) for number in range(2)]

    await repository.delete("juliet")
    store.forget("juliet")
    store.arrived("juliet", keys)
    await repository.create("juliet", {})
    await stored(store, message("new"))

    assert await waiting_texts(store) == ["new"]
    assert await waiting_texts(await loaded(writer)) == ["new"]


async def test_archive_of_a_deleted_account_goes_and_that_of_the_other_side_stays(
    writer: StorageWriter, repository: AccountRepository
) -> None:
    store = await loaded(writer)
    kept = [await key_of(store, message(str(number))) for number in range(3)]
    await stored(store, message("to himself", sender="juliet", receiver="juliet"))
    await repository.delete("juliet")
    store.forget("juliet")

    await store.remove_former_archives()

    def left(connection: Connection) -> list[tuple[int, bool, bool]]:
        columns = messages.c
        rows = connection.execute(
            select(columns.id, columns.is_kept_by_sender, columns.is_kept_by_receiver)
        )
        return [(row[0], row[1], row[2]) for row in rows]

    assert await writer.read(left) == [(key, True, False) for key in kept]


async def test_fault_in_what_follows_a_message_does_not_touch_the_others(
    writer: StorageWriter, caplog: pytest.LogCaptureFixture
) -> None:
    store = await loaded(writer)
    told: list[int | StorageError] = []

    def fail(_: object) -> None:
        raise ValueError("a bug")

    store.add(message(), fail)
    key = store.add(message(), told.append)
    await rest(writer)

    assert told == [key]
    assert "what follows the storing of a message failed" in caplog.text
