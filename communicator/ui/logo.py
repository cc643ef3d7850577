"""Parlour's mark, painted: two balloons that share a room."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget

from communicator.ui.theme.theme import Theme

_UNITS = 64


def _balloon(rect: QRectF, tail: tuple[QPointF, QPointF, QPointF]) -> QPainterPath:
    path = QPainterPath()
    path.addRoundedRect(rect, 9, 9)
    corner = QPainterPath(tail[0])
    corner.lineTo(tail[1])
    corner.lineTo(tail[2])
    corner.closeSubpath()
    return path.united(corner)


def paint_logo(painter: QPainter, rect: QRectF, ground: QColor, ink: QColor) -> None:
    """Paint the mark: a rounded square of ``ground`` with two balloons of ``ink``."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.topLeft())
    painter.scale(rect.width() / _UNITS, rect.height() / _UNITS)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    painter.drawRoundedRect(QRectF(0, 0, _UNITS, _UNITS), 15, 15)
    back = _balloon(QRectF(25, 12, 28, 22), (QPointF(42, 30), QPointF(50, 30), QPointF(50, 42)))
    front = _balloon(QRectF(11, 25, 31, 22), (QPointF(15, 42), QPointF(25, 44), QPointF(16, 55)))
    outline = QPainterPath()
    outline.addRoundedRect(QRectF(8, 22, 37, 28), 11, 11)
    faint = QColor(ink)
    faint.setAlphaF(0.55)
    painter.setBrush(faint)
    painter.drawPath(back.subtracted(outline))
    painter.setBrush(ink)
    painter.drawPath(front)
    painter.restore()


def logo_pixmap(theme: Theme, size: int, ratio: float = 1.0) -> QPixmap:
    """Return the mark as a picture of ``size`` device-independent pixels."""
    pixmap = QPixmap(QSize(round(size * ratio), round(size * ratio)))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    rect = QRectF(0, 0, size, size)
    paint_logo(painter, rect, theme.colour("accent"), theme.colour("on_accent"))
    painter.end()
    return pixmap


class LogoLabel(QWidget):
    """The mark as a widget."""

    def __init__(self, theme: Theme, size: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setFixedSize(size, size)
        self.setAccessibleName("Parlour")
        theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's signature
        """Paint the mark."""
        painter = QPainter(self)
        rect = QRectF(self.rect())
        paint_logo(painter, rect, self._theme.colour("accent"), self._theme.colour("on_accent"))
        painter.end()
