"""The archive of an account as the source of pages."""

from datetime import UTC, datetime

from embedded_server.modules.archive.archive_pager import ArchivePage, ArchiveResult
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
from shared_protocol.stanzas.archive import ArchiveEdge, ArchiveMetadata, ArchiveQuery


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
        edges = await self._reader.edges(self._owner)
        if edges is None:
            return ArchiveMetadata()
        first, last = (
            ArchiveEdge(
                self._ids.id_of(edge.message_id), datetime.fromtimestamp(edge.stored_at, UTC)
            )
            for edge in edges
        )
        return ArchiveMetadata(first, last)

    def _wanted(self, query: ArchiveQuery, most: int) -> PageWanted:
        wanted, page = query.wanted, query.page
        counterpart, resource = "", ""
        if wanted.counterpart is not None:
            counterpart = stored_address(wanted.counterpart.bare, self._domain)
            is_full = isinstance(wanted.counterpart, FullJid)
            resource = str(wanted.counterpart) if is_full else ""
        return PageWanted(
            most=most,
            after=self._numbers(wanted.after_id, page.after or ""),
            before=self._numbers(wanted.before_id, page.before or ""),
            ids=self._numbers(*wanted.ids) if wanted.ids else None,
            counterpart=counterpart,
            resource=resource,
            start=None if wanted.start is None else wanted.start.timestamp(),
            end=None if wanted.end is None else wanted.end.timestamp(),
            is_backwards=page.is_backwards,
        )

    def _numbers(self, *archive_ids: str) -> tuple[int, ...]:
        numbers = [self._ids.number_of(one) for one in archive_ids if one]
        if None in numbers:
            raise StanzaError(StanzaCondition.ITEM_NOT_FOUND)
        return tuple(number for number in numbers if number is not None)

    def _result(self, message: StoredMessage) -> ArchiveResult:
        return ArchiveResult(self._ids.id_of(message.id), message.stored_at, message.stanza)
