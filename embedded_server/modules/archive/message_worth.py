"""What a message is worth, by its type and the names of its children; known kinds are remembered.

Conversations are made of few kinds of messages, so that the rules run once for each kind.
"""

from functools import lru_cache
from typing import NamedTuple

from shared_protocol.stanzas.delivery import (
    AddressKind,
    DeliveryChoice,
    ReceiverState,
    is_archived,
    is_copied,
    is_kept,
    message_choice,
)
from shared_protocol.stanzas.messages import MessageType

_KNOWN_KINDS = 1_000
_TYPES = {one.value: one for one in MessageType}


class MessageWorth(NamedTuple):
    """What is to be done with a kind of message.

    Attributes:
        type: One that is unknown counts as normal (RFC 6121, section 5.2.2).
        is_kept: Waits until somebody comes (XEP-0160).
        is_archived: Belongs into archives (XEP-0313).
        is_copied: Other resources get a copy (XEP-0280).
        to_somebody: What becomes of it at a bare JID where somebody is on line.
    """

    type: MessageType
    is_kept: bool
    is_archived: bool
    is_copied: bool
    to_somebody: DeliveryChoice


@lru_cache(maxsize=_KNOWN_KINDS)
def worth_of(written_type: str, children: tuple[str, ...]) -> MessageWorth:
    """Judge a message.

    Args:
        written_type: Its type attribute; empty if it has none.
        children: Names of its children, "namespace local", in order.
    """
    message_type = _TYPES.get(written_type, MessageType.NORMAL)
    return MessageWorth(
        message_type,
        is_kept(message_type, children),
        is_archived(message_type, children),
        is_copied(message_type, children),
        message_choice(message_type, ReceiverState.SOMEBODY, AddressKind.BARE),
    )
