"""Banner and pages of the connection: what they ask for goes to the connection service."""

from PySide6.QtCore import QObject

from communicator.services.connection_service import ConnectionService
from communicator.services.fingerprints import fingerprint_of
from communicator.services.password_service import PasswordService
from communicator.state.account import Account
from communicator.state.connection import CertificateSummary
from communicator.state.office import OfficePhase, OfficeState, OfficeStatus
from communicator.state.task_owner import TaskOwner
from communicator.storage.errors import CredentialError, WrongPassPhraseError
from communicator.ui.connection.certificate_page import grouped_fingerprint
from communicator.ui.connection.trouble_texts import USUAL_PORT
from communicator.ui.main_window.main_window import MainWindow
from communicator.ui.plain_text import one_line
from communicator.ui.spoken import spoken
from communicator.ui.state_links import link
from communicator.ui.wake_watch import WakeWatch


class ConnectionController(QObject):
    """Binds what the user can do about the connection."""

    def __init__(
        self,
        *,
        window: MainWindow,
        connection: ConnectionService,
        passwords: PasswordService,
        office: OfficeState,
    ) -> None:
        super().__init__(window)
        self._window, self._connection, self._passwords = window, connection, passwords
        self._to_connect: Account | None = None
        self._tasks = TaskOwner()
        window.banner.retry_requested.connect(self._on_retry)
        window.banner.sign_in_here_requested.connect(self._on_retry)
        window.banner.address_edit_requested.connect(self._on_address_edit)
        self._pages = pages = window.trouble_pages
        pages.certificate.retry_requested.connect(self._on_retry)
        pages.certificate.trust_requested.connect(self._on_trust)
        pages.certificate.address_edit_requested.connect(self._on_address_edit)
        pages.password.password_entered.connect(self._on_password)
        pages.password.pass_phrase_entered.connect(self._on_pass_phrase)
        pages.address.address_entered.connect(self._on_address)
        window.settings_page.address_edit_requested.connect(self._on_address_edit)
        window.settings_page.trust_removal_requested.connect(self._on_trust_removal)
        link(self, connection.account_changed, self._show_connection)
        self._wake_watch = WakeWatch(self)
        self._wake_watch.woke.connect(self._on_woke)
        self._is_office_open = False
        link(self, office.status_changed, self._on_office_changed)
        link(self, connection.password_not_kept, self._on_password_not_kept)

    async def connect_account(self, account: Account) -> None:
        """Connect; ask for the pass phrase first where the password is in the encrypted file."""
        if self._passwords.is_locked:
            self._to_connect = account
            self._pages.show_pass_phrase(was_refused=False)
        else:
            await self._start(account)

    async def stop(self) -> None:
        """End what is under way."""
        await self._tasks.stop()

    def _on_retry(self) -> None:
        self._tasks.spawn(self._connection.retry_now(), "try again")

    def _on_office_changed(self, status: OfficeStatus) -> None:
        """The office on this computer is open again: nobody has to wait for the next try."""
        was_open, self._is_office_open = self._is_office_open, status.phase is OfficePhase.RUNNING
        if self._is_office_open and not was_open:
            self._on_woke()

    def _on_woke(self) -> None:
        self._tasks.spawn(self._connection.wake_up(), "look at the connection")

    def _on_trust(self, _certificate: CertificateSummary) -> None:
        self._tasks.spawn(self._connection.trust_certificate(), "trust a certificate")

    def _on_address_edit(self) -> None:
        account = self._connection.account
        if account is not None:
            self._pages.show_place(account.host, account.port)

    def _on_address(self, host: str, port: int) -> None:
        self._window.right_side.uncover(self._pages.address)
        self._tasks.spawn(self._connection.use_address(host, port), "use another address")

    def _on_password(self, password: str, remember: bool) -> None:  # noqa: FBT001 - a slot of Qt
        work = self._connection.use_password(password, remember=remember)
        self._tasks.spawn(work, "use a password")

    def _on_pass_phrase(self, pass_phrase: str) -> None:
        if self._to_connect is not None:
            self._tasks.spawn(self._unlock(self._to_connect, pass_phrase), "open the passwords")

    async def _unlock(self, account: Account, pass_phrase: str) -> None:
        try:
            await self._passwords.unlock(account.jid, pass_phrase)
        except WrongPassPhraseError:
            self._pages.show_pass_phrase(was_refused=True)
        except CredentialError as error:
            self._window.notice.tell(spoken(error))
        else:
            self._to_connect = None
            await self._start(account)

    async def _start(self, account: Account) -> None:
        await self._connection.start(account)
        self._show_connection(account)

    def _show_connection(self, account: Account) -> None:
        """Show in the settings where the server is and what the account trusts of its own."""
        place = ""
        if account.host or account.port:
            host = one_line(account.host or account.jid.domainpart)
            place = self.tr("{0}, port {1}").format(host, account.port or USUAL_PORT)
        pem = account.authority_pem
        fingerprint = grouped_fingerprint(fingerprint_of(pem)) if pem else ""
        self._window.settings_page.show_connection(place, fingerprint)

    def _on_trust_removal(self) -> None:
        self._tasks.spawn(self._connection.forget_trust(), "forget a certificate")

    def _on_password_not_kept(self, error: CredentialError) -> None:
        self._window.notice.tell(
            self.tr("The password could not be kept: {0}").format(spoken(error))
        )
