"""Subscriptions as their subscribers see them (XEP-0060 1.30.0, sections 5.6 to 6.4).

One address has one subscription to a node, unless it asks for others with other options.
"""

import secrets
from dataclasses import replace

from embedded_server.modules.pubsub import permissions
from embedded_server.modules.pubsub.nodes import WITH_ITEMS, Node, NodeSet, Subscription
from embedded_server.modules.pubsub.outcomes import AskOwners, Outcome, SendLastItem, TellOne
from embedded_server.modules.pubsub.permissions import Requester, Rules
from embedded_server.plugin_api import deleting_subscription, putting_subscription
from shared_protocol.addresses import AddressError, Jid, parse_jid
from shared_protocol.errors import StanzaCondition, StanzaError
from shared_protocol.stanzas.data_forms import FormKind
from shared_protocol.stanzas.pubsub import answers, subscribe_options
from shared_protocol.stanzas.pubsub.answers import ShownAffiliation, ShownSubscription
from shared_protocol.stanzas.pubsub.events import SubscriptionChanged
from shared_protocol.stanzas.pubsub.node_terms import (
    AccessModel,
    NodeSubscriptionState,
    SendLast,
)
from shared_protocol.stanzas.pubsub.refusals import PubSubDetail, refusal
from shared_protocol.stanzas.pubsub.requests import (
    AskAffiliations,
    AskDefaultOptions,
    AskOptions,
    AskSubscriptions,
    Subscribe,
    Unsubscribe,
)
from shared_protocol.stanzas.pubsub.subscribe_options import SubscribeOptions

_ID_BYTES = 16
_PENDING, _SUBSCRIBED = NodeSubscriptionState.PENDING, NodeSubscriptionState.SUBSCRIBED


def subscribe(nodes: NodeSet, requester: Requester, request: Subscribe, rules: Rules) -> Outcome:
    """Subscribe an address of the requester.

    Raises:
        StanzaError: Section 6.1.3.
    """
    node = _named(nodes, request.node)
    jid = _own_address(request.jid, requester, StanzaCondition.BAD_REQUEST)
    permissions.require_subscribing(node, requester)
    own = [one for one in node.subscriptions_of(requester.bare) if one.jid == jid]
    if any(one.state is _PENDING for one in own):
        raise refusal(StanzaCondition.NOT_AUTHORIZED, PubSubDetail.PENDING_SUBSCRIPTION)
    options = SubscribeOptions(is_temporary=node.options.has_temporary_subscriptions)
    if request.options is not None:
        options = subscribe_options.options_with(options, request.options)
    same = next((one for one in own if request.options is None or one.options == options), None)
    if same is not None:  # section 6.1.6: the current state, as if it was just approved
        return Outcome(answer=answers.subscription(_shown(node, same), has_options=True))
    _require_room(nodes, node, requester, rules, len(own))
    subscription = Subscription(_new_id(), jid, _first_state(node, requester), options)
    return _added(nodes, node, subscription)


def unsubscribe(nodes: NodeSet, requester: Requester, request: Unsubscribe) -> Outcome:
    """End a subscription.

    Raises:
        StanzaError: Section 6.2.3.
    """
    node = _named(nodes, request.node)
    jid = _own_address(request.jid, requester, StanzaCondition.FORBIDDEN)
    found = chosen_subscription(node, jid, request.subid)
    outcome = removed(nodes, node, found)
    gone = replace(found, state=NodeSubscriptionState.NONE)
    outcome.answer = answers.subscription(_shown(node, gone))
    return outcome


def change_options(nodes: NodeSet, requester: Requester, request: AskOptions) -> Outcome:
    """Show the options of a subscription, or change them.

    Raises:
        StanzaError: Sections 6.3.4 and 6.3.6.
    """
    node = _named(nodes, request.node)
    if not request.jid:
        raise refusal(StanzaCondition.BAD_REQUEST, PubSubDetail.JID_REQUIRED)
    jid = _own_address(request.jid, requester, StanzaCondition.FORBIDDEN)
    found = chosen_subscription(node, jid, request.subid)
    if request.form is None:
        form = subscribe_options.options_form(found.options)
        written = answers.subscribe_options(node.name, request.jid, found.subid, form)
        return Outcome(answer=written)
    if request.form.kind is FormKind.CANCEL:
        return Outcome()
    options = subscribe_options.options_with(found.options, request.form)
    changed = replace(found, options=options)
    nodes.put_subscription(node, changed)
    write = putting_subscription(nodes.key, node.name, changed.stored())
    return Outcome(writes=[write])


def show_default_options(nodes: NodeSet, request: AskDefaultOptions) -> Outcome:
    """Show the options of subscriptions that bring none.

    Raises:
        StanzaError: There is no such node.
    """
    options = SubscribeOptions()
    if request.node:
        node = _named(nodes, request.node)
        options = SubscribeOptions(is_temporary=node.options.has_temporary_subscriptions)
    form = subscribe_options.options_form(options)
    return Outcome(answer=answers.default_subscribe_options(request.node, form))


def show_subscriptions(nodes: NodeSet, requester: Requester, request: AskSubscriptions) -> Outcome:
    """List the requester's own subscriptions (section 5.6).

    Raises:
        StanzaError: The node that is named does not exist.
    """
    chosen = [_named(nodes, request.node)] if request.node else list(nodes)
    shown = [_shown(node, one) for node in chosen for one in node.subscriptions_of(requester.bare)]
    return Outcome(answer=answers.subscriptions(shown, request.node))


def show_affiliations(nodes: NodeSet, requester: Requester, request: AskAffiliations) -> Outcome:
    """List what the requester is to nodes (section 5.7).

    Raises:
        StanzaError: The node that is named does not exist.
    """
    chosen = [_named(nodes, request.node)] if request.node else list(nodes)
    shown = [
        ShownAffiliation(node.name, "", node.affiliations[requester.bare])
        for node in chosen
        if requester.bare in node.affiliations
    ]
    return Outcome(answer=answers.affiliations(shown, request.node))


def chosen_subscription(node: Node, jid: Jid, subid: str) -> Subscription:
    """Return the subscription of an address that a request means.

    Raises:
        StanzaError: There is none, or several and none is named (sections 6.2.3, 6.3.4, 6.5.9).
    """
    own = [one for one in node.subscriptions_of(jid.bare) if one.jid == jid]
    if not own:
        raise refusal(StanzaCondition.UNEXPECTED_REQUEST, PubSubDetail.NOT_SUBSCRIBED)
    if subid:
        named = next((one for one in own if one.subid == subid), None)
        if named is None:
            raise refusal(StanzaCondition.NOT_ACCEPTABLE, PubSubDetail.INVALID_SUBID)
        return named
    if len(own) > 1:
        raise refusal(StanzaCondition.BAD_REQUEST, PubSubDetail.SUBID_REQUIRED)
    return own[0]


def approved(nodes: NodeSet, node: Node, pending: Subscription) -> Outcome:
    """Let a subscription begin that waited for an owner (section 8.6); the subscriber is told."""
    begun = replace(pending, state=_SUBSCRIBED)
    outcome = _added(nodes, node, begun)
    outcome.answer = None
    outcome.notices.insert(0, changed_notice(node, begun))
    return outcome


def removed(nodes: NodeSet, node: Node, subscription: Subscription) -> Outcome:
    """End a subscription without telling its subscriber."""
    nodes.pop_subscription(node, subscription)
    write = deleting_subscription(nodes.key, node.name, subscription.subid)
    outcome = Outcome(writes=[write])
    _tell_owners(node, replace(subscription, state=NodeSubscriptionState.NONE), outcome)
    return outcome


def changed_notice(node: Node, subscription: Subscription) -> TellOne:
    """Tell a subscriber what became of its subscription (section 12.13)."""
    event = SubscriptionChanged(
        node.name, str(subscription.jid), subscription.state, subscription.subid
    )
    return TellOne(node, event, subscription.jid)


def new_subscription(jid: Jid) -> Subscription:
    """Return a subscription that an owner has made."""
    return Subscription(_new_id(), jid, _SUBSCRIBED)


def _added(nodes: NodeSet, node: Node, subscription: Subscription) -> Outcome:
    nodes.put_subscription(node, subscription)
    outcome = Outcome(answers.subscription(_shown(node, subscription), has_options=True))
    outcome.writes.append(putting_subscription(nodes.key, node.name, subscription.stored()))
    if subscription.state is _PENDING:
        outcome.notices.append(AskOwners(node, subscription))
        return outcome
    if node.options.send_last is not SendLast.NEVER:
        outcome.notices.append(SendLastItem(node, subscription.jid))
    _tell_owners(node, subscription, outcome)
    return outcome


def _tell_owners(node: Node, subscription: Subscription, outcome: Outcome) -> None:
    if not node.options.notifies_subscriptions:
        return
    told = changed_notice(node, subscription).event
    outcome.notices += [
        TellOne(node, told, owner) for owner in node.owners if owner != subscription.jid.bare
    ]


def _named(nodes: NodeSet, name: str) -> Node:
    if not name:
        raise refusal(StanzaCondition.BAD_REQUEST, PubSubDetail.NODE_ID_REQUIRED)
    node = nodes.get(name)
    if node is None:
        raise StanzaError(StanzaCondition.ITEM_NOT_FOUND)
    return node


def _own_address(text: str, requester: Requester, foreign: StanzaCondition) -> Jid:
    """Return an address of the requester; of others is not asked (sections 6.1.3.1, 6.2.3.3)."""
    try:
        jid = parse_jid(text)
    except AddressError:
        raise refusal(StanzaCondition.BAD_REQUEST, PubSubDetail.INVALID_JID) from None
    if jid.bare == requester.bare:
        return jid
    if foreign is StanzaCondition.BAD_REQUEST:
        raise refusal(foreign, PubSubDetail.INVALID_JID)
    raise StanzaError(foreign)


def _first_state(node: Node, requester: Requester) -> NodeSubscriptionState:
    is_known = node.affiliation_of(requester.jid) in WITH_ITEMS
    needs_approval = node.options.access_model is AccessModel.AUTHORIZE and not is_known
    return _PENDING if needs_approval else _SUBSCRIBED


def _require_room(
    nodes: NodeSet, node: Node, requester: Requester, rules: Rules, of_address: int
) -> None:
    limits = rules.limits
    of_entity = nodes.count_of(requester.bare)
    if (
        0 < limits.subscriptions_of_address <= of_address
        or 0 < limits.subscriptions <= len(node.subscriptions)
        or 0 < limits.subscriptions_of_entity <= of_entity
    ):
        detail = PubSubDetail.TOO_MANY_SUBSCRIPTIONS
        raise refusal(StanzaCondition.POLICY_VIOLATION, detail)


def _shown(node: Node, subscription: Subscription) -> ShownSubscription:
    return ShownSubscription(
        node.name, str(subscription.jid), subscription.subid, subscription.state
    )


def _new_id() -> str:
    return secrets.token_hex(_ID_BYTES)
