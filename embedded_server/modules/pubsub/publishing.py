"""Publishing, retracting and purging (XEP-0060 1.30.0, sections 7 and 8.5), without I/O."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from embedded_server.modules.pubsub import permissions
from embedded_server.modules.pubsub.creation import created
from embedded_server.modules.pubsub.nodes import Node, NodeSet
from embedded_server.modules.pubsub.outcomes import ItemsChanged, Outcome, TellSubscribers
from embedded_server.modules.pubsub.permissions import Requester, Rules
from embedded_server.plugin_api import (
    PubSubWrite,
    StoredItem,
    deleting_items,
    purging,
    putting_item,
)
from shared_protocol.addresses import Jid
from shared_protocol.errors import StanzaCondition, StanzaError
from shared_protocol.limits import PubSubLimits
from shared_protocol.namespaces import AVATAR_DATA, BOOKMARKS, PUBSUB_PUBLISH_OPTIONS
from shared_protocol.stanzas.pubsub import answers, node_options
from shared_protocol.stanzas.pubsub.events import (
    ItemsPublished,
    ItemsRetracted,
    NodePurged,
    PublishedItem,
)
from shared_protocol.stanzas.pubsub.node_terms import FullNode
from shared_protocol.stanzas.pubsub.owner_requests import Purge
from shared_protocol.stanzas.pubsub.refusals import PubSubDetail, refusal, unsupported
from shared_protocol.stanzas.pubsub.requests import ItemToPublish, Publish, Retract

_ID_BYTES = 12


@dataclass(slots=True)
class _Room:
    """What has to go so that an item fits."""

    gone: list[StoredItem] = field(default_factory=list)
    is_told: bool = False


def publish(nodes: NodeSet, requester: Requester, request: Publish, rules: Rules) -> Outcome:
    """Publish one item, or what a node without items has in its place.

    Args:
        nodes: Changed at once.
        requester: Who publishes.
        request: What.
        rules: Limits and time.

    Raises:
        StanzaError: Section 7.1.3; then nothing is changed.
    """
    if not request.node:
        raise refusal(StanzaCondition.BAD_REQUEST, PubSubDetail.NODE_ID_REQUIRED)
    if len(request.items) > 1:
        raise StanzaError(StanzaCondition.BAD_REQUEST, "one item at a time")
    outcome = Outcome()
    node = nodes.get(request.node)
    is_new = node is None
    if node is None:
        node, outcome.writes = created(nodes, requester, request.node, request.options, rules)
    else:
        permissions.require_publishing(node, requester)
        _require_preconditions(node, request, rules.limits)
    try:
        item = _checked(node, request, requester, rules)
        room = _Room() if item is None else _room_for(nodes, node, item, rules.limits)
    except StanzaError:
        if is_new:
            nodes.remove(node)
        raise
    if item is not None:
        _put(nodes, node, item, room, outcome.writes)
        _keep(node, item, rules.limits)
    _tell(nodes, node, item, room, requester, outcome)
    outcome.answer = answers.published(node.name, "" if item is None else item.id)
    return outcome


def place(
    nodes: NodeSet, name: str, item: StoredItem, rules: Rules, writes: list[PubSubWrite]
) -> Outcome:
    """Publish an item that the server itself has made for an account, whatever its size.

    Args:
        nodes: Of the account.
        name: Of a node; it is made if it is not there.
        item: Made by the account.
        rules: Limits and time.
        writes: Those that came before; the outcome has them first.

    Raises:
        StanzaError: There is no room.
    """
    requester = Requester(nodes.address)
    node = nodes.get(name)
    outcome = Outcome(writes=writes)
    if node is None:
        node, made = created(nodes, requester, name, None, rules)
        outcome.writes += made
    room = _room_for(nodes, node, item, rules.limits)
    _put(nodes, node, item, room, outcome.writes)
    _keep(node, item, rules.limits)
    _tell(nodes, node, item, room, requester, outcome)
    return outcome


def retract(nodes: NodeSet, requester: Requester, request: Retract) -> Outcome:
    """Delete items, all of them or none.

    Raises:
        StanzaError: Section 7.2.3.
    """
    if not request.node:
        raise refusal(StanzaCondition.BAD_REQUEST, PubSubDetail.NODE_ID_REQUIRED)
    node = _required(nodes, request.node)
    if not request.ids or not all(request.ids):
        raise refusal(StanzaCondition.BAD_REQUEST, PubSubDetail.ITEM_REQUIRED)
    if not node.options.persists_items:
        raise unsupported("persistent-items")
    ids = tuple(dict.fromkeys(request.ids))
    for one in ids:
        item = node.items.get(one)
        if item is None:
            permissions.require_publishing(node, requester)
            raise StanzaError(StanzaCondition.ITEM_NOT_FOUND)
        permissions.require_deleting(node, requester, item)
    return withdrawn(nodes, node, ids, requester.jid, is_told=request.is_notified)


def withdrawn(
    nodes: NodeSet, node: Node, ids: Sequence[str], publisher: Jid, *, is_told: bool = False
) -> Outcome:
    """Delete items that are there; subscribers are told if that is wanted, or configured."""
    gone = tuple(ids)
    node.drop(gone)
    outcome = Outcome(writes=[deleting_items(nodes.key, node.name, gone)])
    if is_told or node.options.notifies_retract:
        event = ItemsRetracted(node.name, gone)
        outcome.notices.append(TellSubscribers(node, event, publisher))
    outcome.changes.append(ItemsChanged(nodes.address, node.name, gone=gone))
    return outcome


def purge(nodes: NodeSet, requester: Requester, request: Purge) -> Outcome:
    """Delete all items of a node.

    Raises:
        StanzaError: Section 8.5.3.
    """
    if not request.node:
        raise refusal(StanzaCondition.BAD_REQUEST, PubSubDetail.NODE_ID_REQUIRED)
    node = _required(nodes, request.node)
    permissions.require_owner(node, requester)
    if not node.options.persists_items:
        raise unsupported("persistent-items")
    ids = tuple(node.items)
    node.drop(ids)
    return Outcome(
        writes=[purging(nodes.key, node.name)],
        notices=[TellSubscribers(node, NodePurged(node.name), requester.jid)],
        changes=[ItemsChanged(nodes.address, node.name, gone=ids)],
    )


def shown_item(nodes: NodeSet, node: Node, item: StoredItem, payload: bytes) -> PublishedItem:
    """Return an item as notifications and answers show it.

    Who published it is told where that is not the owner of the address itself (section 7.1.2.3).
    """
    publisher = item.publisher.partition("/")[0]
    is_told = publisher != str(nodes.address)
    shown = payload if node.options.delivers_payloads else b""
    return PublishedItem(item.id, shown, publisher if is_told else "")


def expired_ids(node: Node, now: float) -> tuple[str, ...]:
    """Return the items whose time is over (``pubsub#item_expire``)."""
    lifetime = node.options.item_expire
    if lifetime is None:
        return ()
    return tuple(item.id for item in node.items.values() if item.published_at + lifetime <= now)


def _required(nodes: NodeSet, name: str) -> Node:
    node = nodes.get(name)
    if node is None:
        raise StanzaError(StanzaCondition.ITEM_NOT_FOUND)
    return node


def _require_preconditions(node: Node, request: Publish, limits: PubSubLimits) -> None:
    """Section 7.1.5: unknown fields, and what is not so, both refuse the publication."""
    if request.options is None:
        return
    try:
        is_met = node_options.is_met_by(
            request.options, node.options, limits.items, PUBSUB_PUBLISH_OPTIONS
        )
    except StanzaError:
        is_met = False
    if not is_met:
        raise refusal(StanzaCondition.CONFLICT, PubSubDetail.PRECONDITION_NOT_MET)


def _checked(node: Node, request: Publish, requester: Requester, rules: Rules) -> StoredItem | None:
    """Compare an item with the kind of events of a node (sections 4.3 and 7.1.3)."""
    options = node.options
    has_items = options.persists_items or options.delivers_payloads
    if not request.items:
        if has_items:
            raise refusal(StanzaCondition.BAD_REQUEST, PubSubDetail.ITEM_REQUIRED)
        return None
    if not has_items:
        raise refusal(StanzaCondition.BAD_REQUEST, PubSubDetail.ITEM_FORBIDDEN)
    item = request.items[0]
    if item.payload_count > 1:
        raise refusal(StanzaCondition.BAD_REQUEST, PubSubDetail.INVALID_PAYLOAD)
    if options.delivers_payloads and not item.payload:
        raise refusal(StanzaCondition.BAD_REQUEST, PubSubDetail.PAYLOAD_REQUIRED)
    _require_size(node, item, rules.limits)
    return StoredItem(
        item.id or secrets.token_hex(_ID_BYTES),
        str(requester.jid),
        rules.now,
        len(item.payload),
        item.payload,
    )


def _require_size(node: Node, item: ItemToPublish, limits: PubSubLimits) -> None:
    special = {AVATAR_DATA: limits.avatar_bytes, BOOKMARKS: limits.bookmark_bytes}
    longest = special.get(node.name, limits.payload_bytes)
    longest = min(longest, node.options.max_payload_bytes or longest)
    if len(item.payload) > longest:
        raise refusal(StanzaCondition.NOT_ACCEPTABLE, PubSubDetail.PAYLOAD_TOO_BIG)
    if len(item.id.encode()) > limits.name_bytes:
        raise StanzaError(StanzaCondition.NOT_ACCEPTABLE, "the id of the item is too long")


def _room_for(nodes: NodeSet, node: Node, item: StoredItem, limits: PubSubLimits) -> _Room:
    """Find out what has to go for an item (section 7.1.2.5); it replaces one of the same id."""
    room = _Room()
    if not node.options.persists_items:
        return room
    others = [one for one in node.items.values() if one.id != item.id]
    most = min(node.options.max_items or limits.items, limits.items)
    if len(others) >= most:
        if node.options.publish_node_full is FullNode.REJECT:
            raise refusal(StanzaCondition.CONFLICT, PubSubDetail.NODE_FULL)
        room.gone = others[: len(others) - most + 1]
        # The next value of a node that has one value is no news of the one before
        room.is_told = (
            node.options.publish_node_full is FullNode.RETRACT_OLDEST
            and node.options.notifies_retract
            and most > 1
        )
    leaving = sum(one.size_bytes for one in room.gone)
    if item.id in node.items:
        leaving += node.items[item.id].size_bytes
    stored = sum(one.size_bytes for one in nodes.made_by(node.creator))
    if 0 < limits.stored_bytes < stored - leaving + item.size_bytes:
        raise StanzaError(StanzaCondition.RESOURCE_CONSTRAINT, "too much is stored")
    return room


def _put(
    nodes: NodeSet, node: Node, item: StoredItem, room: _Room, writes: list[PubSubWrite]
) -> None:
    if not node.options.persists_items:
        return
    ids = [one.id for one in room.gone]
    if ids:
        node.drop(ids)
        writes.append(deleting_items(nodes.key, node.name, ids))
    writes.append(putting_item(nodes.key, node.name, item))


def _keep(node: Node, item: StoredItem, limits: PubSubLimits) -> None:
    if node.options.persists_items:
        node.keep(item, limits.resident_bytes)
    else:
        node.last = item if item.size_bytes <= limits.resident_bytes else None


def _tell(
    nodes: NodeSet,
    node: Node,
    item: StoredItem | None,
    room: _Room,
    requester: Requester,
    outcome: Outcome,
) -> None:
    gone = tuple(one.id for one in room.gone)
    if gone and room.is_told:
        event = ItemsRetracted(node.name, gone)
        outcome.notices.append(TellSubscribers(node, event, requester.jid))
    shown = () if item is None else (shown_item(nodes, node, item, item.payload or b""),)
    told = TellSubscribers(node, ItemsPublished(node.name, shown), requester.jid)
    outcome.notices.append(told)
    outcome.changes.append(ItemsChanged(nodes.address, node.name, item, gone))
