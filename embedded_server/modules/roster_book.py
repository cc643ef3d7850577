"""Rosters of those who are on line, in memory; the truth is in the store (RFC 6121, section 2).

A roster is read once, when its account or a request to it first needs it, and written through: the
memory changes at once, and whoever asked is answered when the change is on disk.
"""

import asyncio
import re
import secrets
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial

from embedded_server.plugin_api import (
    Attachments,
    Inbound,
    ModuleHost,
    OnCommitted,
    Phase,
    RosterRepository,
    Session,
    SessionClosed,
    SessionRestored,
    StorageError,
    to_attribute,
)
from shared_protocol.addresses import BareJid
from shared_protocol.namespaces import ROSTER
from shared_protocol.stanzas.roster import RosterItem, Subscription, item_to_element
from shared_protocol.xml.writer import attribute, serialise

_SEEN_BY = frozenset({Subscription.FROM, Subscription.BOTH})
_VERSION = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)
_SEES = frozenset({Subscription.TO, Subscription.BOTH})


class Roster:
    """One account's roster.

    Attributes:
        account: Whose it is.
        version: Grows with every change; unique over the account's life.
        items: Contacts by address.
        requests: Whole subscription requests that wait for an answer, by sender, oldest first.
    """

    def __init__(
        self,
        account: BareJid,
        version: int,
        items: dict[BareJid, RosterItem],
        requests: dict[BareJid, bytes],
    ) -> None:
        self.account = account
        self.version = version
        self.items = items
        self.requests = requests
        self._observer_addresses: tuple[tuple[str, bytes], ...] | None = None
        self._watched: tuple[BareJid, ...] | None = None
        self._distant: tuple[BareJid, ...] | None = None
        self._payload: bytes | None = None

    @property
    def observer_addresses(self) -> tuple[tuple[str, bytes], ...]:
        """Contacts of this domain that see this account's presence (subscription from or both).

        Pairs of localpart and ``to`` attribute, ready for the fan-out.
        """
        if self._observer_addresses is None:
            domain = self.account.domainpart
            self._observer_addresses = tuple(
                (jid.localpart, to_attribute(jid))
                for jid in self._contacts(_SEEN_BY)
                if jid.domainpart == domain and jid != self.account
            )
        return self._observer_addresses

    @property
    def distant_observers(self) -> tuple[BareJid, ...]:
        """Contacts of other domains that see this account's presence."""
        if self._distant is None:
            domain = self.account.domainpart
            self._distant = tuple(
                jid for jid in self._contacts(_SEEN_BY) if jid.domainpart != domain
            )
        return self._distant

    @property
    def watched(self) -> tuple[BareJid, ...]:
        """Contacts whose presence this account sees (subscription to or both)."""
        if self._watched is None:
            self._watched = self._contacts(_SEES)
        return self._watched

    @property
    def payload(self) -> bytes:
        """The whole roster as the child of an IQ result, with its version."""
        if self._payload is None:
            items = b"".join(map(item_bytes, self.items.values()))
            head = f"<query xmlns='{ROSTER}' ver='{self.version}'>".encode()
            self._payload = b"%b%b</query>" % (head, items)
        return self._payload

    def is_seen_by(self, observer: BareJid) -> bool:
        """Whether a contact sees this account's presence."""
        item = self.items.get(observer)
        return item is not None and item.subscription in _SEEN_BY

    def put(self, item: RosterItem) -> None:
        """Add or replace an item, in memory only, and raise the version."""
        self.items[item.jid] = item
        self._changed()

    def remove(self, jid: BareJid) -> None:
        """Take an item out, in memory only, and raise the version."""
        del self.items[jid]
        self._changed()

    def _changed(self) -> None:
        # Never a number again that an account of this name has had before, nor after a restored
        # backup: the version is opaque for clients (section 2.6.1), so it may jump.
        self.version = max(self.version + 1, int(time.time()))
        self._observer_addresses = self._watched = self._distant = self._payload = None

    def _contacts(self, subscriptions: frozenset[Subscription]) -> tuple[BareJid, ...]:
        return tuple(jid for jid, item in self.items.items() if item.subscription in subscriptions)


class RosterBook:
    """All rosters that are in memory: those of accounts on line, and those in use right now."""

    def __init__(self, *, store: RosterRepository) -> None:
        self._store = store
        self._rosters: dict[str, Roster] = {}
        self._users: Counter[str] = Counter()
        self._by_session: dict[Session, Roster] = {}
        self._attached = Attachments()
        self._host: ModuleHost

    def attach(self, host: ModuleHost) -> None:
        """Listen for sessions that end, so that their rosters leave the memory."""
        self._host = host
        self._attached.add(
            host.hooks.listen(SessionRestored, self._on_session_restored),
            host.hooks.listen(SessionClosed, self._on_session_closed, phase=Phase.LATE),
        )

    def detach(self) -> None:
        """Take everything back."""
        self._attached.undo()

    def of_session(self, session: Session) -> Roster | None:
        """Return the roster that ``hold_for_session`` has read for a session, if it has."""
        return self._by_session.get(session)

    def when_ready(self, inbound: Inbound, action: Callable[[Inbound, Roster], None]) -> None:
        """Run an action with the roster of a stanza's sender, at once if it is in memory.

        If it must be read, later stanzas of the session wait.
        """
        roster = self._by_session.get(inbound.session)
        if roster is not None:
            action(inbound, roster)
        else:
            self._host.attempt_later(self._when_read(inbound, action), inbound, "read a roster")

    async def hold_for_session(self, session: Session) -> Roster:
        """Return the roster of a session's account; it stays in memory until the session ends.

        Raises:
            StorageError: It cannot be read.
        """
        roster = self._by_session.get(session)
        if roster is None:
            account = session.full_jid.bare
            roster = await self.hold(account)
            if session in self._by_session:
                self.release(account)
            else:
                self._by_session[session] = roster
        return roster

    def get(self, account: BareJid) -> Roster | None:
        """Return a roster that is in memory; that of an available account always is."""
        return self._rosters.get(account.localpart)

    async def views_of(
        self, contact: BareJid, accounts: Sequence[BareJid]
    ) -> dict[BareJid, RosterItem]:
        """Return what a contact is to many accounts; those that do not have it are left out.

        Rosters that are not in memory are not brought there, but looked into all at once.

        Raises:
            StorageError: They could not be read.
        """
        views: dict[BareJid, RosterItem] = {}
        absent = [one for one in accounts if one.localpart not in self._rosters]
        if absent:
            stored = await self._store.items_about(contact, [one.localpart for one in absent])
            for one in absent:
                if one.localpart in stored:
                    views[one] = stored[one.localpart]
        for one in accounts:
            roster = self._rosters.get(one.localpart)  # the newest word, if it is there by now
            item = None if roster is None else roster.items.get(contact)
            if item is not None:
                views[one] = item
            elif roster is not None:
                views.pop(one, None)
        return views

    async def hold(self, account: BareJid) -> Roster:
        """Return an account's roster and keep it in memory until ``release``.

        Raises:
            StorageError: It cannot be read; then it is not held.
        """
        localpart = account.localpart
        self._users[localpart] += 1
        if (roster := self._rosters.get(localpart)) is not None:
            return roster
        try:
            stored = await self._store.load(localpart)
        except BaseException:
            self.release(account)
            raise
        roster = Roster(account, stored.version, dict(stored.items), dict(stored.requests))
        # Somebody else may have read it meanwhile, and may have changed it since.
        return self._rosters.setdefault(localpart, roster)

    def release(self, account: BareJid) -> None:
        """Let go what ``hold`` returned; the last one takes it out of memory."""
        localpart = account.localpart
        self._users[localpart] -= 1
        if self._users[localpart] <= 0:
            del self._users[localpart]
            self._rosters.pop(localpart, None)

    @asynccontextmanager
    async def opened(self, account: BareJid) -> AsyncIterator[Roster]:
        """Hold a roster for the time of a block."""
        roster = await self.hold(account)
        try:
            yield roster
        finally:
            self.release(account)

    def push(self, roster: Roster, item: RosterItem, version: int) -> None:
        """Tell every resource that asked for the roster (section 2.1.6), available or not.

        Args:
            roster: Where it has changed.
            item: As it is now; of subscription ``REMOVE`` if it is gone.
            version: That of the change: others may have followed it since.
        """
        for session in self._host.sessions.sessions_of(roster.account.localpart):
            if session.is_interested:
                session.send(_push(session.full_jid, item, version))

    async def changes_since(self, roster: Roster, version: str) -> dict[BareJid, int] | None:
        """Tell whose items changed after a version, as ``RosterRepository.changes_since``.

        Args:
            roster: Where they changed.
            version: As a client names it; one that cannot be ours is not known.
        """
        if not _VERSION.fullmatch(version):
            return None
        return await self._store.changes_since(roster.account.localpart, int(version))

    def push_changes(
        self, session: Session, roster: Roster, changes: Mapping[BareJid, int]
    ) -> None:
        """Tell one resource what changed while it was away: items as they are now (2.6.3)."""
        for jid, version in changes.items():
            gone = RosterItem(jid, subscription=Subscription.REMOVE)
            session.send(_push(session.full_jid, roster.items.get(jid, gone), version))

    def forget(self, account: BareJid) -> None:
        """An account is gone: nothing of its roster stays in memory."""
        self._rosters.pop(account.localpart, None)

    def put(self, roster: Roster, item: RosterItem) -> Awaitable[None]:
        """Add or replace an item: now in memory, and on disk when the result is awaited.

        Raises:
            StorageError: From the awaited result; the item is then what it was.
        """
        before = roster.items.get(item.jid)
        roster.put(item)
        localpart, version = roster.account.localpart, roster.version
        return self._written(
            partial(self._store.put_in_order, localpart, item, version),
            lambda: _restore(roster, item.jid, before),
        )

    def remove(self, roster: Roster, jid: BareJid) -> Awaitable[None]:
        """Take an item out; as ``put``."""
        before = roster.items[jid]
        roster.remove(jid)
        localpart, version = roster.account.localpart, roster.version
        return self._written(
            partial(self._store.remove_in_order, localpart, jid, version),
            lambda: _restore(roster, jid, before),
        )

    def put_request(self, roster: Roster, sender: BareJid, stanza: bytes) -> Awaitable[None]:
        """Keep a whole subscription request until it is answered (section 3.1.3); as ``put``."""
        roster.requests[sender] = stanza
        return self._written(
            partial(self._store.put_request_in_order, roster.account.localpart, sender, stanza),
            lambda: roster.requests.pop(sender, None),
        )

    def remove_request(self, roster: Roster, sender: BareJid) -> Awaitable[None]:
        """Drop a subscription request that was answered or taken back; as ``put``."""
        stanza = roster.requests.pop(sender)
        return self._written(
            partial(self._store.remove_request_in_order, roster.account.localpart, sender),
            lambda: roster.requests.setdefault(sender, stanza),
        )

    async def _when_read(self, inbound: Inbound, action: Callable[[Inbound, Roster], None]) -> None:
        action(inbound, await self.hold_for_session(inbound.session))

    def _on_session_restored(self, fact: SessionRestored) -> None:
        fact.work.append(self._hold_again(fact.session))

    async def _hold_again(self, session: Session) -> None:
        await self.hold_for_session(session)

    def _on_session_closed(self, fact: SessionClosed) -> None:
        if self._by_session.pop(fact.session, None) is not None:
            self.release(fact.session.full_jid.bare)

    def _written(
        self, submit: Callable[[OnCommitted], None], undo: Callable[[], object]
    ) -> Awaitable[None]:
        """Hand a write to the store at once, so that writes keep the order of the changes."""
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def on_committed(outcome: object) -> None:
            failure = outcome if isinstance(outcome, StorageError) else None
            if failure is not None:
                undo()
            if written.done():
                return
            if failure is None:
                written.set_result(None)
            else:
                written.set_exception(failure)

        submit(on_committed)
        return written


def item_bytes(item: RosterItem) -> bytes:
    """Write an item as it stands in a roster query."""
    return serialise(item_to_element(item), ROSTER)


def _push(receiver: object, item: RosterItem, version: int) -> bytes:
    """Write a roster push (section 2.1.6) for one resource; the id is random."""
    head = f"<iq type='set' id='{secrets.token_hex(8)}'" + attribute("to", str(receiver))
    query = f"><query xmlns='{ROSTER}' ver='{version}'>"
    return b"%b%b</query></iq>" % ((head + query).encode(), item_bytes(item))


def _restore(roster: Roster, jid: BareJid, before: RosterItem | None) -> None:
    if before is not None:
        roster.put(before)
    elif jid in roster.items:
        roster.remove(jid)
