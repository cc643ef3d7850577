"""An avatar as a widget: initials, and the presence as a shape on it."""

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from communicator.ui.avatars import PresenceShape, paint_avatar, paint_badge
from communicator.ui.theme.theme import Theme

_MARGIN = 2  # the badge's ring stands out


class AvatarLabel(QWidget):
    """Shows somebody's initials.

    Args of the constructor: ``size`` is the edge in device-independent pixels, ``ground`` the token
        of
    the ground that it stands on.
    """

    def __init__(
        self, theme: Theme, parent: QWidget | None = None, *, size: int = 40, ground: str = "pane"
    ) -> None:
        super().__init__(parent)
        self._theme, self._size, self._ground = theme, size, ground
        self._seed, self._name = "", ""
        self._shape: PresenceShape | None = None
        self.setFixedSize(self.sizeHint())
        theme.changed.connect(self.update)

    def show_person(self, seed: str, name: str, shape: PresenceShape | None = None) -> None:
        """Show somebody; ``seed`` is the bare address that the colour comes from."""
        self._seed, self._name, self._shape = seed, name, shape
        self.setAccessibleName(name)
        self.update()

    def sizeHint(self) -> QSize:
        """Return the avatar's size with room for the badge's ring."""
        return QSize(self._size + 2 * _MARGIN, self._size + 2 * _MARGIN)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's signature
        """Paint initials and badge."""
        painter = QPainter(self)
        painter.setLayoutDirection(self.layoutDirection())
        rect = QRectF(_MARGIN, _MARGIN, self._size, self._size)
        paint_avatar(painter, rect, self._seed, self._name)
        if self._shape is not None:
            ground = self._theme.colour(self._ground)
            paint_badge(painter, rect, self._shape, self._theme.tokens, ground)
        painter.end()
