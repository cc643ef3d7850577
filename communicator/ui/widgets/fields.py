"""Fields of forms: label above, help or fault below, wired for the screen reader."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from communicator.ui.icons import Icon
from communicator.ui.plain_text import PlainLabel
from communicator.ui.theme.theme import Theme

_LONGEST_TEXT = 1023
_HIGHEST_PORT = 65535


def port_of(text: str) -> int | None:
    """Return the port that was typed; 0 if none was, None if it is not a port."""
    if not text:
        return 0
    is_port = text.isascii() and text.isdigit() and 0 < int(text) <= _HIGHEST_PORT
    return int(text) if is_port else None


class TextField(QWidget):
    """A labelled line.

    Signals:
        text_changed: The user typed; the text without spaces around it.
        submitted: Enter was pressed.
    """

    text_changed = Signal(str)
    submitted = Signal()

    def __init__(
        self, label: str, parent: QWidget | None = None, *, help_text: str = "", example: str = ""
    ) -> None:
        super().__init__(parent)
        self._help = help_text
        self.edit = QLineEdit()
        self.edit.setAccessibleName(label)
        self.edit.setPlaceholderText(example)
        self.edit.setMaxLength(_LONGEST_TEXT)
        self._title = PlainLabel(label, style="name")
        self._title.setBuddy(self.edit)
        self._note = PlainLabel(help_text, tone="muted", style="small", wraps=True)
        self._note.setVisible(bool(help_text))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._title)
        column.addWidget(self.edit)
        column.addWidget(self._note)
        self.setFocusProxy(self.edit)
        self.edit.textEdited.connect(self._on_edited)
        self.edit.returnPressed.connect(self.submitted)
        self.show_fault("")

    @property
    def text(self) -> str:
        """What was typed, without spaces around it."""
        return self.edit.text().strip()

    def put_text(self, text: str) -> None:
        """Fill the field in."""
        self.edit.setText(text)
        self.show_fault("")

    def put_label(self, label: str) -> None:
        """Change what the field is called."""
        self._title.setText(label)
        self.edit.setAccessibleName(label)

    def show_fault(self, fault: str) -> None:
        """Say what is wrong with the text; an empty fault shows the help again."""
        self._note.setText(fault or self._help)
        self._note.set_tone("danger" if fault else "muted")
        self._note.setVisible(bool(fault or self._help))
        self.edit.setAccessibleDescription(fault or self._help)
        self.edit.setProperty("fault", bool(fault))
        self.edit.style().unpolish(self.edit)
        self.edit.style().polish(self.edit)

    def _on_edited(self) -> None:
        self.show_fault("")
        self.text_changed.emit(self.text)


class PasswordField(TextField):
    """A field whose letters are hidden until the eye is clicked."""

    def __init__(
        self, theme: Theme, label: str, parent: QWidget | None = None, *, help_text: str = ""
    ) -> None:
        super().__init__(label, parent, help_text=help_text)
        self._theme = theme
        self.edit.setEchoMode(QLineEdit.EchoMode.Password)
        self._eye = QAction(self)
        self._eye.setCheckable(True)
        self._eye.toggled.connect(self._on_eye_toggled)
        self.edit.addAction(self._eye, QLineEdit.ActionPosition.TrailingPosition)
        self._show_eye()
        theme.changed.connect(self._show_eye)

    @property
    def text(self) -> str:
        """The password as it was typed; spaces belong to it."""
        return self.edit.text()

    def clear(self) -> None:
        """Forget what was typed."""
        self.edit.clear()
        self._eye.setChecked(False)

    def _on_eye_toggled(self) -> None:
        is_shown = self._eye.isChecked()
        mode = QLineEdit.EchoMode.Normal if is_shown else QLineEdit.EchoMode.Password
        self.edit.setEchoMode(mode)
        self._show_eye()

    def _show_eye(self) -> None:
        is_shown = self._eye.isChecked()
        self._eye.setIcon(self._theme.icon(Icon.EYE_OFF if is_shown else Icon.EYE))
        self._eye.setText(
            self.tr("Hide the password") if is_shown else self.tr("Show the password")
        )
