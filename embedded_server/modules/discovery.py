"""Service discovery of the server and of its accounts (XEP-0030 2.5.0, sections 3, 4 and 8).

Who may not see an account, and who asks for an account that does not exist, get the same answer:
``service-unavailable`` for info, an empty list for items (section 8; docs/protocol.md, section 5).
"""

from collections.abc import Coroutine
from typing import Any
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
from shared_protocol.errors import StanzaCondition, StanzaError
from shared_protocol.namespaces import DISCO_INFO, DISCO_ITEMS
from shared_protocol.stanzas.disco import (
    DiscoInfo,
    DiscoItems,
    Identity,
    info_to_element,
    items_to_element,
)

_GET = frozenset({"get"})
SERVER_IDENTITY = Identity("server", "im", "Parlour")
ACCOUNT_IDENTITY = Identity("account", "registered")


class DiscoveryModule:
    """Answers what the server and its accounts are and can do."""

    def __init__(self, *, book: RosterBook) -> None:
        self._book = book
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

    def _on_server_info(self, request: IqRequest) -> Element:
        node = request.payload.get("node", "")
        if node and node not in self._host.features.nodes:
            raise StanzaError(StanzaCondition.ITEM_NOT_FOUND)
        return self._info(Entity.SERVER, node)

    def _on_account_info(self, request: IqRequest) -> Coroutine[Any, Any, Element]:
        return self._account_info(request)

    async def _account_info(self, request: IqRequest) -> Element:
        account, observer = request.account, request.sender.bare
        if account != observer:
            async with self._book.opened(account) as roster:
                is_seen = roster.is_seen_by(observer)
            if not is_seen:
                raise StanzaError(StanzaCondition.SERVICE_UNAVAILABLE)
        if request.payload.get("node"):
            raise StanzaError(StanzaCondition.ITEM_NOT_FOUND)
        return self._info(Entity.ACCOUNT, "")

    def _on_server_items(self, request: IqRequest) -> Element:
        """Answer with the services of the server; a node has none."""
        node = request.payload.get("node", "")
        return items_to_element(DiscoItems(() if node else self._host.features.items, node))

    def _on_account_items(self, request: IqRequest) -> Element:
        """Answer with an empty list, whether the account exists or not (section 8)."""
        return items_to_element(DiscoItems(node=request.payload.get("node", "")))

    def _info(self, entity: Entity, node: str) -> Element:
        features = self._host.features
        identities, forms = features.identities_of(entity), features.forms_of(entity)
        return info_to_element(DiscoInfo(identities, features.of(entity), node, forms))
