"""Archives of accounts: queries, the form of queries, and what is known about the whole (XEP-0313).

An archive is asked at the account's address, by the account alone.
"""

from collections.abc import Coroutine
from typing import Any
from xml.etree.ElementTree import Element

from embedded_server.modules.archive.account_archive import AccountArchive
from embedded_server.modules.archive.archive_pager import ArchivePager
from embedded_server.plugin_api import (
    Accepts,
    ArchiveIds,
    ArchiveReader,
    Attachments,
    Entity,
    IqHandler,
    IqRequest,
    ModuleHost,
    Session,
)
from shared_protocol.addresses import BareJid
from shared_protocol.errors import StanzaCondition
from shared_protocol.limits import ArchiveLimits
from shared_protocol.namespaces import (
    ARCHIVE,
    ARCHIVE_EXTENDED,
    ARCHIVE_GROUPCHAT_FIELD,
    STANZA_IDS,
)
from shared_protocol.stanzas.archive import form_element, metadata_to_element
from shared_protocol.xml.writer import serialise


class ArchiveModule:
    """Answers for the archives of all accounts."""

    def __init__(
        self, *, reader: ArchiveReader, ids: ArchiveIds, limits: ArchiveLimits | None = None
    ) -> None:
        self._reader = reader
        self._ids = ids
        self._pager = ArchivePager(limits)
        self._attached = Attachments()
        self._host: ModuleHost

    def attach(self, host: ModuleHost) -> None:
        """Announce archives, and answer for them."""
        self._host = host
        features = (ARCHIVE, ARCHIVE_EXTENDED, ARCHIVE_GROUPCHAT_FIELD, STANZA_IDS)
        self._attached.add(
            host.features.add(Entity.ACCOUNT, *features),
            host.binding.add_state(self._tell_at_binding),
            *(
                host.add_iq_handler(
                    IqHandler(
                        payload=f"{ARCHIVE} {name}",
                        entity=Entity.ACCOUNT,
                        accepts=Accepts.OWN_ACCOUNT,
                        handle=handle,
                        types=types,
                        refusal=StanzaCondition.FORBIDDEN,  # section 8.1
                        answers_for_strangers=True,  # by the same refusal
                    )
                )
                for name, types, handle in (
                    ("query", frozenset({"get", "set"}), self._on_query),
                    ("metadata", frozenset({"get"}), self._on_metadata),
                )
            ),
        )

    def detach(self) -> None:
        """Take everything back."""
        self._attached.undo()

    def _on_query(self, request: IqRequest) -> Element | Coroutine[Any, Any, Element]:
        if not request.is_set:  # section 4.1.5
            return form_element()
        return self._pager.answer(request, self._archive_of(request.account))

    async def _on_metadata(self, request: IqRequest) -> Element:
        return metadata_to_element(await self._archive_of(request.account).metadata())

    async def _tell_at_binding(self, session: Session) -> bytes:
        """Where the archive ends when a session begins (XEP-0386 1.1.0, section 3.2)."""
        archive = self._archive_of(session.full_jid.bare)
        return serialise(metadata_to_element(await archive.metadata()))

    def _archive_of(self, owner: BareJid) -> AccountArchive:
        return AccountArchive(
            reader=self._reader, ids=self._ids, owner=owner, domain=self._host.domain
        )
