"""One domain of the server: its sessions, its router, its hooks, and what it announces."""

import logging
from collections.abc import Callable, Coroutine
from typing import Any, NamedTuple, Protocol
from xml.etree.ElementTree import Element

from embedded_server.network.http.web_site import WebSite
from embedded_server.routing.attempts import StanzaHandler
from embedded_server.routing.binding_features import BindingFeatures
from embedded_server.routing.block_lists import BlockLists
from embedded_server.routing.features import Entity, FeatureRegistry, StreamPhase
from embedded_server.routing.hooks import HookBus
from embedded_server.routing.inbound import Inbound
from embedded_server.routing.iq_table import IqHandler, IqTable
from embedded_server.routing.origin import Origin, ServiceOrigin
from embedded_server.routing.replies import error_reply, iq_result
from embedded_server.routing.router import Router, StanzaKind
from embedded_server.routing.session_hooks import ReadStored, SessionHooks
from embedded_server.sessions.directory import SessionDirectory
from embedded_server.sessions.session import Session
from embedded_server.sessions.task_owner import TaskOwner
from shared_protocol.addresses import BareJid, FullJid, Jid, parse_jid
from shared_protocol.errors import RemoteProtocolError, StanzaCondition, StanzaError
from shared_protocol.xml.framer import frame_of
from shared_protocol.xml.frames import StanzaFrame

Unregister = Callable[[], None]

_logger = logging.getLogger(__name__)


class StrangerRequest(NamedTuple):
    """An IQ of somebody who is encrypted and not logged in."""

    frame: StanzaFrame
    peer_address: str


StrangerHandler = Callable[[StrangerRequest], Coroutine[Any, Any, bytes]]


class AccountNames(Protocol):
    """Which accounts there are; asked for every stanza, so it answers from memory."""

    def exists(self, localpart: str) -> bool:
        """Whether there is an account of this name, in its normal form."""


class Host:
    """What the streams talk to (``StreamHost``), and what modules are attached to.

    Attributes:
        domain: In its normal form.
        jid: The domain as an address.
        hooks: Where modules are asked and told.
        features: What is announced.
        sessions: Who is bound.
        session_hooks: Tells modules of sessions.
        binding: What sessions may begin with.
        block_lists: Whom its accounts block.
        web: What is shown over HTTPS.
    """

    def __init__(
        self,
        *,
        domain: str,
        accounts: AccountNames,
        sessions: SessionDirectory,
        web: WebSite | None = None,
    ) -> None:
        self.domain = domain
        self.jid = BareJid("", domain)
        self.hooks = HookBus()
        self.features = FeatureRegistry()
        self.sessions = sessions
        self.web = web or WebSite(domain)
        self._accounts = accounts
        self._before_login: dict[str, StrangerHandler] = {}
        self.binding = BindingFeatures()
        self.session_hooks = SessionHooks(self.hooks, self.binding)
        self._tasks = TaskOwner()
        self.block_lists = BlockLists(domain)
        self._router = Router(
            domain=domain,
            account_exists=accounts.exists,
            sessions=sessions,
            hooks=self.hooks,
            tasks=self._tasks,
            block_lists=self.block_lists,
        )

    @property
    def features_at_binding(self) -> tuple[str, ...]:
        """What sessions may begin with, by namespace."""
        return self.binding.namespaces

    @property
    def iqs(self) -> IqTable:
        """Who answers which IQ."""
        return self._router.iqs

    async def stop(self) -> None:
        """End the work that is still under way."""
        await self._tasks.stop()

    # What streams call.

    def features_before_login(self) -> bytes:
        """Return what modules announce to clients that are encrypted and not logged in."""
        return self.features.of_stream(StreamPhase.BEFORE_LOGIN)

    def features_after_login(self) -> bytes:
        """Return what modules announce to clients that have no resource yet."""
        return self.features.of_stream(StreamPhase.AFTER_LOGIN)

    async def iq_before_login(self, frame: StanzaFrame, peer_address: str) -> bytes:
        """Answer an IQ of somebody who is not logged in; nearly always with an error."""
        name = frame.children[0] if len(frame.children) == 1 else ""
        handler = self._before_login.get(name, _refuse_stranger)
        try:
            payload = await handler(StrangerRequest(frame, peer_address))
        except StanzaError as error:
            return error_reply("iq", frame.attributes, "", error)
        except RemoteProtocolError as error:
            refusal = StanzaError(StanzaCondition.BAD_REQUEST, str(error))
            return error_reply("iq", frame.attributes, "", refusal)
        return iq_result(frame.attributes, "", payload)

    def stanza_received(self, session: Session, frame: StanzaFrame) -> None:
        """Take a stanza of a session.

        Raises:
            StreamError: Nobody handles such an element.
        """
        self._router.receive(session, frame)

    # What modules call.

    def serve(
        self, domain: str, handler: StanzaHandler, *, orders_messages: bool = False
    ) -> Unregister:
        """Take all that is sent to another domain; see ``Router.serve``."""
        return self._router.serve(domain, handler, orders_messages=orders_messages)

    def answer_iq(self, table: IqTable, inbound: Inbound, entity: Entity) -> None:
        """Answer an IQ request to a service from a table of its own; see ``IqAnswers.answer``."""
        self._router.answers.answer(table, inbound, entity)

    def route(self, origin: Origin, frame: StanzaFrame) -> None:
        """Send a stanza of a service on its way, by the same rules as one of a client."""
        self._router.receive(origin, frame)

    def deliver(self, stanza: bytes, to: Jid) -> None:
        """Hand over a stanza that a service made: at once to a session of this host, else routed.

        Args:
            stanza: Whole, with ``from`` and ``to``, in the namespace ``jabber:client``.
            to: Its address.
        """
        is_here = to.domainpart == self.domain and to.localpart not in self.block_lists
        if is_here and isinstance(to, FullJid):
            session = self.sessions.get(to)
            if session is not None:
                session.send(stanza)
                return
        frame = frame_of(stanza)
        sender = parse_jid(frame.attributes["from"])
        self._router.receive(ServiceOrigin(sender), frame)

    async def ask(
        self, to: Jid, payload: bytes, *, sender: Jid | None = None, kind: str = "get"
    ) -> Element:
        """Ask an IQ in the name of the domain, or of another address of this server.

        Answers to a service's address reach its handler, which hands them to ``take_answer``.
        See ``OutgoingRequests.ask``.
        """
        asking = self.jid if sender is None else sender
        return await self._router.requests.ask(to, payload, sender=asking, kind=kind)

    def take_answer(self, inbound: Inbound) -> bool:
        """Take an answer that came to a service; False if nobody waits for it."""
        return self._router.requests.take(inbound)

    def account_exists(self, jid: BareJid) -> bool:
        """Whether an address is that of an account of this host."""
        return jid.domainpart == self.domain and self._accounts.exists(jid.localpart)

    def take_over(self, kind: StanzaKind, handler: StanzaHandler) -> Unregister:
        """Handle all stanzas of a kind; see ``Router.take_over``."""
        return self._router.take_over(kind, handler)

    def read_stored_by(self, read: ReadStored) -> Unregister:
        """Let a module read stored messages; see ``SessionHooks.read_stored_by``."""
        return self.session_hooks.read_stored_by(read)

    def add_handler_before_login(self, payload: str, handler: StrangerHandler) -> Unregister:
        """Answer IQs with a payload ("namespace local") on streams that are not logged in."""
        self._before_login[payload] = handler

        def take_back() -> None:
            self._before_login.pop(payload, None)

        return take_back

    def add_iq_handler(self, handler: IqHandler) -> Unregister:
        """Answer an IQ; see ``IqTable.add``."""
        return self._router.iqs.add(handler)

    def attempt(self, handler: StanzaHandler, inbound: Inbound) -> None:
        """Run a handler for a stanza that had to wait; its errors are answers."""
        self._router.attempts.attempt(handler, inbound)

    def attempt_later(self, work: Coroutine[Any, Any, None], inbound: Inbound, name: str) -> None:
        """Run work for a stanza that waits for the store; see ``Router.attempt_later``."""
        self._router.attempt_later(work, inbound, name)

    def refuse(self, inbound: Inbound, error: StanzaError) -> None:
        """Answer a stanza with an error, unless it is one itself."""
        self._router.attempts.refuse(inbound.origin, inbound.frame, error)

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """Run work that belongs to no stanza; it ends with the host at the latest."""
        self._tasks.spawn(work, name)


async def _refuse_stranger(_request: StrangerRequest) -> bytes:
    raise StanzaError(StanzaCondition.SERVICE_UNAVAILABLE)
