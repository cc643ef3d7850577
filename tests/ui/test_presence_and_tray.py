"""The own presence and the tray."""

from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtGui import QAction
from pytestqt.qtbot import QtBot

from communicator.state.connection import ConnectionPhase, ConnectionState, ConnectionStatus
from communicator.state.conversations import Conversation, Conversations
from communicator.state.office import OfficePhase, OfficeState, OfficeStatus
from communicator.state.presence import Availability, OwnPresence, OwnPresenceState
from communicator.ui.avatars import PresenceShape
from communicator.ui.main_window.quit_dialog import QuitDialog
from communicator.ui.presence.presence_menu import PresenceMenu
from communicator.ui.presence.presets import end_of
from communicator.ui.presence.status_editor import StatusEditor
from communicator.ui.theme.theme import Theme
from communicator.ui.tray import QtTray, TrayCommand, TrayPresenter, tray_icon
from shared_protocol.addresses import BareJid
from tests.helpers.tray_doubles import MemoryTray

NOON = datetime(2026, 5, 3, 12, tzinfo=UTC)


class TrayOffice:
    """A tray with the state that it shows."""

    def __init__(self) -> None:
        self.tray = MemoryTray()
        self.own = OwnPresenceState()
        self.connection = ConnectionState()
        self.conversations = Conversations()
        self.server = OfficeState()
        self.presenter = TrayPresenter(
            self.tray,
            own_presence=self.own,
            connection=self.connection,
            conversations=self.conversations,
            office_server=self.server,
        )


@pytest.fixture
def office(theme: Theme) -> TrayOffice:
    return TrayOffice()


def entry(menu: PresenceMenu, text: str) -> QAction:
    return next(action for action in menu.actions() if action.text() == text)


def test_tray_shows_presence_and_unread(office: TrayOffice) -> None:
    assert office.tray.views[-1].shape is PresenceShape.OFFLINE

    office.connection.put(ConnectionStatus(ConnectionPhase.ONLINE))
    office.own.put(OwnPresence(Availability.DND))
    office.conversations.put(Conversation(BareJid.parse("romeo@montague.lit"), unread=2))

    view = office.tray.views[-1]
    assert (view.shape, view.has_unread) == (PresenceShape.DND, True)
    assert view.tool_tip == "Parlour - Busy, 2 unread"


def test_tray_is_not_shown_anew_when_nothing_of_it_changed(office: TrayOffice) -> None:
    shown = len(office.tray.views)

    office.conversations.put(Conversation(BareJid.parse("romeo@montague.lit"), preview="Ay me"))

    assert len(office.tray.views) == shown


@pytest.mark.parametrize(
    ("phase", "texts"),
    [
        (OfficePhase.STOPPED, ["Office server: stopped", "Start the office server"]),
        (
            OfficePhase.RUNNING,
            ["Office server: running, 3 connected", "Stop the office server"],
        ),
        (OfficePhase.STARTING, ["Office server: starting..."]),
    ],
)
def test_tray_shows_the_office_server_and_what_can_be_done(
    office: TrayOffice, phase: OfficePhase, texts: list[str]
) -> None:
    office.server.put(OfficeStatus(phase, "Capulet", 3))

    assert [text for text in office.tray.texts if "office" in text.lower()] == texts


def test_tray_tells_what_was_chosen(qtbot: QtBot, office: TrayOffice) -> None:
    presenter = office.presenter
    with qtbot.waitSignal(presenter.window_toggled):
        office.tray.click()
    with qtbot.waitSignal(presenter.presence_chosen) as chosen:
        office.tray.choose(Availability.AWAY)
    assert chosen.args == [Availability.AWAY]
    with qtbot.waitSignal(presenter.office_stop_requested):
        office.tray.choose(TrayCommand.STOP_OFFICE)
    with qtbot.waitSignal(presenter.quit_requested):
        office.tray.choose(TrayCommand.QUIT)


def test_tray_offers_to_show_a_hidden_window(office: TrayOffice) -> None:
    assert "Hide Parlour" in office.tray.texts

    office.presenter.tell_window(is_shown=False)

    assert "Show Parlour" in office.tray.texts


def test_tray_icon_differs_with_presence_and_unread(theme: Theme) -> None:
    icons = [
        tray_icon(theme, shape, has_unread=has_unread).pixmap(32).toImage()
        for shape in (PresenceShape.AVAILABLE, PresenceShape.DND)
        for has_unread in (False, True)
    ]

    assert all(one != other for one in icons for other in icons if one is not other)


@pytest.mark.qt_log_ignore("No such signal QPlatformNativeInterface", extend=True)
def test_the_systems_tray_takes_a_view_even_where_there_is_none(
    theme: Theme, office: TrayOffice
) -> None:
    tray = QtTray(theme)

    tray.show_view(office.tray.views[-1])

    assert not tray.is_available
    tray.remove()


def test_lunch_of_the_menu_ends_after_45_minutes(qtbot: QtBot, theme: Theme) -> None:
    menu = PresenceMenu(theme, OwnPresenceState(), now=lambda: NOON)
    qtbot.addWidget(menu)

    with qtbot.waitSignal(menu.presence_chosen) as chosen:
        entry(menu, "Lunch, 45 min").trigger()

    assert chosen.args == [OwnPresence(Availability.AWAY, "Lunch", NOON + timedelta(minutes=45))]


def test_menu_takes_the_status_away(qtbot: QtBot, theme: Theme) -> None:
    own = OwnPresenceState(OwnPresence(Availability.DND, "In a duel"))
    menu = PresenceMenu(theme, own, now=lambda: NOON)
    qtbot.addWidget(menu)

    with qtbot.waitSignal(menu.presence_chosen) as chosen:
        entry(menu, "Remove the status").trigger()

    assert chosen.args == [OwnPresence(Availability.DND)]


def test_a_written_status_has_text_availability_and_end(qtbot: QtBot, theme: Theme) -> None:
    editor = StatusEditor(theme, OwnPresenceState(), now=lambda: NOON)
    qtbot.addWidget(editor)
    editor.begin()
    qtbot.keyClicks(editor.text_edit, "on the balcony")
    editor.availability_box.setCurrentIndex(2)
    editor.duration_box.setCurrentIndex(2)

    with qtbot.waitSignal(editor.presence_chosen) as chosen:
        editor.set_button.click()

    expected = OwnPresence(Availability.AWAY, "on the balcony", NOON + timedelta(minutes=30))
    assert chosen.args == [expected]


def test_today_ends_before_midnight_where_the_user_is() -> None:
    end = end_of(NOON, 0).astimezone()

    assert (end.hour, end.minute) == (23, 59)
    assert end.date() == NOON.astimezone().date()


def test_quitting_host_chooses_what_becomes_of_the_office(qtbot: QtBot, theme: Theme) -> None:
    dialog = QuitDialog(3)
    qtbot.addWidget(dialog)
    dialog.open()

    with qtbot.waitSignal(dialog.stop_chosen):
        dialog.stop_button.click()

    assert not dialog.isVisible()
