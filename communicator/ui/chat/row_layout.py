"""A row of the log, laid out: its height and where each of its parts stands."""

from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QTextCharFormat, QTextLayout, QTextOption

from communicator.state.conversations import Message
from communicator.ui.chat.links import Link, links_in
from communicator.ui.chat.row_shape import RowShape

DAY_HEIGHT = 40
UNREAD_HEIGHT = 28
GROUP_GAP = 12
ROW_GAP = 4
AVATAR_SIZE = 32
MARGIN = 16
TEXT_LEFT = MARGIN + AVATAR_SIZE + 12
BUBBLE_PADDING_X = 12
BUBBLE_PADDING_Y = 7
READING_WIDTH = 720
MARK_SPACE = 26
NOTE_GAP = 4
LINE_HEIGHT = 1.2
SHOWN_CHARACTERS = 65_536


@dataclass(frozen=True, slots=True)
class LogMetrics:
    """What the layout of every row depends on.

    Attributes:
        width: Of the viewport, in device-independent pixels.
        is_mirrored: True if the interface runs from right to left. A message's own direction is
            another matter.
    """

    font: QFont
    name_font: QFont
    small_font: QFont
    width: int
    link_colour: QColor
    is_mirrored: bool = False

    def visual(self, place: QRect) -> QRect:
        """Return where a place is that was counted from the side where rows begin."""
        if not self.is_mirrored:
            return place
        return place.translated(self.width - place.width() - 2 * place.left(), 0)

    @property
    def text_width(self) -> int:
        """The widest that a line of text may be."""
        room = self.width - TEXT_LEFT - MARGIN - MARK_SPACE - 2 * BUBBLE_PADDING_X
        return max(80, min(READING_WIDTH, room))

    @property
    def head_height(self) -> int:
        """Height of the line with name and time."""
        return QFontMetrics(self.name_font).height() + 3

    @property
    def note_height(self) -> int:
        """Height of the note below a message that failed."""
        return QFontMetrics(self.small_font).height() + NOTE_GAP

    def estimate(self, characters: int) -> int:
        """Guess a row's height from the number of its characters."""
        metrics = QFontMetrics(self.font)
        per_line = max(8, self.text_width // max(1, metrics.averageCharWidth()))
        lines = 1 + characters // per_line
        return round(lines * metrics.lineSpacing() * LINE_HEIGHT) + 2 * BUBBLE_PADDING_Y + ROW_GAP


@dataclass(slots=True)
class RowLayout:
    """One row with all of its places, relative to the row's upper left corner.

    Attributes:
        text: The laid-out text; its lines are positioned relative to ``text_origin``.
        failure_actions: Name of an action to the place where it was painted; filled in by the
            painter.
    """

    message: Message
    shape: RowShape
    text: QTextLayout
    links: list[Link]
    head_top: int
    bubble: QRect
    height: int
    failure_actions: dict[str, QRect] = field(default_factory=dict)

    @property
    def text_origin(self) -> QPointF:
        """Where the text begins."""
        corner = self.bubble.topLeft()
        return QPointF(corner.x() + BUBBLE_PADDING_X, corner.y() + BUBBLE_PADDING_Y)

    def character_at(self, point: QPointF) -> int:
        """Return the place between characters that is nearest to a point of the row."""
        inside = point - self.text_origin
        if inside.y() < 0:
            return 0
        for number in range(self.text.lineCount()):
            line = self.text.lineAt(number)
            if inside.y() < line.y() + line.height():
                return line.xToCursor(inside.x())
        return len(self.message.body)

    def link_at(self, point: QPointF) -> Link | None:
        """Return the link under a point of the row, or None."""
        inside = point - self.text_origin
        for number in range(self.text.lineCount()):
            line = self.text.lineAt(number)
            if line.naturalTextRect().contains(inside):
                at = line.xToCursor(inside.x(), line.CursorPosition.CursorOnCharacter)
                return next(
                    (one for one in self.links if one.start <= at < one.start + one.length), None
                )
        return None

    def text_rect(self) -> QRectF:
        """The place of the text in the row."""
        return QRectF(self.bubble)


def lay_out(message: Message, shape: RowShape, metrics: LogMetrics) -> RowLayout:
    """Lay a row out for the given width."""
    body = message.body[:SHOWN_CHARACTERS]
    links = links_in(body)
    text = _text_layout(body.replace("\n", "\u2028"), links, metrics)
    width, height = _break_lines(text, metrics.text_width)
    top = DAY_HEIGHT if shape.day else 0
    top += UNREAD_HEIGHT if shape.is_first_unread else 0
    head_top = top + (GROUP_GAP if shape.has_head and not shape.day else 0)
    bubble_top = head_top + (metrics.head_height if shape.has_head else 0)
    bubble = QRect(
        TEXT_LEFT, bubble_top, width + 2 * BUBBLE_PADDING_X, height + 2 * BUBBLE_PADDING_Y
    )
    bubble = metrics.visual(bubble)
    bottom = bubble.bottom() + 1 + (metrics.note_height if shape.has_failure else 0)
    return RowLayout(message, shape, text, links, head_top, bubble, bottom + ROW_GAP)


def _text_layout(body: str, links: list[Link], metrics: LogMetrics) -> QTextLayout:
    layout = QTextLayout(body, metrics.font)
    layout.setCacheEnabled(True)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    option.setTextDirection(Qt.LayoutDirection.LayoutDirectionAuto)
    layout.setTextOption(option)
    layout.setFormats([_link_range(link, metrics.link_colour) for link in links])
    return layout


def _link_range(link: Link, colour: QColor) -> QTextLayout.FormatRange:
    look = QTextCharFormat()
    look.setForeground(colour)
    look.setFontUnderline(True)
    place = QTextLayout.FormatRange()
    place.start = link.start
    place.length = link.length
    place.format = look
    return place


def _break_lines(text: QTextLayout, available: int) -> tuple[int, int]:
    """Break the text into lines and return the width and height that it takes.

    Lines from right to left begin at the right edge of that width.
    """
    height = width = 0.0
    text.beginLayout()
    while (line := text.createLine()).isValid():
        line.setLineWidth(available)
        extra = line.height() * (LINE_HEIGHT - 1)
        line.setPosition(QPointF(0, height + extra / 2))
        height += line.height() + extra
        width = max(width, line.naturalTextWidth())
    text.endLayout()
    taken = min(available, int(width) + 1)
    for number in range(text.lineCount()):
        line = text.lineAt(number)
        if line.naturalTextRect().left() > 0:  # was set against the far edge of what is available
            line.setPosition(QPointF(taken - available, line.y()))
    return taken, round(height)
