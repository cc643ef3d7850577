"""What an operation on nodes leads to: an answer, changes on disk, and who is to be told."""

from dataclasses import dataclass, field

from embedded_server.modules.pubsub.nodes import Node, Subscription
from embedded_server.plugin_api import PubSubWrite, StoredItem
from shared_protocol.addresses import BareJid, Jid
from shared_protocol.stanzas.pubsub.events import Event


@dataclass(frozen=True, slots=True)
class TellSubscribers:
    """All who receive the notifications of a node are told an event.

    Attributes:
        publisher: Who caused it.
        is_for_pending: Those whose subscriptions are not approved yet as well (section 8.4.2).
    """

    node: Node
    event: Event
    publisher: Jid
    is_for_pending: bool = False


@dataclass(frozen=True, slots=True)
class TellOne:
    """One address is told an event, as that its subscription has changed (section 12.13)."""

    node: Node
    event: Event
    to: Jid


@dataclass(frozen=True, slots=True)
class SendLastItem:
    """A new subscriber is sent what was published last (section 6.1.7)."""

    node: Node
    to: Jid


@dataclass(frozen=True, slots=True)
class OpenToMore:
    """A node may let more entities in than before: who is interested gets the last item.

    Attributes:
        before: The node with the configuration that it had.
    """

    node: Node
    before: Node


@dataclass(frozen=True, slots=True)
class AskOwners:
    """The owners of a node are asked to approve a subscription (section 8.6)."""

    node: Node
    subscription: Subscription


Notice = TellSubscribers | TellOne | SendLastItem | OpenToMore | AskOwners


@dataclass(frozen=True, slots=True)
class ItemsChanged:
    """What happened to a node, for those who keep something like it elsewhere.

    Neither an item nor one that is gone: others than before may see the node.

    Attributes:
        item: What was published, with its payload; None if nothing was.
        gone: Ids of items that were retracted, purged, or made room.
    """

    address: BareJid
    node: str
    item: StoredItem | None = None
    gone: tuple[str, ...] = ()


@dataclass(slots=True)
class Outcome:
    """What is to happen when all is on disk.

    Attributes:
        answer: The child of the result; None for an empty one.
        writes: Done together.
        notices: In order.
        changes: In order.
    """

    answer: bytes | None = None
    writes: list[PubSubWrite] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    changes: list[ItemsChanged] = field(default_factory=list)
