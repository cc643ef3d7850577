"""The sheet of shortcuts, made from the registry of actions."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from communicator.ui.actions import NUMBERED_CONVERSATIONS, ActionRegistry
from communicator.ui.icons import Icon
from communicator.ui.plain_text import PlainLabel
from communicator.ui.theme.theme import Theme
from communicator.ui.widgets.buttons import IconButton
from communicator.ui.widgets.surfaces import ColumnPage, dress, line

PAGE_WIDTH = 560


class ShortcutPage(ColumnPage):
    """All actions with their keys.

    Signals:
        close_requested: The user is done.
    """

    close_requested = Signal()

    def __init__(self, theme: Theme, actions: ActionRegistry) -> None:
        super().__init__(width=PAGE_WIDTH)
        self.setAccessibleName(self.tr("Keyboard shortcuts"))
        self._close = IconButton(theme, Icon.X, self.tr("Close"), shortcut=self.tr("Esc"))
        self._close.clicked.connect(self.close_requested)
        head = QHBoxLayout()
        head.addWidget(PlainLabel(self.tr("Keyboard shortcuts"), style="page"), 1)
        head.addWidget(self._close)
        self.column.addLayout(head)
        card = QFrame()
        dress(card, "card")
        inside = QVBoxLayout(card)
        inside.setContentsMargins(0, 4, 0, 4)
        inside.setSpacing(0)
        for number, (text, keys) in enumerate(self._entries(actions)):
            if number:
                inside.addWidget(line())
            inside.addWidget(self._row(text, keys))
        self.column.addWidget(card)
        self.column.addStretch()
        self.first_focus = self._close

    def _entries(self, actions: ActionRegistry) -> list[tuple[str, str]]:
        entries = [
            (entry.text, actions.shortcut_text(entry.action_id))
            for entry in actions.entries
            if entry.shortcut
        ]
        numbers = self.tr("Ctrl+1 to Ctrl+{0}").format(NUMBERED_CONVERSATIONS)
        entries.insert(2, (self.tr("First to ninth conversation"), numbers))
        entries.append((self.tr("Back one step"), self.tr("Esc")))
        return entries

    def _row(self, text: str, keys: str) -> QWidget:
        row = QWidget()
        box = QHBoxLayout(row)
        box.setContentsMargins(16, 7, 16, 7)
        box.addWidget(PlainLabel(text), 1)
        box.addWidget(PlainLabel(keys, tone="muted"))
        return row
