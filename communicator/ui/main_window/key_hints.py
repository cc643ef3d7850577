"""A row of keys that help, at the foot of an empty page; what has no room is left out."""

from collections.abc import Sequence

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from communicator.ui.plain_text import PlainLabel

SPACING = 24


class KeyHints(QWidget):
    """Pairs of keys and words in the middle of a row."""

    def __init__(self, hints: Sequence[tuple[str, str]]) -> None:
        """Make the row.

        Args:
            hints: Keys as this system writes them, and what they do; the most important last.
        """
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._pairs = [_pair(keys, words) for keys, words in hints]
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACING)
        row.addStretch()
        for pair in self._pairs:
            row.addWidget(pair)
        row.addStretch()

    def minimumSizeHint(self) -> QSize:
        """Return the height of one pair: the width is what there is."""
        return QSize(0, max(pair.sizeHint().height() for pair in self._pairs))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out what has no room, the least important first."""
        super().resizeEvent(event)
        room = self.width()
        for pair in reversed(self._pairs):
            room -= pair.sizeHint().width() + SPACING
            pair.setVisible(room >= 0)


def _pair(keys: str, words: str) -> QWidget:
    pair = QWidget()
    row = QHBoxLayout(pair)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(6)
    row.addWidget(PlainLabel(keys, style="small"))
    row.addWidget(PlainLabel(words, style="small", tone="muted"))
    return pair
