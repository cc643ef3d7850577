"""External components as services of the office (XEP-0114 1.6).

A component speaks for every address of its domain, and for no other. It gets all that is sent
there, while it is connected; what it sends goes the way of what clients send.
"""

from collections.abc import Callable
from typing import Protocol

from embedded_server.plugin_api import Action, Hold, Inbound, ModuleHost, stamped
from shared_protocol.addresses import AddressError, BareJid, Jid, parse_jid
from shared_protocol.errors import StreamCondition, StreamError
from shared_protocol.namespaces import CLIENT
from shared_protocol.stanzas.disco import DiscoItem
from shared_protocol.xml.framer import sender_attribute
from shared_protocol.xml.frames import StanzaFrame

Undo = Callable[[], None]

_STANZAS = frozenset({f"{CLIENT} message", f"{CLIENT} presence", f"{CLIENT} iq"})


class Turns(Protocol):
    """The order of what a component sent; ``sessions.turn_queue.TurnQueue`` fits."""

    def __len__(self) -> int:
        """How much waits."""

    def run(self, action: Action) -> None:
        """Do something in its turn."""

    def hold(self) -> Hold:
        """Let what comes later wait."""


class Link(Protocol):
    """The stream of a component."""

    domain: str

    @property
    def turns(self) -> Turns:
        """The order of what it sent."""

    def send(self, stanza: bytes) -> None:
        """Send it a stanza."""


class ComponentOrigin:
    """One stanza's sender at a component; see ``Origin``."""

    __slots__ = ("_link", "address", "sender_attribute")

    language = ""
    language_attribute = b""
    has_acknowledgement = False

    def __init__(self, link: Link, address: Jid) -> None:
        self.address = address
        self.sender_attribute = sender_attribute(str(address))
        self._link = link

    @property
    def waiting_turns(self) -> int:
        """How much of what the component sent waits in its order."""
        return len(self._link.turns)

    def send(self, stanza: bytes) -> None:
        """Hand back an answer or an error."""
        self._link.send(stanza)

    def run_in_order(self, action: Action) -> None:
        """Do something in the component's order."""
        self._link.turns.run(action)

    def hold(self) -> Hold:
        """Let what comes later of the component wait."""
        return self._link.turns.hold()


class ComponentsModule:
    """Joins components with the routing of a host."""

    def __init__(self) -> None:
        self._host: ModuleHost
        self._services: dict[str, tuple[Undo, Undo]] = {}

    def attach(self, host: ModuleHost) -> None:
        """Be ready for components."""
        self._host = host

    def detach(self) -> None:
        """Serve no domain any more."""
        for domain in tuple(self._services):
            self._forget(domain)

    # What the streams of components call.

    def component_came(self, link: Link) -> None:
        """Let a component take what is sent to its domain, and list it as a service."""
        domain = link.domain

        def deliver(inbound: Inbound) -> None:
            link.send(stamped(inbound))

        try:
            unserve = self._host.serve(domain, deliver)
        except ValueError:
            text = "this domain is served already"
            raise StreamError(StreamCondition.CONFLICT, text) from None
        item = DiscoItem(BareJid("", domain))
        self._services[domain] = (unserve, self._host.features.add_item(item))

    def component_sent(self, link: Link, frame: StanzaFrame) -> None:
        """Send a stanza on its way (section 3): from and to are required, from its own domain."""
        if frame.name not in _STANZAS:
            raise StreamError(StreamCondition.UNSUPPORTED_STANZA_TYPE, "unknown element")
        if "from" not in frame.attributes or "to" not in frame.attributes:
            raise StreamError(StreamCondition.IMPROPER_ADDRESSING, "from or to is missing")
        try:
            sender = parse_jid(frame.attributes["from"])
        except AddressError as error:
            raise StreamError(StreamCondition.INVALID_FROM, "from is no address") from error
        if sender.domainpart != link.domain:
            raise StreamError(StreamCondition.INVALID_FROM, "from is of another domain")
        self._host.route(ComponentOrigin(link, sender), frame)

    def component_went(self, link: Link) -> None:
        """Serve its domain no more."""
        self._forget(link.domain)

    def _forget(self, domain: str) -> None:
        for undo in self._services.pop(domain, ()):
            undo()
