"""The main window: it puts the parts together and moves between them."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QCloseEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSplitter, QStackedWidget, QWidget

from communicator.ui.actions import ActionId, ActionRegistry
from communicator.ui.connection.banner import ConnectionBanner
from communicator.ui.icons import Icon
from communicator.ui.logo import logo_pixmap
from communicator.ui.main_window.empty_page import EmptyPage
from communicator.ui.main_window.left_pane import LeftPane, OfficeView
from communicator.ui.main_window.right_side import RightSide
from communicator.ui.main_window.trouble_pages import TroublePages
from communicator.ui.people.add_contact_panel import AddContactPanel
from communicator.ui.people.colleague_panel import ColleaguePanel
from communicator.ui.people.contact_panel import ContactPanel
from communicator.ui.people.side_panel import PANEL_WIDTH, SidePanel
from communicator.ui.settings.settings_page import SettingsPage
from communicator.ui.settings.shortcut_page import ShortcutPage
from communicator.ui.settings.values import SettingsValues
from communicator.ui.theme.theme import Theme
from communicator.ui.widgets.surfaces import ColumnPage
from shared_protocol.addresses import BareJid

if TYPE_CHECKING:
    from collections.abc import Callable

WIDTH, HEIGHT = 1080, 720
LEAST_WIDTH, LEAST_HEIGHT = 640, 440
LEFT_WIDTH, LEFT_LEAST, LEFT_MOST = 300, 220, 420
NARROW = 760
NARROW_WITH_PANEL = 940
_ICON_SIZE = 64


class MainWindow(QWidget):
    """Left pane, right side, and a panel on demand. The parts are attributes to connect to.

    ``left_pane``, ``banner``, ``trouble_pages``, ``settings_page``, ``contact_panel``,
    ``add_panel``, ``colleague_panel``, ``notice`` tell their own intents.

    Signals:
        conversation_chosen: The bare JID whose conversation shall be shown; the window shows the
            chat pane by itself.
        conversation_closed: The bare JID whose conversation was closed in the window.
        action_triggered: An ActionId that the window does not answer itself: LARGER_TEXT,
            SMALLER_TEXT, NORMAL_TEXT, SIGN_OUT, QUIT.
        activated: The window came to the front.
        close_requested: The user closed the window; it stays until ``hide`` is called.
    """

    conversation_chosen = Signal(object)
    conversation_closed = Signal(object)
    action_triggered = Signal(object)
    activated = Signal()
    close_requested = Signal()

    def __init__(self, theme: Theme, view: OfficeView, *, settings: SettingsValues) -> None:
        """Make the window.

        Args:
            theme: Colours, fonts and icons.
            view: The state to show.
            settings: What the settings page shows at first.
        """
        super().__init__()
        self.setWindowTitle("Parlour")
        self.setWindowIcon(logo_pixmap(theme, _ICON_SIZE))
        self.setMinimumSize(LEAST_WIDTH, LEAST_HEIGHT)
        self.resize(WIDTH, HEIGHT)
        self._view = view
        self._open_jid: BareJid | None = None
        self._is_right_in_front = False
        self._menu: QMenu | None = None
        self._theme = theme
        self.actions_of_program = ActionRegistry(theme, self)
        self.left_pane = LeftPane(theme, view)
        self.banner = ConnectionBanner(
            theme,
            view.connection,
            view.office_server,
            office=view.office,
            account=view.address,
        )
        self.settings_page = SettingsPage(theme, settings, is_host=view.is_host)
        self.shortcut_page = ShortcutPage(theme, self.actions_of_program)
        self.contact_panel = ContactPanel(theme, view.roster)
        self.add_panel = AddContactPanel(theme, view.roster)
        self.colleague_panel = ColleaguePanel(theme)
        self._empty_page = EmptyPage(theme, self.actions_of_program)
        self.right_side = RightSide(theme, banner=self.banner, empty_page=self._empty_page)
        self.notice = self.right_side.notice
        self.trouble_pages = TroublePages(
            theme,
            view.connection,
            self.right_side,
            address=view.address,
            is_office=view.is_office,
        )
        self._panels = QStackedWidget()
        self._lay_out()
        self._connect()
        self.trouble_pages.begin()
        self._focus_something()

    @property
    def open_jid(self) -> BareJid | None:
        """Whose conversation is open."""
        return self._open_jid

    def set_chat_pane(self, pane: QWidget) -> None:
        """Put the pane of the open conversation into its place."""
        self.right_side.set_chat_pane(pane)

    def show_conversation(self, jid: BareJid) -> None:
        """Show the conversation with somebody, and tell it."""
        self._open_jid = jid
        self.left_pane.mark_open(jid)
        self.left_pane.conversations.list.go_to(jid)
        self.right_side.show_chat()
        self._is_right_in_front = True
        if self._panels.isVisible() and self._panels.currentWidget() is self.contact_panel:
            self.contact_panel.show_person(jid)
        self._arrange_panes()
        self.conversation_chosen.emit(jid)

    def close_conversation(self) -> None:
        """Show that no conversation is open."""
        if self._open_jid is not None:
            jid, self._open_jid = self._open_jid, None
            self.left_pane.mark_open(None)
            self.right_side.show_empty()
            self._is_right_in_front = False
            self._arrange_panes()
            self.left_pane.conversations.list.setFocus()
            self.conversation_closed.emit(jid)

    def show_contact(self, jid: BareJid) -> None:
        """Show the details of somebody at the right."""
        self.contact_panel.show_person(jid)
        self._show_panel(self.contact_panel)

    def show_add(self, address: str = "") -> None:
        """Show the form that adds a person."""
        self.add_panel.begin(address)
        self._show_panel(self.add_panel)
        self.add_panel.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def show_colleague(self) -> None:
        """Show the form that makes an account for a colleague, on the host of the office."""
        self.colleague_panel.begin()
        self._show_panel(self.colleague_panel)
        self.colleague_panel.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def close_panel(self) -> None:
        """Close the panel at the right; the focus returns to the chat."""
        self._panels.hide()
        self._arrange_panes()
        self.right_side.page.setFocus()

    def show_settings(self) -> None:
        """Show the settings instead of the chat."""
        self._cover(self.settings_page)

    def come_to_front(self) -> None:
        """Show the window over all others, from wherever it was."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Leave it to the program what closing means."""
        event.ignore()
        self.close_requested.emit()

    def changeEvent(self, event: QEvent) -> None:
        """Tell that the window came to the front."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.ActivationChange and self.isActiveWindow():
            self.activated.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show one pane at a time where the window is narrow."""
        super().resizeEvent(event)
        self._arrange_panes()

    def _focus_something(self) -> None:
        has_rows = self.left_pane.conversations_model.rowCount() > 0
        first = self.left_pane.conversations.list if has_rows else self._empty_page.add_button
        first.setFocus()

    def _lay_out(self) -> None:
        self.left_pane.setMinimumWidth(LEFT_LEAST)
        self.left_pane.setMaximumWidth(LEFT_MOST)
        for panel in (self.contact_panel, self.add_panel, self.colleague_panel):
            self._panels.addWidget(panel)
        self._panels.setMinimumWidth(PANEL_WIDTH)
        self._panels.hide()
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setChildrenCollapsible(False)
        for part in (self.left_pane, self.right_side, self._panels):
            self.splitter.addWidget(part)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setSizes([LEFT_WIDTH, WIDTH - LEFT_WIDTH, PANEL_WIDTH])
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.splitter)
        self.actions_of_program.attach(self)

    def _connect(self) -> None:
        pane = self.left_pane
        pane.conversation_chosen.connect(self.show_conversation)
        pane.contact_menu_requested.connect(self._on_contact_menu)
        pane.conversation_menu_requested.connect(self._on_conversation_menu)
        pane.add_requested.connect(self._show_first_step)
        pane.program_menu_requested.connect(self._on_program_menu)
        pane.people_model.counts_changed.connect(self._on_counts_changed)
        self._on_counts_changed(*pane.people_model.counts)
        self._empty_page.add_requested.connect(self._show_first_step)
        self.right_side.back_requested.connect(self._on_back)
        self.right_side.page_left.connect(self._on_page_left)
        self.settings_page.close_requested.connect(self.right_side.uncover)
        self.shortcut_page.close_requested.connect(self.right_side.uncover)
        self.trouble_pages.shown.connect(self._bring_right_to_front)
        for panel in (self.contact_panel, self.add_panel, self.colleague_panel):
            panel.close_requested.connect(self.close_panel)
        self.contact_panel.message_requested.connect(self.show_conversation)
        self.actions_of_program.triggered.connect(self._on_action)
        self.actions_of_program.conversation_number_triggered.connect(self._on_number)

    def _show_first_step(self) -> None:
        """A new office needs accounts before anybody can be added to the list."""
        if self._view.is_host and not self._view.roster.contacts:
            self.show_colleague()
        else:
            self.show_add()

    def _on_counts_changed(self, _here: int, total: int) -> None:
        self._empty_page.show_people(total)

    def _on_action(self, action_id: ActionId) -> None:
        answers: dict[ActionId, Callable[[], object]] = {
            ActionId.NEW_CONVERSATION: self.show_add,
            ActionId.NEW_COLLEAGUE: self.show_colleague,
            ActionId.FILTER: self._focus_filter,
            ActionId.NEXT_CONVERSATION: lambda: self._step(1),
            ActionId.PREVIOUS_CONVERSATION: lambda: self._step(-1),
            ActionId.NEXT_UNREAD: lambda: self._step(1, only_unread=True),
            ActionId.PREVIOUS_UNREAD: lambda: self._step(-1, only_unread=True),
            ActionId.CLOSE_CONVERSATION: self.close_conversation,
            ActionId.DETAILS: self._toggle_details,
            ActionId.PRESENCE_MENU: self.left_pane.own_strip.open_presence_menu,
            ActionId.SHOW_OFFLINE: self.left_pane.offline_button.toggle,
            ActionId.NEXT_REGION: lambda: self._go_to_region(1),
            ActionId.PREVIOUS_REGION: lambda: self._go_to_region(-1),
            ActionId.SETTINGS: self.show_settings,
            ActionId.SHORTCUTS: lambda: self._cover(self.shortcut_page),
        }
        answer = answers.get(action_id)
        if answer is None:
            self.action_triggered.emit(action_id)
        else:
            answer()

    def _step(self, step: int, *, only_unread: bool = False) -> None:
        rows = self.left_pane.ordered_conversations()
        jids = [row.key for row in rows]
        at = jids.index(self._open_jid) if self._open_jid in jids else (-1 if step > 0 else 0)
        for distance in range(1, len(rows) + 1):
            row = rows[(at + step * distance) % len(rows)]
            if row.conversation.unread or not only_unread:
                self.show_conversation(row.key)
                return

    def _on_number(self, number: int) -> None:
        rows = self.left_pane.ordered_conversations()
        if number <= len(rows):
            self.show_conversation(rows[number - 1].key)

    def _focus_filter(self) -> None:
        self._is_right_in_front = False
        self._arrange_panes()
        self.left_pane.focus_filter()

    def _toggle_details(self) -> None:
        if self._panels.isVisible() and self._panels.currentWidget() is self.contact_panel:
            self.close_panel()
        elif self._open_jid is not None:
            self.show_contact(self._open_jid)

    def _go_to_region(self, step: int) -> None:
        lists = (self.left_pane.conversations, self.left_pane.people)
        regions: list[QWidget] = [self.left_pane.filter_edit]
        regions += [part.note.button if part.is_empty else part.list for part in lists]
        regions += [self.right_side.page, self._panels]
        usable = [region for region in regions if region.isVisible()]
        focused = self.focusWidget()
        at = next(
            (
                number
                for number, region in enumerate(usable)
                if region is focused or (focused is not None and region.isAncestorOf(focused))
            ),
            -1 if step > 0 else 0,
        )
        self._focus_inside(usable[(at + step) % len(usable)])

    def _focus_inside(self, region: QWidget) -> None:
        reason = Qt.FocusReason.ShortcutFocusReason
        place = self._panels.currentWidget() if region is self._panels else region
        if isinstance(place, ColumnPage | SidePanel) and place.first_focus is not None:
            place.setFocus(reason)
            return
        target = region
        if region.focusPolicy() is Qt.FocusPolicy.NoFocus and region.focusProxy() is None:
            inside = (
                child
                for child in region.findChildren(QWidget)
                if child.isVisibleTo(region) and child.focusPolicy() & Qt.FocusPolicy.TabFocus
            )
            target = next(inside, region)
        target.setFocus(reason)

    def _cover(self, page: QWidget) -> None:
        self.right_side.cover(page)
        self._bring_right_to_front()
        page.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _show_panel(self, panel: SidePanel) -> None:
        self._panels.setCurrentWidget(panel)
        if self._panels.isHidden():
            left = self.left_pane.width()
            self._panels.show()
            self.splitter.setSizes([left, self.width() - left - PANEL_WIDTH, PANEL_WIDTH])
        self._arrange_panes()

    def _on_back(self) -> None:
        self._is_right_in_front = False
        self._arrange_panes()
        self.left_pane.conversations.list.setFocus()

    def _on_page_left(self) -> None:
        self._is_right_in_front = self._open_jid is not None
        self._arrange_panes()
        self.right_side.page.setFocus()

    def _bring_right_to_front(self) -> None:
        self._is_right_in_front = True
        self._arrange_panes()

    def _arrange_panes(self) -> None:
        has_panel = self._panels.isVisibleTo(self.splitter)
        is_narrow = self.width() < NARROW
        is_covered = has_panel and self.width() < NARROW_WITH_PANEL
        left = not is_narrow or not (self._is_right_in_front or has_panel)
        right = not is_covered and (not is_narrow or self._is_right_in_front)
        self.left_pane.setMaximumWidth(self.width() if is_narrow else LEFT_MOST)
        self.left_pane.setVisible(left)
        self.right_side.setVisible(right)
        self.right_side.show_back(is_narrow and right)

    def _on_program_menu(self, point: QPoint) -> None:
        menu = self._new_menu()
        hosting = (ActionId.NEW_COLLEAGUE,) if self._view.is_host else ()
        daily = (ActionId.NEW_CONVERSATION, *hosting, ActionId.SETTINGS, ActionId.SHORTCUTS)
        for action_id in daily:
            menu.addAction(self.actions_of_program.action(action_id))
        menu.addSeparator()
        for action_id in (ActionId.SIGN_OUT, ActionId.QUIT):
            menu.addAction(self.actions_of_program.action(action_id))
        menu.popup(point)

    def _on_contact_menu(self, jid: BareJid, point: QPoint) -> None:
        menu = self._new_menu()
        write = menu.addAction(self._theme.icon(Icon.MESSAGE), self.tr("Write a message"))
        write.triggered.connect(lambda: self.show_conversation(jid))
        details = menu.addAction(self._theme.icon(Icon.PENCIL), self.tr("Name, groups, remove..."))
        details.triggered.connect(lambda: self.show_contact(jid))
        menu.popup(point)

    def _on_conversation_menu(self, jid: BareJid, point: QPoint) -> None:
        menu = self._new_menu()
        details = menu.addAction(self._theme.icon(Icon.INFO), self.tr("Details of the person"))
        details.triggered.connect(lambda: self.show_contact(jid))
        if jid == self._open_jid:
            menu.addAction(self.actions_of_program.action(ActionId.CLOSE_CONVERSATION))
        menu.popup(point)

    def _new_menu(self) -> QMenu:
        if self._menu is not None:
            self._menu.deleteLater()
        self._menu = QMenu(self)
        return self._menu
