"""The button that shows the own status in one line and opens the presence menu."""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QPushButton, QSizePolicy, QStyle, QWidget

from communicator.ui.icons import Icon, pixmap_of
from communicator.ui.theme.theme import Theme
from communicator.ui.theme.typography import TextStyle

BUTTON_EDGE = 6
_HEIGHT = 24
_CHEVRON = 14
_GAP = 4
_RADIUS = 5


class PresenceButton(QPushButton):
    """Small, muted, as wide as its text, with a chevron behind it."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._line = ""
        self.setAutoDefault(False)
        self.setProperty("variant", "status")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.updateGeometry)

    @property
    def line(self) -> str:
        """What is shown, before it is elided."""
        return self._line

    def show_line(self, line: str) -> None:
        """Show another status."""
        self._line = line
        self.update()

    def sizeHint(self) -> QSize:
        """Return a width for the whole line."""
        metrics = QFontMetrics(self._theme.font(TextStyle.SMALL))
        width = metrics.horizontalAdvance(self._line) + _CHEVRON + _GAP + 2 * BUTTON_EDGE
        return QSize(width, max(_HEIGHT, metrics.height() + _GAP))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's signature
        """Paint ground, focus, line and chevron."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = self._theme.font(TextStyle.SMALL)
        metrics = QFontMetrics(font)
        room = self.width() - 2 * BUTTON_EDGE - _CHEVRON - _GAP
        text = metrics.elidedText(self._line, Qt.TextElideMode.ElideRight, room)
        width = metrics.horizontalAdvance(text) + 1
        whole = QRect(0, 0, width + 2 * BUTTON_EDGE + _CHEVRON + _GAP, self.height())
        self._paint_ground(painter, self._visual(whole))
        painter.setFont(font)
        painter.setPen(self._theme.colour("muted"))
        place = self._visual(QRect(BUTTON_EDGE, 0, width, self.height()))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)
        top = (self.height() - _CHEVRON) // 2 + 1
        chevron = QRect(BUTTON_EDGE + width + _GAP, top, _CHEVRON, _CHEVRON)
        pixmap = pixmap_of(
            Icon.CHEVRON_DOWN, self._theme.tokens.muted, _CHEVRON, self.devicePixelRatioF()
        )
        painter.drawPixmap(self._visual(chevron).topLeft(), pixmap)
        painter.end()

    def _visual(self, logical: QRect) -> QRect:
        return QStyle.visualRect(self.layoutDirection(), self.rect(), logical)

    def _paint_ground(self, painter: QPainter, rect: QRect) -> None:
        if self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.colour("hover"))
            painter.drawRoundedRect(rect, _RADIUS, _RADIUS)
        if self.hasFocus():
            painter.setPen(QPen(self._theme.colour("focus"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), _RADIUS, _RADIUS)
