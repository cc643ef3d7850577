"""Lucide's icons in the colours of the theme, sharp at every scale."""

from enum import StrEnum
from functools import lru_cache
from importlib.resources import files

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

_RATIOS = (1.0, 1.5, 2.0, 3.0)
_DRAWN = "currentColor"  # QtSvg draws it black


class Icon(StrEnum):
    """Every icon that is used; the value is the name of the file."""

    ARROW_DOWN = "arrow-down"
    ARROW_LEFT = "arrow-left"
    BUILDING = "building-2"
    CHECK = "check"
    CHEVRON_DOWN = "chevron-down"
    CHEVRON_RIGHT = "chevron-right"
    CIRCLE_ALERT = "circle-alert"
    COPY = "copy"
    ELLIPSIS = "ellipsis-vertical"
    EYE = "eye"
    EYE_OFF = "eye-off"
    INFO = "info"
    KEY = "key-round"
    KEYBOARD = "keyboard"
    LOG_IN = "log-in"
    LOG_OUT = "log-out"
    MESSAGE = "message-circle"
    MINUS = "minus"
    PENCIL = "pencil"
    PLUS = "plus"
    POWER = "power"
    ROTATE = "rotate-cw"
    SEARCH = "search"
    SEND = "send"
    SERVER = "server"
    SETTINGS = "settings"
    SHIELD_ALERT = "shield-alert"
    SHIELD_QUESTION = "shield-question-mark"
    USER_PLUS = "user-plus"
    USERS = "users"
    WIFI_OFF = "wifi-off"
    X = "x"


_MIRRORED = frozenset({Icon.SEND, Icon.ARROW_LEFT, Icon.CHEVRON_RIGHT, Icon.LOG_IN, Icon.LOG_OUT})


@lru_cache(maxsize=128)
def _source(icon: Icon) -> str:
    return (files("resources") / "icons" / f"{icon.value}.svg").read_text(encoding="utf-8")


@lru_cache(maxsize=1024)
def _pixmap(icon: Icon, colour: str, size: int, ratio: float, is_mirrored: bool) -> QPixmap:  # noqa: FBT001 - the cache's key
    pixels = round(size * ratio)
    pixmap = QPixmap(QSize(pixels, pixels))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    if is_mirrored:
        painter.translate(pixels, 0)
        painter.scale(-1, 1)
    svg = QByteArray(_source(icon).replace(_DRAWN, colour).encode())
    QSvgRenderer(svg).render(painter, QRectF(0, 0, pixels, pixels))
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def pixmap_of(icon: Icon, colour: str, size: int, ratio: float) -> QPixmap:
    """Return an icon as a picture.

    Args:
        icon: Which one. Those that point somewhere are mirrored from right to left.
        colour: ``#RRGGBB``.
        size: Edge in device-independent pixels.
        ratio: Device pixel ratio of the screen.
    """
    is_mirrored = (
        icon in _MIRRORED and QGuiApplication.layoutDirection() is Qt.LayoutDirection.RightToLeft
    )
    return _pixmap(icon, colour, size, ratio, is_mirrored)


def icon_of(icon: Icon, colour: str, disabled_colour: str, size: int) -> QIcon:
    """Return an icon for a button or menu, with a picture for each common pixel ratio."""
    qt_icon = QIcon()
    for ratio in _RATIOS:
        qt_icon.addPixmap(pixmap_of(icon, colour, size, ratio))
        qt_icon.addPixmap(pixmap_of(icon, disabled_colour, size, ratio), QIcon.Mode.Disabled)
    return qt_icon
