"""The right side of the main window: banner, notice, and one page at a time."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from communicator.ui.connection.banner import ConnectionBanner
from communicator.ui.icons import Icon
from communicator.ui.main_window.empty_page import EmptyPage
from communicator.ui.main_window.notice_bar import NoticeBar
from communicator.ui.plain_text import PlainLabel
from communicator.ui.theme.theme import Theme
from communicator.ui.widgets.buttons import IconButton
from communicator.ui.widgets.surfaces import dress

_BACK_HEIGHT = 40


class RightSide(QWidget):
    """Shows the chat, the empty page, or a page that covers them for a while.

    Signals:
        back_requested: In a narrow window: show the left pane again.
        page_left: A covering page was left.
    """

    back_requested = Signal()
    page_left = Signal()

    def __init__(self, theme: Theme, *, banner: ConnectionBanner, empty_page: EmptyPage) -> None:
        super().__init__()
        dress(self, "window")
        self.banner = banner
        self.notice = NoticeBar(theme)
        self._empty_page = empty_page
        self._chat_pane: QWidget | None = None
        self._is_chat_open = False
        self._cover: QWidget | None = None
        self._pages = QStackedWidget()
        self._pages.addWidget(empty_page)
        self._banner_box = QWidget()
        box = QVBoxLayout(self._banner_box)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(banner)
        self._back_bar = self._make_back_bar(theme)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget in (self._back_bar, self.notice, self._banner_box):
            column.addWidget(widget)
        column.addWidget(self._pages, 1)

    @property
    def page(self) -> QWidget:
        """The page that is shown."""
        return self._pages.currentWidget() or self._empty_page

    def set_chat_pane(self, pane: QWidget) -> None:
        """Put the pane of the open conversation into its place."""
        self._chat_pane = pane
        self._pages.addWidget(pane)

    def show_chat(self) -> None:
        """Show the open conversation."""
        self._is_chat_open = True
        self._show_below()

    def show_empty(self) -> None:
        """Show that no conversation is open."""
        self._is_chat_open = False
        self._show_below()

    def cover(self, page: QWidget, *, hides_banner: bool = False) -> None:
        """Show a page instead of the chat until it is left."""
        if self._pages.indexOf(page) < 0:
            self._pages.addWidget(page)
        self._cover = page
        self._banner_box.setVisible(not hides_banner)
        self._pages.setCurrentWidget(page)

    def uncover(self, page: QWidget | None = None) -> None:
        """Leave a covering page: the given one if it is the one that is shown, or any."""
        if self._cover is not None and page in {None, self._cover}:
            self._show_below()
            self.page_left.emit()

    def show_back(self, is_shown: bool) -> None:  # noqa: FBT001 - like setVisible
        """Show the way back to the left pane, in a narrow window."""
        self._back_bar.setVisible(is_shown)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave a covering page by Esc."""
        if event.type() is QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Escape:
            self.uncover()
            return
        super().keyPressEvent(event)

    def _show_below(self) -> None:
        self._cover = None
        self._banner_box.show()
        below = self._chat_pane if self._is_chat_open and self._chat_pane else self._empty_page
        self._pages.setCurrentWidget(below)

    def _make_back_bar(self, theme: Theme) -> QWidget:
        bar = QWidget()
        dress(bar, "pane")
        bar.setFixedHeight(_BACK_HEIGHT)
        button = IconButton(theme, Icon.ARROW_LEFT, self.tr("Back to the people"))
        button.clicked.connect(self.back_requested)
        row = QHBoxLayout(bar)
        row.setContentsMargins(8, 0, 8, 0)
        row.addWidget(button)
        row.addWidget(PlainLabel(self.tr("People"), tone="muted"))
        row.addStretch()
        bar.hide()
        return bar
