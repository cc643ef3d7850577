"""Lists that owners manage: subscriptions, affiliations, requests (XEP-0060 1.30.0, 8.6 to 8.9).

What is valid in a list is done, and what is not comes back with the error.
"""

from collections import Counter
from dataclasses import replace

from embedded_server.modules.pubsub.creation import owned
from embedded_server.modules.pubsub.nodes import Node, NodeSet
from embedded_server.modules.pubsub.outcomes import Outcome, TellSubscribers
from embedded_server.modules.pubsub.permissions import Requester, Rules
from embedded_server.modules.pubsub.subscribing import (
    approved,
    changed_notice,
    new_subscription,
    removed,
)
from embedded_server.plugin_api import deleting_node, putting_affiliation
from shared_protocol.addresses import AddressError, BareJid, Jid, parse_jid
from shared_protocol.errors import StanzaCondition, StanzaError
from shared_protocol.limits import PubSubLimits
from shared_protocol.stanzas.pubsub import answers
from shared_protocol.stanzas.pubsub.answers import ShownAffiliation, ShownSubscription
from shared_protocol.stanzas.pubsub.events import NodeDeleted
from shared_protocol.stanzas.pubsub.node_terms import Affiliation, NodeSubscriptionState
from shared_protocol.stanzas.pubsub.owner_requests import (
    AffiliationChange,
    ManageAffiliations,
    ManageSubscriptions,
    SubscriptionChange,
)

_STATES = {one.value: one for one in NodeSubscriptionState}
_AFFILIATIONS = {one.value: one for one in Affiliation}
_NONE, _PENDING = NodeSubscriptionState.NONE, NodeSubscriptionState.PENDING
_SUBSCRIBED = NodeSubscriptionState.SUBSCRIBED
_APPROVING = frozenset({Affiliation.OWNER, Affiliation.PUBLISHER})


class PartlyRefusedError(StanzaError):
    """Some changes of a list cannot be made; the others are.

    Attributes:
        outcome: What follows from the others.
    """

    def __init__(self, outcome: Outcome, payload: bytes) -> None:
        super().__init__(StanzaCondition.NOT_ACCEPTABLE)
        self.payload = payload
        self.outcome = outcome


def manage_subscriptions(
    nodes: NodeSet, requester: Requester, request: ManageSubscriptions, rules: Rules
) -> Outcome:
    """List the subscriptions of a node, or change some.

    Raises:
        PartlyRefusedError: Section 8.8.2.4.
        StanzaError: Section 8.8.1.3.
    """
    node = owned(nodes, requester, request.node)
    if not request.changes:
        shown = [
            ShownSubscription("", str(one.jid), one.subid, one.state)
            for one in node.subscriptions.values()
            if one.state is not _PENDING
        ]
        return Outcome(answer=answers.owner_subscriptions(node.name, shown))
    outcome = Outcome()
    refused = [
        ShownSubscription("", change.jid, change.subid, _state(node, change))
        for change in request.changes
        if not _change_subscription(nodes, node, change, rules.limits, outcome)
    ]
    if refused:
        raise PartlyRefusedError(outcome, answers.owner_subscriptions(node.name, refused))
    return outcome


def manage_affiliations(
    nodes: NodeSet, requester: Requester, request: ManageAffiliations, rules: Rules
) -> Outcome:
    """List who is what to a node, or change some.

    Raises:
        PartlyRefusedError: Section 8.9.2.4.
        StanzaError: Sections 8.9.1.3 and 8.9.2.
    """
    node = owned(nodes, requester, request.node)
    if not request.changes:
        shown = [ShownAffiliation("", str(jid), one) for jid, one in node.affiliations.items()]
        return Outcome(answer=answers.owner_affiliations(node.name, shown))
    if max(Counter(change.jid for change in request.changes).values()) > 1:
        raise StanzaError(StanzaCondition.BAD_REQUEST, "an entity twice")
    outcome = Outcome()
    refused = [
        ShownAffiliation("", change.jid, _affiliation(node, change))
        for change in request.changes
        if not _change_affiliation(nodes, node, requester, change, rules.limits, outcome)
    ]
    if refused:
        raise PartlyRefusedError(outcome, answers.owner_affiliations(node.name, refused))
    return outcome


def decide(
    nodes: NodeSet, requester: Requester, node_name: str, subid: str, *, is_allowed: bool
) -> Outcome:
    """Approve or deny a subscription that waits (section 8.6); nothing else is touched.

    Raises:
        StanzaError: Not by an owner, or nothing of the kind waits.
    """
    node = owned(nodes, requester, node_name)
    found = node.subscriptions.get(subid)
    if found is None or found.state is not _PENDING:
        raise StanzaError(StanzaCondition.ITEM_NOT_FOUND)
    if is_allowed:
        return approved(nodes, node, found)
    return _ended(nodes, node, subid)


def without(nodes: NodeSet, gone: BareJid) -> Outcome:
    """Strike an account out that exists no more; a node that only it owned goes."""
    outcome = Outcome()
    for node in nodes:
        for one in node.subscriptions_of(gone):
            _join(outcome, removed(nodes, node, one))
        before = node.affiliations.pop(gone, None)
        if before is Affiliation.OWNER and not node.owners:
            nodes.remove(node)
            outcome.writes.append(deleting_node(nodes.key, node.name))
            event = NodeDeleted(node.name)
            outcome.notices.append(TellSubscribers(node, event, gone, is_for_pending=True))
        elif before is not None:
            outcome.writes.append(putting_affiliation(nodes.key, node.name, str(gone), ""))
    return outcome


def _change_subscription(
    nodes: NodeSet, node: Node, change: SubscriptionChange, limits: PubSubLimits, outcome: Outcome
) -> bool:
    """Change one subscription; False if that cannot be."""
    jid, state = _address(change.jid), _STATES.get(change.state)
    if jid is None or state not in {_NONE, _SUBSCRIBED}:
        return jid is not None and not change.state  # nothing is to change
    found = [one for one in node.subscriptions_of(jid.bare) if one.jid == jid]
    if change.subid:
        found = [one for one in found if one.subid == change.subid]
    if state is _NONE:
        for one in found:
            _join(outcome, _ended(nodes, node, one.subid))
        return bool(found)
    for one in found:
        if one.state is _PENDING:
            _join(outcome, approved(nodes, node, one))
    if not found:
        if change.subid or 0 < limits.subscriptions <= len(node.subscriptions):
            return False
        _join(outcome, approved(nodes, node, new_subscription(jid)))
    return True


def _change_affiliation(
    nodes: NodeSet,
    node: Node,
    requester: Requester,
    change: AffiliationChange,
    limits: PubSubLimits,
    outcome: Outcome,
) -> bool:
    """Change one affiliation; False if that cannot be."""
    jid, wanted = _address(change.jid), _AFFILIATIONS.get(change.affiliation)
    if jid is None or wanted is None:
        return jid is not None and not change.affiliation
    entity = jid.bare
    if not _is_allowed(nodes, node, requester, entity, wanted):
        return False
    if entity not in node.affiliations and 0 < limits.affiliations <= len(node.affiliations):
        return False
    _affiliate(nodes, node, entity, wanted, outcome)
    return True


def _is_allowed(
    nodes: NodeSet, node: Node, requester: Requester, entity: BareJid, wanted: Affiliation
) -> bool:
    """The chart of section 4.1: an owner can only resign, and never the last one."""
    before = node.affiliations.get(entity, Affiliation.NONE)
    if before is wanted:
        return True
    if before is Affiliation.OWNER:
        is_resigning = wanted is Affiliation.NONE and entity == requester.bare
        return is_resigning and len(node.owners) > 1 and entity != nodes.address
    return not (before is Affiliation.PUBLISHER and wanted is Affiliation.MEMBER)


def _affiliate(
    nodes: NodeSet, node: Node, entity: BareJid, wanted: Affiliation, outcome: Outcome
) -> None:
    if wanted is Affiliation.NONE:
        node.affiliations.pop(entity, None)
    else:
        node.affiliations[entity] = wanted
    stored = "" if wanted is Affiliation.NONE else wanted.value
    outcome.writes.append(putting_affiliation(nodes.key, node.name, str(entity), stored))
    for one in node.subscriptions_of(entity):
        if wanted is Affiliation.OUTCAST:
            _join(outcome, _ended(nodes, node, one.subid))
        elif wanted in _APPROVING and one.state is _PENDING:  # section 8.7.5
            _join(outcome, approved(nodes, node, one))


def _ended(nodes: NodeSet, node: Node, subid: str) -> Outcome:
    """End a subscription, and tell its subscriber (section 8.8.4)."""
    subscription = node.subscriptions[subid]
    outcome = removed(nodes, node, subscription)
    outcome.notices.insert(0, changed_notice(node, replace(subscription, state=_NONE)))
    return outcome


def _join(outcome: Outcome, other: Outcome) -> None:
    outcome.writes += other.writes
    outcome.notices += other.notices
    outcome.changes += other.changes


def _address(text: str) -> Jid | None:
    try:
        return parse_jid(text)
    except AddressError:
        return None


def _state(node: Node, change: SubscriptionChange) -> NodeSubscriptionState:
    jid = _address(change.jid)
    found = [] if jid is None else node.subscriptions_of(jid.bare)
    return next((one.state for one in found if one.jid == jid), _NONE)


def _affiliation(node: Node, change: AffiliationChange) -> Affiliation:
    jid = _address(change.jid)
    return Affiliation.NONE if jid is None else node.affiliation_of(jid)
