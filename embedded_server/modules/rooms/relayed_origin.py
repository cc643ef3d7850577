"""An address of a room as the sender of what somebody sends through it.

What is relayed goes the way of any other message (RFC 6121, section 8.5): it is kept for who is
away, and counted as taken only when it is safe. It keeps the order of who sent it. Errors that come
back are told in the room's name: real JIDs stay hidden.
"""

from collections.abc import Callable

from embedded_server.plugin_api import Hold, Origin
from shared_protocol.addresses import Jid
from shared_protocol.xml.elements import element_of
from shared_protocol.xml.framer import sender_attribute
from shared_protocol.xml.writer import serialise

Action = Callable[[], None]


class RelayedOrigin:
    """One stanza's sender.

    Args of the constructor:
        address: In whose name the room sends.
        sender: Who has sent it to the room.
        addressed: What the sender had addressed; errors come from there.
    """

    __slots__ = ("_addressed", "_sender", "address", "sender_attribute")

    language = ""
    language_attribute = b""

    def __init__(self, address: Jid, sender: Origin, addressed: Jid) -> None:
        self.address = address
        self.sender_attribute = sender_attribute(str(address))
        self._sender = sender
        self._addressed = addressed

    @property
    def has_acknowledgement(self) -> bool:
        """Whether the sender relies on his messages being stored."""
        return self._sender.has_acknowledgement

    @property
    def waiting_turns(self) -> int:
        """How much of what the sender sent waits in its order."""
        return self._sender.waiting_turns

    def send(self, stanza: bytes) -> None:
        """Hand an error back."""
        element = element_of(stanza)
        element.set("from", str(self._addressed))
        element.set("to", str(self._sender.address))
        self._sender.send(serialise(element))

    def run_in_order(self, action: Action) -> None:
        """Do something in the order of the sender."""
        self._sender.run_in_order(action)

    def hold(self) -> Hold:
        """Let what comes later from the sender wait."""
        return self._sender.hold()
