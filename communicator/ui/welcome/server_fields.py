"""Where the server is, folded away because it is rarely needed."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from communicator.ui.icons import Icon
from communicator.ui.theme.theme import Theme
from communicator.ui.widgets.buttons import TextButton
from communicator.ui.widgets.fields import TextField, port_of


class ServerFields(QWidget):
    """Server and port behind a button that unfolds them."""

    def __init__(self, theme: Theme, *, host_help: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._fold = TextButton(self.tr("Server and port"), variant="fold")
        self._fold.setCheckable(True)
        self._fold.toggled.connect(self._on_toggled)
        self.host_field = TextField(self.tr("Server"), help_text=host_help)
        self.port_field = TextField(self.tr("Port"), example="5222")
        self.port_field.setFixedWidth(96)
        self._inside = QWidget()
        row = QHBoxLayout(self._inside)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self.host_field, 1)
        row.addWidget(self.port_field)
        for field in (self.host_field, self.port_field):
            row.setAlignment(field, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        heading = QHBoxLayout()
        heading.addWidget(self._fold)
        heading.addStretch()
        column.addLayout(heading)
        column.addWidget(self._inside)
        self._inside.hide()
        self._show_fold()
        theme.changed.connect(self._show_fold)

    @property
    def host(self) -> str:
        """The server that was typed; empty if none."""
        return self.host_field.text

    @property
    def port(self) -> int | None:
        """The port that was typed; 0 if none, None if it is not a port."""
        return port_of(self.port_field.text)

    def unfold(self) -> None:
        """Show the fields."""
        self._fold.setChecked(True)

    def check(self) -> bool:
        """Return True if the port can be used; else say so at the field."""
        if self.port is None:
            self._fold.setChecked(True)
            self.port_field.show_fault(self.tr("1 to 65535"))
            return False
        return True

    def _on_toggled(self) -> None:
        self._inside.setVisible(self._fold.isChecked())
        self._show_fold()

    def _show_fold(self) -> None:
        is_open = self._fold.isChecked()
        icon = Icon.CHEVRON_DOWN if is_open else Icon.CHEVRON_RIGHT
        self._fold.setIcon(self._theme.icon(icon, "link", 16))
