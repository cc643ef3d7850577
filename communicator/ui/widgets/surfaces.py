"""Grounds, lines and notices: what other widgets stand on."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from communicator.ui.icons import Icon
from communicator.ui.plain_text import PlainLabel
from communicator.ui.theme.theme import ICON_SIZE, Theme
from communicator.ui.widgets.buttons import IconLabel

COLUMN_WIDTH = 400


def dress(widget: QWidget, ground: str) -> None:
    """Give a widget a ground of the style sheet."""
    widget.setProperty("ground", ground)
    widget.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)


def line(parent: QWidget | None = None) -> QFrame:
    """Return a horizontal line that only decorates."""
    frame = QFrame(parent)
    frame.setProperty("ground", "line")
    frame.setFixedHeight(1)
    return frame


class FaultNote(QFrame):
    """Says in a form what went wrong and what to do; hidden while all is well."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        dress(self, "error")
        self._text = PlainLabel(wraps=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 10, 12, 10)
        row.setSpacing(12)
        icon = IconLabel(theme, Icon.CIRCLE_ALERT, colour="danger", size=ICON_SIZE)
        row.addWidget(icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._text, 1)
        self.hide()

    @property
    def text(self) -> str:
        """What is shown."""
        return self._text.text()

    def show_text(self, text: str) -> None:
        """Show a sentence, or hide with an empty one."""
        self._text.setText(text)
        self.setAccessibleName(text)
        self.setVisible(bool(text))


class ColumnPage(QScrollArea):
    """A page of one column in the middle, which scrolls where the window is small.

    Subclasses add to ``column`` and say by ``first_focus`` where the keyboard begins. A focus proxy
    would not do: Tab would begin there again instead of going to what stands before it.
    """

    first_focus: QWidget | None = None

    def __init__(self, parent: QWidget | None = None, *, width: int = COLUMN_WIDTH) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        ground = QWidget()
        dress(ground, "window")
        outer = QHBoxLayout(ground)
        outer.setContentsMargins(24, 24, 24, 24)
        inner = QWidget()
        inner.setMaximumWidth(width)
        self.column = QVBoxLayout(inner)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(16)
        outer.addStretch(1)
        outer.addWidget(inner, 1000)
        outer.addStretch(1)
        self.setWidget(ground)

    def setFocus(self, reason: Qt.FocusReason = Qt.FocusReason.OtherFocusReason) -> None:
        """Put the keyboard where it begins on this page."""
        if self.first_focus is not None:
            self.first_focus.setFocus(reason)
        else:
            super().setFocus(reason)
