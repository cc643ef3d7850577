"""What a module is, and what it sees of the server."""

from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from embedded_server.routing.features import FeatureRegistry
from embedded_server.routing.hooks import HookBus
from embedded_server.routing.host import StrangerHandler
from embedded_server.routing.inbound import Inbound
from embedded_server.routing.iq_table import IqHandler
from embedded_server.routing.router import StanzaHandler, StanzaKind
from embedded_server.sessions.directory import SessionDirectory
from shared_protocol.addresses import BareJid
from shared_protocol.errors import StanzaError

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

    def account_exists(self, jid: BareJid) -> bool:
        """Whether an address is that of an account of this host; answered from memory."""

    def take_over(self, kind: StanzaKind, handler: StanzaHandler) -> Unregister:
        """Handle all stanzas of a kind; one module for each kind."""

    def add_iq_handler(self, handler: IqHandler) -> Unregister:
        """Answer the IQs with a payload."""

    def add_handler_before_login(self, payload: str, handler: StrangerHandler) -> Unregister:
        """Answer IQs with a payload on streams that are encrypted and not logged in."""

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
