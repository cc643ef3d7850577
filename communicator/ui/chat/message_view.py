"""The log of a conversation: one scroll bar over the whole history, laid out only in sight."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QContextMenuEvent,
    QFocusEvent,
    QFont,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from communicator.state.conversations import Message
from communicator.state.message_log import MessageLog, RowRange
from communicator.ui.chat.links import Link, shown_host
from communicator.ui.chat.log_copy import text_of_selection
from communicator.ui.chat.log_geometry import LogGeometry, VisibleRow
from communicator.ui.chat.message_menu import MessageMenu
from communicator.ui.chat.moment_texts import date_and_time_text
from communicator.ui.chat.row_layout import LogMetrics, RowLayout
from communicator.ui.chat.row_painter import People, RowPainter, RowPicture
from communicator.ui.chat.selection import Place, Selection
from communicator.ui.plain_text import for_tool_tip
from communicator.ui.theme.theme import Theme

if TYPE_CHECKING:
    from collections.abc import Callable

WHEEL_STEP = 48
AUTO_SCROLL_MILLISECONDS = 30


class MessageView(QAbstractScrollArea):
    """Shows a ``MessageLog``; rows are walked by the arrow keys and marked by the mouse.

    Signals:
        link_activated: The address of a link that was clicked.
        copy_requested: Text for the clipboard.
        failure_action_requested: What to do with a message that failed (``retry``, ``edit``,
            ``discard``) and its id.
        at_end_changed: Whether the newest message is in sight.
        left: The reader is done with the log (Esc).
    """

    link_activated = Signal(str)
    copy_requested = Signal(str)
    failure_action_requested = Signal(str, object)
    at_end_changed = Signal(bool)
    left = Signal()

    def __init__(self, *, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._log: MessageLog | None = None
        self._geometry: LogGeometry | None = None
        self._row_painter = RowPainter(theme)
        self._disconnects: list[Callable[[], None]] = []
        self._is_placing = False
        self._was_at_end = True
        self._selection: Selection | None = None
        self._is_marking = False
        self._current_row: int | None = None
        self._auto_scroll = QTimer(self, interval=AUTO_SCROLL_MILLISECONDS)
        self._auto_scroll.timeout.connect(self._on_auto_scroll)
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self.verticalScrollBar().setSingleStep(WHEEL_STEP)
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        self.setAccessibleName(self.tr("Messages"))
        theme.changed.connect(self._lay_out_anew)

    @property
    def is_at_end(self) -> bool:
        """True if the newest message is in sight, or nothing is shown."""
        return self._geometry is None or self._geometry.is_at_end

    @property
    def current_row(self) -> int | None:
        """The row that the keyboard is on."""
        return self._current_row

    @property
    def geometry_of_log(self) -> LogGeometry | None:
        """Where each row stands; None without a log."""
        return self._geometry

    def show_log(self, log: MessageLog | None, people: People | None) -> None:
        """Show another conversation, or none, at its end."""
        self._disconnect_log()
        self._log = log
        self._row_painter.people = people
        self._selection = self._current_row = self._geometry = None
        if log is not None:
            self._disconnects = [
                log.rows_inserted.connect(self._on_rows_inserted),
                log.rows_loaded.connect(self._on_rows_loaded),
                log.row_changed.connect(self._on_row_changed),
                log.row_removed.connect(self._on_row_removed),
            ]
            self._geometry = LogGeometry(log, self._make_metrics(), self.viewport().height())
        self._show_place()

    def scroll_to_end(self) -> None:
        """Show the newest message, and stay with the newest."""
        if self._geometry is not None:
            self._geometry.scroll_to_end()
            self._show_place()

    def visible_rows(self) -> list[VisibleRow]:
        """Rows in sight, from top to bottom."""
        return self._geometry.visible_rows() if self._geometry else []

    def description(self, row: int) -> str:
        """Return a row as a screen reader says it; empty while it is being fetched."""
        message = self._log.message(row) if self._log else None
        return self._row_painter.describe(message) if message else ""

    # -- the log changes -----------------------------------------------------------------------

    def _on_rows_inserted(self, rows: RowRange) -> None:
        if self._geometry is None or self._log is None:
            return
        self._geometry.take_inserted(rows)
        if self._current_row is not None and rows.first <= self._current_row:
            self._current_row += rows.count
        self._show_place()
        if rows.first + rows.count == len(self._log):
            self._announce(rows.first)

    def _on_rows_loaded(self, rows: RowRange) -> None:
        if self._geometry is not None:
            self._geometry.forget(rows.first, rows.count + 1)
            self._geometry.settle()
            self._show_place()

    def _on_row_changed(self, row: int) -> None:
        self._on_rows_loaded(RowRange(row, 1))

    def _on_row_removed(self, row: int) -> None:
        if self._geometry is not None:
            self._current_row = None
            self._geometry.take_removed(row)
            self._show_place()

    def _announce(self, row: int) -> None:
        """Have a new message spoken, without moving the focus."""
        message = self._log.message(row) if self._log else None
        if message is None or message.is_own or not QAccessible.isActive():
            return
        spoken = QAccessibleAnnouncementEvent(self, self._row_painter.describe(message))
        spoken.setPoliteness(QAccessible.AnnouncementPoliteness.Polite)
        QAccessible.updateAccessibility(spoken)

    def _disconnect_log(self) -> None:
        for disconnect in self._disconnects:
            disconnect()
        self._disconnects = []

    # -- places --------------------------------------------------------------------------------

    def _make_metrics(self) -> LogMetrics:
        name_font, small_font = QFont(self.font()), QFont(self.font())
        name_font.setWeight(QFont.Weight.DemiBold)
        small_font.setPointSizeF(max(8.0, self.font().pointSizeF() - 1))
        return LogMetrics(
            font=self.font(),
            name_font=name_font,
            small_font=small_font,
            width=self.viewport().width(),
            link_colour=self._theme.colour("link"),
            is_mirrored=self.layoutDirection() is Qt.LayoutDirection.RightToLeft,
        )

    def _lay_out_anew(self) -> None:
        if self._geometry is not None:
            self._geometry.resize(self._make_metrics(), self.viewport().height())
        self._show_place()

    def _show_place(self) -> None:
        """Tell the scroll bar where the reader is."""
        geometry = self._geometry
        self._is_placing = True
        bar = self.verticalScrollBar()
        bar.setPageStep(self.viewport().height())
        bar.setRange(0, geometry.scroll_range if geometry else 0)
        bar.setValue(geometry.scroll_value if geometry else 0)
        self._is_placing = False
        self.viewport().update()
        if self.is_at_end != self._was_at_end:
            self._was_at_end = self.is_at_end
            self.at_end_changed.emit(self.is_at_end)

    def _on_scrolled(self, value: int) -> None:
        if self._is_placing or self._geometry is None:
            return
        self._geometry.scroll_to(value)
        self._show_place()

    # -- events of Qt --------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the rows in sight."""
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), self._theme.colour("pane"))
        geometry = self._geometry
        for visible in self.visible_rows():
            layout = geometry.layout(visible.row) if geometry else None
            place = QRect(0, visible.top, self.viewport().width(), visible.height)
            if geometry is None:
                continue
            if layout is None:
                self._row_painter.paint_missing(painter, place, geometry.metrics)
            else:
                is_current = visible.row == self._current_row and self.hasFocus()
                marked = self._marked_in(layout.message)
                picture = RowPicture(layout, place, geometry.metrics, marked, is_current)
                self._row_painter.paint(painter, picture)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the reader's place while the size changes."""
        super().resizeEvent(event)
        self._lay_out_anew()

    def changeEvent(self, event: QEvent) -> None:
        """Lay out anew when the font or the direction changes."""
        super().changeEvent(event)
        if event.type() in {QEvent.Type.FontChange, QEvent.Type.LayoutDirectionChange}:
            self._lay_out_anew()

    def viewportEvent(self, event: QEvent) -> bool:
        """Show where a link leads, and the exact time of a message."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            shown = self._tool_tip_at(event.pos())
            self.viewport().setToolTip(for_tool_tip(shown) if shown else "")
        return super().viewportEvent(event)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Do nothing: ``_on_scrolled`` has asked for a repaint."""

    def minimumSizeHint(self) -> QSize:
        """Be content with little."""
        return QSize(200, 80)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Begin with the newest message."""
        super().focusInEvent(event)
        if event.reason() in {Qt.FocusReason.TabFocusReason, Qt.FocusReason.ShortcutFocusReason}:
            self._walk(0)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide the mark of the current row."""
        super().focusOutEvent(event)
        self.viewport().update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to mark text; with Shift, go on with the present mark."""
        place = self._place_at(event.position().toPoint())
        if event.button() is Qt.MouseButton.LeftButton and place is not None:
            extends = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            anchor = self._selection.anchor if extends and self._selection else place
            self._selection = Selection(anchor, place)
            self._is_marking = True
            self.viewport().update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Mark text, or show by the pointer's shape what a click would do."""
        point = event.position().toPoint()
        if self._is_marking:
            self._extend_selection(point)
            return
        layout, inside = self._layout_under(point)
        shape = Qt.CursorShape.ArrowCursor
        if layout and (layout.link_at(inside) or self._action_at(layout, inside)):
            shape = Qt.CursorShape.PointingHandCursor
        elif layout and layout.bubble.contains(inside.toPoint()):
            shape = Qt.CursorShape.IBeamCursor
        self.viewport().setCursor(shape)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Follow a link or an action if nothing was marked."""
        if self._is_marking:
            self._extend_selection(event.position().toPoint())
        self._auto_scroll.stop()
        self._is_marking = False
        layout, inside = self._layout_under(event.position().toPoint())
        is_click = event.button() is Qt.MouseButton.LeftButton
        if layout is None or not is_click or (self._selection and not self._selection.is_empty):
            return
        if link := layout.link_at(inside):
            self.link_activated.emit(link.target)
        elif action := self._action_at(layout, inside):
            self.failure_action_requested.emit(action, layout.message.message_id)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what can be done with the message under the pointer, or with the current one."""
        if event.reason() == QContextMenuEvent.Reason.Keyboard and self._current_row is not None:
            self._open_menu_of_current()
            return
        layout, inside = self._layout_under(event.pos())
        if layout is not None:
            self._open_menu(layout, layout.link_at(inside), event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk the log by message, copy, open the menu of a message, and leave."""
        if event.matches(QKeySequence.StandardKey.Copy) or event.key() == Qt.Key.Key_C:
            self._copy()
        elif event.key() == Qt.Key.Key_Up:
            self._walk(-1)
        elif event.key() == Qt.Key.Key_Down:
            self._walk(1)
        elif event.key() == Qt.Key.Key_Home:
            self.verticalScrollBar().setValue(0)
        elif event.key() == Qt.Key.Key_End:
            self.scroll_to_end()
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._open_menu_of_current()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    # -- marking, copying, acting --------------------------------------------------------------

    def selected_text(self) -> str:
        """Return what is marked, else the current message; several come with names and times."""
        if self._log is None:
            return ""
        if (self._selection is None or self._selection.is_empty) and self._current_row is not None:
            message = self._log.message(self._current_row)
            return message.body if message else ""
        return text_of_selection(self._log, self._selection, self._row_painter.name_of)

    def _copy(self) -> None:
        if text := self.selected_text():
            self.copy_requested.emit(text)

    def _open_menu_of_current(self) -> None:
        row, geometry = self._current_row, self._geometry
        layout = geometry.layout(row) if geometry is not None and row is not None else None
        visible = next((one for one in self.visible_rows() if one.row == row), None)
        if layout is not None and visible is not None:
            place = layout.bubble.center() + QPoint(0, visible.top)
            link = layout.links[0] if layout.links else None
            self._open_menu(layout, link, self.viewport().mapToGlobal(place))

    def _open_menu(self, layout: RowLayout, link: Link | None, place: QPoint) -> None:
        text = self.selected_text() or layout.message.body
        menu = MessageMenu(layout, text, link, self._row_painter.texts, self)
        menu.copy_requested.connect(self.copy_requested)
        menu.link_activated.connect(self.link_activated)
        menu.failure_action_requested.connect(self.failure_action_requested)
        menu.popup(place)

    def _walk(self, step: int) -> None:
        geometry = self._geometry
        if geometry is None or not len(geometry):
            return
        last = len(geometry) - 1
        row = last if self._current_row is None else self._current_row + step
        self._current_row = max(0, min(row, last))
        top, bottom = geometry.place_of(self._current_row)
        bar = self.verticalScrollBar()
        if top < bar.value():
            bar.setValue(top)
        elif bottom > bar.value() + self.viewport().height():
            bar.setValue(bottom - self.viewport().height())
        self.viewport().update()

    def _extend_selection(self, point: QPoint) -> None:
        if self.viewport().rect().contains(point):
            self._auto_scroll.stop()
        elif not self._auto_scroll.isActive():
            self._auto_scroll.start()
        place = self._place_at(point)
        if place is not None and self._selection is not None:
            self._selection = Selection(self._selection.anchor, place)
            self.viewport().update()

    def _on_auto_scroll(self) -> None:
        point = self.viewport().mapFromGlobal(self.cursor().pos())
        bar = self.verticalScrollBar()
        bar.setValue(bar.value() + (WHEEL_STEP if point.y() > 0 else -WHEEL_STEP) // 2)
        self._extend_selection(point)

    def _marked_in(self, message: Message) -> tuple[int, int]:
        if self._selection is None:
            return 0, 0
        return self._selection.characters_of(message.message_id, len(message.body))

    def _layout_under(self, point: QPoint) -> tuple[RowLayout | None, QPointF]:
        for visible in self.visible_rows():
            if visible.top <= point.y() < visible.top + visible.height and self._geometry:
                inside = QPointF(point.x(), point.y() - visible.top)
                return self._geometry.layout(visible.row), inside
        return None, QPointF()

    def _place_at(self, point: QPoint) -> Place | None:
        rows = self.visible_rows()
        if not rows or self._geometry is None:
            return None
        below = (one for one in rows if point.y() < one.top + one.height)
        visible = next(below, rows[-1])
        layout = self._geometry.layout(visible.row)
        if layout is None:
            return None
        character = layout.character_at(QPointF(point.x(), point.y() - visible.top))
        return Place(layout.message.message_id, character)

    def _tool_tip_at(self, point: QPoint) -> str:
        layout, inside = self._layout_under(point)
        if layout is None:
            return ""
        if link := layout.link_at(inside):
            return shown_host(link.target)
        return date_and_time_text(layout.message.sent_at)

    @staticmethod
    def _action_at(layout: RowLayout, inside: QPointF) -> str | None:
        for name, place in layout.failure_actions.items():
            if place.contains(inside.toPoint()):
                return name
        return None
