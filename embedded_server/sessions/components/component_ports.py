"""What the streams of components ask of the rest of the server, and what it sees of them."""

from typing import Protocol

from embedded_server.sessions.turn_queue import TurnQueue
from shared_protocol.errors import StreamError
from shared_protocol.xml.frames import StanzaFrame


class ComponentLink(Protocol):
    """A component that has proved itself.

    Attributes:
        domain: It speaks for all addresses there.
        turns: What it sent happens in the order of its sending.
    """

    domain: str
    turns: TurnQueue

    def send(self, stanza: bytes) -> None:
        """Send a stanza, in the namespace ``jabber:client``; nothing happens if it has gone."""

    def end(self, error: StreamError | None = None) -> None:
        """Close its stream, with an error or without."""


class ComponentHost(Protocol):
    """Joins components with the routing; ``modules.service.components`` fits."""

    def component_came(self, link: ComponentLink) -> None:
        """A component is there.

        Raises:
            StreamError: ``conflict``: its domain is served by somebody else.
        """

    def component_sent(self, link: ComponentLink, frame: StanzaFrame) -> None:
        """Take a stanza, in the namespace ``jabber:client``.

        Raises:
            StreamError: It is no stanza, or speaks for somebody else.
        """

    def component_went(self, link: ComponentLink) -> None:
        """A component that had come is gone."""
