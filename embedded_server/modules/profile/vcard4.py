"""vCard 4 (XEP-0292 0.12.0): a node of PEP, and the plain IQ of its version 0.11."""

from contextlib import suppress

from embedded_server.modules.pubsub.assembly import PubSubModule
from embedded_server.plugin_api import (
    Accepts,
    Attachments,
    Entity,
    IqHandler,
    IqRequest,
    ModuleHost,
)
from shared_protocol.errors import StanzaCondition, StanzaError
from shared_protocol.namespaces import VCARD4, VCARD4_NODE
from shared_protocol.stanzas.pubsub.requests import ItemToPublish, Publish, payload_bytes

_ITEM = "current"


class Vcard4Module:
    """Answers the plain IQ from the node, and publishes what is set by it."""

    def __init__(self, *, publishing: PubSubModule) -> None:
        self._publishing = publishing
        self._attached = Attachments()

    def attach(self, host: ModuleHost) -> None:
        """Answer for accounts, and announce it."""
        handler = IqHandler(f"{VCARD4} vcard", Entity.ACCOUNT, Accepts.ANYONE, self._on_vcard)
        self._attached.add(host.add_iq_handler(handler), host.features.add(Entity.ACCOUNT, VCARD4))

    def detach(self) -> None:
        """Take everything back."""
        self._attached.undo()

    async def _on_vcard(self, request: IqRequest) -> bytes | None:
        if not request.is_set:
            return await self._get(request)
        if not request.inbound.is_to_own_account:
            raise StanzaError(StanzaCondition.FORBIDDEN)
        item = ItemToPublish(_ITEM, payload_bytes(request.payload), VCARD4, 1)
        asked = Publish(VCARD4_NODE, (item,))
        await self._publishing.desk.perform(request.account, request.sender, asked)
        return None

    async def _get(self, request: IqRequest) -> bytes:
        """Return the last item; what is not for the sender is as if it were not there."""
        desk = self._publishing.desk
        payload = None
        async with desk.book.opened(request.account) as nodes:
            node = nodes.get(VCARD4_NODE)
            last = None if node is None else node.last
        if last is not None:
            with suppress(StanzaError):
                payload = await desk.payload_for(
                    request.account, request.sender, VCARD4_NODE, last.id
                )
        if payload is None:
            is_own = request.account == request.sender.bare
            missing = StanzaCondition.ITEM_NOT_FOUND
            raise StanzaError(missing if is_own else StanzaCondition.SERVICE_UNAVAILABLE)
        return payload
