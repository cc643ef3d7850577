"""One line that tells something and takes an answer, in the window and not over it."""

from collections.abc import Callable

from PySide6.QtWidgets import QFrame, QHBoxLayout

from communicator.ui.icons import Icon
from communicator.ui.plain_text import PlainLabel
from communicator.ui.theme.theme import Theme
from communicator.ui.widgets.buttons import IconLabel, TextButton
from communicator.ui.widgets.surfaces import dress


class NoticeBar(QFrame):
    """Hidden until something is told; what is told later takes its place."""

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

    def tell(self, text: str, *answers: tuple[str, Callable[[], object]]) -> None:
        """Show a sentence with a button for each answer; any answer hides the bar.

        Args:
            text: The sentence.
            answers: Text of a button and what it does; without any there is *OK*, which does
                nothing.
        """
        for button in self._buttons:
            self._row.removeWidget(button)
            button.hide()
            button.deleteLater()
        offered = answers or ((self.tr("OK"), self.hide),)
        self._buttons = [self._button(answer, act) for answer, act in offered]
        self._text.setText(text)
        self.setAccessibleName(text)
        self.show()

    def _button(self, answer: str, act: Callable[[], object]) -> TextButton:
        button = TextButton(answer, variant="banner")
        button.clicked.connect(self.hide)
        button.clicked.connect(act)
        self._row.addWidget(button)
        button.show()
        return button
