"""Everything by keyboard, on every screen, and every control has a name."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from communicator.state.conversations import Conversation, DeliveryState
from communicator.state.roster import ContactRequest
from communicator.ui.actions import ActionId
from communicator.ui.chat.chat_pane import ChatPane
from communicator.ui.chat.row_painter import People
from communicator.ui.main_window.left_pane import OfficeView
from communicator.ui.main_window.main_window import MainWindow
from communicator.ui.main_window.quit_dialog import QuitDialog
from communicator.ui.models.people_model import PersonRow
from communicator.ui.settings.values import SettingsValues
from communicator.ui.theme.theme import Theme
from communicator.ui.welcome.welcome_window import WelcomeWindow
from shared_protocol.addresses import BareJid
from tests.helpers.message_logs import JULIET, a_message, log_of
from tests.helpers.profile_data import NOON

ROMEO = BareJid.parse("romeo@capulet.internal")
CONTROLS = (
    QAbstractButton,
    QLineEdit,
    QComboBox,
    QPlainTextEdit,
    QAbstractItemView,
)


@pytest.fixture
def window(qtbot: QtBot, theme: Theme, office: OfficeView) -> MainWindow:
    office.conversations.put(Conversation(ROMEO, preview="Ay me", last_at=NOON, unread=1))
    office.roster.put_request(ContactRequest(BareJid.parse("tybalt@capulet.internal"), "Peace?"))
    window = MainWindow(theme, office, settings=SettingsValues())
    pane = ChatPane(theme=theme)
    window.set_chat_pane(pane)
    messages = [
        a_message(0, "See https://office.example"),
        a_message(400, "But soft", is_own=True, state=DeliveryState.FAILED, failure="Refused."),
    ]
    log, _ = log_of({message.message_id: message for message in messages})
    contact = office.roster.contact(ROMEO)
    people = People(JULIET, "Juliet", ROMEO, "Romeo")
    window.conversation_chosen.connect(
        lambda _jid: pane.show_conversation(log, people, contact, "", "Available")
    )
    qtbot.addWidget(window, before_close_func=lambda shown: shown.hide())
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


@pytest.fixture
def pane(window: MainWindow) -> ChatPane:
    return window.findChild(ChatPane)


SCREENS: dict[str, Callable[[MainWindow], object]] = {
    "conversation": lambda window: window.show_conversation(ROMEO),
    "details": lambda window: window.show_contact(ROMEO),
    "add a person": lambda window: window.show_add(),
    "add a colleague": lambda window: window.show_colleague(),
    "settings": lambda window: window.show_settings(),
    "shortcuts": lambda window: window.actions_of_program.action(ActionId.SHORTCUTS).trigger(),
    "status": lambda window: window.left_pane.edit_status(),
    "pass phrase": lambda window: window.trouble_pages.show_pass_phrase(was_refused=False),
    "address": lambda window: window.trouble_pages.show_place("", 0),
}


def controls_of(screen: QWidget) -> Iterator[QWidget]:
    for control in screen.findChildren(QWidget):
        is_inside = isinstance(control.parent(), QLineEdit | QComboBox)
        if isinstance(control, CONTROLS) and control.isVisible() and not is_inside:
            yield control


def told(control: QWidget) -> str:
    text = control.text() if isinstance(control, QAbstractButton) else ""
    return control.accessibleName() or text


@pytest.mark.parametrize("screen", SCREENS)
def test_every_control_has_a_name_and_is_reached_by_tab(
    qtbot: QtBot, window: MainWindow, screen: str
) -> None:
    SCREENS[screen](window)
    QApplication.processEvents()
    reached: set[QWidget] = set()
    for _ in range(60):
        qtbot.keyClick(window.focusWidget() or window, Qt.Key.Key_Tab)
        if window.focusWidget() in reached:
            break
        reached.add(window.focusWidget())

    controls = set(controls_of(window))
    reachable = {one for one in controls if one.focusPolicy() & Qt.FocusPolicy.TabFocus}

    assert [type(one).__name__ for one in controls if not told(one)] == []
    assert {told(one) for one in reachable if one.isEnabled()} <= {told(one) for one in reached}
    assert len(reached) > 5


@pytest.mark.parametrize("screen", SCREENS)
def test_buttons_without_words_say_what_they_do_when_the_pointer_rests_on_them(
    qtbot: QtBot, window: MainWindow, screen: str
) -> None:
    SCREENS[screen](window)

    icons = [one for one in controls_of(window) if isinstance(one, QToolButton) and not one.text()]

    assert icons
    assert [told(one) for one in icons if not one.toolTip()] == []


@pytest.mark.parametrize("form", ["choices", "start", "join", "sign in", "keeping"])
def test_first_run_is_walked_by_tab(qtbot: QtBot, theme: Theme, form: str) -> None:
    window = WelcomeWindow(theme, office_name="Capulet", own_name="Juliet")
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    choices = window.choices_page
    opened = {
        "choices": window.show_choices,
        "start": choices.start_button.click,
        "join": choices.join_button.click,
        "sign in": choices.sign_in_button.click,
        "keeping": window.show_password_keeping,
    }
    opened[form]()
    reached: set[str] = set()
    for _ in range(30):
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
        reached.add(told(window.focusWidget()))

    controls = [one for one in controls_of(window) if one.isEnabled()]

    wanted = {told(one) for one in controls if one.focusPolicy() & Qt.FocusPolicy.TabFocus}
    # Of two radio buttons Tab reaches the chosen one; the arrow keys reach the other.
    assert wanted - {"Only until Parlour is closed"} <= reached


def test_log_is_entered_walked_and_left_without_the_mouse(
    qtbot: QtBot, window: MainWindow, pane: ChatPane
) -> None:
    window.show_conversation(ROMEO)
    pane.composer.setFocus()

    qtbot.keyClick(pane.composer, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    assert window.focusWidget() is pane.log_view
    assert pane.log_view.current_row == 1
    qtbot.keyClick(pane.log_view, Qt.Key.Key_Up)
    assert pane.log_view.current_row == 0
    qtbot.keyClick(pane.log_view, Qt.Key.Key_Escape)

    assert window.focusWidget() is pane.composer


def test_message_that_failed_is_tried_again_by_keys_alone(
    qtbot: QtBot, window: MainWindow, pane: ChatPane
) -> None:
    window.show_conversation(ROMEO)
    view = pane.log_view
    view.setFocus(Qt.FocusReason.ShortcutFocusReason)
    qtbot.keyClick(view, Qt.Key.Key_Return)
    menu = view.findChild(QMenu)
    assert [action.text() for action in menu.actions() if action.text()] == [
        "Copy",
        "Retry",
        "Edit",
        "Delete",
    ]

    with qtbot.waitSignal(pane.failure_action_requested) as asked:
        for _ in range(2):
            qtbot.keyClick(menu, Qt.Key.Key_Down)
        qtbot.keyClick(menu, Qt.Key.Key_Return)

    assert asked.args[0] == "retry"


def test_link_is_opened_by_keys_alone(qtbot: QtBot, window: MainWindow, pane: ChatPane) -> None:
    window.show_conversation(ROMEO)
    view = pane.log_view
    view.setFocus(Qt.FocusReason.ShortcutFocusReason)
    qtbot.keyClick(view, Qt.Key.Key_Up)
    qtbot.keyClick(view, Qt.Key.Key_Return)
    menu = view.findChild(QMenu)
    assert [action.text() for action in menu.actions()] == ["Copy", "Open link", "Copy link"]

    with qtbot.waitSignal(pane.link_activated) as followed:
        for _ in range(2):
            qtbot.keyClick(menu, Qt.Key.Key_Down)
        qtbot.keyClick(menu, Qt.Key.Key_Return)

    assert followed.args == ["https://office.example"]


def test_person_has_a_menu_by_the_menu_key(qtbot: QtBot, window: MainWindow) -> None:
    """The system makes a context menu event of the key."""
    people, model = window.left_pane.people.list, window.left_pane.people_model
    people.setFocus()
    numbers = [n for n, row in enumerate(model.rows) if isinstance(row, PersonRow)]
    people.setCurrentIndex(model.index(numbers[0]))
    chosen = model.rows[numbers[0]].contact.jid

    with qtbot.waitSignal(window.left_pane.contact_menu_requested) as asked:
        place = people.viewport().mapToGlobal(QPoint(0, 0))
        by_key = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(0, 0), place)
        QApplication.sendEvent(people.viewport(), by_key)

    assert asked.args[0] == chosen


def test_question_about_the_office_has_named_buttons_and_none_by_default(
    qtbot: QtBot, window: MainWindow
) -> None:
    dialog = QuitDialog(3, window)
    dialog.open()

    assert [told(one) for one in controls_of(dialog) if not told(one)] == []
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
