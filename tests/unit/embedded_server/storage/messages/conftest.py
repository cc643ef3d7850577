"""A database in a fresh folder, a writer, and the accounts of romeo and juliet."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from embedded_server.storage.account_repository import AccountRepository
from embedded_server.storage.database import Database
from embedded_server.storage.writer import StorageWriter


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database.create(tmp_path / "parlour.db")
    yield opened
    opened.close()


@pytest_asyncio.fixture
async def writer(database: Database) -> AsyncIterator[StorageWriter]:
    started = StorageWriter(database)
    started.start()
    yield started
    await started.stop()


@pytest_asyncio.fixture
async def repository(writer: StorageWriter) -> AccountRepository:
    repository = AccountRepository(writer)
    await repository.create("romeo", {})
    await repository.create("juliet", {})
    return repository
