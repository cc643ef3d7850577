"""What storing messages costs, and how long a page of an archive takes, by its size."""

import asyncio
import itertools
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from sqlalchemy import Connection, text

from embedded_server.storage.database import Database
from embedded_server.storage.messages.archive_pages import PageWanted
from embedded_server.storage.messages.message_store import MessageStore, NewMessage
from embedded_server.storage.writer import StorageWriter

T = TypeVar("T")

PAIRS = 20
STANZA = (
    b"<message from='romeo@montague.lit/orchard' to='juliet@montague.lit' type='chat' id='5f3c'>"
    b"<body>Wherefore art thou, Romeo? Deny thy father, and refuse thy name &amp; be new baptised."
    b"</body><request xmlns='urn:xmpp:receipts'/></message>"
)
FILL = """
INSERT INTO messages
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :count)
SELECT n, n, iif(n % 2, 1, iif(n % 1000, 2, 3)), iif(n % 2, 2, 1), 1, 1, 1, :stanza FROM numbers
"""


class Store:
    """A store that runs on a loop of its own, for benchmarks that are plain functions."""

    def __init__(self, path: Path) -> None:
        self.loop = asyncio.new_event_loop()
        self.database = Database.create(path)
        self.writer = StorageWriter(self.database)
        self.store = MessageStore(self.writer)
        self.run(self._start())

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    async def _start(self) -> None:
        self.writer.start()
        await self.store.load()

    async def fill(self, count: int) -> None:
        """Let romeo have so many messages, one of a thousand with nurse, all others with juliet."""
        for name in ("romeo", "juliet", "nurse"):
            self.store.add(NewMessage(name, name, STANZA, "", False, False, False), lambda _: None)  # noqa: FBT003
        await self.store.written()

        def write(connection: Connection) -> None:
            connection.execute(text("DELETE FROM messages"))
            connection.execute(text(FILL), {"count": count, "stanza": STANZA})

        await self.writer.write(write)
        await self.store.load()
        await self.store.close()

    def close(self) -> None:
        self.run(self.writer.stop())
        self.database.close()
        self.loop.close()


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "parlour.db")
    yield store
    store.close()


@pytest.mark.parametrize("group", [1, 10, 50, 200])
def test_store_a_group_of_messages_for_both_archives(
    benchmark: BenchmarkFixture, opened: Store, group: int
) -> None:
    store, numbers = opened.store, itertools.count()

    async def write() -> None:
        loop = asyncio.get_running_loop()
        last: asyncio.Future[object] = loop.create_future()
        for place in range(group):
            sender = f"u{place % PAIRS}"
            receiver = f"v{place % PAIRS}"
            new = NewMessage(sender, receiver, STANZA, f"{next(numbers)}", True, True, True)  # noqa: FBT003
            tell = last.set_result if place == group - 1 else _ignore
            key = store.add(new, tell)
            store.arrived(receiver, (key,))
        await last

    benchmark.extra_info["messages"] = group
    benchmark(lambda: opened.run(write()))


@pytest.fixture(scope="module", params=[10, 1_000, 1_000_000])
def archive(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    store = Store(tmp_path_factory.mktemp("archive") / "parlour.db")
    store.run(store.fill(request.param))
    yield store
    store.close()


@pytest.mark.parametrize(
    "wanted",
    [
        PageWanted(most=50),
        PageWanted(most=50, is_backwards=True),
        PageWanted(most=50, counterpart="nurse", is_backwards=True),
        PageWanted(most=50, start=500_000.0),
        PageWanted(most=250, is_backwards=True),
        PageWanted(most=0),
    ],
    ids=["first", "last", "with", "since", "full", "count"],
)
def test_read_a_page(benchmark: BenchmarkFixture, archive: Store, wanted: PageWanted) -> None:
    read: Callable[[], object] = lambda: archive.run(archive.store.archives.page("romeo", wanted))  # noqa: E731
    benchmark(read)


def _ignore(_outcome: object) -> None:
    """Wait for the last one alone."""
