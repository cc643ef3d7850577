"""Every account as a service: personal eventing (XEP-0163 1.2.2; XEP-0060 1.30.0, section 9)."""

import logging
import time
from collections.abc import Coroutine
from typing import Any

from embedded_server.modules.discovery import DiscoveryModule
from embedded_server.modules.pubsub.announced import ACCOUNT_FEATURES
from embedded_server.modules.pubsub.decisions import FORM_CHILD, decision_of
from embedded_server.modules.pubsub.deliveries import Newcomer
from embedded_server.modules.pubsub.desk import PubSubDesk
from embedded_server.modules.pubsub.interests import InterestGained, InterestModule
from embedded_server.modules.pubsub.relations import as_known
from embedded_server.modules.roster_book import RosterBook
from embedded_server.plugin_api import (
    Accepts,
    Attachments,
    Entity,
    IqHandler,
    IqRequest,
    MessageRouting,
    ModuleHost,
    PresenceGranted,
    Session,
    SessionAvailable,
    SessionRestored,
    SessionUnavailable,
    StorageError,
)
from shared_protocol.addresses import BareJid
from shared_protocol.namespaces import PUBSUB, PUBSUB_OWNER
from shared_protocol.stanzas.disco import Identity

_IDENTITY = Identity("pubsub", "pep")
_logger = logging.getLogger(__name__)


class PepModule:
    """Answers for accounts, and sends the last events to clients that come on line."""

    def __init__(
        self,
        *,
        desk: PubSubDesk,
        rosters: RosterBook,
        interests: InterestModule,
        discovery: DiscoveryModule,
    ) -> None:
        self._desk = desk
        self._rosters = rosters
        self._interests = interests
        self._discovery = discovery
        self._held: set[Session] = set()
        self._attached = Attachments()
        self._host: ModuleHost

    def attach(self, host: ModuleHost) -> None:
        """Answer, announce, and listen to presence."""
        self._host = host
        for namespace in (PUBSUB, PUBSUB_OWNER):
            handler = IqHandler(
                f"{namespace} pubsub", Entity.ACCOUNT, Accepts.ANYONE, self._on_request
            )
            self._attached.add(host.add_iq_handler(handler))
        listen = host.hooks.listen
        self._attached.add(
            host.features.add(Entity.ACCOUNT, *ACCOUNT_FEATURES),
            host.features.add_identity(Entity.ACCOUNT, _IDENTITY),
            self._discovery.take_nodes(self._desk),
            host.hooks.answer(MessageRouting, self._on_message, payload=FORM_CHILD),
            listen(SessionAvailable, self._on_available),
            listen(SessionRestored, self._on_restored),
            listen(SessionUnavailable, self._on_unavailable),
            listen(InterestGained, self._on_interest_gained),
            listen(PresenceGranted, self._on_presence_granted),
        )

    def detach(self) -> None:
        """Take everything back."""
        self._attached.undo()

    def _on_request(self, request: IqRequest) -> Coroutine[Any, Any, bytes | None]:
        return self._desk.answer(
            request.account, request.sender, request.payload, is_set=request.is_set
        )

    def _on_message(self, question: MessageRouting) -> bool | None:
        """Take an owner's decision on a subscription to a node of the account (8.6)."""
        inbound = question.inbound
        if not inbound.is_to_own_account or not isinstance(inbound.origin, Session):
            return None
        decision = decision_of(inbound.frame.raw)
        if decision is None:
            return None
        if decision.is_allowed is not None:
            decided = self._desk.decide(
                inbound.bare_to,
                inbound.sender,
                decision.node,
                decision.subid,
                is_allowed=decision.is_allowed,
            )
            self._host.attempt_later(decided, inbound, "decide on a subscription")
        return True

    def _on_available(self, fact: SessionAvailable) -> None:
        self._host.spawn(self._hold(fact.session), "read the nodes of an account")

    def _on_restored(self, fact: SessionRestored) -> None:
        if fact.session.is_available:
            fact.work.append(self._hold(fact.session))

    async def _hold(self, session: Session) -> None:
        """Keep the nodes of who is on line in memory."""
        await self._desk.book.hold([session.full_jid.bare])
        if session.is_available:
            self._held.add(session)
        else:
            self._desk.book.release([session.full_jid.bare])

    def _on_unavailable(self, fact: SessionUnavailable) -> None:
        session = fact.session
        account = session.full_jid.bare
        if session in self._held:
            self._held.discard(session)
            self._desk.book.release([account])
        is_gone = not self._host.sessions.available_of(account.localpart)
        if is_gone and self._desk.is_concerned(account, account):
            self._host.spawn(
                self._desk.left(account, account), "end what lasts as long as presence"
            )

    def _on_interest_gained(self, fact: InterestGained) -> None:
        work = self._welcome(Newcomer(fact.session, time.time()), fact.names)
        self._host.spawn(work, "send what was published last")

    async def _welcome(self, newcomer: Newcomer, names: frozenset[str]) -> None:
        """Send the last items of the own account and of all contacts (section 4.3.4)."""
        session = newcomer.session
        own = session.full_jid.bare
        roster = await self._rosters.hold_for_session(session)
        contacts = [jid for jid in roster.watched if self._host.account_exists(jid) and jid != own]
        try:
            views = await self._rosters.views_of(own, contacts)
            sets = await self._desk.book.hold([own, *views])
            try:
                for nodes in sets:
                    who = as_known(views.get(nodes.address), session.full_jid)
                    await self._desk.deliveries.send_last(nodes, names, who, newcomer)
            finally:
                self._desk.book.release([own, *views])
        except StorageError as error:
            _logger.warning("no events for %s: %s", session.full_jid, error)

    def _on_presence_granted(self, fact: PresenceGranted) -> None:
        """Who sees an account from now on gets what it published last."""
        for session in self._host.sessions.available_of(fact.contact.localpart):
            names = self._interests.of(session)
            if names and fact.contact.domainpart == self._host.domain:
                newcomer = Newcomer(session, time.time())
                work = self._introduce(fact.account, newcomer, names)
                self._host.spawn(work, "send what was published last")

    async def _introduce(self, account: BareJid, newcomer: Newcomer, names: frozenset[str]) -> None:
        session = newcomer.session
        async with (
            self._rosters.opened(account) as roster,
            self._desk.book.opened(account) as nodes,
        ):
            who = as_known(roster.items.get(session.full_jid.bare), session.full_jid)
            await self._desk.deliveries.send_last(nodes, names, who, newcomer)
