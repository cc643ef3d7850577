"""Subscriptions between accounts (RFC 6121, section 3 and appendix A).

Each stanza changes two rosters: the sender's by the outbound table, then the contact's by the
inbound one. A change is on disk before anybody is told of it. A contact that does not exist is
answered with silence, and the sender's request stays open: an error would tell who has an account.
"""

from collections.abc import Awaitable, Iterable
from dataclasses import replace

from embedded_server.modules.presence import PresenceModule
from embedded_server.modules.roster_book import Roster, RosterBook
from embedded_server.plugin_api import (
    Attachments,
    Inbound,
    ModuleHost,
    Recipient,
    SessionAvailable,
    StanzaKind,
    StreamPhase,
    stamped_tree,
)
from shared_protocol.addresses import BareJid
from shared_protocol.errors import StanzaCondition, StanzaError
from shared_protocol.limits import RosterLimits
from shared_protocol.namespaces import SUBSCRIPTION_PRE_APPROVAL
from shared_protocol.stanzas import subscription_states
from shared_protocol.stanzas.presence import PresenceType
from shared_protocol.stanzas.roster import RosterItem, Subscription
from shared_protocol.stanzas.subscription_states import SubscriptionState, Transition
from shared_protocol.xml.writer import attribute, serialise

_PRE_APPROVAL = f"<sub xmlns='{SUBSCRIPTION_PRE_APPROVAL}'/>".encode()
_ASKING = frozenset({PresenceType.SUBSCRIBE, PresenceType.SUBSCRIBED})


class SubscriptionModule:
    """Moves both ends of a subscription through their states."""

    def __init__(self, *, book: RosterBook, presence: PresenceModule, limits: RosterLimits) -> None:
        self._book = book
        self._presence = presence
        self._limits = limits
        self._attached = Attachments()
        self._host: ModuleHost

    def attach(self, host: ModuleHost) -> None:
        """Take over subscription stanzas, and announce pre-approval (section 3.4)."""
        self._host = host
        self._attached.add(
            host.take_over(StanzaKind.SUBSCRIPTION, self._on_stanza),
            host.hooks.listen(SessionAvailable, self._on_session_available),
            host.features.add_to_streams(_pre_approval),
        )

    def detach(self) -> None:
        """Take everything back."""
        self._attached.undo()

    async def end(self, roster: Roster, contact: BareJid) -> None:
        """Cancel both subscriptions, as their state asks, before an item goes (section 2.5.2).

        Raises:
            StorageError: They are what they were, as far as they were not ended yet.
        """
        state = _state(roster, contact)
        if state.sees_contact or state.is_asked:
            await self._leave(roster, contact, PresenceType.UNSUBSCRIBE)
        if state.is_seen_by_contact or state.has_request:
            await self._leave(roster, contact, PresenceType.UNSUBSCRIBED)

    async def forget(self, gone: BareJid, accounts: Iterable[str]) -> None:
        """End what the other accounts had agreed on with one that was deleted.

        Else whoever gets the name next would see their presence.

        Args:
            gone: The account that exists no more.
            accounts: Localparts of all accounts.

        Raises:
            StorageError: Some still have the subscription.
        """
        for localpart in accounts:
            account = BareJid(localpart, self._host.domain)
            for kind in (PresenceType.UNSUBSCRIBE, PresenceType.UNSUBSCRIBED):
                await self._arrive(account, gone, kind, _stanza(kind, gone, account))

    def _on_stanza(self, inbound: Inbound) -> None:
        if inbound.bare_to == inbound.sender.bare:
            return  # everybody sees the own resources anyway
        is_ours = inbound.sender.domainpart == self._host.domain
        work = self._send(inbound) if is_ours else self._take(inbound)
        self._host.attempt_later(work, inbound, "change a subscription")

    async def _take(self, inbound: Inbound) -> None:
        """Take what somebody of another domain says to an account of this host."""
        if inbound.recipient is Recipient.REMOTE:
            raise StanzaError(StanzaCondition.REMOTE_SERVER_NOT_FOUND)
        stanza, account = self._written(inbound), inbound.bare_to
        await self._arrive(account, inbound.sender.bare, PresenceType(inbound.type), stanza)

    async def _send(self, inbound: Inbound) -> None:
        kind, contact = PresenceType(inbound.type), inbound.bare_to
        if inbound.recipient is Recipient.REMOTE and kind in _ASKING:
            raise StanzaError(StanzaCondition.REMOTE_SERVER_NOT_FOUND)
        stanza = self._written(inbound)
        roster = await self._book.hold_for_session(inbound.session)
        await self._outbound(roster, contact, kind, stanza)

    def _written(self, inbound: Inbound) -> bytes:
        """Stamp it with the bare JID, and address it to one (sections 3.1.2 and 3.1.3)."""
        sender, receiver = inbound.sender.bare, inbound.bare_to
        stanza = serialise(stamped_tree(inbound, sender=sender, to=receiver))
        if len(stanza) > self._limits.request_bytes > 0:
            raise StanzaError(StanzaCondition.NOT_ACCEPTABLE, "too much in a subscription stanza")
        return stanza

    async def _leave(self, roster: Roster, contact: BareJid, kind: PresenceType) -> None:
        stanza = _stanza(kind, roster.account, contact)
        await self._outbound(roster, contact, kind, stanza)

    async def _outbound(
        self, roster: Roster, contact: BareJid, kind: PresenceType, stanza: bytes
    ) -> None:
        """Let an account say something to a contact."""
        before = _state(roster, contact)
        item = roster.items.get(contact)
        is_approved = item is not None and item.approved
        step = subscription_states.outbound(before, kind, is_approved=is_approved)
        is_new = step.is_roster_pushed and item is None
        if is_new and 0 < self._limits.items <= len(roster.items):
            raise StanzaError(StanzaCondition.RESOURCE_CONSTRAINT, "the roster is full")
        changes, version = self._changed(roster, contact, step, stanza), roster.version
        await _all(changes)
        if step.is_roster_pushed:
            self._book.push(roster, _item(roster, contact, step), version)
        if step.is_routed:
            await self._arrive(contact, roster.account, kind, stanza)
        self._show_or_hide(roster.account, contact, before, step)

    async def _arrive(
        self, account: BareJid, sender: BareJid, kind: PresenceType, stanza: bytes
    ) -> None:
        """Let a subscription stanza arrive: at a service, or at an account; silence without one."""
        if account.domainpart != self._host.domain:
            self._host.deliver(stanza, account)
            return
        if not self._host.account_exists(account):  # RFC 6121, section 8.5.1
            return
        is_stopped = self._host.block_lists.blocks(account, sender)
        if is_stopped and kind in _ASKING:  # XEP-0191, section 3.3
            return
        async with self._book.opened(account) as roster:
            before = _state(roster, sender)
            item = roster.items.get(sender)
            is_approved = item is not None and item.approved
            step = subscription_states.inbound(before, kind, is_approved=is_approved)
            if _is_new_request(before, step) and self._is_full_of_requests(roster):
                return
            changes, version = self._changed(roster, sender, step, stanza), roster.version
            await _all(changes)
            if step.is_routed and not is_stopped:
                self._deliver(account, kind, stanza)
            if step.is_roster_pushed:  # behind the client's copy (sections 3.1.6, 3.2.3, 3.3.3)
                self._book.push(roster, _item(roster, sender, step), version)
            self._show_or_hide(account, sender, before, step)
            if step.auto_reply is not None:
                await self._reply(account, sender, step)

    async def _reply(self, account: BareJid, sender: BareJid, step: Transition) -> None:
        kind = step.auto_reply
        if kind is None:
            return
        await self._arrive(sender, account, kind, _stanza(kind, account, sender))
        if kind is PresenceType.SUBSCRIBED:
            self._presence.show_to(account, sender)

    def _changed(
        self, roster: Roster, contact: BareJid, step: Transition, stanza: bytes
    ) -> list[Awaitable[None]]:
        """Change a roster in memory; what is returned waits for the disk."""
        state = step.new_state
        changes = []
        if step.is_roster_pushed:
            changes.append(self._book.put(roster, _item(roster, contact, step)))
        if state.has_request and contact not in roster.requests:
            # Whole, with its extensions, until it is answered (section 3.1.3).
            changes.append(self._book.put_request(roster, contact, stanza))
        elif not state.has_request and contact in roster.requests:
            changes.append(self._book.remove_request(roster, contact))
        return changes

    def _deliver(self, account: BareJid, kind: PresenceType, stanza: bytes) -> None:
        """A request goes to available resources (3.1.3), the rest to interested ones (3.1.6)."""
        for session in self._host.sessions.sessions_of(account.localpart):
            is_taker = session.is_available
            if kind is not PresenceType.SUBSCRIBE:
                is_taker = session.is_interested
            if is_taker:
                session.send(stanza)

    def _show_or_hide(
        self, account: BareJid, contact: BareJid, before: SubscriptionState, step: Transition
    ) -> None:
        """Send the contact the account's presence, or the end of it (sections 3.1.5 and 3.2.1)."""
        is_seen = step.new_state.is_seen_by_contact
        if is_seen and not before.is_seen_by_contact and step.auto_reply is None:
            self._presence.show_to(account, contact)
        elif before.is_seen_by_contact and not is_seen:
            self._presence.hide_from(account, contact)

    def _is_full_of_requests(self, roster: Roster) -> bool:
        return 0 < self._limits.waiting_requests <= len(roster.requests)

    def _on_session_available(self, fact: SessionAvailable) -> None:
        """Show the requests that wait for an answer to every new resource (section 3.1.3)."""
        roster = self._book.get(fact.session.full_jid.bare)
        if roster is not None:
            lists = self._host.block_lists
            for sender, stanza in roster.requests.items():
                if not lists.blocks(roster.account, sender):
                    fact.session.send(stanza)


def _state(roster: Roster, contact: BareJid) -> SubscriptionState:
    item = roster.items.get(contact, RosterItem(contact))
    return SubscriptionState.of(
        item.subscription,
        is_asked=item.ask and item.subscription in {Subscription.NONE, Subscription.FROM},
        has_request=contact in roster.requests
        and item.subscription in {Subscription.NONE, Subscription.TO},
    )


def _item(roster: Roster, contact: BareJid, step: Transition) -> RosterItem:
    return replace(
        roster.items.get(contact, RosterItem(contact)),
        subscription=step.new_state.subscription,
        ask=step.new_state.is_asked,
        approved=step.is_approved,
    )


def _is_new_request(before: SubscriptionState, step: Transition) -> bool:
    return step.new_state.has_request and not before.has_request


def _stanza(kind: PresenceType, sender: BareJid, receiver: BareJid) -> bytes:
    addresses = attribute("from", str(sender)) + attribute("to", str(receiver))
    return f"<presence type='{kind.value}'{addresses}/>".encode()


def _pre_approval(phase: StreamPhase) -> bytes:
    return _PRE_APPROVAL if phase is StreamPhase.AFTER_LOGIN else b""


async def _all(changes: list[Awaitable[None]]) -> None:
    for change in changes:
        await change
