"""Marked messages as plain text: one as it is, several with time and name."""

from collections.abc import Callable

from communicator.state.conversations import Message
from communicator.state.message_log import MessageLog
from communicator.ui.chat.row_shape import moment_of
from communicator.ui.chat.selection import Selection


def text_of_selection(
    log: MessageLog, selection: Selection | None, name_of: Callable[[Message], str]
) -> str:
    """Return the marked text; rows that are not loaded are left out."""
    if selection is None or selection.is_empty:
        return ""
    first, last = log.row_of(selection.first.message_id), log.row_of(selection.last.message_id)
    if first is None or last is None:
        return ""
    parts: list[tuple[Message, str]] = []
    for row in range(first, last + 1):
        if message := log.message(row):
            start, end = selection.characters_of(message.message_id, len(message.body))
            parts.append((message, message.body[start:end]))
    if len(parts) == 1:
        return parts[0][1]
    return "\n".join(
        f"[{moment_of(message.message_id):%Y-%m-%d %H:%M}] {name_of(message)}: {text}"
        for message, text in parts
        if text
    )
