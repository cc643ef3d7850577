"""What the forms of the first run have in common: back, title, fields, fault, busy state."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from communicator.ui.icons import Icon
from communicator.ui.plain_text import PlainLabel
from communicator.ui.theme.theme import Theme
from communicator.ui.widgets.buttons import IconButton, TextButton
from communicator.ui.widgets.surfaces import ColumnPage, FaultNote

CANCEL_AFTER_MS = 10_000


class FormPage(ColumnPage):
    """One form.

    Signals:
        back_requested: The arrow was clicked.
        cancel_requested: The work that the form started shall be given up.

    Subclasses fill ``fields``, connect ``_on_submitted`` and emit their own request.
    """

    back_requested = Signal()
    cancel_requested = Signal()

    def __init__(self, theme: Theme, title: str, sentence: str, submit: str) -> None:
        super().__init__()
        self.setAccessibleName(title)
        self.fields = QVBoxLayout()
        self.fields.setSpacing(16)
        self._inputs = QWidget()
        self._inputs.setLayout(self.fields)
        self.fields.setContentsMargins(0, 0, 0, 0)
        self._back = IconButton(theme, Icon.ARROW_LEFT, self.tr("Back"))
        self._back.clicked.connect(self.back_requested)
        self.submit_button = TextButton(submit, variant="primary")
        self.submit_button.clicked.connect(self._on_submitted)
        self._fault = FaultNote(theme)
        self._progress = self._make_progress()
        arrow = QHBoxLayout()
        arrow.addWidget(self._back)
        arrow.addStretch()
        self.column.addLayout(arrow)
        self.column.addWidget(PlainLabel(title, style="page", wraps=True))
        self.column.addWidget(PlainLabel(sentence, tone="muted", wraps=True))
        self.column.addSpacing(4)
        self.column.addWidget(self._inputs)
        self.column.addWidget(self._fault)
        self.column.addWidget(self.submit_button)
        self.column.addWidget(self._progress)
        self.column.addStretch()

    def showEvent(self, event: QShowEvent) -> None:
        """Let Tab go from the last field to the button: the button was made first."""
        super().showEvent(event)
        fields = [
            child
            for child in self._inputs.findChildren(QWidget)
            if child.focusPolicy() & Qt.FocusPolicy.TabFocus
        ]
        if fields:
            QWidget.setTabOrder(fields[-1], self.submit_button)
            QWidget.setTabOrder(self.submit_button, self._cancel)

    @property
    def fault(self) -> str:
        """The sentence that says what went wrong; empty if nothing did."""
        return self._fault.text

    def show_fault(self, text: str) -> None:
        """Say what went wrong and let the user try again."""
        self._set_busy("")
        self._fault.show_text(text)

    def show_busy(self, text: str) -> None:
        """Say what is being done; the fields wait."""
        self._fault.show_text("")
        self._set_busy(text)

    def show_ready(self) -> None:
        """Let the user fill in the form."""
        self._fault.show_text("")
        self._set_busy("")

    def _make_progress(self) -> QWidget:
        box = QWidget()
        self._busy_text = PlainLabel(tone="muted", wraps=True)
        self._cancel = TextButton(self.tr("Cancel"), variant="link")
        self._cancel.clicked.connect(self.cancel_requested)
        self._patience = QTimer(self, singleShot=True, interval=CANCEL_AFTER_MS)
        self._patience.timeout.connect(self._cancel.show)
        bar = QProgressBar()
        bar.setRange(0, 0)
        bar.setTextVisible(False)
        bar.setAccessibleName(self.tr("Working"))
        row = QHBoxLayout()
        row.addWidget(self._busy_text, 1)
        row.addWidget(self._cancel)
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(bar)
        column.addLayout(row)
        box.hide()
        return box

    def _set_busy(self, text: str) -> None:
        is_busy = bool(text)
        self._busy_text.setText(text)
        self._progress.setAccessibleName(text)
        self._progress.setVisible(is_busy)
        self._inputs.setEnabled(not is_busy)
        self._back.setEnabled(not is_busy)
        self.submit_button.setEnabled(not is_busy)
        self._cancel.hide()
        if is_busy:
            self._patience.start()
        else:
            self._patience.stop()

    def _on_submitted(self) -> None:
        """Check the fields and emit the request."""
        raise NotImplementedError
