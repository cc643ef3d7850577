"""The settings: applied at once, without OK."""

from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from communicator.state.preferences import ThemeChoice
from communicator.ui.icons import Icon
from communicator.ui.plain_text import PlainLabel
from communicator.ui.settings.values import SettingsValues
from communicator.ui.theme.theme import Theme
from communicator.ui.widgets.buttons import IconButton, TextButton
from communicator.ui.widgets.surfaces import ColumnPage, dress, line

PAGE_WIDTH = 560
TEXT_PERCENTS = range(80, 201, 10)


class SettingsPage(ColumnPage):
    """All settings on one page.

    Signals:
        values_changed: The SettingsValues after a change by the user.
        address_edit_requested: Change the place of the server.
        trust_removal_requested: Trust the compared certificate no longer.
        close_requested: The user is done.
    """

    values_changed = Signal(object)
    address_edit_requested = Signal()
    trust_removal_requested = Signal()
    close_requested = Signal()

    def __init__(self, theme: Theme, values: SettingsValues, *, is_host: bool) -> None:
        super().__init__(width=PAGE_WIDTH)
        self.setAccessibleName(self.tr("Settings"))
        self._values = values
        self.theme_box = self._choice(
            self.tr("Theme"),
            [
                (self.tr("As the system"), ThemeChoice.SYSTEM),
                (self.tr("Light"), ThemeChoice.LIGHT),
                (self.tr("Dark"), ThemeChoice.DARK),
            ],
        )
        self.text_box = self._choice(
            self.tr("Text size"), [(f"{percent} %", percent) for percent in TEXT_PERCENTS]
        )
        self.enter_box = self._switch(self.tr("Enter sends the message"))
        self.notifications_box = self._switch(self.tr("Show notifications"))
        self.server_box = self._switch(self.tr("Keep the office open when Parlour quits"))
        self._server_text = PlainLabel(tone="muted", style="small", wraps=True)
        self._trust_text = PlainLabel(tone="muted", style="small", wraps=True)
        self.change_button = TextButton(self.tr("Change..."))
        self.forget_button = TextButton(self.tr("Forget"))
        self.change_button.clicked.connect(self.address_edit_requested)
        self.forget_button.clicked.connect(self.trust_removal_requested)
        self._back = IconButton(theme, Icon.X, self.tr("Close"), shortcut=self.tr("Esc"))
        self._back.clicked.connect(self.close_requested)
        self._lay_out(is_host=is_host)
        self.put_values(values)
        self.show_connection("", "")
        self.theme_box.activated.connect(self._on_changed)
        self.text_box.activated.connect(self._on_changed)
        for switch in (self.enter_box, self.notifications_box, self.server_box):
            switch.clicked.connect(self._on_changed)
        self.first_focus = self.theme_box

    @property
    def values(self) -> SettingsValues:
        """What is shown."""
        return self._values

    def put_values(self, values: SettingsValues) -> None:
        """Show other values."""
        self._values = values
        self.theme_box.setCurrentIndex(self.theme_box.findData(values.theme))
        self.text_box.setCurrentIndex(self.text_box.findData(values.text_percent))
        self.enter_box.setChecked(values.does_enter_send)
        self.notifications_box.setChecked(values.are_notifications_shown)
        self.server_box.setChecked(values.does_server_outlive_window)

    def show_connection(self, server: str, fingerprint: str) -> None:
        """Show where the server is, and which certificate the account trusts of its own.

        Args:
            server: Empty if DNS says it.
            fingerprint: In groups; empty if the authorities of the system are trusted.
        """
        self._server_text.setText(server or self.tr("Found by the address of the account."))
        self._trust_text.setText(
            fingerprint or self.tr("Those that this computer trusts, and no other.")
        )
        self.forget_button.setVisible(bool(fingerprint))

    def _lay_out(self, *, is_host: bool) -> None:
        head = QHBoxLayout()
        head.addWidget(PlainLabel(self.tr("Settings"), style="page"), 1)
        head.addWidget(self._back)
        self.column.addLayout(head)
        self._add_card(
            self.tr("Appearance"),
            [
                self._row(self.tr("Theme"), "", self.theme_box),
                self._row(self.tr("Text size"), "", self.text_box),
            ],
        )
        self._add_card(
            self.tr("Writing"),
            [
                self._row(
                    self.tr("Enter sends the message"),
                    self.tr("Shift+Enter begins a new line. Without this it is the reverse."),
                    self.enter_box,
                )
            ],
        )
        self._add_card(
            self.tr("Notifications"),
            [
                self._row(
                    self.tr("Show notifications"),
                    self.tr("When a message comes and its conversation is not in front of you."),
                    self.notifications_box,
                )
            ],
        )
        self._add_server_card(is_host=is_host)
        self.column.addStretch()

    def _add_server_card(self, *, is_host: bool) -> None:
        if not is_host:
            self._add_card(
                self.tr("Connection"),
                [
                    self._row(self.tr("Server"), self._server_text, self.change_button),
                    self._row(self.tr("Trusted certificate"), self._trust_text, self.forget_button),
                ],
            )
        else:
            self._add_card(
                self.tr("Office server"),
                [
                    self._row(
                        self.tr("Keep the office open when Parlour quits"),
                        self.tr("Your colleagues go on talking while this computer is on."),
                        self.server_box,
                    )
                ],
            )

    def _add_card(self, title: str, rows: list[QWidget]) -> None:
        card = QFrame()
        dress(card, "card")
        inside = QVBoxLayout(card)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(0)
        for number, row in enumerate(rows):
            if number:
                inside.addWidget(line())
            inside.addWidget(row)
        part = QVBoxLayout()
        part.setSpacing(8)
        part.addWidget(PlainLabel(title, style="section"))
        part.addWidget(card)
        self.column.addLayout(part)

    def _row(self, name: str, explanation: str | PlainLabel, control: QWidget) -> QWidget:
        row = QWidget()
        texts = QVBoxLayout()
        texts.setSpacing(2)
        texts.addWidget(PlainLabel(name, wraps=True))
        if isinstance(explanation, PlainLabel):
            texts.addWidget(explanation)
        elif explanation:
            texts.addWidget(PlainLabel(explanation, tone="muted", style="small", wraps=True))
        line_of_row = QHBoxLayout(row)
        line_of_row.setContentsMargins(16, 10, 12, 10)
        line_of_row.setSpacing(16)
        line_of_row.addLayout(texts, 1)
        line_of_row.addWidget(control, 0, Qt.AlignmentFlag.AlignVCenter)
        if isinstance(explanation, str):
            control.setAccessibleName(name)
            control.setAccessibleDescription(explanation)
        for label in row.findChildren(QLabel):
            label.setBuddy(control)
        return row

    def _choice(self, name: str, items: list[tuple[str, object]]) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(name)
        box.setMinimumWidth(160)
        for text, value in items:
            box.addItem(text, value)
        return box

    def _switch(self, name: str) -> QCheckBox:
        box = QCheckBox()
        box.setAccessibleName(name)
        return box

    def _on_changed(self) -> None:
        self._values = replace(
            self._values,
            theme=ThemeChoice(self.theme_box.currentData()),
            text_percent=int(self.text_box.currentData()),
            does_enter_send=self.enter_box.isChecked(),
            are_notifications_shown=self.notifications_box.isChecked(),
            does_server_outlive_window=self.server_box.isChecked(),
        )
        self.values_changed.emit(self._values)
