"""The archive of an account as the source of pages."""

from embedded_server.modules.archive.archive_pager import ArchivePage, ArchiveResult
from embedded_server.modules.archive.page_questions import PageQuestions
from embedded_server.plugin_api import (
    ArchiveIds,
    ArchiveReader,
    PageWanted,
    StoredMessage,
    UnknownMessageError,
    stored_address,
)
from shared_protocol.addresses import BareJid, FullJid
from shared_protocol.errors import StanzaCondition, StanzaError
from shared_protocol.stanzas.archive import ArchiveMetadata, ArchiveQuery


class AccountArchive:
    """Everything that an account wrote and got; only the account itself may ask.

    Args of the constructor:
        reader: Reads pages.
        ids: Ids of messages.
        owner: Whose archive.
        domain: Of this office.
    """

    def __init__(
        self, *, reader: ArchiveReader, ids: ArchiveIds, owner: BareJid, domain: str
    ) -> None:
        self._reader = reader
        self._ids = ids
        self._questions = PageQuestions(ids)
        self._owner = stored_address(owner, domain)
        self._domain = domain

    async def page(self, query: ArchiveQuery, most: int) -> ArchivePage:
        """Read a page; see ``ArchiveSource``."""
        try:
            found = await self._reader.page(self._owner, self._wanted(query, most))
        except UnknownMessageError:
            raise StanzaError(StanzaCondition.ITEM_NOT_FOUND) from None
        results = [self._result(one) for one in found.messages]
        return ArchivePage(results, found.is_complete, found.count)

    async def metadata(self) -> ArchiveMetadata:
        """Return where the archive begins and ends (section 5).

        Raises:
            StorageError: It could not be read.
        """
        return self._questions.metadata(await self._reader.edges(self._owner))

    def _wanted(self, query: ArchiveQuery, most: int) -> PageWanted:
        asked = query.wanted.counterpart
        counterpart, resource = "", ""
        if asked is not None:
            counterpart = stored_address(asked.bare, self._domain)
            resource = str(asked) if isinstance(asked, FullJid) else ""
        return self._questions.wanted(query, most, counterpart=counterpart, resource=resource)

    def _result(self, message: StoredMessage) -> ArchiveResult:
        return ArchiveResult(self._ids.id_of(message.id), message.stored_at, message.stanza)
