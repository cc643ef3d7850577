"""The colour tokens of both themes: every colour on the screen has one of these names.

The values keep 4.5:1 for texts and 3:1 for shapes on every ground (WCAG 2.2, 1.4.3 and 1.4.11); a
test counts it.
"""

from dataclasses import dataclass, fields

from PySide6.QtGui import QColor


@dataclass(frozen=True, slots=True)
class ThemeTokens:
    """Colours by role, as ``#RRGGBB``.

    Attributes:
        window, pane, raised, hover, selected, own, other, mention, hit: Grounds.
        border: Lines that only decorate. control: Outlines of what can be operated. focus: The
            focus ring.
        on_accent: Text on a ground of ``accent``.
        available, away, dnd, call, offline: Presence shapes.
        name_lightness: HSLuv lightness of coloured names (XEP-0392).
    """

    is_dark: bool
    window: str
    pane: str
    raised: str
    hover: str
    selected: str
    own: str
    other: str
    mention: str
    hit: str
    border: str
    control: str
    focus: str
    text: str
    muted: str
    link: str
    accent: str
    on_accent: str
    danger: str
    warn: str
    ok: str
    available: str
    away: str
    dnd: str
    call: str
    offline: str
    name_lightness: int

    def colour(self, name: str) -> QColor:
        """Return a token as a Qt colour; ``name`` is that of an attribute."""
        return QColor(str(getattr(self, name)))


LIGHT = ThemeTokens(
    is_dark=False,
    window="#F5F6F8",
    pane="#FFFFFF",
    raised="#FFFFFF",
    hover="#EDF0F4",
    selected="#DCE8FB",
    own="#E4EEFC",
    other="#F0F2F5",
    mention="#FFF3CF",
    hit="#FFE08A",
    border="#D3D8E0",
    control="#7C8594",
    focus="#1F5FC4",
    text="#1B1F26",
    muted="#57606D",
    link="#1A56B8",
    accent="#1F5FC4",
    on_accent="#FFFFFF",
    danger="#B3261E",
    warn="#8A5300",
    ok="#1A6E37",
    available="#1E7B3E",
    away="#9A6200",
    dnd="#B3261E",
    call="#6B3FB5",
    offline="#6B7482",
    name_lightness=43,
)
DARK = ThemeTokens(
    is_dark=True,
    window="#16181D",
    pane="#1C1F25",
    raised="#262A32",
    hover="#2A2F38",
    selected="#2B3D5B",
    own="#26374F",
    other="#252A32",
    mention="#45391A",
    hit="#6B5300",
    border="#363C47",
    control="#7F8896",
    focus="#7FB0FF",
    text="#E7EAEF",
    muted="#A5ADBA",
    link="#8DB8FF",
    accent="#7FB0FF",
    on_accent="#0B1B33",
    danger="#FF8A80",
    warn="#F2B45C",
    ok="#6FD08C",
    available="#57C27C",
    away="#F2B45C",
    dnd="#FF7B70",
    call="#B79BFF",
    offline="#8F98A6",
    name_lightness=70,
)
COLOUR_NAMES = tuple(
    field.name for field in fields(ThemeTokens) if field.name not in {"is_dark", "name_lightness"}
)
