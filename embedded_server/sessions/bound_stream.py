"""A stream that carries stanzas: dispatch, acknowledgement, and how fast the client may send.

XEP-0198 wants ``<r/>`` answered soon. It is answered when all that came before it is safe, since an
earlier answer would tell the client nothing; after a second it is answered in any case, and again
when more is safe.
"""

from functools import partial
from typing import TYPE_CHECKING

from embedded_server.sessions.carriers.ports import StreamCarrier
from embedded_server.sessions.continuity.acknowledgement import CountTooHighError
from embedded_server.sessions.rate_limiter import RateLimiter
from embedded_server.sessions.session import Session
from embedded_server.sessions.stream_answers import count_too_high, empty_result, iq_error
from embedded_server.sessions.stream_context import StreamContext
from shared_protocol.errors import (
    MalformedStanzaError,
    StanzaCondition,
    StanzaError,
    StreamCondition,
    StreamError,
)
from shared_protocol.namespaces import BIND, CLIENT, CLIENT_STATE, SESSION, STREAM_MANAGEMENT
from shared_protocol.stanzas.client_state import ClientState
from shared_protocol.stanzas.stream_management import (
    ENABLED_BYTES,
    Enable,
    StreamManagementNonza,
    failed_bytes,
    from_element,
    handled_count,
    resumable_bytes,
)
from shared_protocol.xml.elements import element_of
from shared_protocol.xml.frames import StanzaFrame

if TYPE_CHECKING:
    from asyncio import TimerHandle

_IQ = f"{CLIENT} iq"
_STANZAS = frozenset({f"{CLIENT} message", f"{CLIENT} presence", _IQ})
_OWN_PAYLOADS = frozenset({f"{BIND} bind", f"{SESSION} session"})
_ENABLE = f"{STREAM_MANAGEMENT} enable"
_RESUME = f"{STREAM_MANAGEMENT} resume"
_REQUEST = f"{STREAM_MANAGEMENT} r"
_ANSWER = f"{STREAM_MANAGEMENT} a"
_CLIENT_STATES = {f"{CLIENT_STATE} {state.value}": state for state in ClientState}
_ANSWER_SECONDS = 1.0
_MOST_WAITING_TURNS = 1_000
_LOOK_AGAIN_SECONDS = 0.05


class BoundStream:
    """What comes from a client with a session."""

    __slots__ = (
        "_acknowledgement",
        "_connection",
        "_context",
        "_host",
        "_is_ended",
        "_limiter",
        "_session",
        "_unanswered",
        "_wake_timer",
    )

    def __init__(self, context: StreamContext, connection: StreamCarrier, session: Session) -> None:
        self._context = context
        self._connection = connection
        self._session = session
        self._host = context.host
        self._limiter = RateLimiter(context.settings.rates, context.network.time())
        self._acknowledgement = session.acknowledgement  # a resumed session has one
        self._unanswered = 0
        self._wake_timer: TimerHandle | None = None
        self._is_ended = False

    @property
    def session(self) -> Session:
        """What the rest of the server knows."""
        return self._session

    def take(self, frame: StanzaFrame) -> None:
        """Take an element.

        Raises:
            StreamError: It ends the stream.
        """
        if frame.name not in _STANZAS:
            self._take_nonza(frame)
            return
        if frame.name == _IQ and not _OWN_PAYLOADS.isdisjoint(frame.children):
            self._take_iq(frame)
        else:
            self._host.stanza_received(self._session, frame)
        if self._acknowledgement is not None:
            # In the session's order, so that it counts when all up to here is safe.
            self._session.run_in_order(self._acknowledgement.count_handled)

    def pace(self, size_bytes: int, stanzas: int, now: float) -> None:
        """Let a client wait that sends too fast, or whose earlier stanzas are not dealt with."""
        delay = self._limiter.spend(size_bytes, stanzas, now)
        if (delay or self._is_behind) and not self._is_ended:
            self._connection.pause_reading()
            if self._wake_timer is None:
                self._wake_later(delay or _LOOK_AGAIN_SECONDS)

    def end(self) -> None:
        """The stream is over."""
        self._is_ended = True
        self._context.network.clear_deadline(self)
        if self._wake_timer is not None:
            self._wake_timer.cancel()
            self._wake_timer = None

    @property
    def _is_behind(self) -> bool:
        return self._connection.is_congested or self._session.waiting_turns > _MOST_WAITING_TURNS

    def _wake_later(self, delay: float) -> None:
        self._wake_timer = self._context.network.loop.call_later(delay, self._wake)

    def _wake(self) -> None:
        self._wake_timer = None
        if self._is_behind:
            self._wake_later(_LOOK_AGAIN_SECONDS)
        else:
            self._connection.resume_reading()

    def _take_iq(self, frame: StanzaFrame) -> None:
        """Take an IQ that may be for the stream itself."""
        attributes = frame.attributes
        is_own = attributes.get("to", self._host.domain) == self._host.domain
        if not is_own or attributes.get("type") != "set":
            self._host.stanza_received(self._session, frame)
        elif frame.children == [f"{SESSION} session"]:
            # RFC 3921, section 3; RFC 6120 made it an empty formality.
            answer = empty_result(attributes)
            self._session.run_in_order(lambda: self._session.send(answer))
        else:  # one resource for each stream (RFC 6120, section 7.4)
            refusal = iq_error(attributes, StanzaError(StanzaCondition.NOT_ALLOWED))
            self._session.run_in_order(lambda: self._session.send(refusal))

    def _take_nonza(self, frame: StanzaFrame) -> None:
        if frame.name == _ANSWER:
            self._on_answer(frame)
        elif frame.name == _REQUEST:
            self._on_request()
        elif frame.name == _ENABLE:
            self._on_enable(frame)
        elif frame.name in _CLIENT_STATES:
            self._session.become(_CLIENT_STATES[frame.name])
        elif frame.name == _RESUME:  # XEP-0198, section 5: instead of binding, not after it
            self._connection.write(failed_bytes(StanzaCondition.UNEXPECTED_REQUEST))
        else:  # RFC 6120, section 4.9.3.24
            raise StreamError(StreamCondition.UNSUPPORTED_STANZA_TYPE, "an unknown element")

    def _on_enable(self, frame: StanzaFrame) -> None:
        if self._acknowledgement is not None:
            text = "stream management is enabled already"
            raise StreamError(StreamCondition.POLICY_VIOLATION, text)
        request = from_element(element_of(frame.raw))
        self._acknowledgement = self._session.prepare_acknowledgement()
        # What answers earlier stanzas comes before it and does not count; else a client that looks
        # up late, after what follows <enabled/>, would count less than was sent.
        self._session.run_in_order(partial(self._enable, request))

    def _enable(self, request: StreamManagementNonza) -> None:
        if not self._is_ended:
            wanted = request if isinstance(request, Enable) else Enable()
            self._connection.write(self.enable(wanted))

    def enable(self, wanted: Enable) -> bytes:
        """Begin to count, and to be resumable if that is wanted; returns what tells the client."""
        self._acknowledgement = self._session.enable_acknowledgement()
        if not wanted.wants_resumption:
            return ENABLED_BYTES
        terms = self._context.keeper.make_resumable(self._session, wanted.longest_seconds)
        return resumable_bytes(terms.id, terms.seconds)

    def _on_request(self) -> None:
        if self._acknowledgement is None:
            self._connection.write(failed_bytes(StanzaCondition.UNEXPECTED_REQUEST))
            return
        self._unanswered += 1
        self._session.run_in_order(self._answer)
        if self._unanswered:
            self._context.network.set_deadline(self, _ANSWER_SECONDS, self._answer_early)

    def _answer(self) -> None:
        self._unanswered -= 1
        if self._acknowledgement is not None:
            self._connection.write(self._acknowledgement.answer())
        if not self._unanswered:
            self._context.network.clear_deadline(self)

    def _answer_early(self) -> None:
        if self._acknowledgement is not None:
            self._connection.write(self._acknowledgement.answer())

    def _on_answer(self, frame: StanzaFrame) -> None:
        try:
            self._session.acknowledge(handled_count(frame.attributes.get("h")))
        except MalformedStanzaError as error:
            raise StreamError(StreamCondition.BAD_FORMAT, "h is no count") from error
        except CountTooHighError as error:
            raise count_too_high(error.claimed, error.sent) from error
