"""A bound resource: what the rest of the server sees of a client's stream."""

from typing import TYPE_CHECKING, Protocol

from embedded_server.sessions.acknowledgement import Acknowledgement
from embedded_server.sessions.turn_queue import Action, Hold, TurnQueue
from shared_protocol.addresses import FullJid, Jid
from shared_protocol.errors import StreamError
from shared_protocol.limits import AcknowledgementLimits
from shared_protocol.stanzas.stream_management import REQUEST_BYTES
from shared_protocol.xml.framer import sender_attribute
from shared_protocol.xml.writer import attribute

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_WAITING_STANZAS = AcknowledgementLimits().waiting_stanzas


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
    """One resource of an account, from its binding to the end of its stream.

    Made by ``ClientStream``. Modules may set the public attributes that say so.

    Attributes:
        full_jid: Its address.
        sender_attribute: `` from='...'``, for ``StanzaFrame.stamped``.
        language: ``xml:lang`` of the client's stream; empty if it has none.
        language_attribute: `` xml:lang='...'``, or empty.
        presence: Last available presence without ``to``, as sent on; None while unavailable (set by
            the presence module).
        priority: That of the last available presence, -128 to 127 (set by the presence module).
        is_interested: Whether it has asked for the roster (set by the roster module).
        directed: To whom available presence was sent directly (presence module).
        on_acknowledged: Told the spool ids that are not needed any more, in order: with stream
            management those that the client acknowledged, else those that have left.
    """

    __slots__ = (
        "__weakref__",
        "_acknowledgement",
        "_is_closed",
        "_stream",
        "_turns",
        "_unwritten",
        "_write",
        "directed",
        "full_jid",
        "is_interested",
        "language",
        "language_attribute",
        "on_acknowledged",
        "presence",
        "priority",
        "sender_attribute",
    )

    def __init__(self, *, full_jid: FullJid, stream: SessionStream, language: str = "") -> None:
        self.full_jid = full_jid
        self.sender_attribute = sender_attribute(str(full_jid))
        self.language = language
        self.language_attribute = attribute("xml:lang", language).encode() if language else b""
        self.presence: bytes | None = None
        self.priority = 0
        self.is_interested = False
        self.directed: set[Jid] = set()
        self.on_acknowledged: Callable[[Session, Sequence[int]], None] | None = None
        self._stream = stream
        self._write = stream.write
        self._is_closed = False
        self._turns = TurnQueue()
        self._acknowledgement: Acknowledgement | None = None
        self._unwritten: list[int] = []

    def __repr__(self) -> str:
        return f"<Session {self.full_jid}>"

    @property
    def address(self) -> FullJid:
        """Its full JID, as that of whoever sends stanzas."""
        return self.full_jid

    @property
    def is_available(self) -> bool:
        """Whether it has sent available presence."""
        return self.presence is not None

    @property
    def is_closed(self) -> bool:
        """Whether its stream has ended; then nothing can be sent."""
        return self._is_closed

    @property
    def has_acknowledgement(self) -> bool:
        """Whether the client has enabled stream management (XEP-0198)."""
        return self._acknowledgement is not None

    @property
    def is_congested(self) -> bool:
        """Whether more waits for the client than should: what can wait in the store, waits there.

        ``when_relieved`` tells the end of it.
        """
        return self._stream.is_congested or self.unacknowledged_count >= _WAITING_STANZAS

    @property
    def unacknowledged(self) -> tuple[int, ...]:
        """Spool ids that were sent and are not known to have arrived, oldest first.

        Still true after the end of the session, when it says what is to be delivered again.
        """
        sent = self._acknowledgement.waiting if self._acknowledgement else ()
        return (*self._unwritten, *sent)

    @property
    def unacknowledged_count(self) -> int:
        """How many ``unacknowledged`` has."""
        acknowledgement = self._acknowledgement
        return len(self._unwritten) + (acknowledgement.waiting_count if acknowledgement else 0)

    @property
    def waiting_turns(self) -> int:
        """How much of what the client sent waits in the session's order."""
        return len(self._turns)

    def send(self, stanza: bytes, spool_id: int | None = None) -> None:
        """Send a stanza; nothing happens if the session has ended.

        Args:
            stanza: One whole stanza.
            spool_id: Row of the message spool that keeps it until it has arrived.
        """
        if self._is_closed:
            return
        self._write(stanza)
        if self._acknowledgement is not None:
            if self._acknowledgement.count_sent(spool_id):
                self._stream.write_last(REQUEST_BYTES)
        elif spool_id is not None:
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
        """Call back, once, when the stream is not congested any more; at once if it is not."""
        if not self._stream.is_congested:
            callback()
        else:
            self._stream.when_relieved(callback)

    def close(self, error: StreamError | None = None) -> None:
        """End the stream, with an error such as ``conflict`` or without."""
        if not self._is_closed:
            self._stream.end(error)

    # What the stream calls.

    def enable_acknowledgement(self) -> Acknowledgement:
        """Start counting, from now on."""
        self._acknowledgement = Acknowledgement()
        return self._acknowledgement

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
            self._stream.write_last(REQUEST_BYTES)
        if released and self.on_acknowledged is not None:
            self.on_acknowledged(self, released)

    def mark_closed(self) -> None:
        """The stream has ended. What waits in the session's order is done all the same."""
        self._is_closed = True

    def _on_written(self) -> None:
        spool_id = self._unwritten.pop(0)
        if self.on_acknowledged is not None:
            self.on_acknowledged(self, (spool_id,))
