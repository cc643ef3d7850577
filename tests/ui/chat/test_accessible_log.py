"""The log as a screen reader walks it: a list of the messages in sight."""

from collections.abc import Iterator

import pytest
from PySide6.QtGui import QAccessible
from pytestqt.qtbot import QtBot

from communicator.state.conversations import DeliveryState
from communicator.ui.chat.accessible_log import AccessibleLog, AccessibleLogFactory
from communicator.ui.chat.message_view import MessageView
from communicator.ui.chat.row_painter import People
from communicator.ui.theme.theme import Theme
from tests.helpers.message_logs import JULIET, ROMEO, a_message, log_of

NAME = QAccessible.Text.Name


@pytest.fixture
def view(qtbot: QtBot, theme: Theme) -> Iterator[MessageView]:
    view = MessageView(theme=theme)
    qtbot.addWidget(view)
    view.resize(600, 500)
    view.show()
    messages = [
        a_message(0, "But soft", is_own=True, state=DeliveryState.SENT),
        a_message(400, "Ay me!"),
    ]
    log, _ = log_of({message.message_id: message for message in messages})
    view.show_log(log, People(JULIET, "Juliet", ROMEO, "Romeo"))
    view.setAccessibleName("Messages with Juliet")
    view.grab()
    yield view
    view.show_log(None, None)


def test_log_is_a_list_with_the_messages_in_sight(view: MessageView) -> None:
    log = AccessibleLog(view)

    assert log.role() == QAccessible.Role.List
    assert log.text(NAME) == "Messages with Juliet"
    assert log.childCount() == 2
    first, second = log.child(0), log.child(1)
    assert first.role() == QAccessible.Role.ListItem
    assert first.text(NAME).startswith("Romeo, But soft, ")
    assert first.text(NAME).endswith(", sent")
    assert second.text(NAME).startswith("Juliet, Ay me!, ")
    assert log.indexOfChild(second) == 1
    assert log.child(2) is None


def test_message_is_found_by_its_place_on_the_screen(view: MessageView) -> None:
    log = AccessibleLog(view)

    centre = log.child(1).rect().center()

    assert log.childAt(centre.x(), centre.y()) is log.child(1)
    assert log.rect().contains(centre)


def test_application_hands_out_the_interface_of_each_log_and_of_nothing_else(
    view: MessageView,
) -> None:
    factory = AccessibleLogFactory()

    interface = factory.interface_of("MessageView", view)

    assert factory.interface_of("MessageView", view) is interface
    assert interface.object() is view
    assert factory.interface_of("QWidget", view.viewport()) is None
