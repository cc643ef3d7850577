"""The tokens as Qt's palette, so that what the style sheet does not reach has our colours too."""

from PySide6.QtGui import QColor, QPalette

from communicator.ui.theme.tokens import ThemeTokens

_Role = QPalette.ColorRole

_TOKEN_BY_ROLE = {
    _Role.Window: "window",
    _Role.WindowText: "text",
    _Role.Base: "pane",
    _Role.AlternateBase: "window",
    _Role.ToolTipBase: "raised",
    _Role.ToolTipText: "text",
    _Role.PlaceholderText: "muted",
    _Role.Text: "text",
    _Role.Button: "raised",
    _Role.ButtonText: "text",
    _Role.BrightText: "danger",
    _Role.Highlight: "accent",
    _Role.HighlightedText: "on_accent",
    _Role.Accent: "accent",
    _Role.Link: "link",
    _Role.LinkVisited: "link",
    _Role.Light: "raised",
    _Role.Midlight: "hover",
    _Role.Mid: "border",
    _Role.Dark: "border",
    _Role.Shadow: "border",
}
_TEXT_ROLES = (_Role.WindowText, _Role.Text, _Role.ButtonText)


def palette_of(tokens: ThemeTokens) -> QPalette:
    """Return Qt's palette for a theme."""
    palette = QPalette()
    for role, token in _TOKEN_BY_ROLE.items():
        palette.setColor(role, QColor(tokens.colour(token)))
    for role in _TEXT_ROLES:
        palette.setColor(QPalette.ColorGroup.Disabled, role, tokens.colour("control"))
    return palette
