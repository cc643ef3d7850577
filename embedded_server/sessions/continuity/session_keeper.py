"""Keeps sessions from their binding to their end, with a stream or without (XEP-0198, section 5).

A session whose client wants it hibernates when its stream is lost: it stays in the directory with
all that it was, and what is sent to it waits. It ends when nobody has resumed it in time, when too
much waits, or when its account has too many of the kind.
"""

import logging
import secrets
from collections import OrderedDict
from functools import partial

from embedded_server.network.network_loop import NetworkLoop
from embedded_server.sessions.continuity.ended_sessions import EndedSessions
from embedded_server.sessions.directory import SessionDirectory
from embedded_server.sessions.session import Resumability, Session, SessionState, SessionStream
from embedded_server.sessions.stream_host import StreamHost
from shared_protocol.limits import AcknowledgementLimits

_ID_BYTES = 16
_ENDS_PER_TURN = 20  # a whole office may have lost its network at once

_logger = logging.getLogger(__name__)


class SessionKeeper:
    """The sessions of one host."""

    def __init__(
        self,
        *,
        network: NetworkLoop,
        host: StreamHost,
        directory: SessionDirectory,
        limits: AcknowledgementLimits,
    ) -> None:
        self.limits = limits
        self._network = network
        self._host = host
        self._directory = directory
        self._resumable: dict[str, Session] = {}  # by id, with a stream or without
        self._without_stream: dict[Session, float] = {}  # since when
        self._ended = EndedSessions(limits.ended_sessions)
        self._ending: OrderedDict[Session, None] = OrderedDict()

    @property
    def without_stream_count(self) -> int:
        """How many sessions hibernate."""
        return len(self._without_stream)

    @property
    def without_stream(self) -> tuple[Session, ...]:
        """Those that hibernate, the longest without first."""
        return tuple(self._without_stream)

    def remaining_seconds(self, session: Session) -> float:
        """Return how long a session that hibernates still waits."""
        since, terms = self._without_stream[session], session.resumability
        return since + (terms.seconds if terms else 0) - self._network.time()

    def take_back(self, session: Session, seconds: float) -> None:
        """Keep a session that waited on disk, for as long as its client still has."""
        self._directory.add(session)
        session.hibernate(partial(self._end_soon, session))
        self._wait(session, min(max(seconds, 0.0), self.limits.resumption_seconds))

    def make_resumable(self, session: Session, wished_seconds: int | None) -> Resumability:
        """Let a session outlive its stream, for as long as its client wishes, up to the limit."""
        longest = self.limits.resumption_seconds
        seconds = min(wished_seconds, longest) if wished_seconds else longest
        session.resumability = Resumability(secrets.token_urlsafe(_ID_BYTES), seconds)
        self._resumable[session.resumability.id] = session
        return session.resumability

    def lose(self, session: Session) -> None:
        """The stream of a session is gone, and nobody has said that the session is over."""
        terms, acknowledgement = session.resumability, session.acknowledgement
        if terms is None or acknowledgement is None or not acknowledgement.is_complete:
            self.close(session)
            return
        session.hibernate(partial(self._end_soon, session))
        self._wait(session, terms.seconds)
        self._host.session_hooks.detached(session)

    def close(self, session: Session) -> None:
        """End a session for good; nothing happens if it has ended."""
        if session.is_closed:
            return
        session.mark_closed()
        self._directory.remove(session)
        self._forget(session)
        # What it sent before must not come to life after it is gone.
        session.run_in_order(partial(self._on_closed, session))

    def find(self, localpart: str, session_id: str) -> Session | None:
        """Return the session of an account that an id stands for, with a stream or without."""
        session = self._resumable.get(session_id)
        return session if session and session.full_jid.localpart == localpart else None

    def handled(self, localpart: str, session_id: str) -> int | None:
        """Return how much was handled of a session that has ended; None if that is not known."""
        return self._ended.handled(localpart, session_id)

    def claim(self, session: Session) -> SessionStream | None:
        """Keep a session for a client that is about to resume it; nobody else finds it meanwhile.

        ``lose`` or ``resumed`` must follow.

        Returns:
            The stream that it still had.
        """
        if session.resumability is not None:
            self._resumable.pop(session.resumability.id, None)
        self._stop_waiting(session)
        if session.state is SessionState.HIBERNATING:
            return None
        return session.hibernate(partial(self._end_soon, session))

    def resumed(self, session: Session, stream: SessionStream) -> None:
        """A session goes on over another stream; all that waited has been sent."""
        session.attach(stream)
        self._make_known(session)

    def _wait(self, session: Session, seconds: float) -> None:
        self._make_known(session)
        used = session.resumability.seconds - seconds if session.resumability else 0.0
        self._without_stream[session] = self._network.time() - used
        self._network.set_deadline(session, seconds, partial(self._end_soon, session))
        localpart = session.full_jid.localpart
        sessions = [
            one for one in self._directory.sessions_of(localpart) if one in self._without_stream
        ]
        if len(sessions) > self.limits.sessions_without_stream:
            self._end_soon(min(sessions, key=self._without_stream.__getitem__))

    def _make_known(self, session: Session) -> None:
        if session.resumability is not None:
            self._resumable[session.resumability.id] = session

    def _stop_waiting(self, session: Session) -> None:
        self._without_stream.pop(session, None)
        self._network.clear_deadline(session)

    def _forget(self, session: Session) -> None:
        self._stop_waiting(session)
        terms = session.resumability
        if terms is not None:
            self._resumable.pop(terms.id, None)

    def _end_soon(self, session: Session) -> None:
        """End it in another turn: its end is told to many, and it may be in the midst of a send."""
        if not self._ending:
            self._network.loop.call_soon(self._end_some)
        self._ending[session] = None

    def _end_some(self) -> None:
        for _ in range(min(_ENDS_PER_TURN, len(self._ending))):
            session, _ = self._ending.popitem(last=False)
            if session.state is SessionState.HIBERNATING:
                _logger.info("%s was not resumed", session)
                self.close(session)
        if self._ending:
            self._network.loop.call_soon(self._end_some)

    def _on_closed(self, session: Session) -> None:
        terms, acknowledgement = session.resumability, session.acknowledgement
        if terms is not None and acknowledgement is not None:
            localpart = session.full_jid.localpart
            self._ended.add(localpart, terms.id, acknowledgement.handled)
        self._host.session_hooks.closed(session)
