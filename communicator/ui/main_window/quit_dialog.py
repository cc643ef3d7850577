"""Asks what becomes of the office when its host quits: the one thing that cannot be undone."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from communicator.ui.plain_text import PlainLabel
from communicator.ui.widgets.buttons import TextButton

_WIDTH = 420


class QuitDialog(QDialog):
    """Shown with ``open()``.

    Signals:
        keep_chosen: Quit, and let the office server run on.
        stop_chosen: Quit, and stop the office.
    """

    keep_chosen = Signal()
    stop_chosen = Signal()

    def __init__(self, colleagues: int, parent: QWidget | None = None) -> None:
        """Make the dialog; ``colleagues`` is how many others are connected."""
        super().__init__(parent)
        self.setWindowTitle(self.tr("Quit Parlour"))
        self.setMinimumWidth(_WIDTH)
        title = PlainLabel(self.tr("What about the office?"), style="title")
        text = PlainLabel(
            self.tr(
                "Connected colleagues: %n. If you stop the office, they lose their connection.",
                "",
                colleagues,
            ),
            wraps=True,
            tone="muted",
        )
        self.keep_button = TextButton(self.tr("Keep it running"), variant="primary")
        self.stop_button = TextButton(self.tr("Stop the office"), variant="danger")
        self.cancel_button = TextButton(self.tr("Cancel"), variant="quiet")
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.cancel_button)
        row.addStretch()
        row.addWidget(self.stop_button)
        row.addWidget(self.keep_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(12)
        column.addWidget(title)
        column.addWidget(text)
        column.addSpacing(12)
        column.addLayout(row)
        self.keep_button.clicked.connect(self._on_kept)
        self.stop_button.clicked.connect(self._on_stopped)
        self.cancel_button.clicked.connect(self.reject)
        self.keep_button.setFocus()

    def _on_kept(self) -> None:
        self.accept()
        self.keep_chosen.emit()

    def _on_stopped(self) -> None:
        self.accept()
        self.stop_chosen.emit()
