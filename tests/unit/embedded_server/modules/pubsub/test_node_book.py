"""Nodes in memory: what is there agrees with the disk, and is bounded."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from embedded_server.modules.pubsub.node_book import NodeBook
from embedded_server.modules.pubsub.nodes import NodeSet
from embedded_server.plugin_api import (
    PubSubRepository,
    StorageError,
    StoredNode,
    StoredSubscription,
    putting_item,
    putting_node,
)
from embedded_server.storage.account_repository import AccountRepository
from embedded_server.storage.pubsub.rows import StoredItem
from embedded_server.storage.writer import StorageWriter
from shared_protocol.addresses import BareJid
from shared_protocol.limits import PubSubLimits
from tests.helpers.fresh_database import opened_database

pytestmark = pytest.mark.asyncio
ROMEO, JULIET, NURSE = [BareJid(name, "montague.lit") for name in ("romeo", "juliet", "nurse")]
NODE = StoredNode("tune", str(ROMEO), 1.0, affiliations={str(ROMEO): "owner"})


@pytest_asyncio.fixture
async def store(tmp_path: Path) -> AsyncIterator[PubSubRepository]:
    writer = StorageWriter(opened_database(tmp_path / "office.db"))
    writer.start()
    accounts = AccountRepository(writer)
    for jid in (ROMEO, JULIET, NURSE):
        await accounts.create(jid.localpart, {})
    yield PubSubRepository(writer)
    await writer.stop()


async def test_change_that_is_not_on_disk_is_not_in_memory(store: PubSubRepository) -> None:
    """Who reads after the error reads what is there."""
    book = NodeBook(store=store, limits=PubSubLimits())
    async with book.opened(ROMEO) as nodes:
        made = NodeSet.from_stored(ROMEO, [NODE]).nodes["tune"]
        nodes.add(made)
        item = StoredItem("1", str(ROMEO), 1.0, 4, b"<a/>")
        writes = [putting_node("romeo", NODE), putting_item("romeo", "no such node", item)]
        with pytest.raises(StorageError):
            await book.commit(nodes, writes)

    async with book.opened(ROMEO) as nodes:
        assert list(nodes) == []


async def test_idle_addresses_go_oldest_first_and_held_ones_stay(store: PubSubRepository) -> None:
    book = NodeBook(store=store, limits=PubSubLimits(idle_addresses=1))
    await book.hold([ROMEO])
    for jid in (JULIET, NURSE):
        async with book.opened(jid):
            pass

    assert [nodes.address for nodes in book.in_memory()] == [ROMEO, NURSE]


async def test_nodes_are_read_once_for_those_who_come_together(store: PubSubRepository) -> None:
    book = NodeBook(store=store, limits=PubSubLimits())

    held = await asyncio.gather(*(book.hold([ROMEO]) for _ in range(5)))

    assert len({id(nodes) for (nodes,) in held}) == 1


@pytest.mark.parametrize(
    "broken",
    [
        replace(NODE, creator="@@"),
        replace(NODE, affiliations={str(ROMEO): "emperor"}),
        replace(NODE, affiliations={"@": "outcast"}),
        replace(NODE, options={"pubsub#access_model": ("whoever",)}),
        replace(NODE, subscriptions=[StoredSubscription("1", "@", "subscribed")]),
        replace(NODE, subscriptions=[StoredSubscription("1", str(ROMEO), "perhaps")]),
    ],
    ids=["creator", "affiliation", "affiliated", "access", "subscriber", "state"],
)
async def test_node_that_makes_no_sense_is_left_out_and_opens_to_nobody(
    broken: StoredNode,
) -> None:
    """The rest of the account's nodes is there."""
    nodes = NodeSet.from_stored(ROMEO, [broken, replace(NODE, name="mood")])

    assert [node.name for node in nodes] == ["mood"]
