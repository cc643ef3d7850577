"""Gives a client its session back on a new stream (XEP-0198 1.6.3, section 5).

The answer waits until all that the session had sent is dealt with, so that ``h`` tells the client
exactly what it has to send again. Then the client gets what it has not acknowledged, and what has
waited, as fast as it takes it; meanwhile the session gathers what is new.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol
from xml.etree.ElementTree import Element

from embedded_server.sessions.continuity.acknowledgement import CountTooHighError, Undelivered
from embedded_server.sessions.session import Session, SessionStream
from embedded_server.sessions.stream_answers import count_too_high
from embedded_server.sessions.stream_context import StreamContext
from embedded_server.sessions.turn_queue import settled
from embedded_server.storage.errors import StorageError
from shared_protocol.errors import (
    MalformedStanzaError,
    StanzaCondition,
    StreamCondition,
    StreamError,
)
from shared_protocol.stanzas.delay import with_delay
from shared_protocol.stanzas.stream_management import (
    REQUEST_BYTES,
    Resume,
    failed_bytes,
    from_element,
    resumed_bytes,
)

_LOOK_AGAIN_SECONDS = 0.05

_logger = logging.getLogger(__name__)


class ResumingStream(SessionStream, Protocol):
    """The new stream."""

    @property
    def is_ended(self) -> bool:
        """Whether it is over already."""


class NotResumedError(Exception):
    """There is nothing to resume; the client may bind a resource.

    Attributes:
        answer: ``<failed/>``, written.
    """

    def __init__(self, condition: StanzaCondition, handled: int | None = None) -> None:
        super().__init__(condition.value)
        self.answer = failed_bytes(condition, handled)


def _as_it_is(resumed: bytes) -> bytes:
    return resumed


class StreamResumption:
    """One attempt of a client that is logged in and has bound nothing."""

    def __init__(self, context: StreamContext, stream: ResumingStream, localpart: str) -> None:
        self._context = context
        self._keeper = context.keeper
        self._stream = stream
        self._localpart = localpart

    async def claim(self, element: Element) -> Session:
        """Take the session out of its sleep, or away from the stream that it still has.

        Args:
            element: ``<resume/>``.

        Returns:
            The session, for ``replay``.

        Raises:
            NotResumedError: There is no such session of the account.
            StreamError: More was acknowledged than was sent.
        """
        try:
            request = from_element(element)
        except MalformedStanzaError:
            request = None
        if not isinstance(request, Resume):
            raise NotResumedError(StanzaCondition.BAD_REQUEST)
        session = self._keeper.find(self._localpart, request.id)
        if session is None:
            handled = self._keeper.handled(self._localpart, request.id)
            raise NotResumedError(StanzaCondition.ITEM_NOT_FOUND, handled)
        try:
            session.acknowledge(request.handled)
        except CountTooHighError as error:
            raise count_too_high(error.claimed, error.sent) from error
        former = self._keeper.claim(session)
        if former is not None:
            former.end(StreamError(StreamCondition.CONFLICT, "resumed on another stream"))
        await settled(session)
        return session

    async def replay(self, session: Session, tell: Callable[[bytes], bytes] = _as_it_is) -> bool:
        """Send what has waited; then the session goes on over this stream.

        Args:
            session: What ``claim`` returned.
            tell: Puts ``<resumed/>`` into what the client is told.

        Returns:
            True if it does; False if the stream was lost on the way.

        Raises:
            StreamError: The session has ended meanwhile.
        """
        acknowledgement, terms = session.acknowledgement, session.resumability
        if session.is_closed or acknowledgement is None or terms is None:
            raise _over()
        self._stream.write(tell(resumed_bytes(terms.id, acknowledgement.handled)))
        for one in acknowledgement.undelivered:
            await self._send(session, one)
        while (held := session.next_held()) is not None:
            await self._send(session, held)
        if session.is_closed:
            raise _over()
        if self._stream.is_ended:
            self._keeper.lose(session)
            return False
        self._keeper.resumed(session, self._stream)
        if acknowledgement.ask_again():
            self._stream.write_last(REQUEST_BYTES)
        return True

    async def _send(self, session: Session, one: Undelivered) -> None:
        if self._stream.is_ended or session.is_closed:
            return
        stanza: bytes | None = one.stanza
        if stanza:
            stanza = with_delay(stanza, session.full_jid.domainpart, one.sent_at)
        elif one.spool_id is not None:
            stanza = await self._stored(session, one.spool_id)
        if stanza:
            self._stream.write(stanza)
            await self._relief()
        else:  # the client has to ask the archive: not all can be sent again
            self._keeper.close(session)

    async def _stored(self, session: Session, spool_id: int) -> bytes | None:
        """Read a message; None also if it went to another resource, and was kept for that alone."""
        try:
            return await self._context.host.session_hooks.stored_message(session, spool_id)
        except StorageError as error:
            _logger.warning("%s cannot be resumed: %s", session, error)
            return None

    async def _relief(self) -> None:
        while self._stream.is_congested and not self._stream.is_ended:  # noqa: ASYNC110 - rare
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)


def _over() -> StreamError:
    return StreamError(StreamCondition.UNDEFINED_CONDITION, "the session has ended")
