"""Service discovery of the server and of its accounts (XEP-0030 2.5.0, sections 3, 4 and 8).

Who may not see an account, and who asks for an account that does not exist, get the same answer:
``service-unavailable`` for info, an empty list for items (section 8; docs/protocol.md, section 5).
"""

from collections.abc import Callable, Coroutine
from typing import Any, Protocol
from xml.etree.ElementTree import Element

from embedded_server.modules.roster_book import RosterBook
from embedded_server.plugin_api import (
    Accepts,
    Attachments,
    Entity,
    IqHandler,
    IqRequest,
    ModuleHost,
)
from shared_protocol.addresses import BareJid, Jid
from shared_protocol.errors import StanzaCondition, StanzaError
from shared_protocol.namespaces import DISCO_INFO, DISCO_ITEMS
from shared_protocol.stanzas.disco import (
    DiscoInfo,
    DiscoItem,
    DiscoItems,
    Identity,
    info_to_element,
    items_to_element,
)

_GET = frozenset({"get"})
SERVER_IDENTITY = Identity("server", "im", "Parlour")
ACCOUNT_IDENTITY = Identity("account", "registered")


class AccountNodes(Protocol):
    """Knows nodes of accounts, and lets an observer see what is for him."""

    async def node_info(self, address: BareJid, observer: Jid, name: str) -> DiscoInfo:
        """Describe a node.

        Raises:
            StanzaError: There is none, or not for the observer.
        """

    async def node_items(self, address: BareJid, observer: Jid, name: str) -> tuple[DiscoItem, ...]:
        """List what belongs to a node; errors as ``node_info``."""

    async def listed_nodes(self, address: BareJid, observer: Jid) -> tuple[DiscoItem, ...]:
        """List the nodes that are for the observer."""


class DiscoveryModule:
    """Answers what the server and its accounts are and can do."""

    def __init__(self, *, book: RosterBook) -> None:
        self._book = book
        self._nodes: AccountNodes | None = None
        self._attached = Attachments()
        self._host: ModuleHost

    def attach(self, host: ModuleHost) -> None:
        """Answer info and items for the server and for accounts."""
        self._host = host
        info, items = f"{DISCO_INFO} query", f"{DISCO_ITEMS} query"
        for handler in (
            IqHandler(info, Entity.SERVER, Accepts.ANYONE, self._on_server_info, _GET),
            IqHandler(items, Entity.SERVER, Accepts.ANYONE, self._on_server_items, _GET),
            IqHandler(info, Entity.ACCOUNT, Accepts.ANYONE, self._on_account_info, _GET),
            IqHandler(
                items,
                Entity.ACCOUNT,
                Accepts.ANYONE,
                self._on_account_items,
                _GET,
                answers_for_strangers=True,
            ),
        ):
            self._attached.add(host.add_iq_handler(handler))
        features = host.features
        self._attached.add(
            features.add_identity(Entity.SERVER, SERVER_IDENTITY),
            features.add_identity(Entity.ACCOUNT, ACCOUNT_IDENTITY),
            features.add(Entity.SERVER, DISCO_INFO, DISCO_ITEMS),
            features.add(Entity.ACCOUNT, DISCO_INFO, DISCO_ITEMS),
        )

    def detach(self) -> None:
        """Take everything back."""
        self._attached.undo()

    def take_nodes(self, nodes: AccountNodes) -> Callable[[], None]:
        """Let accounts have nodes; returns the function that takes them back."""
        self._nodes = nodes

        def give_back() -> None:
            self._nodes = None

        return give_back

    def _on_server_info(self, request: IqRequest) -> Element:
        node = request.payload.get("node", "")
        if node and node not in self._host.features.nodes:
            info = self._host.features.info_of_node(node, request.sender)
            if info is None:
                raise StanzaError(StanzaCondition.ITEM_NOT_FOUND)
            return info_to_element(info)
        return self._info(Entity.SERVER, node)

    def _on_account_info(self, request: IqRequest) -> Coroutine[Any, Any, Element]:
        return self._account_info(request)

    async def _account_info(self, request: IqRequest) -> Element:
        if not await self._is_seen(request):
            raise StanzaError(StanzaCondition.SERVICE_UNAVAILABLE)
        node = request.payload.get("node", "")
        if not node:
            return self._info(Entity.ACCOUNT, "")
        if self._nodes is None:
            raise StanzaError(StanzaCondition.ITEM_NOT_FOUND)
        return info_to_element(await self._nodes.node_info(request.account, request.sender, node))

    def _on_server_items(self, request: IqRequest) -> Element:
        """Answer with the services of the server, or with what a node of it has."""
        node, features = request.payload.get("node", ""), self._host.features
        items = features.items_of_node(node, request.sender) if node else features.items
        return items_to_element(DiscoItems(items, node))

    async def _on_account_items(self, request: IqRequest) -> Element:
        """Answer with an empty list, whether the account exists or not (section 8).

        Only those who see its presence are told of its nodes.
        """
        node = request.payload.get("node", "")
        found: tuple[DiscoItem, ...] = ()
        account, observer, nodes = request.account, request.sender, self._nodes
        exists = self._host.account_exists(account)
        if nodes is not None and exists and await self._is_seen(request):
            if node:
                found = await nodes.node_items(account, observer, node)
            else:
                found = await nodes.listed_nodes(account, observer)
        return items_to_element(DiscoItems(found, node))

    async def _is_seen(self, request: IqRequest) -> bool:
        """Whether who asks sees the account's presence."""
        account, observer = request.account, request.sender.bare
        if account == observer:
            return True
        async with self._book.opened(account) as roster:
            return roster.is_seen_by(observer)

    def _info(self, entity: Entity, node: str) -> Element:
        features = self._host.features
        identities, forms = features.identities_of(entity), features.forms_of(entity)
        return info_to_element(DiscoInfo(identities, features.of(entity), node, forms))
