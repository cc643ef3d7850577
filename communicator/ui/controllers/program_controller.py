"""What belongs to the program as a whole: tray, closing, quitting, settings, office server."""

from dataclasses import replace

from PySide6.QtCore import QByteArray, QObject, Signal
from PySide6.QtGui import QGuiApplication

from communicator.hosting.errors import HostingError
from communicator.services.office_service import OfficeService
from communicator.services.presence_service import PresenceService
from communicator.state.connection import ConnectionPhase, ConnectionStatus
from communicator.state.office import OfficePhase
from communicator.state.presence import Availability, OwnPresence
from communicator.state.program_states import States
from communicator.state.task_owner import TaskOwner
from communicator.ui.actions import ActionId
from communicator.ui.main_window.main_window import MainWindow
from communicator.ui.main_window.quit_dialog import QuitDialog
from communicator.ui.settings.values import SettingsValues
from communicator.ui.spoken import spoken
from communicator.ui.state_links import link
from communicator.ui.theme.theme import Theme
from communicator.ui.tray import QtTray, TrayPresenter

SMALLEST_TEXT, NORMAL_TEXT, LARGEST_TEXT = 80, 100, 200
TEXT_STEP = 10


class ProgramController(QObject):
    """Binds window and tray to the life of the program.

    Signals:
        quit_requested: End the program.
        sign_out_requested: Leave the account and show the first run again.
    """

    quit_requested = Signal()
    sign_out_requested = Signal()

    def __init__(
        self,
        *,
        window: MainWindow,
        tray: QtTray,
        presenter: TrayPresenter,
        theme: Theme,
        states: States,
        office: OfficeService,
    ) -> None:
        super().__init__(window)
        self._window, self._tray, self._presenter, self._theme = window, tray, presenter, theme
        self._preferences, self._office_state = states.preferences, states.office
        self._office = office
        self._tasks = TaskOwner()
        link(self, states.connection.status_changed, self._on_connection_changed)
        window.close_requested.connect(self._on_close_requested)
        window.action_triggered.connect(self._on_action)
        window.left_pane.office_start_requested.connect(self._on_office_start)
        window.banner.office_start_requested.connect(self._on_office_start)
        window.settings_page.values_changed.connect(self._on_settings_changed)
        window.colleague_panel.colleague_requested.connect(self._on_colleague_requested)
        window.colleague_panel.copy_requested.connect(_copy)
        presenter.window_toggled.connect(self._on_window_toggled)
        presenter.office_start_requested.connect(self._on_office_start)
        presenter.office_stop_requested.connect(self._on_office_stop)
        presenter.quit_requested.connect(self._on_quit)

    async def stop(self) -> None:
        """End what is under way."""
        await self._tasks.stop()

    def bind_presence(self, presence: PresenceService) -> None:
        """Let the tray choose the presence."""

        def choose(availability: Availability) -> None:
            presence.set_presence(OwnPresence(availability))

        self._presenter.presence_chosen.connect(choose)

    def show_window(self) -> None:
        """Show the window where it was the last time."""
        kept = self._preferences.preferences
        if kept.geometry:
            self._window.restoreGeometry(_unpacked(kept.geometry))
        if kept.splitter:
            self._window.splitter.restoreState(_unpacked(kept.splitter))
        if kept.sections:
            self._window.left_pane.splitter.restoreState(_unpacked(kept.sections))
        self._window.left_pane.offline_button.setChecked(kept.are_offline_shown)
        self._window.show()
        self._presenter.tell_window(is_shown=True)

    def keep_geometry(self) -> None:
        """Remember where the window is, and how it is divided."""
        pane = self._window.left_pane
        self._preferences.put(
            replace(
                self._preferences.preferences,
                geometry=_packed(self._window.saveGeometry()),
                splitter=_packed(self._window.splitter.saveState()),
                sections=_packed(pane.splitter.saveState()),
                are_offline_shown=pane.offline_button.isChecked(),
            )
        )

    def _on_close_requested(self) -> None:
        """Closing the window leaves the program in the tray; without a tray it quits."""
        if not self._tray.is_available:
            self._on_quit()
        elif self._preferences.preferences.is_tray_hint_shown:
            self._hide_window()
        else:
            self._window.notice.tell(
                self.tr("Parlour stays in the tray when you close the window."),
                (self.tr("OK"), self._hide_window),
                (self.tr("Quit instead"), self._on_quit),
            )
            preferences = replace(self._preferences.preferences, is_tray_hint_shown=True)
            self._preferences.put(preferences)

    def _hide_window(self) -> None:
        self.keep_geometry()
        self._window.hide()
        self._presenter.tell_window(is_shown=False)

    def _on_window_toggled(self) -> None:
        if self._window.isVisible() and not self._window.isMinimized():
            self._hide_window()
        else:
            self._window.come_to_front()
            self._presenter.tell_window(is_shown=True)

    def _on_action(self, action: ActionId) -> None:
        percent = self._preferences.preferences.text_percent
        match action:
            case ActionId.QUIT:
                self._on_quit()
            case ActionId.SIGN_OUT:
                self.sign_out_requested.emit()
            case ActionId.LARGER_TEXT:
                self._scale_text(percent + TEXT_STEP)
            case ActionId.SMALLER_TEXT:
                self._scale_text(percent - TEXT_STEP)
            case ActionId.NORMAL_TEXT:
                self._scale_text(NORMAL_TEXT)

    def _scale_text(self, percent: int) -> None:
        percent = max(SMALLEST_TEXT, min(LARGEST_TEXT, percent))
        values = replace(self._window.settings_page.values, text_percent=percent)
        self._window.settings_page.put_values(values)
        self._on_settings_changed(values)

    def _on_settings_changed(self, values: SettingsValues) -> None:
        before = self._preferences.preferences
        self._preferences.put(
            replace(
                before,
                theme=values.theme,
                text_percent=values.text_percent,
                office_outlives_window=values.does_server_outlive_window,
                does_enter_send=values.does_enter_send,
                are_notifications_shown=values.are_notifications_shown,
            )
        )
        self._theme.choose(values.theme)
        if values.text_percent != before.text_percent:
            self._theme.scale_text(values.text_percent)

    def _on_quit(self) -> None:
        """Ask what becomes of the office where others would lose it."""
        status = self._office_state.status
        others = status.connected - 1
        outlives = self._preferences.preferences.office_outlives_window
        if status.phase is not OfficePhase.RUNNING or outlives or others < 1:
            self.quit_requested.emit()
            return
        dialog = QuitDialog(others, self._window)
        dialog.keep_chosen.connect(lambda: self._quit_and(keep_office=True))
        dialog.stop_chosen.connect(lambda: self._quit_and(keep_office=False))
        dialog.open()

    def _quit_and(self, *, keep_office: bool) -> None:
        if keep_office:
            self._office.set_outlives_window(outlives=True)
        self.quit_requested.emit()

    def _on_connection_changed(self, status: ConnectionStatus) -> None:
        if status.phase is ConnectionPhase.ONLINE:
            self._office.look()

    def _on_office_start(self) -> None:
        self._tasks.spawn(self._start_office(), "start the office server")

    async def _start_office(self) -> None:
        try:
            await self._office.start()
        except HostingError as error:
            self._window.notice.tell(spoken(error))

    def _on_colleague_requested(self, name: str) -> None:
        self._tasks.spawn(self._add_colleague(name), "add a colleague")

    async def _add_colleague(self, name: str) -> None:
        panel = self._window.colleague_panel
        try:
            panel.show_access(await self._office.add_colleague(name))
        except HostingError as error:
            panel.show_fault(spoken(error))

    def _on_office_stop(self) -> None:
        self._tasks.spawn(self._stop_office(), "stop the office server")

    async def _stop_office(self) -> None:
        try:
            await self._office.stop()
        except HostingError as error:
            self._window.notice.tell(spoken(error))


def _copy(text: str) -> None:
    QGuiApplication.clipboard().setText(text)


def _packed(state: QByteArray) -> str:
    return bytes(state.toBase64().data()).decode()


def _unpacked(state: str) -> QByteArray:
    return QByteArray.fromBase64(state.encode())
