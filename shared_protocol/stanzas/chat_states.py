"""Chat states (XEP-0085 2.1).

Example::

    <composing xmlns='http://jabber.org/protocol/chatstates'/>
"""

from enum import Enum
from xml.etree.ElementTree import Element

from shared_protocol.namespaces import CHAT_STATES


class ChatState(Enum):
    """What somebody does in a conversation."""

    ACTIVE = "active"
    COMPOSING = "composing"
    PAUSED = "paused"
    INACTIVE = "inactive"
    GONE = "gone"


def to_element(state: ChatState) -> Element:
    """Write a state."""
    return Element(f"{{{CHAT_STATES}}}{state.value}")


def from_message(message: Element) -> ChatState | None:
    """Return the first state that a message carries, or None."""
    for state in ChatState:
        if message.find(f"{{{CHAT_STATES}}}{state.value}") is not None:
            return state
    return None
