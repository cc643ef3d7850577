"""Chat messages, receipts and chat states (RFC 6121 section 5; XEP-0085, -0184, -0203, -0359)."""

from xml.etree.ElementTree import Element

from communicator.session.live_stream import LiveStream
from communicator.session.ports import (
    ChatStateChange,
    IncomingMessage,
    MessageReceipt,
    MessageRefusal,
    OutgoingMessage,
)
from communicator.session.refusal_texts import refusal_text
from communicator.session.session_link import SessionLink
from communicator.session.stanza_handlers import StanzaKind
from communicator.state.sentences import sentence
from communicator.state.signals import Signal
from shared_protocol.addresses import BareJid, Jid
from shared_protocol.errors import StanzaCondition
from shared_protocol.limits import CLIENT_STREAM
from shared_protocol.stanzas.iq import error_from_element
from shared_protocol.stanzas.message_parts.chat_states import ChatState
from shared_protocol.stanzas.messages import (
    ChatMessage,
    Hint,
    MessageType,
    from_element,
    to_element,
)
from shared_protocol.stanzas.senders import Accepts
from shared_protocol.xml.writer import replace_forbidden

# The rest is for what servers add.
LONGEST_BODY_BYTES = CLIENT_STREAM.stanza_bytes - 16_384


class MessageFeature:
    """Sends and receives messages.

    Attributes:
        are_stanza_ids_announced: True once the own account said that it gives stanza ids; before
            that such ids are not believed (XEP-0359, section 6).

    Signals:
        received, refused, receipt_received, chat_state_received: See ``ports.MessageSession``.
    """

    def __init__(self, link: SessionLink, *, waits_for_storage: bool) -> None:
        self._link = link
        self._waits_for_storage = waits_for_storage
        self.are_stanza_ids_announced = False
        self.received: Signal[IncomingMessage] = Signal()
        self.refused: Signal[MessageRefusal] = Signal()
        self.receipt_received: Signal[MessageReceipt] = Signal()
        self.chat_state_received: Signal[ChatStateChange] = Signal()
        link.handlers.register(StanzaKind.MESSAGE, Accepts.ANYONE, self._on_message)

    def send(self, message: OutgoingMessage) -> None:
        """Send a message; one that is too long is refused here. Raises NotConnectedError."""
        stream = self._link.require()
        body = replace_forbidden(message.body)
        if len(body.encode()) > LONGEST_BODY_BYTES:
            condition = StanzaCondition.POLICY_VIOLATION
            text = sentence("Sentences", "The message is too long.")
            refusal = MessageRefusal(message.origin_id, message.to, condition, text)
            stream.client.loop.call_soon(self.refused.emit, refusal)
            return
        chat = ChatMessage(
            body=body,
            id=message.origin_id,
            origin_id=message.origin_id,
            is_receipt_requested=True,
            chat_state=ChatState.ACTIVE,
        )
        self._link.send(to_element(chat, str(message.to)), message.origin_id)

    def confirm_stored(self, message: IncomingMessage) -> None:
        """Let the server forget a message that is on disk."""
        stream = self._link.stream or self._link.lost
        if stream is not None:
            stream.acknowledgements.stanza_handled(message.number)

    def send_receipt(self, message: IncomingMessage) -> None:
        """Confirm a message to the device that sent it. Raises NotConnectedError."""
        if message.receipt_id:
            chat = ChatMessage(receipt_id=message.receipt_id, hints=frozenset({Hint.STORE}))
            self._link.send(to_element(chat, str(message.sender)))

    def send_chat_state(self, jid: BareJid, *, is_composing: bool) -> None:
        """Tell that the user types, or has stopped. Raises NotConnectedError."""
        state = ChatState.COMPOSING if is_composing else ChatState.PAUSED
        chat = ChatMessage(chat_state=state, hints=frozenset({Hint.NO_STORE}))
        self._link.send(to_element(chat, str(jid)))

    def _on_message(self, sender: Jid | None, element: Element) -> Element | None:
        stream = self._link.stream
        if stream is None:
            return None
        sender = sender if sender is not None else stream.jid.bare
        message = from_element(element)
        if message.type is MessageType.ERROR:
            self._on_refused(sender, message, element)
        elif message.type in {MessageType.CHAT, MessageType.NORMAL}:
            self._on_chat(sender, message, stream)
        return None

    def _on_chat(self, sender: Jid, message: ChatMessage, stream: LiveStream) -> None:
        if message.receipt_id:
            self.receipt_received.emit(MessageReceipt(message.receipt_id, sender))
        if message.chat_state is not None or message.body:
            is_composing = message.chat_state is ChatState.COMPOSING and not message.body
            self.chat_state_received.emit(ChatStateChange(sender, is_composing))
        if message.body:
            if self._waits_for_storage:
                stream.unsafe_number = stream.stanza_number
            self.received.emit(self._incoming(sender, message, stream))

    def _incoming(self, sender: Jid, message: ChatMessage, stream: LiveStream) -> IncomingMessage:
        own = stream.jid
        server = own.domainpart
        delay = message.delay_by(server, str(own.bare), str(sender.bare), str(sender), "")
        by_own = [one.id for one in message.stanza_ids if one.by == str(own.bare)]
        return IncomingMessage(
            sender=sender,
            body=message.body or "",
            origin_id=message.origin_id or message.id,
            receipt_id=message.id,
            wants_receipt=message.is_receipt_requested and bool(message.id),
            delayed_at=delay.moment if delay is not None else None,
            stanza_id=by_own[0] if by_own and self.are_stanza_ids_announced else "",
            number=stream.stanza_number,
        )

    def _on_refused(self, sender: Jid, message: ChatMessage, element: Element) -> None:
        if message.id:
            condition = error_from_element(element).condition
            refusal = MessageRefusal(message.id, sender, condition, refusal_text(condition))
            self.refused.emit(refusal)
