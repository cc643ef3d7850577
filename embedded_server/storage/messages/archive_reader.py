"""Pages of the archives of accounts (XEP-0313 1.1.3, section 4), read on a thread of their own."""

from collections.abc import Awaitable, Callable

from embedded_server.storage.messages.archive_pages import (
    ArchiveEdge,
    PageFound,
    PageWanted,
    UnknownMessageError,
)
from embedded_server.storage.messages.archive_search import ArchiveSearch
from embedded_server.storage.writer import StorageWriter
from shared_protocol.limits import ArchiveLimits


class ArchiveReader:
    """Reads archives.

    Args of the constructor:
        writer: Reads.
        number_of: Returns the number of an address, as the store names it; None if nobody has
            written to it or from it.
        written: Waits until all is on disk that was handed in before, so that it is found.
        limits: What a page may cost.
    """

    def __init__(
        self,
        writer: StorageWriter,
        number_of: Callable[[str], int | None],
        written: Callable[[], Awaitable[None]],
        limits: ArchiveLimits | None = None,
    ) -> None:
        self._writer = writer
        self._number_of = number_of
        self._written = written
        self._limits = limits or ArchiveLimits()

    async def page(self, owner: str, wanted: PageWanted) -> PageFound:
        """Read a page.

        Args:
            owner: Whose archive, as the store names it.
            wanted: What.

        Raises:
            UnknownMessageError: A message that it names is not in the archive.
            StorageError: It could not be read, or not in time.
        """
        owner_id, limits = self._number_of(owner), self._limits
        if owner_id is None:
            if wanted.after or wanted.before or wanted.ids:
                message = "The archive is empty."
                raise UnknownMessageError(message)
            return PageFound([], is_complete=True, count=0)
        await self._written()
        return await self._writer.read_long(
            lambda connection: ArchiveSearch(connection, owner_id, limits).page(wanted),
            limits.query_seconds,
        )

    async def edges(self, owner: str) -> tuple[ArchiveEdge, ArchiveEdge] | None:
        """Return the oldest and the newest message of an archive; None if it is empty.

        Raises:
            StorageError: They could not be read.
        """
        owner_id, limits = self._number_of(owner), self._limits
        if owner_id is None:
            return None
        await self._written()
        return await self._writer.read_long(
            lambda connection: ArchiveSearch(connection, owner_id, limits).edges(),
            limits.query_seconds,
        )
