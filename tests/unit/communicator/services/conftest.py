from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from communicator.storage.database import Database
from tests.helpers.chat_setting import Chat
from tests.helpers.profile_data import ROMEO


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "parlour.db"


@pytest_asyncio.fixture
async def database(path: Path) -> AsyncIterator[Database]:
    database = Database(path)
    await database.open()
    await database.use_account(ROMEO)
    yield database
    await database.close()


@pytest_asyncio.fixture
async def chat(database: Database) -> AsyncIterator[Chat]:
    chat = Chat(database)
    await chat.service.start()
    yield chat
    await chat.service.stop()
