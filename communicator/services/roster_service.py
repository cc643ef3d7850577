"""Contacts, their presence, and the people who ask to become contacts (RFC 6121)."""

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace

from communicator.services.ports import RosterCache
from communicator.services.queue_worker import QueueWorker
from communicator.session.errors import SessionError
from communicator.session.ports import ContactPresence, PresenceSession, RosterSession
from communicator.state.presence import Availability
from communicator.state.roster import Contact, ContactRequest, Roster
from communicator.state.signals import Signal, Subscriptions
from communicator.state.task_owner import TaskOwner
from communicator.storage.errors import StorageError
from shared_protocol.addresses import BareJid, FullJid
from shared_protocol.stanzas.roster import RosterItem, Subscription

SLICE_ITEMS = 500  # read in one turn of the loop
MOST_RESOURCES = 2_000  # remembered of people who are not in the roster (yet)

_SEEN = (Subscription.FROM, Subscription.BOTH)  # they see our presence
_SEEING = (Subscription.TO, Subscription.BOTH)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Resource:
    """What one device of a contact says."""

    priority: int
    availability: Availability
    status: str


class RosterService:
    """Keeps the roster as the server has it, and the presence of everybody in it.

    Signals:
        roster_loaded: After the connection the roster is there, or it will not come; own presence
            may be sent now (RFC 6121, section 2.2).
    """

    def __init__(
        self,
        *,
        roster_session: RosterSession,
        presence_session: PresenceSession,
        roster: Roster,
        cache: RosterCache,
    ) -> None:
        self._roster_session = roster_session
        self._presence_session = presence_session
        self._roster = roster
        self._cache = cache
        self._tasks = TaskOwner()
        self._subscriptions = Subscriptions()
        self._resources_by_jid: dict[BareJid, dict[str, _Resource]] = {}
        self._changed: dict[BareJid, Contact | None] = {}  # not yet in the cache; None: removed
        self._changed_requests: dict[BareJid, ContactRequest | None] = {}
        self._cache_writer = QueueWorker(self._write_cache, "roster cache")
        self._loading: asyncio.Task[object] | None = None
        self._pushed_meanwhile: list[RosterItem] | None = None  # while a full roster is read
        self.roster_loaded: Signal[None] = Signal()

    async def start(self) -> None:
        """Show the contacts of the last time, and follow the session.

        Raises:
            StorageError: The data cannot be read.
        """
        for request in self._roster.requests:
            self._roster.remove_request(request.jid)
        contacts = tuple(await self._cache.contacts())
        if contacts != self._roster.contacts:  # else they are there since the first paint
            self._roster.replace_all(contacts)
        for request in await self._cache.requests():
            self._roster.put_request(request)
        roster_session, presence_session = self._roster_session, self._presence_session
        self._subscriptions.add(
            roster_session.connected.connect(lambda _: self._on_connected()),
            roster_session.disconnected.connect(lambda _: self._on_disconnected()),
            roster_session.roster_pushed.connect(self._on_roster_pushed),
            presence_session.presence_received.connect(self._on_presence_received),
            presence_session.subscription_requested.connect(self._on_subscription_requested),
            presence_session.subscription_withdrawn.connect(self._on_subscription_withdrawn),
        )

    async def stop(self) -> None:
        """Keep what is known for the next start, then end."""
        self._subscriptions.end()
        await self._tasks.stop()
        await self._cache_writer.settled()

    async def add_contact(self, jid: BareJid, name: str, groups: Iterable[str]) -> None:
        """Add somebody and ask to see their presence.

        Raises:
            SessionError: There is no connection, or the server refused.
        """
        await self._roster_session.set_roster_item(jid, name=name, groups=_sorted(groups))
        contact = self._roster.contact(jid)
        if contact is None or contact.subscription not in _SEEING:
            self._presence_session.subscribe(jid)

    async def rename(self, jid: BareJid, name: str) -> None:
        """Give a contact another name; empty for none. Raises SessionError."""
        groups = (self._roster.contact(jid) or Contact(jid)).groups
        await self._roster_session.set_roster_item(jid, name=name, groups=groups)

    async def set_groups(self, jid: BareJid, groups: Iterable[str]) -> None:
        """Put a contact into these groups and no others. Raises SessionError."""
        name = (self._roster.contact(jid) or Contact(jid)).name
        await self._roster_session.set_roster_item(jid, name=name, groups=_sorted(groups))

    async def remove(self, jid: BareJid) -> None:
        """Remove a contact; both stop seeing each other's presence. Raises SessionError."""
        await self._roster_session.remove_roster_item(jid)

    async def accept(self, jid: BareJid) -> None:
        """Let somebody see the own presence, and ask to see theirs. Raises SessionError."""
        self._presence_session.approve(jid)
        contact = self._roster.contact(jid) or Contact(jid)
        if contact.subscription not in _SEEING and not contact.is_asked:
            self._presence_session.subscribe(jid)
        self._forget_request(jid)

    async def decline(self, jid: BareJid) -> None:
        """Do not let somebody see the own presence. Raises SessionError."""
        self._presence_session.decline(jid)
        self._forget_request(jid)

    def _on_connected(self) -> None:
        self._loading = self._tasks.spawn(self._load(), "roster")

    def _on_disconnected(self) -> None:
        if self._loading is not None:
            self._loading.cancel()
        self._pushed_meanwhile = None
        self._resources_by_jid.clear()
        if any(contact.is_online for contact in self._roster.contacts):
            self._roster.replace_all(map(self._with_presence, self._roster.contacts))

    async def _load(self) -> None:
        try:
            items = await self._roster_session.fetch_roster()
        except SessionError as error:
            _log.warning("the roster did not come: %s", error)
        else:
            await self._take(items)
        if self._roster_session.is_connected:
            self.roster_loaded.emit(None)

    async def _take(self, items: list[RosterItem]) -> None:
        contacts: list[Contact] = []
        self._pushed_meanwhile = []
        for first in range(0, len(items), SLICE_ITEMS):
            contacts += [contact_of(item) for item in items[first : first + SLICE_ITEMS]]
            await asyncio.sleep(0)
        self._roster.replace_all([self._with_presence(contact) for contact in contacts])
        pushed, self._pushed_meanwhile = self._pushed_meanwhile, None
        for item in pushed or ():
            self._on_roster_pushed(item)
        for contact in contacts:
            self._drop_answered_request(contact)
        try:
            await self._cache.replace_all(self._roster.contacts)
        except StorageError:
            _log.exception("the roster could not be kept")

    def _on_roster_pushed(self, item: RosterItem) -> None:
        if self._pushed_meanwhile is not None:
            self._pushed_meanwhile.append(item)
            return
        if item.subscription is Subscription.REMOVE:
            self._resources_by_jid.pop(item.jid, None)
            self._roster.remove(item.jid)
            self._keep(item.jid, None)
            return
        contact = contact_of(item)
        self._roster.put(self._with_presence(contact))
        self._drop_answered_request(contact)
        self._keep(item.jid, contact)

    def _on_presence_received(self, presence: ContactPresence) -> None:
        jid = presence.sender.bare
        resources = self._resources_by_jid.setdefault(jid, {})
        resource = presence.sender.resourcepart if isinstance(presence.sender, FullJid) else ""
        resources.pop(resource, None)
        if presence.availability is not Availability.OFFLINE:
            resources[resource] = _Resource(
                presence.priority, presence.availability, presence.status
            )
        elif not resource:  # the account as a whole: an error, or it is not seen any longer
            resources.clear()
        if not resources:
            del self._resources_by_jid[jid]
        if contact := self._roster.contact(jid):
            self._roster.put(self._with_presence(contact))

    def _on_subscription_requested(self, request: ContactRequest) -> None:
        contact = self._roster.contact(request.jid)
        if contact is not None and contact.subscription in _SEEN:
            return
        if contact is not None and (contact.is_asked or contact.subscription in _SEEING):
            self._presence_session.approve(request.jid)  # the user asked first, which is consent
            return
        self._roster.put_request(request)
        self._changed_requests[request.jid] = request
        self._cache_writer.wake()

    def _on_subscription_withdrawn(self, jid: BareJid) -> None:
        self._forget_request(jid)

    def _with_presence(self, contact: Contact) -> Contact:
        """Return the contact with the presence of its resource of the highest priority.

        Among equals the one that spoke last counts.
        """
        resources = self._resources_by_jid.get(contact.jid)
        if not resources:
            return replace(contact, availability=Availability.OFFLINE, status="")
        best = max(reversed(resources.values()), key=lambda resource: resource.priority)
        return replace(contact, availability=best.availability, status=best.status)

    def _drop_answered_request(self, contact: Contact) -> None:
        """Forget a request that another device of the user has accepted."""
        if contact.subscription in _SEEN:
            self._forget_request(contact.jid)

    def _forget_request(self, jid: BareJid) -> None:
        if any(request.jid == jid for request in self._roster.requests):
            self._roster.remove_request(jid)
            self._changed_requests[jid] = None
            self._cache_writer.wake()

    def _keep(self, jid: BareJid, contact: Contact | None) -> None:
        """Put a change into the cache in the next moments, together with others."""
        self._changed[jid] = contact
        self._cache_writer.wake()

    async def _write_cache(self) -> None:
        while self._changed or self._changed_requests:
            changed, self._changed = self._changed, {}
            requests, self._changed_requests = self._changed_requests, {}
            if changed:
                kept = [contact for contact in changed.values() if contact is not None]
                gone = [jid for jid, contact in changed.items() if contact is None]
                await self._cache.put(kept, gone)
            for jid, request in requests.items():
                if request is None:
                    await self._cache.remove_request(jid)
                else:
                    await self._cache.put_request(request)


def contact_of(item: RosterItem) -> Contact:
    """Return the contact of a roster item, offline."""
    return Contact(
        jid=item.jid,
        name=item.name,
        groups=_sorted(item.groups),
        subscription=item.subscription,
        is_asked=item.ask,
    )


def _sorted(groups: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({group for group in groups if group}))
