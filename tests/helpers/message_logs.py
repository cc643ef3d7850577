"""Conversations made up for tests and benchmarks of the log."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from communicator.state.conversations import DeliveryState, Message
from communicator.state.message_log import MessageLog
from shared_protocol.addresses import BareJid

JULIET = BareJid.parse("juliet@capulet.lit")
ROMEO = BareJid.parse("romeo@montague.lit")
BEGINNING = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
WORDS = [
    "wherefore",
    "art",
    "thou",
    "Romeo",
    "deny",
    "thy",
    "father",
    "and",
    "refuse",
    "thy",
    "name",
]
LENGTHS = (3, 5, 8, 15, 40, 90)


def message_id_at(seconds: float) -> int:
    """The id of a message so many seconds after the beginning."""
    return round((BEGINNING.timestamp() + seconds) * 1000) << 10


def a_message(
    seconds: float,
    body: str,
    *,
    is_own: bool = False,
    state: DeliveryState | None = None,
    failure: str = "",
) -> Message:
    """One message of the conversation with Juliet."""
    message_id = message_id_at(seconds)
    return Message(
        message_id=message_id,
        conversation=JULIET,
        is_own=is_own,
        body=body,
        sent_at=datetime.fromtimestamp((message_id >> 10) / 1000, UTC),
        state=state or (DeliveryState.DELIVERED if is_own else DeliveryState.RECEIVED),
        failure=failure,
    )


def many_messages(count: int, spacing_seconds: float = 300) -> dict[int, Message]:
    """Messages of 3 to 90 words, each third one our own, by id."""
    messages = {}
    for number in range(count):
        words = LENGTHS[number % len(LENGTHS)]
        body = " ".join(WORDS[(number + word) % len(WORDS)] for word in range(words))
        message = a_message(number * spacing_seconds, body, is_own=number % 3 == 0)
        messages[message.message_id] = message
    return messages


def log_of(
    messages: dict[int, Message], *, answers_at_once: bool = True
) -> tuple[MessageLog, Callable[[], None]]:
    """Make a log, and a function that delivers what was asked for."""
    asked: list[int] = []

    def request(message_ids: Sequence[int]) -> None:
        asked.extend(message_ids)
        if answers_at_once:
            deliver()

    def deliver() -> None:
        wanted, asked[:] = list(asked), []
        log.put_messages([messages[one] for one in wanted if one in messages])

    log = MessageLog(
        JULIET, [(one.message_id, len(one.body)) for one in messages.values()], request
    )
    return log, deliver
