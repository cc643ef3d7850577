"""The log of one open conversation: all row numbers in memory, bodies by page.

A conversation of 100,000 messages costs 12 bytes a message here; the bodies of a few pages are
kept, the others are asked for when a view wants to show them.
"""

from array import array
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from communicator.state.conversations import Message
from communicator.state.signals import Signal
from shared_protocol.addresses import BareJid

PAGE_ROWS = 64
KEPT_PAGES = 24


@dataclass(frozen=True, slots=True)
class RowRange:
    """``count`` rows from ``first`` on."""

    first: int
    count: int


class MessageLog:
    """The messages of one conversation by row, oldest first.

    Made by the chat service when a conversation is opened.

    Attributes:
        first_unread_id: The oldest message that was unread when the conversation was opened, or
            None.
        is_filled: False while rows still come from the disk: the newest first, the others later.

    Signals:
        rows_inserted: New rows, mostly at the end; older ones at the front when history is filled
            in.
        rows_loaded: Rows whose messages were missing and are there now.
        row_changed: A row whose message changed (state, failure).
        row_removed: A row that is gone.
    """

    def __init__(
        self,
        conversation: BareJid,
        outline: Iterable[tuple[int, int]],
        request_messages: Callable[[Sequence[int]], None],
    ) -> None:
        """Make a log.

        Args:
            conversation: The counterpart.
            outline: Pairs of message id and number of characters, oldest first.
            request_messages: Asks for the messages with these ids; answered by ``put_messages``.
        """
        self.conversation = conversation
        self.first_unread_id: int | None = None
        self.is_filled = True
        self._ids = array("q")
        self._lengths = array("i")
        for message_id, length in outline:
            self._ids.append(message_id)
            self._lengths.append(length)
        self._request_messages = request_messages
        # By id and not by row, so that what is kept stays right when older rows come in front.
        self._messages_by_id: OrderedDict[int, Message] = OrderedDict()
        self._requested: set[int] = set()
        self.rows_inserted: Signal[RowRange] = Signal()
        self.rows_loaded: Signal[RowRange] = Signal()
        self.row_changed: Signal[int] = Signal()
        self.row_removed: Signal[int] = Signal()

    def __len__(self) -> int:
        return len(self._ids)

    @property
    def lengths(self) -> Sequence[int]:
        """Number of characters of each row's text."""
        return self._lengths

    def message_id(self, row: int) -> int:
        """Return the id of a row's message."""
        return self._ids[row]

    def row_of(self, message_id: int) -> int | None:
        """Return the row of a message, or None."""
        row = self._position(message_id)
        return row if row < len(self._ids) and self._ids[row] == message_id else None

    def message(self, row: int) -> Message | None:
        """Return a row's message, or None while its page is being fetched."""
        message_id = self._ids[row]
        if found := self._messages_by_id.get(message_id):
            self._messages_by_id.move_to_end(message_id)
            return found
        if message_id not in self._requested:
            first = row // PAGE_ROWS * PAGE_ROWS
            known = self._messages_by_id.keys() | self._requested
            wanted = [each for each in self._ids[first : first + PAGE_ROWS] if each not in known]
            self._requested.update(wanted)
            self._request_messages(wanted)
        return None

    def put_messages(self, messages: Sequence[Message]) -> None:
        """Take the messages that were asked for; only the chat service calls this."""
        rows: list[int] = []
        for message in messages:
            row = self.row_of(message.message_id)
            if row is not None:
                self._keep(message)
                rows.append(row)
        if rows:
            self.rows_loaded.emit(RowRange(min(rows), max(rows) - min(rows) + 1))

    def insert(self, message: Message) -> None:
        """Put a message at its place in time; only the chat service calls this."""
        row = self._position(message.message_id)
        if row < len(self._ids) and self._ids[row] == message.message_id:
            self.change(message)
            return
        self._ids.insert(row, message.message_id)
        self._lengths.insert(row, len(message.body))
        self._keep(message)
        self.rows_inserted.emit(RowRange(row, 1))

    def insert_older(self, outline: Sequence[tuple[int, int]]) -> None:
        """Put older rows (id and length, oldest first) at the front; only the chat service does."""
        if outline:
            self._ids = array("q", [message_id for message_id, _ in outline]) + self._ids
            self._lengths = array("i", [length for _, length in outline]) + self._lengths
            self.rows_inserted.emit(RowRange(0, len(outline)))

    def change(self, message: Message) -> None:
        """Replace a message; only the chat service calls this."""
        row = self.row_of(message.message_id)
        if row is not None:
            self._lengths[row] = len(message.body)
            self._keep(message)
            self.row_changed.emit(row)

    def remove(self, message_id: int) -> None:
        """Take a message out; only the chat service calls this."""
        row = self.row_of(message_id)
        if row is not None:
            del self._ids[row], self._lengths[row]
            self._messages_by_id.pop(message_id, None)
            self.row_removed.emit(row)

    def _position(self, message_id: int) -> int:
        low, high = 0, len(self._ids)
        if high and self._ids[high - 1] < message_id:
            return high
        while low < high:
            middle = (low + high) // 2
            if self._ids[middle] < message_id:
                low = middle + 1
            else:
                high = middle
        return low

    def _keep(self, message: Message) -> None:
        self._requested.discard(message.message_id)
        self._messages_by_id[message.message_id] = message
        self._messages_by_id.move_to_end(message.message_id)
        while len(self._messages_by_id) > KEPT_PAGES * PAGE_ROWS:
            self._messages_by_id.popitem(last=False)
