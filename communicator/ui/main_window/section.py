"""A section of the left pane: a heading with a count, and a list that may be empty."""

from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from communicator.ui.icons import Icon
from communicator.ui.plain_text import PlainLabel
from communicator.ui.theme.theme import Theme
from communicator.ui.widgets.empty_note import EmptyNote
from communicator.ui.widgets.row_list import RowList
from communicator.ui.widgets.surfaces import dress

_HEADING_HEIGHT = 36


class Section(QWidget):
    """Heading, count, perhaps a button in the heading, and the list or an empty note."""

    def __init__(
        self, theme: Theme, title: str, icon: Icon, row_list: RowList, *, button: QWidget | None
    ) -> None:
        super().__init__()
        dress(self, "pane")
        self.list = row_list
        self.note = EmptyNote(theme, icon)
        self._count = PlainLabel(tone="muted", style="small")
        heading = QWidget()
        heading.setFixedHeight(_HEADING_HEIGHT)
        row = QHBoxLayout(heading)
        row.setContentsMargins(16, 4, 10 if button else 16, 0)
        row.setSpacing(4)
        row.addWidget(PlainLabel(title, style="section"))
        row.addStretch()
        row.addWidget(self._count)
        if button is not None:
            row.addWidget(button)
        self._stack = QStackedLayout()
        self._stack.addWidget(self.list)
        self._stack.addWidget(self.note)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(heading)
        self._column.addLayout(self._stack, 1)

    @property
    def count_text(self) -> str:
        """What stands at the end of the heading."""
        return self._count.text()

    def put_above_list(self, widget: QWidget) -> None:
        """Put something between heading and list."""
        self._column.insertWidget(1, widget)

    def show_count(self, text: str, tone: str = "muted") -> None:
        """Show a count at the end of the heading."""
        self._count.setText(text)
        self._count.set_tone(tone)

    def show_list(self) -> None:
        """Show the list."""
        self._stack.setCurrentWidget(self.list)

    def show_note(self, text: str, action: str = "") -> None:
        """Show a sentence instead of the list."""
        self.note.say(text, action)
        self._stack.setCurrentWidget(self.note)

    @property
    def is_empty(self) -> bool:
        """True while the note is shown."""
        return self._stack.currentWidget() is self.note
