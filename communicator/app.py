"""The composition root: builds everything once, in order, and takes it down again.

The window is shown from what the last run left behind before any service exists. What is slow to
import (slixmpp, SQLAlchemy, keyring) hangs on ``communicator.composition`` and comes after the
first paint, in a thread.
"""

import asyncio
import getpass
import importlib
import logging
import socket
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication

from communicator.hosting.errors import HostingError
from communicator.state.account import Account
from communicator.state.preferences import Preferences, PreferencesState
from communicator.state.program_states import States
from communicator.state.task_owner import TaskOwner
from communicator.storage.errors import CredentialError, StorageError
from communicator.storage.first_paint import read_first_paint
from communicator.storage.preferences import PreferencesFile
from communicator.storage.profile_folder import ProfileFolder
from communicator.ui.chat.chat_pane import ChatPane
from communicator.ui.main_window.left_pane import OfficeView
from communicator.ui.main_window.main_window import MainWindow
from communicator.ui.main_window.office_window import OfficeWindow
from communicator.ui.settings.values import SettingsValues
from communicator.ui.spoken import spoken
from communicator.ui.theme.theme import Theme
from communicator.ui.tray import QtTray
from communicator.ui.welcome.welcome_window import WelcomeWindow

if TYPE_CHECKING:
    from communicator.composition.late_parts import LateParts
    from communicator.composition.services import Services
    from communicator.composition.window_binding import BoundWindow, Controller

_log = logging.getLogger(__name__)


class Program:
    """The communicator of one profile, from its start to its end.

    Attributes:
        states: What it knows. services: What it does; None until they are built.
        welcome, window, pane: What is shown now; None if it is not.
    """

    def __init__(self, *, application: QApplication, profile: ProfileFolder) -> None:
        self.profile = profile
        self._preferences_file = PreferencesFile(profile.preferences)
        self.states = States(PreferencesState(self._preferences_file.load()))
        preferences = self.states.preferences
        self._forget_preferences = preferences.preferences_changed.connect(self._save_preferences)
        self.theme = Theme(application, preferences.preferences.theme)
        self.theme.scale_text(preferences.preferences.text_percent)
        self.services: Services | None = None
        self.welcome: WelcomeWindow | None = None
        self.window: MainWindow | None = None
        self.pane: ChatPane | None = None
        self._tray: QtTray | None = None
        self._bound: BoundWindow | None = None
        self._controllers: list[Controller] = []
        self._tasks = TaskOwner()
        self._late: LateParts
        self._ended = asyncio.Event()

    async def run(self) -> int:
        """Run until the user quits; return the exit status."""
        try:
            await self.start()
            await self._ended.wait()
        finally:
            await self.close()
        return 0

    def quit(self) -> None:
        """End ``run``."""
        self._ended.set()

    async def start(self) -> None:
        """Show the first window, then build what works behind it, and connect."""
        account = self.states.preferences.preferences.account
        if account is None:
            self._show_welcome()
        else:
            self._show_window(account)
        await asyncio.sleep(0)
        await self._import_late()
        try:
            self.services = await self._late.build_services(self.states, self.profile)
        except StorageError as error:
            self._tell_broken(error)
            return
        if account is None:
            self._bind_welcome()
        else:
            await self._enter(account)

    async def close(self) -> None:
        """Store what is not stored yet and end everything, in the reverse order of the start."""
        await self._tasks.stop()
        await self._leave()
        if self.services is not None:
            await self.services.office.close()
            await self.services.database.close()
        if self.welcome is not None:
            self.welcome.hide()
        self._forget_preferences()

    async def _import_late(self) -> None:
        """Import what is slow in a thread, so that the window is not held up."""
        await asyncio.to_thread(importlib.import_module, "communicator.composition.late_parts")
        from communicator.composition.late_parts import LateParts  # noqa: PLC0415 - see the docstring of this module

        self._late = LateParts()

    # -- the first run -----------------------------------------------------------------------------

    def _show_welcome(self) -> None:
        self.welcome = WelcomeWindow(
            self.theme,
            office_name=socket.gethostname().split(".")[0].title(),
            own_name=getpass.getuser().replace(".", " ").title(),
        )
        self.welcome.closed.connect(self._on_welcome_closed)
        self.welcome.show()

    def _bind_welcome(self) -> None:
        if self.welcome is not None and self.services is not None:
            controller = self._late.bind_welcome(self.welcome, self.services, self.profile)
            controller.finished.connect(self._on_welcome_finished)
            self._controllers.append(controller)

    def _on_welcome_closed(self) -> None:
        if self.window is None:
            self.quit()

    def _on_welcome_finished(self) -> None:
        account = self.states.preferences.preferences.account
        if account is not None:
            self._show_window(account)
            self._forget_welcome()
            self._tasks.spawn(self._enter(account), "enter the office")

    def _forget_welcome(self) -> None:
        if self.welcome is not None:
            self.welcome.hide()
            self.welcome.deleteLater()
            self.welcome = None

    # -- the main window ---------------------------------------------------------------------------

    def _show_window(self, account: Account) -> None:
        """Show the lists as they were at the last end, before anything is connected."""
        states, preferences = self.states, self.states.preferences.preferences
        first = read_first_paint(self.profile.database, account.jid)
        states.roster.replace_all(first.contacts)
        for conversation in first.conversations:
            states.conversations.put(conversation)
        states.own_presence.put(preferences.presence)
        view = OfficeView(
            address=str(account.jid),
            name=account.display_name or account.jid.localpart,
            office=account.office_name or account.jid.domainpart,
            roster=states.roster,
            conversations=states.conversations,
            own_presence=states.own_presence,
            connection=states.connection,
            office_server=states.office,
            is_office=account.is_office,
            is_host=account.office_folder is not None,
        )
        self.window = MainWindow(self.theme, view, settings=settings_of(preferences))
        self.pane = ChatPane(theme=self.theme)
        self._tray = QtTray(self.theme, self.window)
        self.window.show()

    async def _enter(self, account: Account) -> None:
        """Bind the window to the services and connect."""
        services = self.services
        if services is None:
            return
        try:
            await services.database.use_account(account.jid)
            self._bind_window(account, services)
            await services.chat.start()
            await services.roster.start()
        except StorageError as error:
            self._tell_broken(error)
            return
        services.presence.start()
        if self._bound is not None:
            account = await _with_office(account, services)
            await self._bound.connection.connect_account(account)

    def _bind_window(self, account: Account, services: "Services") -> None:
        if self.window is None or self.pane is None or self._tray is None:
            return
        shown = OfficeWindow(self.window, self.pane, self._tray)
        bound = self._late.bind_window(shown, account, self.states, services, self.theme)
        bound.program.quit_requested.connect(self.quit)
        bound.program.sign_out_requested.connect(self._on_sign_out)
        self._bound = bound
        self._controllers += bound.controllers
        bound.program.show_window()

    def _on_sign_out(self) -> None:
        self._tasks.spawn(self._sign_out(), "sign out")

    async def _sign_out(self) -> None:
        account = self.states.preferences.preferences.account
        if account is not None and self.services is not None:
            try:
                await self.services.passwords.forget(account.jid)
            except CredentialError as error:
                _log.warning("the password was not forgotten: %s", error)
        self._show_welcome()
        await self._leave()
        self.states.preferences.put(Preferences())
        self.states.roster.replace_all(())
        self._bind_welcome()

    async def _leave(self) -> None:
        """Take down what belongs to the account in use."""
        if self._bound is not None:
            self._bound.program.keep_geometry()
            self._bound = None
        while self._controllers:
            await self._controllers.pop().stop()
        if self.services is not None and self.window is not None:
            await self.services.chat.stop()
            await self.services.presence.stop()
            await self.services.roster.stop()
            await self.services.connection.stop()
        if self._tray is not None:
            self._tray.remove()
            self._tray = None
        if self.window is not None:
            self.window.hide()
            self.window.deleteLater()
            self.window = self.pane = None

    # -- others ------------------------------------------------------------------------------------

    def _save_preferences(self, preferences: Preferences) -> None:
        try:
            self._preferences_file.save(preferences)
        except StorageError as error:
            _log.warning("the preferences were not kept: %s", error)

    def _tell_broken(self, error: StorageError) -> None:
        """The data cannot be used: say so where the user looks, and go no further."""
        _log.error("%s", error)
        sentence = spoken(error)
        if self.window is not None:
            quit_text = QCoreApplication.translate("Program", "Quit")
            self.window.notice.tell(sentence, (quit_text, self.quit))
            self.window.close_requested.connect(self.quit)
        elif self.welcome is not None:
            self.welcome.show_fault(sentence)


def settings_of(preferences: Preferences) -> SettingsValues:
    """Return what the settings page shows for these preferences."""
    return SettingsValues(
        theme=preferences.theme,
        text_percent=preferences.text_percent,
        does_server_outlive_window=preferences.office_outlives_window,
        does_enter_send=preferences.does_enter_send,
        are_notifications_shown=preferences.are_notifications_shown,
    )


async def _with_office(account: Account, services: "Services") -> Account:
    """Start the office server that this computer hosts; return the account with its port."""
    try:
        return await services.office.start() or account
    except HostingError as error:
        _log.warning("the office server did not start: %s", error)
        return account
