"""Nodes of publish-subscribe with their items, affiliations and subscriptions (XEP-0060).

What changes is handed over as a list of writes that are done together or not at all.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, func, select

from embedded_server.storage.errors import StorageError
from embedded_server.storage.pubsub.rows import (
    SERVICE,
    Pairs,
    StoredAvatar,
    StoredItem,
    StoredNode,
    StoredSubscription,
    node_of,
)
from embedded_server.storage.pubsub.writes import PubSubWrite
from embedded_server.storage.tables import (
    accounts,
    pubsub_affiliations,
    pubsub_items,
    pubsub_node_options,
    pubsub_nodes,
    pubsub_subscription_options,
    pubsub_subscriptions,
)
from embedded_server.storage.writer import StorageWriter

OnWritten = Callable[[StorageError | None], None]

_MANY = 500  # values of one IN list
_ACCESS_MODEL = "pubsub#access_model"


class _Residents(NamedTuple):
    """Which items come with their payloads."""

    size_bytes: int
    nodes: tuple[str, ...]


class PubSubRepository:
    """Reads all nodes of an address, writes them change by change.

    An address is that of an account, named by its localpart, or ``SERVICE``.
    """

    def __init__(self, writer: StorageWriter) -> None:
        self._writer = writer
        self._avatars: dict[str, StoredAvatar] = {}

    async def load(
        self, localparts: Sequence[str], resident_bytes: int, resident_nodes: Sequence[str] = ()
    ) -> dict[str, list[StoredNode]]:
        """Read the nodes of addresses; an address without nodes has an empty list.

        Args:
            localparts: Of the accounts, or ``SERVICE``.
            resident_bytes: The last item of a node comes with its payload if that is not longer.
            resident_nodes: Names of nodes all of whose items come with their payloads.

        Raises:
            StorageError: They could not be read.
        """
        return await self._writer.read(
            lambda connection: _load_all(
                connection, localparts, _Residents(resident_bytes, tuple(resident_nodes))
            )
        )

    async def payloads(self, localpart: str, node: str, ids: Sequence[str]) -> dict[str, bytes]:
        """Read payloads by item; what is gone is left out.

        Raises:
            StorageError: They could not be read.
        """
        return await self._writer.read(
            lambda connection: _payloads(connection, localpart, node, ids)
        )

    @property
    def avatars(self) -> Mapping[str, StoredAvatar]:
        """What accounts have published as avatars, by localpart, as it was read at the start."""
        return self._avatars

    async def load_avatars(self, metadata: str, data: str) -> None:
        """Read ``avatars``.

        Args:
            metadata: Name of the metadata nodes.
            data: Name of the data nodes.

        Raises:
            StorageError: They could not be read.
        """
        self._avatars = await self._writer.read(
            lambda connection: _avatars(connection, metadata, data)
        )

    def submit(self, writes: Sequence[PubSubWrite], on_written: OnWritten) -> None:
        """Queue writes that are done together; ``on_written`` is told in the order of the calls."""
        self._writer.submit(lambda connection: _write_all(connection, writes), on_written)


def _write_all(connection: Connection, writes: Sequence[PubSubWrite]) -> None:
    for write in writes:
        write(connection)


def _load_all(
    connection: Connection, localparts: Sequence[str], residents: _Residents
) -> dict[str, list[StoredNode]]:
    loaded: dict[str, list[StoredNode]] = {localpart: [] for localpart in localparts}
    wanted = [localpart for localpart in localparts if localpart != SERVICE]
    for start in range(0, len(wanted), _MANY):
        names = wanted[start : start + _MANY]
        chosen = pubsub_nodes.c.account_id.in_(
            select(accounts.c.id).where(accounts.c.localpart.in_(names))
        )
        _load_chosen(connection, chosen, residents, loaded)
    if SERVICE in loaded:
        _load_chosen(connection, pubsub_nodes.c.account_id.is_(None), residents, loaded)
    return loaded


def _load_chosen(
    connection: Connection, chosen: Any, residents: _Residents, loaded: dict[str, list[StoredNode]]
) -> None:
    nodes: dict[int, StoredNode] = {}
    rows = connection.execute(
        select(pubsub_nodes, accounts.c.localpart)
        .outerjoin(accounts)
        .where(chosen)
        .order_by(pubsub_nodes.c.id)
    )
    for row in rows:
        node = StoredNode(row.name, row.creator, row.created_at)
        nodes[row.id] = node
        loaded[row.localpart or SERVICE].append(node)
    if nodes:
        ids = select(pubsub_nodes.c.id).where(chosen)
        _load_options(connection, ids, nodes)
        _load_affiliations(connection, ids, nodes)
        _load_subscriptions(connection, ids, nodes)
        _load_items(connection, ids, nodes, residents)


def _load_options(
    connection: Connection, ids: Select[Any], nodes: Mapping[int, StoredNode]
) -> None:
    table = pubsub_node_options
    for row in connection.execute(
        select(table)
        .where(table.c.node_id.in_(ids))
        .order_by(table.c.node_id, table.c.name, table.c.position)
    ):
        _add_value(nodes[row.node_id].options, row)


def _load_affiliations(
    connection: Connection, ids: Select[Any], nodes: Mapping[int, StoredNode]
) -> None:
    table = pubsub_affiliations
    for row in connection.execute(select(table).where(table.c.node_id.in_(ids))):
        nodes[row.node_id].affiliations[row.jid] = row.affiliation


def _load_subscriptions(
    connection: Connection, ids: Select[Any], nodes: Mapping[int, StoredNode]
) -> None:
    table, options = pubsub_subscriptions, pubsub_subscription_options
    chosen: dict[int, Pairs] = {}
    for row in connection.execute(
        select(options)
        .join(table)
        .where(table.c.node_id.in_(ids))
        .order_by(options.c.subscription_id, options.c.name, options.c.position)
    ):
        _add_value(chosen.setdefault(row.subscription_id, {}), row)
    for row in connection.execute(
        select(table).where(table.c.node_id.in_(ids)).order_by(table.c.id)
    ):
        stored = StoredSubscription(row.subid, row.jid, row.state, chosen.get(row.id, {}))
        nodes[row.node_id].subscriptions.append(stored)


def _load_items(
    connection: Connection,
    ids: Select[Any],
    nodes: Mapping[int, StoredNode],
    residents: _Residents,
) -> None:
    table = pubsub_items
    size = func.length(table.c.payload)
    last = select(func.max(table.c.id)).where(table.c.node_id.in_(ids)).group_by(table.c.node_id)
    resident = {
        row.id: bytes(row.payload)
        for row in connection.execute(
            select(table.c.id, table.c.payload)
            .join(pubsub_nodes)
            .where(
                table.c.node_id.in_(ids),
                pubsub_nodes.c.name.in_(residents.nodes)
                | (table.c.id.in_(last) & (size <= residents.size_bytes)),
            )
        )
    }
    for row in connection.execute(
        select(
            table.c.id,
            table.c.node_id,
            table.c.item_id,
            table.c.publisher,
            table.c.published_at,
            size.label("size_bytes"),
        )
        .where(table.c.node_id.in_(ids))
        .order_by(table.c.id)
    ):
        item = StoredItem(
            row.item_id, row.publisher, row.published_at, row.size_bytes, resident.get(row.id)
        )
        nodes[row.node_id].items.append(item)


def _add_value(pairs: Pairs, row: Any) -> None:
    pairs[row.name] = (*pairs.get(row.name, ()), row.value)


def _payloads(
    connection: Connection, localpart: str, node: str, ids: Sequence[str]
) -> dict[str, bytes]:
    table = pubsub_items
    owner = node_of(localpart, node)
    found: dict[str, bytes] = {}
    for start in range(0, len(ids), _MANY):
        for row in connection.execute(
            select(table.c.item_id, table.c.payload).where(
                table.c.node_id == owner.scalar_subquery(),
                table.c.item_id.in_(ids[start : start + _MANY]),
            )
        ):
            found[row.item_id] = bytes(row.payload)
    return found


def _avatars(connection: Connection, metadata: str, data: str) -> dict[str, StoredAvatar]:
    payloads = _last_payloads(connection, metadata)
    if not payloads:
        return {}
    items, nodes, options = pubsub_items, pubsub_nodes, pubsub_node_options
    ids: dict[str, set[str]] = {}
    for row in connection.execute(
        select(accounts.c.localpart, items.c.item_id)
        .join(nodes, items.c.node_id == nodes.c.id)
        .join(accounts, nodes.c.account_id == accounts.c.id)
        .where(nodes.c.name == data)
    ):
        ids.setdefault(row.localpart, set()).add(row.item_id)
    models: dict[str, list[str]] = {}
    for row in connection.execute(
        select(accounts.c.localpart, options.c.value)
        .join(nodes, options.c.node_id == nodes.c.id)
        .join(accounts, nodes.c.account_id == accounts.c.id)
        .where(nodes.c.name.in_((metadata, data)), options.c.name == _ACCESS_MODEL)
    ):
        models.setdefault(row.localpart, []).append(row.value)
    return {
        localpart: StoredAvatar(
            payload, frozenset(ids.get(localpart, ())), tuple(models.get(localpart, ()))
        )
        for localpart, payload in payloads.items()
    }


def _last_payloads(connection: Connection, node: str) -> dict[str, bytes]:
    table = pubsub_items
    last = (
        select(func.max(table.c.id))
        .join(pubsub_nodes)
        .where(pubsub_nodes.c.name == node)
        .group_by(table.c.node_id)
    )
    rows = connection.execute(
        select(accounts.c.localpart, table.c.payload)
        .join(pubsub_nodes, table.c.node_id == pubsub_nodes.c.id)
        .join(accounts, pubsub_nodes.c.account_id == accounts.c.id)
        .where(table.c.id.in_(last))
    )
    return {row.localpart: bytes(row.payload) for row in rows}
