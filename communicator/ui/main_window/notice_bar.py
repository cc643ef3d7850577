"""One line that tells something and takes an answer, in the window and not over it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout

from communicator.ui.icons import Icon
from communicator.ui.plain_text import PlainLabel
from communicator.ui.theme.theme import Theme
from communicator.ui.widgets.buttons import IconLabel, TextButton
from communicator.ui.widgets.surfaces import dress


class NoticeBar(QFrame):
    """Hidden until something is told.

    Signals:
        answered: The number of the answer, from 0.
    """

    answered = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        dress(self, "notice")
        self._text = PlainLabel(wraps=True)
        self._buttons: list[TextButton] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(16, 4, 8, 4)
        self._row.setSpacing(8)
        self._row.addWidget(IconLabel(theme, Icon.INFO))
        self._row.addWidget(self._text, 1)
        self.hide()

    @property
    def text(self) -> str:
        """What is told; empty while the bar is hidden."""
        return "" if self.isHidden() else self._text.text()

    def tell(self, text: str, answers: tuple[str, ...]) -> None:
        """Show a sentence with a button for each answer; any answer hides the bar."""
        for button in self._buttons:
            self._row.removeWidget(button)
            button.deleteLater()
        self._buttons = [self._button(number, answer) for number, answer in enumerate(answers)]
        self._text.setText(text)
        self.setAccessibleName(text)
        self.show()

    def _button(self, number: int, answer: str) -> TextButton:
        button = TextButton(answer, variant="banner")
        button.clicked.connect(lambda: self._on_answered(number))
        self._row.addWidget(button)
        return button

    def _on_answered(self, number: int) -> None:
        self.hide()
        self.answered.emit(number)
