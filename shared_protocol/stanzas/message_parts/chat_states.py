"""Chat states (XEP-0085 2.1).

Example::

    <composing xmlns='http://jabber.org/protocol/chatstates'/>
"""

from enum import Enum
from xml.etree.ElementTree import Element

from shared_protocol.errors import MalformedStanzaError
from shared_protocol.namespaces import CHAT_STATES


class ChatState(Enum):
    """What somebody does in a conversation."""

    ACTIVE = "active"
    COMPOSING = "composing"
    PAUSED = "paused"
    INACTIVE = "inactive"
    GONE = "gone"


_STATES = {f"{{{CHAT_STATES}}}{state.value}": state for state in ChatState}


def from_element(element: Element) -> ChatState:
    """Read a state.

    Raises:
        MalformedStanzaError: It is none.
    """
    if element.tag not in _STATES:
        message = f"expected a chat state, got {element.tag}"
        raise MalformedStanzaError(message)
    return _STATES[element.tag]


def to_element(state: ChatState) -> Element:
    """Write a state."""
    return Element(f"{{{CHAT_STATES}}}{state.value}")


def from_message(message: Element) -> ChatState | None:
    """Return the first state that a message carries, or None."""
    return next((_STATES[child.tag] for child in message if child.tag in _STATES), None)
