"""Each trouble of a connection, provoked by a real server, as the user sees it and mends it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from communicator.services.clock import SystemClock
from communicator.services.connection_service import ConnectionService
from communicator.services.password_service import PasswordService
from communicator.session.slixmpp_session import SlixmppSession
from communicator.state.account import Account
from communicator.state.connection import ConnectionPhase, ConnectionState
from communicator.state.preferences import PasswordKeeping, Preferences, PreferencesState
from communicator.ui.controllers.connection_controller import ConnectionController
from communicator.ui.main_window.left_pane import OfficeView
from communicator.ui.main_window.main_window import MainWindow
from communicator.ui.settings.values import SettingsValues
from communicator.ui.theme.theme import Theme
from tests.helpers.credential_doubles import MemoryFile, SystemStore
from tests.helpers.foreign_programs import free_port
from tests.helpers.online_session import ROMEO
from tests.helpers.private_authority import LOOPBACK, IssuedCertificate, PrivateAuthority
from tests.helpers.scripted_server import DOMAIN, PASSWORD, Script, ScriptedPeer, scripted_server
from tests.helpers.session_diary import until

Run = Callable[[Coroutine[Any, Any, None]], None]
STREAM_ERROR = (
    "<stream:error><{} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>"
)


class Desk:
    """Romeo's window with the services of the connection behind it, and a session that is real."""

    def __init__(self, qtbot: QtBot, theme: Theme, view: OfficeView) -> None:
        view = replace(view, address=str(ROMEO), office="Montague", connection=ConnectionState())
        self.state = view.connection
        self.window = MainWindow(theme, view, settings=SettingsValues())
        qtbot.addWidget(self.window, before_close_func=lambda shown: shown.hide())
        self.preferences = PreferencesState()
        self.file = MemoryFile()
        self.store = SystemStore()
        self.passwords = PasswordService(
            system_store=self.store, open_file=self.file.open, preferences=self.preferences
        )
        self.session = SlixmppSession()
        self.service = ConnectionService(
            session=self.session,
            state=self.state,
            credentials=self.passwords,
            clock=SystemClock(),
        )
        self.remembered: list[Account] = []
        self.service.account_changed.connect(self.remembered.append)
        self.controller = ConnectionController(
            window=self.window,
            connection=self.service,
            passwords=self.passwords,
            office=view.office_server,
        )
        self.window.show()

    @property
    def banner(self) -> str:
        """What the banner says, without the marks that isolate names."""
        return plain(self.window.banner.text)

    @property
    def page(self) -> str:
        """Title of the page that covers the chat; empty if none does."""
        return plain(self.window.right_side.page.accessibleName())

    def offers(self) -> list[str]:
        """The buttons of the banner."""
        buttons = self.window.banner.findChildren(QAbstractButton)
        return [button.text() for button in buttons if button.isVisible()]

    def press(self, text: str) -> None:
        """Click the visible button with this text."""
        for button in self.window.findChildren(QAbstractButton):
            if button.text() == text and button.isVisible() and button.isEnabled():
                button.click()
                return
        raise AssertionError(f"there is no button {text!r}")

    def report(self) -> str:
        """Press *Copy report*; return what was copied."""
        self.press("Copy report")
        return QGuiApplication.clipboard().text()

    async def connect(self, account: Account, password: str = PASSWORD) -> None:
        await self.store.put(ROMEO, password)
        await self.controller.connect_account(account)

    async def has(self, phase: ConnectionPhase) -> None:
        await until(lambda: self.state.status.phase is phase)

    async def end(self) -> None:
        await self.controller.stop()
        await self.service.stop()


@pytest.fixture
def desk(qtbot: QtBot, theme: Theme, office: OfficeView) -> Desk:
    return Desk(qtbot, theme, office)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> PrivateAuthority:
    return PrivateAuthority(tmp_path_factory.mktemp("authority"))


def plain(text: str) -> str:
    return text.replace("\u2068", "").replace("\u2069", "")


async def welcome(peer: ScriptedPeer) -> None:
    await peer.welcome()


def saying(condition: str) -> Script:
    """A server that ends the first session with a stream error (RFC 6120, section 4.9.3)."""
    told: list[bool] = []

    async def script(peer: ScriptedPeer) -> None:
        await peer.welcome()
        if not told:
            told.append(True)
            await peer.send(STREAM_ERROR.format(condition))

    return script


@asynccontextmanager
async def server(
    authority: PrivateAuthority,
    script: Script = welcome,
    certificate: IssuedCertificate | None = None,
) -> AsyncIterator[Account]:
    """A server on the loopback interface, and the account that trusts it."""
    async with scripted_server(script, certificate or authority.issue(DOMAIN)) as running:
        yield Account(ROMEO, host=LOOPBACK, port=running.port, authority_pem=authority.pem)


def test_name_that_nobody_has_can_be_mended_in_the_window(
    desk: Desk, run: Run, authority: PrivateAuthority, qtbot: QtBot
) -> None:
    async def scenario() -> None:
        async with server(authority) as right:
            await desk.connect(replace(right, host="office.invalid"))
            await desk.has(ConnectionPhase.WAITING)
            assert desk.banner.startswith('The server "office.invalid" cannot be found. Next try')
            assert desk.offers() == ["Edit address", "Details"]
            desk.press("Edit address")
            page = desk.window.trouble_pages.address
            assert desk.page == "Where is the server?"
            assert page.host_field.text == "office.invalid"
            page.host_field.edit.setText(LOOPBACK)
            qtbot.keyClick(page.port_field.edit, Qt.Key.Key_Return)
            await desk.has(ConnectionPhase.ONLINE)
            assert desk.remembered == [right]
            assert not page.isVisible()
            assert desk.banner == ""
            await desk.end()

    run(scenario())


def test_port_that_is_none_is_not_taken(desk: Desk, run: Run, qtbot: QtBot) -> None:
    async def scenario() -> None:
        await desk.connect(Account(ROMEO, host=LOOPBACK, port=free_port()))
        await desk.has(ConnectionPhase.WAITING)
        desk.window.banner.address_edit_requested.emit()
        page = desk.window.trouble_pages.address
        page.port_field.edit.setText("70000")
        desk.press("Connect")
        assert page.port_field.edit.accessibleDescription() == "1 to 65535"
        assert desk.remembered == []
        desk.press("Cancel")
        assert not page.isVisible()
        await desk.end()

    run(scenario())


def test_server_that_does_not_answer_names_the_port_and_is_tried_at_once_on_demand(
    desk: Desk, run: Run, authority: PrivateAuthority
) -> None:
    port = free_port()

    async def scenario() -> None:
        await desk.connect(Account(ROMEO, host=LOOPBACK, port=port, authority_pem=authority.pem))
        await desk.has(ConnectionPhase.WAITING)
        assert desk.banner.startswith(
            f"The server does not answer on port {port}. A firewall may block it. Next try in"
        )
        assert desk.offers() == ["Try now", "Details"]
        desk.press("Details")
        report = desk.report()
        assert "- Name of the server: done" in report
        assert "- Answer of the server: failed" in report
        assert "- Encryption and certificate: not reached" in report
        assert f"Server: {LOOPBACK}, port {port}" in report
        await desk.has(ConnectionPhase.WAITING)
        desk.press("Try now")
        await desk.has(ConnectionPhase.CONNECTING)
        await desk.end()

    run(scenario())


def test_wrong_password_is_asked_for_and_is_in_no_report(
    desk: Desk, run: Run, authority: PrivateAuthority, qtbot: QtBot
) -> None:
    async def scenario() -> None:
        async with server(authority) as account:
            await desk.connect(account, "parting is such sweet sorrow")
            await desk.has(ConnectionPhase.STOPPED)
            assert desk.page == "The password was not accepted"
            desk.press("Stay offline")
            assert desk.banner == "The password was not accepted."
            assert desk.offers() == ["Enter password", "Details"]
            desk.press("Details")
            report = desk.report()
            assert "- Name and password: failed" in report
            assert "parting" not in report
            desk.press("Enter password")
            field = desk.window.trouble_pages.password.password_field
            qtbot.keyClicks(field.edit, PASSWORD)
            qtbot.keyClick(field.edit, Qt.Key.Key_Return)
            await desk.has(ConnectionPhase.ONLINE)
            await until(lambda: desk.banner == "" and not desk.page)
            assert await desk.store.password(ROMEO) == PASSWORD
            await desk.end()

    run(scenario())


def test_session_that_was_taken_over_is_taken_back_only_on_demand(
    desk: Desk, run: Run, authority: PrivateAuthority
) -> None:
    async def scenario() -> None:
        async with server(authority, saying("conflict")) as account:
            await desk.connect(account)
            await desk.has(ConnectionPhase.STOPPED)
            assert desk.banner == "You signed in on another window of this computer."
            assert desk.offers() == ["Sign in here", "Details"]
            desk.press("Sign in here")
            await desk.has(ConnectionPhase.ONLINE)
            assert desk.banner == ""
            await desk.end()

    run(scenario())


def test_server_that_restarts_is_waited_for(
    desk: Desk, run: Run, authority: PrivateAuthority
) -> None:
    async def scenario() -> None:
        async with server(authority, saying("system-shutdown")) as account:
            await desk.connect(account)
            await desk.has(ConnectionPhase.WAITING)
            assert desk.banner.startswith("The office server is being restarted.")
            assert desk.offers() == ["Details"]
            await desk.service.retry_now()
            await desk.has(ConnectionPhase.ONLINE)
            await desk.end()

    run(scenario())


def test_lost_connection_says_what_becomes_of_messages(
    desk: Desk, run: Run, authority: PrivateAuthority
) -> None:
    async def script(peer: ScriptedPeer) -> None:
        await peer.welcome()
        peer.abort()

    async def scenario() -> None:
        async with server(authority, script) as account:
            await desk.connect(account)
            await desk.has(ConnectionPhase.WAITING)
            assert desk.banner.startswith("Connection lost. Next try in")
            assert desk.banner.endswith("Messages will be sent then.")
            assert desk.offers() == ["Try now", "Details"]
            await desk.end()

    run(scenario())


def test_unknown_server_is_trusted_after_comparing_for_this_account_alone(
    desk: Desk, run: Run, authority: PrivateAuthority
) -> None:
    async def scenario() -> None:
        async with server(authority) as account:
            await desk.connect(replace(account, authority_pem=None))
            await desk.has(ConnectionPhase.STOPPED)
            assert desk.page == "This server is not known yet"
            desk.press("The fingerprint is the same")
            desk.press("Trust this server")
            await desk.has(ConnectionPhase.ONLINE)
            assert desk.remembered == [account]
            await desk.end()

    run(scenario())


@pytest.mark.parametrize("is_office", [True, False])
def test_another_authority_than_before_is_no_office_and_elsewhere_is_typed(
    desk: Desk, run: Run, authority: PrivateAuthority, tmp_path: Path, *, is_office: bool
) -> None:
    impostor = PrivateAuthority(tmp_path, authority.name)

    async def scenario() -> None:
        async with server(authority, certificate=impostor.issue(DOMAIN)) as account:
            desk.window.trouble_pages._is_office = is_office
            await desk.connect(replace(account, is_office=is_office))
            await desk.has(ConnectionPhase.STOPPED)
            assert desk.page == "This is not the server you joined"
            page = desk.window.trouble_pages.certificate
            assert page._typed_field.isVisible() is not is_office
            assert page._trust_button.isVisible() is not is_office
            if is_office:
                await desk.service.trust_certificate()  # whoever asks for it
                assert desk.remembered == []
            else:
                shown = desk.state.status.trouble.certificate.fingerprint
                page._typed_field.edit.setText(shown[:8])
                page._typed_field.edit.textEdited.emit(shown[:8])
                desk.press("Trust this server")
                await desk.has(ConnectionPhase.ONLINE)
                assert desk.remembered[0].authority_pem == impostor.pem
            await desk.end()

    run(scenario())


def test_certificate_of_another_name_leads_to_the_address(
    desk: Desk, run: Run, authority: PrivateAuthority
) -> None:
    async def scenario() -> None:
        async with server(authority, certificate=authority.issue("capulet.lit")) as account:
            await desk.connect(account)
            await desk.has(ConnectionPhase.STOPPED)
            assert desk.page == f'This certificate belongs to "capulet.lit", not to "{DOMAIN}"'
            desk.press("Edit address")
            assert desk.page == "Where is the server?"
            assert desk.window.trouble_pages.address.port_field.text == str(account.port)
            await desk.end()

    run(scenario())


@pytest.mark.parametrize("is_pinned", [True, False])
def test_certificate_out_of_its_time_is_accepted_only_where_it_was_compared(
    desk: Desk, run: Run, authority: PrivateAuthority, *, is_pinned: bool
) -> None:
    begins = datetime.now(UTC) - timedelta(days=10)
    old = authority.issue(DOMAIN, begins=begins, days=5)

    async def scenario() -> None:
        async with server(authority, certificate=old) as account:
            if not is_pinned:
                await desk.connect(replace(account, authority_pem=None))
                await desk.has(ConnectionPhase.STOPPED)
                assert not desk.window.trouble_pages.certificate._trust_button.isEnabled()
                await desk.end()
                return
            await desk.connect(account)
            await desk.has(ConnectionPhase.STOPPED)
            assert desk.page.startswith("The certificate ended on ")
            desk.press("The fingerprint is the same")
            desk.press("Trust this server")
            await desk.has(ConnectionPhase.ONLINE)
            assert desk.remembered == [replace(account, are_dates_ignored=True)]
            await desk.end()

    run(scenario())


def test_weak_key_is_never_trusted(desk: Desk, run: Run, authority: PrivateAuthority) -> None:
    weak = authority.issue(DOMAIN, rsa_bits=1024)

    async def scenario() -> None:
        async with server(authority, certificate=weak) as account:
            await desk.connect(account)
            await desk.has(ConnectionPhase.STOPPED)
            assert desk.page == "The certificate is too weak"
            assert not desk.window.trouble_pages.certificate._trust_button.isVisible()
            await desk.end()

    run(scenario())


def test_pass_phrase_comes_before_the_connection(
    desk: Desk, run: Run, authority: PrivateAuthority, qtbot: QtBot
) -> None:
    async def scenario() -> None:
        async with server(authority) as account:
            file = desk.file.open("it is the east")
            await file.put(ROMEO, PASSWORD)
            desk.preferences.put(Preferences(password_keeping=PasswordKeeping.ENCRYPTED_FILE))
            await desk.controller.connect_account(account)
            page = desk.window.trouble_pages.password
            assert desk.page == "Your pass phrase, please"
            for phrase in ("it is the west", "it is the east"):
                qtbot.keyClicks(page.password_field.edit, phrase)
                qtbot.keyClick(page.password_field.edit, Qt.Key.Key_Return)
                await until(lambda: not page.password_field.text)
                if phrase.endswith("west"):
                    await until(lambda: desk.page == "The pass phrase does not fit")
            await desk.has(ConnectionPhase.ONLINE)
            await desk.end()

    run(scenario())


def test_first_connection_is_told_when_it_takes_a_second(
    desk: Desk, run: Run, authority: PrivateAuthority
) -> None:
    is_over = asyncio.Event()

    async def script(peer: ScriptedPeer) -> None:
        await is_over.wait()
        await peer.welcome()

    async def scenario() -> None:
        async with server(authority, script) as account:
            await desk.connect(account)
            await desk.has(ConnectionPhase.CONNECTING)
            assert desk.banner == ""
            await until(lambda: desk.banner == "Connecting to Montague...")
            is_over.set()
            await desk.has(ConnectionPhase.ONLINE)
            assert desk.banner == ""
            await desk.end()

    run(scenario())


def test_settings_show_the_place_and_the_trust_and_take_the_trust_back(
    desk: Desk, run: Run, authority: PrivateAuthority
) -> None:
    async def scenario() -> None:
        async with server(authority) as account:
            await desk.connect(account)
            await desk.has(ConnectionPhase.ONLINE)
            page = desk.window.settings_page
            desk.window.show_settings()
            assert page._server_text.text() == f"{LOOPBACK}, port {account.port}"
            assert len(page._trust_text.text().split()) == 16
            desk.press("Change...")
            assert desk.page == "Where is the server?"
            desk.window.show_settings()
            desk.press("Forget")
            await desk.has(ConnectionPhase.STOPPED)
            assert desk.page == "This server is not known yet"
            assert desk.remembered[0].authority_pem is None
            assert not page.forget_button.isVisibleTo(page)
            await desk.end()

    run(scenario())
