"""Answers queries to archives, whoever owns them (XEP-0313 1.1.3, section 4).

What is in an archive is told by an ``ArchiveSource``; here a query is read, its page is sent, no
faster than the asking client reads, and the end is written.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple, Protocol
from xml.etree.ElementTree import Element

from embedded_server.modules.message_stamps import self_contained
from embedded_server.plugin_api import IqRequest, Origin, Session
from shared_protocol.errors import StanzaCondition, StanzaError, StreamError
from shared_protocol.limits import ArchiveLimits
from shared_protocol.stanzas.archive import (
    ArchiveFin,
    ArchiveQuery,
    fin_to_element,
    query_from_element,
    result_bytes,
)
from shared_protocol.stanzas.result_sets import ResultSet
from shared_protocol.xml.framer import frame_of
from shared_protocol.xml.writer import attribute

_AT_ONCE_BYTES = 16_384
_PATIENCE_SECONDS = 60.0


class ArchiveResult(NamedTuple):
    """A message of a page.

    Attributes:
        archive_id: By which the archive knows it.
        stored_at: Seconds since 1970, UTC.
        stanza: As it is shown; empty if only that it was there is shown (section 3.2).
    """

    archive_id: str
    stored_at: float
    stanza: bytes


class ArchivePage(NamedTuple):
    """A page of an archive.

    Attributes:
        results: Oldest first, also when paging backwards.
        is_complete: There is nothing beyond it in the direction of paging.
        total: Messages that match, on all pages; None if that is not known.
    """

    results: Sequence[ArchiveResult]
    is_complete: bool
    total: int | None = None


class ArchiveSource(Protocol):
    """One archive, and who asks it."""

    async def page(self, query: ArchiveQuery, most: int) -> ArchivePage:
        """Read a page of at most so many messages; 0 asks for the total alone.

        Raises:
            StanzaError: ``item-not-found``, the query names a message that is not there
                (section 4.1.3); or it is not allowed.
        """


class ArchivePager:
    """Sends pages."""

    def __init__(self, limits: ArchiveLimits | None = None) -> None:
        self._limits = limits or ArchiveLimits()

    async def answer(self, request: IqRequest, source: ArchiveSource) -> Element:
        """Answer a query: send its results, and return the end.

        Args:
            request: A set; it is addressed to the archive.
            source: That archive.

        Raises:
            MalformedStanzaError: The query cannot be read.
            StanzaError: It is refused.
        """
        query = query_from_element(request.payload)
        if query.page.index is not None:  # XEP-0059, section 2.6: positions would cost too much
            raise StanzaError(StanzaCondition.FEATURE_NOT_IMPLEMENTED)
        limits = self._limits
        if len(query.wanted.ids) > limits.ids_per_query:
            raise StanzaError(StanzaCondition.NOT_ACCEPTABLE, "too many ids")
        page = await source.page(
            query, query.page.clamped(limits.usual_results, limits.page_results)
        )
        await _send_all(request, query, page.results)
        return fin_to_element(ArchiveFin(_result_set(query, page), page.is_complete))


def _result_set(query: ArchiveQuery, page: ArchivePage) -> ResultSet:
    results, total = page.results, page.total
    if not results:
        return ResultSet(count=total)
    index = None
    if query.page.before == "" and total is not None:
        index = total - len(results)
    elif query.page.before is None and not query.page.after:
        index = 0
    return ResultSet(results[0].archive_id, results[-1].archive_id, total, index)


async def _send_all(
    request: IqRequest, query: ArchiveQuery, results: Sequence[ArchiveResult]
) -> None:
    origin = request.inbound.origin
    addresses = attribute("from", str(request.account)) + attribute("to", str(request.sender))
    head = f"<message{addresses}>".encode()
    sent_bytes = 0
    for result in reversed(results) if query.is_flipped else results:
        payload = result_bytes(
            result.archive_id,
            datetime.fromtimestamp(result.stored_at, UTC),
            _shown(result.stanza),
            query_id=query.query_id,
        )
        origin.send(b"%b%b</message>" % (head, payload))
        sent_bytes += len(payload)
        if sent_bytes >= _AT_ONCE_BYTES:
            sent_bytes = 0
            await _wait_for(origin)


def _shown(stanza: bytes) -> bytes:
    """Return a stanza as it is forwarded; nothing if it is damaged, so that it harms nobody."""
    try:
        frame_of(stanza)
    except StreamError:
        return b""
    return self_contained(stanza)


async def _wait_for(origin: Origin) -> None:
    """Let others have their turn, and a slow client read.

    Raises:
        StanzaError: It does not read at all.
    """
    await asyncio.sleep(0)
    if not isinstance(origin, Session) or not origin.is_congested:
        return
    relieved = asyncio.Event()
    origin.when_relieved(relieved.set)
    try:
        await asyncio.wait_for(relieved.wait(), _PATIENCE_SECONDS)
    except TimeoutError:
        raise StanzaError(StanzaCondition.REMOTE_SERVER_TIMEOUT) from None
