"""Who may do what at a node (XEP-0060 1.30.0, sections 4.1, 4.5, 6.1.3, 6.5.9 and 7.1.3)."""

from typing import NamedTuple

from embedded_server.modules.pubsub.nodes import WITH_ITEMS, Node
from embedded_server.plugin_api import StoredItem
from shared_protocol.addresses import BareJid, Jid
from shared_protocol.errors import StanzaCondition, StanzaError
from shared_protocol.limits import PubSubLimits
from shared_protocol.stanzas.pubsub.node_terms import AccessModel, Affiliation, PublishModel
from shared_protocol.stanzas.pubsub.refusals import PubSubDetail, refusal, unsupported

_SHUT_OUT = frozenset({Affiliation.OUTCAST, Affiliation.PUBLISH_ONLY})
_PUBLISHERS = frozenset({Affiliation.OWNER, Affiliation.PUBLISHER, Affiliation.PUBLISH_ONLY})
_NEEDS_ROSTER = frozenset({AccessModel.PRESENCE, AccessModel.ROSTER})


class Requester(NamedTuple):
    """Who asks, as the owner's roster knows him.

    Attributes:
        sees_presence: Whether an owner of the node lets him see its presence.
        groups: In which groups of an owner's roster he is.
    """

    jid: Jid
    sees_presence: bool = False
    groups: frozenset[str] = frozenset()

    @property
    def bare(self) -> BareJid:
        """The account."""
        return self.jid.bare


class Rules(NamedTuple):
    """What holds for an operation besides its words.

    Attributes:
        limits: Of one account.
        now: Seconds since 1970, UTC.
    """

    limits: PubSubLimits
    now: float


def needs_roster(node: Node, entity: BareJid) -> bool:
    """Whether it depends on an owner's roster what an entity may do."""
    return (
        node.options.access_model in _NEEDS_ROSTER
        and node.affiliations.get(entity) not in WITH_ITEMS
    )


def require_owner(node: Node, requester: Requester) -> None:
    """Refuse everybody but owners (section 8).

    Raises:
        StanzaError: ``forbidden``.
    """
    if node.affiliation_of(requester.jid) is not Affiliation.OWNER:
        raise StanzaError(StanzaCondition.FORBIDDEN)


def require_access(node: Node, requester: Requester) -> None:
    """Refuse those who may not see what is published.

    The model ``authorize`` is not judged here: its answer to a subscription is ``pending``.

    Raises:
        StanzaError: Sections 6.1.3 and 6.5.9.
    """
    affiliation = node.affiliation_of(requester.jid)
    if affiliation in WITH_ITEMS:
        return
    if affiliation in _SHUT_OUT:
        raise StanzaError(StanzaCondition.FORBIDDEN)
    model = node.options.access_model
    if model in _NEEDS_ROSTER and not requester.sees_presence:
        detail = PubSubDetail.PRESENCE_SUBSCRIPTION_REQUIRED
        raise refusal(StanzaCondition.NOT_AUTHORIZED, detail)
    if model is AccessModel.ROSTER and requester.groups.isdisjoint(node.options.roster_groups):
        raise refusal(StanzaCondition.NOT_AUTHORIZED, PubSubDetail.NOT_IN_ROSTER_GROUP)
    if model is AccessModel.WHITELIST:
        raise refusal(StanzaCondition.NOT_ALLOWED, PubSubDetail.CLOSED_NODE)


def require_subscribing(node: Node, requester: Requester) -> None:
    """Refuse those who may not subscribe (section 6.1.3).

    Raises:
        StanzaError: As ``require_access``, or the node takes no subscriptions.
    """
    require_access(node, requester)
    if not node.options.allows_subscriptions:
        raise unsupported("subscribe")


def require_retrieving(node: Node, requester: Requester) -> None:
    """Refuse those who may not retrieve items (section 6.5.9).

    Raises:
        StanzaError: As ``require_access``, or ``not-subscribed`` where only subscribers may.
    """
    require_access(node, requester)
    is_affiliated = node.affiliation_of(requester.jid) in WITH_ITEMS
    if node.options.access_model is AccessModel.AUTHORIZE and not (
        is_affiliated or node.is_subscribed(requester.bare)
    ):
        raise refusal(StanzaCondition.NOT_AUTHORIZED, PubSubDetail.NOT_SUBSCRIBED)


def require_publishing(node: Node, requester: Requester) -> None:
    """Refuse those who may not publish (section 7.1.3.1).

    Raises:
        StanzaError: ``forbidden``.
    """
    affiliation = node.affiliation_of(requester.jid)
    model = node.options.publish_model
    is_allowed = affiliation in _PUBLISHERS or (
        affiliation is not Affiliation.OUTCAST
        and (
            model is PublishModel.OPEN
            or (model is PublishModel.SUBSCRIBERS and node.is_subscribed(requester.bare))
        )
    )
    if not is_allowed:
        raise StanzaError(StanzaCondition.FORBIDDEN)


def require_deleting(node: Node, requester: Requester, item: StoredItem) -> None:
    """Refuse those who may not delete an item: owners may, and who published it (section 4.1).

    Raises:
        StanzaError: ``forbidden``.
    """
    affiliation = node.affiliation_of(requester.jid)
    is_own = item.publisher.partition("/")[0] == str(requester.bare)
    if affiliation is Affiliation.OWNER:
        return
    if affiliation is Affiliation.OUTCAST or not is_own:
        raise StanzaError(StanzaCondition.FORBIDDEN)


def may_find(node: Node, requester: Requester) -> bool:
    """Whether a node is listed to an entity: it could subscribe, if it is approved."""
    try:
        require_access(node, requester)
    except StanzaError:
        return False
    return True


def may_receive(node: Node, requester: Requester) -> bool:
    """Whether an entity that is subscribed, or counts as such, is notified."""
    try:
        require_retrieving(node, requester)
    except StanzaError:
        return False
    return True
