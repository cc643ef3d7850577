"""The logs of open conversations and the conversation list, kept in step with each other."""

from collections import OrderedDict
from dataclasses import replace
from datetime import datetime

from communicator.state.conversations import Conversation, Conversations, Message
from communicator.state.message_log import MessageLog
from shared_protocol.addresses import BareJid

KEPT_LOGS = 8
_PREVIEW_CHARACTERS = 200


class OpenLogs:
    """Shows messages where they belong; shared by the services of the chat."""

    def __init__(self, conversations: Conversations) -> None:
        self._conversations = conversations
        self._logs_by_jid: OrderedDict[BareJid, MessageLog] = OrderedDict()

    def log(self, jid: BareJid) -> MessageLog | None:
        """Return the log of a conversation if it is kept, and keep it longer than the others."""
        log = self._logs_by_jid.get(jid)
        if log is not None:
            self._logs_by_jid.move_to_end(jid)
        return log

    def keep(self, log: MessageLog) -> None:
        """Keep a log in step from now on; the one not asked for longest is let go."""
        self._logs_by_jid[log.conversation] = log
        if len(self._logs_by_jid) > KEPT_LOGS:
            self._logs_by_jid.popitem(last=False)

    def forget(self, jid: BareJid) -> None:
        """Let a log go."""
        self._logs_by_jid.pop(jid, None)

    def begin(self, stored: list[Conversation]) -> None:
        """Let all logs go and list these conversations and no others."""
        self._logs_by_jid.clear()
        kept = {conversation.jid for conversation in stored}
        for conversation in self._conversations.conversations:
            if conversation.jid not in kept:
                self._conversations.remove(conversation.jid)
        for conversation in stored:
            self._conversations.put(conversation)

    def insert(self, message: Message) -> None:
        """Show a message that is new, from the counterpart or own."""
        self.show(message)
        before = self._conversation(message.conversation)
        after = before
        if not message.is_own:
            after = replace(after, unread=before.unread + 1, is_counterpart_composing=False)
        if _is_newest(message.sent_at, before.last_at):
            after = replace(
                after,
                preview=preview_of(message.body),
                is_preview_own=message.is_own,
                last_at=message.sent_at,
            )
        self._conversations.put(after)

    def show(self, message: Message) -> None:
        """Put a stored message into its log, unless it is there or will be read from the disk."""
        log = self._logs_by_jid.get(message.conversation)
        if log is None:
            return
        if log.is_filled or (len(log) and message.message_id > log.message_id(0)):
            log.insert(message)

    def change(self, message: Message) -> None:
        """Show that a message changed."""
        log = self._logs_by_jid.get(message.conversation)
        if log is not None:
            log.change(message)

    def renumber(self, message: Message, old_id: int) -> None:
        """Show a message that got another number than the one it was shown with."""
        log = self._logs_by_jid.get(message.conversation)
        if log is not None:
            log.remove(old_id)
            log.insert(message)

    def remove(self, message: Message, conversation: Conversation | None) -> None:
        """Take a message away; ``conversation`` is how its conversation stands without it."""
        log = self._logs_by_jid.get(message.conversation)
        if log is not None:
            log.remove(message.message_id)
        if conversation is not None:
            now = self._conversation(conversation.jid)
            self._conversations.put(
                replace(
                    now,
                    preview=conversation.preview,
                    is_preview_own=conversation.is_preview_own,
                    last_at=conversation.last_at,
                )
            )

    def put_conversation(self, conversation: Conversation) -> None:
        """Show a conversation as it was stored."""
        self._conversations.put(conversation)

    def put_composing(self, jid: BareJid, *, is_composing: bool) -> None:
        """Show that a counterpart with a conversation types, or has stopped."""
        if known := self._conversations.conversation(jid):
            self._conversations.put(replace(known, is_counterpart_composing=is_composing))

    def put_draft(self, jid: BareJid, text: str) -> None:
        """Show another draft."""
        self._conversations.put(replace(self._conversation(jid), draft=text))

    def put_read(self, jid: BareJid) -> None:
        """Show that nothing is unread."""
        if known := self._conversations.conversation(jid):
            self._conversations.put(replace(known, unread=0))

    def announce(self, message: Message) -> None:
        """Tell that a counterpart's message arrived and is stored."""
        self._conversations.message_arrived.emit(message)

    def _conversation(self, jid: BareJid) -> Conversation:
        return self._conversations.conversation(jid) or Conversation(jid)


def preview_of(body: str) -> str:
    """Return a message's text as one line of the conversation list."""
    return " ".join(body[:_PREVIEW_CHARACTERS].split())


def _is_newest(sent_at: datetime, last_at: datetime | None) -> bool:
    return last_at is None or sent_at >= last_at
