"""The theme in use: light, dark, or what the system says."""

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QIcon
from PySide6.QtWidgets import QApplication, QStyleFactory

from communicator.state.preferences import ThemeChoice
from communicator.ui.icons import Icon, icon_of
from communicator.ui.theme.palette import palette_of
from communicator.ui.theme.style_sheet import style_sheet_of
from communicator.ui.theme.tokens import DARK, LIGHT, ThemeTokens
from communicator.ui.theme.typography import TextStyle, font_of

ICON_SIZE = 20


class Theme(QObject):
    """Gives colours, fonts and icons to widgets, palette and style sheet to the application.

    Signals:
        changed: Colours or fonts are others now; painted widgets paint anew, holders of icons ask
            for them again.
    """

    changed = Signal()

    def __init__(self, application: QApplication, choice: ThemeChoice = ThemeChoice.SYSTEM) -> None:
        super().__init__(application)
        self._application = application
        self._choice = choice
        self._style_hints = application.styleHints()  # kept: Qt deletes what nobody holds
        self._style_hints.colorSchemeChanged.connect(self._on_system_scheme_changed)
        application.setStyle(QStyleFactory.create("Fusion"))
        self._body_points = application.font().pointSizeF()
        self._tokens = self._tokens_of(choice)
        self._dress_application()

    @property
    def tokens(self) -> ThemeTokens:
        """The colours now."""
        return self._tokens

    @property
    def choice(self) -> ThemeChoice:
        """What was chosen."""
        return self._choice

    def choose(self, choice: ThemeChoice) -> None:
        """Follow the user's choice from now on."""
        self._choice = choice
        self._use(self._tokens_of(choice))

    def scale_text(self, percent: int) -> None:
        """Show all texts at a size relative to the system's (80 to 200 per cent)."""
        font = self._application.font()
        font.setPointSizeF(self._body_points * percent / 100)
        self._application.setFont(font)
        self._dress_application()
        self.changed.emit()

    def colour(self, name: str) -> QColor:
        """Return a token's colour."""
        return self._tokens.colour(name)

    def font(self, style: TextStyle) -> QFont:
        """Return the font for a kind of text."""
        return font_of(style)

    def icon(self, icon: Icon, colour: str = "muted", size: int = ICON_SIZE) -> QIcon:
        """Return an icon in a token's colour; disabled it has the colour of outlines."""
        return icon_of(icon, str(getattr(self._tokens, colour)), self._tokens.control, size)

    def _tokens_of(self, choice: ThemeChoice) -> ThemeTokens:
        if choice is ThemeChoice.SYSTEM:
            is_dark = self._style_hints.colorScheme() is Qt.ColorScheme.Dark
            return DARK if is_dark else LIGHT
        return DARK if choice is ThemeChoice.DARK else LIGHT

    def _on_system_scheme_changed(self) -> None:
        if self._choice is ThemeChoice.SYSTEM:
            self._use(self._tokens_of(self._choice))

    def _use(self, tokens: ThemeTokens) -> None:
        if tokens is not self._tokens:
            self._tokens = tokens
            self._dress_application()
            self.changed.emit()

    def _dress_application(self) -> None:
        self._application.setPalette(palette_of(self._tokens))
        sheet = style_sheet_of(self._tokens)
        if sheet != self._application.styleSheet():  # every widget is dressed anew by it
            self._application.setStyleSheet(sheet)
