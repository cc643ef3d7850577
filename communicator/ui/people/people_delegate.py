"""Paints the people list: headings with counts, persons with avatar, presence and status."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyleOptionViewItem, QWidget

from communicator.state.roster import Contact
from communicator.ui.avatars import PresenceShape, paint_avatar, paint_badge, shape_of
from communicator.ui.icons import Icon, pixmap_of
from communicator.ui.models.people_model import GroupRow, PersonRow
from communicator.ui.models.roles import RowRole
from communicator.ui.plain_text import one_line
from communicator.ui.presence_words import PresenceWords
from communicator.ui.theme.theme import Theme
from communicator.ui.theme.typography import TextStyle
from communicator.ui.widgets.row_painting import RowDelegate, TextRun

if TYPE_CHECKING:
    from shared_protocol.addresses import BareJid

AVATAR_SIZE = 28
_EDGE = 16
_CHEVRON = 16
_GAP = 12


class PeopleDelegate(RowDelegate):
    """Paints headings and persons; ``open_jid`` is the person whose conversation is open."""

    least_height = 44

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.open_jid: BareJid | None = None
        self._words = PresenceWords(self)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Paint one row."""
        row = index.data(RowRole.ROW)
        painter.save()
        painter.setLayoutDirection(option.direction)
        if isinstance(row, GroupRow):
            self._paint_group(painter, option, row)
        elif isinstance(row, PersonRow):
            self._paint_person(painter, option, row.contact)
        painter.restore()

    def _paint_group(self, painter: QPainter, option: QStyleOptionViewItem, row: GroupRow) -> None:
        self.paint_ground(painter, option)
        rect = self.rect_of(option)
        tokens = self.theme.tokens
        chevron = QRect(rect.left() + _EDGE, 0, _CHEVRON, _CHEVRON)
        chevron.moveCenter(chevron.center())
        chevron.moveTop(rect.center().y() - _CHEVRON // 2 + 1)
        ratio = painter.device().devicePixelRatioF()
        icon = Icon.CHEVRON_DOWN if row.is_open else Icon.CHEVRON_RIGHT
        place = self.mirrored(option, chevron)
        painter.drawPixmap(place.topLeft(), pixmap_of(icon, tokens.muted, _CHEVRON, ratio))
        counts = f"{row.here}/{row.total}"
        width = self.text_width(counts, TextStyle.SMALL)
        end = rect.right() - _EDGE
        left = chevron.right() + 8
        name = QRect(left, rect.top(), end - width - _GAP - left, rect.height())
        title = one_line(row.title)
        run = TextRun(title, TextStyle.SMALL_STRONG, "muted")
        self.draw_text(painter, option, name, run)
        place = QRect(end - width, rect.top(), width, rect.height())
        run = TextRun(counts, TextStyle.SMALL, "muted", at_end=True)
        self.draw_text(painter, option, place, run)

    def _paint_person(
        self, painter: QPainter, option: QStyleOptionViewItem, contact: Contact
    ) -> None:
        ground = self.paint_ground(painter, option, is_open=contact.jid == self.open_jid)
        rect = self.rect_of(option)
        tokens = self.theme.tokens
        avatar = QRect(rect.left() + _EDGE, 0, AVATAR_SIZE, AVATAR_SIZE)
        avatar.moveTop(rect.center().y() - AVATAR_SIZE // 2 + 1)
        place = QRectF(self.mirrored(option, avatar))
        if not contact.is_online:
            painter.setOpacity(0.6)
        painter.setFont(self.theme.font(TextStyle.BODY))
        paint_avatar(painter, place, str(contact.jid), contact.display_name)
        painter.setOpacity(1)
        is_waiting = contact.is_asked and not contact.is_online
        shape = PresenceShape.UNKNOWN if is_waiting else shape_of(contact.availability)
        paint_badge(painter, place, shape, tokens, ground)
        left = avatar.right() + _GAP
        texts = QRect(left, rect.top(), rect.right() - _EDGE - left, rect.height())
        second = one_line(contact.status) if contact.is_online else ""
        if is_waiting:
            second = self._words.of_contact(contact)
        self._paint_texts(painter, option, texts, contact, second)

    def _paint_texts(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        texts: QRect,
        contact: Contact,
        second: str,
    ) -> None:
        colour = "text" if contact.is_online else "muted"
        name = TextRun(one_line(contact.display_name), colour=colour)
        if not second:
            self.draw_text(painter, option, texts, name)
            return
        half = texts.height() // 2
        upper = QRect(texts.left(), texts.top() + 4, texts.width(), half - 3)
        lower = QRect(texts.left(), texts.top() + half, texts.width(), half - 4)
        self.draw_text(painter, option, upper, name)
        run = TextRun(second, TextStyle.SMALL, "muted")
        self.draw_text(painter, option, lower, run)
