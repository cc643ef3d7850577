from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from communicator.storage.database import Database
from tests.helpers.profile_data import ROMEO


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "profile" / "parlour.db"


@pytest_asyncio.fixture
async def database(path: Path) -> AsyncIterator[Database]:
    database = Database(path)
    await database.open()
    await database.use_account(ROMEO)
    yield database
    await database.close()
