"""The roster as clients see it (RFC 6121, section 2): get, set, remove, pushes."""

from collections.abc import Coroutine
from dataclasses import replace
from functools import partial
from typing import Any, Protocol
from xml.etree.ElementTree import Element

from embedded_server.modules.roster_book import Roster, RosterBook
from embedded_server.plugin_api import (
    Accepts,
    Attachments,
    Entity,
    IqHandler,
    IqRequest,
    ModuleHost,
    Payload,
    Sequel,
    Session,
    StreamPhase,
)
from shared_protocol.addresses import BareJid
from shared_protocol.errors import StanzaCondition, StanzaError
from shared_protocol.limits import RosterLimits
from shared_protocol.namespaces import ROSTER, ROSTER_VERSIONING
from shared_protocol.stanzas.roster import (
    RosterItem,
    Subscription,
    from_element,
)

_VERSIONING = f"<ver xmlns='{ROSTER_VERSIONING}'/>".encode()


class RosterModule:
    """Answers roster queries, and tells every interested resource what changed.

    Args:
        contacts: Ends subscriptions when a contact is removed.
    """

    def __init__(
        self, *, book: RosterBook, contacts: "ContactEnding", limits: RosterLimits
    ) -> None:
        self._book = book
        self._contacts = contacts
        self._limits = limits
        self._attached = Attachments()
        self._host: ModuleHost

    def attach(self, host: ModuleHost) -> None:
        """Answer for the own account, and announce versions in the stream features."""
        self._host = host
        handler = IqHandler(
            payload=f"{ROSTER} query",
            entity=Entity.ACCOUNT,
            accepts=Accepts.OWN_ACCOUNT,
            handle=self._on_query,
            refusal=StanzaCondition.FORBIDDEN,  # RFC 6121, sections 2.1.5 and 2.3.3
        )
        self._attached.add(host.add_iq_handler(handler), host.features.add_to_streams(_versioning))

    def detach(self) -> None:
        """Take everything back."""
        self._attached.undo()

    def _on_query(self, request: IqRequest) -> Payload | Coroutine[Any, Any, Payload]:
        if request.is_set:
            return self._on_set(request)
        session = request.inbound.session
        roster = self._book.of_session(session)
        known = request.payload.get("ver")
        if roster is None or known:
            return self._get_later(session, known)
        session.is_interested = True
        return roster.payload

    async def _get_later(self, session: Session, known: str | None) -> Payload:
        """Section 2.1.4; only what changed for who has a version that is known (section 2.6.3)."""
        roster = await self._book.hold_for_session(session)
        session.is_interested = True
        if not known:
            return roster.payload
        changes = await self._book.changes_since(roster, known)
        if changes is None:
            return roster.payload
        return Sequel(None, partial(self._book.push_changes, session, roster, changes))

    async def _on_set(self, request: IqRequest) -> Payload:
        query = from_element(_without_states(request.payload))
        if len(query.items) != 1:  # section 2.3.3
            raise StanzaError(StanzaCondition.BAD_REQUEST)
        wanted = query.items[0]
        roster = await self._book.hold_for_session(request.inbound.session)
        if wanted.subscription is Subscription.REMOVE:
            await self._remove(roster, wanted.jid)
        else:
            await self._put(roster, wanted)
        return None

    async def _put(self, roster: Roster, wanted: RosterItem) -> None:
        self._check(roster, wanted)
        before = roster.items.get(wanted.jid, RosterItem(wanted.jid))
        # A client sets name and groups, and nothing else (sections 2.1.2 and 2.4.1).
        item = replace(before, name=wanted.name, groups=wanted.groups)
        written, version = self._book.put(roster, item), roster.version
        await written
        self._book.push(roster, item, version)

    async def _remove(self, roster: Roster, jid: BareJid) -> None:
        if jid not in roster.items:  # section 2.5.3
            raise StanzaError(StanzaCondition.ITEM_NOT_FOUND)
        await self._contacts.end(roster, jid)
        written, version = self._book.remove(roster, jid), roster.version
        await written
        gone = RosterItem(jid, subscription=Subscription.REMOVE)
        self._book.push(roster, gone, version)

    def _check(self, roster: Roster, wanted: RosterItem) -> None:
        """Section 2.3.3; a roster that is full refuses as RFC 6120, section 8.3.3.18, says."""
        limits = self._limits
        if len(set(wanted.groups)) != len(wanted.groups):
            raise StanzaError(StanzaCondition.BAD_REQUEST, "the same group twice")
        if not all(wanted.groups):
            raise StanzaError(StanzaCondition.NOT_ACCEPTABLE, "a group without a name")
        if len(wanted.groups) > limits.groups_per_item or any(
            len(text.encode()) > limits.name_bytes for text in (wanted.name, *wanted.groups)
        ):
            raise StanzaError(StanzaCondition.NOT_ACCEPTABLE, "too many groups, or too long a name")
        is_new = wanted.jid not in roster.items
        if is_new and 0 < limits.items <= len(roster.items):
            raise StanzaError(StanzaCondition.RESOURCE_CONSTRAINT, "the roster is full")


class ContactEnding(Protocol):
    """Ends what an account and a contact have agreed on."""

    async def end(self, roster: Roster, contact: BareJid) -> None:
        """Cancel both subscriptions as their state asks (section 2.5.2)."""


def _without_states(query: Element) -> Element:
    """Ignore what only the server may say (section 2.1.2.5), also what nobody understands."""
    for item in query:
        if item.get("subscription") != Subscription.REMOVE.value:
            item.attrib.pop("subscription", None)
    return query


def _versioning(phase: StreamPhase) -> bytes:
    return _VERSIONING if phase is StreamPhase.AFTER_LOGIN else b""
