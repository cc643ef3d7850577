"""Asks for the password again, in the window and not over it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout

from communicator.ui.icons import Icon
from communicator.ui.plain_text import PlainLabel, isolated
from communicator.ui.theme.theme import Theme
from communicator.ui.widgets.buttons import IconLabel, TextButton
from communicator.ui.widgets.fields import PasswordField
from communicator.ui.widgets.surfaces import ColumnPage


class PasswordPage(ColumnPage):
    """Shown instead of the chat while the connection waits for a password.

    Signals:
        password_entered: The password, and whether it shall be kept.
        pass_phrase_entered: The pass phrase of the encrypted file that keeps the password.
        cancel_requested: Stay offline.
    """

    password_entered = Signal(str, bool)
    pass_phrase_entered = Signal(str)
    cancel_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._is_pass_phrase = False
        self._title = PlainLabel(style="page", wraps=True)
        self._sentence = PlainLabel(tone="muted", wraps=True)
        self.password_field = PasswordField(theme, self.tr("Password"))
        self.keep_box = QCheckBox(self.tr("Remember the password on this computer"))
        self.keep_box.setChecked(True)
        self.sign_in_button = TextButton(self.tr("Sign in"), variant="primary")
        cancel = TextButton(self.tr("Stay offline"), variant="quiet")
        self.column.addStretch(1)
        self.column.addWidget(IconLabel(theme, Icon.KEY, size=32, colour="accent"))
        for widget in (self._title, self._sentence, self.password_field, self.keep_box):
            self.column.addWidget(widget)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self.sign_in_button)
        foot.addWidget(cancel)
        foot.addStretch()
        self.column.addLayout(foot)
        self.column.addStretch(2)
        self.sign_in_button.clicked.connect(self._on_submitted)
        self.password_field.submitted.connect(self._on_submitted)
        cancel.clicked.connect(self.cancel_requested)
        self.first_focus = self.password_field

    def show_account(self, address: str, *, was_refused: bool) -> None:
        """Ask for the password of an account, after it was refused or because it is not there."""
        self._is_pass_phrase = False
        title = (
            self.tr("The password was not accepted")
            if was_refused
            else self.tr("Your password, please")
        )
        self._begin(title, self.tr("For the account {0}.").format(isolated(address)))

    def show_pass_phrase(self, *, was_refused: bool) -> None:
        """Ask for the pass phrase of the file in which the password is kept."""
        self._is_pass_phrase = True
        title = (
            self.tr("The pass phrase does not fit")
            if was_refused
            else self.tr("Your pass phrase, please")
        )
        self._begin(title, self.tr("It opens the file in which your password is kept."))

    def _begin(self, title: str, sentence: str) -> None:
        name = self.tr("Pass phrase") if self._is_pass_phrase else self.tr("Password")
        self.password_field.put_label(name)
        self.keep_box.setVisible(not self._is_pass_phrase)
        self._title.setText(title)
        self._sentence.setText(sentence)
        self.setAccessibleName(title)
        self.password_field.clear()
        self.password_field.show_fault("")
        self.password_field.setFocus()

    def _on_submitted(self) -> None:
        typed = self.password_field.text
        if not typed:
            self.password_field.show_fault(self.tr("Type it first."))
            return
        self.password_field.clear()  # a secret stays nowhere longer than it is needed
        if self._is_pass_phrase:
            self.pass_phrase_entered.emit(typed)
        else:
            self.password_entered.emit(typed, self.keep_box.isChecked())
