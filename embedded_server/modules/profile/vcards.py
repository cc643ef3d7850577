"""vCards (XEP-0054 1.3.0), with the picture that is published as an avatar (XEP-0398 1.0.0).

Who has no vCard and who does not exist are answered alike. A photo that is set becomes the avatar.
"""

from xml.etree.ElementTree import Element

from embedded_server.modules.profile.avatars import AvatarModule
from embedded_server.modules.profile.directory import DirectoryModule
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
from shared_protocol.limits import VcardLimits
from shared_protocol.namespaces import VCARD
from shared_protocol.stanzas.profile.vcards import (
    VCARD_ELEMENT,
    photo_of,
    put_photo,
    require_vcard,
    take_photo,
)
from shared_protocol.stanzas.pubsub.requests import payload_bytes
from shared_protocol.xml.elements import element_of


class VcardModule:
    """Answers queries for vCards, and takes those of the own account."""

    def __init__(
        self,
        *,
        store: ProfileRepository,
        avatars: AvatarModule,
        directory: DirectoryModule,
        limits: VcardLimits | None = None,
    ) -> None:
        self._store = store
        self._avatars = avatars
        self._directory = directory
        self._limits = limits or VcardLimits()
        self._attached = Attachments()

    def attach(self, host: ModuleHost) -> None:
        """Answer for accounts, and announce it."""
        handler = IqHandler(f"{VCARD} vCard", Entity.ACCOUNT, Accepts.ANYONE, self._on_vcard)
        self._attached.add(
            host.add_iq_handler(handler),
            host.features.add(Entity.ACCOUNT, VCARD),
            host.features.add(Entity.SERVER, VCARD),
        )

    def detach(self) -> None:
        """Take everything back."""
        self._attached.undo()

    async def _on_vcard(self, request: IqRequest) -> Element | None:
        require_vcard(request.payload)
        if not request.is_set:
            return await self._get(request)
        if not request.inbound.is_to_own_account:  # section 3.2
            raise StanzaError(StanzaCondition.FORBIDDEN)
        await self._put(request)
        return None

    async def _get(self, request: IqRequest) -> Element:
        account, observer = request.account, request.sender
        stored = await self._store.vcard(account.localpart)
        photo = await self._avatars.photo_for(account, observer)
        if stored is None and photo is None:
            # section 3.3: for others as if there were no account
            is_own = account == observer.bare
            missing = StanzaCondition.ITEM_NOT_FOUND
            raise StanzaError(missing if is_own else StanzaCondition.SERVICE_UNAVAILABLE)
        vcard = Element(VCARD_ELEMENT) if stored is None else element_of(stored)
        if photo is not None:
            put_photo(vcard, photo)
        return vcard

    async def _put(self, request: IqRequest) -> None:
        vcard = request.payload
        photo = photo_of(vcard)
        take_photo(vcard)
        written = payload_bytes(vcard) if len(vcard) else b""
        if len(written) > self._limits.vcard_bytes:
            raise StanzaError(StanzaCondition.NOT_ACCEPTABLE, "the vCard is too long")
        await self._avatars.publish(request.sender, photo)
        await self._store.put_vcard(request.account.localpart, written)
        self._directory.note(request.account, vcard)
