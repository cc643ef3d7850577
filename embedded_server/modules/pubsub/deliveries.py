"""Who is told what happens at a node, and how (XEP-0060 1.30.0, 7.1.2 and 9; XEP-0163 1.2.2, 4.3).

Whoever sees an account's presence counts as subscribed to its nodes, as far as these let him, and
hears of those that his client asks for; so does the account itself. Others subscribe. Who is told
is found in memory; what is told is written once.
"""

import time
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from embedded_server.modules.pubsub.interests import InterestModule
from embedded_server.modules.pubsub.node_book import NodeBook
from embedded_server.modules.pubsub.nodes import WITH_ITEMS, Node, NodeSet, Subscription
from embedded_server.modules.pubsub.notifications import Notification, approval_request
from embedded_server.modules.pubsub.outcomes import (
    AskOwners,
    Notice,
    OpenToMore,
    SendLastItem,
    TellOne,
    TellSubscribers,
)
from embedded_server.modules.pubsub.permissions import Requester, may_receive
from embedded_server.modules.pubsub.publishing import expired_ids, shown_item
from embedded_server.modules.pubsub.relations import Relations, as_known
from embedded_server.modules.roster_book import Roster, RosterBook
from embedded_server.plugin_api import ModuleHost, Session
from shared_protocol.addresses import BareJid, FullJid, Jid
from shared_protocol.namespaces import CLIENT
from shared_protocol.stanzas.pubsub.events import ItemsPublished
from shared_protocol.stanzas.pubsub.node_terms import (
    AccessModel,
    NodeSubscriptionState,
    SendLast,
)
from shared_protocol.stanzas.pubsub.subscribe_options import ONLINE, SubscribeOptions
from shared_protocol.xml.elements import element_of

_SHOW = f"{{{CLIENT}}}show"
_ALL_SHOWS = SubscribeOptions().shows
_ACTIVE = frozenset({NodeSubscriptionState.SUBSCRIBED, NodeSubscriptionState.UNCONFIGURED})
_IMPLICIT = frozenset({AccessModel.OPEN, AccessModel.PRESENCE, AccessModel.ROSTER})


class Newcomer(NamedTuple):
    """A session that wants to hear of more than before.

    Attributes:
        since: Seconds since 1970, UTC.
    """

    session: Session
    since: float


class Deliveries:
    """Sends notifications, for the service of the domain and for accounts."""

    def __init__(
        self,
        *,
        host: ModuleHost,
        book: NodeBook,
        rosters: RosterBook,
        interests: InterestModule,
        relations: Relations,
    ) -> None:
        self._host = host
        self._book = book
        self._rosters = rosters
        self._interests = interests
        self._relations = relations

    async def deliver(self, nodes: NodeSet, notices: Iterable[Notice]) -> None:
        """Tell everybody concerned, in order.

        Raises:
            StorageError: A roster or a payload could not be read.
        """
        for notice in notices:
            match notice:
                case TellSubscribers():
                    await self._tell_subscribers(nodes, notice)
                case TellOne():
                    told = Notification(nodes.address, notice.node, notice.event)
                    self._host.deliver(told.to(notice.to), notice.to)
                case SendLastItem():
                    await self._send_last_to(nodes, notice.node, notice.to)
                case OpenToMore():
                    await self._open(nodes, notice)
                case AskOwners():
                    for owner in notice.node.owners:
                        request = approval_request(nodes, notice.node, notice.subscription, owner)
                        self._host.deliver(request, owner)

    async def send_last(
        self, nodes: NodeSet, names: Iterable[str], requester: Requester, newcomer: Newcomer
    ) -> None:
        """Send a session, new or newly interested, what nodes of an account published last.

        What was published since it came, it is told as everybody is.

        Raises:
            StorageError: A payload could not be read.
        """
        session = newcomer.session
        if self._is_parted(nodes, session.full_jid):
            return
        for name in names:
            node = nodes.get(name)
            if (
                node is not None
                and node.last is not None
                and node.last.published_at <= newcomer.since
                and node.options.send_last is SendLast.ON_SUBSCRIPTION_AND_PRESENCE
                and (requester.bare == nodes.address or self._is_implied(node, requester))
            ):
                told = await self._last_of(nodes, node)
                if told is not None:
                    session.send(told.to_session(session))

    async def send_last_to_subscriber(self, nodes: NodeSet, node: Node, session: Session) -> None:
        """Send an explicit subscriber who has come on line what was published last.

        Raises:
            StorageError: A roster or the payload could not be read.
        """
        if node.options.send_last is SendLast.ON_SUBSCRIPTION_AND_PRESENCE:
            await self._send_last_to(nodes, node, session.full_jid)

    async def _send_last_to(self, nodes: NodeSet, node: Node, to: Jid) -> None:
        requester = await self._relations.requester(nodes, node, to)
        if may_receive(node, requester):
            told = await self._last_of(nodes, node)
            if told is not None:
                self._send(told, to)

    async def _last_of(self, nodes: NodeSet, node: Node) -> Notification | None:
        last = node.last
        if last is None or not node.options.delivers_notifications:
            return None
        if last.id in expired_ids(node, time.time()):
            return None
        payload = last.payload
        if payload is None:
            found = await self._book.store.payloads(nodes.key, node.name, (last.id,))
            payload = found.get(last.id)
            if payload is None:
                return None
        event = ItemsPublished(node.name, (shown_item(nodes, node, last, payload),))
        return Notification(nodes.address, node, event, sent_at=last.published_at)

    async def _tell_subscribers(self, nodes: NodeSet, notice: TellSubscribers) -> None:
        node = notice.node
        if not node.options.delivers_notifications:
            return
        told = Notification(nodes.address, node, notice.event, publisher=notice.publisher)
        reached: set[Jid] = set()
        if nodes.is_account and self._host.account_exists(nodes.address):
            async with self._rosters.opened(nodes.address) as roster:
                self._tell_interested(nodes, node, told, roster, reached)
        if node.subscriptions:
            for subscription in tuple(node.subscriptions.values()):
                if subscription.state in _ACTIVE or notice.is_for_pending:
                    await self._tell_one(nodes, node, told, subscription, reached)

    def _tell_interested(
        self, nodes: NodeSet, node: Node, told: Notification, roster: Roster, reached: set[Jid]
    ) -> None:
        """Tell the account's own clients, and those of contacts that ask for it."""
        available_of, interest_of = self._host.sessions.available_of, self._interests.of
        name = node.name
        for session in available_of(nodes.address.localpart):
            if name in interest_of(session):
                session.send(told.to_session(session))
                reached.update((session.full_jid, session.full_jid.bare))
        is_for_all = (
            node.options.access_model in {AccessModel.OPEN, AccessModel.PRESENCE}
            and len(node.affiliations) == 1
        )
        is_anybody_blocked = bool(self._host.block_lists)
        for localpart, _to in roster.observer_addresses:
            receivers = [one for one in available_of(localpart) if name in interest_of(one)]
            if receivers and is_anybody_blocked:
                receivers = [one for one in receivers if not self._is_parted(nodes, one.full_jid)]
            if not receivers:
                continue
            contact = receivers[0].full_jid.bare
            if not (
                is_for_all or self._is_implied(node, as_known(roster.items.get(contact), contact))
            ):
                continue
            reached.add(contact)
            for session in receivers:
                session.send(told.to_session(session))
                reached.add(session.full_jid)

    def _is_parted(self, nodes: NodeSet, receiver: Jid) -> bool:
        """Whether one blocks the other (XEP-0163, section 4.3.3; XEP-0191)."""
        return self._host.block_lists.part(nodes.address, receiver)

    def _is_implied(self, node: Node, requester: Requester) -> bool:
        """Whether a contact counts as subscribed by presence (section 9.1.2)."""
        if not requester.sees_presence:
            return False
        is_member = node.affiliations.get(requester.bare) in WITH_ITEMS
        is_open = node.options.access_model in _IMPLICIT or is_member
        return is_open and may_receive(node, requester)

    async def _tell_one(
        self,
        nodes: NodeSet,
        node: Node,
        told: Notification,
        subscription: Subscription,
        reached: set[Jid],
    ) -> None:
        """Tell a subscriber once, however many subscriptions its address has (6.1.6)."""
        jid = subscription.jid
        if jid in reached or self._is_parted(nodes, jid):
            return
        same = [one for one in node.subscriptions_of(jid.bare) if one.jid == jid]
        wanting = [one for one in same if self._is_wanted(node, one)]
        if not wanting:
            return
        requester = await self._relations.requester(nodes, node, jid)
        if subscription.state in _ACTIVE and not may_receive(node, requester):
            return
        reached.add(jid)
        subids = [one.subid for one in wanting] if len(same) > 1 else []
        self._send(told, jid, subids)

    def _is_wanted(self, node: Node, subscription: Subscription) -> bool:
        options = subscription.options
        if not options.delivers:
            return False
        if options.expires_at is not None and options.expires_at <= time.time():
            return False
        is_by_presence = node.options.has_presence_based_delivery or options.is_temporary
        if options.shows == _ALL_SHOWS and not is_by_presence:
            return True
        return any(_show_of(one) in options.shows for one in self._sessions_of(subscription.jid))

    def _sessions_of(self, jid: Jid) -> Sequence[Session]:
        if jid.domainpart != self._host.domain:
            return ()
        if isinstance(jid, FullJid):
            found = self._host.sessions.get(jid)
            return () if found is None or not found.is_available else (found,)
        return self._host.sessions.available_of(jid.localpart)

    def _send(self, told: Notification, to: Jid, subids: Sequence[str] = ()) -> None:
        """Send to an address as RFC 6121, section 8.5.2.1.1, says; here without a detour."""
        written = told.to(to, subids)
        if told.is_headline and isinstance(to, BareJid) and self._host.account_exists(to):
            for session in self._host.sessions.available_of(to.localpart):
                if session.priority >= 0:
                    session.send(written)
        else:
            self._host.deliver(written, to)

    async def _open(self, nodes: NodeSet, notice: OpenToMore) -> None:
        """Send the last item to those whom a change of the configuration lets in (12.2)."""
        node, before = notice.node, notice.before
        if not nodes.is_account or node.options.send_last is SendLast.NEVER:
            return
        told = await self._last_of(nodes, node)
        if told is None:
            return
        async with self._rosters.opened(nodes.address) as roster:
            for localpart, _to in roster.observer_addresses:
                for session in self._host.sessions.available_of(localpart):
                    requester = as_known(roster.items.get(session.full_jid.bare), session.full_jid)
                    if self._is_parted(nodes, session.full_jid):
                        continue
                    if (
                        node.name in self._interests.of(session)
                        and self._is_implied(node, requester)
                        and not self._is_implied(before, requester)
                    ):
                        session.send(told.to_session(session))


def _show_of(session: Session) -> str:
    element = element_of(session.presence or b"<presence/>")
    return (element.findtext(_SHOW) or "").strip() or ONLINE
