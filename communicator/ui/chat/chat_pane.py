"""A conversation: who it is with, the log, who is typing, and the composer."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from communicator.state.message_log import MessageLog
from communicator.state.roster import Contact
from communicator.ui.avatars import paint_avatar, paint_badge, shape_of
from communicator.ui.chat.composer import Composer
from communicator.ui.chat.message_view import MessageView
from communicator.ui.chat.row_painter import People
from communicator.ui.icons import Icon
from communicator.ui.plain_text import PlainLabel, isolated, one_line
from communicator.ui.theme.theme import Theme
from communicator.ui.widgets.surfaces import dress

if TYPE_CHECKING:
    from collections.abc import Callable

HEADER_HEIGHT = 56
HEADER_AVATAR = 40
TYPING_HEIGHT = 22
JUMP_SIZE = 40
JUMP_MARGIN = 16
SEND_SIZE = 36


class ContactHeader(QFrame):
    """Avatar, name and presence in words of the counterpart."""

    def __init__(self, *, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._contact: Contact | None = None
        self.setProperty("ground", "pane")
        self.setFixedHeight(HEADER_HEIGHT)
        self._name = PlainLabel(style="title")
        self._presence = PlainLabel(style="small", tone="muted")
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addStretch()
        words.addWidget(self._name)
        words.addWidget(self._presence)
        words.addStretch()
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 16, 0)
        row.addSpacing(HEADER_AVATAR + 12)  # and no margin, which would not be mirrored
        row.addLayout(words, stretch=1)
        theme.changed.connect(self.update)

    def show_contact(self, contact: Contact, presence_text: str) -> None:
        """Show another counterpart, or the same with another presence."""
        self._contact = contact
        self._name.setText(one_line(contact.display_name))
        status = one_line(contact.status)
        words = f"{presence_text} · {status}" if status else presence_text
        self._presence.setText(words)
        self.setToolTip("")
        self.setAccessibleName(f"{isolated(contact.display_name)}, {words}")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ground, the avatar and the line below."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.fillRect(0, self.height() - 1, self.width(), 1, self._theme.colour("border"))
        if self._contact is not None:
            is_mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
            left = self.width() - 16 - HEADER_AVATAR if is_mirrored else 16
            place = QRectF(left, (HEADER_HEIGHT - HEADER_AVATAR) / 2, HEADER_AVATAR, HEADER_AVATAR)
            paint_avatar(painter, place, str(self._contact.jid), self._contact.display_name)
            shape = shape_of(self._contact.availability)
            ground = self._theme.colour("pane")
            paint_badge(painter, place, shape, self._theme.tokens, ground)
        painter.end()


class ChatPane(QWidget):
    """One open conversation.

    Signals:
        message_submitted: The text to send.
        draft_changed: The text as it stands in the composer.
        composing_changed: Whether the user is typing.
        failure_action_requested: ``retry``, ``edit`` or ``discard``, and the message's id.
        link_activated, copy_requested: As in ``MessageView``.
        newest_seen: The newest message came into sight while the pane is active.
    """

    message_submitted = Signal(str)
    draft_changed = Signal(str)
    composing_changed = Signal(bool)
    failure_action_requested = Signal(str, object)
    link_activated = Signal(str)
    copy_requested = Signal(str)
    newest_seen = Signal()

    def __init__(self, *, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._disconnect_log: Callable[[], None] | None = None
        dress(self, "pane")
        self.header = ContactHeader(theme=theme)
        self.log_view = MessageView(theme=theme)
        self.composer = Composer()
        self._empty = PlainLabel(tone="muted", wraps=True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setParent(self.log_view)
        self._typing = PlainLabel(style="small", tone="muted")
        self._typing.setFixedHeight(TYPING_HEIGHT)
        self._typing.setContentsMargins(20, 0, 20, 0)
        self._jump = QToolButton(self.log_view)
        self._send = QToolButton()
        self._build()
        self._connect()
        self._dress()

    def show_conversation(
        self, log: MessageLog, people: People, contact: Contact, draft: str, presence_text: str
    ) -> None:
        """Show another conversation with its draft."""
        self.composer.load_draft(draft)
        self._name_composer(contact)
        self.header.show_contact(contact, presence_text)
        self.log_view.setAccessibleName(
            self.tr("Messages with {name}").format(name=isolated(contact.display_name))
        )
        name = isolated(contact.display_name)
        self._empty.setText(self.tr("Say hello to {name}.").format(name=name))
        self.show_composing(counterpart_name=None)
        self.log_view.show_log(log, people)
        if self._disconnect_log is not None:
            self._disconnect_log()
        self._disconnect_log = log.rows_inserted.connect(lambda _rows: self._on_log_changed())
        self._on_log_changed()

    def show_contact(self, contact: Contact, presence_text: str) -> None:
        """Show a change of the counterpart's name or presence."""
        self.header.show_contact(contact, presence_text)
        self._name_composer(contact)

    def show_composing(self, *, counterpart_name: str | None) -> None:
        """Show that the counterpart types; None if nobody does."""
        text = ""
        if counterpart_name is not None:
            text = self.tr("{name} is writing…").format(name=isolated(counterpart_name))
        self._typing.setText(text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep what floats over the log in its place."""
        super().resizeEvent(event)
        self._place_floating()

    def eventFilter(self, watched: QWidget, event: QEvent) -> bool:  # type: ignore[override]  # only widgets are watched
        """Follow the size of the log."""
        if watched is self.log_view and event.type() == QEvent.Type.Resize:
            self._place_floating()
        return super().eventFilter(watched, event)

    def _build(self) -> None:
        field = QFrame()
        field.setObjectName("composer")
        inside = QHBoxLayout(field)
        inside.setContentsMargins(8, 2, 4, 2)
        inside.addWidget(self.composer, stretch=1)
        inside.addWidget(self._send, alignment=Qt.AlignmentFlag.AlignBottom)
        bottom = QHBoxLayout()
        bottom.setContentsMargins(16, 0, 16, 16)
        bottom.addWidget(field)
        self._field = field
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.log_view, stretch=1)
        column.addWidget(self._typing)
        column.addLayout(bottom)
        for button, text in (
            (self._send, self.tr("Send")),
            (self._jump, self.tr("Jump to the newest message")),
        ):
            button.setAccessibleName(text)
            button.setToolTip(text)
            button.setAutoRaise(True)
        self._send.setFixedSize(SEND_SIZE, SEND_SIZE)
        self._jump.setFixedSize(JUMP_SIZE, JUMP_SIZE)
        self._jump.hide()
        self._jump.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def _connect(self) -> None:
        self.composer.message_submitted.connect(self._on_submitted)
        self.composer.draft_changed.connect(self.draft_changed)
        self.composer.composing_changed.connect(self.composing_changed)
        self.composer.textChanged.connect(self._show_whether_sendable)
        self.composer.log_requested.connect(
            lambda: self.log_view.setFocus(Qt.FocusReason.ShortcutFocusReason)
        )
        self._send.clicked.connect(self.composer.submit)
        self._jump.clicked.connect(self.log_view.scroll_to_end)
        self.log_view.at_end_changed.connect(self._on_at_end_changed)
        self.log_view.link_activated.connect(self.link_activated)
        self.log_view.copy_requested.connect(self.copy_requested)
        self.log_view.failure_action_requested.connect(self.failure_action_requested)
        self.log_view.left.connect(self.composer.setFocus)
        self.log_view.installEventFilter(self)
        self._theme.changed.connect(self._dress)

    def _dress(self) -> None:
        tokens = self._theme.tokens
        self._field.setStyleSheet(
            f"#composer {{ background: {tokens.raised}; border: 1px solid {tokens.control};"
            " border-radius: 8px; }"
        )
        self.composer.setStyleSheet(
            "QPlainTextEdit { background: transparent; border: none;"
            f" placeholder-text-color: {tokens.muted}; }}"
        )
        self._jump.setIcon(self._theme.icon(Icon.ARROW_DOWN, "text"))
        self._jump.setStyleSheet(
            f"QToolButton {{ background: {tokens.raised}; border: 1px solid {tokens.control};"
            f" border-radius: {JUMP_SIZE // 2}px; }}"
        )
        self._show_whether_sendable()

    def _name_composer(self, contact: Contact) -> None:
        text = self.tr("Message {name}").format(name=isolated(contact.display_name))
        self.composer.setPlaceholderText(text)
        self.composer.setAccessibleName(text)

    def _show_whether_sendable(self) -> None:
        has_text = bool(self.composer.toPlainText().strip())
        self._send.setEnabled(has_text)
        self._send.setIcon(self._theme.icon(Icon.SEND, "accent" if has_text else "muted"))

    def _on_submitted(self, text: str) -> None:
        self.log_view.scroll_to_end()
        self.message_submitted.emit(text)

    def _on_at_end_changed(self, is_at_end: bool) -> None:  # noqa: FBT001 - a slot of Qt
        self._jump.setVisible(not is_at_end)
        if is_at_end:
            self.newest_seen.emit()

    def _on_log_changed(self) -> None:
        geometry = self.log_view.geometry_of_log
        self._empty.setVisible(geometry is None or not len(geometry))
        self._place_floating()
        if self.log_view.is_at_end:
            self.newest_seen.emit()

    def _place_floating(self) -> None:
        view = self.log_view
        self._jump.move(
            view.width() - JUMP_SIZE - JUMP_MARGIN - view.verticalScrollBar().width(),
            view.height() - JUMP_SIZE - JUMP_MARGIN,
        )
        self._empty.setGeometry(0, view.height() // 2 - 40, view.width(), 80)
