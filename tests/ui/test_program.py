"""The program of one profile from its start to its end, with everything that belongs to it."""

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QAbstractButton, QApplication

from communicator.app import Program
from communicator.state.account import Account
from communicator.state.connection import ConnectionPhase
from communicator.state.preferences import PasswordKeeping, Preferences
from communicator.state.presence import Availability, OwnPresence
from communicator.state.roster import Contact
from communicator.storage.database import Database
from communicator.storage.drafts import SqlDrafts
from communicator.storage.history import SqlHistory
from communicator.storage.preferences import PreferencesFile
from communicator.storage.profile_folder import ProfileFolder
from communicator.storage.roster_cache import SqlRosterCache
from communicator.ui.actions import ActionId
from communicator.ui.theme.theme import Theme
from tests.helpers.foreign_programs import free_port
from tests.helpers.private_authority import LOOPBACK
from tests.helpers.profile_data import JULIET, ROMEO, received
from tests.helpers.session_diary import until

Run = Callable[[Coroutine[Any, Any, None]], None]
pytestmark = [
    pytest.mark.starts_program,
    pytest.mark.qt_log_ignore("systemTrayWindowChanged"),  # of Qt itself, without a tray
]


@pytest.fixture(autouse=True)
def _no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    """The store of whoever runs the tests is left alone."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")


@pytest.fixture
def profile(tmp_path: Path) -> ProfileFolder:
    profile = ProfileFolder(tmp_path / "profile")
    profile.make()
    return profile


@pytest.fixture
def start(qapp: QApplication, theme: Theme) -> Callable[[ProfileFolder], Program]:
    return lambda profile: Program(application=qapp, profile=profile)


async def fill(profile: ProfileFolder) -> None:
    """Leave behind what a run of Romeo's leaves: an account, a message, a draft, a contact."""
    account = Account(ROMEO, display_name="Romeo", host=LOOPBACK, port=free_port())
    PreferencesFile(profile.preferences).save(
        Preferences(
            account=account,
            password_keeping=PasswordKeeping.SESSION_ONLY,
            presence=OwnPresence(Availability.AWAY, "banished"),
        )
    )
    database = Database(profile.database)
    await database.open()
    await database.use_account(ROMEO)
    await SqlHistory(database).add_received([received("Ay me!", origin_id="o1")])
    await SqlDrafts(database).save(JULIET, "What light")
    await SqlRosterCache(database).replace_all([Contact(JULIET, "Juliet", ("Capulet",))])
    await database.close()


def press(program: Program, text: str) -> None:
    window = program.window or program.welcome
    for button in window.findChildren(QAbstractButton):
        if button.text() == text and button.isVisible():
            button.click()
            return
    raise AssertionError(f"there is no button {text!r}")


def test_first_start_shows_the_welcome_and_ends_with_its_window(
    profile: ProfileFolder, start: Callable[[ProfileFolder], Program], run: Run
) -> None:
    async def scenario() -> None:
        program = start(profile)
        await program.start()
        assert program.welcome.isVisible()
        assert program.window is None
        program.welcome.close()
        assert program._ended.is_set()
        await program.close()

    run(scenario())


def test_lists_are_there_before_anything_is_connected_or_imported(
    profile: ProfileFolder, start: Callable[[ProfileFolder], Program], run: Run
) -> None:
    async def scenario() -> None:
        await fill(profile)
        program = start(profile)
        account = program.states.preferences.preferences.account
        program._show_window(account)
        assert program.services is None
        (row,) = program.window.left_pane.conversations_model.rows
        assert (row.conversation.preview, row.conversation.unread) == ("Ay me!", 1)
        assert row.conversation.draft == "What light"
        assert program.window.left_pane.people.count_text == "0 of 1 here"
        assert program.states.own_presence.presence.status == "banished"
        await program.close()

    run(scenario())


def test_conversation_opens_with_its_history_and_draft_though_the_server_is_away(
    profile: ProfileFolder, start: Callable[[ProfileFolder], Program], run: Run
) -> None:
    async def scenario() -> None:
        await fill(profile)
        program = start(profile)
        await program.start()
        await until(lambda: program.states.connection.status.phase is ConnectionPhase.STOPPED)
        assert program.window.trouble_pages.password.isVisible()  # kept for one run only
        press(program, "Stay offline")
        program.window.show_conversation(JULIET)
        await until(lambda: program.pane.composer.toPlainText() == "What light")
        assert program.services.chat.open(JULIET).message(0).body == "Ay me!"
        await program.close()

    run(scenario())


def test_draft_that_is_being_typed_survives_the_end_of_the_program(
    profile: ProfileFolder, start: Callable[[ProfileFolder], Program], run: Run
) -> None:
    async def scenario() -> None:
        await fill(profile)
        program = start(profile)
        await program.start()
        program.window.show_conversation(JULIET)
        await until(lambda: program.pane.composer.toPlainText() == "What light")
        program.pane.composer.insertPlainText(" through yonder window")
        await program.close()
        program = start(profile)
        await program.start()
        program.window.show_conversation(JULIET)
        await until(
            lambda: program.pane.composer.toPlainText() == "What light through yonder window"
        )
        await program.close()

    run(scenario())


def test_signing_out_forgets_the_account_and_leads_to_the_welcome(
    profile: ProfileFolder, start: Callable[[ProfileFolder], Program], run: Run
) -> None:
    async def scenario() -> None:
        await fill(profile)
        program = start(profile)
        await program.start()
        program.window.action_triggered.emit(ActionId.SIGN_OUT)
        await until(lambda: program.window is None)
        assert program.welcome.isVisible()
        assert program.states.roster.contacts == ()
        await program.close()
        assert PreferencesFile(profile.preferences).load().account is None

    run(scenario())


def test_damaged_data_is_told_where_the_user_looks(
    profile: ProfileFolder, start: Callable[[ProfileFolder], Program], run: Run
) -> None:
    async def scenario() -> None:
        await fill(profile)
        for file in profile.folder.glob(f"{profile.database.name}*"):
            file.write_bytes(b"no database at all" * 100)
        program = start(profile)
        await program.start()
        assert program.window.notice.text
        assert program.services is None
        press(program, "Quit")
        assert program._ended.is_set()
        await program.close()

    run(scenario())


def test_two_profiles_run_side_by_side(
    tmp_path: Path, start: Callable[[ProfileFolder], Program], run: Run
) -> None:
    async def scenario() -> None:
        profiles = [ProfileFolder(tmp_path / name) for name in ("one", "other")]
        for profile in profiles:
            profile.make()
            await fill(profile)
        programs = [start(profile) for profile in profiles]
        for program in programs:
            await program.start()
        for program, text in zip(programs, ("Soft!", "Ay me"), strict=True):
            program.services.chat.save_draft(JULIET, text)
        for program in programs:
            await program.close()
        for profile, text in zip(profiles, ("Soft!", "Ay me"), strict=True):
            database = Database(profile.database)
            await database.open()
            await database.use_account(ROMEO)
            kept = await SqlHistory(database).conversation(JULIET)
            assert kept.draft == text
            await database.close()

    run(scenario())
