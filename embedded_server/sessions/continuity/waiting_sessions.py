"""Takes sessions over the time when the office is closed (XEP-0198, section 5).

At a stop in good order they are written with all that their clients rely on, and are resumable at
the next start for the rest of their time. What a killed server had is not: then clients begin
anew, and find in the store what they did not get.
"""

import asyncio
import logging
import time

from embedded_server.sessions.continuity.acknowledgement import Acknowledgement, Undelivered
from embedded_server.sessions.continuity.session_keeper import SessionKeeper
from embedded_server.sessions.session import Resumability, Session
from embedded_server.sessions.stream_host import StreamHost
from embedded_server.sessions.turn_queue import settled
from embedded_server.storage.errors import StorageError
from embedded_server.storage.session_repository import (
    SessionRepository,
    WaitingSession,
    WaitingStanza,
)
from shared_protocol.addresses import AddressError, BareJid, parse_jid
from shared_protocol.limits import AcknowledgementLimits

_SETTLING_SECONDS = 1.0  # for what sessions had asked for, and the store has not answered

_logger = logging.getLogger(__name__)


class WaitingSessions:
    """Sessions on their way to the disk and back."""

    def __init__(
        self, *, keeper: SessionKeeper, host: StreamHost, repository: SessionRepository
    ) -> None:
        self._keeper = keeper
        self._domain = host.domain
        self._hooks = host.session_hooks
        self._repository = repository

    async def save(self) -> None:
        """Write all that have no stream; the streams are ended. Those that cannot be, end."""
        sessions = self._keeper.without_stream
        try:
            async with asyncio.timeout(_SETTLING_SECONDS):
                for session in sessions:
                    await settled(session)
        except TimeoutError:
            _logger.warning("not all that was under way is stored")
        now = time.time()
        records = [
            _record_of(one, now + self._keeper.remaining_seconds(one), self._hooks.notes_on(one))
            for one in sessions
            if one.waiting_turns == 0 and not one.is_closed
        ]
        try:
            await self._repository.put([one for one in records if one is not None])
        except StorageError as error:
            _logger.warning("sessions cannot be resumed after this stop: %s", error)

    async def restore(self) -> None:
        """Bring back what waits on disk; nobody has connected yet."""
        try:
            records = await self._repository.take()
        except StorageError as error:
            _logger.warning("no session of before can be resumed: %s", error)
            return
        for record in records:
            try:
                session = _session_of(record, self._domain, self._keeper.limits)
            except AddressError:
                _logger.exception("a session of before is damaged")
                continue
            self._keeper.take_back(session, record.ends_at - time.time())
            await self._hooks.restored(session, record.notes)


def _record_of(session: Session, ends_at: float, notes: dict[str, str]) -> WaitingSession | None:
    terms, acknowledgement = session.resumability, session.acknowledgement
    if terms is None or acknowledgement is None:
        return None
    sent_count = acknowledgement.count
    stanzas = tuple(
        WaitingStanza(*one, was_sent=position < sent_count)
        for position, one in enumerate(session.undelivered)
    )
    return WaitingSession(
        id=terms.id,
        localpart=session.full_jid.localpart,
        resource=session.full_jid.resourcepart,
        language=session.language,
        bound_at=session.bound_at,
        ends_at=ends_at,
        window_seconds=terms.seconds,
        handled=acknowledgement.handled,
        acknowledged=acknowledgement.acknowledged,
        presence=session.presence,
        priority=session.priority,
        is_interested=session.is_interested,
        directed=tuple(map(str, session.directed)),
        stanzas=stanzas,
        notes=notes,
    )


def _session_of(record: WaitingSession, domain: str, limits: AcknowledgementLimits) -> Session:
    session = Session(
        full_jid=BareJid(record.localpart, domain).with_resource(record.resource),
        stream=None,
        language=record.language,
        limits=limits,
    )
    session.bound_at = record.bound_at
    session.presence, session.priority = record.presence, record.priority
    session.is_interested = record.is_interested
    session.directed = {parse_jid(text) for text in record.directed}
    session.resumability = Resumability(record.id, record.window_seconds)
    undelivered = [(Undelivered(*_parts(one)), one.was_sent) for one in record.stanzas]
    acknowledgement = Acknowledgement.restored(
        limits,
        handled=record.handled,
        acknowledged=record.acknowledged,
        undelivered=(one for one, was_sent in undelivered if was_sent),
    )
    session.restore(acknowledgement, (one for one, was_sent in undelivered if not was_sent))
    return session


def _parts(one: WaitingStanza) -> tuple[bytes, int | None, float]:
    return one.stanza, one.message_id, one.sent_at
