"""A bound resource: what the rest of the server sees of a client, over one stream or several."""

from collections.abc import Callable, Iterable, Sequence
from enum import Enum, auto
from time import time
from typing import NamedTuple, Protocol

from embedded_server.sessions.continuity.acknowledgement import Acknowledgement, Undelivered
from embedded_server.sessions.continuity.held_back import HeldBack
from embedded_server.sessions.turn_queue import Action, Hold, TurnQueue
from shared_protocol.addresses import FullJid, Jid
from shared_protocol.errors import StreamError
from shared_protocol.limits import AcknowledgementLimits, ClientStateLimits
from shared_protocol.stanzas.client_state import ClientState, may_wait
from shared_protocol.stanzas.stream_management import REQUEST_BYTES
from shared_protocol.xml.framer import sender_attribute
from shared_protocol.xml.writer import attribute


class SessionState(Enum):
    """Where a session stands."""

    ATTACHED = auto()
    """It has a stream."""
    INACTIVE = auto()
    """It has a stream, and nobody looks at the client; what may wait, waits (XEP-0352)."""
    HIBERNATING = auto()
    """Its stream was lost; it waits to be resumed, and looks to everybody else as before."""
    CLOSED = auto()
    """It has ended; nothing can be sent."""


_ATTACHED = SessionState.ATTACHED  # looked at for every stanza
_WITH_STREAM = frozenset({SessionState.ATTACHED, SessionState.INACTIVE})
_UNWATCHED = ClientStateLimits()


class Resumability(NamedTuple):
    """How a session can be resumed (XEP-0198, section 5).

    Attributes:
        id: What its client has to know; the same as long as the session lives.
        seconds: How long it waits without a stream.
    """

    id: str
    seconds: int


class SessionStream(Protocol):
    """The stream below a session."""

    def write(self, data: bytes) -> None:
        """Queue bytes; all of one turn of the loop leave together."""

    def write_last(self, data: bytes) -> None:
        """Queue bytes, once, behind everything that this turn of the loop writes."""

    def when_written(self, callback: Action) -> None:
        """Call back when all that was queued until now has left; never if the stream is lost."""

    def when_relieved(self, callback: Action) -> None:
        """Call back, once, when little waits to be sent; never if the stream is lost."""

    @property
    def is_congested(self) -> bool:
        """Whether more waits to be sent than should."""

    def end(self, error: StreamError | None) -> None:
        """Close the stream, with an error or without."""


class Session:
    """One resource of an account, from its binding to its end.

    Made by ``ClientStream``; ``SessionKeeper`` decides on its end. Without stream management it
    ends with its stream. Modules may set the public attributes that say so.

    Attributes:
        full_jid: Its address.
        sender_attribute: `` from='...'``, for ``StanzaFrame.stamped``.
        bound_at: When it was bound, in seconds since 1970, UTC.
        device_id: Names the installation of the client (XEP-0388); empty if unknown. Nobody else
            may learn of it.
        language: ``xml:lang`` of the client's stream; empty if it has none.
        language_attribute: `` xml:lang='...'``, or empty.
        presence: Last available presence without ``to``, as sent on; None while unavailable (set by
            the presence module).
        priority: That of the last available presence, -128 to 127 (set by the presence module).
        is_interested: Whether it has asked for the roster (set by the roster module).
        directed: To whom available presence was sent directly (presence module).
        on_acknowledged: Told the spool ids that are not needed any more, in order: with stream
            management those that the client acknowledged, else those that have left.
        resumability: Whether and how it can be resumed; set by ``SessionKeeper``.
    """

    __slots__ = (
        "__weakref__",
        "_acknowledgement",
        "_counter",
        "_held",
        "_limits",
        "_on_end",
        "_relieved",
        "_state",
        "_stream",
        "_turns",
        "_unwritten",
        "_write",
        "bound_at",
        "device_id",
        "directed",
        "full_jid",
        "is_interested",
        "language",
        "language_attribute",
        "on_acknowledged",
        "presence",
        "priority",
        "resumability",
        "sender_attribute",
    )

    def __init__(
        self,
        *,
        full_jid: FullJid,
        stream: SessionStream | None,
        language: str = "",
        limits: AcknowledgementLimits | None = None,
    ) -> None:
        self.full_jid = full_jid
        self.bound_at = time()
        self.device_id = ""
        self.sender_attribute = sender_attribute(str(full_jid))
        self.language = language
        self.language_attribute = attribute("xml:lang", language).encode() if language else b""
        self.presence: bytes | None = None
        self.priority = 0
        self.is_interested = False
        self.directed: set[Jid] = set()
        self.on_acknowledged: Callable[[Session, Sequence[int]], None] | None = None
        self.resumability: Resumability | None = None
        self._limits = limits or AcknowledgementLimits()
        self._state = SessionState.ATTACHED if stream is not None else SessionState.HIBERNATING
        self._stream = stream
        self._write: Callable[[bytes], None] = stream.write if stream is not None else _to_nobody
        self._turns = TurnQueue()
        self._acknowledgement: Acknowledgement | None = None
        self._counter: Acknowledgement | None = None  # the same, once what is sent counts
        self._held: HeldBack | None = None
        self._on_end: Action | None = None
        self._relieved: list[Action] | None = None
        self._unwritten: list[int] = []

    def __repr__(self) -> str:
        return f"<Session {self.full_jid} {self._state.name.lower()}>"

    @property
    def address(self) -> FullJid:
        """Its full JID, as that of whoever sends stanzas."""
        return self.full_jid

    @property
    def state(self) -> SessionState:
        """Where it stands."""
        return self._state

    @property
    def is_available(self) -> bool:
        """Whether it has sent available presence."""
        return self.presence is not None

    @property
    def is_closed(self) -> bool:
        """Whether it has ended; then nothing can be sent."""
        return self._state is SessionState.CLOSED

    @property
    def has_acknowledgement(self) -> bool:
        """Whether the client has enabled stream management (XEP-0198)."""
        return self._acknowledgement is not None

    @property
    def acknowledgement(self) -> Acknowledgement | None:
        """Its counters, once the client has enabled stream management."""
        return self._acknowledgement

    @property
    def is_congested(self) -> bool:
        """Whether more waits for the client than should: what can wait in the store, waits there.

        ``when_relieved`` tells the end of it.
        """
        stream, held, sent = self._stream, self._held, self._acknowledgement
        if stream is not None and stream.is_congested:
            return True
        most = self._limits.waiting_stanzas
        if stream is None and held is not None and sent is not None:
            return len(held) + sent.count >= most
        return self._stored_count >= most

    @property
    def unacknowledged(self) -> tuple[int, ...]:
        """Spool ids that were sent and are not known to have arrived, oldest first.

        Still true after the end of the session, when it says what is to be delivered again.
        """
        rows = (one.spool_id for one in self.undelivered if one.spool_id is not None)
        return (*self._unwritten, *rows)

    @property
    def _stored_count(self) -> int:
        """How many ``unacknowledged`` has; asked for every message, so it is not counted anew."""
        acknowledgement, held = self._acknowledgement, self._held
        sent = acknowledgement.stored_count if acknowledgement else 0
        return len(self._unwritten) + sent + (held.stored_count if held else 0)

    @property
    def undelivered(self) -> tuple[Undelivered, ...]:
        """What the client has not acknowledged, and what it was not sent yet, in order.

        Still true after the end of the session. Without stream management there is nothing.
        """
        if self._acknowledgement is None:
            return ()
        held = self._held.undelivered if self._held is not None else ()
        return (*self._acknowledgement.undelivered, *held)

    @property
    def waiting_turns(self) -> int:
        """How much of what the client sent waits in the session's order."""
        return len(self._turns)

    def send(self, stanza: bytes, spool_id: int | None = None) -> None:
        """Send a stanza, or keep it for the client's return; nothing if the session has ended.

        Args:
            stanza: One whole stanza.
            spool_id: Row of the message spool that keeps it until it has arrived.
        """
        if self._state is not _ATTACHED and self._keeps(stanza, spool_id):
            return
        self._write(stanza)
        counter = self._counter
        if counter is not None:
            if counter.count_sent(stanza, spool_id):
                self._ask()
        elif spool_id is not None and self._stream is not None:
            self._unwritten.append(spool_id)
            self._stream.when_written(self._on_written)

    def run_in_order(self, action: Action) -> None:
        """Do something now, or when what came before it from this session is done."""
        self._turns.run(action)

    def hold(self) -> Hold:
        """Let what comes later from this session wait until the result is called.

        Call it also when the work failed. Its argument, if any, is done in the order of the
        session, as the delivery of a message that was stored.
        """
        return self._turns.hold()

    def when_relieved(self, callback: Action) -> None:
        """Call back, once, when the client takes more; at once if it does. Never after the end."""
        stream = self._stream
        if stream is not None and not stream.is_congested:
            callback()
            return
        if self._relieved is None:
            self._relieved = []
            if stream is not None:
                stream.when_relieved(self._on_relieved)
        self._relieved.append(callback)

    def close(self, error: StreamError | None = None) -> None:
        """End it and its stream, with an error such as ``conflict`` or without."""
        if self._stream is not None and not self.is_closed:
            self._stream.end(error)
        elif self._on_end is not None:
            self._on_end()

    # What the stream and the keeper call.

    def is_on(self, stream: SessionStream) -> bool:
        """Whether this is its stream."""
        return self._stream is stream and self._state in _WITH_STREAM

    def become(self, client_state: ClientState) -> None:
        """The client says whether somebody looks at it (XEP-0352); nobody else learns that."""
        if self._state not in _WITH_STREAM:
            return
        if client_state is ClientState.INACTIVE:
            self._state = SessionState.INACTIVE
        else:
            self._state = SessionState.ATTACHED
            self._send_held()

    def prepare_acknowledgement(self) -> Acknowledgement:
        """Start counting what the client sends; what it is sent counts when it is told so."""
        self._acknowledgement = Acknowledgement(self._limits)
        return self._acknowledgement

    def enable_acknowledgement(self) -> Acknowledgement:
        """Start counting, from now on, what the client is sent, and what it sends."""
        self._counter = self._acknowledgement or self.prepare_acknowledgement()
        return self._counter

    def acknowledge(self, claimed: int) -> None:
        """The client says how many stanzas have arrived.

        Raises:
            CountTooHighError: More than were sent.
        """
        acknowledgement = self._acknowledgement
        if acknowledgement is None:
            return
        released = acknowledgement.acknowledge(claimed)
        if acknowledgement.ask_again():
            self._ask()
        if released and self.on_acknowledged is not None:
            self.on_acknowledged(self, released)

    def hibernate(self, on_end: Action) -> SessionStream | None:
        """Go on without a stream; what is sent waits.

        Args:
            on_end: Called, perhaps more than once and in the midst of ``send``, when more waits
                than may, or when somebody closes the session.

        Returns:
            The stream that it had.
        """
        stream, self._stream = self._stream, None
        self._write = _to_nobody
        self._state = SessionState.HIBERNATING
        self._on_end = on_end
        return stream

    def attach(self, stream: SessionStream) -> None:
        """Go on over another stream, when all has been sent that waited."""
        self._stream, self._write = stream, stream.write
        self._state = SessionState.ATTACHED
        self._on_end = self._held = None
        if self._relieved is not None:
            stream.when_relieved(self._on_relieved)

    def next_held(self) -> Undelivered | None:
        """Return the oldest that waits while there is no stream, now counted as sent."""
        acknowledgement, held = self._acknowledgement, self._held
        if not held or acknowledgement is None:
            return None
        first = held.pop()
        acknowledgement.count_sent(*first)
        return first

    def restore(self, acknowledgement: Acknowledgement, held: Iterable[Undelivered]) -> None:
        """Go on as it was when the office was closed; it has no stream yet."""
        self._acknowledgement = self._counter = acknowledgement
        self._held = HeldBack()
        for one in held:
            self._held.add(*one, room_bytes=self._limits.waiting_bytes)

    def mark_closed(self) -> None:
        """It has ended. What waits in the session's order is done all the same."""
        self._state = SessionState.CLOSED
        self._stream = self._on_end = self._relieved = None
        self._write = _to_nobody

    def _keeps(self, stanza: bytes, spool_id: int | None) -> bool:
        """Whether a stanza waits, or goes nowhere; else it is sent now."""
        if self._state is SessionState.CLOSED:
            return True
        if self._state is SessionState.HIBERNATING:
            self._keep_for_return(stanza, spool_id)
            return True
        if spool_id is not None or not may_wait(stanza):
            self._send_held()
            return False
        held = self._hold_back()
        held.add(stanza, None, room_bytes=_UNWATCHED.held_bytes)
        if len(held) > _UNWATCHED.held_stanzas or held.size_bytes > _UNWATCHED.held_bytes:
            self._send_held()
        return True

    def _keep_for_return(self, stanza: bytes, spool_id: int | None) -> None:
        acknowledgement, limits, held = self._acknowledgement, self._limits, self._hold_back()
        if acknowledgement is None:
            return
        room_bytes = limits.waiting_bytes - acknowledgement.size_bytes
        held.add(stanza, spool_id, room_bytes=room_bytes)
        is_too_long = len(held) + acknowledgement.count > limits.waiting_stanzas
        if (is_too_long or held.size_bytes > room_bytes) and self._on_end is not None:
            self._on_end()

    def _hold_back(self) -> HeldBack:
        if self._held is None:
            self._held = HeldBack()
        return self._held

    def _send_held(self) -> None:
        """Send what nobody was there to see, in its order."""
        held, self._held = self._held, None
        for one in held.undelivered if held is not None else ():
            self._write(one.stanza)
            if self._counter is not None and self._counter.count_sent(*one):
                self._ask()

    def _ask(self) -> None:
        if self._stream is not None:
            self._stream.write_last(REQUEST_BYTES)

    def _on_relieved(self) -> None:
        waiting, self._relieved = self._relieved, None
        for callback in waiting or ():
            callback()

    def _on_written(self) -> None:
        spool_id = self._unwritten.pop(0)
        if self.on_acknowledged is not None:
            self.on_acknowledged(self, (spool_id,))


def _to_nobody(_data: bytes) -> None:
    """Write where there is no stream."""
