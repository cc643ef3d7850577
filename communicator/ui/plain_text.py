"""Texts from strangers made harmless for labels, tool tips, menus and boxes.

Qt guesses HTML in labels, tool tips and message boxes; a name of ``<img src=...>`` would load a
picture. Variable text reaches such widgets through this module only.
"""

import re
import unicodedata

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

LONGEST = 200
_ELLIPSIS = "…"
_FIRST_STRONG_ISOLATE = "\u2068"
_POP_ISOLATE = "\u2069"
_SPACES = re.compile(r"\s+")
_DIRECTION_CONTROLS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_HIDDEN_CATEGORIES = frozenset({"Cc", "Cs"})


def one_line(text: str, longest: int = LONGEST) -> str:
    """Return a text on one line, without control characters, of at most ``longest`` characters."""
    flat = _SPACES.sub(" ", text[: longest * 4]).strip()
    shown = "".join(
        character for character in flat if unicodedata.category(character) not in _HIDDEN_CATEGORIES
    )
    return shown if len(shown) <= longest else shown[: longest - 1].rstrip() + _ELLIPSIS


def isolated(name: str) -> str:
    """Return a name that cannot turn the direction of the sentence around it (FSI and PDI)."""
    bare = _DIRECTION_CONTROLS.sub("", one_line(name))
    return f"{_FIRST_STRONG_ISOLATE}{bare}{_POP_ISOLATE}"


def for_menu(text: str) -> str:
    """Return a text for a menu entry or button: no letter of it becomes a shortcut."""
    return one_line(text).replace("&", "&&")


def for_tool_tip(text: str) -> str:
    """Return a text for a tool tip, where nothing may look like HTML."""
    if not text:
        return ""
    escaped = one_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f"<qt>{escaped}</qt>"


class PlainLabel(QLabel):
    """A label that never reads HTML and has no shortcuts.

    Its lines begin where those of the interface do, whatever direction the text itself has.

    Args of the constructor: ``style`` and ``tone`` are the properties ``type`` and ``tone`` of the
        style sheet.
    """

    def __init__(
        self,
        text: str = "",
        parent: QWidget | None = None,
        *,
        style: str = "",
        tone: str = "",
        wraps: bool = False,
    ) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wraps)
        if style:
            self.setProperty("type", style)
        if tone:
            self.setProperty("tone", tone)
        self.setText(text)
        self._align()

    def changeEvent(self, event: QEvent) -> None:
        """Begin at the other side when the interface turns."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.LayoutDirectionChange:
            self._align()

    def _align(self) -> None:
        alignment = self.alignment()
        if alignment & Qt.AlignmentFlag.AlignHCenter:
            return
        is_mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        side = Qt.AlignmentFlag.AlignRight if is_mirrored else Qt.AlignmentFlag.AlignLeft
        upright = alignment & Qt.AlignmentFlag.AlignVertical_Mask
        self.setAlignment(upright | side | Qt.AlignmentFlag.AlignAbsolute)

    def set_tone(self, tone: str) -> None:
        """Give the text another colour of the style sheet."""
        self.setProperty("tone", tone)
        self.style().unpolish(self)
        self.style().polish(self)


class ElidedLabel(PlainLabel):
    """A label of one line that gives way: what has no room ends in an ellipsis."""

    def __init__(
        self, text: str = "", parent: QWidget | None = None, *, style: str = "", tone: str = ""
    ) -> None:
        super().__init__(text, parent, style=style, tone=tone)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's signature
        """Paint the text at the side where lines begin, whatever its own direction is."""
        painter = QPainter(self)
        painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)
        painter.setPen(self.palette().color(self.foregroundRole()))
        rect = self.contentsRect()
        is_mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        indent = max(0, self.indent())
        rect.adjust(0 if is_mirrored else indent, 0, -indent if is_mirrored else 0, 0)
        side = Qt.AlignmentFlag.AlignRight if is_mirrored else Qt.AlignmentFlag.AlignLeft
        flags = side | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter
        shown = self.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideRight, rect.width()
        )
        painter.drawText(rect, flags, shown)
        painter.end()
