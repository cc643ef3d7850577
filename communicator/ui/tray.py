"""The tray icon: what it shows is counted here, how it is shown is behind a port.

``TrayPresenter`` knows the state and makes a ``TrayView``; ``QtTray`` shows it with Qt. Tests use a
double, for there is no tray offscreen.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from PySide6.QtCore import QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from communicator.state.connection import ConnectionPhase, ConnectionState
from communicator.state.conversations import Conversations
from communicator.state.office import OfficePhase, OfficeState, OfficeStatus
from communicator.state.presence import Availability, OwnPresenceState
from communicator.ui.avatars import PresenceShape, paint_presence, shape_of
from communicator.ui.logo import paint_logo
from communicator.ui.plain_text import for_menu, one_line
from communicator.ui.presence.presence_menu import presence_icon
from communicator.ui.presence.presets import CHOOSABLE
from communicator.ui.presence_words import PresenceWords
from communicator.ui.state_links import link
from communicator.ui.theme.theme import Theme

ICON_SIZES = (16, 22, 24, 32, 48, 64)


class TrayCommand(Enum):
    """What an entry of the menu does."""

    SHOW_WINDOW = "show-window"
    HIDE_WINDOW = "hide-window"
    START_OFFICE = "start-office"
    STOP_OFFICE = "stop-office"
    QUIT = "quit"


@dataclass(frozen=True, slots=True)
class TrayEntry:
    """An entry of the tray's menu.

    Attributes:
        command: What it does: a command, an Availability, or None for a line that only tells.
        is_marked: The presence that is chosen.
    """

    text: str
    command: TrayCommand | Availability | None = None
    is_marked: bool = False


@dataclass(frozen=True, slots=True)
class TrayView:
    """Everything that the tray shows; ``groups`` are parted by lines in the menu."""

    shape: PresenceShape
    has_unread: bool
    tool_tip: str
    groups: tuple[tuple[TrayEntry, ...], ...]


class TrayPort(Protocol):
    """Shows a view and tells what was chosen."""

    def show_view(self, view: TrayView) -> None:
        """Show another view."""
        ...

    def set_listener(
        self, on_command: Callable[[TrayCommand | Availability], None], on_click: Callable[[], None]
    ) -> None:
        """Tell chosen entries and clicks on the icon."""
        ...


class TrayPresenter(QObject):
    """Keeps the tray true to the state.

    Signals:
        window_toggled: Show the window, or hide it.
        presence_chosen: The Availability.
        office_start_requested, office_stop_requested: Start or stop the office server.
        quit_requested: End the program.
    """

    window_toggled = Signal()
    presence_chosen = Signal(object)
    office_start_requested = Signal()
    office_stop_requested = Signal()
    quit_requested = Signal()

    def __init__(
        self,
        tray: TrayPort,
        *,
        own_presence: OwnPresenceState,
        connection: ConnectionState,
        conversations: Conversations,
        office_server: OfficeState,
    ) -> None:
        super().__init__()
        self._tray, self._own, self._connection = tray, own_presence, connection
        self._conversations, self._office = conversations, office_server
        self._words = PresenceWords(self)
        self._is_window_shown = True
        self._view: TrayView | None = None
        tray.set_listener(self._on_command, self.window_toggled.emit)
        link(self, own_presence.presence_changed, self._on_changed)
        link(self, connection.status_changed, self._on_changed)
        link(self, conversations.conversation_changed, self._on_changed)
        link(self, conversations.conversation_removed, self._on_changed)
        link(self, office_server.status_changed, self._on_changed)
        self._show()

    def tell_window(self, *, is_shown: bool) -> None:
        """Take note whether the window is shown, for the words of the menu."""
        self._is_window_shown = is_shown
        self._show()

    def _on_changed(self, _value: object) -> None:
        self._show()

    def _show(self) -> None:
        view = self._make_view()
        if view != self._view:
            self._view = view
            self._tray.show_view(view)

    def _make_view(self) -> TrayView:
        is_online = self._connection.status.phase is ConnectionPhase.ONLINE
        availability = self._own.presence.availability if is_online else Availability.OFFLINE
        unread = self._conversations.unread
        parts = [self._words.of(availability)]
        if unread:
            parts.append(self.tr("%n unread", "", unread))
        return TrayView(
            shape=shape_of(availability),
            has_unread=unread > 0,
            tool_tip=f"Parlour - {', '.join(parts)}",
            groups=tuple(group for group in self._groups() if group),
        )

    def _groups(self) -> tuple[tuple[TrayEntry, ...], ...]:
        window = (
            TrayEntry(self.tr("Hide Parlour"), TrayCommand.HIDE_WINDOW)
            if self._is_window_shown
            else TrayEntry(self.tr("Show Parlour"), TrayCommand.SHOW_WINDOW)
        )
        current = self._own.presence.availability
        presences = tuple(
            TrayEntry(self._words.of(availability), availability, is_marked=availability is current)
            for availability in CHOOSABLE
        )
        quit_entry = TrayEntry(self.tr("Quit Parlour"), TrayCommand.QUIT)
        return (window,), presences, self._office_entries(self._office.status), (quit_entry,)

    def _office_entries(self, status: OfficeStatus) -> tuple[TrayEntry, ...]:
        start = TrayEntry(self.tr("Start the office server"), TrayCommand.START_OFFICE)
        stop = TrayEntry(self.tr("Stop the office server"), TrayCommand.STOP_OFFICE)
        connected = self.tr("Office server: running, %n connected", "", status.connected)
        return {
            OfficePhase.ABSENT: (),
            OfficePhase.STOPPED: (TrayEntry(self.tr("Office server: stopped")), start),
            OfficePhase.STARTING: (TrayEntry(self.tr("Office server: starting...")),),
            OfficePhase.RUNNING: (TrayEntry(connected), stop),
            OfficePhase.STOPPING: (TrayEntry(self.tr("Office server: stopping...")),),
            OfficePhase.FAILED: (TrayEntry(self.tr("Office server: not running")), start),
        }[status.phase]

    def _on_command(self, command: TrayCommand | Availability) -> None:
        if isinstance(command, Availability):
            self.presence_chosen.emit(command)
            return
        {
            TrayCommand.SHOW_WINDOW: self.window_toggled,
            TrayCommand.HIDE_WINDOW: self.window_toggled,
            TrayCommand.START_OFFICE: self.office_start_requested,
            TrayCommand.STOP_OFFICE: self.office_stop_requested,
            TrayCommand.QUIT: self.quit_requested,
        }[command].emit()


def _escaped(text: str) -> str:
    """Return a text for freedesktop's notifications, whose bodies are markup."""
    if not sys.platform.startswith("linux"):
        return text
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def tray_icon(theme: Theme, shape: PresenceShape, *, has_unread: bool) -> QIcon:
    """Return the mark with the presence shape, and a dot while something is unread."""
    icon = QIcon()
    for size in ICON_SIZES:
        pixmap = QPixmap(QSize(size, size))
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        whole = QRectF(0, 0, size, size)
        ground = theme.colour("pane")
        paint_logo(painter, whole, theme.colour("accent"), theme.colour("on_accent"))
        badge = QRectF(size * 0.52, size * 0.52, size * 0.48, size * 0.48)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawEllipse(badge)
        inset = size * 0.05
        inner = badge.adjusted(inset, inset, -inset, -inset)
        paint_presence(painter, inner, shape, theme.tokens, ground)
        if has_unread:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setBrush(theme.colour("dnd"))
            painter.setPen(ground)
            painter.drawEllipse(QRectF(size * 0.56, 0, size * 0.42, size * 0.42))
        painter.end()
        icon.addPixmap(pixmap)
    return icon


class QtTray(QObject):
    """The system's tray. ``is_available`` is False on desktops without one.

    Signals:
        notification_clicked: The notification that was shown last was clicked.
    """

    notification_clicked = Signal()

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._view: TrayView | None = None
        self._on_command: Callable[[TrayCommand | Availability], None] = lambda _command: None
        self._on_click: Callable[[], None] = lambda: None
        self._menu = QMenu()
        self._icon = QSystemTrayIcon(self)
        self._icon.setContextMenu(self._menu)
        self._icon.activated.connect(self._on_activated)
        self._icon.messageClicked.connect(self.notification_clicked)
        theme.changed.connect(self._show_icon)

    @property
    def is_available(self) -> bool:
        """True if the desktop has a tray."""
        return QSystemTrayIcon.isSystemTrayAvailable()

    def set_listener(
        self, on_command: Callable[[TrayCommand | Availability], None], on_click: Callable[[], None]
    ) -> None:
        """Tell chosen entries and clicks on the icon."""
        self._on_command, self._on_click = on_command, on_click

    def show_view(self, view: TrayView) -> None:
        """Show another view."""
        self._view = view
        self._icon.setToolTip(view.tool_tip)
        self._show_icon()
        self._menu.clear()
        for number, group in enumerate(view.groups):
            if number:
                self._menu.addSeparator()
            for entry in group:
                self._add(entry)
        self._icon.show()

    def notify(self, title: str, text: str) -> None:
        """Show a notification of plain text; the one before is replaced."""
        if self._view is not None:
            shown = _escaped(one_line(text))
            icon = tray_icon(self._theme, self._view.shape, has_unread=True)
            self._icon.showMessage(one_line(title), shown, icon)

    def remove(self) -> None:
        """Take the icon away, at the end of the program."""
        self._icon.hide()

    def _add(self, entry: TrayEntry) -> None:
        action = self._menu.addAction(for_menu(entry.text))
        command = entry.command
        if command is None:
            action.setEnabled(False)
            return
        if isinstance(command, Availability):
            action.setIcon(presence_icon(self._theme, shape_of(command)))
        if entry.is_marked:
            font = action.font()
            font.setBold(True)
            action.setFont(font)
        action.triggered.connect(lambda: self._on_command(command))

    def _show_icon(self) -> None:
        if self._view is not None:
            shape, has_unread = self._view.shape, self._view.has_unread
            self._icon.setIcon(tray_icon(self._theme, shape, has_unread=has_unread))

    def _on_activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason is QSystemTrayIcon.ActivationReason.Trigger:
            self._on_click()
