"""Where a stanza comes from: a client's session, or something in this process or behind it.

Rooms, publishing and components speak for addresses that nobody has logged in with. What they send
goes the same way through the router as what a client sends.
"""

from collections.abc import Callable
from typing import Protocol

from embedded_server.sessions.turn_queue import Action, Hold, TurnQueue
from shared_protocol.addresses import Jid
from shared_protocol.xml.framer import sender_attribute


class Origin(Protocol):
    """Who sent a stanza, as the router sees it; ``Session`` and ``ServiceOrigin`` fit."""

    @property
    def address(self) -> Jid:
        """Full JID of a session, else the address that the service speaks for."""

    @property
    def sender_attribute(self) -> bytes:
        """`` from='...'``, for ``StanzaFrame.stamped``."""

    @property
    def language(self) -> str:
        """``xml:lang`` of what carries its stanzas; empty if there is none."""

    @property
    def language_attribute(self) -> bytes:
        """`` xml:lang='...'``, or empty."""

    @property
    def has_acknowledgement(self) -> bool:
        """Whether it relies on its messages being stored before they count as taken."""

    @property
    def waiting_turns(self) -> int:
        """How much of what it sent waits in its order."""

    def send(self, stanza: bytes) -> None:
        """Hand back an answer or an error."""

    def run_in_order(self, action: Action) -> None:
        """Do something now, or when what came before it is done."""

    def hold(self) -> Hold:
        """Let what comes later wait until the result is called."""


class ServiceOrigin:
    """An address of a service of this server, as the sender of stanzas.

    Args of the constructor:
        address: In whose name it speaks.
        on_answer: Takes answers and errors that come back at once; without it they are dropped.
    """

    __slots__ = ("_on_answer", "_turns", "address", "sender_attribute")

    language = ""
    language_attribute = b""
    has_acknowledgement = True

    def __init__(self, address: Jid, on_answer: Callable[[bytes], None] | None = None) -> None:
        self.address = address
        self.sender_attribute = sender_attribute(str(address))
        self._on_answer = on_answer
        self._turns = TurnQueue()

    @property
    def waiting_turns(self) -> int:
        """How much waits in its order."""
        return len(self._turns)

    def send(self, stanza: bytes) -> None:
        """Hand back an answer or an error."""
        if self._on_answer is not None:
            self._on_answer(stanza)

    def run_in_order(self, action: Action) -> None:
        """Do something in order."""
        self._turns.run(action)

    def hold(self) -> Hold:
        """Let what comes later wait."""
        return self._turns.hold()
