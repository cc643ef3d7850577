"""The service that gives slots for files: ``upload.`` below the domain (XEP-0363 1.2.0)."""

import asyncio
import logging
import time
import uuid
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from embedded_server.modules.uploads.file_names import harmless_name
from embedded_server.modules.uploads.file_store import FileStore
from embedded_server.modules.uploads.upload_routes import UploadRoutes, upload_path
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
    StorageError,
    Upload,
    UploadQuotaError,
    UploadRepository,
)
from shared_protocol.addresses import BareJid
from shared_protocol.errors import StanzaCondition, StanzaError
from shared_protocol.limits import UploadLimits
from shared_protocol.namespaces import DISCO_INFO, DISCO_ITEMS, UPLOAD
from shared_protocol.stanzas.disco import (
    DiscoField,
    DiscoForm,
    DiscoInfo,
    DiscoItem,
    DiscoItems,
    Identity,
    info_to_element,
    items_to_element,
)
from shared_protocol.stanzas.files.uploads import (
    UploadPurpose,
    UploadRequest,
    UploadSlot,
    request_from_element,
    retry_element,
    slot_to_element,
    too_large_element,
)
from shared_protocol.xml.writer import serialise

_logger = logging.getLogger(__name__)
_GET = frozenset({"get"})
_NAME = "Files"
_IDENTITY = Identity("store", "file", _NAME)
_PURPOSES = (UploadPurpose.MESSAGE, UploadPurpose.EPHEMERAL, UploadPurpose.PROFILE)
_CLEANING_SECONDS = 600.0
_DAY_SECONDS = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadSettings:
    """What the service needs besides the host.

    Attributes:
        folder: Where the files lie.
    """

    repository: UploadRepository
    folder: Path
    limits: UploadLimits = field(default_factory=UploadLimits)


class UploadModule:
    """Gives slots to accounts of the host, takes and hands out files, removes old ones."""

    def __init__(self, settings: UploadSettings) -> None:
        self._limits = settings.limits
        self._repository = settings.repository
        self._folder = settings.folder
        self._attached = Attachments()
        self._table = IqTable()
        self._files: FileStore
        self._routes: UploadRoutes
        self._host: ModuleHost
        self._address: BareJid

    def attach(self, host: ModuleHost) -> None:
        """Serve the sub-domain and the addresses of files."""
        self._host = host
        self._address = BareJid("", f"upload.{host.domain}")
        self._files = FileStore(self._folder)
        self._routes = UploadRoutes(self._repository, self._files, self._limits)
        handlers = (
            IqHandler(f"{UPLOAD} request", Entity.SERVER, Accepts.ANYONE, self._on_request, _GET),
            IqHandler(f"{DISCO_INFO} query", Entity.SERVER, Accepts.ANYONE, self._on_info, _GET),
            IqHandler(f"{DISCO_ITEMS} query", Entity.SERVER, Accepts.ANYONE, _on_items, _GET),
        )
        self._attached.add(*(self._table.add(one) for one in handlers))
        self._attached.add(
            self._files.close,
            host.serve(self._address.domainpart, self._on_stanza),
            host.features.add_item(DiscoItem(self._address, _NAME)),
            host.web.routes.add(*self._routes.routes),
            host.hooks.listen(AccountDeleted, self._on_account_deleted),
        )
        host.spawn(self._look_after(), "look after uploaded files")

    def detach(self) -> None:
        """Take everything back."""
        self._attached.undo()

    def _on_stanza(self, inbound: Inbound) -> None:
        if inbound.frame.local_name == "iq":
            self._host.answer_iq(self._table, inbound, Entity.SERVER)
        elif inbound.frame.local_name == "message":
            raise StanzaError(StanzaCondition.SERVICE_UNAVAILABLE)

    def _on_info(self, request: IqRequest) -> Element:
        if request.payload.get("node"):
            raise StanzaError(StanzaCondition.ITEM_NOT_FOUND)
        features = (DISCO_INFO, DISCO_ITEMS, UPLOAD, *(one.feature for one in _PURPOSES))
        forms: tuple[DiscoForm, ...] = ()
        if self._limits.file_bytes:  # section 3
            most = DiscoField("max-file-size", (str(self._limits.file_bytes),))
            forms = (DiscoForm((UPLOAD,), (most,)),)
        return info_to_element(DiscoInfo((_IDENTITY,), features, forms=forms))

    def _on_request(self, request: IqRequest) -> Coroutine[Any, Any, Element]:
        if not self._host.account_exists(request.sender.bare):
            raise StanzaError(StanzaCondition.FORBIDDEN, "Files are for accounts of this office.")
        wanted = request_from_element(request.payload)
        self._check_size(wanted)
        return self._give_slot(request.sender.bare, wanted)

    def _check_size(self, wanted: UploadRequest) -> None:
        most = self._limits.file_bytes
        if wanted.purpose is UploadPurpose.PROFILE:
            most = min(most, self._limits.profile_bytes) if most else self._limits.profile_bytes
        if most and wanted.size_bytes > most:
            raise StanzaError(
                StanzaCondition.NOT_ACCEPTABLE,
                f"File too large. The largest that is taken has {most} bytes.",
                detail=serialise(too_large_element(most)),
            )

    async def _give_slot(self, owner: BareJid, wanted: UploadRequest) -> Element:
        now = time.time()
        upload = Upload(
            name=uuid.uuid4().hex,
            owner=owner.localpart,
            file_name=harmless_name(wanted.file_name, self._limits.file_name_bytes),
            media_type=wanted.media_type,
            size_bytes=wanted.size_bytes,
            requested_at=now,
            ends_at=self._end_of(wanted, now),
        )
        try:
            await self._check_disk(wanted.size_bytes, now)
            await self._repository.reserve(upload, self._limits)
        except UploadQuotaError as error:
            raise _refusal(str(error), error.retry_at) from error
        url = self._host.web.url(upload_path(upload.name, upload.file_name))
        return slot_to_element(UploadSlot(put_url=url, get_url=url))

    async def _check_disk(self, size_bytes: int, now: float) -> None:
        if not self._limits.free_bytes:
            return
        if await self._files.free_bytes() - size_bytes < self._limits.free_bytes:
            text = "The office's disk is full."
            raise UploadQuotaError(text, now + _CLEANING_SECONDS)

    def _end_of(self, wanted: UploadRequest, now: float) -> float | None:
        if wanted.purpose is UploadPurpose.PROFILE or not self._limits.keep_days:
            ends = None
        else:
            ends = now + self._limits.keep_days * _DAY_SECONDS
        if wanted.expire_before is not None:
            wished = wanted.expire_before.timestamp()
            ends = wished if ends is None else min(ends, wished)
        return ends

    # What is over.

    def _on_account_deleted(self, _fact: AccountDeleted) -> None:
        self._host.spawn(self._remove_orphans(), "remove the files of an account")

    async def _look_after(self) -> None:
        await self._files.open()
        await self._remove_orphans()
        while True:
            await asyncio.sleep(_CLEANING_SECONDS)
            try:
                await self.clean()
            except (OSError, StorageError) as error:
                _logger.warning("old files could not be removed: %s", error)

    async def clean(self) -> None:
        """Remove files whose time is over, and slots that were not used.

        Raises:
            OSError: A file cannot be removed.
            StorageError: The rows cannot be removed.
        """
        ended = await self._repository.remove_ended(time.time(), self._limits.slot_seconds)
        await self._files.remove(ended)

    async def _remove_orphans(self) -> None:
        """Remove files that nobody owns: their account is gone, or a crash came in between."""
        arriving = self._routes.arriving
        names = [name for name in await self._files.names() if name not in arriving]
        await self._files.remove(await self._repository.missing(names))


def _on_items(request: IqRequest) -> Element:
    return items_to_element(DiscoItems(node=request.payload.get("node", "")))


def _refusal(text: str, retry_at: float | None) -> StanzaError:
    detail = b""
    if retry_at is not None:
        detail = serialise(retry_element(datetime.fromtimestamp(retry_at, UTC)))
    return StanzaError(StanzaCondition.RESOURCE_CONSTRAINT, text, detail=detail)
