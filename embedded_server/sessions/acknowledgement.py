"""Which stanzas have arrived, on both sides (XEP-0198 1.6.3, sections 4 and 8; no resumption).

``h`` counts a stanza of the client only when it is safe. What we sent is safe when the client says
so; until then the rows of the message spool that carry it stay.
"""

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


class Acknowledgement:
    """The counters of one stream, made when stream management is enabled.

    Attributes:
        handled: Our ``h``: stanzas of the client that are safe, modulo 2^32.
        sent: Stanzas that we sent, not wrapped.
    """

    __slots__ = ("_acknowledged", "_is_asked", "_waiting", "handled", "sent")

    def __init__(self) -> None:
        self.handled = 0
        self.sent = 0
        self._acknowledged = 0
        self._is_asked = False
        self._waiting: list[tuple[int, int]] = []  # number of the stanza, spool id

    @property
    def waiting(self) -> tuple[int, ...]:
        """Spool ids that were sent and not acknowledged, oldest first."""
        return tuple(spool_id for _number, spool_id in self._waiting)

    @property
    def waiting_count(self) -> int:
        """How many spool ids wait."""
        return len(self._waiting)

    def count_handled(self) -> None:
        """Another stanza of the client is safe."""
        self.handled = (self.handled + 1) % COUNTER_SPAN

    def answer(self) -> bytes:
        """Return the answer to ``<r/>``."""
        return answer_bytes(self.handled)

    def count_sent(self, spool_id: int | None) -> bool:
        """Another stanza was sent.

        Args:
            spool_id: Row of the spool that keeps it; None if none does.

        Returns:
            True if the client is to be asked what has arrived. One question is under way at most.
        """
        self.sent += 1
        if spool_id is not None:
            self._waiting.append((self.sent, spool_id))
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
        count = 0
        for number, _spool_id in self._waiting:
            if number > self._acknowledged:
                break
            count += 1
        released = [spool_id for _number, spool_id in self._waiting[:count]]
        del self._waiting[:count]
        return released

    def ask_again(self) -> bool:
        """Return True if more was sent than the last answer covers; then the client is asked."""
        if self._is_asked or self.sent == self._acknowledged:
            return False
        self._is_asked = True
        return True
