"""Messages (RFC 6121, section 5) with the extensions that a conversation of two uses.

Processing hints: XEP-0334 1.0.0. The other extensions have modules of their own.

Example::

    <message xmlns='jabber:client' id='m1' type='chat' to='romeo@montague.lit'>
      <body>Wherefore art thou, Romeo?</body>
      <thread>e0ffe42b28561960c6b12b944a092794b9683a38</thread>
      <active xmlns='http://jabber.org/protocol/chatstates'/>
      <request xmlns='urn:xmpp:receipts'/>
      <origin-id xmlns='urn:xmpp:sid:0' id='m1'/>
      <store xmlns='urn:xmpp:hints'/>
    </message>
"""

from dataclasses import dataclass
from enum import Enum
from xml.etree.ElementTree import Element, SubElement

from shared_protocol.errors import MalformedStanzaError
from shared_protocol.namespaces import CLIENT, HINTS
from shared_protocol.stanzas.delay import Delay, delays_of
from shared_protocol.stanzas.delay import to_element as delay_to_element
from shared_protocol.stanzas.message_parts import chat_states, receipts
from shared_protocol.stanzas.message_parts.chat_states import ChatState
from shared_protocol.stanzas.message_parts.stanza_ids import (
    StanzaId,
    origin_id_of,
    origin_id_to_element,
    stanza_id_to_element,
    stanza_ids_of,
)
from shared_protocol.stanzas.plain_text import text_of

MESSAGE = f"{{{CLIENT}}}message"
_SUBJECT = f"{{{CLIENT}}}subject"
_BODY = f"{{{CLIENT}}}body"
_THREAD = f"{{{CLIENT}}}thread"


class MessageType(Enum):
    """What a message is for (RFC 6121, section 5.2.2); normal has no ``type`` on the wire."""

    NORMAL = "normal"
    CHAT = "chat"
    GROUPCHAT = "groupchat"
    HEADLINE = "headline"
    ERROR = "error"


class Hint(Enum):
    """What the sender wishes that servers do or leave (XEP-0334, section 4)."""

    NO_PERMANENT_STORE = "no-permanent-store"
    NO_STORE = "no-store"
    NO_COPY = "no-copy"
    STORE = "store"


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """What a message says. Empty texts stand for elements that are not there.

    Attributes:
        body: None if the message has no body, as a bare chat state.
        id: The stanza id, which a receipt and an error repeat.
        origin_id: The sender's own id; proves nothing (XEP-0359, section 6).
        stanza_ids: To be believed only of one's own account or room.
        receipt_id: Id of the message that this one confirms as received.
        delays: In order; only those by one's own server or room are to be believed.
    """

    body: str | None = None
    type: MessageType = MessageType.CHAT
    id: str = ""
    subject: str = ""
    thread: str = ""
    origin_id: str = ""
    stanza_ids: tuple[StanzaId, ...] = ()
    is_receipt_requested: bool = False
    receipt_id: str = ""
    chat_state: ChatState | None = None
    delays: tuple[Delay, ...] = ()
    hints: frozenset[Hint] = frozenset()

    def delay_by(self, *sources: str) -> Delay | None:
        """Return the first delay that one of these addresses has added, or None."""
        return next((delay for delay in self.delays if delay.by in sources), None)


def type_of(text: str | None) -> MessageType:
    """Return the type of a ``type`` attribute; an unknown one is normal (section 5.2.2)."""
    return _TYPES.get(text or "", MessageType.NORMAL)


def from_element(message: Element) -> ChatMessage:
    """Read a message. Extensions that are not well formed count as not there.

    Raises:
        MalformedStanzaError: It is no message.
    """
    if message.tag != MESSAGE:
        text = f"expected {MESSAGE}, got {message.tag}"
        raise MalformedStanzaError(text)
    return ChatMessage(
        body=text_of(message, _BODY),
        type=type_of(message.get("type")),
        id=message.get("id", ""),
        subject=text_of(message, _SUBJECT) or "",
        thread=message.findtext(_THREAD, ""),
        origin_id=origin_id_of(message),
        stanza_ids=stanza_ids_of(message),
        is_receipt_requested=receipts.is_requested(message),
        receipt_id=receipts.received_id(message),
        chat_state=chat_states.from_message(message),
        delays=delays_of(message),
        hints=frozenset(hint for hint in Hint if message.find(_hint_tag(hint)) is not None),
    )


def to_element(message: ChatMessage, to_address: str = "") -> Element:
    """Write a message.

    Args:
        message: What it says.
        to_address: To whom; empty for the own account.
    """
    element = Element(MESSAGE)
    kind = "" if message.type is MessageType.NORMAL else message.type.value
    for name, value in (("to", to_address), ("type", kind), ("id", message.id)):
        if value:
            element.set(name, value)
    if message.body is not None:
        SubElement(element, _BODY).text = message.body
    for tag, text in ((_SUBJECT, message.subject), (_THREAD, message.thread)):
        if text:
            SubElement(element, tag).text = text
    element.extend(_extensions(message))
    return element


_TYPES = {kind.value: kind for kind in MessageType}


def _extensions(message: ChatMessage) -> list[Element]:
    found: list[Element] = []
    if message.chat_state is not None:
        found.append(chat_states.to_element(message.chat_state))
    if message.is_receipt_requested:
        found.append(receipts.request_element())
    if message.receipt_id:
        found.append(receipts.received_element(message.receipt_id))
    if message.origin_id:
        found.append(origin_id_to_element(message.origin_id))
    found.extend(map(stanza_id_to_element, message.stanza_ids))
    found.extend(map(delay_to_element, message.delays))
    found.extend(Element(_hint_tag(hint)) for hint in Hint if hint in message.hints)
    return found


def _hint_tag(hint: Hint) -> str:
    return f"{{{HINTS}}}{hint.value}"
