"""Nodes on disk: what was written is what is read, changes come together or not at all."""

import random
from dataclasses import replace

import pytest

from embedded_server.storage.account_repository import AccountRepository
from embedded_server.storage.errors import StorageError
from embedded_server.storage.pubsub.repository import PubSubRepository
from embedded_server.storage.pubsub.rows import (
    SERVICE,
    StoredAvatar,
    StoredItem,
    StoredNode,
    StoredSubscription,
)
from embedded_server.storage.pubsub.writes import (
    PubSubWrite,
    deleting_items,
    deleting_node,
    deleting_subscription,
    forgetting_entity,
    purging,
    putting_affiliation,
    putting_item,
    putting_node,
    putting_subscription,
)
from embedded_server.storage.writer import StorageWriter

pytestmark = pytest.mark.asyncio
ROMEO, JULIET = "romeo@montague.lit", "juliet@montague.lit"
TUNE = StoredNode(
    "http://jabber.org/protocol/tune",
    ROMEO,
    1.5,
    {"pubsub#access_model": ("roster",), "pubsub#roster_groups_allowed": ("Friends", "Nurses")},
)
MODEL = "pubsub#access_model"


@pytest.fixture
def nodes(writer: StorageWriter, repository: AccountRepository) -> PubSubRepository:
    """The store; romeo and juliet have accounts."""
    assert repository is not None
    return PubSubRepository(writer)


async def written(
    nodes: PubSubRepository, writer: StorageWriter, *writes: PubSubWrite
) -> StorageError | None:
    outcomes: list[StorageError | None] = []
    nodes.submit(writes, outcomes.append)
    await writer.write(lambda _connection: None)
    (outcome,) = outcomes
    return outcome


async def loaded(nodes: PubSubRepository, localpart: str, resident: int = 9) -> list[StoredNode]:
    return (await nodes.load([localpart], resident))[localpart]


def item(name: str, payload: bytes = b"<a/>", at: float = 2.5) -> StoredItem:
    return StoredItem(name, f"{ROMEO}/orchard", at, len(payload), payload)


@pytest.mark.parametrize("address", ["romeo", SERVICE], ids=["account", "service"])
async def test_node_comes_back_as_it_was(
    nodes: PubSubRepository, writer: StorageWriter, address: str
) -> None:
    pending = StoredSubscription("2", f"{JULIET}/x", "pending", {"pubsub#deliver": ("0",)})
    subscriptions = [StoredSubscription("1", JULIET, "subscribed"), pending]
    await written(
        nodes,
        writer,
        putting_node(address, TUNE),
        putting_affiliation(address, TUNE.name, ROMEO, "owner"),
        *(putting_subscription(address, TUNE.name, one) for one in subscriptions),
        putting_item(address, TUNE.name, item("1")),
        putting_item(address, TUNE.name, item("2")),
    )

    (node,) = await loaded(nodes, address)

    expected = replace(
        TUNE,
        affiliations={ROMEO: "owner"},
        subscriptions=subscriptions,
        items=[replace(item("1"), payload=None), item("2")],
    )
    assert node == expected
    others = {"romeo", "juliet", SERVICE} - {address}
    assert await nodes.load(sorted(others), 9) == {one: [] for one in others}


async def test_payloads_come_if_they_are_short_and_last_or_of_chosen_nodes(
    nodes: PubSubRepository, writer: StorageWriter
) -> None:
    long = item("long", b"<a>123</a>")
    for name in ("bookmarks", "other"):
        node = replace(TUNE, name=name)
        writes = [putting_item("romeo", name, one) for one in (item("short"), long)]
        await written(nodes, writer, putting_node("romeo", node), *writes)

    bookmarks, other = (await nodes.load(["romeo"], 9, ["bookmarks"]))["romeo"]

    assert [one.payload for one in bookmarks.items] == [b"<a/>", b"<a>123</a>"]
    assert [one.payload for one in other.items] == [None, None]
    assert [one.size_bytes for one in other.items] == [4, 10]
    payloads = await nodes.payloads("romeo", "other", ["long", "gone"])
    assert payloads == {"long": b"<a>123</a>"}


async def test_item_that_is_published_again_is_the_last(
    nodes: PubSubRepository, writer: StorageWriter
) -> None:
    await written(nodes, writer, putting_node("romeo", TUNE))
    for name in ("1", "2", "1"):
        await written(nodes, writer, putting_item("romeo", TUNE.name, item(name)))

    (node,) = await loaded(nodes, "romeo")

    assert [one.id for one in node.items] == ["2", "1"]


async def test_change_that_cannot_be_written_leaves_nothing(
    nodes: PubSubRepository, writer: StorageWriter
) -> None:
    """A publication to a node that is gone: the node that was to be made with it is not made."""
    outcome = await written(
        nodes, writer, putting_node("romeo", TUNE), putting_item("romeo", "gone", item("1"))
    )

    assert isinstance(outcome, StorageError)
    assert await loaded(nodes, "romeo") == []


async def test_nodes_go_with_their_account(
    nodes: PubSubRepository, writer: StorageWriter, repository: AccountRepository
) -> None:
    await written(
        nodes,
        writer,
        putting_node("romeo", TUNE),
        putting_item("romeo", TUNE.name, item("1")),
        putting_node(SERVICE, TUNE),
    )

    await repository.delete("romeo")
    await repository.create("romeo", {})

    assert await loaded(nodes, "romeo") == []
    assert len(await loaded(nodes, SERVICE)) == 1


async def test_entity_is_struck_out_with_all_its_addresses_and_nobody_else(
    nodes: PubSubRepository, writer: StorageWriter
) -> None:
    addresses = (JULIET, f"{JULIET}/balcony", f"{JULIET}x", "j_liet@montague.lit/balcony")
    subscriptions = [
        StoredSubscription(str(number), jid, "subscribed") for number, jid in enumerate(addresses)
    ]
    await written(
        nodes,
        writer,
        putting_node(SERVICE, TUNE),
        *(putting_subscription(SERVICE, TUNE.name, one) for one in subscriptions),
        putting_affiliation(SERVICE, TUNE.name, JULIET, "member"),
        putting_affiliation(SERVICE, TUNE.name, ROMEO, "owner"),
    )

    await written(nodes, writer, forgetting_entity(JULIET))

    (node,) = await loaded(nodes, SERVICE)
    assert [one.jid for one in node.subscriptions] == list(addresses[2:])
    assert node.affiliations == {ROMEO: "owner"}


async def test_avatars_of_all_accounts_are_read_at_once(
    nodes: PubSubRepository, writer: StorageWriter
) -> None:
    open_node = replace(TUNE, options={MODEL: ("open",)})
    await written(
        nodes,
        writer,
        putting_node("romeo", replace(open_node, name="metadata")),
        putting_node("romeo", replace(open_node, name="data")),
        *(putting_item("romeo", "data", item(name)) for name in ("old", "new")),
        *(putting_item("romeo", "metadata", item("x", text)) for text in (b"<old/>", b"<new/>")),
        putting_node("juliet", open_node),
    )

    await nodes.load_avatars("metadata", "data")

    avatar = StoredAvatar(b"<new/>", frozenset({"old", "new"}), ("open", "open"))
    assert dict(nodes.avatars) == {"romeo": avatar}


class Model:
    """The same changes to a node as it is in memory."""

    def __init__(self) -> None:
        self.node = replace(TUNE, affiliations={}, subscriptions=[], items=[])
        self._chance = random.Random(60)  # noqa: S311 - repeatable, and no secret

    def step(self) -> PubSubWrite:
        """Change something; return how it is written."""
        name, node = str(self._chance.randrange(8)), self.node
        match self._chance.randrange(7):
            case 0 | 1:
                new = item(name, b"<a>%d</a>" % self._chance.randrange(10))
                node.items = [one for one in node.items if one.id != name] + [new]
                return putting_item("romeo", TUNE.name, new)
            case 2:
                node.items = [one for one in node.items if one.id != name]
                return deleting_items("romeo", TUNE.name, [name, "absent"])
            case 3:
                return self._subscribe(StoredSubscription(name, JULIET, "pending"))
            case 4:
                node.subscriptions = [one for one in node.subscriptions if one.subid != name]
                return deleting_subscription("romeo", TUNE.name, name)
            case 5:
                affiliation = self._chance.choice(["", "member", "outcast"])
                node.affiliations.pop(name, None)
                if affiliation:
                    node.affiliations[name] = affiliation
                return putting_affiliation("romeo", TUNE.name, name, affiliation)
            case _:
                node.options = {MODEL: (self._chance.choice(["open", "presence"]),)}
                return putting_node("romeo", node)

    def purge(self) -> PubSubWrite:
        self.node.items = []
        return purging("romeo", TUNE.name)

    def _subscribe(self, subscription: StoredSubscription) -> PubSubWrite:
        known = self.node.subscriptions
        at = next((i for i, one in enumerate(known) if one.subid == subscription.subid), len(known))
        known[at : at + 1] = [subscription]
        return putting_subscription("romeo", TUNE.name, subscription)

    def as_loaded(self) -> StoredNode:
        items = [replace(one, payload=None) for one in self.node.items[:-1]]
        return replace(self.node, items=items + self.node.items[-1:])


async def test_many_changes_leave_what_a_node_in_memory_has(
    nodes: PubSubRepository, writer: StorageWriter
) -> None:
    model = Model()
    await written(nodes, writer, putting_node("romeo", TUNE))
    for _ in range(20):
        writes = [model.step() for _ in range(10)]
        assert await written(nodes, writer, *writes) is None

        assert await loaded(nodes, "romeo") == [model.as_loaded()]
    await written(nodes, writer, model.purge())
    assert await loaded(nodes, "romeo") == [model.as_loaded()]
    await written(nodes, writer, deleting_node("romeo", TUNE.name))
    assert await loaded(nodes, "romeo") == []
