"""The nodes of one address, in memory: what they are, and who is what to them (XEP-0060, 4).

Payloads stay on disk but for the last of each node, and for that only while it is short. The nodes
of bookmarks are all in memory: each form of them is made from the others.
"""

import logging
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace

from embedded_server.plugin_api import SERVICE, StoredItem, StoredNode, StoredSubscription
from shared_protocol.addresses import BareJid, Jid, parse_jid
from shared_protocol.errors import StanzaError
from shared_protocol.namespaces import BOOKMARKS, PRIVATE_BOOKMARKS
from shared_protocol.stanzas.pubsub import node_options, subscribe_options
from shared_protocol.stanzas.pubsub.node_options import NodeOptions
from shared_protocol.stanzas.pubsub.node_terms import Affiliation, NodeSubscriptionState
from shared_protocol.stanzas.pubsub.subscribe_options import SubscribeOptions

WITH_ITEMS = frozenset({Affiliation.OWNER, Affiliation.PUBLISHER, Affiliation.MEMBER})
"""Affiliations that let an entity subscribe and retrieve, whatever the access model."""

_logger = logging.getLogger(__name__)

RESIDENT_NODES = (BOOKMARKS, PRIVATE_BOOKMARKS)
"""Nodes of accounts whose payloads are all in memory."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """Somebody's subscription to a node; changed by replacing it.

    Attributes:
        subid: Names it; unique in its node.
        jid: Where notifications go.
    """

    subid: str
    jid: Jid
    state: NodeSubscriptionState
    options: SubscribeOptions = field(default_factory=SubscribeOptions)

    def stored(self) -> StoredSubscription:
        """Return it as it is written."""
        pairs = subscribe_options.to_pairs(self.options)
        return StoredSubscription(self.subid, str(self.jid), self.state.value, pairs)


@dataclass(slots=True)
class Node:
    """A leaf node.

    Attributes:
        creator: Who made it, and whose limits it counts for.
        created_at: Seconds since 1970, UTC.
        affiliations: By bare JID, without ``NONE``.
        subscriptions: By subid, oldest first; changed by the methods of ``NodeSet``.
        items: By id, in the order of publication.
        last: What was published last, at a node that keeps items or not; None if there is nothing.
        size_bytes: Of all payloads.
    """

    name: str
    creator: BareJid
    created_at: float
    options: NodeOptions
    affiliations: dict[BareJid, Affiliation] = field(default_factory=dict)
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    items: dict[str, StoredItem] = field(default_factory=dict)
    last: StoredItem | None = None
    size_bytes: int = 0
    _subids: dict[BareJid, list[str]] = field(default_factory=dict)

    @property
    def owners(self) -> list[BareJid]:
        """Those who own it."""
        return self.affiliated(Affiliation.OWNER)

    def affiliated(self, affiliation: Affiliation) -> list[BareJid]:
        """Those who are one thing to it, in order."""
        return [jid for jid, one in self.affiliations.items() if one is affiliation]

    def affiliation_of(self, jid: Jid) -> Affiliation:
        """What an entity is to it."""
        return self.affiliations.get(jid.bare, Affiliation.NONE)

    def subscriptions_of(self, entity: BareJid) -> list[Subscription]:
        """The subscriptions of an entity with all its addresses, pending ones included."""
        return [self.subscriptions[subid] for subid in self._subids.get(entity, ())]

    def is_subscribed(self, entity: BareJid) -> bool:
        """Whether an entity has a subscription that is not pending."""
        return any(
            one.state is NodeSubscriptionState.SUBSCRIBED for one in self.subscriptions_of(entity)
        )

    def put_subscription(self, subscription: Subscription) -> None:
        """Add or replace a subscription."""
        if subscription.subid not in self.subscriptions:
            self._subids.setdefault(subscription.jid.bare, []).append(subscription.subid)
        self.subscriptions[subscription.subid] = subscription

    def pop_subscription(self, subid: str) -> None:
        """Take a subscription out."""
        entity = self.subscriptions.pop(subid).jid.bare
        self._subids[entity].remove(subid)
        if not self._subids[entity]:
            del self._subids[entity]

    def keep(self, item: StoredItem, resident_bytes: int) -> None:
        """Put an item behind all others; one of the same id goes, and the last one's payload."""
        before = self.last
        is_resident = self.name in RESIDENT_NODES
        if before is not None and before.id in self.items and not is_resident:
            self.items[before.id] = _without_payload(self.items[before.id])
        self._pop(item.id)
        self.size_bytes += item.size_bytes
        is_kept = is_resident or item.size_bytes <= resident_bytes
        kept = item if is_kept else _without_payload(item)
        self.items[item.id] = self.last = kept

    def drop(self, ids: Iterable[str]) -> None:
        """Let items go."""
        for one in ids:
            self._pop(one)
        if self.last is not None and self.options.persists_items and self.last.id not in self.items:
            self.last = next(reversed(self.items.values()), None)

    def stored(self) -> StoredNode:
        """Return it as it is written, without what is written apart."""
        pairs = node_options.to_pairs(self.options)
        return StoredNode(self.name, str(self.creator), self.created_at, pairs)

    def _pop(self, item_id: str) -> None:
        item = self.items.pop(item_id, None)
        if item is not None:
            self.size_bytes -= item.size_bytes


class NodeSet:
    """All nodes of one address.

    Attributes:
        address: Of the account or the service.
        key: What names it in the store.
        nodes: By name, in the order of creation; changed by the methods only.
        purging: Names of those that are empty while their publishers are off line.
    """

    def __init__(self, address: BareJid, nodes: Iterable[Node] = ()) -> None:
        self.address = address
        self.key = address.localpart or SERVICE
        self.nodes: dict[str, Node] = {}
        self.purging: set[str] = set()
        self._made: dict[BareJid, dict[str, Node]] = {}
        self._subscribed: dict[BareJid, Counter[str]] = {}
        for node in nodes:
            self.add(node)

    @classmethod
    def from_stored(cls, address: BareJid, stored: Iterable[StoredNode]) -> "NodeSet":
        """Return what was read from the store; a node that cannot be understood is left out."""
        nodes = cls(address)
        for one in stored:
            try:
                nodes.add(_node(one))
            except (ValueError, StanzaError):
                _logger.exception("a node of %s makes no sense", address)
        return nodes

    def __iter__(self) -> Iterator[Node]:
        return iter(tuple(self.nodes.values()))

    @property
    def is_account(self) -> bool:
        """Whether the address is that of an account (PEP), not of the service."""
        return bool(self.address.localpart)

    def get(self, name: str) -> Node | None:
        """Return a node."""
        return self.nodes.get(name)

    def add(self, node: Node) -> None:
        """Add a node that is not there."""
        self.nodes[node.name] = node
        self._made.setdefault(node.creator, {})[node.name] = node
        for subscription in node.subscriptions.values():
            self._count(subscription.jid.bare, node.name, 1)
        self.note_options(node)

    def note_options(self, node: Node) -> None:
        """A node has options that it had not."""
        if node.options.purges_offline:
            self.purging.add(node.name)
        else:
            self.purging.discard(node.name)

    def remove(self, node: Node) -> None:
        """Take a node out; it keeps its subscriptions, for those who are to be told."""
        del self.nodes[node.name]
        self.purging.discard(node.name)
        made = self._made[node.creator]
        del made[node.name]
        if not made:
            del self._made[node.creator]
        for subscription in node.subscriptions.values():
            self._count(subscription.jid.bare, node.name, -1)

    def made_by(self, creator: BareJid) -> Collection[Node]:
        """Return the nodes that count for the limits of an account."""
        return self._made.get(creator, {}).values()

    def subscribed_by(self, entity: BareJid) -> list[Node]:
        """Return the nodes to which an entity has subscriptions, pending ones included."""
        return [self.nodes[name] for name in self._subscribed.get(entity, ())]

    def count_of(self, entity: BareJid) -> int:
        """Return how many subscriptions an entity has."""
        return sum(self._subscribed.get(entity, Counter()).values())

    def put_subscription(self, node: Node, subscription: Subscription) -> None:
        """Add or replace a subscription."""
        if subscription.subid not in node.subscriptions:
            self._count(subscription.jid.bare, node.name, 1)
        node.put_subscription(subscription)

    def pop_subscription(self, node: Node, subscription: Subscription) -> None:
        """Take a subscription out."""
        self._count(subscription.jid.bare, node.name, -1)
        node.pop_subscription(subscription.subid)

    def _count(self, entity: BareJid, name: str, number: int) -> None:
        counts = self._subscribed.setdefault(entity, Counter())
        counts[name] += number
        if not counts[name]:
            del counts[name]
        if not counts:
            del self._subscribed[entity]


def _node(stored: StoredNode) -> Node:
    node = Node(
        stored.name,
        BareJid.parse(stored.creator),
        stored.created_at,
        node_options.from_pairs(stored.options),
        {
            BareJid.parse(jid): Affiliation(affiliation)
            for jid, affiliation in stored.affiliations.items()
        },
        items={item.id: item for item in stored.items},
    )
    for subscription in map(_subscription, stored.subscriptions):
        if not subscription.options.is_temporary:  # its session ended with the server
            node.put_subscription(subscription)
    node.last = next(reversed(node.items.values()), None)
    node.size_bytes = sum(item.size_bytes for item in stored.items)
    return node


def _subscription(stored: StoredSubscription) -> Subscription:
    return Subscription(
        stored.subid,
        parse_jid(stored.jid),
        NodeSubscriptionState(stored.state),
        subscribe_options.from_pairs(stored.options),
    )


def _without_payload(item: StoredItem) -> StoredItem:
    return item if item.payload is None else replace(item, payload=None)
