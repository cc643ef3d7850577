import asyncio
from collections.abc import Iterable

import pytest

from embedded_server.storage.account_repository import AccountRepository
from embedded_server.storage.errors import StorageError
from embedded_server.storage.message_spool import ALREADY_STORED, MessageSpool, SpooledMessage
from embedded_server.storage.writer import StorageWriter
from shared_protocol.limits import SpoolLimits

pytestmark = pytest.mark.asyncio

ROMEO = "romeo@montague.lit"


async def stored(
    spool: MessageSpool, stanza: bytes, *, to: str = "juliet", origin_id: str = ""
) -> int | StorageError:
    waiter: asyncio.Future[int | StorageError] = asyncio.get_running_loop().create_future()
    spool.add(to, stanza, ROMEO, 1.5, waiter.set_result, origin_id=origin_id)
    return await waiter


async def removed(spool: MessageSpool, ids: Iterable[int]) -> StorageError | None:
    waiter: asyncio.Future[StorageError | None] = asyncio.get_running_loop().create_future()
    spool.remove(ids, waiter.set_result)
    return await waiter


async def test_messages_come_back_in_order_with_their_time(
    repository: AccountRepository, writer: StorageWriter
) -> None:
    spool = MessageSpool(writer)
    await spool.load()
    ids: list[int | StorageError] = []
    for number in range(3):
        spool.add("juliet", b"<m>%d</m>" % number, ROMEO, 1.5 + number, ids.append)
    await stored(spool, b"<m>for romeo</m>", to="romeo")

    messages = await spool.of("juliet")

    assert messages == [
        SpooledMessage(ids[number], b"<m>%d</m>" % number, 1.5 + number) for number in range(3)
    ]


async def test_only_what_was_removed_is_gone(
    repository: AccountRepository, writer: StorageWriter
) -> None:
    spool = MessageSpool(writer)
    await spool.load()
    ids = [await stored(spool, b"<m/>") for _ in range(4)]

    assert await removed(spool, [ids[0], ids[2], 4711]) is None

    assert [message.id for message in await spool.of("juliet")] == [ids[1], ids[3]]
    assert spool.count("juliet") == 2


async def test_what_is_leaving_is_neither_handed_over_again_nor_counted_twice(
    repository: AccountRepository, writer: StorageWriter
) -> None:
    """A read that comes before the removal is on disk must not bring the rows back."""
    spool = MessageSpool(writer)
    await spool.load()
    ids = [await stored(spool, b"<m/>") for _ in range(4)]
    reading = asyncio.gather(spool.of("juliet"), spool.of("juliet"))
    await asyncio.sleep(0)  # both reads are under way

    spool.remove(ids[:3])
    first, second = await reading

    assert [one.id for one in first] == [one.id for one in second] == [ids[3]]
    assert [one.id for one in await spool.of("juliet")] == [ids[3]]
    assert spool.count("juliet") == 1


async def test_same_message_of_a_sender_is_stored_once_while_it_waits(
    repository: AccountRepository, writer: StorageWriter
) -> None:
    """Security.md 8.6: a second arrival is acknowledged again and not stored again."""
    spool = MessageSpool(writer)
    await spool.load()

    first = await stored(spool, b"<m>1</m>", origin_id="a")
    again = await stored(spool, b"<m>1</m>", origin_id="a")
    other = await stored(spool, b"<m>2</m>", origin_id="b")
    elsewhere = await stored(spool, b"<m>1</m>", to="romeo", origin_id="a")

    assert again == ALREADY_STORED
    assert ALREADY_STORED not in {first, other, elsewhere}
    assert [message.stanza for message in await spool.of("juliet")] == [b"<m>1</m>", b"<m>2</m>"]
    assert spool.count("juliet") == 2


async def test_double_inside_one_group_is_found_as_well(
    repository: AccountRepository, writer: StorageWriter
) -> None:
    spool = MessageSpool(writer)
    await spool.load()
    told: list[int | StorageError] = []
    for origin_id in ("a", "b", "a", "c"):
        spool.add("juliet", b"<m/>", ROMEO, 1.0, told.append, origin_id=origin_id)

    await writer.write(lambda _: None)

    assert [outcome == ALREADY_STORED for outcome in told] == [False, False, True, False]
    assert spool.count("juliet") == 3


async def test_messages_without_origin_id_are_never_doubles(
    repository: AccountRepository, writer: StorageWriter
) -> None:
    spool = MessageSpool(writer)
    await spool.load()

    ids = {await stored(spool, b"<m/>") for _ in range(3)}

    assert len(ids) == 3


async def test_message_for_nobody_fails_alone(
    repository: AccountRepository, writer: StorageWriter
) -> None:
    spool = MessageSpool(writer)
    await spool.load()
    told: list[int | StorageError] = []
    for owner in ("juliet", "tybalt", "romeo"):
        spool.add(owner, b"<m/>", ROMEO, 1.0, told.append)

    await writer.write(lambda _: None)

    assert isinstance(told[0], int)
    assert isinstance(told[1], StorageError)
    assert isinstance(told[2], int)
    assert spool.count("tybalt") == 0


@pytest.mark.parametrize(
    ("limits", "fits"),
    [
        (SpoolLimits(messages=3, size_bytes=1_000), True),
        (SpoolLimits(messages=2, size_bytes=1_000), False),
        (SpoolLimits(messages=3, size_bytes=15), True),
        (SpoolLimits(messages=3, size_bytes=14), False),
        (SpoolLimits(messages=0, size_bytes=0), True),
    ],
)
async def test_room_is_counted_in_messages_and_bytes(
    repository: AccountRepository, writer: StorageWriter, limits: SpoolLimits, fits: object
) -> None:
    spool = MessageSpool(writer, limits)
    await spool.load()
    for _ in range(2):
        await stored(spool, b"<m/>!")

    assert spool.has_room("juliet", 5) is fits


async def test_counts_and_ids_go_on_after_a_restart(
    repository: AccountRepository, writer: StorageWriter
) -> None:
    before = MessageSpool(writer)
    await before.load()
    last = [await stored(before, b"12345") for _ in range(3)][-1]

    after = MessageSpool(writer, SpoolLimits(messages=10, size_bytes=20))
    await after.load()
    following = await stored(after, b"1")

    assert after.count("juliet") == 4
    assert isinstance(last, int)
    assert following == last + 1
    assert after.has_room("juliet", 4)
    assert not after.has_room("juliet", 5)


async def test_removing_what_was_read_after_a_restart_makes_room(
    repository: AccountRepository, writer: StorageWriter
) -> None:
    before = MessageSpool(writer)
    await before.load()
    await stored(before, b"12345")
    after = MessageSpool(writer, SpoolLimits(messages=1))
    await after.load()
    was_full = not after.has_room("juliet", 1)

    await removed(after, [message.id for message in await after.of("juliet")])

    assert was_full
    assert after.has_room("juliet", 1)


async def test_deleted_account_is_counted_no_more(
    repository: AccountRepository, writer: StorageWriter
) -> None:
    spool = MessageSpool(writer)
    await spool.load()
    key = await stored(spool, b"<m/>")
    await repository.delete("juliet")

    spool.forget("juliet")
    assert isinstance(key, int)
    await removed(spool, [key])

    assert spool.count("juliet") == 0
