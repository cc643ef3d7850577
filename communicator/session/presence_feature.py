"""Own presence and that of others, requests to see it (RFC 6121, sections 3 and 4)."""

from xml.etree.ElementTree import Element

from communicator.session.ports import ContactPresence
from communicator.session.session_link import SessionLink
from communicator.session.stanza_handlers import StanzaKind
from communicator.state.presence import Availability
from communicator.state.roster import ContactRequest
from communicator.state.signals import Signal
from shared_protocol.addresses import BareJid, Jid
from shared_protocol.stanzas.caps import Capabilities
from shared_protocol.stanzas.caps import to_element as caps_element
from shared_protocol.stanzas.presence import Presence, PresenceType, Show, from_element, to_element
from shared_protocol.stanzas.senders import Accepts
from shared_protocol.xml.writer import replace_forbidden

_SHOW_BY_AVAILABILITY = {
    Availability.CHAT: Show.CHAT,
    Availability.AWAY: Show.AWAY,
    Availability.XA: Show.XA,
    Availability.DND: Show.DND,
}
_AVAILABILITY_BY_SHOW = {show: one for one, show in _SHOW_BY_AVAILABILITY.items()}


class PresenceFeature:
    """Sends and receives presence.

    Signals:
        received: Presence of somebody.
        subscription_requested: Somebody asks to see the own presence.
        subscription_withdrawn: Somebody does not want to see it any more.
    """

    def __init__(self, link: SessionLink, capabilities: Capabilities) -> None:
        self._link = link
        self._capabilities = capabilities
        self._own: tuple[Availability, str] | None = None  # the last that was sent
        self._known: dict[Jid, ContactPresence] = {}  # of resources that are available
        self.received: Signal[ContactPresence] = Signal()
        self.subscription_requested: Signal[ContactRequest] = Signal()
        self.subscription_withdrawn: Signal[BareJid] = Signal()
        link.handlers.register(StanzaKind.PRESENCE, Accepts.ANYONE, self._on_presence)
        link.connected.connect(lambda _: self._on_connected())

    def send(self, availability: Availability, status: str) -> None:
        """Tell everybody who may see it. Raises NotConnectedError.

        What the server has, as after a resumption, it is not told again (XEP-0198, section 5).
        """
        self._link.require()
        if self._own != (availability, status):
            self._send(availability, replace_forbidden(status))
            self._own = availability, status

    def repeat(self) -> None:
        """Tell again who is there, after a resumption: the server does not."""
        for presence in tuple(self._known.values()):
            self.received.emit(presence)

    def _on_connected(self) -> None:
        if not self._link.is_resumed:
            self._own = None
            self._known.clear()

    def _send(self, availability: Availability, status: str) -> None:
        if availability is Availability.OFFLINE:
            self._link.send(to_element(Presence(PresenceType.UNAVAILABLE, status=status)))
            return
        show = _SHOW_BY_AVAILABILITY.get(availability)
        element = to_element(Presence(show=show, status=status))
        element.append(caps_element(self._capabilities))
        self._link.send(element)

    def send_subscription(self, kind: PresenceType, jid: BareJid, text: str = "") -> None:
        """Ask, answer or end a subscription. Raises NotConnectedError."""
        element = to_element(Presence(kind, status=replace_forbidden(text)))
        element.set("to", str(jid))
        self._link.send(element)

    def _on_presence(self, sender: Jid | None, element: Element) -> Element | None:
        stream = self._link.stream
        if stream is None:
            return None
        sender = sender if sender is not None else stream.jid.bare
        presence = from_element(element)
        match presence.type:
            case PresenceType.AVAILABLE:
                self._known[sender] = _available(sender, presence)
                self.received.emit(self._known[sender])
            case PresenceType.UNAVAILABLE:
                self._known.pop(sender, None)
                self.received.emit(ContactPresence(sender, Availability.OFFLINE, presence.status))
            case PresenceType.ERROR:
                self.received.emit(ContactPresence(sender.bare, Availability.OFFLINE))
            case PresenceType.SUBSCRIBE:
                self.subscription_requested.emit(ContactRequest(sender.bare, presence.status))
            case PresenceType.UNSUBSCRIBE:
                self.subscription_withdrawn.emit(sender.bare)
            case _:
                pass  # a roster push says what has become of our own requests
        return None


def _available(sender: Jid, presence: Presence) -> ContactPresence:
    if presence.show is None:
        availability = Availability.AVAILABLE
    else:
        availability = _AVAILABILITY_BY_SHOW[presence.show]
    return ContactPresence(sender, availability, presence.status, presence.priority)
