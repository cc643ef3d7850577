"""What the right side shows while no conversation is open."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from communicator.ui.actions import ActionId, ActionRegistry
from communicator.ui.icons import Icon
from communicator.ui.main_window.key_hints import KeyHints
from communicator.ui.plain_text import PlainLabel
from communicator.ui.theme.theme import Theme
from communicator.ui.widgets.buttons import IconLabel, TextButton
from communicator.ui.widgets.surfaces import dress

_ICON_SIZE = 48


class EmptyPage(QWidget):
    """One sentence, one button, and the keys that help.

    Signals:
        add_requested: Add a person.
    """

    add_requested = Signal()

    def __init__(self, theme: Theme, actions: ActionRegistry) -> None:
        super().__init__()
        dress(self, "window")
        self._title = PlainLabel(style="title")
        self._text = PlainLabel(tone="muted", wraps=True)
        self.add_button = TextButton("", variant="primary")
        self.add_button.clicked.connect(self.add_requested)
        centre = Qt.AlignmentFlag.AlignHCenter
        for label in (self._title, self._text):
            label.setAlignment(centre)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(12)
        column.addStretch(4)
        column.addWidget(IconLabel(theme, Icon.MESSAGE, size=_ICON_SIZE), 0, centre)
        column.addWidget(self._title)
        column.addWidget(self._text)
        column.addSpacing(4)
        column.addWidget(self.add_button, 0, centre)
        column.addStretch(5)
        hints = (
            (ActionId.NEXT_CONVERSATION, self.tr("next conversation")),
            (ActionId.FILTER, self.tr("find somebody")),
            (ActionId.SHORTCUTS, self.tr("all shortcuts")),
        )
        column.addWidget(KeyHints([(actions.shortcut_text(key), words) for key, words in hints]))
        self.show_people(0)

    def show_people(self, people: int) -> None:
        """Say what fits to the number of people in the list."""
        if people:
            self._title.setText(self.tr("No conversation is open"))
            self._text.setText(self.tr("Choose somebody on the left, and write."))
            self.add_button.put_text(self.tr("Add a person"))
            self.add_button.setProperty("variant", "")
        else:
            self._title.setText(self.tr("You are the first here"))
            self._text.setText(
                self.tr("Add the people that you work with. They are asked, and then you can talk.")
            )
            self.add_button.put_text(self.tr("Add a colleague"))
            self.add_button.setProperty("variant", "primary")
        self.add_button.style().unpolish(self.add_button)
        self.add_button.style().polish(self.add_button)
