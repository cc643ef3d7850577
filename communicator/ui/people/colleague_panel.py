"""Makes an account in the office for a colleague, and shows what he needs to join."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout

from communicator.state.colleague_access import ColleagueAccess
from communicator.ui.connection.certificate_page import grouped_fingerprint
from communicator.ui.people.side_panel import SidePanel
from communicator.ui.plain_text import PlainLabel, one_line
from communicator.ui.theme.theme import Theme
from communicator.ui.theme.typography import TextStyle
from communicator.ui.widgets.buttons import TextButton
from communicator.ui.widgets.fields import TextField
from communicator.ui.widgets.surfaces import FaultNote, dress


class ColleaguePanel(SidePanel):
    """Name first, then what to pass on.

    Signals:
        colleague_requested: The name that was typed.
        copy_requested: What the colleague needs, as text.
    """

    colleague_requested = Signal(str)
    copy_requested = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, self.tr("Add a colleague to the office"))
        sentence = self.tr(
            "Parlour makes an account in your office. Then you tell the colleague what is needed to"
            " join, face to face or by telephone."
        )
        self.name_field = TextField(self.tr("Name"), example=self.tr("Juliet Capulet"))
        self.make_button = TextButton(self.tr("Make the account"), variant="primary")
        self._fault = FaultNote(theme)
        self._card = QFrame()
        dress(self._card, "card")
        self._labels = {key: PlainLabel(wraps=True) for key in _FIELDS}
        self._text = ""
        for label in self._labels.values():
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._labels["fingerprint"].setFont(theme.font(TextStyle.CODE))
        self.copy_button = TextButton(self.tr("Copy all"))
        self._lay_out(sentence)
        self.name_field.submitted.connect(self._on_make)
        self.make_button.clicked.connect(self._on_make)
        self.copy_button.clicked.connect(self._on_copy)
        self.first_focus = self.name_field
        self.begin()

    @property
    def told(self) -> str:
        """What the colleague needs, a line each; empty before there is an account."""
        return self._text

    def begin(self) -> None:
        """Empty the form and forget what was shown."""
        self.name_field.put_text("")
        self._fault.show_text("")
        self._text = ""
        self._card.hide()
        self.copy_button.hide()
        for label in self._labels.values():
            label.setText("")

    def show_fault(self, text: str) -> None:
        """Say why the account could not be made."""
        self._fault.show_text(text)

    def show_access(self, access: ColleagueAccess) -> None:
        """Show what the colleague needs."""
        values = {
            "office": access.office_address,
            "name": access.name,
            "password": access.password,
            "computer": access.computer,
            "port": str(access.port),
            "fingerprint": grouped_fingerprint(access.fingerprint, _GROUPS_IN_LINE),
        }
        titles = self._titles()
        for key, value in values.items():
            self._labels[key].setText(value)
        self._text = "\n".join(f"{titles[key]}: {one_line(values[key])}" for key in _FIELDS)
        self.name_field.put_text("")
        self._card.show()
        self.copy_button.show()
        self.copy_button.setFocus()

    def _titles(self) -> dict[str, str]:
        return {
            "office": self.tr("Address of the office"),
            "name": self.tr("Name"),
            "password": self.tr("Password"),
            "computer": self.tr("Server"),
            "port": self.tr("Port"),
            "fingerprint": self.tr("Fingerprint"),
        }

    def _lay_out(self, sentence: str) -> None:
        rows = QVBoxLayout(self._card)
        rows.setContentsMargins(16, 12, 16, 12)
        rows.setSpacing(2)
        for key, title in self._titles().items():
            rows.addWidget(PlainLabel(title, tone="muted", style="small"))
            rows.addWidget(self._labels[key])
            rows.addSpacing(6)
        self.column.addWidget(PlainLabel(sentence, tone="muted", wraps=True))
        self.column.addWidget(self.name_field)
        self.column.addWidget(self._fault)
        self.column.addWidget(self.make_button)
        self.column.addWidget(self._card)
        self.column.addWidget(self.copy_button)
        self.column.addStretch()

    def _on_make(self) -> None:
        self._fault.show_text("")
        if name := self.name_field.text.strip():
            self.colleague_requested.emit(name)
        else:
            self.name_field.show_fault(self.tr("Who is it for?"))
            self.name_field.setFocus()

    def _on_copy(self) -> None:
        self.copy_requested.emit(self._text)


_GROUPS_IN_LINE = 4
_FIELDS = ("office", "name", "password", "computer", "port", "fingerprint")
