"""What is looked for in an archive, and what was found: the values of its readers."""

from dataclasses import dataclass
from typing import NamedTuple

from embedded_server.storage.errors import StorageError
from embedded_server.storage.messages.message_rows import StoredMessage


class UnknownMessageError(StorageError):
    """A message that a query names is not in the archive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageWanted:
    """What is looked for in one archive.

    Attributes:
        most: Messages of the page; 0 asks for the count alone.
        after: Only newer messages than each of these, which must be in the archive.
        before: Only older messages than each of these, which must be in the archive.
        ids: Only these, which must be in the archive; None for any.
        counterpart: Address of the other side, as the store names it; empty for anybody.
        resource: Full JID of the other side, if only one of its resources is meant; else empty.
        start: Seconds since 1970, UTC, inclusive; None for the beginning.
        end: The same; None for the end.
        is_backwards: The page has the newest of what is left, not the oldest.
    """

    most: int
    after: tuple[int, ...] = ()
    before: tuple[int, ...] = ()
    ids: tuple[int, ...] | None = None
    counterpart: str = ""
    resource: str = ""
    start: float | None = None
    end: float | None = None
    is_backwards: bool = False


@dataclass(frozen=True, slots=True)
class PageFound:
    """A page.

    Attributes:
        messages: Oldest first, also when paging backwards.
        is_complete: There is nothing beyond it in the direction of paging.
        count: Of all that was looked for, without regard to ``after`` and ``before``; None if that
            is too many to be counted for a page, or could only be found by reading all.
    """

    messages: list[StoredMessage]
    is_complete: bool
    count: int | None


class ArchiveEdge(NamedTuple):
    """The oldest or the newest message of an archive, and its time."""

    message_id: int
    stored_at: float
