"""What stands where a list is empty: one sentence, and what to do about it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from communicator.ui.icons import Icon
from communicator.ui.plain_text import PlainLabel
from communicator.ui.theme.theme import Theme
from communicator.ui.widgets.buttons import IconLabel, TextButton
from communicator.ui.widgets.surfaces import dress


class EmptyNote(QWidget):
    """One sentence and at most one action.

    Signals:
        action_chosen: The button was clicked.
    """

    action_chosen = Signal()

    def __init__(self, theme: Theme, icon: Icon, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        dress(self, "pane")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self._text = PlainLabel(tone="muted", wraps=True)
        self._text.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.button = TextButton("")
        self.button.clicked.connect(self.action_chosen)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 8, 24, 16)
        column.setSpacing(12)
        column.addStretch(2)
        mark = IconLabel(theme, icon, size=24)
        column.addWidget(mark, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self._text)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)

    @property
    def text(self) -> str:
        """What is said."""
        return self._text.text()

    def say(self, text: str, action: str = "") -> None:
        """Show a sentence, and a button unless ``action`` is empty."""
        self._text.setText(text)
        self.button.put_text(action)
        self.button.setVisible(bool(action))
