"""Presence: broadcast, directed, probes, and what is said when a session is lost.

RFC 6121, section 4, and the table of section 8.5 for addressed presence. A broadcast is written
once; each recipient's ``to`` is put into the same bytes. Who sees whom is read from rosters that
are in memory while their account is on line.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from embedded_server.modules.privacy.last_activity import ActivityStore
from embedded_server.modules.roster_book import Roster, RosterBook
from embedded_server.plugin_api import (
    Attachments,
    Inbound,
    ModuleHost,
    PresenceBroadcast,
    PresenceDirecting,
    PresenceGranted,
    PresenceSharing,
    PriorityChanged,
    Recipient,
    Session,
    SessionAvailable,
    SessionClosed,
    SessionUnavailable,
    StanzaKind,
    stamped,
    to_attribute,
    with_address,
)
from shared_protocol.addresses import BareJid, FullJid, Jid
from shared_protocol.errors import StanzaCondition, StanzaError
from shared_protocol.limits import RosterLimits
from shared_protocol.namespaces import CLIENT, DELAY
from shared_protocol.stanzas.delay import moment_to_text
from shared_protocol.stanzas.presence import Show, priority_of
from shared_protocol.stanzas.privacy.blocking import is_listed
from shared_protocol.xml.elements import element_of
from shared_protocol.xml.writer import attribute, serialise

_CHECKED = frozenset({f"{CLIENT} priority", f"{CLIENT} show"})
_PRIORITY = f"{{{CLIENT}}}priority"
_SHOW = f"{{{CLIENT}}}show"
_SHOWS = frozenset(show.value for show in Show)


class PresenceModule:
    """Tells those who may know that a session is there, changes, or goes."""

    def __init__(
        self, *, book: RosterBook, activities: ActivityStore, limits: RosterLimits
    ) -> None:
        self._book = book
        self._activities = activities
        self._limits = limits
        self._attached = Attachments()
        self._host: ModuleHost

    def attach(self, host: ModuleHost) -> None:
        """Take over presence; listen for sessions that end."""
        self._host = host
        self._attached.add(
            host.take_over(StanzaKind.PRESENCE, self._on_presence),
            host.hooks.listen(SessionClosed, self._on_session_closed),
            host.hooks.answer(PresenceSharing, self._is_shared),
            host.hooks.answer(PresenceDirecting, self._note_service),
        )

    def detach(self) -> None:
        """Take everything back."""
        self._attached.undo()

    def show_to(self, account: BareJid, contact: BareJid) -> None:
        """Send a contact, who sees it now, the presence of every resource (section 3.1.5)."""
        for session in self._host.sessions.available_of(account.localpart):
            if session.presence is not None:
                self._send_to(session.full_jid, contact, session.presence)
        self._host.hooks.tell(PresenceGranted(account, contact))

    def repeat(self, session: Session, sent: bytes, kept: bytes) -> None:
        """Broadcast a session's presence again, after the server has changed it.

        Args:
            session: Available.
            sent: The stanza without an address.
            kept: What later observers are shown.
        """
        roster = self._book.get(session.full_jid.bare)
        if roster is not None and session.is_available:
            session.presence = kept
            self._broadcast(session, roster, sent)

    def hide_from(self, account: BareJid, contact: BareJid) -> None:
        """Send a contact an unavailable presence from every available resource (section 3.2.1)."""
        for session in self._host.sessions.available_of(account.localpart):
            self._send_to(session.full_jid, contact, _unavailable(session.full_jid))

    async def part(self, account: BareJid, addresses: frozenset[Jid]) -> None:
        """Let those see an account go whom it is about to block (XEP-0191, section 3.3).

        Args:
            account: Who blocks.
            addresses: Accounts, resources, domains; who does not see the account hears nothing.
        """
        async with self._book.opened(account) as roster:
            observers = _listed_observers(roster, addresses)
        for session in self._host.sessions.sessions_of(account.localpart):
            data = _unavailable(session.full_jid)
            directed = {target for target in session.directed if is_listed(addresses, target)}
            session.directed -= directed
            told = observers if session.is_available else []
            for target in (*told, *directed.difference(told)):
                self._send_to(session.full_jid, target, data)

    async def join(self, account: BareJid, addresses: frozenset[Jid]) -> None:
        """Let those see each other again whom an account has blocked until now (section 3.4)."""
        async with self._book.opened(account) as roster:
            for observer in {jid.bare for jid in _listed_observers(roster, addresses)}:
                self.show_to(account, observer)
            watched = [jid for jid in roster.watched if is_listed(addresses, jid)]
        for contact in watched:
            for other in self._visible_sessions(contact, account):
                self._send_to(other.full_jid, account, other.presence or b"")

    def _on_presence(self, inbound: Inbound) -> None:
        match inbound.type:
            case "" | "unavailable" if not inbound.has_address:
                self._book.when_ready(inbound, self._on_broadcast)
            case "" | "unavailable":
                self._on_directed(inbound)
            case "probe":
                self._host.attempt_later(self._on_probe(inbound), inbound, "answer a probe")
            case "error":
                self._deliver(inbound)
            case _:  # RFC 6121, section 4.7.1
                raise StanzaError(StanzaCondition.BAD_REQUEST)

    def _on_broadcast(self, inbound: Inbound, roster: Roster) -> None:
        session = inbound.session
        if inbound.type == "unavailable":
            self._leave(session, stamped(inbound))
            return
        data, priority = _checked(inbound)
        is_first, is_other_priority = not session.is_available, session.priority != priority
        session.presence, session.priority = data, priority
        self._broadcast(session, roster, data)
        if is_first:
            self._welcome(session, roster)
            self._host.hooks.tell(SessionAvailable(session))
        elif is_other_priority:
            self._host.hooks.tell(PriorityChanged(session))
        self._host.hooks.tell(PresenceBroadcast(session, inbound))

    def _broadcast(self, session: Session, roster: Roster, data: bytes) -> None:
        """Send to all who see the account, and to its own resources (sections 4.2.2 and 4.4.2)."""
        available_of, lists = self._host.sessions.available_of, self._host.block_lists
        is_anybody_blocked = bool(lists)
        end = len(b"<presence")
        head, tail = data[:end], data[end:]
        for localpart, to in roster.observer_addresses:
            receivers = available_of(localpart)
            if receivers and is_anybody_blocked:
                receivers = tuple(
                    one for one in receivers if not lists.part(session.full_jid, one.full_jid)
                )
            if receivers:
                written = b"".join((head, to, tail))
                for receiver in receivers:
                    receiver.send(written)
        for contact in roster.distant_observers:
            self._send_to(session.full_jid, contact, data)
        own = with_address(data, to_attribute(session.full_jid.bare))
        for receiver in available_of(session.full_jid.localpart):
            receiver.send(own)

    def _welcome(self, session: Session, roster: Roster) -> None:
        """Tell a new resource who is there (sections 4.2.2 and 4.3.1); probes go elsewhere only."""
        own, to = session.full_jid.bare, to_attribute(session.full_jid)
        for contact in roster.watched:
            if contact.domainpart != self._host.domain:
                self._host.deliver(_plain(own, contact, "probe", {}), contact)
            for other in self._visible_sessions(contact, own):
                if not self._host.block_lists.part(session.full_jid, other.full_jid):
                    session.send(with_address(other.presence or b"", to))
        for other in self._host.sessions.available_of(own.localpart):
            if other is not session and other.presence is not None:
                session.send(with_address(other.presence, to))

    def _visible_sessions(self, account: BareJid, observer: BareJid) -> tuple[Session, ...]:
        """Return the available sessions of a local account that lets the observer see them."""
        if account.domainpart != self._host.domain:
            return ()
        roster = self._book.get(account)
        if roster is None or not (account == observer or roster.is_seen_by(observer)):
            return ()
        return tuple(self._host.sessions.available_of(account.localpart))

    def _on_directed(self, inbound: Inbound) -> None:
        """Section 4.6: it enters no list but that of who must hear of the end."""
        if inbound.recipient is Recipient.REMOTE and inbound.type != "unavailable":
            raise StanzaError(StanzaCondition.REMOTE_SERVER_NOT_FOUND)
        if isinstance(inbound.origin, Session):
            self._note_directed(inbound.origin, inbound)
        self._deliver(inbound)

    def _note_service(self, question: PresenceDirecting) -> None:
        inbound = question.inbound
        if inbound.type in {"", "unavailable"}:
            self._note_directed(inbound.session, inbound)

    def _note_directed(self, session: Session, inbound: Inbound) -> None:
        if inbound.type == "unavailable":
            session.directed.discard(inbound.to)
        elif inbound.to not in session.directed:
            if 0 < self._limits.directed_presence <= len(session.directed):
                raise StanzaError(StanzaCondition.RESOURCE_CONSTRAINT)
            session.directed.add(inbound.to)

    def _deliver(self, inbound: Inbound) -> None:
        """Deliver addressed presence; silence where there is nobody (section 8.5)."""
        if inbound.recipient is Recipient.RESOURCE and isinstance(inbound.to, FullJid):
            session = self._host.sessions.get(inbound.to)
            if session is not None:
                session.send(stamped(inbound))
        elif inbound.recipient is Recipient.ACCOUNT:
            receivers = self._host.sessions.available_of(inbound.to.localpart)
            if receivers:
                data = stamped(inbound)
                for receiver in receivers:
                    receiver.send(data)

    async def _on_probe(self, inbound: Inbound) -> None:
        """Answer a client's own probe, which is no error (section 4.3.2)."""
        if inbound.recipient not in {Recipient.ACCOUNT, Recipient.RESOURCE}:
            return
        account, observer = inbound.bare_to, inbound.sender.bare
        send, receiver = inbound.origin.send, inbound.sender
        is_known = self._host.account_exists(account)
        async with self._book.opened(account if is_known else observer) as roster:
            is_seen = is_known and (account == observer or roster.is_seen_by(observer))
        if not is_seen:  # Alike for those who refuse and for those who do not exist.
            send(_plain(account, receiver, "unsubscribed", inbound.frame.attributes))
            return
        sessions = self._host.sessions.available_of(account.localpart)
        if isinstance(inbound.to, FullJid):
            sessions = tuple(session for session in sessions if session.full_jid == inbound.to)
        for session in sessions:
            send(with_address(session.presence or b"", to_attribute(receiver)))
        if not sessions:
            payload = "" if isinstance(inbound.to, FullJid) else await self._gone_since(account)
            request = inbound.frame.attributes
            send(_plain(account, receiver, "unavailable", request, payload=payload))

    async def _gone_since(self, account: BareJid) -> str:
        """Return the delay that tells when an account went; empty if it never was there."""
        last = await self._activities.of(account.localpart)
        if last is None or last.left_at is None:
            return ""
        stamp = moment_to_text(datetime.fromtimestamp(last.left_at, UTC))
        stamped_by = attribute("from", self._host.domain) + attribute("stamp", stamp)
        return f"<delay xmlns='{DELAY}'{stamped_by}/>"

    def _on_session_closed(self, fact: SessionClosed) -> None:
        self._leave(fact.session, _unavailable(fact.session.full_jid))  # section 4.5.3

    def _leave(self, session: Session, data: bytes) -> None:
        """Tell all who knew that a session was there (sections 4.5.2 and 4.6.3)."""
        account = session.full_jid.bare
        roster = self._book.get(account)
        was_available = session.is_available
        if was_available and roster is not None:
            self._broadcast(session, roster, data)
        session.presence, session.priority = None, 0
        directed, session.directed = session.directed, set()
        for target in directed:
            if was_available and roster is not None and roster.is_seen_by(target.bare):
                continue
            self._send_to(session.full_jid, target, data)
        if was_available:
            self._host.hooks.tell(SessionUnavailable(session, data))

    def _send_to(self, sender: FullJid, target: Jid, data: bytes) -> None:
        """Send presence without an address to an entity; ``target`` becomes its ``to``."""
        written = with_address(data, to_attribute(target))
        if target.domainpart != self._host.domain:
            self._host.deliver(written, target)  # to a service; a remote domain refuses
            return
        if isinstance(target, FullJid):
            session = self._host.sessions.get(target)
            receivers = [] if session is None else [session]
        else:
            receivers = list(self._host.sessions.available_of(target.localpart))
        for receiver in receivers:
            if not self._host.block_lists.part(sender, receiver.full_jid):
                receiver.send(written)

    def _is_shared(self, question: PresenceSharing) -> bool | None:
        session, observer = question.session, question.observer
        if any(target.bare == observer for target in session.directed):
            return True
        roster = self._book.get(session.full_jid.bare)
        is_seen = roster is not None and roster.is_seen_by(observer)
        return True if session.is_available and is_seen else None


def _checked(inbound: Inbound) -> tuple[bytes, int]:
    """Return the stanza without address, and its priority (section 4.7.2).

    A priority that is none counts as 0, a show that is none as absent; both are then mended, so
    that everybody sees the same.
    """
    data = stamped(inbound)
    if _CHECKED.isdisjoint(inbound.frame.children):
        return data, 0
    element = element_of(data)
    is_sound = True
    priority = 0
    for child in tuple(element):
        if child.tag == _PRIORITY:
            priority = priority_of(child.text or "")
            is_sound = is_sound and child.text == str(priority)
            child.text = str(priority)
        elif child.tag == _SHOW and child.text not in _SHOWS:
            is_sound = False
            element.remove(child)
    return (data if is_sound else serialise(element)), priority


def _listed_observers(roster: Roster, addresses: frozenset[Jid]) -> list[Jid]:
    """Return who sees an account and is named: contacts, or those resources that are named."""
    observers: list[Jid] = [jid for jid in addresses if isinstance(jid, FullJid)]
    observers = [jid for jid in observers if roster.is_seen_by(jid.bare)]
    observers += [
        jid for jid in roster.items if roster.is_seen_by(jid) and is_listed(addresses, jid)
    ]
    return observers


def _unavailable(sender: Jid) -> bytes:
    return f"<presence type='unavailable'{attribute('from', str(sender))}/>".encode()


def _plain(
    sender: Jid,
    receiver: Jid,
    presence_type: str,
    request: Mapping[str, str],
    *,
    payload: str = "",
) -> bytes:
    addresses = attribute("from", str(sender)) + attribute("to", str(receiver))
    identity = attribute("id", request["id"]) if "id" in request else ""
    head = f"<presence type='{presence_type}'{addresses}{identity}"
    return (f"{head}>{payload}</presence>" if payload else f"{head}/>").encode()
