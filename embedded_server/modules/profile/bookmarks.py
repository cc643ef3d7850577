"""Bookmarks in all their forms are the same bookmarks (XEP-0402 1.2.0, section 4; XEP-0411).

Clients of today keep one item for each room. Those of before keep all in one, as an item of PEP or
in private storage. What is changed in one form is changed in the other by the same transaction;
private storage shows the item of PEP. Nodes that others may read are left alone.
"""

import logging
from xml.etree.ElementTree import Element

from embedded_server.modules.pubsub import publishing
from embedded_server.modules.pubsub.assembly import PubSubModule
from embedded_server.modules.pubsub.nodes import Node, NodeSet
from embedded_server.modules.pubsub.outcomes import ItemsChanged, Outcome
from embedded_server.modules.pubsub.permissions import Rules
from embedded_server.plugin_api import Attachments, Entity, ModuleHost, StoredItem
from shared_protocol.addresses import BareJid
from shared_protocol.errors import MalformedStanzaError, StanzaError
from shared_protocol.namespaces import BOOKMARKS, BOOKMARKS_CONVERSION, PRIVATE_BOOKMARKS
from shared_protocol.stanzas.profile import bookmarks
from shared_protocol.stanzas.profile.bookmarks import Bookmark
from shared_protocol.stanzas.pubsub.node_terms import AccessModel
from shared_protocol.stanzas.pubsub.requests import payload_bytes
from shared_protocol.xml.elements import element_of

CURRENT = "current"
_logger = logging.getLogger(__name__)


class BookmarksModule:
    """Keeps both nodes of an account alike."""

    def __init__(self, *, publishing: PubSubModule) -> None:
        self._publishing = publishing
        self._attached = Attachments()

    def attach(self, host: ModuleHost) -> None:
        """Announce it, and take part in what is published."""
        features = (f"{BOOKMARKS}#compat", f"{BOOKMARKS}#compat-pep", BOOKMARKS_CONVERSION)
        self._attached.add(
            host.features.add(Entity.ACCOUNT, *features),
            self._publishing.desk.add_companion(_unify),
        )

    def detach(self) -> None:
        """Take everything back."""
        self._attached.undo()


def is_private(nodes: NodeSet) -> bool:
    """Whether nobody but the account may read its bookmarks (XEP-0411, section 5)."""
    found = (nodes.get(BOOKMARKS), nodes.get(PRIVATE_BOOKMARKS))
    return all(node is None or node.options.access_model is AccessModel.WHITELIST for node in found)


def collected(nodes: NodeSet) -> Element:
    """Return all bookmarks of an account in one, as before."""
    before = _storage_of(nodes.get(PRIVATE_BOOKMARKS))
    others = () if before is None else bookmarks.others_in(before)
    return bookmarks.storage_to_element(_bookmarks_of(nodes).items(), others)


def _unify(nodes: NodeSet, outcome: Outcome, rules: Rules) -> None:
    """Change the other form along with one."""
    if not nodes.is_account:
        return
    for change in tuple(outcome.changes):
        try:
            if change.node == BOOKMARKS and is_private(nodes):
                _collect(nodes, outcome, rules)
            elif change.node == PRIVATE_BOOKMARKS and is_private(nodes):
                _spread(nodes, change, outcome, rules)
        except StanzaError as error:  # there is no room: what the client has asked is done
            _logger.warning("bookmarks of %s: %s", nodes.address, error)


def _collect(nodes: NodeSet, outcome: Outcome, rules: Rules) -> None:
    before = _storage_of(nodes.get(PRIVATE_BOOKMARKS))
    known = None if before is None else bookmarks.storage_from_element(before)
    if known == _bookmarks_of(nodes):
        return
    payload = payload_bytes(collected(nodes))
    item = _item(nodes, CURRENT, payload, rules)
    _join(outcome, publishing.place(nodes, PRIVATE_BOOKMARKS, item, rules, []))


def _spread(nodes: NodeSet, change: ItemsChanged, outcome: Outcome, rules: Rules) -> None:
    storage = _element_of(change.item)
    if storage is None or storage.tag != bookmarks.STORAGE:
        return
    wanted = bookmarks.storage_from_element(storage)
    node = nodes.get(BOOKMARKS)
    items = {} if node is None else dict(node.items)
    rooms = {bookmarks.room_of(item_id): item for item_id, item in items.items()}
    for room, bookmark in wanted.items():
        before = _element_of(rooms.get(room))
        if _bookmark_in(before) == bookmark:  # XEP-0402, section 4: no news of what is the same
            continue
        payload = payload_bytes(bookmarks.to_element(bookmark, before))
        if len(payload) <= rules.limits.bookmark_bytes:
            old = rooms.get(room)
            name = str(room) if old is None else old.id
            item = _item(nodes, name, payload, rules)
            _join(outcome, publishing.place(nodes, BOOKMARKS, item, rules, []))
    gone = [item.id for room, item in rooms.items() if room not in wanted]
    if node is not None and gone:
        _join(outcome, publishing.withdrawn(nodes, node, gone, nodes.address, is_told=True))


def _bookmarks_of(nodes: NodeSet) -> dict[BareJid, Bookmark]:
    """Read the items of today's form; what is none is left out."""
    node = nodes.get(BOOKMARKS)
    found: dict[BareJid, Bookmark] = {}
    for item in () if node is None else node.items.values():
        room, bookmark = bookmarks.room_of(item.id), _bookmark_in(_element_of(item))
        if room is not None and bookmark is not None:
            found[room] = bookmark
    return found


def _bookmark_in(conference: Element | None) -> Bookmark | None:
    if conference is None or conference.tag != bookmarks.CONFERENCE:
        return None
    return bookmarks.from_element(conference)


def _storage_of(node: Node | None) -> Element | None:
    storage = None if node is None else _element_of(node.last)
    return storage if storage is not None and storage.tag == bookmarks.STORAGE else None


def _element_of(item: StoredItem | None) -> Element | None:
    if item is None or not item.payload:
        return None
    try:
        return element_of(item.payload)
    except MalformedStanzaError:
        return None


def _item(nodes: NodeSet, item_id: str, payload: bytes, rules: Rules) -> StoredItem:
    return StoredItem(item_id, str(nodes.address), rules.now, len(payload), payload)


def _join(outcome: Outcome, other: Outcome) -> None:
    outcome.writes += other.writes
    outcome.notices += other.notices
    outcome.changes += other.changes
