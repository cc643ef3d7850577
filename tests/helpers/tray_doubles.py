"""Written doubles of the tray: there is none offscreen."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from communicator.state.presence import Availability
from communicator.ui.tray import TrayCommand, TrayView


class MemoryTray(QObject):
    """Remembers what is shown and told, and chooses what a test wants.

    Attributes:
        is_available: Whether the desktop has a tray.
        views: Everything that was shown, the newest last.
        notifications: Titles and texts.
    """

    notification_clicked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.is_available = True
        self.views: list[TrayView] = []
        self.notifications: list[tuple[str, str]] = []
        self.choose: Callable[[TrayCommand | Availability], None] = lambda _command: None
        self.click: Callable[[], None] = lambda: None

    @property
    def texts(self) -> list[str]:
        """The entries of the menu."""
        return [entry.text for group in self.views[-1].groups for entry in group]

    def show_view(self, view: TrayView) -> None:
        self.views.append(view)

    def set_listener(
        self, on_command: Callable[[TrayCommand | Availability], None], on_click: Callable[[], None]
    ) -> None:
        self.choose, self.click = on_command, on_click

    def notify(self, title: str, text: str) -> None:
        self.notifications.append((title, text))

    def remove(self) -> None:
        self.is_available = False
