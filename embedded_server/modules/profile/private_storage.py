"""Private XML storage of accounts (XEP-0049 1.2)."""

from typing import Any
from xml.etree.ElementTree import Element

from embedded_server.modules.profile.bookmarks import CURRENT, collected, is_private
from embedded_server.modules.pubsub.assembly import PubSubModule
from embedded_server.plugin_api import (
    Accepts,
    Attachments,
    Entity,
    IqHandler,
    IqRequest,
    ModuleHost,
    ProfileRepository,
)
from shared_protocol.errors import StanzaCondition, StanzaError
from shared_protocol.limits import PrivateDataLimits
from shared_protocol.namespaces import PRIVATE_BOOKMARKS, PRIVATE_DATA
from shared_protocol.stanzas.profile.bookmarks import STORAGE
from shared_protocol.stanzas.profile.private_data import QUERY, elements_of
from shared_protocol.stanzas.pubsub.requests import ItemToPublish, Publish, payload_bytes
from shared_protocol.xml.elements import element_of


class PrivateStorageModule:
    """Keeps for each account what its clients hand over; bookmarks are those of PEP."""

    def __init__(
        self,
        *,
        store: ProfileRepository,
        publishing: PubSubModule,
        limits: PrivateDataLimits | None = None,
    ) -> None:
        self._store = store
        self._publishing = publishing
        self._limits = limits or PrivateDataLimits()
        self._attached = Attachments()

    def attach(self, host: ModuleHost) -> None:
        """Answer for the own account, and announce it."""
        handler = IqHandler(
            f"{PRIVATE_DATA} query",
            Entity.ACCOUNT,
            Accepts.OWN_ACCOUNT,
            self._on_query,
            refusal=StanzaCondition.FORBIDDEN,  # section 2.3
        )
        self._attached.add(
            host.add_iq_handler(handler),
            host.features.add(Entity.ACCOUNT, PRIVATE_DATA),
            host.features.add(Entity.SERVER, PRIVATE_DATA),
        )

    def detach(self) -> None:
        """Take everything back."""
        self._attached.undo()

    async def _on_query(self, request: IqRequest) -> Element | None:
        elements = elements_of(request.payload)
        if request.is_set:
            await self._put(request, elements)
            return None
        if len(elements) != 1:
            raise StanzaError(StanzaCondition.BAD_REQUEST, "one element at a time")
        query = Element(QUERY)
        query.append(await self._found(request, elements[0]))
        return query

    async def _found(self, request: IqRequest, asked: Element) -> Element:
        """Return what is kept, or what was asked for, empty."""
        account = request.account
        if asked.tag == STORAGE:
            async with self._publishing.desk.book.opened(account) as nodes:
                if is_private(nodes):
                    return collected(nodes)
        stored = await self._store.private(account.localpart, asked.tag)
        return Element(asked.tag) if stored is None else element_of(stored)

    async def _put(self, request: IqRequest, elements: tuple[Element, ...]) -> None:
        account = request.account
        written: dict[str, bytes] = {}
        for element in elements:
            payload = payload_bytes(element)
            if len(payload) > self._limits.element_bytes:
                raise StanzaError(StanzaCondition.NOT_ACCEPTABLE, "the element is too long")
            if element.tag == STORAGE and await self._published(request, payload):
                continue
            has_content = len(element) or element.text or element.attrib
            written[element.tag] = payload if has_content else b""
        if written:
            most = self._limits.stored_bytes
            if not await self._store.put_private(account.localpart, written, most):
                raise StanzaError(StanzaCondition.RESOURCE_CONSTRAINT, "too much is stored")

    async def _published(self, request: IqRequest, payload: bytes) -> bool:
        """Make bookmarks those of PEP; False if others may read what is there."""
        desk = self._publishing.desk
        async with desk.book.opened(request.account) as nodes:
            if not is_private(nodes):
                return False
        item = ItemToPublish(CURRENT, payload, PRIVATE_BOOKMARKS, 1)
        asked: Any = Publish(PRIVATE_BOOKMARKS, (item,))
        await desk.perform(request.account, request.sender, asked)
        return True
