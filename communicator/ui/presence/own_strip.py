"""The strip at the top of the left pane: who I am, and what I tell the others."""

from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from communicator.state.connection import ConnectionPhase, ConnectionState, ConnectionStatus
from communicator.state.presence import Availability, OwnPresence, OwnPresenceState
from communicator.ui.avatars import PresenceShape, shape_of
from communicator.ui.icons import Icon
from communicator.ui.plain_text import ElidedLabel, for_tool_tip, one_line
from communicator.ui.presence.presence_button import BUTTON_EDGE, PresenceButton
from communicator.ui.presence.presence_menu import PresenceMenu
from communicator.ui.presence_words import PresenceWords
from communicator.ui.state_links import link
from communicator.ui.theme.theme import Theme
from communicator.ui.widgets.avatar_label import AvatarLabel
from communicator.ui.widgets.buttons import IconButton

STRIP_HEIGHT = 64


class OwnStrip(QWidget):
    """Avatar, name, presence button, and the button of the program's menu.

    Signals:
        presence_chosen: The OwnPresence that the user wants from now on.
        status_edit_requested: The user wants to write a status.
        menu_requested: The program's menu shall open at this point of the screen.
    """

    presence_chosen = Signal(object)
    status_edit_requested = Signal()
    menu_requested = Signal(QPoint)

    def __init__(
        self,
        theme: Theme,
        own: OwnPresenceState,
        connection: ConnectionState,
        *,
        address: str,
        name: str,
    ) -> None:
        super().__init__()
        self._theme, self._own, self._connection = theme, own, connection
        self._address, self._name = address, name
        self._words = PresenceWords(self)
        self._avatar = AvatarLabel(theme, size=40)
        self._name_label = ElidedLabel(one_line(name), style="name")
        self._name_label.setIndent(BUTTON_EDGE)
        self.presence_button = PresenceButton(theme)
        self.menu_button = IconButton(theme, Icon.ELLIPSIS, self.tr("Menu"))
        self.presence_menu = PresenceMenu(theme, own, self)
        self._lay_out()
        self.presence_button.clicked.connect(self.open_presence_menu)
        self.menu_button.clicked.connect(self._on_menu_clicked)
        self.presence_menu.presence_chosen.connect(self.presence_chosen)
        self.presence_menu.status_edit_requested.connect(self.status_edit_requested)
        link(self, own.presence_changed, self._on_presence_changed)
        link(self, connection.status_changed, self._on_status_changed)
        theme.changed.connect(self._show)
        self._show()

    def open_presence_menu(self) -> None:
        """Open the menu below the presence button."""
        button = self.presence_button
        self.presence_menu.popup(button.mapToGlobal(QPoint(0, button.height() + 2)))

    def put_name(self, name: str) -> None:
        """Show another name."""
        self._name = name
        self._name_label.setText(one_line(name))
        self._show()

    def _lay_out(self) -> None:
        self.setMinimumHeight(STRIP_HEIGHT)
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addStretch()
        texts.addWidget(self._name_label)
        texts.addWidget(self.presence_button)
        texts.addStretch()
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 8, 10, 8)
        row.setSpacing(10 - BUTTON_EDGE)
        row.addWidget(self._avatar)
        row.addLayout(texts, 1)
        row.addWidget(self.menu_button)

    def _on_presence_changed(self, _presence: OwnPresence) -> None:
        self._show()

    def _on_status_changed(self, _status: ConnectionStatus) -> None:
        self._show()

    def _on_menu_clicked(self) -> None:
        point = QPoint(0, self.menu_button.height() + 2)
        self.menu_requested.emit(self.menu_button.mapToGlobal(point))

    def _show(self) -> None:
        is_online = self._connection.status.phase is ConnectionPhase.ONLINE
        availability = self._own.presence.availability
        shape = shape_of(availability) if is_online else PresenceShape.OFFLINE
        self._avatar.show_person(self._address, self._name, shape)
        self._show_line()

    def _line(self) -> str:
        if self._connection.status.phase is not ConnectionPhase.ONLINE:
            return self._words.of(Availability.OFFLINE)
        return self._words.own_line(self._own.presence)

    def _show_line(self) -> None:
        line = self._line()
        self.presence_button.show_line(line)
        spoken = self.tr("Your presence: {0}").format(line)
        self.presence_button.setAccessibleName(spoken)
        self.presence_button.setToolTip(for_tool_tip(spoken))
