"""Nodes, items and subscriptions as they lie on disk, and the row of a node."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, select

from embedded_server.storage.tables import accounts, pubsub_nodes

Pairs = dict[str, tuple[str, ...]]

SERVICE = ""
"""Stands in the place of a localpart for the service of the domain."""


@dataclass(frozen=True, slots=True)
class StoredItem:
    """An item as it lies on disk.

    Attributes:
        publisher: JID.
        published_at: Seconds since 1970, UTC.
        size_bytes: Of the payload.
        payload: None if it was not read: it is long, or not the last one of its node.
    """

    id: str
    publisher: str
    published_at: float
    size_bytes: int
    payload: bytes | None = None


@dataclass(frozen=True, slots=True)
class StoredSubscription:
    """A subscription as it lies on disk."""

    subid: str
    jid: str
    state: str
    options: Pairs = field(default_factory=dict)


@dataclass(slots=True)
class StoredNode:
    """A node as it lies on disk.

    Attributes:
        creator: Bare JID.
        created_at: Seconds since 1970, UTC.
        options: Values by the fields of the configuration form.
        affiliations: By bare JID.
        subscriptions: Oldest first.
        items: In the order of publication.
    """

    name: str
    creator: str
    created_at: float
    options: Pairs = field(default_factory=dict)
    affiliations: dict[str, str] = field(default_factory=dict)
    subscriptions: list[StoredSubscription] = field(default_factory=list)
    items: list[StoredItem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class StoredAvatar:
    """What an account has published as its avatar (XEP-0084), as it lies on disk.

    Attributes:
        metadata: The last payload of the metadata node; empty if there is none.
        data_ids: Items of the data node.
        models: Access models of both nodes; of fewer if one is not there.
    """

    metadata: bytes
    data_ids: frozenset[str]
    models: tuple[str, ...]


def node_of(localpart: str, name: str) -> Select[Any]:
    """Select the row of a node."""
    statement = select(pubsub_nodes.c.id).where(pubsub_nodes.c.name == name)
    if localpart == SERVICE:
        return statement.where(pubsub_nodes.c.account_id.is_(None))
    owner = select(accounts.c.id).where(accounts.c.localpart == localpart).scalar_subquery()
    return statement.where(pubsub_nodes.c.account_id == owner)
