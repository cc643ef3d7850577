"""Blocking of addresses by an account (XEP-0191 1.3).

What is blocked is stopped by ``routing.barrier``; here lists are read and changed. A change is on
disk before it is answered. Who is blocked sees the account go off line, and nothing else.
"""

import secrets
from collections.abc import Coroutine, Mapping
from typing import Any, Protocol
from weakref import WeakSet
from xml.etree.ElementTree import Element

from embedded_server.modules.presence import PresenceModule
from embedded_server.plugin_api import (
    Accepts,
    AccountDeleted,
    Attachments,
    Entity,
    IqHandler,
    IqRequest,
    MessageRouting,
    ModuleHost,
    Session,
    SessionRestored,
    SessionSaving,
)
from shared_protocol.addresses import AddressError, BareJid, Jid, parse_jid
from shared_protocol.errors import StanzaCondition, StanzaError
from shared_protocol.limits import BlockLimits
from shared_protocol.namespaces import BLOCKING, MUC_USER
from shared_protocol.stanzas.privacy.blocking import (
    Blocking,
    BlockingAction,
    from_element,
    to_element,
)
from shared_protocol.xml.elements import element_of
from shared_protocol.xml.writer import attribute, serialise

_ID_BYTES = 8
_INVITATIONS = f"{{{MUC_USER}}}x/{{{MUC_USER}}}invite"


class BlockStore(Protocol):
    """Keeps block lists; ``storage.block_repository.BlockRepository`` fits."""

    @property
    def lists(self) -> Mapping[str, frozenset[Jid]]:
        """Whom accounts block, by localpart, as it was read at the start."""

    async def change(
        self, localpart: str, *, added: tuple[Jid, ...] = (), removed: tuple[Jid, ...] = ()
    ) -> None:
        """Change an account's list; it is on disk when this returns."""


class BlockingModule:
    """Answers queries and changes of block lists, and tells an account's other resources."""

    def __init__(
        self, *, store: BlockStore, presence: PresenceModule, limits: BlockLimits | None = None
    ) -> None:
        self._store = store
        self._presence = presence
        self._limits = limits or BlockLimits()
        self._interested: WeakSet[Session] = WeakSet()
        self._attached = Attachments()
        self._host: ModuleHost

    def attach(self, host: ModuleHost) -> None:
        """Answer for the own account, and announce it."""
        self._host = host
        for localpart, addresses in self._store.lists.items():
            host.block_lists.put(localpart, addresses)
        for action in BlockingAction:
            is_query = action is BlockingAction.LIST
            handler = IqHandler(
                payload=f"{BLOCKING} {action.value}",
                entity=Entity.ACCOUNT,
                accepts=Accepts.OWN_ACCOUNT,
                handle=self._on_query if is_query else self._on_change,
                types=frozenset({"get" if is_query else "set"}),
            )
            self._attached.add(host.add_iq_handler(handler))
        self._attached.add(
            host.features.add(Entity.SERVER, BLOCKING),
            host.features.add(Entity.ACCOUNT, BLOCKING),
            host.hooks.listen(AccountDeleted, self._on_account_deleted),
            host.hooks.answer(SessionSaving, self._on_session_saving),
            host.hooks.listen(SessionRestored, self._on_session_restored),
            host.hooks.answer(MessageRouting, self._on_invitation, payload=f"{MUC_USER} x"),
        )

    def detach(self) -> None:
        """Take everything back."""
        self._attached.undo()

    def _on_session_saving(self, question: SessionSaving) -> None:
        if question.session in self._interested:
            question.notes[BLOCKING] = ""

    def _on_session_restored(self, fact: SessionRestored) -> None:
        if BLOCKING in fact.notes:
            self._interested.add(fact.session)

    def _on_query(self, request: IqRequest) -> Element:
        """Section 3.2; from now on the resource is told of changes."""
        self._interested.add(request.inbound.session)
        blocked = self._host.block_lists.of(request.sender.localpart)
        return to_element(Blocking(BlockingAction.LIST, tuple(sorted(blocked, key=str))))

    def _on_change(self, request: IqRequest) -> Coroutine[Any, Any, None]:
        wanted = from_element(request.payload)
        account = request.sender.bare
        if wanted.action is BlockingAction.BLOCK:
            return self._block(account, wanted)
        return self._unblock(account, wanted)

    async def _block(self, account: BareJid, wanted: Blocking) -> None:
        """Section 3.3."""
        lists = self._host.block_lists
        before = lists.of(account.localpart)
        added = tuple(jid for jid in wanted.addresses if jid not in before)
        if 0 < self._limits.addresses < len(before) + len(added):
            raise StanzaError(StanzaCondition.RESOURCE_CONSTRAINT, "the block list is full")
        if added:
            await self._store.change(account.localpart, added=added)
            await self._presence.part(account, frozenset(added))
            lists.put(account.localpart, lists.of(account.localpart) | set(added))
        self._push(account, wanted)

    async def _unblock(self, account: BareJid, wanted: Blocking) -> None:
        """Sections 3.4 and 3.5: without an address, all are meant."""
        lists = self._host.block_lists
        removed = wanted.addresses or tuple(lists.of(account.localpart))
        await self._store.change(account.localpart, removed=removed)
        lists.put(account.localpart, lists.of(account.localpart) - set(removed))
        await self._presence.join(account, frozenset(removed))
        self._push(account, wanted)

    def _push(self, account: BareJid, change: Blocking) -> None:
        payload = serialise(to_element(change))
        for session in self._host.sessions.sessions_of(account.localpart):
            if session in self._interested:
                to = attribute("to", str(session.full_jid))
                head = f"<iq type='set' id='{secrets.token_hex(_ID_BYTES)}'{to}>"
                session.send(b"%b%b</iq>" % (head.encode(), payload))

    def _on_account_deleted(self, fact: AccountDeleted) -> None:
        self._host.block_lists.put(fact.account.localpart, frozenset())

    def _on_invitation(self, question: MessageRouting) -> bool | None:
        """A room speaks for who invites: what comes from who is blocked is dropped."""
        inbound = question.inbound
        lists = self._host.block_lists
        if inbound.to.localpart not in lists:
            return None
        message = element_of(inbound.frame.raw)
        senders = [one.get("from", "") for one in message.iterfind(_INVITATIONS)]
        is_blocked = any(lists.blocks(inbound.to, jid) for jid in _addresses(senders))
        return True if is_blocked else None


def _addresses(texts: list[str]) -> list[Jid]:
    found = []
    for text in texts:
        try:
            found.append(parse_jid(text))
        except AddressError:
            continue
    return found
