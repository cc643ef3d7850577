"""Which items a request gets (XEP-0060 1.30.0, section 6.5), and how nodes are described (5.3-5.5).

The payloads are read afterwards: they are not in memory, but for the last.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from embedded_server.modules.pubsub import permissions
from embedded_server.modules.pubsub.nodes import Node, NodeSet
from embedded_server.modules.pubsub.permissions import Requester, Rules
from embedded_server.modules.pubsub.publishing import expired_ids, shown_item
from embedded_server.plugin_api import StoredItem
from shared_protocol.errors import StanzaCondition, StanzaError
from shared_protocol.limits import PubSubLimits
from shared_protocol.namespaces import PUBSUB, PUBSUB_META_DATA
from shared_protocol.stanzas.delay import moment_to_text
from shared_protocol.stanzas.disco import DiscoField, DiscoForm, DiscoInfo, DiscoItem, Identity
from shared_protocol.stanzas.pubsub import answers, node_options
from shared_protocol.stanzas.pubsub.node_terms import Affiliation, NodeSubscriptionState
from shared_protocol.stanzas.pubsub.refusals import PubSubDetail, refusal, unsupported
from shared_protocol.stanzas.pubsub.requests import AskItems
from shared_protocol.stanzas.result_sets import PageRequest, ResultSet, page_of_list

LEAF = Identity("pubsub", "leaf")
_SHOWN_OPTIONS = (
    "pubsub#type",
    "pubsub#title",
    "pubsub#description",
    "pubsub#language",
    "pubsub#contact",
    "pubsub#access_model",
    "pubsub#publish_model",
    "pubsub#max_items",
)
_MANY_NAMES = 100


@dataclass(frozen=True, slots=True)
class Selection:
    """Items that are to be answered, oldest first.

    Attributes:
        page: Which part of all they are; None if they are all that was asked for.
    """

    node: Node
    items: tuple[StoredItem, ...]
    page: ResultSet | None = None

    @property
    def missing(self) -> tuple[str, ...]:
        """Ids of those whose payloads are to be read; none where payloads are not delivered."""
        if not self.node.options.delivers_payloads:
            return ()
        return tuple(item.id for item in self.items if item.payload is None and item.size_bytes)

    def answer(self, nodes: NodeSet, payloads: Mapping[str, bytes]) -> bytes:
        """Write it; what has gone meanwhile is left out."""
        shown = [
            shown_item(nodes, self.node, item, item.payload or payloads.get(item.id, b""))
            for item in self.items
            if item.payload is not None or not item.size_bytes or item.id in payloads
        ]
        return answers.items(self.node.name, shown, self.page)


def select_items(
    nodes: NodeSet, requester: Requester, request: AskItems, rules: Rules
) -> Selection:
    """Choose items.

    Raises:
        StanzaError: Section 6.5.9.
    """
    node = _readable(nodes, requester, request.node)
    _require_subid(node, requester, request.subid)
    if not node.options.persists_items:
        if node.last is None:
            raise unsupported("persistent-items")
        return Selection(node, (node.last,))
    gone = set(expired_ids(node, rules.now))
    items = [item for item in node.items.values() if item.id not in gone]
    if request.ids:
        wanted = {item.id: item for item in items}
        chosen = [wanted[one] for one in dict.fromkeys(request.ids) if one in wanted]
        return _cut(node, chosen, items, rules.limits, is_backwards=False)
    if request.page is not None:
        return _page(node, items, request.page, rules.limits)
    if request.maximum is not None:
        newest = items[max(0, len(items) - request.maximum) :]
        return _cut(node, newest, items, rules.limits, is_backwards=True)
    return _cut(node, items, items, rules.limits, is_backwards=False)


def node_info(nodes: NodeSet, requester: Requester, name: str) -> DiscoInfo:
    """Describe a node (section 5.4).

    Raises:
        StanzaError: There is none, or it is not for the requester.
    """
    node = nodes.get(name)
    if node is None:
        raise StanzaError(StanzaCondition.ITEM_NOT_FOUND)
    permissions.require_access(node, requester)
    pairs = node_options.options_form(node.options)
    facts = [DiscoField(var, pairs.values(var)) for var in _SHOWN_OPTIONS if pairs.values(var)]
    created_at = moment_to_text(datetime.fromtimestamp(node.created_at, UTC))
    subscribers = sum(
        one.state is NodeSubscriptionState.SUBSCRIBED for one in node.subscriptions.values()
    )
    publishers = [*node.owners, *node.affiliated(Affiliation.PUBLISHER)]
    facts += [
        DiscoField("pubsub#creator", (str(node.creator),)),
        DiscoField("pubsub#creation_date", (created_at,)),
        DiscoField("pubsub#owner", tuple(map(str, node.owners[:_MANY_NAMES]))),
        DiscoField("pubsub#publisher", tuple(map(str, publishers[:_MANY_NAMES]))),
        DiscoField("pubsub#num_subscribers", (str(subscribers),)),
    ]
    form = DiscoForm((PUBSUB_META_DATA,), tuple(facts))
    return DiscoInfo((LEAF,), (PUBSUB,), name, (form,))


def node_items(nodes: NodeSet, requester: Requester, name: str) -> tuple[DiscoItem, ...]:
    """List the items of a node by name (section 5.5).

    Raises:
        StanzaError: There is none, or it is not for the requester.
    """
    node = _readable(nodes, requester, name)
    return tuple(DiscoItem(nodes.address, item.id) for item in node.items.values())


def _readable(nodes: NodeSet, requester: Requester, name: str) -> Node:
    if not name:
        raise refusal(StanzaCondition.BAD_REQUEST, PubSubDetail.NODE_ID_REQUIRED)
    node = nodes.get(name)
    if node is None:
        raise StanzaError(StanzaCondition.ITEM_NOT_FOUND)
    permissions.require_retrieving(node, requester)
    return node


def _require_subid(node: Node, requester: Requester, subid: str) -> None:
    """Sections 6.5.9.1 and 6.5.9.2."""
    own = [one for one in node.subscriptions_of(requester.bare) if one.jid in _forms(requester)]
    if subid:
        if own and not any(one.subid == subid for one in own):
            raise refusal(StanzaCondition.NOT_ACCEPTABLE, PubSubDetail.INVALID_SUBID)
    elif len(own) > 1 and len({one.jid for one in own}) < len(own):
        raise refusal(StanzaCondition.BAD_REQUEST, PubSubDetail.SUBID_REQUIRED)


def _forms(requester: Requester) -> tuple[object, ...]:
    return requester.jid, requester.bare


def _page(
    node: Node, items: list[StoredItem], request: PageRequest, limits: PubSubLimits
) -> Selection:
    ids = [item.id for item in items]
    page = page_of_list(ids, request, usual=limits.items, most=limits.items)
    chosen = items[page.start : page.stop]
    cut = _fitting(chosen, limits.answer_bytes, is_backwards=request.is_backwards)
    if len(cut) == len(chosen):
        return Selection(node, tuple(cut), page.result)
    return Selection(node, tuple(cut), _result_set(cut, items))


def _cut(
    node: Node,
    chosen: list[StoredItem],
    items: list[StoredItem],
    limits: PubSubLimits,
    *,
    is_backwards: bool,
) -> Selection:
    """Leave out what makes an answer too long, and say so (section 6.5.4)."""
    fitting = _fitting(chosen, limits.answer_bytes, is_backwards=is_backwards)
    if len(fitting) == len(chosen):
        return Selection(node, tuple(chosen))
    return Selection(node, tuple(fitting), _result_set(fitting, items))


def _fitting(items: list[StoredItem], most: int, *, is_backwards: bool) -> list[StoredItem]:
    """Return as many as fit from one end, one at least."""
    total = 0
    ordered = items[::-1] if is_backwards else items
    for count, item in enumerate(ordered):
        total += item.size_bytes
        if total > most and count:
            return ordered[count - 1 :: -1] if is_backwards else ordered[:count]
    return items


def _result_set(shown: list[StoredItem], items: list[StoredItem]) -> ResultSet:
    first = next(index for index, item in enumerate(items) if item is shown[0])
    return ResultSet(shown[0].id, shown[-1].id, len(items), first)
