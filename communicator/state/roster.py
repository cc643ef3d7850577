"""The contacts of one account and the people who ask to become contacts (RFC 6121, section 2)."""

from collections.abc import Iterable
from dataclasses import dataclass

from communicator.state.presence import Availability
from communicator.state.signals import Signal
from shared_protocol.addresses import BareJid
from shared_protocol.stanzas.roster import Subscription


@dataclass(frozen=True, slots=True)
class Contact:
    """One roster item with its presence, as the program sees it. A change replaces the value.

    Attributes:
        name: The name that the user gave; empty if none.
        groups: Sorted, without doubles.
        is_asked: True while the contact has not answered our request to see the presence.
        availability: That of the resource with the highest priority.
    """

    jid: BareJid
    name: str = ""
    groups: tuple[str, ...] = ()
    subscription: Subscription = Subscription.NONE
    is_asked: bool = False
    availability: Availability = Availability.OFFLINE
    status: str = ""

    @property
    def display_name(self) -> str:
        """The name to show: the given one, else the local part, else the domain."""
        return self.name or self.jid.localpart or self.jid.domainpart

    @property
    def is_online(self) -> bool:
        """True if at least one resource is available."""
        return self.availability is not Availability.OFFLINE


@dataclass(frozen=True, slots=True)
class ContactChange:
    """A contact before and after."""

    before: Contact
    after: Contact


@dataclass(frozen=True, slots=True)
class ContactRequest:
    """Somebody asks to see the user's presence; ``text`` is what they wrote with it."""

    jid: BareJid
    text: str = ""


class Roster:
    """The contacts of one account.

    Signals:
        contact_added: The new contact.
        contact_changed: The contact before and after.
        contact_removed: The contact that is gone.
        contacts_replaced: All contacts, after a full roster came.
        request_added: A request that waits for an answer.
        request_removed: A request that was answered or taken back.
    """

    def __init__(self) -> None:
        self._contacts_by_jid: dict[BareJid, Contact] = {}
        self._requests_by_jid: dict[BareJid, ContactRequest] = {}
        self.contact_added: Signal[Contact] = Signal()
        self.contact_changed: Signal[ContactChange] = Signal()
        self.contact_removed: Signal[Contact] = Signal()
        self.contacts_replaced: Signal[tuple[Contact, ...]] = Signal()
        self.request_added: Signal[ContactRequest] = Signal()
        self.request_removed: Signal[ContactRequest] = Signal()

    @property
    def contacts(self) -> tuple[Contact, ...]:
        """All contacts, in the order of arrival."""
        return tuple(self._contacts_by_jid.values())

    @property
    def requests(self) -> tuple[ContactRequest, ...]:
        """All requests that wait for an answer, oldest first."""
        return tuple(self._requests_by_jid.values())

    @property
    def groups(self) -> tuple[str, ...]:
        """The names of all groups, sorted."""
        names = {group for contact in self._contacts_by_jid.values() for group in contact.groups}
        return tuple(sorted(names, key=str.casefold))

    def contact(self, jid: BareJid) -> Contact | None:
        """Return the contact with this address, or None."""
        return self._contacts_by_jid.get(jid)

    def display_name(self, jid: BareJid) -> str:
        """Return the name to show for an address, contact or not."""
        return (self._contacts_by_jid.get(jid) or Contact(jid)).display_name

    def put(self, contact: Contact) -> None:
        """Store a contact; only the roster service calls this."""
        before = self._contacts_by_jid.get(contact.jid)
        if before == contact:
            return
        self._contacts_by_jid[contact.jid] = contact
        if before is None:
            self.contact_added.emit(contact)
        else:
            self.contact_changed.emit(ContactChange(before, contact))

    def replace_all(self, contacts: Iterable[Contact]) -> None:
        """Store a complete roster; only the roster service calls this."""
        self._contacts_by_jid = {contact.jid: contact for contact in contacts}
        self.contacts_replaced.emit(self.contacts)

    def remove(self, jid: BareJid) -> None:
        """Forget a contact; only the roster service calls this."""
        if contact := self._contacts_by_jid.pop(jid, None):
            self.contact_removed.emit(contact)

    def put_request(self, request: ContactRequest) -> None:
        """Keep a request, one for each sender; only the roster service calls this."""
        if request.jid not in self._requests_by_jid:
            self._requests_by_jid[request.jid] = request
            self.request_added.emit(request)

    def remove_request(self, jid: BareJid) -> None:
        """Forget a request; only the roster service calls this."""
        if request := self._requests_by_jid.pop(jid, None):
            self.request_removed.emit(request)
