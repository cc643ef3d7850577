"""The witches and their cave: romeo owns it, juliet and others may come."""

import pytest_asyncio

from tests.helpers.coven import Coven
from tests.helpers.module_stage import Client, Stage


@pytest_asyncio.fixture
async def romeo(stage: Stage) -> Client:
    return await stage.enter("romeo/orchard")


@pytest_asyncio.fixture
async def juliet(stage: Stage) -> Client:
    return await stage.enter("juliet/balcony")


@pytest_asyncio.fixture
async def nurse(stage: Stage) -> Client:
    return await stage.enter("nurse/hall")


@pytest_asyncio.fixture
async def hecate(stage: Stage) -> Client:
    return await stage.enter("hecate/broom")


@pytest_asyncio.fixture
async def coven(stage: Stage, romeo: Client) -> Coven:
    """A room of its default configuration, with romeo as firstwitch in it."""
    return await Coven(stage).made_by(romeo, "firstwitch")
