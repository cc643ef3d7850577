"""The banner above the chat: that there is no connection, why, and when the next try is."""

from collections.abc import Callable
from datetime import UTC, datetime

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from communicator.state.connection import ConnectionPhase, ConnectionState, ConnectionStatus
from communicator.state.office import OfficePhase, OfficeState, OfficeStatus
from communicator.ui.connection.trouble_texts import (
    BannerAction,
    StepState,
    TroubleTexts,
    actions_for,
)
from communicator.ui.icons import Icon
from communicator.ui.plain_text import PlainLabel
from communicator.ui.state_links import link
from communicator.ui.theme.theme import Theme
from communicator.ui.widgets.buttons import IconLabel, TextButton
from communicator.ui.widgets.surfaces import dress

BANNER_HEIGHT = 40
DETAILS_INDENT = 28  # below the banner's text
FIRST_CONNECTION_GRACE_MS = 1000
_TICK_MS = 1000
_TRYING = frozenset({ConnectionPhase.CONNECTING, ConnectionPhase.WAITING})
_STEP_ICONS = {
    StepState.DONE: (Icon.CHECK, "ok"),
    StepState.FAILED: (Icon.X, "danger"),
    StepState.NOT_REACHED: (Icon.MINUS, "muted"),
}


def _utc_now() -> datetime:
    return datetime.now(UTC)


class ConnectionBanner(QFrame):
    """One line about the connection, its actions, and the details below it.

    Signals:
        retry_requested: Try at once.
        address_edit_requested: Change the account's address.
        password_requested: Show the page for the password.
        certificate_requested: Show the certificate page.
        sign_in_here_requested: Take the session over from the other window.
        office_start_requested: Start the office server of this computer.
    """

    retry_requested = Signal()
    address_edit_requested = Signal()
    password_requested = Signal()
    certificate_requested = Signal()
    sign_in_here_requested = Signal()
    office_start_requested = Signal()

    def __init__(
        self,
        theme: Theme,
        connection: ConnectionState,
        office_server: OfficeState,
        *,
        office: str,
        account: str = "",
        now: Callable[[], datetime] = _utc_now,
    ) -> None:
        super().__init__()
        self._theme, self._now = theme, now
        self._connection, self._office_server = connection, office_server
        self._office, self._account = office, account or office
        self._texts = TroubleTexts(self)
        self._was_online = False
        self._spoken = ""
        self._build()
        self._clock = QTimer(self, interval=_TICK_MS)
        self._clock.timeout.connect(self._show_text)
        self._grace = QTimer(self, singleShot=True, interval=FIRST_CONNECTION_GRACE_MS)
        self._grace.timeout.connect(self._show_now)
        link(self, connection.status_changed, self._on_status_changed)
        link(self, office_server.status_changed, self._on_office_changed)
        self.hide()
        if connection.status != ConnectionStatus():  # nothing was tried yet: nothing to tell
            self._on_status_changed(connection.status)

    @property
    def text(self) -> str:
        """What the banner says; empty while it is hidden."""
        return "" if self.isHidden() else self._text.text()

    def _build(self) -> None:
        self._icon = IconLabel(self._theme, Icon.WIFI_OFF, colour="warn")
        self._text = PlainLabel(wraps=True)
        self._action_buttons = {action: self._action_button(action) for action in BannerAction}
        self._details_button = TextButton(self.tr("Details"), variant="banner")
        self._details_button.setCheckable(True)
        self._details_button.toggled.connect(self._on_details_toggled)
        row = QHBoxLayout()
        row.setContentsMargins(16, 3, 8, 3)
        row.setSpacing(8)
        row.addWidget(self._icon)
        row.addWidget(self._text, 1)
        for button in self._action_buttons.values():
            row.addWidget(button)
        row.addWidget(self._details_button)
        bar = QWidget()
        bar.setLayout(row)
        bar.setMinimumHeight(BANNER_HEIGHT)
        self._details = self._make_details()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        column.addWidget(self._details)
        dress(self, "warning")

    def _action_button(self, action: BannerAction) -> TextButton:
        signals = {
            BannerAction.TRY_NOW: self.retry_requested,
            BannerAction.EDIT_ADDRESS: self.address_edit_requested,
            BannerAction.ENTER_PASSWORD: self.password_requested,
            BannerAction.SIGN_IN_HERE: self.sign_in_here_requested,
            BannerAction.SHOW_CERTIFICATE: self.certificate_requested,
            BannerAction.START_OFFICE: self.office_start_requested,
        }
        button = TextButton(self._texts.action(action), variant="banner")
        button.clicked.connect(signals[action])
        return button

    def _make_details(self) -> QWidget:
        box = QWidget()
        indented = QHBoxLayout(box)
        indented.setContentsMargins(16, 0, 16, 12)
        indented.setSpacing(0)
        indented.addSpacing(DETAILS_INDENT)
        column = QVBoxLayout()
        column.setSpacing(4)
        indented.addLayout(column, 1)
        self._step_rows: list[tuple[IconLabel, PlainLabel]] = []
        for _ in self._texts.steps(ConnectionStatus()):
            icon, name = IconLabel(self._theme, Icon.CHECK, size=16), PlainLabel()
            row = QHBoxLayout()
            row.setSpacing(8)
            row.addWidget(icon)
            row.addWidget(name, 1)
            column.addLayout(row)
            self._step_rows.append((icon, name))
        self._place = PlainLabel(style="small", tone="muted", wraps=True)
        column.addSpacing(4)
        column.addWidget(self._place)
        self._copy_button = TextButton(self.tr("Copy report"))
        self._copy_button.clicked.connect(self._on_copy_clicked)
        foot = QHBoxLayout()
        foot.setContentsMargins(0, 8, 0, 0)
        foot.addWidget(self._copy_button)
        foot.addStretch()
        column.addLayout(foot)
        box.hide()
        return box

    def _on_status_changed(self, status: ConnectionStatus) -> None:
        is_first = status.phase is ConnectionPhase.CONNECTING and self.isHidden()
        self._was_online = self._was_online or status.phase is ConnectionPhase.ONLINE
        if is_first:
            self._grace.start()
            return
        self._grace.stop()
        self._show_now()

    def _on_office_changed(self, _status: OfficeStatus) -> None:
        if not self.isHidden():
            self._show_now()

    def _show_now(self) -> None:
        status = self._connection.status
        is_shown = bool(self._texts.banner(status, self._office, self._now()))
        self.setVisible(is_shown)
        if not is_shown:
            self._clock.stop()
            self._details_button.setChecked(False)
            self._spoken = ""
            return
        if status.next_try_at is not None:
            self._clock.start()
        else:
            self._clock.stop()
        self._show_actions(status)
        self._show_steps(status)
        self._show_text()
        self._announce(status)

    def _show_text(self) -> None:
        status = self._connection.status
        text = self._own_office or self._texts.banner(status, self._office, self._now())
        self._text.setText(text)
        self.setAccessibleName(text)

    def _show_actions(self, status: ConnectionStatus) -> None:
        offered = actions_for(status.trouble) if status.trouble else ()
        if status.phase is ConnectionPhase.CONNECTING:
            offered = ()
        if self._own_office:
            is_closed = self._office_server.status.phase is not OfficePhase.STARTING
            offered = (BannerAction.START_OFFICE,) if is_closed else ()
        if status.phase is ConnectionPhase.OFFLINE:
            offered = (BannerAction.TRY_NOW,)
        for action, button in self._action_buttons.items():
            button.setVisible(action in offered)
        is_quiet = status.phase in {ConnectionPhase.CONNECTING, ConnectionPhase.OFFLINE}
        self._icon.put_icon(
            Icon.ROTATE if status.phase is ConnectionPhase.CONNECTING else Icon.WIFI_OFF,
            "muted" if is_quiet else "warn",
        )
        self.setProperty("ground", "notice" if is_quiet else "warning")
        self.style().unpolish(self)
        self.style().polish(self)

    @property
    def _own_office(self) -> str:
        """Why there is no connection, if the office of this computer is the reason."""
        is_trying = self._connection.status.phase in _TRYING
        return self._texts.own_office(self._office_server.status) if is_trying else ""

    def _show_steps(self, status: ConnectionStatus) -> None:
        steps = self._texts.steps(status)
        for (icon, label), (name, state) in zip(self._step_rows, steps, strict=True):
            icon.put_icon(*_STEP_ICONS[state])
            label.setText(name)
            label.setAccessibleName(f"{name}: {self._texts.step_state(state)}")

        trouble = status.trouble
        self._place.setText(self._texts.place(trouble) if trouble is not None else "")
        self._place.setVisible(trouble is not None)

    def _announce(self, status: ConnectionStatus) -> None:
        sentence = (
            self._texts.sentence(status.trouble, self._office)
            if status.trouble
            else self._text.text()
        )
        if sentence != self._spoken:
            self._spoken = sentence
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, sentence))

    def _on_details_toggled(self) -> None:
        self._details.setVisible(self._details_button.isChecked())

    def _on_copy_clicked(self) -> None:
        report = self._texts.report(self._connection.status, self._account, self._now())
        QGuiApplication.clipboard().setText(report)
        self._copy_button.put_text(self.tr("Copied"))
        QTimer.singleShot(2000, self, lambda: self._copy_button.put_text(self.tr("Copy report")))
