"""The conversation list: newest first, with names and presence from the roster."""

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from communicator.state.conversations import Conversation, Conversations
from communicator.state.presence import Availability
from communicator.state.roster import Contact, ContactChange, Roster
from communicator.ui.models.row_list_model import ModelIndex, RowListModel
from communicator.ui.plain_text import one_line
from communicator.ui.presence_words import PresenceWords
from communicator.ui.state_links import link
from shared_protocol.addresses import BareJid

BATCH_MS = 50


@dataclass(frozen=True, slots=True)
class ConversationRow:
    """A conversation with the counterpart's name and presence."""

    conversation: Conversation
    name: str
    availability: Availability

    @property
    def key(self) -> BareJid:
        """The counterpart."""
        return self.conversation.jid


class ConversationsModel(RowListModel[ConversationRow]):
    """Shows the conversations.

    Signals:
        unread_changed: How many messages are unread in all conversations.
    """

    unread_changed = Signal(int)

    def __init__(
        self, conversations: Conversations, roster: Roster, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._conversations, self._roster = conversations, roster
        self._words = PresenceWords(self)
        self._filter: tuple[str, ...] = ()
        self._held_order: list[BareJid] | None = None
        self.unread = 0
        self._batch = QTimer(self, singleShot=True, interval=BATCH_MS)
        self._batch.timeout.connect(self.arrange)
        link(self, conversations.conversation_changed, self._on_conversation)
        link(self, conversations.conversation_removed, self._on_conversation)
        link(self, roster.contact_added, self._on_contact)
        link(self, roster.contact_removed, self._on_contact)
        link(self, roster.contact_changed, self._on_contact_changed)
        link(self, roster.contacts_replaced, self._on_contacts_replaced)
        self.arrange()

    def filter(self, text: str) -> None:
        """Show only conversations with people whose name or address has every word; at once."""
        words = tuple(text.casefold().split())
        if words != self._filter:
            self._filter = words
            self.arrange()

    def hold_order(self) -> None:
        """Keep the order of now, because the pointer is over the list."""
        if self._held_order is None:
            self._held_order = [row.key for row in self.rows]

    def release_order(self) -> None:
        """Sort again: the pointer is gone."""
        self._held_order = None
        self.arrange()

    def data(self, index: ModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return texts for the screen reader and the search by typing."""
        if not index.isValid() or index.row() >= len(self.rows):
            return None
        row = self.rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return row.name
            case Qt.ItemDataRole.AccessibleTextRole:
                return self._spoken(row)
        return super().data(index, role)

    def arrange(self) -> None:
        """Show the state as it is now; called by itself 50 ms after a change."""
        self._batch.stop()
        rows = [self._row_of(item) for item in self._ordered() if self._is_shown(item)]
        self.put_rows(rows)
        unread = self._conversations.unread
        if unread != self.unread:
            self.unread = unread
            self.unread_changed.emit(unread)

    def _ordered(self) -> list[Conversation]:
        newest_first = list(self._conversations.conversations)
        if self._held_order is None:
            return newest_first
        place = {jid: number for number, jid in enumerate(self._held_order)}
        return sorted(newest_first, key=lambda item: place.get(item.jid, len(place)))

    def _row_of(self, conversation: Conversation) -> ConversationRow:
        contact = self._roster.contact(conversation.jid) or Contact(conversation.jid)
        return ConversationRow(conversation, contact.display_name, contact.availability)

    def _is_shown(self, conversation: Conversation) -> bool:
        if not self._filter:
            return True
        name = self._roster.display_name(conversation.jid)
        searched = f"{name} {conversation.jid}".casefold()
        return all(word in searched for word in self._filter)

    def _spoken(self, row: ConversationRow) -> str:
        parts = [row.name, self._words.of(row.availability)]
        if row.conversation.unread:
            parts.append(self.tr("%n unread", "", row.conversation.unread))
        if row.conversation.is_counterpart_composing:
            parts.append(self.tr("is writing"))
        elif row.conversation.draft:
            parts.append(self.tr("Draft: {0}").format(one_line(row.conversation.draft)))
        elif row.conversation.preview:
            parts.append(one_line(row.conversation.preview))
        return ", ".join(parts)

    def _start_batch(self) -> None:
        if not self._batch.isActive():
            self._batch.start()

    def _on_conversation(self, _conversation: Conversation) -> None:
        self._start_batch()

    def _on_contact(self, contact: Contact) -> None:
        if self._conversations.conversation(contact.jid):
            self._start_batch()

    def _on_contact_changed(self, change: ContactChange) -> None:
        self._on_contact(change.after)

    def _on_contacts_replaced(self, _contacts: tuple[Contact, ...]) -> None:
        self._start_batch()
