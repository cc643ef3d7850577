"""One session of BOSH: carries one stream over requests that are held back (XEP-0124 1.11.2).

A request is taken when all with lower numbers have been, and is held until there is something to
say, until others wait behind it, or until its time is over. What was answered last is kept, since
an answer may be lost and its request come again. What was said counts as written once the client
shows that the answer has arrived: it acknowledges it, asks what it may only ask after it, or takes
its leave.
"""

from asyncio import Future
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from embedded_server.network.network_loop import NetworkLoop
from embedded_server.network.tls import ServerTls
from embedded_server.network.write_watch import WriteWatch
from embedded_server.sessions.carriers.bosh.body import BoshRequest, body
from embedded_server.sessions.carriers.element_framing import (
    CLOSE,
    ElementFraming,
    declared,
    opening,
)
from embedded_server.sessions.client_stream import ClientStream
from shared_protocol.errors import StreamError
from shared_protocol.limits import BoshLimits, ConnectionLimits

_ERROR = b"<stream:error"
_OPEN = b"<open "
_ITEM_NOT_FOUND = "item-not-found"
_POLICY_VIOLATION = "policy-violation"
_REMOTE_STREAM_ERROR = "remote-stream-error"


@dataclass(frozen=True, slots=True)
class BoshTerms:
    """What a client and the server have agreed on.

    Attributes:
        wait_seconds: How long a request is held.
        hold: How many are held.
        uses_acks: The client says which answers have arrived.
        first: Attributes of the first answer.
    """

    wait_seconds: int
    hold: int
    uses_acks: bool
    first: dict[str, str]

    @property
    def is_polling(self) -> bool:
        """Whether no request is ever held (section 12)."""
        return not self.hold


@dataclass(slots=True, eq=False)
class _Pending:
    """A request that has no answer yet."""

    request: BoshRequest
    payloads: Sequence[bytes]
    answer: Future[bytes]


class BoshSession:
    """Carries one stream. See ``StreamCarrier``.

    Attributes:
        peer_address: IP address from which the session was begun.
        terms: What was agreed on.
        is_logged_in: Whether the client has shown who it is.
        on_logged_in: Called once when it has.
        on_gone: Called once when nothing can be asked any more.
    """

    def __init__(
        self,
        network: NetworkLoop,
        framing: ElementFraming,
        terms: BoshTerms,
        *,
        first_rid: int,
        peer_address: str,
        channel_binding: bytes | None,
    ) -> None:
        self.peer_address = peer_address
        self.terms = terms
        self.is_logged_in = False
        self.on_logged_in: Callable[[], None] | None = None
        self.on_gone: Callable[[], None] | None = None
        self.limits = BoshLimits()
        self._network = network
        self._framing = framing
        self._channel_binding = channel_binding
        self._stream: ClientStream | None = None
        self._last_taken = first_rid - 1
        self._first_rid = first_rid
        self._waiting: dict[int, _Pending] = {}  # for those with lower numbers
        self._held: list[_Pending] = []
        self._answers: dict[int, bytes] = {}
        self._places: dict[int, int] = {}  # how much had been said with an answer
        self._out: list[bytes] = []
        self._last = b""
        self._out_bytes = 0
        self._said = 0
        self._queued = 0
        self._watch = WriteWatch()
        self._inactivity_seconds: float = self._usual_inactivity
        self._polled_at = float("-inf")
        self._condition = ""
        self._last_word = b""
        self._is_paused = False
        self._is_dirty = False
        self._is_ended = False

    def start(self, stream: ClientStream) -> None:
        """Hand what arrives to a stream."""
        self._stream = stream

    @property
    def framing(self) -> ElementFraming:
        """That of its stream; its limits hold for payloads."""
        return self._framing

    # What the client asks.

    def take(self, request: BoshRequest, payloads: Sequence[bytes]) -> Future[bytes]:
        """Take a request; the result is its answer, once there is one."""
        answer: Future[bytes] = self._network.loop.create_future()
        pending = _Pending(request, payloads, answer)
        rid = request.rid
        if self._is_ended:
            self._say_last_word(answer)
        elif rid in self._answers:  # section 14.3
            answer.set_result(self._answers[rid])
        elif (former := self._unanswered(rid)) is not None:
            _resolve(former.answer, body({"type": "error"}))
            former.answer = answer
        elif not self._last_taken < rid <= self._last_taken + self.limits.requests:
            _resolve(answer, body(self._termination(_ITEM_NOT_FOUND)))  # section 14.2
            self._cut(_ITEM_NOT_FOUND)
        else:
            self._waiting[rid] = pending
            self._advance()
        return answer

    def refuse(self, error: StreamError) -> Future[bytes]:
        """End the stream of a client whose request cannot be taken for what it holds."""
        answer: Future[bytes] = self._network.loop.create_future()
        if self._stream is not None and not self._is_ended:
            self._stream.end(error)
        self._say_last_word(answer)
        return answer

    def _unanswered(self, rid: int) -> _Pending | None:
        return self._waiting.get(rid) or next(
            (one for one in self._held if one.request.rid == rid), None
        )

    def _advance(self) -> None:
        while not self._is_paused and not self._is_ended:
            pending = self._waiting.pop(self._last_taken + 1, None)
            if pending is None:
                return
            self._last_taken += 1
            self._take_in_turn(pending)

    def _take_in_turn(self, pending: _Pending) -> None:
        request = pending.request
        self._held.append(pending)
        self._network.clear_deadline(self)
        self._inactivity_seconds = self._usual_inactivity
        self._confirm(request)
        if self._is_overactive(pending):
            self._cut(_POLICY_VIOLATION)
            return
        seconds = self.terms.wait_seconds
        self._network.set_deadline(pending, seconds, lambda: self._answer_empty(pending))
        if request.is_restart or request.rid == self._first_rid:
            self._feed(opening(request.to, request.sender, request.language))
        else:
            for payload in pending.payloads:
                self._feed(payload)
        if request.is_terminate:
            self._feed(CLOSE)
        elif request.pause is not None and not self._is_ended:
            self._pause(request.pause)
        self._flush_soon()

    def _feed(self, element: bytes) -> None:
        if self._stream is not None and not self._is_ended:
            self._stream.received(element)

    def _pause(self, seconds: int) -> None:
        """Answer all and be patient (section 10); nothing is said in these answers."""
        self._inactivity_seconds = min(seconds, self.limits.pause_seconds)
        while self._held:
            self._answer(self._held.pop(0), ())

    def _is_overactive(self, pending: _Pending) -> bool:
        """Whether the client asks more, or more often, than was agreed (sections 11 and 12)."""
        request = pending.request
        unanswered = len(self._held) + len(self._waiting)
        if unanswered > self.limits.requests + (request.pause is not None or request.is_terminate):
            return True
        is_asking = request.is_restart or request.is_terminate or request.pause is not None
        brings_something = bool(pending.payloads) or request.rid == self._first_rid or is_asking
        is_poll = self.terms.is_polling and not brings_something and not self._out
        now, polled_at = self._network.time(), self._polled_at
        self._polled_at = now if is_poll else float("-inf")
        return is_poll and now - polled_at < self.limits.polling_seconds

    def _confirm(self, request: BoshRequest) -> None:
        """Find out which answers have arrived."""
        arrived = request.rid - (1 if request.is_terminate else self.limits.requests)
        if request.ack is not None and self.terms.uses_acks and request.ack < request.rid:
            arrived = max(arrived, request.ack)
        for rid in [rid for rid in self._places if rid <= arrived]:
            self._said = max(self._said, self._places.pop(rid))
        self._watch.tell(self._said, is_congested=self.is_congested)

    # Answers.

    def flush(self) -> None:
        """Say what was written, and answer what need not be held."""
        self._is_dirty = False
        if self._last:
            self._append(self._last)
            self._last = b""
        while self._held and not self._is_ended:
            if not self._out and len(self._held) <= self.terms.hold:
                return
            self._answer(self._held.pop(0), self._taken_out())

    def _answer_empty(self, pending: _Pending) -> None:
        if pending in self._held:
            self._held.remove(pending)
            self._answer(pending, self._taken_out())

    def _answer(self, pending: _Pending, payloads: Sequence[bytes]) -> None:
        rid = pending.request.rid
        attributes = dict(self.terms.first) if rid == self._first_rid else {}
        if self.terms.uses_acks and self._last_taken > rid:
            attributes["ack"] = str(self._last_taken)
        self._places[rid] = self._queued - len(self._out)
        answer = body(attributes, payloads)
        self._answers[rid] = answer
        while len(self._answers) > self.limits.requests:
            del self._answers[min(self._answers)]
        self._network.clear_deadline(pending)
        _resolve(pending.answer, answer)
        if not self._held and not self._is_ended:
            self._network.set_deadline(self, self._inactivity_seconds, self._on_inactivity)

    def _taken_out(self) -> list[bytes]:
        """Take what one answer carries: at least one element, if there is one."""
        taken: list[bytes] = []
        size = 0
        while self._out and (not taken or size + len(self._out[0]) <= self.limits.answer_bytes):
            element = self._out.pop(0)
            taken.append(element)
            size += len(element)
        self._out_bytes -= size
        self._watch.tell(self._said, is_congested=self.is_congested)
        return taken

    # What the stream calls.

    @property
    def channel_binding(self) -> bytes | None:
        """That of the connection on which the session was begun."""
        return self._channel_binding

    @property
    def is_congested(self) -> bool:
        """Whether more waits to be asked for than should."""
        return self._out_bytes > ConnectionLimits().soft_buffer_bytes

    def start_tls(self, tls: ServerTls) -> None:
        """Never: TLS is below (XEP-0206, section 2)."""
        raise NotImplementedError

    def mark_logged_in(self) -> None:
        """The client has shown who it is."""
        self.is_logged_in = True
        on_logged_in, self.on_logged_in = self.on_logged_in, None
        if on_logged_in is not None:
            on_logged_in()

    def write(self, data: bytes) -> None:
        """Queue one element; the wrapper says what a header and an end would."""
        if self._is_ended or data.startswith(_OPEN) or data == CLOSE:
            return
        if data.startswith(_ERROR):
            self._condition = _REMOTE_STREAM_ERROR
        self._append(data)
        self._flush_soon()
        if self._out_bytes > ConnectionLimits().hard_buffer_bytes:
            self._network.loop.call_soon(self.abort)

    def write_last(self, data: bytes) -> None:
        """Queue one element, once, behind everything that this turn of the loop writes."""
        self._last = self._last or data
        self._flush_soon()

    def when_written(self, callback: Callable[[], None]) -> None:
        """Call back when the client has all that is queued."""
        if self._said >= self._queued:
            self._network.loop.call_soon(callback)
        else:
            self._watch.add_written(self._queued, callback)

    def when_relieved(self, callback: Callable[[], None]) -> None:
        """Call back, once, when little is queued."""
        self._watch.add_relieved(callback)

    def pause_reading(self) -> None:
        """Take no further request in."""
        self._is_paused = True

    def resume_reading(self) -> None:
        """Go on with what waits."""
        self._is_paused = False
        self._advance()

    def close(self) -> None:
        """Tell the client that the session is over."""
        if not self._is_ended:
            self._end()
            self._network.loop.call_soon(self._lose)

    def abort(self) -> None:
        """End the session at once."""
        if not self._is_ended:
            self._out.clear()
            self._end()
            self._lose()

    def _append(self, data: bytes) -> None:
        element = declared(data)
        self._out.append(element)
        self._out_bytes += len(element)
        self._queued += 1

    def _flush_soon(self) -> None:
        if not self._is_dirty:
            self._is_dirty = True
            self._network.flush_soon(self)

    # The end.

    def _cut(self, condition: str) -> None:
        """End the session as if the line were cut: the stream may be resumed on another."""
        self._condition = condition
        self._out.clear()
        self._end()
        self._network.loop.call_soon(self._lose)

    def _on_inactivity(self) -> None:
        """The client has not asked for too long: nobody is told (section 10)."""
        self._end()
        self._last_word = b""
        self._lose()

    def _end(self) -> None:
        """Answer all that is held: the first of it tells of the end (section 13)."""
        self._is_ended = True
        self._network.clear_deadline(self)
        last_word = body(self._termination(self._condition), self._out)
        waiting = [*self._held, *self._waiting.values()]
        self._held.clear()
        self._waiting.clear()
        for position, pending in enumerate(waiting):
            self._network.clear_deadline(pending)
            _resolve(pending.answer, body({}) if position else last_word)
        self._last_word = b"" if waiting else last_word

    def _termination(self, condition: str) -> dict[str, str]:
        return {"type": "terminate", "condition": condition}

    def _say_last_word(self, answer: Future[bytes]) -> None:
        _resolve(answer, self._last_word or body(self._termination(_ITEM_NOT_FOUND)))
        self._last_word = b""

    def _lose(self) -> None:
        stream, self._stream = self._stream, None
        if stream is None:
            return
        stream.lost()
        if self._last_word:  # the client may still ask why
            self._network.set_deadline(self, self.limits.inactivity_seconds, self._go)
        else:
            self._go()

    def _go(self) -> None:
        on_gone, self.on_gone = self.on_gone, None
        if on_gone is not None:
            on_gone()

    @property
    def _usual_inactivity(self) -> float:
        limits = self.limits
        return limits.poller_seconds if self.terms.is_polling else limits.inactivity_seconds


def _resolve(answer: Future[bytes], result: bytes) -> None:
    if not answer.done():
        answer.set_result(result)
