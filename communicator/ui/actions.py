"""Every action, registered once: menus, shortcuts and the shortcut sheet come from here."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from communicator.ui.icons import Icon
from communicator.ui.theme.theme import Theme

NUMBERED_CONVERSATIONS = 9


class ActionId(Enum):
    """Names of the actions, stable for settings and tests."""

    NEW_CONVERSATION = "new-conversation"
    NEW_COLLEAGUE = "new-colleague"
    FILTER = "filter"
    NEXT_CONVERSATION = "next-conversation"
    PREVIOUS_CONVERSATION = "previous-conversation"
    NEXT_UNREAD = "next-unread"
    PREVIOUS_UNREAD = "previous-unread"
    CLOSE_CONVERSATION = "close-conversation"
    DETAILS = "details"
    PRESENCE_MENU = "presence-menu"
    SHOW_OFFLINE = "show-offline"
    NEXT_REGION = "next-region"
    PREVIOUS_REGION = "previous-region"
    LARGER_TEXT = "larger-text"
    SMALLER_TEXT = "smaller-text"
    NORMAL_TEXT = "normal-text"
    SETTINGS = "settings"
    SHORTCUTS = "shortcuts"
    SIGN_OUT = "sign-out"
    QUIT = "quit"


@dataclass(frozen=True, slots=True)
class ActionEntry:
    """What is known of an action; ``shortcut`` is in Qt's portable form, empty for none."""

    action_id: ActionId
    text: str
    shortcut: str = ""
    icon: Icon | None = None


class ActionRegistry(QObject):
    """Makes the actions and tells when one was triggered.

    Signals:
        triggered: The ActionId.
        conversation_number_triggered: Ctrl+1 to Ctrl+9: 1 to 9.
    """

    triggered = Signal(object)
    conversation_number_triggered = Signal(int)

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._entries = {entry.action_id: entry for entry in self._make_entries()}
        self._actions = {entry.action_id: self._make(entry) for entry in self._entries.values()}
        self._numbered = [self._make_numbered(n + 1) for n in range(NUMBERED_CONVERSATIONS)]
        theme.changed.connect(self._show_icons)

    @property
    def entries(self) -> Sequence[ActionEntry]:
        """All entries, in the order of the shortcut sheet."""
        return tuple(self._entries.values())

    def action(self, action_id: ActionId) -> QAction:
        """Return the action for a menu or button."""
        return self._actions[action_id]

    def attach(self, window: QWidget) -> None:
        """Let a window hear the shortcuts."""
        window.addActions([*self._actions.values(), *self._numbered])

    def shortcut_text(self, action_id: ActionId) -> str:
        """Return the shortcut as this system writes it."""
        return self._actions[action_id].shortcut().toString(QKeySequence.SequenceFormat.NativeText)

    def _make_entries(self) -> tuple[ActionEntry, ...]:
        return (
            ActionEntry(
                ActionId.NEW_CONVERSATION, self.tr("Add a person"), "Ctrl+N", Icon.USER_PLUS
            ),
            ActionEntry(
                ActionId.NEW_COLLEAGUE, self.tr("Add a colleague to the office"), "", Icon.BUILDING
            ),
            ActionEntry(ActionId.FILTER, self.tr("Filter people and conversations"), "Ctrl+L"),
            ActionEntry(ActionId.NEXT_CONVERSATION, self.tr("Next conversation"), "Alt+Down"),
            ActionEntry(ActionId.PREVIOUS_CONVERSATION, self.tr("Previous conversation"), "Alt+Up"),
            ActionEntry(
                ActionId.NEXT_UNREAD, self.tr("Next unread conversation"), "Alt+Shift+Down"
            ),
            ActionEntry(
                ActionId.PREVIOUS_UNREAD, self.tr("Previous unread conversation"), "Alt+Shift+Up"
            ),
            ActionEntry(ActionId.CLOSE_CONVERSATION, self.tr("Close conversation"), "Ctrl+W"),
            ActionEntry(
                ActionId.DETAILS, self.tr("Details of the person"), "Ctrl+Shift+D", Icon.INFO
            ),
            ActionEntry(ActionId.PRESENCE_MENU, self.tr("Your presence"), "Ctrl+Shift+S"),
            ActionEntry(ActionId.SHOW_OFFLINE, self.tr("Show people who are offline")),
            ActionEntry(ActionId.NEXT_REGION, self.tr("Next part of the window"), "F6"),
            ActionEntry(
                ActionId.PREVIOUS_REGION, self.tr("Previous part of the window"), "Shift+F6"
            ),
            ActionEntry(ActionId.LARGER_TEXT, self.tr("Larger text"), "Ctrl++"),
            ActionEntry(ActionId.SMALLER_TEXT, self.tr("Smaller text"), "Ctrl+-"),
            ActionEntry(ActionId.NORMAL_TEXT, self.tr("Normal size of text"), "Ctrl+0"),
            ActionEntry(ActionId.SETTINGS, self.tr("Settings"), "Ctrl+,", Icon.SETTINGS),
            ActionEntry(ActionId.SHORTCUTS, self.tr("Keyboard shortcuts"), "F1", Icon.KEYBOARD),
            ActionEntry(ActionId.SIGN_OUT, self.tr("Sign out"), "", Icon.LOG_OUT),
            ActionEntry(ActionId.QUIT, self.tr("Quit Parlour"), "Ctrl+Q", Icon.POWER),
        )

    def _make(self, entry: ActionEntry) -> QAction:
        action = QAction(entry.text, self)
        action.setShortcut(QKeySequence(entry.shortcut))
        action.triggered.connect(lambda: self.triggered.emit(entry.action_id))
        if entry.icon is not None:
            action.setIcon(self._theme.icon(entry.icon))
        return action

    def _make_numbered(self, number: int) -> QAction:
        action = QAction(self.tr("Conversation {0}").format(number), self)
        action.setShortcut(QKeySequence(f"Ctrl+{number}"))
        action.triggered.connect(lambda: self.conversation_number_triggered.emit(number))
        return action

    def _show_icons(self) -> None:
        for entry in self._entries.values():
            if entry.icon is not None:
                self._actions[entry.action_id].setIcon(self._theme.icon(entry.icon))
