"""The steps of type: everything is counted from the font that the system, or the user, chose."""

from enum import Enum

from PySide6.QtGui import QFont, QFontDatabase, QGuiApplication

SMALLEST_POINTS = 8.0


class TextStyle(Enum):
    """What a text is: points above the body's size, semibold or not, family."""

    SMALL = (-1, False, "text")
    SMALL_STRONG = (-1, True, "text")
    BODY = (0, False, "text")
    NAME = (0, True, "text")
    TITLE = (2, True, "text")
    PAGE = (6, True, "text")
    CODE = (0, False, "fixed")

    @property
    def is_semibold(self) -> bool:
        """True for names and titles."""
        return bool(self.value[1])

    @property
    def points_above_body(self) -> float:
        """How much larger than the body the text is, in points."""
        return float(self.value[0])


def points_of(style: TextStyle) -> float:
    """Return the size of a style in points, never below 8."""
    body = QGuiApplication.font().pointSizeF()
    return max(SMALLEST_POINTS, body + style.points_above_body)


def font_of(style: TextStyle) -> QFont:
    """Return the font of a style, from the application's font as it is now."""
    font = QGuiApplication.font()
    if style is TextStyle.CODE:
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPointSizeF(points_of(style))
    font.setWeight(QFont.Weight.DemiBold if style.is_semibold else QFont.Weight.Normal)
    return font
