"""Avatars: one picture for those who read PEP and for those who read vCards (XEP-0398 1.0.0).

The picture is kept once, at the nodes of XEP-0084. Its hash goes into every available presence,
as far as those who see the presence may see the picture; into directed presence, where everybody
may. A vCard shows it to those who may see it.
"""

from contextlib import suppress
from typing import NamedTuple
from xml.etree.ElementTree import Element

from embedded_server.modules.presence import PresenceModule
from embedded_server.modules.pubsub.assembly import PubSubModule
from embedded_server.modules.pubsub.outcomes import ItemsChanged
from embedded_server.plugin_api import (
    AccountDeleted,
    Attachments,
    Entity,
    ModuleHost,
    PresenceAmending,
    Session,
    StoredAvatar,
)
from shared_protocol.addresses import BareJid, Jid
from shared_protocol.errors import MalformedStanzaError, StanzaCondition, StanzaError
from shared_protocol.namespaces import (
    AVATAR_CONVERSION,
    AVATAR_DATA,
    AVATAR_METADATA,
    PUBSUB_PUBLISH_OPTIONS,
    VCARD_UPDATE,
)
from shared_protocol.stanzas.data_forms import DataForm, FormField, FormKind
from shared_protocol.stanzas.profile.avatars import (
    AvatarInfo,
    data_from_element,
    data_to_element,
    id_of,
    infos_from_element,
    infos_to_element,
)
from shared_protocol.stanzas.profile.photo_hashes import UPDATE, hash_to_element, put_hash
from shared_protocol.stanzas.profile.vcards import Photo
from shared_protocol.stanzas.pubsub.node_terms import AccessModel
from shared_protocol.stanzas.pubsub.refusals import PubSubDetail, refusal
from shared_protocol.stanzas.pubsub.requests import ItemToPublish, Publish, payload_bytes
from shared_protocol.xml.elements import element_of
from shared_protocol.xml.framer import frame_of
from shared_protocol.xml.frames import StanzaFrame
from shared_protocol.xml.writer import serialise

_UPDATE = f"{VCARD_UPDATE} x"
_END = b"</presence>"
_NODES = frozenset({AVATAR_DATA, AVATAR_METADATA})
_SHARED = frozenset({AccessModel.OPEN, AccessModel.PRESENCE})
_OPEN_TO_ALL = DataForm(
    FormKind.SUBMIT,
    PUBSUB_PUBLISH_OPTIONS,
    (FormField("pubsub#access_model", (AccessModel.OPEN.value,)),),
)


class Avatar(NamedTuple):
    """An account's current picture.

    Attributes:
        id: Its item: the SHA-1 of its bytes.
        is_open: Whether everybody may see it, not only those who see the account's presence.
    """

    id: str
    media_type: str
    is_open: bool

    @property
    def hash(self) -> str:
        """What presence says (XEP-0153, section 3.1)."""
        return self.id.lower()


class AvatarModule:
    """Knows everybody's current picture by its hash."""

    def __init__(self, *, publishing: PubSubModule, presence: PresenceModule) -> None:
        self._publishing = publishing
        self._presence = presence
        self._avatars: dict[str, Avatar] = {}
        self._attached = Attachments()
        self._host: ModuleHost

    def attach(self, host: ModuleHost) -> None:
        """Announce the conversion, and listen to what is published and to presence."""
        self._host = host
        desk = self._publishing.desk
        for localpart, stored in desk.book.store.avatars.items():
            avatar = _stored(stored)
            if avatar is not None:
                self._avatars[localpart] = avatar
        self._attached.add(
            host.features.add(Entity.ACCOUNT, AVATAR_CONVERSION),
            desk.on_items_changed(self._on_items_changed),
            desk.add_check(AVATAR_DATA, check_picture),
            host.hooks.answer(PresenceAmending, self._amend),
            host.hooks.listen(AccountDeleted, self._on_account_deleted),
        )

    def detach(self) -> None:
        """Take everything back."""
        self._attached.undo()

    def of(self, account: BareJid) -> Avatar | None:
        """Return an account's current picture."""
        return self._avatars.get(account.localpart)

    async def photo_for(self, account: BareJid, observer: Jid) -> Photo | None:
        """Return the picture for a vCard, if the observer may see it.

        Raises:
            StorageError: It could not be read.
        """
        avatar = self.of(account)
        if avatar is None:
            return None
        desk = self._publishing.desk
        payload = await desk.payload_for(account, observer, AVATAR_DATA, avatar.id)
        if payload is None:
            return None
        return Photo(data_from_element(element_of(payload)), avatar.media_type)

    async def publish(self, owner: Jid, photo: Photo | None) -> None:
        """Publish the picture of a vCard (section 3.2); None for no picture any more.

        Raises:
            StanzaError: It is refused, as one that is too big.
            StorageError: It could not be stored.
        """
        avatar = self.of(owner.bare)
        if photo is None:
            if avatar is not None:
                await self._publish(owner, AVATAR_METADATA, "", infos_to_element(()))
            return
        identity = id_of(photo.data)
        if avatar is not None and avatar.hash == identity:
            return
        await self._publish(owner, AVATAR_DATA, identity, data_to_element(photo.data))
        info = AvatarInfo(identity, len(photo.data), photo.media_type)
        await self._publish(owner, AVATAR_METADATA, identity, infos_to_element((info,)))

    async def _publish(self, owner: Jid, node: str, item_id: str, payload: Element) -> None:
        """Publish for an account; a new node is for everybody, as a vCard is."""
        desk = self._publishing.desk
        async with desk.book.opened(owner.bare) as nodes:
            options = _OPEN_TO_ALL if nodes.get(node) is None else None
        item = ItemToPublish(item_id, payload_bytes(payload), node, 1)
        await desk.perform(owner.bare, owner, Publish(node, (item,), options))

    def _on_items_changed(self, change: ItemsChanged) -> None:
        if change.node not in _NODES or not change.address.localpart:
            return
        account = change.address
        before, now = self.of(account), self._current(account)
        if now == before:
            return
        if now is None:
            del self._avatars[account.localpart]
        else:
            self._avatars[account.localpart] = now
        for session in self._host.sessions.available_of(account.localpart):
            self._show_again(session, now)

    def _current(self, account: BareJid) -> Avatar | None:
        """Find out what the picture is by the nodes, which are in memory while they change."""
        nodes = self._publishing.desk.book.get(account)
        if nodes is None:
            return None
        metadata, data = nodes.get(AVATAR_METADATA), nodes.get(AVATAR_DATA)
        if metadata is None or data is None or metadata.last is None:
            return None
        models = {metadata.options.access_model, data.options.access_model}
        return _avatar(metadata.last.payload or b"", frozenset(data.items), models)

    def _amend(self, question: PresenceAmending) -> StanzaFrame | None:
        """Put the hash into a client's presence (section 4)."""
        inbound = question.inbound
        if not isinstance(inbound.origin, Session):
            return None
        avatar = self._avatars.get(inbound.origin.full_jid.localpart)
        if avatar is None or (inbound.has_address and not avatar.is_open):
            return None
        frame = inbound.frame
        if _UPDATE not in frame.children and frame.is_portable:
            return _with_hash(frame, avatar.hash)
        element = element_of(frame.raw)
        return frame_of(serialise(element)) if put_hash(element, avatar.hash) else None

    def _show_again(self, session: Session, avatar: Avatar | None) -> None:
        """Tell those who see presence of another picture; clients need not do it."""
        element = element_of(session.presence or b"<presence/>")
        if avatar is not None:
            if put_hash(element, avatar.hash):
                written = serialise(element)
                self._presence.repeat(session, written, written)
            return
        updates = element.findall(UPDATE)
        for one in updates:
            element.remove(one)
        kept = serialise(element)
        element.append(hash_to_element(""))
        if updates:
            self._presence.repeat(session, serialise(element), kept)

    def _on_account_deleted(self, fact: AccountDeleted) -> None:
        self._avatars.pop(fact.account.localpart, None)


def check_picture(item: ItemToPublish) -> None:
    """Refuse a picture that is not what its id says (XEP-0084, section 3.1).

    Raises:
        StanzaError: ``bad-request``, it is none, or its id is not its SHA-1.
    """
    try:
        identity = id_of(data_from_element(element_of(item.payload)))
    except MalformedStanzaError as error:
        detail = PubSubDetail.INVALID_PAYLOAD
        raise refusal(StanzaCondition.BAD_REQUEST, detail, str(error)) from error
    if identity != item.id.lower():
        text = "expected the SHA-1 of the picture as id of the item"
        raise refusal(StanzaCondition.BAD_REQUEST, PubSubDetail.INVALID_PAYLOAD, text)


def _stored(stored: StoredAvatar) -> Avatar | None:
    with suppress(ValueError):
        models = {AccessModel(model) for model in stored.models}
        return _avatar(stored.metadata, stored.data_ids, models)
    return None


def _avatar(metadata: bytes, data_ids: frozenset[str], models: set[AccessModel]) -> Avatar | None:
    """Choose the picture that lies at the data node, if those who see the presence may see it."""
    if not metadata or not models <= _SHARED:
        return None
    try:
        infos = infos_from_element(element_of(metadata))
    except (MalformedStanzaError, StanzaError):
        return None
    chosen = next((one for one in infos if not one.url and one.id in data_ids), None)
    if chosen is None:
        return None
    return Avatar(chosen.id, chosen.media_type, models == {AccessModel.OPEN})


def _with_hash(frame: StanzaFrame, photo_hash: str) -> StanzaFrame:
    """Put the hash behind all that stands in a presence stanza, without reading it."""
    raw = frame.raw
    written = serialise(hash_to_element(photo_hash))
    if raw.endswith(b"/>"):
        amended = b"%b>%b%b" % (raw[:-2], written, _END)
    else:
        end = raw.rindex(b"</")
        amended = raw[:end] + written + raw[end:]
    return frame._replace(raw=amended, children=[*frame.children, _UPDATE])
