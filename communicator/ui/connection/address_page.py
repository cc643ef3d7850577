"""Asks where the server of the account is, when what DNS says or was typed does not lead there."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout

from communicator.ui.icons import Icon
from communicator.ui.plain_text import PlainLabel, isolated
from communicator.ui.theme.theme import Theme
from communicator.ui.widgets.buttons import IconLabel, TextButton
from communicator.ui.widgets.fields import TextField, port_of
from communicator.ui.widgets.surfaces import ColumnPage


class AddressPage(ColumnPage):
    """Shown instead of the chat while the user changes the place of the server.

    Signals:
        address_entered: Host and port; empty and 0 for what can be found by the address alone.
        cancel_requested: Leave everything as it is.
    """

    address_entered = Signal(str, int)
    cancel_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        title = self.tr("Where is the server?")
        self.setAccessibleName(title)
        self._sentence = PlainLabel(tone="muted", wraps=True)
        self.host_field = TextField(
            self.tr("Server"),
            help_text=self.tr("Name or number of the computer. Leave it empty to find it by name."),
        )
        self.port_field = TextField(self.tr("Port"), example="5222")
        self.connect_button = TextButton(self.tr("Connect"), variant="primary")
        cancel = TextButton(self.tr("Cancel"), variant="quiet")
        fields = QHBoxLayout()
        fields.setSpacing(12)
        fields.addWidget(self.host_field, 1, Qt.AlignmentFlag.AlignTop)
        fields.addWidget(self.port_field, 0, Qt.AlignmentFlag.AlignTop)
        self.port_field.setFixedWidth(96)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self.connect_button)
        foot.addWidget(cancel)
        foot.addStretch()
        self.column.addStretch(1)
        self.column.addWidget(IconLabel(theme, Icon.SERVER, size=32, colour="accent"))
        self.column.addWidget(PlainLabel(title, style="page", wraps=True))
        self.column.addWidget(self._sentence)
        self.column.addLayout(fields)
        self.column.addLayout(foot)
        self.column.addStretch(2)
        self.host_field.submitted.connect(self.port_field.setFocus)
        self.port_field.submitted.connect(self._on_submitted)
        self.connect_button.clicked.connect(self._on_submitted)
        cancel.clicked.connect(self.cancel_requested)
        self.first_focus = self.host_field

    def show_place(self, address: str, *, host: str, port: int) -> None:
        """Show where the server of an account is looked for now."""
        self._sentence.setText(self.tr("For the account {0}.").format(isolated(address)))
        self.host_field.put_text(host)
        self.port_field.put_text(str(port) if port else "")
        self.host_field.setFocus()

    def _on_submitted(self) -> None:
        port = port_of(self.port_field.text)
        if port is None:
            self.port_field.show_fault(self.tr("1 to 65535"))
            self.port_field.setFocus()
        else:
            self.address_entered.emit(self.host_field.text, port)
