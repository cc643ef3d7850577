"""The first run: start an office, join one, or sign in; ends with an account that works."""

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from communicator.hosting.errors import HostingError
from communicator.services.account_service import (
    AccountService,
    SignInStep,
    account_in_office,
    account_with_address,
    spoken_name,
)
from communicator.services.connection_service import trusting
from communicator.services.office_service import OfficeService
from communicator.session.errors import SessionError
from communicator.state.account import Account
from communicator.state.connection import CertificateSummary, ConnectionTrouble
from communicator.state.preferences import PasswordKeeping
from communicator.state.task_owner import TaskOwner
from communicator.storage.errors import CredentialError
from communicator.ui.connection.trouble_texts import TroubleTexts
from communicator.ui.spoken import spoken
from communicator.ui.welcome.requests import (
    JoinOfficeRequest,
    PasswordKeepingChoice,
    SignInRequest,
    StartOfficeRequest,
)
from communicator.ui.welcome.welcome_window import WelcomeWindow
from shared_protocol.addresses import AddressError


class WelcomeController(QObject):
    """Binds the window of the first run.

    Signals:
        finished: The account is remembered, and the program can go on with it.
    """

    finished = Signal()

    def __init__(
        self,
        *,
        window: WelcomeWindow,
        accounts: AccountService,
        office: OfficeService,
        office_folder: Path,
    ) -> None:
        super().__init__(window)
        self._window, self._accounts, self._office = window, accounts, office
        self._office_folder = office_folder
        self._texts = TroubleTexts(self)
        self._tasks = TaskOwner()
        self._turn = asyncio.Lock()
        self._work: asyncio.Task[object] | None = None  # what Cancel ends
        self._tried: tuple[Account, str] | None = None
        self._trouble: ConnectionTrouble | None = None  # whose certificate is shown
        window.start_office_requested.connect(self._on_start_office)
        window.join_office_requested.connect(self._on_join_office)
        window.sign_in_requested.connect(self._on_sign_in)
        window.certificate_trusted.connect(self._on_certificate_trusted)
        window.retry_requested.connect(self._on_retry)
        window.password_keeping_chosen.connect(self._on_keeping_chosen)
        window.cancel_requested.connect(self._on_cancel)

    async def stop(self) -> None:
        """End what is under way."""
        await self._tasks.stop()

    def _on_start_office(self, request: StartOfficeRequest) -> None:
        self._begin(self._start_office(request), "start an office")

    async def _start_office(self, request: StartOfficeRequest) -> None:
        self._window.show_busy(self.tr("Opening the office..."))
        try:
            new = await self._office.start_office(
                request.office_name, request.own_name, self._office_folder
            )
            step = await self._accounts.remember(new.account, new.password)
        except (HostingError, CredentialError) as error:
            await self._office.abandon_office()
            self._window.show_fault(spoken(error))
        else:
            await self._go_on(step)

    def _on_join_office(self, request: JoinOfficeRequest) -> None:
        try:
            account = account_in_office(
                request.office_address, request.name, host=request.host, port=request.port
            )
        except AddressError as error:
            self._show_address_fault(error)
        else:
            name = spoken_name(request.name)
            account = replace(account, display_name=name, is_office=True)
            self._try(account, request.password)

    def _on_sign_in(self, request: SignInRequest) -> None:
        try:
            account = account_with_address(request.address, host=request.host, port=request.port)
        except AddressError as error:
            self._show_address_fault(error)
        else:
            self._try(account, request.password)

    def _try(self, account: Account, password: str) -> None:
        self._tried = (account, password)
        self._begin(self._sign_in(account, password), "sign in")

    async def _sign_in(self, account: Account, password: str) -> None:
        self._window.show_busy(self.tr("Connecting..."))
        try:
            step = await self._accounts.sign_in(account, password)
        except SessionError as error:
            self._show_trouble(error.trouble, account)
        except CredentialError as error:
            self._window.show_fault(spoken(error))
        else:
            await self._go_on(step)

    def _show_trouble(self, trouble: ConnectionTrouble, account: Account) -> None:
        if trouble.certificate is not None:
            self._trouble = trouble
            self._window.show_certificate(trouble)
        else:
            self._window.show_fault(self._texts.sentence(trouble, str(account.jid)))

    def _show_address_fault(self, error: AddressError) -> None:
        self._window.show_fault(self.tr("This is no address: {0}.").format(error))

    def _on_certificate_trusted(self, _certificate: CertificateSummary) -> None:
        if self._tried is not None and self._trouble is not None:
            account, password = self._tried
            self._try(trusting(account, self._trouble), password)

    def _on_retry(self) -> None:
        if self._tried is not None:
            self._try(*self._tried)

    def _begin(self, work: Coroutine[Any, Any, None], name: str) -> None:
        self._work = self._tasks.spawn(self._in_turn(work), name)

    async def _in_turn(self, work: Coroutine[Any, Any, None]) -> None:
        """Do what was asked for after what was given up is cleared away."""
        try:
            async with self._turn:
                await work
        finally:
            work.close()  # if it was given up before its turn came

    async def _go_on(self, step: SignInStep) -> None:
        if step is SignInStep.CHOOSE_KEEPING:
            self._window.show_password_keeping()
        else:
            await self._finish()

    def _on_keeping_chosen(self, choice: PasswordKeepingChoice) -> None:
        work = self._keep(choice.keeping, choice.pass_phrase)
        self._begin(work, "keep the password")

    async def _keep(self, keeping: PasswordKeeping, pass_phrase: str) -> None:
        try:
            await self._accounts.choose_keeping(keeping, pass_phrase)
        except CredentialError as error:
            self._window.keeping_page.show_fault(spoken(error))
        else:
            await self._finish()

    async def _finish(self) -> None:
        await self._office.keep_office()
        self.finished.emit()

    def _on_cancel(self) -> None:
        work, self._work = self._work, None
        if work is not None:
            work.cancel()
        self._tasks.spawn(self._clear_away(), "give up a sign-in")

    async def _clear_away(self) -> None:
        async with self._turn:
            self._tried = None
            self._accounts.give_up()
            await self._office.abandon_office()
