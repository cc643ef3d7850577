"""The left pane: own strip, filter, conversations, people, and the office server's state."""

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSplitter, QVBoxLayout, QWidget

from communicator.state.connection import ConnectionState
from communicator.state.conversations import Conversations
from communicator.state.office import OfficeState
from communicator.state.presence import OwnPresenceState
from communicator.state.roster import Roster
from communicator.ui.conversations.conversation_delegate import ConversationDelegate
from communicator.ui.icons import Icon
from communicator.ui.main_window.office_chip import OfficeChip
from communicator.ui.main_window.section import Section
from communicator.ui.models.conversations_model import ConversationRow, ConversationsModel
from communicator.ui.models.people_model import GroupRow, PeopleModel, PersonRow
from communicator.ui.people.people_delegate import PeopleDelegate
from communicator.ui.people.request_cards import RequestCards
from communicator.ui.presence.own_strip import OwnStrip
from communicator.ui.presence.status_editor import StatusEditor
from communicator.ui.theme.theme import Theme
from communicator.ui.widgets.buttons import IconButton
from communicator.ui.widgets.row_list import RowList
from communicator.ui.widgets.surfaces import dress, line
from shared_protocol.addresses import BareJid

POINTER_GONE_MS = 300
_CONVERSATIONS_PART, _PEOPLE_PART = 45, 55


@dataclass(frozen=True, slots=True)
class OfficeView:
    """The state objects that the main window shows.

    Attributes:
        address: The own bare address. name: The own name.
        office: Name of the office or domain, for the banner.
        is_office: True if the account is in an office of Parlour.
        is_host: True if the office server runs on this computer.
    """

    address: str
    name: str
    office: str
    roster: Roster
    conversations: Conversations
    own_presence: OwnPresenceState
    connection: ConnectionState
    office_server: OfficeState
    is_office: bool = False
    is_host: bool = False


class LeftPane(QWidget):
    """Who is there.

    Signals:
        conversation_chosen: The bare JID of a conversation or person.
        contact_menu_requested: A bare JID, and a point on the screen.
        conversation_menu_requested: A bare JID, and a point on the screen.
        add_requested: Add a person.
        presence_chosen: An OwnPresence.
        request_accepted, request_declined: The bare JID of who asked.
        office_start_requested: Start the office server.
        program_menu_requested: A point on the screen.
    """

    conversation_chosen = Signal(object)
    contact_menu_requested = Signal(object, QPoint)
    conversation_menu_requested = Signal(object, QPoint)
    add_requested = Signal()
    presence_chosen = Signal(object)
    request_accepted = Signal(object)
    request_declined = Signal(object)
    office_start_requested = Signal()
    program_menu_requested = Signal(QPoint)

    def __init__(self, theme: Theme, view: OfficeView) -> None:
        super().__init__()
        dress(self, "pane")
        self._theme = theme
        self.people_model = PeopleModel(view.roster, self)
        self.conversations_model = ConversationsModel(view.conversations, view.roster, self)
        self._people_delegate = PeopleDelegate(theme)
        self._conversation_delegate = ConversationDelegate(theme)
        self.own_strip = OwnStrip(
            theme, view.own_presence, view.connection, address=view.address, name=view.name
        )
        self.status_editor = StatusEditor(theme, view.own_presence)
        self.filter_edit = QLineEdit()
        self.request_cards = RequestCards(theme, view.roster)
        self.office_chip = OfficeChip(theme, view.office_server)
        self._add_button = IconButton(theme, Icon.PLUS, self.tr("Add a person"), shortcut="Ctrl+N")
        self.offline_button = IconButton(theme, Icon.EYE_OFF, "")
        self.offline_button.setCheckable(True)
        self.conversations = Section(
            theme,
            self.tr("CONVERSATIONS"),
            Icon.MESSAGE,
            self._conversation_list(),
            button=None,
        )
        self.people = Section(
            theme, self.tr("PEOPLE"), Icon.USERS, self._people_list(), button=self.offline_button
        )
        self._pointer_gone = QTimer(self, singleShot=True, interval=POINTER_GONE_MS)
        self._lay_out()
        self._connect()
        self._show_counts()
        self._show_offline_button()

    def mark_open(self, jid: BareJid | None) -> None:
        """Mark the conversation that is open in both lists."""
        self._people_delegate.open_jid = jid
        self._conversation_delegate.open_jid = jid
        self.conversations.list.viewport().update()
        self.people.list.viewport().update()

    def focus_filter(self) -> None:
        """Let the user type into the filter."""
        self.filter_edit.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter_edit.selectAll()

    def edit_status(self) -> None:
        """Unfold the form for the status."""
        self.status_editor.begin()

    def ordered_conversations(self) -> list[ConversationRow]:
        """Return the conversations as they are listed."""
        return list(self.conversations_model.rows)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take Esc and Down from the filter: empty it, or go into the lists."""
        if watched is self.filter_edit and event.type() is QEvent.Type.KeyPress:
            return isinstance(event, QKeyEvent) and self._on_filter_key(event)
        return super().eventFilter(watched, event)

    def _conversation_list(self) -> RowList:
        return RowList(
            self._theme,
            self.conversations_model,
            self._conversation_delegate,
            self.tr("Conversations"),
        )

    def _people_list(self) -> RowList:
        return RowList(self._theme, self.people_model, self._people_delegate, self.tr("People"))

    def _lay_out(self) -> None:
        self.filter_edit.setProperty("variant", "filter")
        self.filter_edit.setPlaceholderText(self.tr("Filter people and conversations"))
        self.filter_edit.setAccessibleName(self.tr("Filter people and conversations"))
        self.filter_edit.setClearButtonEnabled(True)
        self._search_action = QAction(self)
        self.filter_edit.addAction(self._search_action, QLineEdit.ActionPosition.LeadingPosition)
        self.status_editor.hide()
        editor = QVBoxLayout()
        editor.setContentsMargins(12, 0, 12, 8)
        editor.addWidget(self.status_editor)
        search = QHBoxLayout()
        search.setContentsMargins(12, 0, 10, 8)
        search.setSpacing(6)
        search.addWidget(self.filter_edit, 1)
        search.addWidget(self._add_button)
        self.conversations.put_above_list(self.request_cards)
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(self.conversations)
        self.splitter.addWidget(self.people)
        self.splitter.setStretchFactor(0, _CONVERSATIONS_PART)
        self.splitter.setStretchFactor(1, _PEOPLE_PART)
        self.splitter.setSizes([_CONVERSATIONS_PART * 10, _PEOPLE_PART * 10])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.own_strip)
        column.addLayout(editor)
        column.addLayout(search)
        column.addWidget(line())
        column.addWidget(self.splitter, 1)
        column.addWidget(self.office_chip)

    def _connect(self) -> None:
        self.own_strip.presence_chosen.connect(self.presence_chosen)
        self.own_strip.status_edit_requested.connect(self.edit_status)
        self.own_strip.menu_requested.connect(self.program_menu_requested)
        self.status_editor.presence_chosen.connect(self.presence_chosen)
        self.status_editor.closed.connect(self._on_editor_closed)
        self.filter_edit.textChanged.connect(self._on_filter_changed)
        self.filter_edit.returnPressed.connect(self._open_first_hit)
        self.filter_edit.installEventFilter(self)
        self._add_button.clicked.connect(self.add_requested)
        self.offline_button.toggled.connect(self.people_model.show_offline)
        self.offline_button.toggled.connect(self._on_offline_toggled)
        self.conversations.list.row_chosen.connect(self._on_conversation_chosen)
        self.conversations.list.menu_requested.connect(self._on_conversation_menu)
        self.conversations.list.pointer_entered.connect(self._on_pointer_entered)
        self.conversations.list.pointer_left.connect(self._pointer_gone.start)
        self._pointer_gone.timeout.connect(self.conversations_model.release_order)
        self.conversations.note.action_chosen.connect(self.add_requested)
        self.people.list.row_chosen.connect(self._on_people_row_chosen)
        self.people.list.menu_requested.connect(self._on_people_menu)
        self.people.note.action_chosen.connect(self._on_people_note_action)
        self.request_cards.accepted.connect(self.request_accepted)
        self.request_cards.declined.connect(self.request_declined)
        self.office_chip.start_requested.connect(self.office_start_requested)
        for model in (self.people_model, self.conversations_model):
            model.modelReset.connect(self._show_counts)
            model.rowsInserted.connect(self._show_counts)
            model.rowsRemoved.connect(self._show_counts)
        self.people_model.counts_changed.connect(self._show_counts)
        self.conversations_model.unread_changed.connect(self._show_counts)
        self._theme.changed.connect(self._show_search_icon)
        self._show_search_icon()

    def _on_filter_key(self, event: QKeyEvent) -> bool:
        match event.key():
            case Qt.Key.Key_Escape:
                if self.filter_edit.text():
                    self.filter_edit.clear()
                else:
                    self.conversations.list.setFocus(Qt.FocusReason.TabFocusReason)
                return True
            case Qt.Key.Key_Down:
                is_here = self.conversations_model.rowCount() > 0
                section = self.conversations if is_here else self.people
                section.list.setFocus(Qt.FocusReason.TabFocusReason)
                return True
        return False

    def _on_filter_changed(self, text: str) -> None:
        self.people_model.filter(text)
        self.conversations_model.filter(text)
        self._show_counts()

    def _open_first_hit(self) -> None:
        if self.conversations_model.rows:
            self.conversation_chosen.emit(self.conversations_model.rows[0].key)
            return
        for row in self.people_model.rows:
            if isinstance(row, PersonRow):
                self.conversation_chosen.emit(row.contact.jid)
                return

    def _on_conversation_chosen(self, row: ConversationRow) -> None:
        self.conversation_chosen.emit(row.key)

    def _on_conversation_menu(self, row: ConversationRow, point: QPoint) -> None:
        self.conversation_menu_requested.emit(row.key, point)

    def _on_people_row_chosen(self, row: PersonRow | GroupRow) -> None:
        if isinstance(row, GroupRow):
            self.people_model.toggle_group(row.name)
        else:
            self.conversation_chosen.emit(row.contact.jid)

    def _on_people_menu(self, row: PersonRow | GroupRow, point: QPoint) -> None:
        if isinstance(row, PersonRow):
            self.contact_menu_requested.emit(row.contact.jid, point)

    def _on_people_note_action(self) -> None:
        if self.people_model.counts[1]:
            self.offline_button.setChecked(True)
        else:
            self.add_requested.emit()

    def _on_pointer_entered(self) -> None:
        self._pointer_gone.stop()
        self.conversations_model.hold_order()

    def _on_editor_closed(self) -> None:
        self.status_editor.hide()
        self.own_strip.presence_button.setFocus()

    def _on_offline_toggled(self) -> None:
        self._show_offline_button()
        self._show_counts()

    def _show_offline_button(self) -> None:
        is_shown = self.offline_button.isChecked()
        self.offline_button.put_icon(Icon.EYE if is_shown else Icon.EYE_OFF)
        self.offline_button.put_name(
            self.tr("Hide people who are offline")
            if is_shown
            else self.tr("Show people who are offline")
        )

    def _show_counts(self) -> None:
        here, total = self.people_model.counts
        self.people.show_count(self.tr("{0} of {1} here").format(here, total) if total else "")
        unread = self.conversations_model.unread
        self.conversations.show_count(
            self.tr("%n new", "", unread) if unread else "", "link" if unread else "muted"
        )
        self._show_notes(total)

    def _show_notes(self, total: int) -> None:
        is_filtered = bool(self.filter_edit.text().strip())
        if self.conversations_model.rowCount():
            self.conversations.show_list()
        elif is_filtered:
            self.conversations.show_note(self.tr("No conversation fits."))
        else:
            self.conversations.show_note(self.tr("No conversations yet."))
        if any(isinstance(row, PersonRow) for row in self.people_model.rows):
            self.people.show_list()
        elif is_filtered:
            self.people.show_note(self.tr("Nobody fits."))
        elif total == 0:
            self.people.show_note(self.tr("You are the first here."), self.tr("Add a colleague"))
        elif not self.people_model.closed_groups and not self.offline_button.isChecked():
            self.people.show_note(
                self.tr("Nobody else is here right now."), self.tr("Show everybody")
            )
        else:
            self.people.show_list()

    def _show_search_icon(self) -> None:
        self._search_action.setIcon(self._theme.icon(Icon.SEARCH, "muted", 16))
