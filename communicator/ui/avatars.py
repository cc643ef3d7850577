"""Initials on a colour that is the same for everybody (XEP-0392 1.0), and presence shapes."""

import hashlib
from enum import Enum
from functools import lru_cache

import hsluv  # type: ignore[import-untyped]  # it has no stubs
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QPainter, QPainterPath, QPen

from communicator.state.presence import Availability
from communicator.ui.theme.tokens import ThemeTokens

AVATAR_LIGHTNESS = 43  # white initials reach 5.7:1 on every hue
_SATURATION = 100
_INITIALS_PART = 0.40  # height of the letters by the edge of the avatar
_RING = 2.0
_LARGE_AVATAR = 40
_LARGE_BADGE = 12.0
_SMALL_BADGE = 10.0
_BADGE_PART = 0.2  # of very large avatars
_DIAGONAL = 0.75  # of the radius: the shape stands on the rim
_JOINER = "\u200d"
_FIRST_COMBINING = 0x0300
_REGIONAL = range(0x1F1E6, 0x1F200)


class ColourVision(Enum):
    """A deficiency that colours are corrected for (XEP-0392, section 5.2)."""

    FULL = "full"
    RED_GREEN = "red-green"
    BLUE = "blue"


class PresenceShape(Enum):
    """The shape that tells a presence; the value is the token of its colour."""

    AVAILABLE = ("available", "disc")
    CHAT = ("available", "balloon")
    AWAY = ("away", "clock")
    XA = ("away", "ring-clock")
    DND = ("dnd", "bar")
    CALL = ("call", "handset")
    OFFLINE = ("offline", "ring")
    UNKNOWN = ("offline", "dotted")
    BLOCKED = ("offline", "slash")

    @property
    def token(self) -> str:
        """The colour token."""
        return self.value[0]


_SHAPE_BY_AVAILABILITY = {
    Availability.AVAILABLE: PresenceShape.AVAILABLE,
    Availability.CHAT: PresenceShape.CHAT,
    Availability.AWAY: PresenceShape.AWAY,
    Availability.XA: PresenceShape.XA,
    Availability.DND: PresenceShape.DND,
    Availability.OFFLINE: PresenceShape.OFFLINE,
}


def shape_of(availability: Availability) -> PresenceShape:
    """Return the shape of an availability."""
    return _SHAPE_BY_AVAILABILITY[availability]


@lru_cache(maxsize=8192)
def hue_of(seed: str, vision: ColourVision = ColourVision.FULL) -> float:
    """Return the angle of XEP-0392, section 5.1, in degrees."""
    digest = hashlib.sha1(seed.encode(), usedforsecurity=False).digest()
    angle = int.from_bytes(digest[:2], "little") / 65536 * 360
    match vision:
        case ColourVision.RED_GREEN:
            return ((angle + 90) % 180 - 90) % 360
        case ColourVision.BLUE:
            return angle % 180
    return angle


@lru_cache(maxsize=8192)
def _colour(seed: str, lightness: int) -> str:
    return str(hsluv.hsluv_to_hex((hue_of(seed), _SATURATION, lightness)))


def name_colour(seed: str, tokens: ThemeTokens) -> QColor:
    """Return the colour of somebody's name; readable on every ground of the theme."""
    return QColor(_colour(seed, tokens.name_lightness))


def avatar_colour(seed: str) -> QColor:
    """Return the ground of somebody's initials."""
    return QColor(_colour(seed, AVATAR_LIGHTNESS))


@lru_cache(maxsize=8192)
def initials_of(name: str) -> str:
    """Return the first letters of the first and the last word; ``?`` without letters."""
    words = [word for word in map(_without_marks, name.replace("-", " ").split()) if word]
    if not words:
        return "?"
    letters = [_first_grapheme(words[0])]
    if len(words) > 1:
        letters.append(_first_grapheme(words[-1]))
    return "".join(letters).upper()


def _without_marks(word: str) -> str:
    return word.lstrip(
        "\"'()[]<>«»\u201c\u201d\u2018\u2019.,;:!@#*_\u200e\u200f\u2066\u2067\u2068\u2069"
    )


def _first_grapheme(word: str) -> str:
    """Return the first user-perceived character, near enough for initials."""
    end = 1
    while end < len(word) and _belongs_to(word[end], word[:end]):
        end += 1
    return word[:end]


def _belongs_to(character: str, before: str) -> bool:
    code = ord(character)
    is_mark = code >= _FIRST_COMBINING and not character.isprintable()
    is_joined = character == _JOINER or before.endswith(_JOINER)
    is_variant = 0xFE00 <= code <= 0xFE0F or 0x1F3FB <= code <= 0x1F3FF  # noqa: PLR2004 - Unicode blocks
    is_flag = code in _REGIONAL and len(before) == 1 and ord(before) in _REGIONAL
    return is_mark or is_joined or is_variant or is_flag or _is_combining(code)


def _is_combining(code: int) -> bool:
    return 0x0300 <= code <= 0x036F or 0x20D0 <= code <= 0x20F0  # noqa: PLR2004 - Unicode blocks


def paint_avatar(painter: QPainter, rect: QRectF, seed: str, name: str) -> None:
    """Paint initials on a disc.

    Args:
        painter: Where; its state is kept.
        rect: A square, in device-independent pixels.
        seed: What the colour comes from: the bare JID.
        name: What the initials come from.
    """
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(avatar_colour(seed))
    painter.drawEllipse(rect)
    font = QFont(painter.font())
    font.setPixelSize(
        max(1, round(rect.height() * _INITIALS_PART))
    )  # part of a drawing, not of a text
    font.setWeight(QFont.Weight.DemiBold)
    painter.setFont(font)
    painter.setPen(QColor("#FFFFFF"))
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, initials_of(name))
    painter.restore()


def badge_rect(avatar: QRectF, *, is_right_to_left: bool = False) -> QRectF:
    """Return the place of the presence shape: on the rim, in the lower corner where lines end."""
    size = _LARGE_BADGE if avatar.width() >= _LARGE_AVATAR else _SMALL_BADGE
    size = max(size, avatar.width() * _BADGE_PART)
    reach = avatar.width() / 2 * _DIAGONAL
    centre = avatar.center() + QPointF(-reach if is_right_to_left else reach, reach)
    return QRectF(centre.x() - size / 2, centre.y() - size / 2, size, size)


def paint_badge(
    painter: QPainter, avatar: QRectF, shape: PresenceShape, tokens: ThemeTokens, ground: QColor
) -> None:
    """Paint a presence shape on an avatar, with a ring of the ground's colour around it."""
    is_right_to_left = painter.layoutDirection() is Qt.LayoutDirection.RightToLeft
    rect = badge_rect(avatar, is_right_to_left=is_right_to_left)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    painter.drawEllipse(rect.adjusted(-_RING, -_RING, _RING, _RING))
    painter.restore()
    paint_presence(painter, rect, shape, tokens, ground)


def paint_presence(
    painter: QPainter, rect: QRectF, shape: PresenceShape, tokens: ThemeTokens, ground: QColor
) -> None:
    """Paint a presence shape; ``ground`` is what shows through its holes."""
    colour = tokens.colour(shape.token)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.center())
    scale = rect.width() / 12
    painter.scale(scale, scale)
    _PAINTERS[shape.value[1]](painter, colour, ground)
    painter.restore()


_DISC = QRectF(-6, -6, 12, 12)
_RING_RECT = QRectF(-5, -5, 10, 10)
_PEN_WIDTH = 2.0


def _pen(colour: QColor, width: float = _PEN_WIDTH) -> QPen:
    return QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)


def _disc(painter: QPainter, colour: QColor, ground: QColor) -> None:  # noqa: ARG001 - one signature for all shapes
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawEllipse(_DISC)


def _balloon(painter: QPainter, colour: QColor, ground: QColor) -> None:
    _disc(painter, colour, ground)
    balloon = QPainterPath()
    balloon.addRoundedRect(QRectF(-3.5, -3.2, 7, 5), 2, 2)
    tail = QPainterPath(QPointF(-2, 1))
    tail.lineTo(-2.2, 4)
    tail.lineTo(0.8, 1.4)
    painter.fillPath(balloon.united(tail), QBrush(ground))


def _hands(painter: QPainter, colour: QColor) -> None:
    painter.setPen(_pen(colour, 1.7))
    painter.drawLines([QLineF(0, 0, 0, -3.2), QLineF(0, 0, 2.4, 1.2)])


def _clock(painter: QPainter, colour: QColor, ground: QColor) -> None:
    _disc(painter, colour, ground)
    _hands(painter, ground)


def _ring(painter: QPainter, colour: QColor, ground: QColor) -> None:
    painter.setPen(_pen(colour))
    painter.setBrush(ground)
    painter.drawEllipse(_RING_RECT)


def _ring_clock(painter: QPainter, colour: QColor, ground: QColor) -> None:
    _ring(painter, colour, ground)
    _hands(painter, colour)


def _bar(painter: QPainter, colour: QColor, ground: QColor) -> None:
    _disc(painter, colour, ground)
    painter.setBrush(ground)
    painter.drawRoundedRect(QRectF(-3.5, -1.1, 7, 2.2), 1, 1)


def _handset(painter: QPainter, colour: QColor, ground: QColor) -> None:
    _disc(painter, colour, ground)
    painter.setPen(_pen(ground, 2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawArc(QRectF(-3, -1.8, 6, 6), 20 * 16, 140 * 16)


def _dotted(painter: QPainter, colour: QColor, ground: QColor) -> None:
    pen = _pen(colour)
    pen.setDashPattern([0.1, 1.86])
    painter.setPen(pen)
    painter.setBrush(ground)
    painter.drawEllipse(_RING_RECT)


def _slash(painter: QPainter, colour: QColor, ground: QColor) -> None:
    _ring(painter, colour, ground)
    painter.drawLine(QLineF(-3, 3, 3, -3))


_PAINTERS = {
    "disc": _disc,
    "balloon": _balloon,
    "clock": _clock,
    "ring-clock": _ring_clock,
    "bar": _bar,
    "handset": _handset,
    "ring": _ring,
    "dotted": _dotted,
    "slash": _slash,
}
