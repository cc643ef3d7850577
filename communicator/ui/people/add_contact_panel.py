"""Adds a person to the list, or only writes to an address."""

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QVBoxLayout

from communicator.state.roster import Roster
from communicator.ui.people.side_panel import SidePanel
from communicator.ui.plain_text import PlainLabel
from communicator.ui.theme.theme import Theme
from communicator.ui.widgets.buttons import TextButton
from communicator.ui.widgets.fields import TextField
from communicator.ui.widgets.surfaces import FaultNote


@dataclass(frozen=True, slots=True)
class AddContactRequest:
    """Somebody to add, as it was typed; the receiver checks the address.

    Attributes:
        address: The address; where the office's people are meant, the part before the @ may do.
        groups: None or one.
    """

    address: str
    name: str
    groups: tuple[str, ...]


class AddContactPanel(SidePanel):
    """Address, name, group.

    Signals:
        add_requested: An AddContactRequest.
        message_requested: The address as it was typed; only write, do not add.
    """

    add_requested = Signal(object)
    message_requested = Signal(str)

    def __init__(self, theme: Theme, roster: Roster, *, example: str = "") -> None:
        super().__init__(theme, self.tr("Add a person"))
        self._roster = roster
        sentence = self.tr("The person is asked first. After that you see each other's presence.")
        self.address_field = TextField(
            self.tr("Address"), example=example or self.tr("juliet@capulet.lit")
        )
        self.name_field = TextField(self.tr("Name"), help_text=self.tr("Only you see it."))
        self.group_box = QComboBox()
        self.group_box.setEditable(True)
        self.group_box.setAccessibleName(self.tr("Group"))
        if (edit := self.group_box.lineEdit()) is not None:
            edit.setAccessibleName(self.tr("Group"))
        group = QVBoxLayout()
        group.setSpacing(4)
        label = PlainLabel(self.tr("Group"), style="name")
        label.setBuddy(self.group_box)
        group.addWidget(label)
        group.addWidget(self.group_box)
        self.add_button = TextButton(self.tr("Add"), variant="primary")
        self.message_button = TextButton(self.tr("Only write a message"))
        self._fault = FaultNote(theme)
        self.column.addWidget(PlainLabel(sentence, tone="muted", wraps=True))
        self.column.addWidget(self.address_field)
        self.column.addWidget(self.name_field)
        self.column.addLayout(group)
        self.column.addWidget(self._fault)
        buttons = QVBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.add_button)
        buttons.addWidget(self.message_button)
        self.column.addLayout(buttons)
        self.column.addStretch()
        self.address_field.submitted.connect(self.name_field.setFocus)
        self.name_field.submitted.connect(self._on_add)
        self.add_button.clicked.connect(self._on_add)
        self.message_button.clicked.connect(self._on_message)
        self.first_focus = self.address_field

    def begin(self, address: str = "") -> None:
        """Empty the form."""
        self.address_field.put_text(address)
        self.name_field.put_text("")
        self.group_box.clear()
        self.group_box.addItems(["", *self._roster.groups])
        self._fault.show_text("")

    def show_fault(self, text: str) -> None:
        """Say why the person could not be added."""
        self._fault.show_text(text)

    def _on_add(self) -> None:
        if self._has_address():
            group = self.group_box.currentText().strip()
            groups = (group,) if group else ()
            request = AddContactRequest(self.address_field.text, self.name_field.text, groups)
            self.add_requested.emit(request)

    def _on_message(self) -> None:
        if self._has_address():
            self.message_requested.emit(self.address_field.text)

    def _has_address(self) -> bool:
        self._fault.show_text("")
        if not self.address_field.text:
            self.address_field.show_fault(self.tr("Whom do you want to add?"))
            self.address_field.setFocus()
        return bool(self.address_field.text)
