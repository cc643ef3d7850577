"""The first picture: what Parlour is, and three ways in."""

from PySide6.QtCore import Qt, Signal

from communicator.ui.icons import Icon
from communicator.ui.logo import LogoLabel
from communicator.ui.plain_text import PlainLabel
from communicator.ui.theme.theme import Theme
from communicator.ui.widgets.buttons import ChoiceButton
from communicator.ui.widgets.surfaces import ColumnPage

MARK_SIZE = 64


class ChoicesPage(ColumnPage):
    """Three large choices.

    Signals:
        join_chosen, start_chosen, sign_in_chosen: The choice.
    """

    join_chosen = Signal()
    start_chosen = Signal()
    sign_in_chosen = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setAccessibleName(self.tr("Welcome"))
        title = PlainLabel(self.tr("Welcome to Parlour"), style="page")
        sentence = PlainLabel(
            self.tr("Talk with your office, over a server that is yours."),
            tone="muted",
            wraps=True,
        )
        for label in (title, sentence):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.join_button = ChoiceButton(
            theme,
            Icon.USERS,
            self.tr("Join an office"),
            self.tr("A colleague gave you a name and a password."),
        )
        self.start_button = ChoiceButton(
            theme,
            Icon.BUILDING,
            self.tr("Start an office on this computer"),
            self.tr("You host it, and your colleagues join you."),
        )
        self.sign_in_button = ChoiceButton(
            theme,
            Icon.LOG_IN,
            self.tr("Sign in with an XMPP address"),
            self.tr("You already have one, like romeo@montague.lit."),
        )
        self.join_button.clicked.connect(self.join_chosen)
        self.start_button.clicked.connect(self.start_chosen)
        self.sign_in_button.clicked.connect(self.sign_in_chosen)
        self.column.addStretch(2)
        mark = LogoLabel(theme, MARK_SIZE)
        self.column.addWidget(mark, 0, Qt.AlignmentFlag.AlignHCenter)
        self.column.addWidget(title)
        self.column.addWidget(sentence)
        self.column.addSpacing(8)
        self.column.setSpacing(12)
        for button in (self.join_button, self.start_button, self.sign_in_button):
            self.column.addWidget(button)
        self.column.addStretch(3)
        self.first_focus = self.join_button
