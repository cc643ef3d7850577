"""What the host says about itself: identities and features for discovery, and stream features."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol, TypeVar

from shared_protocol.addresses import Jid
from shared_protocol.stanzas.disco import DiscoForm, DiscoInfo, DiscoItem, Identity

ItemT = TypeVar("ItemT")
Unregister = Callable[[], None]
StreamFeature = Callable[["StreamPhase"], bytes]


class Entity(Enum):
    """Who has a feature."""

    SERVER = "the domain"
    ACCOUNT = "every account"


class StreamPhase(Enum):
    """When stream features are announced (RFC 6120, section 4.3.2)."""

    BEFORE_LOGIN = "encrypted, not logged in"
    AFTER_LOGIN = "logged in, no resource yet"


class NodeSource(Protocol):
    """Knows nodes of the server (XEP-0030, section 3.2)."""

    def info_of(self, node: str, asker: Jid) -> DiscoInfo | None:
        """Describe a node; None if it is not one of these.

        Raises:
            StanzaError: It is not for who asks.
        """

    def items_of(self, node: str, asker: Jid) -> tuple[DiscoItem, ...] | None:
        """List what belongs to a node; as ``info_of``."""


@dataclass(slots=True)
class _Announced:
    identities: list[Identity] = field(default_factory=list)
    forms: list[DiscoForm] = field(default_factory=list)
    features: list[str] = field(default_factory=list)


class FeatureRegistry:
    """What modules announce. Each announcement can be taken back.

    Attributes:
        version: Grows with every change, so that what was computed from it can be kept.
        nodes: Under which the server answers discovery as without one (XEP-0115, section 6.2).
    """

    def __init__(self) -> None:
        self.version = 0
        self.nodes: frozenset[str] = frozenset()
        self._announced = {entity: _Announced() for entity in Entity}
        self._stream_features: list[StreamFeature] = []
        self._items: list[DiscoItem] = []
        self._node_sources: list[NodeSource] = []

    def add(self, entity: Entity, *features: str) -> Unregister:
        """Announce features in discovery; one that several modules announce is listed once."""
        return self._extend(self._announced[entity].features, features)

    def add_identity(self, entity: Entity, identity: Identity) -> Unregister:
        """Announce an identity in discovery."""
        return self._extend(self._announced[entity].identities, (identity,))

    def add_form(self, entity: Entity, form: DiscoForm) -> Unregister:
        """Announce further facts in discovery (XEP-0128); one form for each kind."""
        return self._extend(self._announced[entity].forms, (form,))

    def add_item(self, item: DiscoItem) -> Unregister:
        """List something that belongs to the server, as a service of it (XEP-0030, section 4)."""
        self._items.append(item)
        return lambda: self._items.remove(item)

    @property
    def items(self) -> tuple[DiscoItem, ...]:
        """What belongs to the server, in the order of its announcement."""
        return tuple(self._items)

    def add_to_streams(self, feature: StreamFeature) -> Unregister:
        """Announce in the stream features.

        Args:
            feature: Returns what is announced in a phase, as bytes; empty for nothing.
        """
        return self._extend(self._stream_features, (feature,))

    def add_node(self, node: str) -> Unregister:
        """Answer discovery of the server under a node too; no change of what is announced."""
        self.nodes |= {node}

        def take_back() -> None:
            self.nodes -= {node}

        return take_back

    def add_node_source(self, source: NodeSource) -> Unregister:
        """Let somebody answer discovery of nodes of the server."""
        self._node_sources.append(source)
        return lambda: self._node_sources.remove(source)

    def info_of_node(self, node: str, asker: Jid) -> DiscoInfo | None:
        """Return what a source says of a node of the server; None if none knows it.

        Raises:
            StanzaError: It is not for who asks.
        """
        for source in self._node_sources:
            info = source.info_of(node, asker)
            if info is not None:
                return info
        return None

    def items_of_node(self, node: str, asker: Jid) -> tuple[DiscoItem, ...]:
        """Return what belongs to a node of the server; errors as ``info_of_node``."""
        for source in self._node_sources:
            items = source.items_of(node, asker)
            if items is not None:
                return items
        return ()

    def of(self, entity: Entity) -> tuple[str, ...]:
        """Return the features of an entity, sorted, each once (XEP-0030, section 3.1)."""
        return tuple(sorted(set(self._announced[entity].features)))

    def identities_of(self, entity: Entity) -> tuple[Identity, ...]:
        """Return the identities of an entity, in the order of their announcement."""
        return tuple(dict.fromkeys(self._announced[entity].identities))

    def forms_of(self, entity: Entity) -> tuple[DiscoForm, ...]:
        """Return the forms of an entity, in the order of their announcement."""
        return tuple(self._announced[entity].forms)

    def of_stream(self, phase: StreamPhase) -> bytes:
        """Return what modules add to the stream features of a phase."""
        return b"".join(feature(phase) for feature in self._stream_features)

    def _extend(self, announced: list[ItemT], new: tuple[ItemT, ...]) -> Unregister:
        announced.extend(new)
        self.version += 1

        def take_back() -> None:
            self.version += 1
            for item in new:
                announced.remove(item)

        return take_back
