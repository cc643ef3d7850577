"""The office server on this computer, as one line at the foot of the left pane."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from communicator.state.office import OfficePhase, OfficeState, OfficeStatus
from communicator.ui.icons import Icon
from communicator.ui.plain_text import PlainLabel, for_tool_tip, one_line
from communicator.ui.spoken import spoken
from communicator.ui.state_links import link
from communicator.ui.theme.theme import Theme
from communicator.ui.widgets.buttons import IconLabel, TextButton
from communicator.ui.widgets.surfaces import dress

_HEIGHT = 40


class OfficeWords(QWidget):
    """State of the office server in words."""

    def of(self, status: OfficeStatus) -> str:
        """Return the line for a status."""
        return {
            OfficePhase.ABSENT: "",
            OfficePhase.STOPPED: self.tr("Office server: stopped"),
            OfficePhase.STARTING: self.tr("Office server: starting..."),
            OfficePhase.RUNNING: self.tr("Office server: %n connected", "", status.connected),
            OfficePhase.STOPPING: self.tr("Office server: stopping..."),
            OfficePhase.FAILED: self.tr("Office server: not running"),
        }[status.phase]


class OfficeChip(QWidget):
    """State of the office server; hidden where no office was started.

    Signals:
        start_requested: Start the server.
    """

    start_requested = Signal()

    def __init__(self, theme: Theme, office: OfficeState) -> None:
        super().__init__()
        dress(self, "window")
        self.setFixedHeight(_HEIGHT)
        self._words = OfficeWords(self)
        self._words.hide()
        self._icon = IconLabel(theme, Icon.SERVER, size=16)
        self._text = PlainLabel(style="small")
        self.start_button = TextButton(self.tr("Start"), variant="link")
        self.start_button.clicked.connect(self.start_requested)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 10, 0)
        row.setSpacing(8)
        row.addWidget(self._icon)
        row.addWidget(self._text, 1)
        row.addWidget(self.start_button)
        link(self, office.status_changed, self._show)
        self._show(office.status)

    @property
    def text(self) -> str:
        """What is shown."""
        return self._text.text()

    def _show(self, status: OfficeStatus) -> None:
        self._text.setText(self._words.of(status))
        self.setAccessibleName(self._text.text())
        self.setToolTip(for_tool_tip(one_line(spoken(status.failure) or status.office_name)))
        colour = {OfficePhase.RUNNING: "ok", OfficePhase.FAILED: "danger"}.get(
            status.phase, "muted"
        )
        self._icon.put_icon(Icon.SERVER, colour)
        may_start = status.phase in {OfficePhase.STOPPED, OfficePhase.FAILED}
        self.start_button.setVisible(may_start)
        self.setVisible(status.phase is not OfficePhase.ABSENT)
