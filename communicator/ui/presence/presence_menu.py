"""The menu of the own presence."""

from collections.abc import Callable
from datetime import UTC, datetime

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QMenu, QWidget

from communicator.state.presence import Availability, OwnPresence, OwnPresenceState
from communicator.ui.avatars import PresenceShape, paint_presence, shape_of
from communicator.ui.icons import Icon
from communicator.ui.plain_text import for_menu
from communicator.ui.presence.presets import CHOOSABLE, Preset, PresetTexts
from communicator.ui.presence_words import PresenceWords
from communicator.ui.theme.theme import Theme

_ICON_SIZE = 16
_RATIO = 3


def utc_now() -> datetime:
    """Return the moment, aware."""
    return datetime.now(UTC)


def presence_icon(theme: Theme, shape: PresenceShape, ground: str = "raised") -> QIcon:
    """Return a presence shape as an icon for menus and buttons."""
    pixmap = QPixmap(QSize(_ICON_SIZE * _RATIO, _ICON_SIZE * _RATIO))
    pixmap.setDevicePixelRatio(_RATIO)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    rect = QRectF(2, 2, _ICON_SIZE - 4, _ICON_SIZE - 4)
    paint_presence(painter, rect, shape, theme.tokens, theme.colour(ground))
    painter.end()
    return QIcon(pixmap)


class PresenceMenu(QMenu):
    """Availabilities, presets with an end, and the way to an own text. Shown by ``popup``.

    Signals:
        presence_chosen: The OwnPresence that the user wants from now on.
        status_edit_requested: The user wants to write a text.
    """

    presence_chosen = Signal(object)
    status_edit_requested = Signal()

    def __init__(
        self,
        theme: Theme,
        own: OwnPresenceState,
        parent: QWidget | None = None,
        *,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        super().__init__(parent)
        self._theme, self._own, self._now = theme, own, now
        self._words, self._presets = PresenceWords(self), PresetTexts(self)
        self.setTitle(self.tr("Presence"))
        self.aboutToShow.connect(self._fill)
        self._fill()

    def _fill(self) -> None:
        self.clear()
        current = self._own.presence
        for availability in CHOOSABLE:
            self._add_availability(availability, is_current=current.availability is availability)
        self.addSeparator()
        for preset in self._presets.presets():
            self._add_preset(preset)
        self.addSeparator()
        edit = self.addAction(self._theme.icon(Icon.PENCIL), self.tr("Write a status..."))
        edit.triggered.connect(self.status_edit_requested)
        if current.status:
            clear = self.addAction(self._theme.icon(Icon.X), self.tr("Remove the status"))
            clear.triggered.connect(
                lambda: self.presence_chosen.emit(OwnPresence(current.availability))
            )

    def _add_availability(self, availability: Availability, *, is_current: bool) -> None:
        icon = presence_icon(self._theme, shape_of(availability))
        action = self.addAction(icon, self._words.of(availability))
        if is_current:
            font = action.font()
            font.setBold(True)
            action.setFont(font)
        action.triggered.connect(lambda: self._choose(OwnPresence(availability)))

    def _add_preset(self, preset: Preset) -> None:
        duration = self._presets.duration(preset.minutes)
        icon = presence_icon(self._theme, shape_of(preset.availability))
        text = self.tr("{0}, {1}").format(preset.text, duration)
        action = self.addAction(icon, for_menu(text))
        action.triggered.connect(lambda: self._choose(preset.starting_at(self._now())))

    def _choose(self, presence: OwnPresence) -> None:
        self.presence_chosen.emit(presence)
