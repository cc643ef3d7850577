"""Single changes of publish-subscribe; ``PubSubRepository.submit`` does several together."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from sqlalchemy import Connection, Table, delete, insert, update

from embedded_server.storage.account_repository import account_id
from embedded_server.storage.errors import StorageError
from embedded_server.storage.pubsub.rows import (
    SERVICE,
    Pairs,
    StoredItem,
    StoredNode,
    StoredSubscription,
    node_of,
)
from embedded_server.storage.tables import (
    pubsub_affiliations,
    pubsub_items,
    pubsub_node_options,
    pubsub_nodes,
    pubsub_subscription_options,
    pubsub_subscriptions,
)

PubSubWrite = Callable[[Connection], None]
_MANY = 500  # values of one IN list


def putting_node(localpart: str, node: StoredNode) -> PubSubWrite:
    """Add a node, or replace its configuration; its items and lists are written apart."""
    return partial(_put_node, localpart=localpart, node=node)


def deleting_node(localpart: str, name: str) -> PubSubWrite:
    """Delete a node with all that belongs to it."""
    return partial(_delete_node, localpart=localpart, name=name)


def putting_item(localpart: str, node: str, item: StoredItem) -> PubSubWrite:
    """Add an item behind all others; one of the same id goes."""
    return partial(_put_item, localpart=localpart, node=node, item=item)


def deleting_items(localpart: str, node: str, ids: Sequence[str]) -> PubSubWrite:
    """Delete items by id."""
    return partial(_delete_items, localpart=localpart, node=node, ids=tuple(ids))


def purging(localpart: str, node: str) -> PubSubWrite:
    """Delete all items of a node."""
    return partial(_purge, localpart=localpart, node=node)


def putting_affiliation(localpart: str, node: str, jid: str, affiliation: str) -> PubSubWrite:
    """Set what an entity is to a node; empty for nothing."""
    return partial(
        _put_affiliation, localpart=localpart, node=node, jid=jid, affiliation=affiliation
    )


def putting_subscription(localpart: str, node: str, stored: StoredSubscription) -> PubSubWrite:
    """Add or replace a subscription, with its options."""
    return partial(_put_subscription, localpart=localpart, node=node, stored=stored)


def deleting_subscription(localpart: str, node: str, subid: str) -> PubSubWrite:
    """Delete a subscription."""
    return partial(_delete_subscription, localpart=localpart, node=node, subid=subid)


def forgetting_entity(jid: str) -> PubSubWrite:
    """Delete what a bare JID is to the nodes of others, and its subscriptions to them."""
    return partial(_forget_entity, jid=jid)


def _require_node(connection: Connection, localpart: str, name: str) -> int:
    key = connection.execute(node_of(localpart, name)).scalar()
    if key is None:
        message = f"There is no node {name!r} of {localpart or 'the service'!r}."
        raise StorageError(message)
    return int(key)


def _put_node(connection: Connection, *, localpart: str, node: StoredNode) -> None:
    found = connection.execute(node_of(localpart, node.name)).scalar()
    key = _insert_node(connection, localpart, node) if found is None else found
    if found is not None:
        table = pubsub_node_options
        connection.execute(delete(table).where(table.c.node_id == key))
    _insert_values(connection, pubsub_node_options, {"node_id": key}, node.options)


def _insert_node(connection: Connection, localpart: str, node: StoredNode) -> int:
    owner = None if localpart == SERVICE else account_id(connection, localpart)
    statement = (
        insert(pubsub_nodes)
        .values(account_id=owner, name=node.name, creator=node.creator, created_at=node.created_at)
        .returning(pubsub_nodes.c.id)
    )
    return int(connection.execute(statement).scalar_one())


def _delete_node(connection: Connection, *, localpart: str, name: str) -> None:
    key = node_of(localpart, name).scalar_subquery()
    connection.execute(delete(pubsub_nodes).where(pubsub_nodes.c.id == key))


def _put_item(connection: Connection, *, localpart: str, node: str, item: StoredItem) -> None:
    key = _require_node(connection, localpart, node)
    table = pubsub_items
    connection.execute(delete(table).where(table.c.node_id == key, table.c.item_id == item.id))
    connection.execute(
        insert(table).values(
            node_id=key,
            item_id=item.id,
            publisher=item.publisher,
            published_at=item.published_at,
            payload=item.payload or b"",
        )
    )


def _delete_items(connection: Connection, *, localpart: str, node: str, ids: Sequence[str]) -> None:
    table = pubsub_items
    key = _require_node(connection, localpart, node)
    for start in range(0, len(ids), _MANY):
        gone = table.c.item_id.in_(ids[start : start + _MANY])
        connection.execute(delete(table).where(table.c.node_id == key, gone))


def _purge(connection: Connection, *, localpart: str, node: str) -> None:
    key = _require_node(connection, localpart, node)
    connection.execute(delete(pubsub_items).where(pubsub_items.c.node_id == key))


def _put_affiliation(
    connection: Connection, *, localpart: str, node: str, jid: str, affiliation: str
) -> None:
    key = _require_node(connection, localpart, node)
    table = pubsub_affiliations
    connection.execute(delete(table).where(table.c.node_id == key, table.c.jid == jid))
    if affiliation:
        connection.execute(insert(table).values(node_id=key, jid=jid, affiliation=affiliation))


def _put_subscription(
    connection: Connection, *, localpart: str, node: str, stored: StoredSubscription
) -> None:
    owner = _require_node(connection, localpart, node)
    table, options = pubsub_subscriptions, pubsub_subscription_options
    key = connection.execute(
        update(table)
        .where(table.c.node_id == owner, table.c.subid == stored.subid)
        .values(jid=stored.jid, state=stored.state)
        .returning(table.c.id)
    ).scalar()
    if key is None:
        key = connection.execute(
            insert(table)
            .values(node_id=owner, subid=stored.subid, jid=stored.jid, state=stored.state)
            .returning(table.c.id)
        ).scalar_one()
    else:
        connection.execute(delete(options).where(options.c.subscription_id == key))
    _insert_values(connection, options, {"subscription_id": key}, stored.options)


def _delete_subscription(connection: Connection, *, localpart: str, node: str, subid: str) -> None:
    owner = _require_node(connection, localpart, node)
    table = pubsub_subscriptions
    connection.execute(delete(table).where(table.c.node_id == owner, table.c.subid == subid))


def _forget_entity(connection: Connection, *, jid: str) -> None:
    table = pubsub_affiliations
    connection.execute(delete(table).where(table.c.jid == jid))
    subscriptions = pubsub_subscriptions
    is_full = subscriptions.c.jid.startswith(f"{jid}/", autoescape=True)
    connection.execute(delete(subscriptions).where((subscriptions.c.jid == jid) | is_full))


def _insert_values(
    connection: Connection, table: Table, key: Mapping[str, int], pairs: Pairs
) -> None:
    rows = [
        {**key, "name": name, "position": position, "value": value}
        for name, values in pairs.items()
        for position, value in enumerate(values)
    ]
    if rows:
        connection.execute(insert(table), rows)
