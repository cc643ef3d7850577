"""What the settings page shows and changes."""

from dataclasses import dataclass

from communicator.state.preferences import ThemeChoice


@dataclass(frozen=True, slots=True)
class SettingsValues:
    """All settings of the page; a change replaces the value.

    Attributes:
        text_percent: Size of all texts by the system's, 80 to 200.
        does_server_outlive_window: The office server goes on when Parlour quits.
        does_enter_send: Enter sends and Shift+Enter breaks the line; else the other way round.
    """

    theme: ThemeChoice = ThemeChoice.SYSTEM
    text_percent: int = 100
    does_server_outlive_window: bool = True
    does_enter_send: bool = True
    are_notifications_shown: bool = True
