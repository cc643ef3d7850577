"""Buttons: a verb each, with an accessible name, in the variants of the style sheet."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from communicator.ui.icons import Icon
from communicator.ui.plain_text import PlainLabel, for_menu, for_tool_tip
from communicator.ui.theme.theme import ICON_SIZE, Theme

CHOICE_HEIGHT = 72
CHOICE_ICON = 24
HIT_SIZE = 32


class TextButton(QPushButton):
    """A button with a text.

    Args of the constructor: ``variant`` is ``""``, ``primary``, ``quiet``, ``danger`` or ``link``.
    """

    def __init__(self, text: str, parent: QWidget | None = None, *, variant: str = "") -> None:
        super().__init__(for_menu(text), parent)
        self.setProperty("variant", variant)
        self.setAccessibleName(text)
        self.setAutoDefault(False)

    def put_text(self, text: str) -> None:
        """Show another text, and tell it to the screen reader."""
        self.setText(for_menu(text))
        self.setAccessibleName(text)


class IconButton(QToolButton):
    """A button with an icon only; name and shortcut are told by tool tip and accessible name."""

    def __init__(
        self,
        theme: Theme,
        icon: Icon,
        name: str,
        parent: QWidget | None = None,
        *,
        shortcut: str = "",
        colour: str = "muted",
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icon = icon
        self._colour = colour
        self._shortcut = shortcut
        self.setIconSize(QSize(ICON_SIZE, ICON_SIZE))
        self.setFixedSize(HIT_SIZE, HIT_SIZE)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.put_name(name)
        self._show_icon()
        theme.changed.connect(self._show_icon)

    def put_name(self, name: str) -> None:
        """Change what the button is called."""
        self.setAccessibleName(name)
        self.setToolTip(for_tool_tip(f"{name} ({self._shortcut})" if self._shortcut else name))

    def put_icon(self, icon: Icon) -> None:
        """Change what the button shows."""
        self._icon = icon
        self._show_icon()

    def _show_icon(self) -> None:
        self.setIcon(self._theme.icon(self._icon, self._colour))


class IconLabel(PlainLabel):
    """An icon that only decorates; the words beside it say the same."""

    def __init__(
        self,
        theme: Theme,
        icon: Icon,
        parent: QWidget | None = None,
        *,
        size: int = ICON_SIZE,
        colour: str = "muted",
    ) -> None:
        super().__init__("", parent)
        self._theme, self._icon, self._size, self._colour = theme, icon, size, colour
        self.setFixedSize(size, size)
        self._show_icon()
        theme.changed.connect(self._show_icon)

    def put_icon(self, icon: Icon, colour: str) -> None:
        """Show another icon."""
        self._icon, self._colour = icon, colour
        self._show_icon()

    def _show_icon(self) -> None:
        icon = self._theme.icon(self._icon, self._colour, self._size)
        self.setPixmap(icon.pixmap(QSize(self._size, self._size), self.devicePixelRatioF()))


class ChoiceButton(QPushButton):
    """A large choice: icon, title, and one line that explains it."""

    def __init__(
        self, theme: Theme, icon: Icon, title: str, explanation: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setProperty("variant", "choice")
        self.setMinimumHeight(CHOICE_HEIGHT)
        self.setAccessibleName(title)
        self.setAccessibleDescription(explanation)
        self.setAutoDefault(False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(16, 12, 16, 12)
        row.setSpacing(16)
        texts = QVBoxLayout()
        texts.setSpacing(4)
        texts.addStretch()
        texts.addWidget(PlainLabel(title, style="name"))
        texts.addWidget(PlainLabel(explanation, tone="muted", style="small", wraps=True))
        texts.addStretch()
        row.addWidget(IconLabel(theme, icon, size=CHOICE_ICON, colour="accent"))
        row.addLayout(texts, 1)
        row.addWidget(IconLabel(theme, Icon.CHEVRON_RIGHT, size=ICON_SIZE))
        for label in self.findChildren(PlainLabel):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def sizeHint(self) -> QSize:
        """Return the size that the texts need."""
        return self._row.sizeHint().expandedTo(QSize(0, CHOICE_HEIGHT))
