"""What the delegates of all lists share: grounds, texts and mirroring."""

from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from communicator.ui.theme.theme import Theme
from communicator.ui.theme.typography import TextStyle

ROW_MARGIN = 8  # between the pane's edge and a row's ground
RADIUS = 6
_FOCUS_WIDTH = 2
_TEXT_MARGIN = 12


@dataclass(frozen=True, slots=True)
class TextRun:
    """One line of text in a row; ``colour`` is a token."""

    text: str
    style: TextStyle = TextStyle.BODY
    colour: str = "text"
    at_end: bool = False


class RowDelegate(QStyledItemDelegate):
    """Paints a row's ground; subclasses paint what stands on it.

    Rows are laid out from left to right and mirrored where one writes from right to left.
    """

    least_height = 44

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme

    def sizeHint(
        self,
        option: QStyleOptionViewItem,  # noqa: ARG002 - Qt's signature
        index: QModelIndex | QPersistentModelIndex,  # noqa: ARG002 - Qt's signature
    ) -> QSize:
        """Return one size for all rows: it grows with the text."""
        body = QFontMetrics(self.theme.font(TextStyle.NAME)).height()
        small = QFontMetrics(self.theme.font(TextStyle.SMALL)).height()
        return QSize(0, max(self.least_height, body + small + _TEXT_MARGIN))

    def paint_ground(
        self, painter: QPainter, option: QStyleOptionViewItem, *, is_open: bool = False
    ) -> QColor:
        """Paint the ground and the focus ring; return the ground's colour."""
        state: QStyle.StateFlag = option.state
        rect = QRectF(self.rect_of(option)).adjusted(ROW_MARGIN, 1, -ROW_MARGIN, -1)
        ground = "pane"
        if is_open:
            ground = "selected"
        elif state & QStyle.StateFlag.State_MouseOver:
            ground = "hover"
        colour = self.theme.colour(ground)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if ground != "pane":
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawRoundedRect(rect, RADIUS, RADIUS)
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(self.theme.colour("focus"), _FOCUS_WIDTH))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), RADIUS, RADIUS)
        return colour

    def rect_of(self, option: QStyleOptionViewItem) -> QRect:
        """Return the row's rectangle."""
        rect: QRect = option.rect
        return rect

    def mirrored(self, option: QStyleOptionViewItem, logical: QRect) -> QRect:
        """Return the place on the screen of a rectangle that was laid out from left to right."""
        direction: Qt.LayoutDirection = option.direction
        return QStyle.visualRect(direction, self.rect_of(option), logical)

    def draw_text(
        self, painter: QPainter, option: QStyleOptionViewItem, logical: QRect, run: TextRun
    ) -> None:
        """Draw one line, elided where it has no room, at the start or the end of its place."""
        font = self.theme.font(run.style)
        painter.setFont(font)
        painter.setPen(self.theme.colour(run.colour))
        direction: Qt.LayoutDirection = option.direction
        side = Qt.AlignmentFlag.AlignRight if run.at_end else Qt.AlignmentFlag.AlignLeft
        alignment = QStyle.visualAlignment(direction, side | Qt.AlignmentFlag.AlignVCenter)
        alignment |= Qt.AlignmentFlag.AlignAbsolute
        painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)  # that of the text
        place = self.mirrored(option, logical)
        elided = QFontMetrics(font).elidedText(run.text, Qt.TextElideMode.ElideRight, place.width())
        painter.drawText(place, alignment, elided)

    def text_width(self, text: str, style: TextStyle) -> int:
        """Return how wide a text is."""
        return QFontMetrics(self.theme.font(style)).horizontalAdvance(text) + 1
