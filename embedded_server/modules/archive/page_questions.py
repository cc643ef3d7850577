"""Turns a question to an archive into what its store looks for (XEP-0313 1.1.3, section 4.1)."""

from datetime import UTC, datetime

from embedded_server.plugin_api import ArchiveEdge as StoredEdge
from embedded_server.plugin_api import ArchiveIds, PageWanted
from shared_protocol.errors import StanzaCondition, StanzaError
from shared_protocol.stanzas.archive import ArchiveEdge, ArchiveMetadata, ArchiveQuery


class PageQuestions:
    """Knows the ids of one kind of archive.

    Args of the constructor:
        ids: Of its messages.
    """

    def __init__(self, ids: ArchiveIds) -> None:
        self._ids = ids

    def wanted(
        self, query: ArchiveQuery, most: int, *, counterpart: str = "", resource: str = ""
    ) -> PageWanted:
        """Return what is looked for.

        Args:
            query: The question.
            most: Messages of the page.
            counterpart: Whose messages are meant, as the store names it; empty for anybody's.
            resource: Full JID, if only those of one resource are meant.

        Raises:
            StanzaError: ``item-not-found``: it names a message that cannot be there.
        """
        wanted, page = query.wanted, query.page
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

    def metadata(self, edges: tuple[StoredEdge, StoredEdge] | None) -> ArchiveMetadata:
        """Return where an archive begins and ends (section 5)."""
        if edges is None:
            return ArchiveMetadata()
        first, last = (
            ArchiveEdge(
                self._ids.id_of(edge.message_id), datetime.fromtimestamp(edge.stored_at, UTC)
            )
            for edge in edges
        )
        return ArchiveMetadata(first, last)

    def _numbers(self, *archive_ids: str) -> tuple[int, ...]:
        numbers = [self._ids.number_of(one) for one in archive_ids if one]
        if None in numbers:
            raise StanzaError(StanzaCondition.ITEM_NOT_FOUND)
        return tuple(number for number in numbers if number is not None)
