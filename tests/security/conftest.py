"""An office for each attack."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.helpers.office import RunningOffice, running_office


@pytest_asyncio.fixture
async def office(tmp_path: Path) -> AsyncIterator[RunningOffice]:
    """A real office in this process, with romeo, juliet and the nurse."""
    async with running_office(tmp_path / "office") as opened:
        yield opened
