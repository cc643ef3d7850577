"""The first run, as a newcomer sees it."""

from datetime import UTC, datetime

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from communicator.state.connection import CertificateSummary, ConnectionTrouble, TroubleKind
from communicator.state.preferences import PasswordKeeping
from communicator.ui.connection.certificate_page import grouped_fingerprint
from communicator.ui.theme.theme import Theme
from communicator.ui.welcome.requests import (
    JoinOfficeRequest,
    PasswordKeepingChoice,
    SignInRequest,
    StartOfficeRequest,
)
from communicator.ui.welcome.welcome_window import WelcomeWindow

FINGERPRINT = "A13F09C27B5EDD1054C7729E1B0A66F3" * 2
CERTIFICATE = CertificateSummary(
    subject="capulet.internal",
    issuer="Capulet Office Authority",
    names=("capulet.internal",),
    not_before=datetime(2026, 5, 3, tzinfo=UTC),
    not_after=datetime(2027, 6, 3, tzinfo=UTC),
    fingerprint=FINGERPRINT,
    pem="",
)


@pytest.fixture
def window(qtbot: QtBot, theme: Theme) -> WelcomeWindow:
    window = WelcomeWindow(theme, office_name="Montague", own_name="Romeo")
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    return window


def click(qtbot: QtBot, button: QWidget) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_newcomer_sees_three_choices_and_the_first_has_the_focus(window: WelcomeWindow) -> None:
    names = [
        button.accessibleName()
        for button in window.choices_page.findChildren(QAbstractButton)
        if button.isVisible()
    ]

    assert names == [
        "Join an office",
        "Start an office on this computer",
        "Sign in with an XMPP address",
    ]
    assert window.focusWidget() is window.choices_page.join_button


def test_an_office_is_started_by_two_clicks_with_the_proposed_names(
    qtbot: QtBot, window: WelcomeWindow
) -> None:
    click(qtbot, window.choices_page.start_button)
    with qtbot.waitSignal(window.start_office_requested) as asked:
        click(qtbot, window.start_form.submit_button)

    assert asked.args == [StartOfficeRequest("Montague", "Romeo")]


def test_an_office_without_a_name_is_not_started(qtbot: QtBot, window: WelcomeWindow) -> None:
    click(qtbot, window.choices_page.start_button)
    window.start_form.office_field.edit.clear()

    with qtbot.assertNotEmitted(window.start_office_requested):
        click(qtbot, window.start_form.submit_button)

    assert window.focusWidget() is window.start_form.office_field.edit
    assert window.start_form.office_field.edit.accessibleDescription() == (
        "The office needs a name."
    )


def test_an_office_is_joined_by_keys_alone(qtbot: QtBot, window: WelcomeWindow) -> None:
    qtbot.keyClick(window.choices_page.join_button, Qt.Key.Key_Space)
    for text in ("capulet.internal", "romeo", "wherefore art thou"):
        field = window.focusWidget()
        assert isinstance(field, QLineEdit)
        qtbot.keyClicks(field, text)
        if field is not window.join_form.password_field.edit:
            qtbot.keyClick(field, Qt.Key.Key_Return)

    with qtbot.waitSignal(window.join_office_requested) as asked:
        qtbot.keyClick(window.join_form.password_field.edit, Qt.Key.Key_Return)

    assert asked.args == [JoinOfficeRequest("capulet.internal", "romeo", "wherefore art thou")]
    assert "wherefore" not in repr(asked.args)


def test_a_port_that_is_none_is_shown_and_nothing_is_asked(
    qtbot: QtBot, window: WelcomeWindow
) -> None:
    click(qtbot, window.choices_page.sign_in_button)
    form = window.sign_in_form
    form.address_field.put_text("romeo@montague.lit")
    form.password_field.put_text("secret")
    form.server_fields.port_field.put_text("70000")

    with qtbot.assertNotEmitted(window.sign_in_requested):
        click(qtbot, form.submit_button)

    assert form.server_fields.port_field.isVisible()


def test_a_sign_in_tells_address_password_and_server(qtbot: QtBot, window: WelcomeWindow) -> None:
    click(qtbot, window.choices_page.sign_in_button)
    form = window.sign_in_form
    form.address_field.put_text(" romeo@montague.lit ")
    form.password_field.put_text(" secret ")
    form.server_fields.host_field.put_text("xmpp.montague.lit")
    form.server_fields.port_field.put_text("5223")

    with qtbot.waitSignal(window.sign_in_requested) as asked:
        click(qtbot, form.submit_button)

    assert asked.args == [
        SignInRequest("romeo@montague.lit", " secret ", "xmpp.montague.lit", 5223)
    ]


def test_busy_form_waits_and_a_fault_gives_it_back(qtbot: QtBot, window: WelcomeWindow) -> None:
    click(qtbot, window.choices_page.start_button)
    window.show_busy("Starting the office server...")
    assert not window.start_form.submit_button.isEnabled()

    window.show_fault("Port 5222 is taken. Stop the other server.")

    assert window.start_form.submit_button.isEnabled()
    assert window.start_form.fault == "Port 5222 is taken. Stop the other server."


def test_pass_phrases_must_be_long_and_the_same(qtbot: QtBot, window: WelcomeWindow) -> None:
    window.show_password_keeping()
    page = window.keeping_page
    with qtbot.assertNotEmitted(window.password_keeping_chosen):
        page.phrase_field.put_text("short")
        click(qtbot, page.submit_button)
        page.phrase_field.put_text("a rose by any other name")
        page.again_field.put_text("a rose by another name")
        click(qtbot, page.submit_button)
    page.again_field.put_text("a rose by any other name")

    with qtbot.waitSignal(window.password_keeping_chosen) as chosen:
        click(qtbot, page.submit_button)

    expected = PasswordKeepingChoice(PasswordKeeping.ENCRYPTED_FILE, "a rose by any other name")
    assert chosen.args == [expected]


def test_password_for_this_session_needs_no_pass_phrase(
    qtbot: QtBot, window: WelcomeWindow
) -> None:
    window.show_password_keeping()
    window.keeping_page.session_choice.setChecked(True)

    with qtbot.waitSignal(window.password_keeping_chosen) as chosen:
        click(qtbot, window.keeping_page.submit_button)

    assert chosen.args == [PasswordKeepingChoice(PasswordKeeping.SESSION_ONLY)]
    assert not window.keeping_page.phrase_field.isVisible()


def test_a_server_is_trusted_only_after_the_comparison(qtbot: QtBot, window: WelcomeWindow) -> None:
    page = window.certificate_page
    trouble = ConnectionTrouble(
        TroubleKind.CERTIFICATE_UNTRUSTED, "capulet.internal", certificate=CERTIFICATE
    )
    window.show_certificate(trouble)
    assert not page._trust_button.isEnabled()

    qtbot.keyClick(page._same_box, Qt.Key.Key_Space)
    with qtbot.waitSignal(window.certificate_trusted) as trusted:
        click(qtbot, page._trust_button)

    assert trusted.args == [CERTIFICATE]


def test_fingerprint_is_shown_in_groups_of_four() -> None:
    lines = grouped_fingerprint(FINGERPRINT).splitlines()

    assert lines == ["A13F 09C2 7B5E DD10 54C7 729E 1B0A 66F3"] * 2


def test_every_control_of_every_page_has_a_name(window: WelcomeWindow) -> None:
    kinds = (QAbstractButton, QLineEdit)
    nameless = [
        control
        for kind in kinds
        for control in window.findChildren(kind)
        if not (
            control.accessibleName() or (isinstance(control, QAbstractButton) and control.text())
        )
        and control.focusPolicy() is not Qt.FocusPolicy.NoFocus
    ]

    assert nameless == []
