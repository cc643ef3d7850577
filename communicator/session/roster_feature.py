"""The roster on the server, read in plain elements and in slices (RFC 6121, section 2)."""

import asyncio
import logging
from collections.abc import Sequence
from xml.etree.ElementTree import Element

from communicator.session.session_link import SessionLink
from communicator.session.stanza_handlers import StanzaKind
from communicator.state.signals import Signal
from shared_protocol.addresses import BareJid, Jid
from shared_protocol.errors import MalformedStanzaError
from shared_protocol.limits import FIRST_ROSTER
from shared_protocol.stanzas.iq import IqType
from shared_protocol.stanzas.roster import (
    QUERY,
    RosterItem,
    RosterQuery,
    Subscription,
    from_element,
    to_element,
)
from shared_protocol.stanzas.senders import Accepts

SLICE_ITEMS = 500  # read in one turn of the loop

_SEES_US = frozenset({Subscription.FROM, Subscription.BOTH})

_log = logging.getLogger(__name__)


class RosterFeature:
    """Reads, changes and follows the roster.

    Signals:
        pushed: An item as it is now.
    """

    def __init__(self, link: SessionLink) -> None:
        self._link = link
        self._seen_by: set[BareJid] = set()
        self._items: dict[BareJid, RosterItem] | None = None  # as the server has it
        self._pushed_meanwhile: dict[BareJid, RosterItem] = {}
        self.pushed: Signal[RosterItem] = Signal()
        link.handlers.register(StanzaKind.IQ_SET, Accepts.OWN_ACCOUNT, self._on_push, payload=QUERY)
        link.connected.connect(lambda _: self._on_connected())

    def is_seen_by(self, jid: Jid | None) -> bool:
        """Return True for the own account, its server, and contacts who see our presence."""
        account = self._link.account
        if jid is None or account is None:
            return account is not None
        own = (account, BareJid("", account.domainpart))
        return jid.bare in own or jid.bare in self._seen_by

    async def fetch(self) -> list[RosterItem]:
        """Return the complete roster. Raises SessionError.

        Of a session that was resumed it is known: what changed was pushed (XEP-0198, section 5).
        """
        if self._link.is_resumed and self._items is not None:
            return _contacts(self._items)
        client = self._link.require().client
        client.set_stanza_limits(FIRST_ROSTER)  # it comes whole (section 2.1.3)
        try:
            answer = await self._link.ask(IqType.GET, to_element(RosterQuery()))
        finally:
            client.set_stanza_limits(None)
        query = answer.find(QUERY)
        elements = list(query) if query is not None else []
        self._pushed_meanwhile.clear()
        items: dict[BareJid, RosterItem] = {}
        for first in range(0, len(elements), SLICE_ITEMS):
            for item in _items_of(elements[first : first + SLICE_ITEMS]):
                items[item.jid] = item
            await asyncio.sleep(0)
        items.update(self._pushed_meanwhile)
        self._seen_by = {item.jid for item in items.values() if item.subscription in _SEES_US}
        self._items = items
        return _contacts(items)

    async def set_item(self, jid: BareJid, name: str, groups: Sequence[str]) -> None:
        """Add a contact, or change name and groups (section 2.3). Raises SessionError."""
        query = to_element(RosterQuery((RosterItem(jid, name=name, groups=tuple(groups)),)))
        for item in query:
            del item.attrib["subscription"]  # not the client's to say (section 2.1.2.5)
        await self._link.ask(IqType.SET, query)

    async def remove_item(self, jid: BareJid) -> None:
        """Remove a contact (section 2.5). Raises SessionError."""
        item = RosterItem(jid, subscription=Subscription.REMOVE)
        await self._link.ask(IqType.SET, to_element(RosterQuery((item,))))

    def _on_connected(self) -> None:
        if not self._link.is_resumed:
            self._seen_by.clear()
            self._items = None

    def _on_push(self, _sender: Jid | None, iq: Element) -> Element | None:
        query = iq.find(QUERY)
        items = from_element(query).items if query is not None else ()
        if len(items) != 1:  # section 2.1.6
            message = f"a roster push has one item, got {len(items)}"
            raise MalformedStanzaError(message)
        item = items[0]
        self._pushed_meanwhile[item.jid] = item
        if self._items is not None:
            self._items[item.jid] = item
        if item.subscription in _SEES_US:
            self._seen_by.add(item.jid)
        else:
            self._seen_by.discard(item.jid)
        self.pushed.emit(item)
        return None


def _contacts(items: dict[BareJid, RosterItem]) -> list[RosterItem]:
    return [one for one in items.values() if one.subscription is not Subscription.REMOVE]


def _items_of(elements: Sequence[Element]) -> Sequence[RosterItem]:
    """Read items; one that cannot be read is left out, the others stay."""
    query = Element(QUERY)
    query.extend(elements)
    try:
        return from_element(query).items
    except MalformedStanzaError as error:
        if len(elements) == 1:
            _log.warning("a roster item was left out: %s", error)
            return ()
        return [item for element in elements for item in _items_of([element])]
