"""What a row of the log consists of, from what is known of its message and of the one before it.

A row is, from top to bottom: a day line, the line above the first unread message, the head with
the sender's name
(first of a group only), the text, and a note under a message that failed. The day comes from the
message id alone, so that a row has its final height even before its neighbour's text is loaded.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from communicator.state.conversations import DeliveryState, Message
from communicator.state.message_log import MessageLog

ID_COUNTER_BITS = 10
GROUP_SPAN = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class RowShape:
    """The parts of one row.

    Attributes:
        day: Local date to announce above the row; None inside a day.
        is_first_unread: True if the line "New" stands above the row.
        has_head: True for the first row of a group: avatar, name and time.
        has_failure: True if a note with actions stands below the text.
    """

    day: date | None
    is_first_unread: bool
    has_head: bool
    has_failure: bool


def moment_of(message_id: int) -> datetime:
    """Return the local time that a message id carries."""
    return datetime.fromtimestamp((message_id >> ID_COUNTER_BITS) / 1000, UTC).astimezone()


def shape_of(log: MessageLog, row: int, message: Message) -> RowShape:
    """Tell the parts of a row whose message is loaded."""
    moment = moment_of(message.message_id)
    day = moment.date() if row == 0 else None
    has_head = True
    is_first_unread = log.first_unread_id == message.message_id
    if row:
        earlier = moment_of(log.message_id(row - 1))
        if earlier.date() != moment.date():
            day = moment.date()
        elif not is_first_unread and moment - earlier < GROUP_SPAN:
            before = log.message(row - 1)
            has_head = before is None or before.is_own != message.is_own
    return RowShape(day, is_first_unread, has_head, message.state is DeliveryState.FAILED)
