"""Pages of archives, compared with a plain list (XEP-0313, section 4; XEP-0059)."""

import asyncio
import random
import time
from collections.abc import Sequence
from typing import NamedTuple

import pytest
import pytest_asyncio
from sqlalchemy import Connection, func, select, text

from embedded_server.storage.errors import ReadTooLongError
from embedded_server.storage.messages.archive_pages import (
    PageFound,
    PageWanted,
    UnknownMessageError,
)
from embedded_server.storage.messages.archive_reader import ArchiveReader
from embedded_server.storage.messages.message_store import MessageStore, NewMessage
from embedded_server.storage.tables import archive_entries
from embedded_server.storage.writer import StorageWriter
from shared_protocol.limits import ArchiveLimits
from tests.unit.embedded_server.storage.messages.store_stage import key_of, loaded, message, rest

pytestmark = [pytest.mark.asyncio, pytest.mark.usefixtures("repository")]
PEOPLE = ("juliet", "nurse", "tybalt@verona.lit")


class Said(NamedTuple):
    """What the list knows of a message in romeo's archive."""

    number: int
    counterpart: str
    moment: float
    resource: str


@pytest_asyncio.fixture
async def clock() -> "Clock":
    return Clock()


class Clock:
    """Seconds, one more at each look."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


async def told(store: MessageStore, chance: random.Random, clock: Clock, count: int) -> list[Said]:
    """Let romeo and others talk; returns what is in his archive."""
    said: list[Said] = []
    for _ in range(count):
        other = chance.choice(PEOPLE)
        resource = f"{other.partition('@')[0]}@verona.lit/{chance.choice('ab')}"
        match chance.choice(("sent", "received", "himself", "others", "not kept")):
            case "sent":
                ends, jids, is_kept = ("romeo", other), ("romeo@montague.lit", resource), True
            case "received":
                ends, jids, is_kept = (other, "romeo"), (resource, "romeo@montague.lit"), True
            case "himself":
                other, ends, jids = "romeo", ("romeo", "romeo"), ("romeo@m/a", "romeo@m")
                resource, is_kept = "romeo@m/a", True
            case "others":
                ends, jids, is_kept = ("juliet", "nurse"), ("juliet@m/a", "nurse@m"), False
            case _:
                ends, jids, is_kept = (other, "romeo"), (resource, "romeo@montague.lit"), False
        stanza = f"<message from='{jids[0]}' to='{jids[1]}'><body>b</body></message>".encode()
        is_of_others = "romeo" not in ends
        new = NewMessage(*ends, stanza, "", is_kept or is_of_others, is_kept, is_to_deliver=False)
        key = store.add(new, lambda _: None)
        if is_kept:
            said.append(Said(key, other, clock.now, resource))
    await store.written()
    return said


def fitting(said: Sequence[Said], wanted: PageWanted) -> list[Said]:
    return [
        one
        for one in said
        if (not wanted.counterpart or one.counterpart == wanted.counterpart)
        and (not wanted.resource or one.resource == wanted.resource)
        and (wanted.start is None or one.moment >= wanted.start)
        and (wanted.end is None or one.moment <= wanted.end)
        and (wanted.ids is None or one.number in wanted.ids)
    ]


def expected(said: Sequence[Said], wanted: PageWanted) -> tuple[list[int], bool, int | None]:
    """What a list answers: the ids of a page, whether it is the last, and how many there are."""
    whole = [one.number for one in fitting(said, wanted)]
    total = None if wanted.resource or wanted.ids is not None else len(whole)
    if not wanted.most:
        return [], total == 0, total
    left = [
        one
        for one in whole
        if all(one > edge for edge in wanted.after) and all(one < edge for edge in wanted.before)
    ]
    page = left[-wanted.most :] if wanted.is_backwards else left[: wanted.most]
    return page, len(page) == len(left), total


def found(page: PageFound) -> tuple[list[int], bool, int | None]:
    return [one.id for one in page.messages], page.is_complete, page.count


def any_query(chance: random.Random, said: Sequence[Said]) -> PageWanted:
    numbers = [one.number for one in said]
    moments = [one.moment for one in said]
    other = chance.choice(["", "", *PEOPLE, "romeo", "mercutio"])
    return PageWanted(
        most=chance.choice((0, 1, 2, 3, 5, 10, 250)),
        after=tuple(chance.sample(numbers, chance.choice((0, 0, 1, 2)))),
        before=tuple(chance.sample(numbers, chance.choice((0, 0, 0, 1)))),
        ids=None if chance.random() < 0.8 else tuple(chance.sample(numbers, 3)),
        counterpart=other,
        resource=f"{other.partition('@')[0]}@verona.lit/a" if chance.random() < 0.2 else "",
        start=chance.choice((None, None, chance.choice(moments), chance.choice(moments) + 0.5)),
        end=chance.choice((None, None, chance.choice(moments), chance.choice(moments) - 0.5)),
        is_backwards=chance.random() < 0.5,
    )


@pytest.mark.parametrize("settled", ["nothing", "half", "everything"])
async def test_every_page_is_that_of_a_plain_list(
    writer: StorageWriter, clock: Clock, settled: str
) -> None:
    seed = time.time_ns()
    chance = random.Random(seed)  # noqa: S311 - test data
    store = await loaded(writer, clock=clock)
    said = await told(store, chance, clock, 40)
    if settled != "nothing":
        await store.close()
    said += await told(store, chance, clock, 40)
    if settled == "everything":
        await store.close()

    for _ in range(150):
        wanted = any_query(chance, said)
        page = await store.archives.page("romeo", wanted)
        assert found(page) == expected(said, wanted), f"seed {seed}, {wanted}"


@pytest.mark.parametrize("is_settled", [False, True])
async def test_pages_in_a_row_are_the_whole_archive(
    writer: StorageWriter, clock: Clock, is_settled: object
) -> None:
    """XEP-0059, sections 2.2 and 2.3: nothing omitted, nothing twice."""
    chance = random.Random(7)  # noqa: S311 - test data
    store = await loaded(writer, clock=clock)
    said = [one.number for one in await told(store, chance, clock, 60)]
    if is_settled:
        await store.close()

    forwards: list[int] = []
    backwards: list[int] = []
    is_complete = False
    while not is_complete:
        wanted = PageWanted(most=7, after=tuple(forwards[-1:]))
        ids, is_complete, _count = found(await store.archives.page("romeo", wanted))
        forwards += ids
    is_complete = False
    while not is_complete:
        wanted = PageWanted(most=7, before=tuple(backwards[:1]), is_backwards=True)
        ids, is_complete, _count = found(await store.archives.page("romeo", wanted))
        backwards = ids + backwards

    assert forwards == backwards == said


async def test_message_that_is_still_on_its_way_to_the_disk_is_found(writer: StorageWriter) -> None:
    store = await loaded(writer)
    key = store.add(message(), lambda _: None)

    page = await store.archives.page("romeo", PageWanted(most=1))

    assert [one.id for one in page.messages] == [key]


@pytest.mark.parametrize(
    "wanted",
    [
        PageWanted(most=1, after=(4711,)),
        PageWanted(most=1, before=(4711,)),
        PageWanted(most=1, ids=(4711,)),
        PageWanted(most=0, after=(4711,)),
    ],
)
@pytest.mark.parametrize("owner", ["romeo", "nobody"])
async def test_message_that_is_not_in_the_archive_is_not_found(
    writer: StorageWriter, wanted: PageWanted, owner: str
) -> None:
    """XEP-0313, section 4.1.3: "the server MUST return an item-not-found error"."""
    store = await loaded(writer)
    await key_of(store, message())

    with pytest.raises(UnknownMessageError):
        await store.archives.page(owner, wanted)


async def test_message_of_another_archive_is_not_found(writer: StorageWriter) -> None:
    store = await loaded(writer)
    key = await key_of(store, message(sender="juliet", receiver="nurse"))
    await key_of(store, message())

    for wanted in (PageWanted(most=1, after=(key,)), PageWanted(most=1, ids=(key,))):
        with pytest.raises(UnknownMessageError):
            await store.archives.page("romeo", wanted)


async def test_page_ends_at_its_limit_of_bytes_but_has_one_message(writer: StorageWriter) -> None:
    """Security, section 6: archive page 250 results and 256 KiB."""
    store = await loaded(writer)
    keys = [await key_of(store, message("b" * size)) for size in (900, 50, 50, 50)]
    reader = ArchiveReader(writer, lambda _: 1, store.written, ArchiveLimits(page_bytes=300))

    first = await reader.page("romeo", PageWanted(most=9))
    second = await reader.page("romeo", PageWanted(most=9, after=(keys[0],)))

    assert found(first) == ([keys[0]], False, 4)
    assert found(second) == (keys[1:], True, 4)


async def test_edges_are_the_oldest_and_the_newest(writer: StorageWriter, clock: Clock) -> None:
    """XEP-0313, section 5."""
    store = await loaded(writer, clock=clock)
    assert await store.archives.edges("romeo") is None
    keys = [await key_of(store, message(sender="nurse")) for _ in range(2)]
    assert await store.archives.edges("romeo") is None
    await store.close()
    keys = [await key_of(store, message()) for _ in range(3)]

    edges = await store.archives.edges("romeo")

    assert edges is not None
    assert [edge.message_id for edge in edges] == [keys[0], keys[-1]]
    assert edges[0].stored_at < edges[1].stored_at


async def test_large_archives_are_not_counted_for_each_page(writer: StorageWriter) -> None:
    """XEP-0059, section 2.2: the count MAY be omitted where it costs too much."""
    store = await loaded(writer)
    for _ in range(4):
        await key_of(store, message())
    reader = ArchiveReader(
        writer, lambda _address: 1, store.written, ArchiveLimits(counted_results=3)
    )

    assert (await reader.page("romeo", PageWanted(most=1))).count is None
    assert (await reader.page("romeo", PageWanted(most=0))).count == 4


async def test_search_that_takes_too_long_is_given_up(writer: StorageWriter) -> None:
    """Security row 83: time; others are read meanwhile."""
    endless = text(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    )
    long = asyncio.gather(writer.read_long(lambda one: one.execute(endless).all(), 0.05))

    short = await writer.read(lambda connection: connection.execute(text("SELECT 1")).scalar())

    assert short == 1
    assert not long.done()
    with pytest.raises(ReadTooLongError):
        await long
    assert await writer.read_long(lambda one: one.execute(text("SELECT 2")).scalar(), 1.0) == 2


async def test_entries_are_written_once_though_they_were_interrupted(writer: StorageWriter) -> None:
    store = await loaded(writer)
    keys = [await key_of(store, message()) for _ in range(3)]
    await store.close()

    def unsettle(connection: Connection) -> None:
        connection.execute(text("UPDATE message_progress SET settled_up_to = 0"))

    await writer.write(unsettle)
    again = await loaded(writer)
    await again.close()

    def count(connection: Connection) -> int:
        return connection.execute(select(func.count()).select_from(archive_entries)).scalar_one()

    assert await writer.read(count) == 6
    page = await again.archives.page("romeo", PageWanted(most=9))
    assert [one.id for one in page.messages] == keys
    await rest(writer)
