"""Paints the conversation list: avatar with presence, name, time, last line, unread count."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QDate,
    QLocale,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    Qt,
)
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QStyleOptionViewItem, QWidget

from communicator.state.conversations import Conversation
from communicator.ui.avatars import paint_avatar, paint_badge, shape_of
from communicator.ui.models.conversations_model import ConversationRow
from communicator.ui.models.roles import RowRole
from communicator.ui.plain_text import one_line
from communicator.ui.presence_words import clock_time
from communicator.ui.theme.theme import Theme
from communicator.ui.theme.typography import TextStyle
from communicator.ui.widgets.row_painting import RowDelegate, TextRun

if TYPE_CHECKING:
    from shared_protocol.addresses import BareJid

AVATAR_SIZE = 40
_EDGE = 16
_GAP = 12
_BADGE_HEIGHT = 18
_MOST_SHOWN = 99
_DAYS_OF_A_WEEK = 7


def _now() -> datetime:
    return datetime.now().astimezone()


class ConversationDelegate(RowDelegate):
    """Paints conversations; ``open_jid`` is the one that is open."""

    least_height = 56

    def __init__(
        self,
        theme: Theme,
        parent: QWidget | None = None,
        *,
        now: Callable[[], datetime] = _now,
    ) -> None:
        super().__init__(theme, parent)
        self.open_jid: BareJid | None = None
        self._now = now

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Paint one row."""
        row = index.data(RowRole.ROW)
        if not isinstance(row, ConversationRow):
            return
        painter.save()
        painter.setLayoutDirection(option.direction)
        ground = self.paint_ground(painter, option, is_open=row.key == self.open_jid)
        rect = self.rect_of(option)
        avatar = QRect(rect.left() + _EDGE, 0, AVATAR_SIZE, AVATAR_SIZE)
        avatar.moveTop(rect.center().y() - AVATAR_SIZE // 2 + 1)
        place = QRectF(self.mirrored(option, avatar))
        painter.setFont(self.theme.font(TextStyle.BODY))
        paint_avatar(painter, place, str(row.key), row.name)
        paint_badge(painter, place, shape_of(row.availability), self.theme.tokens, ground)
        left = avatar.right() + _GAP
        texts = QRect(left, rect.top(), rect.right() - _EDGE - left, rect.height())
        half = texts.height() // 2
        upper = QRect(texts.left(), texts.top() + 7, texts.width(), half - 6)
        lower = QRect(texts.left(), texts.top() + half + 1, texts.width(), half - 8)
        self._paint_head(painter, option, upper, row)
        self._paint_line(painter, option, lower, row.conversation)
        painter.restore()

    def short_time(self, moment: datetime) -> str:
        """Return the time today, the weekday within a week, else the date."""
        now, local = self._now(), moment.astimezone(self._now().tzinfo)
        day = QDate(local.year, local.month, local.day)
        if local.date() == now.date():
            return clock_time(local)
        if local.date() == now.date() - timedelta(days=1):
            return self.tr("Yesterday")
        if timedelta(0) < now.date() - local.date() < timedelta(days=_DAYS_OF_A_WEEK):
            return QLocale().dayName(day.dayOfWeek(), QLocale.FormatType.ShortFormat)
        return QLocale().toString(day, QLocale.FormatType.ShortFormat)

    def _paint_head(
        self, painter: QPainter, option: QStyleOptionViewItem, place: QRect, row: ConversationRow
    ) -> None:
        moment = row.conversation.last_at
        time = self.short_time(moment) if moment else ""
        width = self.text_width(time, TextStyle.SMALL) if time else 0
        style = TextStyle.NAME if row.conversation.unread else TextStyle.BODY
        name = QRect(place.left(), place.top(), place.width() - width - _GAP, place.height())
        self.draw_text(painter, option, name, TextRun(one_line(row.name), style))
        end = QRect(place.right() - width + 1, place.top(), width, place.height())
        run = TextRun(time, TextStyle.SMALL, "muted", at_end=True)
        self.draw_text(painter, option, end, run)

    def _paint_line(
        self, painter: QPainter, option: QStyleOptionViewItem, place: QRect, item: Conversation
    ) -> None:
        width = self._paint_count(painter, option, place, item.unread)
        line = QRect(place.left(), place.top(), place.width() - width, place.height())
        text, colour = self._line_of(item)
        self.draw_text(painter, option, line, TextRun(text, TextStyle.SMALL, colour))

    def _line_of(self, item: Conversation) -> tuple[str, str]:
        if item.is_counterpart_composing:
            return self.tr("is writing..."), "ok"
        if item.draft:
            return self.tr("Draft: {0}").format(one_line(item.draft)), "warn"
        preview = one_line(item.preview)
        if item.is_preview_own and preview:
            preview = self.tr("You: {0}").format(preview)
        return preview, "text" if item.unread else "muted"

    def _paint_count(
        self, painter: QPainter, option: QStyleOptionViewItem, place: QRect, unread: int
    ) -> int:
        """Paint the badge; return how much room it takes."""
        if not unread:
            return 0
        tokens = self.theme.tokens
        text = str(unread) if unread <= _MOST_SHOWN else f"{_MOST_SHOWN}+"
        height = max(_BADGE_HEIGHT, QFontMetrics(self.theme.font(TextStyle.SMALL)).height() + 2)
        width = max(height, self.text_width(text, TextStyle.SMALL_STRONG) + 10)
        top = place.center().y() - height // 2 + 1
        badge = QRect(place.right() - width + 1, top, width, height)
        shown = self.mirrored(option, badge)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tokens.colour("accent"))
        painter.drawRoundedRect(QRectF(shown), height / 2, height / 2)
        painter.setFont(self.theme.font(TextStyle.SMALL_STRONG))
        painter.setPen(tokens.colour("on_accent"))
        painter.drawText(shown, Qt.AlignmentFlag.AlignCenter, text)
        return width + _GAP
