"""What a module is, and what it sees of the server."""

from collections.abc import Callable, Coroutine
from typing import Any, Protocol
from xml.etree.ElementTree import Element

from embedded_server.network.http.web_site import WebSite
from embedded_server.routing.attempts import StanzaHandler
from embedded_server.routing.binding_features import BindingFeatures
from embedded_server.routing.block_lists import BlockLists
from embedded_server.routing.features import Entity, FeatureRegistry
from embedded_server.routing.hooks import HookBus
from embedded_server.routing.host import StrangerHandler
from embedded_server.routing.inbound import Inbound
from embedded_server.routing.iq_table import IqHandler, IqTable
from embedded_server.routing.origin import Origin
from embedded_server.routing.router import StanzaKind
from embedded_server.routing.session_hooks import ReadStored
from embedded_server.sessions.directory import SessionDirectory
from shared_protocol.addresses import BareJid, Jid
from shared_protocol.errors import StanzaError
from shared_protocol.xml.frames import StanzaFrame

Unregister = Callable[[], None]


class ModuleHost(Protocol):
    """The host as a module sees it; ``routing.host.Host`` fits."""

    @property
    def domain(self) -> str:
        """The domain, in its normal form."""

    @property
    def jid(self) -> BareJid:
        """The domain as an address."""

    @property
    def hooks(self) -> HookBus:
        """Where modules are asked and told."""

    @property
    def features(self) -> FeatureRegistry:
        """What the host announces."""

    @property
    def sessions(self) -> SessionDirectory:
        """Who is bound."""

    @property
    def binding(self) -> BindingFeatures:
        """What sessions may begin with that are bound within their login (XEP-0386)."""

    @property
    def block_lists(self) -> BlockLists:
        """Whom accounts block; what goes round the router must ask (XEP-0191)."""

    @property
    def web(self) -> WebSite:
        """What the host shows over HTTPS."""

    def account_exists(self, jid: BareJid) -> bool:
        """Whether an address is that of an account of this host; answered from memory."""

    def take_over(self, kind: StanzaKind, handler: StanzaHandler) -> Unregister:
        """Handle all stanzas of a kind; one module for each kind."""

    def serve(
        self, domain: str, handler: StanzaHandler, *, orders_messages: bool = False
    ) -> Unregister:
        """Take all that is sent to another domain, in the order of its sender.

        IQ requests have an id and one child; what is of type result or error is not answered. With
        ``orders_messages`` the handler keeps the order of messages itself, and gets them earlier.

        Raises:
            ValueError: The domain is served already.
        """

    def answer_iq(self, table: IqTable, inbound: Inbound, entity: Entity) -> None:
        """Answer an IQ request to a service from a table of its own.

        Raises:
            StanzaError: Nobody answers it, or not to this sender.
        """

    def route(self, origin: Origin, frame: StanzaFrame) -> None:
        """Send a stanza of a service on its way, by the same rules as one of a client."""

    def deliver(self, stanza: bytes, to: Jid) -> None:
        """Hand over a whole stanza that a service made: to a session at once, else routed."""

    async def ask(
        self, to: Jid, payload: bytes, *, sender: Jid | None = None, kind: str = "get"
    ) -> Element:
        """Ask an IQ in the name of the domain or of another address here; return the result.

        Args:
            to: Whom.
            payload: The only child, written for the namespace ``jabber:client``.
            sender: In whose name; the domain without it.
            kind: ``get`` or ``set``.

        Raises:
            StanzaError: What was answered; ``remote-server-timeout`` if nothing was in time.
        """

    def take_answer(self, inbound: Inbound) -> bool:
        """Take an answer that came to a service; False if nobody waits for it."""

    def add_iq_handler(self, handler: IqHandler) -> Unregister:
        """Answer the IQs with a payload."""

    def read_stored_by(self, read: ReadStored) -> Unregister:
        """Read, one at a time, the messages whose rows were given to ``Session.send``.

        The reader returns the stanza as it is delivered now, with its delay; None if it is gone.
        """

    def add_handler_before_login(self, payload: str, handler: StrangerHandler) -> Unregister:
        """Answer IQs with a payload on streams that are encrypted and not logged in."""

    def attempt(self, handler: StanzaHandler, inbound: Inbound) -> None:
        """Run a handler for a stanza that had to wait; its errors are answers."""

    def attempt_later(self, work: Coroutine[Any, Any, None], inbound: Inbound, name: str) -> None:
        """Run work that waits; later stanzas of the session wait for it, its errors are answers."""

    def refuse(self, inbound: Inbound, error: StanzaError) -> None:
        """Answer a stanza with an error, unless it is one itself."""

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """Run work that belongs to no stanza."""


class ServerModule(Protocol):
    """One feature of the server."""

    def attach(self, host: ModuleHost) -> None:
        """Register everything; called once, before the first stream."""

    def detach(self) -> None:
        """Take everything back that ``attach`` registered."""
