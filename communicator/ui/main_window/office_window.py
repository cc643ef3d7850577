"""The main window together with what belongs to it."""

from dataclasses import dataclass

from communicator.ui.chat.chat_pane import ChatPane
from communicator.ui.main_window.main_window import MainWindow
from communicator.ui.tray import QtTray


@dataclass(frozen=True, slots=True)
class OfficeWindow:
    """What the user sees of an office: the window, its chat pane, and the tray icon."""

    window: MainWindow
    pane: ChatPane
    tray: QtTray
