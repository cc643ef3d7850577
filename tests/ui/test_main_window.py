"""The main window, as somebody at work sees and drives it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from communicator.state.connection import (
    CertificateSummary,
    ConnectionPhase,
    ConnectionStatus,
    ConnectionTrouble,
    TroubleKind,
)
from communicator.state.conversations import Conversation
from communicator.state.office import OfficePhase, OfficeStatus
from communicator.state.preferences import ThemeChoice
from communicator.state.presence import Availability, OwnPresence
from communicator.state.roster import ContactRequest
from communicator.ui.actions import ActionId
from communicator.ui.main_window.left_pane import OfficeView
from communicator.ui.main_window.main_window import MainWindow
from communicator.ui.models.people_model import GroupRow, PersonRow
from communicator.ui.people.add_contact_panel import AddContactRequest
from communicator.ui.settings.values import SettingsValues
from communicator.ui.theme.theme import Theme
from shared_protocol.addresses import BareJid

ROMEO = BareJid.parse("romeo@capulet.internal")
MERCUTIO = BareJid.parse("mercutio@capulet.internal")
NURSE = BareJid.parse("nurse@capulet.internal")
CERTIFICATE = CertificateSummary(
    subject="capulet.internal",
    issuer="Capulet Office Authority",
    names=("capulet.internal",),
    not_before=datetime(2026, 5, 3, tzinfo=UTC),
    not_after=datetime(2027, 6, 3, tzinfo=UTC),
    fingerprint="A1B2C3D4" * 8,
    pem="",
)


@pytest.fixture
def window(qtbot: QtBot, theme: Theme, office: OfficeView) -> MainWindow:
    office = replace(office, is_host=True, is_office=True)
    window = MainWindow(theme, office, settings=SettingsValues())
    pane = QWidget()
    pane.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    window.set_chat_pane(pane)
    window.close_requested.connect(window.hide)
    qtbot.addWidget(window, before_close_func=lambda shown: shown.hide())
    with qtbot.waitExposed(window):
        window.show()
    return window


def people_shown(window: MainWindow) -> list[str]:
    return [
        row.title if isinstance(row, GroupRow) else row.contact.display_name
        for row in window.left_pane.people_model.rows
    ]


def click(qtbot: QtBot, widget: QWidget) -> None:
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


def put_conversation(office: OfficeView, jid: BareJid, minute: int, unread: int = 0) -> None:
    moment = datetime(2026, 5, 3, 10, minute, tzinfo=UTC)
    office.conversations.put(Conversation(jid, "Ay me", last_at=moment, unread=unread))


def test_people_are_shown_by_group_and_counted_with_those_who_are_offline(
    window: MainWindow,
) -> None:
    assert people_shown(window) == ["Capulet", "Nurse Angelica", "Montague", "Romeo Montague"]
    assert window.left_pane.people.count_text == "2 of 3 here"


def test_eye_shows_people_who_are_offline(qtbot: QtBot, window: MainWindow) -> None:
    click(qtbot, window.left_pane.offline_button)

    assert "Mercutio" in people_shown(window)
    assert window.left_pane.offline_button.accessibleName() == "Hide people who are offline"


def test_filter_finds_offline_people_too_and_enter_opens_the_first(
    qtbot: QtBot, window: MainWindow
) -> None:
    qtbot.keyClick(window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(window.focusWidget(), "merc")
    assert people_shown(window) == ["Montague", "Mercutio"]

    with qtbot.waitSignal(window.conversation_chosen) as chosen:
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Return)

    assert chosen.args == [MERCUTIO]


def test_escape_empties_the_filter(qtbot: QtBot, window: MainWindow) -> None:
    window.left_pane.focus_filter()
    qtbot.keyClicks(window.left_pane.filter_edit, "nobody at all")
    assert window.left_pane.people.note.text == "Nobody fits."

    qtbot.keyClick(window.left_pane.filter_edit, Qt.Key.Key_Escape)

    assert window.left_pane.filter_edit.text() == ""
    assert len(people_shown(window)) == 4


def test_a_click_on_a_group_folds_its_people_away(qtbot: QtBot, window: MainWindow) -> None:
    people = window.left_pane.people.list
    place = people.visualRect(window.left_pane.people_model.index(0)).center()

    qtbot.mouseClick(people.viewport(), Qt.MouseButton.LeftButton, pos=place)

    assert people_shown(window) == ["Capulet", "Montague", "Romeo Montague"]


def test_presence_of_others_is_shown_soon_and_the_counts_follow(
    qtbot: QtBot, window: MainWindow, office: OfficeView
) -> None:
    mercutio = office.roster.contact(MERCUTIO)
    assert mercutio is not None

    office.roster.put(replace(mercutio, availability=Availability.AWAY, status="in a duel"))

    qtbot.waitUntil(lambda: "Mercutio" in people_shown(window))
    assert window.left_pane.people.count_text == "3 of 3 here"
    model = window.left_pane.people_model
    row = people_shown(window).index("Mercutio")
    spoken = model.data(model.index(row), Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "Mercutio, Away, in a duel"


def test_who_has_not_answered_is_listed_although_offline(
    qtbot: QtBot, window: MainWindow, office: OfficeView
) -> None:
    mercutio = office.roster.contact(MERCUTIO)
    assert mercutio is not None

    office.roster.put(replace(mercutio, is_asked=True))

    qtbot.waitUntil(lambda: "Mercutio" in people_shown(window))


def test_newest_conversation_is_on_top_and_unread_ones_are_counted(
    qtbot: QtBot, window: MainWindow, office: OfficeView
) -> None:
    put_conversation(office, NURSE, 1)
    put_conversation(office, ROMEO, 5, unread=2)

    qtbot.waitUntil(lambda: len(window.left_pane.ordered_conversations()) == 2)
    assert [row.key for row in window.left_pane.ordered_conversations()] == [ROMEO, NURSE]
    assert window.left_pane.conversations.count_text == "2 new"


def test_conversations_do_not_jump_under_the_pointer(
    qtbot: QtBot, window: MainWindow, office: OfficeView
) -> None:
    put_conversation(office, NURSE, 1)
    put_conversation(office, ROMEO, 5)
    model = window.left_pane.conversations_model
    qtbot.waitUntil(lambda: model.rowCount() == 2)
    model.hold_order()

    put_conversation(office, NURSE, 9, unread=1)
    qtbot.waitUntil(lambda: window.left_pane.conversations.count_text == "1 new")
    assert [row.key for row in model.rows] == [ROMEO, NURSE]

    model.release_order()
    assert [row.key for row in model.rows] == [NURSE, ROMEO]


def test_keys_step_through_conversations_and_to_the_unread(
    qtbot: QtBot, window: MainWindow, office: OfficeView
) -> None:
    put_conversation(office, ROMEO, 9)
    put_conversation(office, NURSE, 5)
    put_conversation(office, MERCUTIO, 1, unread=1)
    qtbot.waitUntil(lambda: len(window.left_pane.ordered_conversations()) == 3)
    alt, shift = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ShiftModifier

    qtbot.keyClick(window, Qt.Key.Key_Down, alt)
    assert window.open_jid == ROMEO
    qtbot.keyClick(window, Qt.Key.Key_Down, alt | shift)
    assert window.open_jid == MERCUTIO
    qtbot.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert window.open_jid == NURSE

    with qtbot.waitSignal(window.conversation_closed) as closed:
        qtbot.keyClick(window, Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier)
    assert closed.args == [NURSE]


def test_a_request_is_a_card_that_is_answered_in_the_list(
    qtbot: QtBot, window: MainWindow, office: OfficeView
) -> None:
    tybalt = BareJid.parse("tybalt@capulet.internal")
    office.roster.put_request(ContactRequest(tybalt, "<b>Peace?</b> I hate the word"))
    (card,) = window.left_pane.request_cards.cards
    texts = {label.text() for label in card.findChildren(QLabel)}
    assert "<b>Peace?</b> I hate the word" in texts
    assert card.accept_button.accessibleName() == "Accept tybalt"

    with qtbot.waitSignal(window.left_pane.request_accepted) as accepted:
        click(qtbot, card.accept_button)
    assert accepted.args == [tybalt]

    office.roster.remove_request(tybalt)
    assert not window.left_pane.request_cards.isVisible()


def test_a_person_is_added_in_the_window(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    field = window.focusWidget()
    assert field is window.add_panel.address_field.edit
    qtbot.keyClicks(field, "tybalt@capulet.internal")
    window.add_panel.name_field.put_text("Tybalt")
    window.add_panel.group_box.setCurrentText("Capulet")

    with qtbot.waitSignal(window.add_panel.add_requested) as asked:
        click(qtbot, window.add_panel.add_button)

    assert asked.args == [AddContactRequest("tybalt@capulet.internal", "Tybalt", ("Capulet",))]


def test_details_rename_regroup_and_remove_after_a_question(
    qtbot: QtBot, window: MainWindow
) -> None:
    panel = window.contact_panel
    window.show_contact(ROMEO)
    panel.name_field.edit.setText("My Romeo")
    with qtbot.waitSignal(panel.rename_requested) as renamed:
        click(qtbot, panel.save_button)
    assert renamed.args == [ROMEO, "My Romeo"]

    with qtbot.waitSignal(panel.groups_change_requested) as regrouped:
        panel.group_boxes[0].click()
    assert regrouped.args == [ROMEO, ("Capulet", "Montague")]

    with qtbot.assertNotEmitted(panel.remove_requested):
        click(qtbot, panel.remove_button)
        click(qtbot, panel.keep_button)
    click(qtbot, panel.remove_button)
    with qtbot.waitSignal(panel.remove_requested) as removed:
        click(qtbot, panel.confirm_button)
    assert removed.args == [ROMEO]


def test_certificate_page_covers_the_chat_until_the_matter_is_settled(
    window: MainWindow, office: OfficeView
) -> None:
    trouble = ConnectionTrouble(
        TroubleKind.CERTIFICATE_CHANGED, "capulet.internal", 5222, "", CERTIFICATE
    )

    office.connection.put(ConnectionStatus(ConnectionPhase.STOPPED, trouble))

    assert window.right_side.page is window.trouble_pages.certificate
    assert window.trouble_pages.certificate.accessibleName() == "This is not the server you joined"
    assert not window.trouble_pages.certificate._trust_button.isVisible()
    office.connection.put(ConnectionStatus(ConnectionPhase.ONLINE))
    assert window.right_side.page is not window.trouble_pages.certificate


def test_password_page_tells_the_password_and_whether_to_keep_it(
    qtbot: QtBot, window: MainWindow, office: OfficeView
) -> None:
    trouble = ConnectionTrouble(TroubleKind.WRONG_PASSWORD, "capulet.internal")
    office.connection.put(ConnectionStatus(ConnectionPhase.STOPPED, trouble))
    page = window.trouble_pages.password
    assert window.right_side.page is page
    assert window.focusWidget() is page.password_field.edit
    qtbot.keyClicks(page.password_field.edit, "parting is such sweet sorrow")

    with qtbot.waitSignal(page.password_entered) as entered:
        qtbot.keyClick(page.password_field.edit, Qt.Key.Key_Return)

    assert entered.args == ["parting is such sweet sorrow", True]


def test_pass_phrase_of_the_password_file_is_asked_for_in_the_window(
    qtbot: QtBot, window: MainWindow
) -> None:
    page = window.trouble_pages.password
    window.trouble_pages.show_pass_phrase(was_refused=True)
    assert page.accessibleName() == "The pass phrase does not fit"
    assert page.password_field.edit.accessibleName() == "Pass phrase"
    assert not page.keep_box.isVisible()
    qtbot.keyClicks(page.password_field.edit, "a rose by any other name")

    with qtbot.waitSignal(page.pass_phrase_entered) as entered:
        qtbot.keyClick(page.password_field.edit, Qt.Key.Key_Return)

    assert entered.args == ["a rose by any other name"]


def test_settings_apply_at_once_and_escape_leaves_them(qtbot: QtBot, window: MainWindow) -> None:
    page = window.settings_page
    qtbot.keyClick(window, Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    assert window.right_side.page is page

    with qtbot.waitSignal(page.values_changed) as changed:
        click(qtbot, page.enter_box)
    assert changed.args == [SettingsValues(does_enter_send=False)]

    page.theme_box.setFocus()
    with qtbot.waitSignal(page.values_changed) as changed:
        qtbot.keyClick(page.theme_box, Qt.Key.Key_Down)
    assert changed.args[0].theme is ThemeChoice.LIGHT
    qtbot.keyClick(page.theme_box, Qt.Key.Key_Escape)
    assert window.right_side.page is not page


def test_shortcut_sheet_names_every_shortcut(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.keyClick(window, Qt.Key.Key_F1)

    texts = {label.text() for label in window.shortcut_page.findChildren(QLabel)}
    registry = window.actions_of_program
    assert window.right_side.page is window.shortcut_page
    for entry in registry.entries:
        if entry.shortcut:
            assert {entry.text, registry.shortcut_text(entry.action_id)} <= texts


def test_no_shortcut_is_given_twice(window: MainWindow) -> None:
    keys = [action.shortcut().toString() for action in window.actions()]
    given = [key for key in keys if key]

    assert len(given) == len(set(given))


def test_f6_walks_all_parts_of_the_window_and_comes_back(
    qtbot: QtBot, window: MainWindow, office: OfficeView
) -> None:
    put_conversation(office, ROMEO, 9)
    qtbot.waitUntil(lambda: not window.left_pane.conversations.is_empty)
    window.show_conversation(ROMEO)
    window.left_pane.filter_edit.setFocus()
    walked = []
    for _ in range(4):
        qtbot.keyClick(window, Qt.Key.Key_F6)
        walked.append(window.focusWidget())

    assert walked == [
        window.left_pane.conversations.list,
        window.left_pane.people.list,
        window.right_side.page,
        window.left_pane.filter_edit,
    ]


def test_quitting_and_signing_out_are_left_to_the_program(qtbot: QtBot, window: MainWindow) -> None:
    with qtbot.waitSignal(window.action_triggered) as triggered:
        qtbot.keyClick(window, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)

    assert triggered.args == [ActionId.QUIT]


def test_closing_the_window_is_a_question_to_the_program(
    qtbot: QtBot, theme: Theme, office: OfficeView
) -> None:
    window = MainWindow(theme, office, settings=SettingsValues())
    window.show()

    with qtbot.waitSignal(window.close_requested):
        window.close()

    assert window.isVisible()
    window.hide()
    window.deleteLater()


def test_a_narrow_window_shows_one_pane_at_a_time(qtbot: QtBot, window: MainWindow) -> None:
    window.resize(640, 440)
    qtbot.waitUntil(lambda: not window.right_side.isVisible())

    window.show_conversation(ROMEO)
    assert not window.left_pane.isVisible()
    assert window.right_side.isVisible()

    window.right_side.back_requested.emit()
    assert window.left_pane.isVisible()


def test_first_in_the_office_is_told_so(
    qtbot: QtBot, window: MainWindow, office: OfficeView
) -> None:
    office.roster.replace_all(())

    assert window.left_pane.people.note.text == "You are the first here."
    with qtbot.waitSignal(window.left_pane.add_requested):
        click(qtbot, window.left_pane.people.note.button)


def test_own_strip_tells_status_and_end(window: MainWindow, office: OfficeView) -> None:
    end = datetime(2026, 5, 3, 12, 45).astimezone()
    office.own_presence.put(OwnPresence(Availability.AWAY, "Lunch", end))

    button = window.left_pane.own_strip.presence_button
    assert button.line.startswith("Lunch until 12:45")
    office.connection.put(ConnectionStatus(ConnectionPhase.OFFLINE))
    assert button.accessibleName() == "Your presence: Offline"


def test_office_server_is_shown_on_the_host_only(
    qtbot: QtBot, window: MainWindow, office: OfficeView
) -> None:
    chip = window.left_pane.office_chip
    assert not chip.isVisible()

    office.office_server.put(OfficeStatus(OfficePhase.RUNNING, "Capulet", 12))
    assert chip.text == "Office server: 12 connected"
    office.office_server.put(OfficeStatus(OfficePhase.STOPPED, "Capulet"))
    with qtbot.waitSignal(window.left_pane.office_start_requested):
        click(qtbot, chip.start_button)


def test_every_control_has_a_name(window: MainWindow, office: OfficeView) -> None:
    office.roster.put_request(ContactRequest(BareJid.parse("tybalt@capulet.internal")))
    window.show_contact(ROMEO)
    nameless = [
        control
        for kind in (QAbstractButton, QLineEdit)
        for control in window.findChildren(kind)
        if not (
            control.accessibleName() or (isinstance(control, QAbstractButton) and control.text())
        )
        and control.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not isinstance(control.parent(), QLineEdit)
        and control.isVisible()
    ]

    assert [f"{type(c).__name__} in {type(c.parent()).__name__}" for c in nameless] == []


def test_person_row_keeps_the_cursor_when_the_list_is_arranged_anew(
    window: MainWindow, office: OfficeView
) -> None:
    people = window.left_pane.people.list
    row = next(
        row
        for row in window.left_pane.people_model.rows
        if isinstance(row, PersonRow) and row.contact.jid == ROMEO
    )
    people.go_to(row.key)

    window.left_pane.people_model.filter("e")
    window.left_pane.people_model.filter("")

    assert people.current_row().key == row.key
