"""What the services may ask of a session, one protocol for each feature, and the values in it.

``slixmpp_session.SlixmppSession`` is the connection; its ``roster``, ``presence`` and ``messages``
offer the others. A session can be connected again after it has ended. All signals are emitted on
the event loop. ``send_`` methods write at once and raise NotConnectedError where there is no
session; ``async`` methods wait for the server's answer and raise a SessionError.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from communicator.state.account import Account
from communicator.state.connection import ConnectionTrouble
from communicator.state.presence import Availability
from communicator.state.roster import ContactRequest
from communicator.state.signals import Signal
from shared_protocol.addresses import BareJid, FullJid, Jid
from shared_protocol.errors import StanzaCondition
from shared_protocol.stanzas.roster import RosterItem


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """A chat message to send; a receipt (XEP-0184) is always asked for.

    Attributes:
        origin_id: Chosen once for the life of the message (XEP-0359), also the stanza's id.
    """

    to: BareJid
    body: str
    origin_id: str


@dataclass(frozen=True, slots=True)
class IncomingMessage:
    """A chat message with a body that came from somebody else.

    Attributes:
        sender: With resource if the message names one.
        origin_id: The sender's id for life: the origin-id (XEP-0359), else the stanza's id, else
            empty. It is a claim of the sender.
        receipt_id: The id to name in a receipt; empty if no receipt may be sent.
        wants_receipt: True if the sender asks for a receipt (XEP-0184).
        delayed_at: When the own server or the sender took it in (XEP-0203), UTC and aware, as
            claimed, so perhaps in the future; None if it comes directly.
        stanza_id: What our own server gave (XEP-0359), and only if it announces that; else empty.
        number: Counts what was received in this run; for ``confirm_stored``.
    """

    sender: Jid
    body: str
    origin_id: str = ""
    receipt_id: str = ""
    wants_receipt: bool = False
    delayed_at: datetime | None = None
    stanza_id: str = ""
    number: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class MessageReceipt:
    """A device of ``sender`` has got the message (XEP-0184).

    Believe it only from the message's own counterpart: the service compares.
    """

    origin_id: str
    sender: Jid


@dataclass(frozen=True, slots=True)
class MessageRefusal:
    """A message came back as an error.

    Attributes:
        sender: To whom it went; who sends the error in that name is checked by the service.
        text: One sentence for the user.
    """

    origin_id: str
    sender: Jid
    condition: StanzaCondition
    text: str


@dataclass(frozen=True, slots=True)
class ChatStateChange:
    """Somebody began or stopped to type (XEP-0085)."""

    sender: Jid
    is_composing: bool


@dataclass(frozen=True, slots=True)
class ContactPresence:
    """What a resource of somebody says of its presence (RFC 6121, section 4.7).

    Attributes:
        sender: Without resource only if the account as a whole is unavailable.
        priority: -128 to 127.
    """

    sender: Jid
    availability: Availability
    status: str = ""
    priority: int = 0

    @property
    def resource(self) -> str:
        """The resource of the sender; empty if it has none."""
        return self.sender.resourcepart if isinstance(self.sender, FullJid) else ""


class SessionLife(Protocol):
    """Whether there is a session.

    Signals:
        connected: The own full JID, once stanzas may be sent; nothing was sent yet.
        disconnected: The session has ended; None if that was our wish.
    """

    connected: Signal[FullJid]
    disconnected: Signal[ConnectionTrouble | None]

    @property
    def is_connected(self) -> bool:
        """True while stanzas can be sent."""


class ConnectionSession(SessionLife, Protocol):
    """Begins and ends the session."""

    async def connect(self, account: Account, password: str) -> None:
        """Connect and log in; the end of it is told by ``disconnected``.

        A session that exists is closed before. Cancelling the call closes what there is.

        Raises:
            ConnectionFailedError: There is no session; ``disconnected`` is not emitted then.
        """

    async def disconnect(self) -> None:
        """End the session; also ends a ``connect`` that still runs."""

    def check_link(self) -> None:
        """Find out whether the other end is still there; ``disconnected`` tells if it is not."""


class RosterSession(SessionLife, Protocol):
    """The roster on the server (RFC 6121, section 2).

    Signals:
        roster_pushed: An item as it is now; with subscription REMOVE it is gone.
    """

    roster_pushed: Signal[RosterItem]

    async def fetch_roster(self) -> list[RosterItem]:
        """Return the complete roster; from now on there are pushes and requests."""

    async def set_roster_item(self, jid: BareJid, name: str, groups: Sequence[str]) -> None:
        """Add a contact, or change name and groups."""

    async def remove_roster_item(self, jid: BareJid) -> None:
        """Remove a contact, and with it both subscriptions."""


class PresenceSession(SessionLife, Protocol):
    """Own presence, that of others, and who may see it (RFC 6121, sections 3 and 4).

    Signals:
        presence_received: Presence of somebody, also of own other resources.
        subscription_requested: Somebody asks to see the own presence.
        subscription_withdrawn: Somebody does not want to see it any more, asked or not.
    """

    presence_received: Signal[ContactPresence]
    subscription_requested: Signal[ContactRequest]
    subscription_withdrawn: Signal[BareJid]

    def send_presence(self, availability: Availability, status: str = "") -> None:
        """Tell everybody who may see it; OFFLINE is unavailable."""

    def subscribe(self, jid: BareJid, text: str = "") -> None:
        """Ask to see the presence of somebody."""

    def approve(self, jid: BareJid) -> None:
        """Let somebody see the own presence, now or when they ask."""

    def decline(self, jid: BareJid) -> None:
        """Refuse a request, or let somebody see the own presence no longer."""

    def unsubscribe(self, jid: BareJid) -> None:
        """See the presence of somebody no longer, or take back the request."""


class MessageSession(SessionLife, Protocol):
    """Chat messages and what is said about them.

    Signals:
        message_received: A message with a body.
        message_acknowledged: Origin id of a message that the server has taken in (XEP-0198; without
            it, the server answered a ping that was sent after the message).
        message_refused: A message came back as an error.
        receipt_received: A device confirmed a message.
        chat_state_received: Somebody types or has stopped; a message with a body is such a stop.
    """

    message_received: Signal[IncomingMessage]
    message_acknowledged: Signal[str]
    message_refused: Signal[MessageRefusal]
    receipt_received: Signal[MessageReceipt]
    chat_state_received: Signal[ChatStateChange]

    def send_message(self, message: OutgoingMessage) -> None:
        """Send a message, with the chat state ``active``."""

    def confirm_stored(self, message: IncomingMessage) -> None:
        """Let the server forget a message that is on disk; nothing if that session has ended.

        Needed only of a session that ``waits_for_storage``: that one acknowledges nothing before.
        """

    def send_receipt(self, message: IncomingMessage) -> None:
        """Confirm a message to the device that sent it; nothing if it has no ``receipt_id``."""

    def send_chat_state(self, jid: BareJid, *, is_composing: bool) -> None:
        """Tell that the user types, or has stopped."""
