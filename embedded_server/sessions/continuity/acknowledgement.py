"""Which stanzas have arrived, on both sides (XEP-0198 1.6.3, sections 4, 5 and 8).

``h`` counts a stanza of the client only when it is safe. What we sent is safe when the client says
so; until then it is kept, to be sent again when the session is resumed.
"""

from collections.abc import Iterable
from time import time
from typing import NamedTuple, Self

from shared_protocol.limits import AcknowledgementLimits
from shared_protocol.stanzas.stream_management import COUNTER_SPAN, answer_bytes, newly_handled


class CountTooHighError(Exception):
    """The client acknowledged more than was sent.

    Attributes:
        claimed: The client's ``h``.
        sent: How many stanzas there were.
    """

    def __init__(self, claimed: int, sent: int) -> None:
        super().__init__(f"{claimed} stanzas acknowledged, {sent} sent")
        self.claimed = claimed
        self.sent = sent


class Undelivered(NamedTuple):
    """A stanza that a client does not have, or has not acknowledged.

    Attributes:
        stanza: As it is delivered; empty if only the store still has it.
        spool_id: Row of the message spool that keeps it; None if none does.
        sent_at: Seconds since 1970, UTC.
    """

    stanza: bytes
    spool_id: int | None
    sent_at: float


class Acknowledgement:
    """The counters of one session, made when stream management is enabled.

    What was sent is kept as bytes within limits. Beyond them, a stored message is kept by its row
    alone; anything else is lost to a resumption until the client has acknowledged it.

    Attributes:
        handled: Our ``h``: stanzas of the client that are safe, modulo 2^32.
        sent: Stanzas that we sent, not wrapped.
        size_bytes: What is kept.
        stored_count: How many rows of the spool wait.
    """

    __slots__ = (
        "_acknowledged",
        "_is_asked",
        "_lost",
        "_most_bytes",
        "_most_stanzas",
        "_waiting",
        "handled",
        "sent",
        "size_bytes",
        "stored_count",
    )

    def __init__(self, limits: AcknowledgementLimits) -> None:
        self.handled = 0
        self.sent = 0
        self.size_bytes = 0
        self.stored_count = 0
        self._most_bytes = limits.waiting_bytes
        self._most_stanzas = limits.waiting_stanzas
        self._acknowledged = 0
        self._lost = 0  # number of the last stanza that was not kept
        self._is_asked = False
        # Plain tuples, because one is made for every stanza: its number, then as ``Undelivered``.
        self._waiting: list[tuple[int, bytes, int | None, float]] = []

    @classmethod
    def restored(
        cls,
        limits: AcknowledgementLimits,
        *,
        handled: int,
        acknowledged: int,
        undelivered: Iterable[Undelivered],
    ) -> Self:
        """Make the counters of a session that waited on disk.

        Args:
            limits: Those of the session.
            handled: Our last ``h``.
            acknowledged: The last ``h`` of the client.
            undelivered: What was sent after that, in order; it fits into the limits.
        """
        counters = cls(limits)
        counters.handled = handled
        counters.sent = counters._acknowledged = acknowledged
        for one in undelivered:
            counters.count_sent(*one)
        counters._is_asked = False
        return counters

    @property
    def acknowledged(self) -> int:
        """The last ``h`` of the client."""
        return self._acknowledged % COUNTER_SPAN

    @property
    def count(self) -> int:
        """How many stanzas are kept."""
        return len(self._waiting)

    @property
    def undelivered(self) -> tuple[Undelivered, ...]:
        """What was sent and is not acknowledged, as far as it is kept, oldest first."""
        return tuple(Undelivered(*one[1:]) for one in self._waiting)

    @property
    def is_complete(self) -> bool:
        """Whether all that is not acknowledged can be sent again."""
        return self._lost <= self._acknowledged

    def count_handled(self) -> None:
        """Another stanza of the client is safe."""
        self.handled = (self.handled + 1) % COUNTER_SPAN

    def answer(self) -> bytes:
        """Return the answer to ``<r/>``."""
        return answer_bytes(self.handled)

    def count_sent(self, stanza: bytes, spool_id: int | None, sent_at: float = 0.0) -> bool:
        """Another stanza was sent.

        Args:
            stanza: What was sent.
            spool_id: Row of the spool that keeps it; None if none does.
            sent_at: When it would have been sent, had the client been there; 0 for now.

        Returns:
            True if the client is to be asked what has arrived. One question is under way at most.
        """
        self.sent += 1
        waiting = self._waiting
        size_bytes = self.size_bytes + len(stanza)
        if size_bytes <= self._most_bytes and len(waiting) < self._most_stanzas:
            self.size_bytes = size_bytes
            waiting.append((self.sent, stanza, spool_id, sent_at or time()))
            if spool_id is not None:
                self.stored_count += 1
        else:
            self._count_beyond(spool_id, sent_at or time())
        if self._is_asked:
            return False
        self._is_asked = True
        return True

    def acknowledge(self, claimed: int) -> list[int]:
        """The client says what has arrived.

        Args:
            claimed: Its ``h``, 0 to 2^32 - 1.

        Returns:
            Spool ids that are not needed any more, oldest first.

        Raises:
            CountTooHighError: It is more than was sent, or less than it acknowledged before.
        """
        newly = newly_handled(claimed, self._acknowledged)
        if newly > self.sent - self._acknowledged:
            raise CountTooHighError(claimed, self.sent % COUNTER_SPAN)
        self._acknowledged += newly
        self._is_asked = False
        return self._release(self._acknowledged)

    def ask_again(self) -> bool:
        """Return True if more was sent than the last answer covers; then the client is asked."""
        if self._is_asked or self.sent == self._acknowledged:
            return False
        self._is_asked = True
        return True

    def _count_beyond(self, spool_id: int | None, sent_at: float) -> None:
        if spool_id is None:
            self._lost = self.sent
        else:
            self.stored_count += 1
            self._waiting.append((self.sent, b"", spool_id, sent_at))

    def _release(self, last: int) -> list[int]:
        released = []
        count = 0
        for number, stanza, spool_id, _sent_at in self._waiting:
            if number > last:
                break
            count += 1
            self.size_bytes -= len(stanza)
            if spool_id is not None:
                released.append(spool_id)
        self.stored_count -= len(released)
        del self._waiting[:count]
        return released
