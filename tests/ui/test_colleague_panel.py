"""The host makes an account for a colleague and passes on what is needed to join."""

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from communicator.state.colleague_access import ColleagueAccess
from communicator.ui.people.colleague_panel import ColleaguePanel
from communicator.ui.theme.theme import Theme

ACCESS = ColleagueAccess(
    office_address="capulet.internal",
    name="juliet.capulet",
    password="wherefore",
    computer="192.0.2.7",
    port=5222,
    fingerprint="A1B2C3D4" * 8,
)


@pytest.fixture
def panel(qtbot: QtBot, theme: Theme) -> ColleaguePanel:
    panel = ColleaguePanel(theme)
    qtbot.addWidget(panel)
    panel.show()
    return panel


def test_name_is_asked_for_by_keys_alone(qtbot: QtBot, panel: ColleaguePanel) -> None:
    qtbot.keyClicks(panel.name_field.edit, "  Juliet Capulet ")
    with qtbot.waitSignal(panel.colleague_requested) as asked:
        qtbot.keyClick(panel.name_field.edit, Qt.Key.Key_Return)

    assert asked.args == ["Juliet Capulet"]
    assert not panel.copy_button.isVisible()


def test_account_without_a_name_is_not_made(qtbot: QtBot, panel: ColleaguePanel) -> None:
    with qtbot.assertNotEmitted(panel.colleague_requested):
        qtbot.mouseClick(panel.make_button, Qt.MouseButton.LeftButton)

    assert panel.name_field.edit.accessibleDescription() == "Who is it for?"


def test_all_that_the_colleague_needs_is_shown_and_copied(
    qtbot: QtBot, panel: ColleaguePanel
) -> None:
    panel.show_access(ACCESS)

    with qtbot.waitSignal(panel.copy_requested) as copied:
        qtbot.mouseClick(panel.copy_button, Qt.MouseButton.LeftButton)

    groups = " ".join(["A1B2 C3D4"] * 8)
    assert copied.args[0].splitlines() == [
        "Address of the office: capulet.internal",
        "Name: juliet.capulet",
        "Password: wherefore",
        "Server: 192.0.2.7",
        "Port: 5222",
        f"Fingerprint: {groups}",
    ]
    assert panel._labels["password"].text() == "wherefore"


def test_password_is_gone_when_the_panel_is_opened_anew(panel: ColleaguePanel) -> None:
    panel.show_access(ACCESS)

    panel.begin()

    assert panel._labels["password"].text() == ""
    assert not panel.copy_button.isVisible()


def test_refusal_is_said_in_the_panel(qtbot: QtBot, panel: ColleaguePanel) -> None:
    panel.show_fault("The name juliet is taken.")
    assert panel._fault.text == "The name juliet is taken."

    qtbot.keyClicks(panel.name_field.edit, "Juliet")
    qtbot.mouseClick(panel.make_button, Qt.MouseButton.LeftButton)

    assert panel._fault.text == ""
