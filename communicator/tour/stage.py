"""Two programs side by side, and what the tour does with them."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from communicator.app import Program
from communicator.composition.services import Services
from communicator.state.account import Account
from communicator.state.connection import ConnectionPhase
from communicator.storage.profile_folder import ProfileFolder
from communicator.tour.tour_errors import TourError
from communicator.ui.chat.chat_pane import ChatPane
from communicator.ui.main_window.main_window import MainWindow
from communicator.ui.welcome.welcome_window import WelcomeWindow
from shared_protocol.addresses import BareJid

T = TypeVar("T")

WAIT_SECONDS = 20.0
LOOK_SECONDS = 0.02


class Player:
    """Somebody at a computer: a program with a profile of its own, driven by its widgets."""

    def __init__(self, application: QApplication, folder: Path) -> None:
        self._application = application
        self._profile = ProfileFolder(folder)
        self._profile.make()
        self.program = Program(application=application, profile=self._profile)

    async def restart(self) -> None:
        """Quit the program and start it again with the same profile."""
        await self.program.close()
        self.program = Program(application=self._application, profile=self._profile)
        await self.program.start()

    @property
    def jid(self) -> BareJid:
        """The address of the account."""
        return self.account.jid

    @property
    def account(self) -> Account:
        """The account that the program remembers."""
        account = self.program.states.preferences.preferences.account
        if account is None:
            message = "there is no account"
            raise TourError(message)
        return account

    @property
    def services(self) -> Services:
        """What the program does."""
        return _there(self.program.services, "the services")

    @property
    def welcome(self) -> WelcomeWindow:
        """The window of the first run."""
        return _there(self.program.welcome, "the welcome window")

    @property
    def window(self) -> MainWindow:
        """The main window."""
        return _there(self.program.window, "the main window")

    @property
    def pane(self) -> ChatPane:
        """The open conversation."""
        return _there(self.program.pane, "the chat")

    @property
    def is_online(self) -> bool:
        """True while the program is connected."""
        return self.is_in(ConnectionPhase.ONLINE)

    def is_in(self, phase: ConnectionPhase) -> bool:
        """Return whether the connection stands there."""
        return self.program.states.connection.status.phase is phase

    def sees(self, jid: BareJid) -> bool:
        """Return whether somebody is shown as being there."""
        contact = self.program.states.roster.contact(jid)
        return contact is not None and contact.is_online

    def press(self, text: str) -> None:
        """Click the visible button with this text."""
        window: QWidget = self.program.window or self.welcome
        for button in window.findChildren(QAbstractButton):
            if button.text() == text and button.isVisible() and button.isEnabled():
                button.click()
                return
        message = f"there is no button {text!r}"
        raise TourError(message)

    async def write(self, text: str) -> None:
        """Write into the open conversation and send it."""
        composer = self.pane.composer
        composer.setPlainText(text)
        QTest.keyClick(composer, Qt.Key.Key_Return)
        await asyncio.sleep(0)


async def wait_for(is_there: Callable[[], bool], what: str) -> None:
    """Wait until the widgets or the state show something.

    Raises:
        TourError: It did not come.
    """
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            while not is_there():  # noqa: ASYNC110 - looks at widgets, which have no event
                await asyncio.sleep(LOOK_SECONDS)
    except TimeoutError:
        message = f"waited in vain for {what}"
        raise TourError(message) from None


def _there(value: T | None, what: str) -> T:
    if value is None:
        message = f"{what} is missing"
        raise TourError(message)
    return value
