"""What belongs to the program as a whole: tray, closing, quitting, settings, office server."""

from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from communicator.services.office_service import OfficeService
from communicator.state.account import Account
from communicator.state.office import OfficePhase
from communicator.state.preferences import Preferences, PreferencesState, ThemeChoice
from communicator.state.program_states import States
from communicator.ui.actions import ActionId
from communicator.ui.controllers.program_controller import ProgramController
from communicator.ui.main_window.left_pane import OfficeView
from communicator.ui.main_window.main_window import MainWindow
from communicator.ui.main_window.quit_dialog import QuitDialog
from communicator.ui.settings.values import SettingsValues
from communicator.ui.theme.theme import Theme
from communicator.ui.theme.tokens import DARK
from communicator.ui.tray import TrayCommand, TrayPresenter
from shared_protocol.addresses import BareJid
from tests.helpers.hosting_double import MemoryHosting
from tests.helpers.session_diary import until
from tests.helpers.session_doubles import HandClock, turns
from tests.helpers.tray_doubles import MemoryTray

Run = Callable[[Coroutine[Any, Any, None]], None]
FOLDER = Path("/verona/office")
HOSTED = Account(
    BareJid.parse("juliet@capulet.internal"),
    port=5223,
    office_folder=FOLDER,
    office_name="Capulet",
    authority_pem="-----BEGIN CERTIFICATE-----\nYW4gYXV0aG9yaXR5\n-----END CERTIFICATE-----\n",
)


class Desk:
    """Juliet's window on the computer that hosts the office."""

    def __init__(self, qtbot: QtBot, theme: Theme, view: OfficeView) -> None:
        self.qtbot, self.theme = qtbot, theme
        self.view = replace(view, is_host=True)
        self.hosting = MemoryHosting()
        self.preferences = PreferencesState(Preferences(account=HOSTED))
        self.states = States(
            self.preferences,
            roster=view.roster,
            conversations=view.conversations,
            own_presence=view.own_presence,
            connection=view.connection,
            office=view.office_server,
        )
        self.office = OfficeService(
            state=view.office_server,
            hosting=self.hosting,
            preferences=self.preferences,
            clock=HandClock(),
        )
        self.quits = 0
        self.open_window()

    def open_window(self) -> None:
        """Show a window as the program does at its start."""
        self.tray = MemoryTray()
        self.window = MainWindow(self.theme, self.view, settings=SettingsValues())
        self.qtbot.addWidget(self.window, before_close_func=lambda shown: shown.hide())
        self.presenter = TrayPresenter(
            self.tray,
            own_presence=self.states.own_presence,
            connection=self.states.connection,
            conversations=self.states.conversations,
            office_server=self.states.office,
        )
        self.controller = ProgramController(
            window=self.window,
            tray=self.tray,
            presenter=self.presenter,
            theme=self.theme,
            states=self.states,
            office=self.office,
        )
        self.controller.quit_requested.connect(self._on_quit)
        self.controller.show_window()

    @property
    def kept(self) -> Preferences:
        return self.preferences.preferences

    def press(self, text: str) -> None:
        """Click the visible button with this text."""
        for button in self.window.findChildren(QAbstractButton):
            if button.text() == text and button.isVisible():
                button.click()
                return
        raise AssertionError(f"there is no button {text!r}")

    async def end(self) -> None:
        await self.controller.stop()
        await self.office.close()

    def _on_quit(self) -> None:
        self.quits += 1


@pytest.fixture
def desk(qtbot: QtBot, theme: Theme, office: OfficeView) -> Desk:
    return Desk(qtbot, theme, office)


def test_closing_explains_the_tray_once_and_hides_the_window(desk: Desk) -> None:
    desk.window.close()
    assert desk.window.isVisible()
    assert desk.window.notice.text == "Parlour stays in the tray when you close the window."
    desk.press("OK")
    assert not desk.window.isVisible()
    assert "Show Parlour" in desk.tray.texts

    desk.tray.click()
    assert desk.window.isVisible()
    desk.window.close()

    assert not desk.window.isVisible()
    assert desk.quits == 0


def test_first_closing_can_quit_instead(desk: Desk) -> None:
    desk.window.close()

    desk.press("Quit instead")

    assert desk.quits == 1


def test_other_news_takes_the_place_of_the_hint_and_its_button_hides_no_window(
    desk: Desk,
) -> None:
    desk.window.close()
    desk.window.notice.tell("The password could not be kept.")

    desk.press("OK")

    assert desk.window.isVisible()
    assert desk.quits == 0


def test_without_a_tray_closing_quits(desk: Desk) -> None:
    desk.tray.is_available = False

    desk.window.close()

    assert desk.quits == 1


def test_place_and_division_of_the_window_are_as_they_were(desk: Desk, qtbot: QtBot) -> None:
    desk.window.resize(780, 600)  # the virtual screen is 800 wide
    desk.window.splitter.setSizes([400, 380, 0])
    desk.window.left_pane.splitter.setSizes([100, 500])
    desk.window.left_pane.offline_button.click()
    wanted = desk.window.left_pane.splitter.sizes()
    desk.controller.keep_geometry()
    desk.window.hide()

    desk.open_window()

    assert (desk.window.width(), desk.window.height()) == (780, 600)
    assert abs(desk.window.left_pane.width() - 400) <= 2
    for now, before in zip(desk.window.left_pane.splitter.sizes(), wanted, strict=True):
        assert abs(now - before) <= 10
    assert desk.window.left_pane.offline_button.isChecked()


def test_office_server_is_stopped_and_started_from_the_tray(desk: Desk, run: Run) -> None:
    async def scenario() -> None:
        await desk.office.start()
        await turns()
        assert "Stop the office server" in desk.tray.texts
        desk.tray.choose(TrayCommand.STOP_OFFICE)
        await until(lambda: desk.states.office.status.phase is OfficePhase.STOPPED)
        assert desk.hosting.running == set()
        assert "Office server: stopped" in desk.tray.texts
        desk.tray.choose(TrayCommand.START_OFFICE)
        await until(lambda: desk.states.office.status.phase is OfficePhase.RUNNING)
        assert desk.hosting.running == {FOLDER}
        await desk.end()

    run(scenario())


@pytest.mark.parametrize("command", [TrayCommand.START_OFFICE, TrayCommand.STOP_OFFICE])
def test_office_server_that_does_not_obey_is_told(
    desk: Desk, run: Run, command: TrayCommand
) -> None:
    async def scenario() -> None:
        desk.hosting.failure = "Port 5222 is taken by another program."
        desk.tray.choose(command)
        await until(lambda: desk.window.notice.text)
        assert desk.window.notice.text == "Port 5222 is taken by another program."
        desk.hosting.failure = ""
        await desk.end()

    run(scenario())


def test_colleague_gets_an_account_in_the_panel(desk: Desk, run: Run, qtbot: QtBot) -> None:
    async def scenario() -> None:
        desk.window.show_colleague()
        panel = desk.window.colleague_panel
        qtbot.keyClicks(panel.name_field.edit, "Peter")
        qtbot.keyClick(panel.name_field.edit, Qt.Key.Key_Return)
        await until(panel.copy_button.isVisible)
        assert [name for _, name, _ in desk.hosting.accounts] == ["peter"]
        desk.hosting.failure = "The name peter is taken."
        qtbot.keyClicks(panel.name_field.edit, "Peter")
        qtbot.keyClick(panel.name_field.edit, Qt.Key.Key_Return)
        await until(lambda: panel._fault.text == "The name peter is taken.")
        await desk.end()

    run(scenario())


@pytest.mark.parametrize("keeps", [True, False])
def test_quitting_asks_what_becomes_of_the_office_while_others_are_there(
    desk: Desk, run: Run, *, keeps: bool
) -> None:
    async def scenario() -> None:
        desk.office.set_outlives_window(outlives=False)
        desk.hosting.connected = 4
        await desk.office.start()
        await until(lambda: desk.states.office.status.connected == 4)
        desk.window.action_triggered.emit(ActionId.QUIT)
        assert desk.quits == 0
        dialog = desk.window.findChild(QuitDialog)
        (dialog.keep_chosen if keeps else dialog.stop_chosen).emit()
        assert desk.quits == 1
        await desk.end()
        assert (FOLDER in desk.hosting.running) is keeps

    run(scenario())


def test_settings_are_applied_and_kept(desk: Desk) -> None:
    page = desk.window.settings_page
    page.theme_box.setCurrentIndex(page.theme_box.findData(ThemeChoice.DARK))
    page.theme_box.activated.emit(page.theme_box.currentIndex())
    page.enter_box.click()
    page.notifications_box.click()
    page.server_box.click()

    assert desk.theme.tokens is DARK
    assert desk.kept.theme is ThemeChoice.DARK
    assert not desk.kept.does_enter_send
    assert not desk.kept.are_notifications_shown
    assert not desk.kept.office_outlives_window


def test_text_grows_and_shrinks_within_its_bounds(desk: Desk) -> None:
    for _ in range(12):
        desk.window.action_triggered.emit(ActionId.LARGER_TEXT)
    assert desk.kept.text_percent == 200
    for _ in range(14):
        desk.window.action_triggered.emit(ActionId.SMALLER_TEXT)
    assert desk.kept.text_percent == 80

    desk.window.action_triggered.emit(ActionId.NORMAL_TEXT)

    assert desk.kept.text_percent == 100
    assert desk.window.settings_page.text_box.currentText() == "100 %"
