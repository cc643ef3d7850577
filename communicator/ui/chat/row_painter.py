"""Paints a laid-out row of the log: day line, head, text, mark of delivery, note of failure."""

from dataclasses import dataclass
from datetime import date

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import (
    QFontMetrics,
    QPainter,
    QPainterPath,
    QPen,
    QTextCharFormat,
    QTextLayout,
)

from communicator.state.conversations import DeliveryState, Message
from communicator.ui.avatars import name_colour, paint_avatar
from communicator.ui.chat.moment_texts import date_and_time_text, day_text
from communicator.ui.chat.row_layout import (
    AVATAR_SIZE,
    DAY_HEIGHT,
    MARGIN,
    NOTE_GAP,
    TEXT_LEFT,
    UNREAD_HEIGHT,
    LogMetrics,
    RowLayout,
)
from communicator.ui.chat.row_shape import moment_of
from communicator.ui.chat.row_texts import RowTexts
from communicator.ui.presence_words import clock_time
from communicator.ui.theme.theme import Theme
from shared_protocol.addresses import BareJid

BUBBLE_RADIUS = 8
MARK_SIZE = 14
ACTION_GAP = 12


@dataclass(frozen=True, slots=True)
class RowPicture:
    """What is painted: a row, its place in the viewport, and what is marked in it.

    Attributes:
        marked: Start and end of the marked characters; equal if there are none.
        is_current: True if the keyboard is on this row.
    """

    layout: RowLayout
    place: QRect
    metrics: LogMetrics
    marked: tuple[int, int]
    is_current: bool


@dataclass(frozen=True, slots=True)
class People:
    """Who speaks in the log."""

    counterpart: BareJid
    counterpart_name: str
    own: BareJid
    own_name: str


class RowPainter:
    """Paints rows in the colours of a theme."""

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        self.texts = RowTexts()
        self.people: People | None = None

    def name_of(self, message: Message) -> str:
        """Return the name to show for a message's sender."""
        if self.people is None:
            return message.conversation.localpart
        return self.people.own_name if message.is_own else self.people.counterpart_name

    def paint(self, painter: QPainter, picture: RowPicture) -> None:
        """Paint one row."""
        painter.save()
        painter.translate(picture.place.topLeft())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shape = picture.layout.shape
        top = 0
        if shape.day is not None:
            self._paint_day(painter, picture, shape.day)
            top += DAY_HEIGHT
        if shape.is_first_unread:
            self._paint_unread_line(painter, picture, top)
        if shape.has_head:
            self._paint_head(painter, picture)
        self._paint_bubble(painter, picture)
        if picture.layout.message.is_own:
            self._paint_mark(painter, picture)
        if shape.has_failure:
            self._paint_failure(painter, picture)
        painter.restore()

    def paint_missing(self, painter: QPainter, place: QRect, metrics: LogMetrics) -> None:
        """Paint a grey bar in the place of a message that is being fetched."""
        painter.save()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.theme.colour("hover"))
        bar = QRect(TEXT_LEFT, place.top() + 6, min(360, place.width() - TEXT_LEFT - MARGIN), 12)
        painter.drawRoundedRect(metrics.visual(bar), 6, 6)
        painter.restore()

    def describe(self, message: Message) -> str:
        """Return a message as a screen reader says it: sender, text, time, state."""
        when = date_and_time_text(moment_of(message.message_id))
        parts = [self.name_of(message), message.body, when]
        if message.is_own:
            parts.append(self.texts.state(message.state))
        return ", ".join(parts)

    def _paint_day(self, painter: QPainter, picture: RowPicture, day: date) -> None:
        metrics = picture.metrics
        text = day_text(day)
        painter.setFont(metrics.small_font)
        width = QFontMetrics(metrics.small_font).horizontalAdvance(text)
        middle = picture.place.width() // 2
        painter.setPen(QPen(self.theme.colour("border"), 1))
        line = DAY_HEIGHT // 2
        painter.drawLine(MARGIN, line, middle - width // 2 - 12, line)
        painter.drawLine(middle + width // 2 + 12, line, picture.place.width() - MARGIN, line)
        painter.setPen(self.theme.colour("muted"))
        place = QRect(0, 0, picture.place.width(), DAY_HEIGHT)
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_unread_line(self, painter: QPainter, picture: RowPicture, top: int) -> None:
        metrics = picture.metrics
        text = self.texts.new_since(moment_of(picture.layout.message.message_id))
        painter.setFont(metrics.small_font)
        width = QFontMetrics(metrics.small_font).horizontalAdvance(text) + 1
        middle, right = top + UNREAD_HEIGHT // 2, picture.place.width() - MARGIN
        painter.setPen(QPen(self.theme.colour("accent"), 1))
        line = metrics.visual(QRect(MARGIN, middle, right - width - 8 - MARGIN, 1))
        painter.drawLine(line.topLeft(), line.topRight())
        place = metrics.visual(QRect(right - width, top, width, UNREAD_HEIGHT))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_head(self, painter: QPainter, picture: RowPicture) -> None:
        layout, metrics, people = picture.layout, picture.metrics, self.people
        message = layout.message
        jid = people.own if people is not None and message.is_own else message.conversation
        name = self.name_of(message)
        avatar = metrics.visual(QRect(MARGIN, layout.head_top + 2, AVATAR_SIZE, AVATAR_SIZE))
        paint_avatar(painter, QRectF(avatar), str(jid), name)
        name_metrics = QFontMetrics(metrics.name_font)
        shown = name_metrics.elidedText(name, Qt.TextElideMode.ElideRight, metrics.text_width - 80)
        width = name_metrics.horizontalAdvance(shown) + 1
        baseline = layout.head_top + name_metrics.ascent()
        painter.setFont(metrics.name_font)
        painter.setPen(name_colour(str(jid), self.theme.tokens))
        place = QRect(TEXT_LEFT, baseline, width, 1)
        painter.drawText(metrics.visual(place).topLeft(), shown)
        time = clock_time(moment_of(message.message_id))
        time_width = QFontMetrics(metrics.small_font).horizontalAdvance(time) + 1
        painter.setFont(metrics.small_font)
        painter.setPen(self.theme.colour("muted"))
        place = QRect(TEXT_LEFT + width + 7, baseline, time_width, 1)
        painter.drawText(metrics.visual(place).topLeft(), time)

    def _paint_bubble(self, painter: QPainter, picture: RowPicture) -> None:
        layout = picture.layout
        ground = "own" if layout.message.is_own else "other"
        painter.setBrush(self.theme.colour(ground))
        painter.setPen(
            QPen(self.theme.colour("focus"), 2) if picture.is_current else Qt.PenStyle.NoPen
        )
        painter.drawRoundedRect(layout.bubble, BUBBLE_RADIUS, BUBBLE_RADIUS)
        painter.setPen(self.theme.colour("text"))
        start, end = picture.marked
        marks = []
        if start < end:
            mark = QTextLayout.FormatRange()
            mark.start, mark.length = start, end - start
            look = QTextCharFormat()
            look.setBackground(self.theme.colour("accent"))
            look.setForeground(self.theme.colour("on_accent"))
            mark.format = look
            marks.append(mark)
        layout.text.draw(painter, layout.text_origin, marks)

    def _paint_mark(self, painter: QPainter, picture: RowPicture) -> None:
        bubble, state = picture.layout.bubble, picture.layout.message.state
        beside = (
            bubble.left() - 7 - MARK_SIZE if picture.metrics.is_mirrored else bubble.right() + 7
        )
        corner = QPointF(beside, bubble.bottom() - MARK_SIZE - 3)
        colour = self.theme.colour("danger" if state is DeliveryState.FAILED else "muted")
        if state is DeliveryState.DELIVERED:
            colour = self.theme.colour("accent")
        pen = QPen(colour, 1.6, c=Qt.PenCapStyle.RoundCap, j=Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(_mark_path(state).translated(corner))

    def _paint_failure(self, painter: QPainter, picture: RowPicture) -> None:
        layout, log = picture.layout, picture.metrics
        metrics = QFontMetrics(log.small_font)
        painter.setFont(log.small_font)
        top, height = layout.bubble.bottom(), metrics.height() + 2 * NOTE_GAP
        actions = self.texts.failure_actions()
        widths = {name: metrics.horizontalAdvance(text) + 1 for name, text in actions.items()}
        room = picture.place.width() - TEXT_LEFT - MARGIN
        room -= sum(width + ACTION_GAP for width in widths.values())
        text = self.texts.failure(layout.message.failure)
        text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
        left, width = TEXT_LEFT, metrics.horizontalAdvance(text) + 1
        painter.setPen(self.theme.colour("danger"))
        centre = Qt.AlignmentFlag.AlignCenter
        painter.drawText(log.visual(QRect(left, top, width, height)), centre, text)
        left += width + ACTION_GAP
        painter.setPen(self.theme.colour("link"))
        for name, action in actions.items():
            place = log.visual(QRect(left - 4, top, widths[name] + 8, height))
            painter.drawText(place, centre, action)
            layout.failure_actions[name] = place
            left += widths[name] + ACTION_GAP


def _mark_path(state: DeliveryState) -> QPainterPath:
    """Return the mark of a state in a square of 14: clock, tick, two ticks, triangle."""
    path = QPainterPath()
    if state is DeliveryState.WAITING:
        path.addEllipse(QRectF(1.5, 1.5, 11, 11))
        path.moveTo(7, 4)
        path.lineTo(7, 7)
        path.lineTo(9.2, 8.4)
    elif state is DeliveryState.FAILED:
        path.moveTo(7, 1.5)
        path.lineTo(13, 12)
        path.lineTo(1, 12)
        path.closeSubpath()
        path.moveTo(7, 5.5)
        path.lineTo(7, 8.5)
        path.moveTo(7, 10.2)
        path.lineTo(7, 10.3)
    else:
        shifts = (0.0, 4.5) if state is DeliveryState.DELIVERED else (0.0,)
        for shift in shifts:
            path.moveTo(1 + shift, 7.5)
            path.lineTo(4.2 + shift, 10.8)
            path.lineTo(9.5 + shift, 3.5)
    return path
