"""The banner and the certificate page: what happened, what it means, what to do."""

from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from communicator.state.connection import (
    CertificateSummary,
    ConnectionPhase,
    ConnectionState,
    ConnectionStatus,
    ConnectionTrouble,
    TroubleKind,
)
from communicator.state.office import OfficePhase, OfficeState, OfficeStatus
from communicator.ui.connection.banner import ConnectionBanner
from communicator.ui.connection.certificate_page import CertificatePage
from communicator.ui.connection.trouble_texts import TroubleTexts
from communicator.ui.theme.theme import Theme

NOON = datetime(2026, 5, 3, 12, tzinfo=UTC)
HOST = "capulet.internal"
CERTIFICATE = CertificateSummary(
    subject=HOST,
    issuer="Capulet Office Authority",
    names=("verona.internal",),
    not_before=datetime(2024, 5, 3, tzinfo=UTC),
    not_after=datetime(2025, 5, 3, tzinfo=UTC),
    fingerprint="A1B2C3D4" * 8,
    pem="",
)


@pytest.fixture
def connection() -> ConnectionState:
    return ConnectionState()


@pytest.fixture
def office_server() -> OfficeState:
    return OfficeState()


@pytest.fixture
def banner(
    qtbot: QtBot, theme: Theme, connection: ConnectionState, office_server: OfficeState
) -> ConnectionBanner:
    connection.put(ConnectionStatus(ConnectionPhase.ONLINE))
    banner = ConnectionBanner(
        theme,
        connection,
        office_server,
        office="Capulet",
        account="juliet@capulet.internal",
        now=lambda: NOON,
    )
    qtbot.addWidget(banner)
    return banner


def waiting(kind: TroubleKind, seconds: int = 5) -> ConnectionStatus:
    trouble = ConnectionTrouble(kind, HOST, 5222, "errno 111")
    return ConnectionStatus(ConnectionPhase.WAITING, trouble, NOON + timedelta(seconds=seconds))


def plain(text: str) -> str:
    return text.replace("\u2068", "").replace("\u2069", "")


def test_banner_is_hidden_while_all_is_well(banner: ConnectionBanner) -> None:
    assert banner.text == ""


def test_lost_connection_is_told_with_the_seconds_to_the_next_try(
    qtbot: QtBot, banner: ConnectionBanner, connection: ConnectionState
) -> None:
    connection.put(waiting(TroubleKind.LOST))

    assert banner.text == "Connection lost. Next try in 5 s. Messages will be sent then."
    with qtbot.waitSignal(banner.retry_requested):
        button = next(b for b in banner._action_buttons.values() if not b.isHidden())
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    connection.put(ConnectionStatus(ConnectionPhase.ONLINE))
    assert banner.text == ""


@pytest.mark.parametrize(
    ("kind", "text", "action"),
    [
        (
            TroubleKind.UNKNOWN_HOST,
            'The server "capulet.internal" cannot be found. Next try in 5 s.',
            "Edit address",
        ),
        (
            TroubleKind.REFUSED,
            "The server does not answer on port 5222. A firewall may block it. Next try in 5 s.",
            "Try now",
        ),
        (
            TroubleKind.HOST_OFF,
            "The computer that hosts the office (capulet.internal) is off or out of reach."
            " Next try in 5 s.",
            "Try now",
        ),
        (
            TroubleKind.NO_NETWORK,
            "This computer is not connected to a network. Next try in 5 s.",
            None,
        ),
        (
            TroubleKind.WRONG_PASSWORD,
            "The password was not accepted. Next try in 5 s.",
            "Enter password",
        ),
        (
            TroubleKind.REPLACED,
            "You signed in on another window of this computer. Next try in 5 s.",
            "Sign in here",
        ),
        (
            TroubleKind.SERVER_STOPPING,
            "The office server is being restarted. Next try in 5 s.",
            None,
        ),
    ],
)
def test_each_trouble_has_its_words_and_its_action(
    banner: ConnectionBanner,
    connection: ConnectionState,
    kind: TroubleKind,
    text: str,
    action: str | None,
) -> None:
    connection.put(waiting(kind))

    offered = [b.text() for b in banner._action_buttons.values() if not b.isHidden()]
    assert plain(banner.text) == text
    assert offered == ([action] if action else [])


@pytest.mark.parametrize(
    ("office", "text", "actions"),
    [
        (
            OfficeStatus(OfficePhase.STOPPED),
            "The office on this computer is closed. Messages will be sent when it is open.",
            ["Start the office"],
        ),
        (
            OfficeStatus(OfficePhase.FAILED, failure="Port 5222 is taken by another program."),
            "Port 5222 is taken by another program.",
            ["Start the office"],
        ),
        (OfficeStatus(OfficePhase.STARTING), "The office is being opened...", []),
        (
            OfficeStatus(OfficePhase.RUNNING),
            "The server does not answer on port 5222. A firewall may block it. Next try in 5 s.",
            ["Try now"],
        ),
    ],
)
def test_host_is_told_of_the_own_office_and_not_of_the_consequence(
    banner: ConnectionBanner,
    connection: ConnectionState,
    office_server: OfficeState,
    office: OfficeStatus,
    text: str,
    actions: list[str],
) -> None:
    connection.put(waiting(TroubleKind.REFUSED))
    office_server.put(office)

    assert plain(banner.text) == text
    assert [b.text() for b in banner._action_buttons.values() if not b.isHidden()] == actions


def test_first_connection_is_told_only_after_a_second(
    qtbot: QtBot, banner: ConnectionBanner, connection: ConnectionState
) -> None:
    connection.put(ConnectionStatus(ConnectionPhase.CONNECTING))

    assert banner.text == ""
    banner._grace.timeout.emit()
    assert plain(banner.text) == "Connecting to Capulet..."


def test_report_holds_steps_and_reason(
    qtbot: QtBot, banner: ConnectionBanner, connection: ConnectionState
) -> None:
    connection.put(waiting(TroubleKind.REFUSED))
    banner.show()
    qtbot.mouseClick(banner._details_button, Qt.MouseButton.LeftButton)
    assert [name.accessibleName() for _icon, name in banner._step_rows][:4] == [
        "Network of this computer: done",
        "Name of the server: done",
        "Answer of the server: failed",
        "Encryption and certificate: not reached",
    ]

    qtbot.mouseClick(banner._copy_button, Qt.MouseButton.LeftButton)

    report = QGuiApplication.clipboard().text()
    assert "- Answer of the server: failed" in report
    assert "errno 111" in report
    assert "juliet@capulet.internal" in report


def test_every_trouble_has_a_sentence_without_words_of_the_protocol(theme: Theme) -> None:
    texts = TroubleTexts()
    for kind in TroubleKind:
        sentence = texts.sentence(ConnectionTrouble(kind, HOST, 5222))
        assert sentence.endswith(".")
        for word in ("JID", "stanza", "roster", "SASL", "TLS", "node"):
            assert word not in sentence


@pytest.mark.parametrize(
    ("kind", "title", "can_trust"),
    [
        (TroubleKind.CERTIFICATE_UNTRUSTED, "This server is not known yet", True),
        (TroubleKind.CERTIFICATE_CHANGED, "This is not the server you joined", False),
        (
            TroubleKind.CERTIFICATE_OTHER_NAME,
            'This certificate belongs to "verona.internal", not to "capulet.internal"',
            False,
        ),
        (TroubleKind.CERTIFICATE_WEAK, "The certificate is too weak", False),
        (TroubleKind.CERTIFICATE_EXPIRED, "The certificate ended on Saturday, 3 May 2025", False),
    ],
)
def test_each_certificate_case_has_its_title_and_its_way(
    qtbot: QtBot, theme: Theme, kind: TroubleKind, title: str, *, can_trust: bool
) -> None:
    page = CertificatePage(theme)
    qtbot.addWidget(page)

    page.show_trouble(ConnectionTrouble(kind, HOST, 5222, "", CERTIFICATE), is_office=True)

    shown = plain(page.accessibleName()).replace("Saturday, May 3, 2025", "Saturday, 3 May 2025")
    assert shown == title
    assert page._trust_button.isHidden() is not can_trust
    assert not page._trust_button.isEnabled()


def test_a_changed_foreign_server_is_trusted_by_typing_what_was_read(
    qtbot: QtBot, theme: Theme
) -> None:
    page = CertificatePage(theme)
    qtbot.addWidget(page)
    trouble = ConnectionTrouble(TroubleKind.CERTIFICATE_CHANGED, HOST, 5222, "", CERTIFICATE)
    page.show_trouble(trouble, is_office=False)
    page.show()

    qtbot.keyClicks(page._typed_field.edit, "a1b2 c3d")
    assert not page._trust_button.isEnabled()
    qtbot.keyClicks(page._typed_field.edit, "4")

    with qtbot.waitSignal(page.trust_requested) as trusted:
        qtbot.mouseClick(page._trust_button, Qt.MouseButton.LeftButton)
    assert trusted.args == [CERTIFICATE]
