"""Asks where the password is kept when this computer has no password store."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QRadioButton, QVBoxLayout

from communicator.state.preferences import PasswordKeeping
from communicator.ui.plain_text import PlainLabel
from communicator.ui.theme.theme import Theme
from communicator.ui.welcome.form_page import FormPage
from communicator.ui.welcome.requests import PasswordKeepingChoice
from communicator.ui.widgets.fields import PasswordField

SHORTEST_PASS_PHRASE = 8
RADIO_TEXT_INSET = 31  # border, padding, circle and spacing of the style sheet


class PasswordKeepingPage(FormPage):
    """An encrypted file with a pass phrase, or this session only.

    Signals:
        submitted: A PasswordKeepingChoice.
    """

    submitted = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__(
            theme,
            self.tr("Where shall your password be kept?"),
            self.tr(
                "This computer has no password store that Parlour can use, so the choice is yours."
            ),
            self.tr("Continue"),
        )
        self.file_choice = QRadioButton(self.tr("In an encrypted file"))
        self.session_choice = QRadioButton(self.tr("Only until Parlour is closed"))
        self.file_choice.setChecked(True)
        group = QButtonGroup(self)
        group.addButton(self.file_choice)
        group.addButton(self.session_choice)
        self.phrase_field = PasswordField(
            theme,
            self.tr("Pass phrase"),
            help_text=self.tr(
                "Parlour asks for it at every start. Nobody can restore it if you forget it."
            ),
        )
        self.again_field = PasswordField(theme, self.tr("Pass phrase, once more"))
        choices = QVBoxLayout()
        choices.setSpacing(4)
        choices.addWidget(self.file_choice)
        choices.addLayout(_explanation(self.tr("Protected by a pass phrase of your own.")))
        choices.addSpacing(8)
        choices.addWidget(self.session_choice)
        choices.addLayout(_explanation(self.tr("You type the password again at the next start.")))
        self.fields.addLayout(choices)
        self.fields.addWidget(self.phrase_field)
        self.fields.addWidget(self.again_field)
        self.file_choice.toggled.connect(self._on_choice_changed)
        self.phrase_field.submitted.connect(self.again_field.setFocus)
        self.again_field.submitted.connect(self._on_submitted)
        self.first_focus = self.file_choice

    def _on_choice_changed(self) -> None:
        is_file = self.file_choice.isChecked()
        self.phrase_field.setVisible(is_file)
        self.again_field.setVisible(is_file)

    def _on_submitted(self) -> None:
        if self.session_choice.isChecked():
            self.submitted.emit(PasswordKeepingChoice(PasswordKeeping.SESSION_ONLY))
        elif len(self.phrase_field.text) < SHORTEST_PASS_PHRASE:
            self.phrase_field.show_fault(self.tr("Use at least 8 characters."))
            self.phrase_field.setFocus()
        elif self.phrase_field.text != self.again_field.text:
            self.again_field.show_fault(self.tr("The two are not the same."))
            self.again_field.setFocus()
        else:
            phrase = self.phrase_field.text
            self.submitted.emit(PasswordKeepingChoice(PasswordKeeping.ENCRYPTED_FILE, phrase))


def _explanation(text: str) -> QHBoxLayout:
    """Return a line that begins where the text of a radio button does."""
    row = QHBoxLayout()
    row.setSpacing(0)
    row.addSpacing(RADIO_TEXT_INSET)
    row.addWidget(PlainLabel(text, tone="muted", style="small", wraps=True), 1)
    return row
