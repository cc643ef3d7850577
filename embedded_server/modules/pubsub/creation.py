"""Making, configuring and deleting nodes (XEP-0060 1.30.0, sections 8.1 to 8.4), without I/O."""

import secrets
from dataclasses import replace

from embedded_server.modules.pubsub import permissions
from embedded_server.modules.pubsub.node_defaults import default_options
from embedded_server.modules.pubsub.nodes import Node, NodeSet
from embedded_server.modules.pubsub.outcomes import (
    ItemsChanged,
    OpenToMore,
    Outcome,
    TellSubscribers,
)
from embedded_server.modules.pubsub.permissions import Requester, Rules
from embedded_server.plugin_api import (
    PubSubWrite,
    deleting_items,
    deleting_node,
    putting_affiliation,
    putting_node,
)
from shared_protocol.errors import StanzaCondition, StanzaError
from shared_protocol.limits import PubSubLimits
from shared_protocol.namespaces import PUBSUB_NODE_CONFIGURATION, PUBSUB_PUBLISH_OPTIONS
from shared_protocol.stanzas.data_forms import DataForm, FormKind
from shared_protocol.stanzas.pubsub import answers, node_options
from shared_protocol.stanzas.pubsub.events import NodeConfigured, NodeDeleted
from shared_protocol.stanzas.pubsub.node_options import NodeOptions
from shared_protocol.stanzas.pubsub.node_terms import Affiliation
from shared_protocol.stanzas.pubsub.owner_requests import AskNodeDefaults, Configure, Delete
from shared_protocol.stanzas.pubsub.refusals import PubSubDetail, refusal, unsupported
from shared_protocol.stanzas.pubsub.requests import Create

_ID_BYTES = 20
_LEAF = "leaf"


def create(nodes: NodeSet, requester: Requester, request: Create, rules: Rules) -> Outcome:
    """Make a node; an instant one if it has no name.

    Raises:
        StanzaError: Section 8.1.1; then nothing is changed.
    """
    name = request.node or secrets.token_hex(_ID_BYTES)
    if nodes.get(name) is not None:
        raise StanzaError(StanzaCondition.CONFLICT)
    _node, writes = created(nodes, requester, name, request.options, rules)
    return Outcome(None if request.node else answers.created(name), writes)


def created(
    nodes: NodeSet, requester: Requester, name: str, form: DataForm | None, rules: Rules
) -> tuple[Node, list[PubSubWrite]]:
    """Make a node, with the options of a configuration or of a publication.

    Raises:
        StanzaError: Sections 8.1.1 and 7.1.5; then nothing is changed.
    """
    creator, limits = requester.bare, rules.limits
    if nodes.is_account and creator != nodes.address:
        raise StanzaError(StanzaCondition.FORBIDDEN)
    if len(name.encode()) > limits.name_bytes:
        raise StanzaError(StanzaCondition.NOT_ACCEPTABLE, "the name of the node is too long")
    if 0 < limits.nodes <= len(nodes.made_by(creator)):
        detail = PubSubDetail.MAX_NODES_EXCEEDED
        raise refusal(StanzaCondition.RESOURCE_CONSTRAINT, detail)
    options = _options(default_options(nodes, name), form, limits)
    node = Node(name, creator, rules.now, options, {creator: Affiliation.OWNER})
    nodes.add(node)
    return node, [
        putting_node(nodes.key, node.stored()),
        putting_affiliation(nodes.key, name, str(creator), Affiliation.OWNER.value),
    ]


def configure(nodes: NodeSet, requester: Requester, request: Configure, rules: Rules) -> Outcome:
    """Show a node's configuration, or change it.

    Raises:
        StanzaError: Sections 8.2.3 and 8.2.5; then nothing is changed.
    """
    node = owned(nodes, requester, request.node)
    form = request.form
    if form is None:
        shown = node_options.options_form(node.options)
        return Outcome(answer=answers.configuration(node.name, shown))
    if form.kind is FormKind.CANCEL:
        return Outcome()
    before = replace(node)
    node.options = node_options.options_with(before.options, form, rules.limits.items)
    nodes.note_options(node)
    outcome = Outcome(writes=[putting_node(nodes.key, node.stored())])
    _shrink(nodes, node, rules.limits, outcome)
    if node.options.notifies_config:
        with_form = node.options.delivers_payloads
        told = node_options.options_form(node.options, FormKind.RESULT) if with_form else None
        event = NodeConfigured(node.name, told)
        outcome.notices.append(TellSubscribers(node, event, requester.jid))
    if _access(node.options) != _access(before.options):  # section 12.2
        outcome.notices.append(OpenToMore(node, before))
        outcome.changes.append(ItemsChanged(nodes.address, node.name))
    return outcome


def show_defaults(nodes: NodeSet, request: AskNodeDefaults) -> Outcome:
    """Show with which configuration nodes are made that bring none.

    Raises:
        StanzaError: ``unsupported``: there are no collections (section 8.3).
    """
    if request.node_type not in {"", _LEAF}:
        raise unsupported("collections")
    return Outcome(answer=answers.node_defaults(node_options.options_form(default_options(nodes))))


def delete(nodes: NodeSet, requester: Requester, request: Delete) -> Outcome:
    """Delete a node; its subscribers are told (section 8.4.2).

    Raises:
        StanzaError: Section 8.4.3.
    """
    node = owned(nodes, requester, request.node)
    nodes.remove(node)
    outcome = Outcome(writes=[deleting_node(nodes.key, node.name)])
    if node.options.notifies_delete:
        event = NodeDeleted(node.name, request.redirect)
        notice = TellSubscribers(node, event, requester.jid, is_for_pending=True)
        outcome.notices.append(notice)
    gone = tuple(node.items)
    outcome.changes.append(ItemsChanged(nodes.address, node.name, gone=gone))
    return outcome


def owned(nodes: NodeSet, requester: Requester, name: str) -> Node:
    """Return a node for one of its owners.

    Raises:
        StanzaError: No name, no such node, or no owner.
    """
    if not name:
        raise refusal(StanzaCondition.BAD_REQUEST, PubSubDetail.NODE_ID_REQUIRED)
    node = nodes.get(name)
    if node is None:
        raise StanzaError(StanzaCondition.ITEM_NOT_FOUND)
    permissions.require_owner(node, requester)
    return node


def _options(defaults: NodeOptions, form: DataForm | None, limits: PubSubLimits) -> NodeOptions:
    if form is None or form.kind is FormKind.CANCEL:
        return defaults
    is_publication = form.form_type == PUBSUB_PUBLISH_OPTIONS
    if is_publication and not node_options.knows_all_of(form):
        raise refusal(StanzaCondition.CONFLICT, PubSubDetail.PRECONDITION_NOT_MET)
    form_type = PUBSUB_PUBLISH_OPTIONS if is_publication else PUBSUB_NODE_CONFIGURATION
    return node_options.options_with(defaults, form, limits.items, form_type=form_type)


def _shrink(nodes: NodeSet, node: Node, limits: PubSubLimits, outcome: Outcome) -> None:
    """Let the oldest items go that do not fit any more; all of a node that keeps none."""
    most = min(node.options.max_items or limits.items, limits.items)
    ids = tuple(node.items)
    gone = ids[: max(0, len(ids) - most)] if node.options.persists_items else ids
    if gone:
        node.drop(gone)
        outcome.writes.append(deleting_items(nodes.key, node.name, gone))
        outcome.changes.append(ItemsChanged(nodes.address, node.name, gone=gone))


def _access(options: NodeOptions) -> tuple[object, ...]:
    return options.access_model, options.roster_groups
