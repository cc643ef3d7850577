"""Conversations and their messages, as the chat window shows them."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from communicator.state.signals import Signal
from shared_protocol.addresses import BareJid


class DeliveryState(Enum):
    """What is known of a message that the user sent, and for what came from others, that it came.

    WAITING: in the outbox, not yet stored by the server. SENT: stored by the server (XEP-0198
    acknowledgement).
    DELIVERED: a device of the counterpart confirmed it (XEP-0184). FAILED: refused; the user may
    retry.
    """

    WAITING = "waiting"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    RECEIVED = "received"


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation. A change replaces the value.

    Attributes:
        message_id: Number in the local history; it grows with time: milliseconds << 10 plus a
            counter.
        conversation: The counterpart's bare JID.
        sent_at: UTC, aware.
        origin_id: The sender's id for life (XEP-0359); empty if the sender gave none.
        failure: Why it failed, in words for the user; empty otherwise.
        stanza_id: The id that our own server gave (XEP-0359); empty if it gave none.
    """

    message_id: int
    conversation: BareJid
    is_own: bool
    body: str
    sent_at: datetime
    state: DeliveryState
    origin_id: str = ""
    failure: str = ""
    stanza_id: str = ""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A row of the conversation list.

    Attributes:
        preview: The last message's text, one line; empty if there is none.
        last_at: UTC moment of the last message; None if there is none.
        draft: What the user typed and has not sent.
        is_counterpart_composing: True while the other side types (XEP-0085).
    """

    jid: BareJid
    preview: str = ""
    is_preview_own: bool = False
    last_at: datetime | None = None
    unread: int = 0
    draft: str = ""
    is_counterpart_composing: bool = False


class Conversations:
    """All conversations of one account, newest first.

    Signals:
        conversation_changed: A conversation that is new or has changed.
        conversation_removed: A conversation that was closed.
        message_arrived: A new message from a counterpart, after it was stored; for notifications.
    """

    def __init__(self) -> None:
        self._conversations_by_jid: dict[BareJid, Conversation] = {}
        self.conversation_changed: Signal[Conversation] = Signal()
        self.conversation_removed: Signal[Conversation] = Signal()
        self.message_arrived: Signal[Message] = Signal()

    @property
    def conversations(self) -> tuple[Conversation, ...]:
        """All conversations, the one with the newest message first."""

        def newest(conversation: Conversation) -> float:
            return -conversation.last_at.timestamp() if conversation.last_at else 0.0

        return tuple(sorted(self._conversations_by_jid.values(), key=newest))

    @property
    def unread(self) -> int:
        """How many messages are unread in all conversations."""
        return sum(conversation.unread for conversation in self._conversations_by_jid.values())

    def conversation(self, jid: BareJid) -> Conversation | None:
        """Return the conversation with this counterpart, or None."""
        return self._conversations_by_jid.get(jid)

    def put(self, conversation: Conversation) -> None:
        """Store a conversation; only the chat service calls this."""
        if self._conversations_by_jid.get(conversation.jid) != conversation:
            self._conversations_by_jid[conversation.jid] = conversation
            self.conversation_changed.emit(conversation)

    def remove(self, jid: BareJid) -> None:
        """Forget a conversation; only the chat service calls this."""
        if conversation := self._conversations_by_jid.pop(jid, None):
            self.conversation_removed.emit(conversation)
