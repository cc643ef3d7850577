"""What the program remembers of the user's choices between two starts."""

from dataclasses import dataclass, field
from enum import Enum

from communicator.state.account import Account
from communicator.state.presence import OwnPresence
from communicator.state.signals import Signal


class ThemeChoice(Enum):
    """Light, dark, or what the system says."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class PasswordKeeping(Enum):
    """Where the account's password is kept."""

    KEYRING = "keyring"
    ENCRYPTED_FILE = "encrypted-file"
    SESSION_ONLY = "session-only"


@dataclass(frozen=True, slots=True)
class Preferences:
    """One value for all choices; a change replaces it.

    Attributes:
        geometry: What Qt's ``saveGeometry`` gave for the window, in base64.
        splitter, sections: What ``saveState`` gave for the panes and for the two lists.
        office_outlives_window: Whether the office server keeps running when the program ends.
        text_percent: Size of all texts by the system's, 80 to 200.
        does_enter_send: Enter sends and Shift+Enter breaks the line; else Ctrl+Enter sends.
        is_tray_hint_shown: Whether the user was told once that the program stays in the tray.
    """

    account: Account | None = None
    password_keeping: PasswordKeeping = PasswordKeeping.KEYRING
    presence: OwnPresence = field(default_factory=OwnPresence)
    theme: ThemeChoice = ThemeChoice.SYSTEM
    geometry: str = ""
    splitter: str = ""
    sections: str = ""
    text_percent: int = 100
    are_offline_shown: bool = False
    does_enter_send: bool = True
    are_notifications_shown: bool = True
    office_outlives_window: bool = True
    is_tray_hint_shown: bool = False


class PreferencesState:
    """The preferences now.

    Signals:
        preferences_changed: The new preferences; the composition root saves them.
    """

    def __init__(self, preferences: Preferences | None = None) -> None:
        self._preferences = preferences or Preferences()
        self.preferences_changed: Signal[Preferences] = Signal()

    @property
    def preferences(self) -> Preferences:
        """All preferences."""
        return self._preferences

    def put(self, preferences: Preferences) -> None:
        """Replace the preferences."""
        if preferences != self._preferences:
            self._preferences = preferences
            self.preferences_changed.emit(preferences)
