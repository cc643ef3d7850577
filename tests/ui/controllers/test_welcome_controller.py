"""The first run from the form to an account that works, with the services behind it."""

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from communicator.services.account_service import AccountService
from communicator.services.office_service import OfficeService
from communicator.services.password_service import PasswordService
from communicator.services.ports import SystemCredentialStore
from communicator.state.connection import ConnectionTrouble, TroubleKind
from communicator.state.office import OfficeState, OfficeStatus
from communicator.state.preferences import PreferencesState
from communicator.ui.controllers.welcome_controller import WelcomeController
from communicator.ui.theme.theme import Theme
from communicator.ui.welcome.form_page import FormPage
from communicator.ui.welcome.requests import SignInRequest
from communicator.ui.welcome.welcome_window import WelcomeWindow
from tests.helpers.certificate_summaries import certificate_summary
from tests.helpers.credential_doubles import MemoryFile, MissingSystemStore, SystemStore
from tests.helpers.hosting_double import MemoryHosting
from tests.helpers.session_diary import until
from tests.helpers.session_doubles import HandClock, MemorySession

FOLDER = Path("/verona/office")
PORT_TAKEN = "Port 5222 is taken by another program."
SIGN_IN = SignInRequest("romeo@montague.lit", "wherefore")
Run = Callable[[Coroutine[Any, Any, None]], None]


class FirstRun:
    """The window of the first run on real services, with a session and a server in memory."""

    def __init__(self, qtbot: QtBot, theme: Theme, store: SystemCredentialStore) -> None:
        self.session = MemorySession()
        self.hosting = MemoryHosting()
        self.preferences = PreferencesState()
        self.office_state = OfficeState()
        passwords = PasswordService(
            system_store=store, open_file=MemoryFile().open, preferences=self.preferences
        )
        self.window = WelcomeWindow(theme, office_name="Montague", own_name="Romeo")
        qtbot.addWidget(self.window)
        self.office = OfficeService(
            state=self.office_state,
            hosting=self.hosting,
            preferences=self.preferences,
            clock=HandClock(),
        )
        self.controller = WelcomeController(
            window=self.window,
            accounts=AccountService(
                session=self.session, passwords=passwords, preferences=self.preferences
            ),
            office=self.office,
            office_folder=FOLDER,
        )
        self.finished: list[bool] = []
        self.controller.finished.connect(lambda: self.finished.append(True))
        self.window.show()

    @property
    def address(self) -> str:
        """The account that is remembered; empty if none is."""
        account = self.preferences.preferences.account
        return str(account.jid) if account is not None else ""

    def press(self, text: str) -> None:
        """Click the visible button with this text."""
        for button in self.window.findChildren(QAbstractButton):
            if button.text() == text and button.isVisible() and button.isEnabled():
                button.click()
                return
        raise AssertionError(f"there is no button {text!r}")

    def open_form(self, form: FormPage) -> None:
        choices = self.window.choices_page
        buttons = {
            self.window.start_form: choices.start_button,
            self.window.join_form: choices.join_button,
            self.window.sign_in_form: choices.sign_in_button,
        }
        buttons[form].click()

    async def end(self) -> None:
        await self.controller.stop()
        await self.office.close()


@pytest.fixture
def first_run(qtbot: QtBot, theme: Theme) -> FirstRun:
    return FirstRun(qtbot, theme, SystemStore())


@pytest.fixture
def first_run_without_store(qtbot: QtBot, theme: Theme) -> FirstRun:
    return FirstRun(qtbot, theme, MissingSystemStore())


def test_office_is_open_after_one_form(first_run: FirstRun, run: Run) -> None:
    async def scenario() -> None:
        first_run.open_form(first_run.window.start_form)
        first_run.press("Open the office")
        await until(lambda: first_run.finished)
        await first_run.end()

    run(scenario())
    assert first_run.address == "romeo@montague.internal"
    assert first_run.hosting.unfinished == set()


def test_office_that_does_not_start_says_why_and_starts_at_the_second_try(
    first_run: FirstRun, run: Run
) -> None:
    async def scenario() -> None:
        form = first_run.window.start_form
        first_run.hosting.failure = PORT_TAKEN
        first_run.open_form(form)
        first_run.press("Open the office")
        await until(lambda: form.fault)
        assert form.fault == PORT_TAKEN
        first_run.hosting.failure = ""
        first_run.press("Open the office")
        await until(lambda: first_run.finished)
        await first_run.end()

    run(scenario())
    assert first_run.address == "romeo@montague.internal"


def test_office_is_removed_when_the_question_for_the_password_is_not_answered(
    first_run_without_store: FirstRun, run: Run
) -> None:
    first_run = first_run_without_store

    async def scenario() -> None:
        first_run.open_form(first_run.window.start_form)
        first_run.press("Open the office")
        await until(first_run.window.keeping_page.isVisible)
        assert list(first_run.hosting.offices) == [FOLDER]
        first_run.window.keeping_page.back_requested.emit()
        await until(lambda: not first_run.hosting.offices)
        await first_run.end()

    run(scenario())
    assert first_run.window.start_form.isVisible()
    assert first_run.finished == []
    assert first_run.office_state.status == OfficeStatus()


def test_password_is_kept_where_the_user_chose(
    first_run_without_store: FirstRun, run: Run, qtbot: QtBot
) -> None:
    first_run = first_run_without_store

    async def scenario() -> None:
        first_run.window.sign_in_requested.emit(SIGN_IN)
        page = first_run.window.keeping_page
        await until(page.isVisible)
        for field in (page.phrase_field, page.again_field):
            qtbot.keyClicks(field.edit, "parting is sweet")
        qtbot.keyClick(page.again_field.edit, Qt.Key.Key_Return)
        await until(lambda: first_run.finished)
        await first_run.end()

    run(scenario())
    assert first_run.address == "romeo@montague.lit"
    assert first_run.preferences.preferences.password_keeping.value == "encrypted-file"


def test_sign_in_that_is_given_up_remembers_nothing(first_run: FirstRun, run: Run) -> None:
    async def scenario() -> None:
        form = first_run.window.sign_in_form
        first_run.open_form(form)
        first_run.session.hangs = True
        first_run.window.sign_in_requested.emit(SIGN_IN)
        await until(lambda: first_run.session.logins)
        form.cancel_requested.emit()
        assert form.submit_button.isEnabled()
        first_run.session.hangs = False
        first_run.window.sign_in_requested.emit(SignInRequest("juliet@capulet.lit", "wherefore"))
        await until(lambda: first_run.finished)
        await first_run.end()

    run(scenario())
    assert first_run.address == "juliet@capulet.lit"
    assert first_run.finished == [True]


def test_wrong_password_is_said_on_the_form(first_run: FirstRun, run: Run) -> None:
    async def scenario() -> None:
        form = first_run.window.join_form
        first_run.session.answers = [ConnectionTrouble(TroubleKind.WRONG_PASSWORD)]
        first_run.open_form(form)
        for field, text in (
            (form.office_field, "montague.internal"),
            (form.name_field, "Romeo"),
            (form.password_field, "wherefore"),
        ):
            field.edit.setText(text)
        first_run.press("Join")
        await until(lambda: form.fault)
        assert form.fault == "The password was not accepted."
        first_run.press("Join")
        await until(lambda: first_run.finished)
        await first_run.end()

    run(scenario())
    assert first_run.address == "romeo@montague.internal"
    assert first_run.session.logins[0][1] == "wherefore"


@pytest.mark.parametrize("address", ["romeo@@montague.lit", "@montague.lit", "romeo@mont ague.lit"])
def test_address_that_cannot_be_is_said_on_the_form(first_run: FirstRun, address: str) -> None:
    first_run.window.sign_in_requested.emit(SignInRequest(address, "wherefore"))

    assert "no address" in first_run.window.join_form.fault
    assert first_run.session.logins == []


def test_certificate_is_compared_before_the_password_is_sent(first_run: FirstRun, run: Run) -> None:
    """The second try pins what the user has compared."""
    unknown = ConnectionTrouble(
        TroubleKind.CERTIFICATE_UNTRUSTED, certificate=certificate_summary(pem="pinned")
    )

    async def scenario() -> None:
        first_run.session.answers = [unknown, unknown]
        first_run.window.sign_in_requested.emit(SIGN_IN)
        await until(first_run.window.certificate_page.isVisible)
        first_run.press("Try again")
        await until(lambda: len(first_run.session.logins) == 2)
        first_run.press("The fingerprint is the same")
        first_run.press("Trust this server")
        await until(lambda: first_run.finished)
        await first_run.end()

    run(scenario())
    pins = [account.authority_pem for account, _ in first_run.session.logins]
    assert pins == [None, None, "pinned"]
    assert first_run.preferences.preferences.account.authority_pem == "pinned"
