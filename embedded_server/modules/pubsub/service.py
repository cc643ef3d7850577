"""The service of the domain, at ``pubsub.DOMAIN`` (XEP-0060 1.30.0)."""

from collections.abc import Coroutine
from typing import Any
from xml.etree.ElementTree import Element

from embedded_server.modules.pubsub.announced import SERVICE_FEATURES
from embedded_server.modules.pubsub.decisions import FORM_CHILD, decision_of
from embedded_server.modules.pubsub.desk import PubSubDesk
from embedded_server.plugin_api import (
    Accepts,
    AccountDeleted,
    Attachments,
    Entity,
    Inbound,
    IqHandler,
    IqRequest,
    IqTable,
    ModuleHost,
    SessionAvailable,
    SessionUnavailable,
)
from shared_protocol.addresses import BareJid
from shared_protocol.errors import StanzaCondition, StanzaError
from shared_protocol.namespaces import CLIENT, DISCO_INFO, DISCO_ITEMS, PING, PUBSUB, PUBSUB_OWNER
from shared_protocol.stanzas.disco import (
    DiscoInfo,
    DiscoItem,
    DiscoItems,
    Identity,
    info_to_element,
    items_to_element,
)

_GET = frozenset({"get"})
_IQ = f"{CLIENT} iq"
_MESSAGE = f"{CLIENT} message"
_IDENTITY = Identity("pubsub", "service", "Publishing")
_SUBDOMAIN = "pubsub."


class PubSubServiceModule:
    """Serves a domain of its own with nodes that all accounts may make."""

    def __init__(self, *, desk: PubSubDesk) -> None:
        self._desk = desk
        self._table = IqTable()
        self._attached = Attachments()
        self._host: ModuleHost
        self._address: BareJid

    def attach(self, host: ModuleHost) -> None:
        """Serve the domain, and list it among the server's."""
        self._host = host
        self._address = BareJid("", f"{_SUBDOMAIN}{host.domain}")
        for handler in (
            IqHandler(f"{PUBSUB} pubsub", Entity.SERVER, Accepts.ANYONE, self._on_request),
            IqHandler(f"{PUBSUB_OWNER} pubsub", Entity.SERVER, Accepts.ANYONE, self._on_request),
            IqHandler(f"{DISCO_INFO} query", Entity.SERVER, Accepts.ANYONE, self._on_info, _GET),
            IqHandler(f"{DISCO_ITEMS} query", Entity.SERVER, Accepts.ANYONE, self._on_items, _GET),
            IqHandler(f"{PING} ping", Entity.SERVER, Accepts.ANYONE, lambda _asked: None, _GET),
        ):
            self._attached.add(self._table.add(handler))
        self._attached.add(
            host.serve(self._address.domainpart, self._on_stanza),
            host.features.add_item(DiscoItem(self._address, _IDENTITY.name)),
            host.hooks.listen(SessionAvailable, self._on_available),
            host.hooks.listen(SessionUnavailable, self._on_unavailable),
            host.hooks.listen(AccountDeleted, self._on_account_deleted),
        )

    def detach(self) -> None:
        """Take everything back."""
        self._attached.undo()

    def _on_stanza(self, inbound: Inbound) -> None:
        if inbound.frame.name == _IQ:
            if inbound.type in {"result", "error"}:
                self._host.take_answer(inbound)
                return
            if inbound.to != self._address:
                raise StanzaError(StanzaCondition.ITEM_NOT_FOUND)
            self._host.answer_iq(self._table, inbound, Entity.SERVER)
        elif inbound.frame.name == _MESSAGE and inbound.type != "error":
            decision = None
            if FORM_CHILD in inbound.frame.children:
                decision = decision_of(inbound.frame.raw)
            if decision is None:
                raise StanzaError(StanzaCondition.SERVICE_UNAVAILABLE)
            if decision.is_allowed is not None:
                decided = self._desk.decide(
                    self._address,
                    inbound.sender,
                    decision.node,
                    decision.subid,
                    is_allowed=decision.is_allowed,
                )
                self._host.attempt_later(decided, inbound, "decide on a subscription")

    def _on_request(self, request: IqRequest) -> Coroutine[Any, Any, bytes | None]:
        return self._desk.answer(
            self._address, request.sender, request.payload, is_set=request.is_set
        )

    def _on_info(self, request: IqRequest) -> Element | Coroutine[Any, Any, Element]:
        node = request.payload.get("node", "")
        if node:
            return self._node_info(request, node)
        features = (*SERVICE_FEATURES, DISCO_INFO, DISCO_ITEMS, PING)
        return info_to_element(DiscoInfo((_IDENTITY,), tuple(sorted(features))))

    async def _node_info(self, request: IqRequest, node: str) -> Element:
        info = await self._desk.node_info(self._address, request.sender, node)
        return info_to_element(info)

    async def _on_items(self, request: IqRequest) -> Element:
        node = request.payload.get("node", "")
        if node:
            items = await self._desk.node_items(self._address, request.sender, node)
        else:
            items = await self._desk.listed_nodes(self._address, request.sender)
        return items_to_element(DiscoItems(items, node))

    def _on_available(self, fact: SessionAvailable) -> None:
        """Section 9: who is subscribed and comes on line gets what was published last."""
        nodes = self._desk.book.get(self._address)
        entity = fact.session.full_jid.bare
        if nodes is None or nodes.subscribed_by(entity):
            self._host.spawn(
                self._desk.send_last_to_subscriber(self._address, fact.session),
                "send what was published last",
            )

    def _on_unavailable(self, fact: SessionUnavailable) -> None:
        account = fact.session.full_jid.bare
        is_gone = not self._host.sessions.available_of(account.localpart)
        if is_gone and self._desk.is_concerned(self._address, account):
            self._host.spawn(
                self._desk.left(self._address, account), "end what lasts as long as presence"
            )

    def _on_account_deleted(self, fact: AccountDeleted) -> None:
        work = self._desk.forget(fact.account, self._address)
        self._host.spawn(work, "forget who was deleted")
