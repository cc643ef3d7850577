"""Where messages are written: one to eight lines, Enter sends, Shift+Enter breaks the line."""

from PySide6.QtCore import QMimeData, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QResizeEvent, QTextOption
from PySide6.QtWidgets import QPlainTextEdit, QWidget

MAX_LINES = 8
PADDING = 8
DRAFT_MILLISECONDS = 700
PAUSE_MILLISECONDS = 4_000


class Composer(QPlainTextEdit):
    """A field for plain text that grows with what is written.

    Signals:
        message_submitted: The text to send, without white space around it.
        draft_changed: The text as it stands, at most 0.7 s after the first unsaved key.
        composing_changed: True at the first key, False after 4 s without one or when the field is
            emptied.
        log_requested: The user wants to walk the log (Shift+Up in an empty field).
    """

    message_submitted = Signal(str)
    draft_changed = Signal(str)
    composing_changed = Signal(bool)
    log_requested = Signal()

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sends_on_enter = True
        self._is_composing = False
        self._is_loading = False
        self._draft_timer = QTimer(self, singleShot=True, interval=DRAFT_MILLISECONDS)
        self._draft_timer.timeout.connect(self._give_draft_away)
        self._pause_timer = QTimer(self, singleShot=True, interval=PAUSE_MILLISECONDS)
        self._pause_timer.timeout.connect(self._stop_composing)
        self.setTabChangesFocus(True)
        self.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.document().setDocumentMargin(PADDING)
        self.setAccessibleName(self.tr("Message"))
        self.textChanged.connect(self._on_text_changed)
        self._fit_height()

    def load_draft(self, text: str) -> None:
        """Show a conversation's draft; this is no typing."""
        self.flush_draft()
        self._is_loading = True
        self.setPlainText(text)
        self.moveCursor(self.textCursor().MoveOperation.End)
        self._is_loading = False
        self._fit_height()

    def flush_draft(self) -> None:
        """Give away a draft that waits for the timer, before another conversation is shown."""
        if self._draft_timer.isActive():
            self._draft_timer.stop()
            self._give_draft_away()

    def submit(self) -> None:
        """Send what is written."""
        text = self.toPlainText().strip()
        if not text:
            return
        self._draft_timer.stop()
        self._pause_timer.stop()
        self._is_composing = False
        self._is_loading = True
        self.clear()
        self._is_loading = False
        self._fit_height()
        self.message_submitted.emit(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Send on Enter, break the line on Shift+Enter, or the reverse; Ctrl+Enter sends."""
        modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            shift, control = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
            sends = not modifiers if self.sends_on_enter else modifiers == shift
            if sends or modifiers == control:
                self.submit()
                return
        is_empty = not self.toPlainText()
        shifted = modifiers == Qt.KeyboardModifier.ShiftModifier
        if event.key() == Qt.Key.Key_Up and shifted and is_empty:
            self.log_requested.emit()
            return
        super().keyPressEvent(event)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Take plain text only."""
        if source.hasText():
            self.insertPlainText(source.text())

    def sizeHint(self) -> QSize:
        """Return the height of the lines that are written."""
        return QSize(super().sizeHint().width(), self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the height to the new width."""
        super().resizeEvent(event)
        self._fit_height()

    def _on_text_changed(self) -> None:
        self._fit_height()
        if self._is_loading:
            return
        if not self._draft_timer.isActive():
            self._draft_timer.start()
        if not self.toPlainText():
            self._stop_composing()
            return
        self._pause_timer.start()
        if not self._is_composing:
            self._is_composing = True
            self.composing_changed.emit(True)  # noqa: FBT003 - a signal of Qt takes its value by position

    def _give_draft_away(self) -> None:
        self.draft_changed.emit(self.toPlainText())

    def _stop_composing(self) -> None:
        self._pause_timer.stop()
        if self._is_composing:
            self._is_composing = False
            self.composing_changed.emit(False)  # noqa: FBT003 - as above

    def _fit_height(self) -> None:
        line = QFontMetricsF(self.font()).lineSpacing()
        written = round(self.document().size().height())
        lines = max(1, min(MAX_LINES, written))
        policy = Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        if written > MAX_LINES:
            policy = Qt.ScrollBarPolicy.ScrollBarAsNeeded
        self.setVerticalScrollBarPolicy(policy)
        self.setFixedHeight(round(lines * line + 2 * PADDING + 2))
