"""Writes a status text with an availability and an end; unfolds below the own strip."""

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from communicator.state.presence import Availability, OwnPresence, OwnPresenceState
from communicator.ui.avatars import shape_of
from communicator.ui.presence.presence_menu import presence_icon, utc_now
from communicator.ui.presence.presets import CHOOSABLE, DURATIONS_MINUTES, PresetTexts, end_of
from communicator.ui.presence_words import PresenceWords
from communicator.ui.theme.theme import Theme
from communicator.ui.widgets.buttons import TextButton
from communicator.ui.widgets.surfaces import dress

_LONGEST_STATUS = 140
_FOR_EVER = -1


class StatusEditor(QFrame):
    """A small form.

    Signals:
        presence_chosen: The OwnPresence that the user wants from now on.
        closed: The form was left.
    """

    presence_chosen = Signal(object)
    closed = Signal()

    def __init__(
        self,
        theme: Theme,
        own: OwnPresenceState,
        parent: QWidget | None = None,
        *,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        super().__init__(parent)
        dress(self, "card")
        self._theme, self._own, self._now = theme, own, now
        self._words, self._presets = PresenceWords(self), PresetTexts(self)
        self.text_edit = QLineEdit()
        self.text_edit.setMaxLength(_LONGEST_STATUS)
        self.text_edit.setPlaceholderText(self.tr("What are you doing?"))
        self.text_edit.setAccessibleName(self.tr("Status"))
        self.availability_box = QComboBox()
        self.availability_box.setAccessibleName(self.tr("Presence"))
        self.duration_box = QComboBox()
        self.duration_box.setAccessibleName(self.tr("How long"))
        self.duration_box.addItem(self.tr("until I change it"), _FOR_EVER)
        for minutes in (*DURATIONS_MINUTES, 0):
            text = self._presets.duration(minutes)
            label = self.tr("for {0}").format(text) if minutes else text
            self.duration_box.addItem(label, minutes)
        for box in (self.availability_box, self.duration_box):
            box.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
            box.setMinimumContentsLength(8)
        self.set_button = TextButton(self.tr("Set"), variant="primary")
        cancel = TextButton(self.tr("Cancel"), variant="quiet")
        self._lay_out(cancel)
        self.set_button.clicked.connect(self._on_submitted)
        self.text_edit.returnPressed.connect(self._on_submitted)
        cancel.clicked.connect(self.closed)
        self.setFocusProxy(self.text_edit)

    def begin(self) -> None:
        """Show what is set now, and take the focus."""
        presence = self._own.presence
        self.availability_box.clear()
        for availability in CHOOSABLE:
            icon = presence_icon(self._theme, shape_of(availability))
            self.availability_box.addItem(icon, self._words.of(availability), availability)
        at = CHOOSABLE.index(presence.availability) if presence.availability in CHOOSABLE else 0
        self.availability_box.setCurrentIndex(at)
        self.duration_box.setCurrentIndex(0)
        self.text_edit.setText(presence.status)
        self.text_edit.selectAll()
        self.show()
        self.text_edit.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave by Esc."""
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
            return
        super().keyPressEvent(event)

    def _lay_out(self, cancel: TextButton) -> None:
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addStretch()
        foot.addWidget(cancel)
        foot.addWidget(self.set_button)
        boxes = QVBoxLayout()
        boxes.setSpacing(8)
        boxes.addWidget(self.availability_box)
        boxes.addWidget(self.duration_box)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        column.addWidget(self.text_edit)
        column.addLayout(boxes)
        column.addLayout(foot)

    def _on_submitted(self) -> None:
        minutes = int(self.duration_box.currentData())
        end = None if minutes == _FOR_EVER else end_of(self._now(), minutes)
        availability = self.availability_box.currentData()
        chosen = Availability(availability)
        self.presence_chosen.emit(OwnPresence(chosen, self.text_edit.text().strip(), end))
        self.closed.emit()
