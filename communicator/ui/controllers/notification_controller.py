"""New messages, told by the tray while nobody looks at the window; a click leads to them."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from communicator.state.conversations import Conversations, Message
from communicator.state.preferences import PreferencesState
from communicator.state.presence import Availability
from communicator.state.roster import Roster
from communicator.ui.main_window.main_window import MainWindow
from communicator.ui.plain_text import one_line
from communicator.ui.state_links import link
from communicator.ui.tray import QtTray

if TYPE_CHECKING:
    from shared_protocol.addresses import BareJid


class NotificationController(QObject):
    """Tells new messages by the tray while the window is not in front."""

    def __init__(
        self,
        *,
        window: MainWindow,
        tray: QtTray,
        roster: Roster,
        conversations: Conversations,
        preferences: PreferencesState,
    ) -> None:
        super().__init__(window)
        self._window, self._tray = window, tray
        self._roster, self._preferences = roster, preferences
        self._told: BareJid | None = None  # whose message the last notification was about
        tray.notification_clicked.connect(self._on_clicked)
        link(self, conversations.message_arrived, self._on_message_arrived)

    def _on_message_arrived(self, message: Message) -> None:
        preferences = self._preferences.preferences
        is_wanted = preferences.are_notifications_shown
        is_busy = preferences.presence.availability is Availability.DND
        if is_wanted and not is_busy and not self._window.isActiveWindow():
            self._told = message.conversation
            name = self._roster.display_name(message.conversation)
            self._tray.notify(one_line(name), one_line(message.body))

    def _on_clicked(self) -> None:
        if self._told is not None:
            self._window.come_to_front()
            self._window.show_conversation(self._told)
