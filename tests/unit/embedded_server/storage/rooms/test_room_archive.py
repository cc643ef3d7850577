"""The archive of rooms, compared with a plain list (XEP-0313, section 4; XEP-0045, 7.2.13)."""

import random
from collections.abc import Iterator
from contextlib import suppress

import pytest
import pytest_asyncio
from sqlalchemy import text

from embedded_server.storage.database import Database
from embedded_server.storage.messages.archive_pages import PageWanted, UnknownMessageError
from embedded_server.storage.rooms.room_archive import ALREADY_SAID, RoomArchive
from embedded_server.storage.rooms.room_message_rows import RoomMessage, RoomMessageKind
from embedded_server.storage.rooms.room_repository import RoomRepository, StoredRoom
from embedded_server.storage.writer import StorageWriter
from shared_protocol.limits import ArchiveLimits
from shared_protocol.stanzas.rooms.configuration import RoomConfiguration

pytestmark = pytest.mark.asyncio
CAVE, HEATH = 1, 2
SENDERS = ("juliet@montague.lit", "romeo@montague.lit")


def room(room_id: int, localpart: str) -> StoredRoom:
    return StoredRoom(room_id, localpart, 0.0, bytes(32), RoomConfiguration())


@pytest_asyncio.fixture
async def archive(writer: StorageWriter) -> RoomArchive:
    """The archive of two rooms that are there."""
    repository = RoomRepository(writer)
    repository.create(room(CAVE, "cave"), lambda _: None)
    repository.create(room(HEATH, "heath"), lambda _: None)
    archive = RoomArchive(writer)
    await archive.load()
    return archive


async def add(
    archive: RoomArchive, writer: StorageWriter, room_id: int, message: RoomMessage
) -> int:
    outcomes: list[object] = []
    archive.add(room_id, message, outcomes.append)
    await writer.write(lambda _connection: None)
    (outcome,) = outcomes
    assert isinstance(outcome, int)
    return outcome


async def said(archive: RoomArchive, writer: StorageWriter, count: int) -> list[RoomMessage]:
    """Fill both rooms at random; return what was said in the cave."""
    chance = random.Random(45)  # noqa: S311
    in_cave: list[RoomMessage] = []
    for second in range(count):
        message = RoomMessage(
            archive.new_number(),
            chance.choice(SENDERS),
            b"x" * chance.randrange(1, 200),
            float(second // 3),
            chance.choice([RoomMessageKind.MESSAGE, RoomMessageKind.SUBJECT]),
            "",
            chance.choice("ab"),
            chance.random() < 0.5,
        )
        room_id = chance.choice((CAVE, HEATH))
        archive.add(room_id, message, lambda _: None)
        if room_id == CAVE:
            in_cave.append(message)
    await writer.write(lambda _connection: None)
    return in_cave


def questions(messages: list[RoomMessage], count: int) -> Iterator[tuple[PageWanted, bool]]:
    """Give out questions at random, and whether only shown senders are looked for."""
    chance = random.Random(313)  # noqa: S311

    def some() -> tuple[int, ...]:
        return (chance.choice(messages).number,) if chance.random() < 0.4 else ()

    def moment() -> float | None:
        return chance.choice([None, chance.randrange(-1, 40) + chance.choice([0.0, 0.5])])

    for _ in range(count):
        sender = chance.choice(("", *SENDERS))
        ids = tuple(one.number for one in chance.sample(messages, 9))
        yield (
            PageWanted(
                most=chance.randrange(1, 12),
                after=some(),
                before=some(),
                ids=chance.choice([None, None, ids]),
                counterpart=sender,
                resource=f"{sender}/a" if sender and chance.random() < 0.5 else "",
                start=moment(),
                end=moment(),
                is_backwards=chance.random() < 0.5,
            ),
            chance.random() < 0.5,
        )


def fits(message: RoomMessage, wanted: PageWanted, *, only_shown: bool) -> bool:
    """Whether a message is looked for, without regard to after and before."""
    return (
        (wanted.ids is None or message.number in wanted.ids)
        and (not wanted.counterpart or message.sender == wanted.counterpart)
        and (not wanted.counterpart or not only_shown or message.is_sender_shown)
        and (not wanted.resource or f"{message.sender}/{message.resource}" == wanted.resource)
        and (wanted.start is None or message.stored_at >= wanted.start)
        and (wanted.end is None or message.stored_at <= wanted.end)
    )


async def test_pages_are_those_of_a_plain_list(archive: RoomArchive, writer: StorageWriter) -> None:
    messages = await said(archive, writer, 120)
    for wanted, only_shown in questions(messages, 300):
        whole = [one for one in messages if fits(one, wanted, only_shown=only_shown)]
        left = [
            one
            for one in whole
            if all(one.number > number for number in wanted.after)
            and all(one.number < number for number in wanted.before)
        ]
        page = left[-wanted.most :] if wanted.is_backwards else left[: wanted.most]

        found = await archive.pages.page(CAVE, wanted, only_shown=only_shown)

        assert (found.messages, found.is_complete, found.count) == (
            page,
            len(left) <= wanted.most,
            len(whole),
        ), wanted


async def test_page_of_nothing_tells_how_many_there_are(
    archive: RoomArchive, writer: StorageWriter
) -> None:
    """XEP-0059, section 2.7."""
    messages = await said(archive, writer, 20)

    found = await archive.pages.page(CAVE, PageWanted(most=0))

    assert (found.messages, found.count) == ([], len(messages))


async def test_page_ends_where_it_would_be_too_long(
    archive: RoomArchive, writer: StorageWriter
) -> None:
    small = RoomArchive(writer, ArchiveLimits(page_bytes=100, counted_results=2))
    for _ in range(5):
        await add(archive, writer, CAVE, RoomMessage(archive.new_number(), "j@m", b"x" * 40, 1.0))

    found = await small.pages.page(CAVE, PageWanted(most=50))

    assert (len(found.messages), found.is_complete, found.count) == (2, False, None)


async def test_message_of_another_room_is_not_known(
    archive: RoomArchive, writer: StorageWriter
) -> None:
    number = archive.new_number()
    await add(archive, writer, HEATH, RoomMessage(number, "j@m", b"x", 1.0))

    for wanted in (
        PageWanted(most=9, after=(number,)),
        PageWanted(most=9, before=(number,)),
        PageWanted(most=9, ids=(number,)),
    ):
        with pytest.raises(UnknownMessageError):
            await archive.pages.page(CAVE, wanted)
    assert await archive.find(CAVE, number) is None


async def test_edges_are_the_oldest_and_the_newest(
    archive: RoomArchive, writer: StorageWriter
) -> None:
    assert await archive.pages.edges(CAVE) is None
    messages = await said(archive, writer, 20)

    edges = await archive.pages.edges(CAVE)

    assert edges is not None
    assert [tuple(edge) for edge in edges] == [
        (one.number, one.stored_at) for one in (messages[0], messages[-1])
    ]


async def test_pages_are_found_by_their_place(
    archive: RoomArchive, writer: StorageWriter, database: Database
) -> None:
    """No page reads through what is before it."""
    await said(archive, writer, 50)
    questions = (
        "SELECT id FROM room_messages WHERE room_id = 1 AND id > 7 ORDER BY id LIMIT 9",
        "SELECT id FROM room_messages WHERE room_id = 1 AND id < 99 ORDER BY id DESC LIMIT 9",
    )
    plans = []
    with database.connect_for_reading() as connection:
        for question in questions:
            rows = connection.execute(text(f"EXPLAIN QUERY PLAN {question}"))
            plans.append(" ".join(row.detail for row in rows))

    assert all("SEARCH" in plan and "TEMP B-TREE" not in plan for plan in plans), plans


async def test_same_message_of_a_sender_is_stored_once(
    archive: RoomArchive, writer: StorageWriter
) -> None:
    """XEP-0359: known by its origin id, in one room, of one sender."""
    numbers = [archive.new_number() for _ in range(4)]
    same = [
        RoomMessage(number, sender, b"x", 1.0, origin_id="o")
        for number, sender in zip(numbers, ("j@m", "j@m", "r@m", "j@m"), strict=True)
    ]

    outcomes = [
        await add(archive, writer, room_id, message)
        for room_id, message in zip((CAVE, CAVE, CAVE, HEATH), same, strict=True)
    ]

    assert outcomes == [numbers[0], ALREADY_SAID, numbers[2], numbers[3]]
    assert await archive.find_by_origin(CAVE, "j@m", "o") == same[0]


async def test_history_has_the_newest_messages_and_nothing_else(
    archive: RoomArchive, writer: StorageWriter
) -> None:
    messages = await said(archive, writer, 90)
    plain = [one for one in messages if one.kind is RoomMessageKind.MESSAGE]
    up_to = plain[-4].number

    newest = await archive.history(CAVE, up_to=up_to, most=5, since=0.0)
    since = await archive.history(CAVE, up_to=up_to, most=99, since=plain[-9].stored_at)

    assert newest == plain[-8:-3]
    assert since == [one for one in plain[:-3] if one.stored_at >= plain[-9].stored_at]
    assert await archive.history(CAVE, up_to=up_to, most=99, since=1e6) == []


async def test_buried_message_is_a_tombstone_and_the_notice_is_stored_with_it(
    archive: RoomArchive, writer: StorageWriter
) -> None:
    number = archive.new_number()
    await add(archive, writer, CAVE, RoomMessage(number, "j@m", b"potions", 1.0))
    notice = RoomMessage(archive.new_number(), "r@m", b"gone", 2.0, RoomMessageKind.MODERATION)

    archive.bury(CAVE, number, b"here it was", notice, lambda _: None)
    await writer.write(lambda _connection: None)

    found = await archive.pages.page(CAVE, PageWanted(most=9))
    assert [(one.number, one.stanza, one.kind, one.stored_at) for one in found.messages] == [
        (number, b"here it was", RoomMessageKind.TOMBSTONE, 1.0),
        (notice.number, b"gone", RoomMessageKind.MODERATION, 2.0),
    ]
    assert await archive.history(CAVE, up_to=99, most=9, since=0.0) == []


async def test_number_of_a_room_that_is_gone_is_never_given_again(
    archive: RoomArchive, writer: StorageWriter
) -> None:
    """XEP-0313, section 6.2: ids "MUST NOT be reused"."""
    number = archive.new_number()
    await add(archive, writer, CAVE, RoomMessage(number, "j@m", b"x", 1.0))
    RoomRepository(writer).destroy(CAVE, lambda _: None)
    await writer.write(lambda _connection: None)

    again = RoomArchive(writer)
    await again.load()

    assert again.new_number() > number
    with suppress(UnknownMessageError):
        await again.pages.page(CAVE, PageWanted(most=9, ids=(number,)))
        pytest.fail("the archive of a room that is gone is there")
