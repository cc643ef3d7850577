"""What all panels at the right side of the window have in common: title, close button, column."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from communicator.ui.icons import Icon
from communicator.ui.plain_text import PlainLabel
from communicator.ui.theme.theme import Theme
from communicator.ui.widgets.buttons import IconButton
from communicator.ui.widgets.surfaces import dress

PANEL_WIDTH = 340
_HEAD_HEIGHT = 56


class SidePanel(QWidget):
    """A panel; subclasses add to ``column`` and set ``first_focus``, as on a ``ColumnPage``.

    Signals:
        close_requested: The cross was clicked, or Esc pressed.
    """

    close_requested = Signal()
    first_focus: QWidget | None = None

    def __init__(self, theme: Theme, title: str) -> None:
        super().__init__()
        dress(self, "pane")
        self.setMinimumWidth(PANEL_WIDTH)
        self._title = PlainLabel(title, style="title")
        close = IconButton(theme, Icon.X, self.tr("Close"), shortcut=self.tr("Esc"))
        close.clicked.connect(self.close_requested)
        head = QWidget()
        head.setFixedHeight(_HEAD_HEIGHT)
        row = QHBoxLayout(head)
        row.setContentsMargins(16, 0, 10, 0)
        row.addWidget(self._title, 1)
        row.addWidget(close)
        inner = QWidget()
        dress(inner, "pane")
        self.column = QVBoxLayout(inner)
        self.column.setContentsMargins(16, 8, 16, 16)
        self.column.setSpacing(16)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inner)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(head)
        outer.addWidget(area, 1)
        self.setAccessibleName(title)

    def setFocus(self, reason: Qt.FocusReason = Qt.FocusReason.OtherFocusReason) -> None:
        """Put the keyboard where it begins on this panel."""
        if self.first_focus is not None:
            self.first_focus.setFocus(reason)
        else:
            super().setFocus(reason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close by Esc."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_requested.emit()
            return
        super().keyPressEvent(event)
