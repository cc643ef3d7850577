"""New messages are told while nobody looks, and never otherwise."""

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from communicator.state.conversations import DeliveryState, Message
from communicator.state.preferences import Preferences, PreferencesState
from communicator.state.presence import Availability, OwnPresence
from communicator.ui.controllers.notification_controller import NotificationController
from communicator.ui.main_window.left_pane import OfficeView
from communicator.ui.main_window.main_window import MainWindow
from communicator.ui.settings.values import SettingsValues
from communicator.ui.theme.theme import Theme
from shared_protocol.addresses import BareJid
from tests.helpers.profile_data import NOON
from tests.helpers.tray_doubles import MemoryTray

ROMEO = BareJid.parse("romeo@capulet.internal")


class Desk:
    def __init__(self, qtbot: QtBot, theme: Theme, view: OfficeView) -> None:
        self.tray = MemoryTray()
        self.preferences = PreferencesState(Preferences())
        self.window = MainWindow(theme, view, settings=SettingsValues())
        qtbot.addWidget(self.window, before_close_func=lambda shown: shown.hide())
        NotificationController(
            window=self.window,
            tray=self.tray,
            roster=view.roster,
            conversations=view.conversations,
            preferences=self.preferences,
        )
        self._arrived = view.conversations.message_arrived

    def receive(self, body: str) -> None:
        self._arrived.emit(Message(1, ROMEO, False, body, NOON, DeliveryState.RECEIVED))  # noqa: FBT003 - a value


@pytest.fixture
def desk(qtbot: QtBot, theme: Theme, office: OfficeView) -> Desk:
    return Desk(qtbot, theme, office)


def test_message_is_told_by_name_in_one_line(desk: Desk) -> None:
    desk.receive("But soft,\nwhat light")

    assert desk.tray.notifications == [("Romeo Montague", "But soft, what light")]


def test_click_leads_to_the_conversation(desk: Desk, qtbot: QtBot) -> None:
    desk.receive("But soft")

    with qtbot.waitSignal(desk.window.conversation_chosen) as chosen:
        desk.tray.notification_clicked.emit()

    assert chosen.args == [ROMEO]
    assert desk.window.isVisible()


def test_nothing_is_told_to_somebody_who_looks(desk: Desk, qtbot: QtBot) -> None:
    desk.window.show()
    desk.window.activateWindow()
    qtbot.waitUntil(desk.window.isActiveWindow)

    desk.receive("But soft")

    assert desk.tray.notifications == []


@pytest.mark.parametrize(
    "preferences",
    [
        Preferences(are_notifications_shown=False),
        replace(Preferences(), presence=OwnPresence(Availability.DND)),
    ],
    ids=["not wanted", "busy"],
)
def test_nothing_is_told_to_somebody_who_does_not_want_it(
    desk: Desk, preferences: Preferences
) -> None:
    desk.preferences.put(preferences)

    desk.receive("But soft")

    assert desk.tray.notifications == []
