"""What the features of a session share: its life, its stream and its handlers."""

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from communicator.session.errors import NotConnectedError
from communicator.session.live_stream import LiveStream
from communicator.session.stanza_handlers import StanzaHandlers
from communicator.state.signals import Signal
from shared_protocol.addresses import BareJid, FullJid, Jid
from shared_protocol.stanzas.iq import IqType

if TYPE_CHECKING:
    from communicator.state.connection import ConnectionTrouble


class SessionLink:
    """The session of now, or none.

    Attributes:
        stream: Set by the session alone.
        lost: The stream of a session whose connection was lost, and which may be resumed.
        is_resumed: Whether the session of now had another connection before.
        acknowledged: Origin ids of messages that the server has taken in.
    """

    def __init__(self) -> None:
        self.stream: LiveStream | None = None
        self.lost: LiveStream | None = None
        self.is_resumed = False
        self.handlers = StanzaHandlers()
        self.connected: Signal[FullJid] = Signal()
        self.disconnected: Signal[ConnectionTrouble | None] = Signal()
        self.acknowledged: Signal[str] = Signal()

    def require(self) -> LiveStream:
        """Return the stream.

        Raises:
            NotConnectedError: There is no session.
        """
        if self.stream is None:
            raise NotConnectedError
        return self.stream

    @property
    def account(self) -> BareJid | None:
        """The own bare JID; None while there is no session."""
        return self.stream.jid.bare if self.stream is not None else None

    def send(self, stanza: Element, origin_id: str = "") -> None:
        """Send a stanza; a message with its origin id.

        Raises:
            NotConnectedError: There is no session.
        """
        self.require().send(stanza, origin_id)

    async def ask(self, kind: IqType, payload: Element, to: Jid | None = None) -> Element:
        """Ask by an IQ; see ``IqRequests.ask``. Raises SessionError."""
        return await self.require().requests.ask(kind, payload, to)
