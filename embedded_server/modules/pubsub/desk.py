"""Answers requests: reads what is needed, changes nodes, stores, tells, answers (XEP-0060).

One desk serves the domain's service and every account. The rules are in the modules beside.
"""

import time
from collections.abc import Callable
from typing import Any
from xml.etree.ElementTree import Element

from embedded_server.modules.pubsub import (
    creation,
    ownership,
    permissions,
    publishing,
    retrieval,
    subscribing,
)
from embedded_server.modules.pubsub.deliveries import Deliveries
from embedded_server.modules.pubsub.node_book import NodeBook
from embedded_server.modules.pubsub.nodes import NodeSet
from embedded_server.modules.pubsub.outcomes import ItemsChanged, Outcome
from embedded_server.modules.pubsub.ownership import PartlyRefusedError
from embedded_server.modules.pubsub.permissions import Requester, Rules
from embedded_server.modules.pubsub.relations import Relations
from embedded_server.plugin_api import Session, StoredItem
from shared_protocol.addresses import BareJid, Jid
from shared_protocol.errors import StanzaCondition, StanzaError
from shared_protocol.limits import PubSubLimits
from shared_protocol.namespaces import PUBSUB_OWNER
from shared_protocol.stanzas.disco import DiscoInfo, DiscoItem
from shared_protocol.stanzas.pubsub import owner_requests, requests

_Operation = Callable[[NodeSet, Requester, Any, Rules], Outcome]
_Listener = Callable[[ItemsChanged], None]
_Check = Callable[[requests.ItemToPublish], None]
_Companion = Callable[[NodeSet, Outcome, Rules], None]

_OPERATIONS: dict[type, _Operation] = {
    requests.Publish: publishing.publish,
    requests.Retract: lambda nodes, who, asked, _rules: publishing.retract(nodes, who, asked),
    requests.Subscribe: subscribing.subscribe,
    requests.Unsubscribe: lambda nodes, who, asked, _rules: subscribing.unsubscribe(
        nodes, who, asked
    ),
    requests.AskOptions: lambda nodes, who, asked, _rules: subscribing.change_options(
        nodes, who, asked
    ),
    requests.AskDefaultOptions: lambda nodes, _who, asked, _rules: subscribing.show_default_options(
        nodes, asked
    ),
    requests.AskSubscriptions: lambda nodes, who, asked, _rules: subscribing.show_subscriptions(
        nodes, who, asked
    ),
    requests.AskAffiliations: lambda nodes, who, asked, _rules: subscribing.show_affiliations(
        nodes, who, asked
    ),
    requests.Create: creation.create,
    owner_requests.Configure: creation.configure,
    owner_requests.AskNodeDefaults: lambda nodes, _who, asked, _rules: creation.show_defaults(
        nodes, asked
    ),
    owner_requests.Delete: lambda nodes, who, asked, _rules: creation.delete(nodes, who, asked),
    owner_requests.Purge: lambda nodes, who, asked, _rules: publishing.purge(nodes, who, asked),
    owner_requests.ManageSubscriptions: ownership.manage_subscriptions,
    owner_requests.ManageAffiliations: ownership.manage_affiliations,
}
_ONLY_ASKED = (
    requests.AskDefaultOptions,
    requests.AskItems,
    requests.AskSubscriptions,
    requests.AskAffiliations,
    owner_requests.AskNodeDefaults,
)
Request = requests.Request | owner_requests.OwnerRequest


class PubSubDesk:
    """Where requests are dealt with, each in its sender's order.

    Attributes:
        book: The nodes.
        relations: What owners are to those who ask.
        deliveries: Tells who is to be told.
    """

    def __init__(
        self,
        *,
        book: NodeBook,
        relations: Relations,
        deliveries: Deliveries,
        limits: PubSubLimits,
        may_create: Callable[[BareJid], bool],
    ) -> None:
        self.book = book
        self.relations = relations
        self.deliveries = deliveries
        self._limits = limits
        self._may_create = may_create
        self._listeners: list[_Listener] = []
        self._checks: dict[str, _Check] = {}
        self._companions: list[_Companion] = []
        self._temporary: dict[BareJid, set[BareJid]] = {}

    def on_items_changed(self, listener: _Listener) -> Callable[[], None]:
        """Tell a listener what happened to items, when it is on disk; returns how to stop it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def add_check(self, node: str, check: _Check) -> Callable[[], None]:
        """Let items for a node of accounts be judged first; returns how to take that back.

        Args:
            node: Its name.
            check: Raises ``StanzaError``.
        """
        self._checks[node] = check

        def take_back() -> None:
            self._checks.pop(node, None)

        return take_back

    def add_companion(self, companion: _Companion) -> Callable[[], None]:
        """Let more be changed along with a change, and stored together; returns how to stop it.

        Args:
            companion: Told what is about to be stored, to which it may add.
        """
        self._companions.append(companion)
        return lambda: self._companions.remove(companion)

    async def answer(
        self, address: BareJid, sender: Jid, payload: Element, *, is_set: bool
    ) -> bytes | None:
        """Answer an IQ with a payload of one of the two namespaces.

        Raises:
            StanzaError: It is refused.
            MalformedStanzaError: It cannot be read.
            StorageError: It could not be stored or read.
        """
        is_owners = payload.tag.startswith(f"{{{PUBSUB_OWNER}}}")
        asked: Request = (
            owner_requests.from_element(payload) if is_owners else requests.from_element(payload)
        )
        if is_set is not _changes(asked):
            raise StanzaError(StanzaCondition.BAD_REQUEST)
        return await self.perform(address, sender, asked)

    async def perform(self, address: BareJid, sender: Jid, asked: Request) -> bytes | None:
        """Do what is asked, as one that may or may not; errors as ``answer``."""
        async with self.book.opened(address) as nodes:
            node = nodes.get(getattr(asked, "node", ""))
            requester = await self.relations.requester(nodes, node, sender)
            rules = Rules(self._limits, time.time())
            if isinstance(asked, requests.AskItems):
                selection = retrieval.select_items(nodes, requester, asked, rules)
                missing = selection.missing
                payloads = (
                    await self.book.store.payloads(nodes.key, asked.node, missing)
                    if missing
                    else {}
                )
                return selection.answer(nodes, payloads)
            self._require_sound(nodes, requester, asked)
            try:
                outcome = _OPERATIONS[type(asked)](nodes, requester, asked, rules)
            except PartlyRefusedError as refused:
                await self._complete(nodes, refused.outcome)
                raise
            for companion in self._companions:
                companion(nodes, outcome, rules)
            self._note_temporary(nodes, requester.bare, asked)
            await self._complete(nodes, outcome)
            return outcome.answer

    async def send_last_to_subscriber(self, address: BareJid, session: Session) -> None:
        """Send a subscriber who has come on line what was published last."""
        async with self.book.opened(address) as nodes:
            for node in nodes.subscribed_by(session.full_jid.bare):
                for jid in {one.jid for one in node.subscriptions_of(session.full_jid.bare)}:
                    if jid in {session.full_jid, session.full_jid.bare}:
                        await self.deliveries.send_last_to_subscriber(nodes, node, session)

    async def payload_for(
        self, address: BareJid, observer: Jid, name: str, item_id: str
    ) -> bytes | None:
        """Return the payload of an item, or None if it is not there or not for the observer."""
        async with self.book.opened(address) as nodes:
            node = nodes.get(name)
            item = None if node is None else node.items.get(item_id)
            if node is None or item is None:
                return None
            requester = await self.relations.requester(nodes, node, observer)
            if not permissions.may_receive(node, requester):
                return None
            if item.payload is not None:
                return item.payload
            found = await self.book.store.payloads(nodes.key, name, (item_id,))
            return found.get(item_id)

    def is_concerned(self, address: BareJid, entity: BareJid) -> bool:
        """Whether ``left`` has something to do."""
        nodes = self.book.get(address)
        return entity in self._temporary or (nodes is not None and bool(nodes.purging))

    async def left(self, address: BareJid, entity: BareJid) -> None:
        """An entity has gone off line with all its resources.

        Its temporary subscriptions end (12.4), and what it published where that is not to outlive
        its presence goes (16.4.4, ``pubsub#purge_offline``).
        """
        for subscribed in self._temporary.pop(entity, ()):
            async with self.book.opened(subscribed) as nodes:
                for node in nodes.subscribed_by(entity):
                    for one in node.subscriptions_of(entity):
                        if one.options.is_temporary:
                            await self._complete(nodes, subscribing.removed(nodes, node, one))
        async with self.book.opened(address) as nodes:
            for node in [nodes.nodes[name] for name in nodes.purging]:
                ids = [one.id for one in node.items.values() if _is_by(one, entity)]
                if ids:
                    await self._complete(nodes, publishing.withdrawn(nodes, node, ids, entity))

    async def forget(self, gone: BareJid, service: BareJid) -> None:
        """Nothing of an account that was deleted stays at the nodes of others.

        Args:
            gone: The account.
            service: Where it may have made nodes; those that only it owned go.
        """
        self.book.forget(gone)
        async with self.book.opened(service):
            for nodes in self.book.in_memory():
                await self._complete(nodes, ownership.without(nodes, gone))
        await self.book.forget_entity(gone)

    async def decide(
        self, address: BareJid, sender: Jid, node: str, subid: str, *, is_allowed: bool
    ) -> None:
        """Take an owner's decision on a subscription that waits (section 8.6); errors as above."""
        async with self.book.opened(address) as nodes:
            outcome = ownership.decide(nodes, Requester(sender), node, subid, is_allowed=is_allowed)
            await self._complete(nodes, outcome)

    async def node_info(self, address: BareJid, observer: Jid, name: str) -> DiscoInfo:
        """Describe a node (section 5.4); errors as above."""
        async with self.book.opened(address) as nodes:
            requester = await self.relations.requester(nodes, nodes.get(name), observer)
            return retrieval.node_info(nodes, requester, name)

    async def node_items(self, address: BareJid, observer: Jid, name: str) -> tuple[DiscoItem, ...]:
        """List the items of a node (section 5.5); errors as above."""
        async with self.book.opened(address) as nodes:
            requester = await self.relations.requester(nodes, nodes.get(name), observer)
            return retrieval.node_items(nodes, requester, name)

    async def listed_nodes(self, address: BareJid, observer: Jid) -> tuple[DiscoItem, ...]:
        """List the nodes of an address that are for an observer (section 5.2)."""
        async with self.book.opened(address) as nodes:
            listed = []
            for node in nodes:
                requester = await self.relations.requester(nodes, node, observer)
                if permissions.may_find(node, requester):
                    listed.append(DiscoItem(address, node.options.title, node.name))
            return tuple(listed)

    def _note_temporary(self, nodes: NodeSet, entity: BareJid, asked: Request) -> None:
        if not isinstance(asked, requests.Subscribe | requests.AskOptions):
            return
        node = nodes.get(asked.node)
        own = [] if node is None else node.subscriptions_of(entity)
        if any(one.options.is_temporary for one in own):
            self._temporary.setdefault(entity, set()).add(nodes.address)

    async def _complete(self, nodes: NodeSet, outcome: Outcome) -> None:
        """Store what has changed; then tell."""
        if outcome.writes:
            await self.book.commit(nodes, outcome.writes)
        for change in outcome.changes:
            for listener in tuple(self._listeners):
                listener(change)
        await self.deliveries.deliver(nodes, outcome.notices)

    def _require_sound(self, nodes: NodeSet, requester: Requester, asked: Request) -> None:
        """Refuse what the rules of nodes do not know of.

        Who is not known here makes no nodes (section 8.1.1), and what has a form of its own must
        have it.
        """
        if nodes.is_account:
            check = self._checks.get(asked.node) if isinstance(asked, requests.Publish) else None
            if check is not None and isinstance(asked, requests.Publish):
                for item in asked.items:
                    if item.payload:
                        check(item)
            return
        is_new = isinstance(asked, requests.Publish) and nodes.get(asked.node) is None
        if (is_new or isinstance(asked, requests.Create)) and not self._may_create(requester.bare):
            raise StanzaError(StanzaCondition.FORBIDDEN)


def _is_by(item: StoredItem, publisher: BareJid) -> bool:
    return item.publisher.partition("/")[0] == str(publisher)


def _changes(asked: Request) -> bool:
    """Whether a request must come as a set."""
    match asked:
        case requests.AskOptions() | owner_requests.Configure():
            return asked.form is not None
        case owner_requests.ManageSubscriptions() | owner_requests.ManageAffiliations():
            return bool(asked.changes)
        case _:
            return not isinstance(asked, _ONLY_ASKED)
