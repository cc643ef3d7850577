"""Banner, certificate page and password page: what they ask for goes to the connection service."""

from PySide6.QtCore import QObject

from communicator.services.connection_service import ConnectionService
from communicator.state.connection import CertificateSummary
from communicator.state.task_owner import TaskOwner
from communicator.storage.errors import CredentialError
from communicator.ui.main_window.main_window import MainWindow
from communicator.ui.state_links import link


class ConnectionController(QObject):
    """Binds what the user can do about the connection."""

    def __init__(self, *, window: MainWindow, connection: ConnectionService) -> None:
        super().__init__(window)
        self._window, self._connection = window, connection
        self._tasks = TaskOwner()
        window.banner.retry_requested.connect(self._on_retry)
        window.banner.sign_in_here_requested.connect(self._on_retry)
        window.certificate_page.retry_requested.connect(self._on_retry)
        window.certificate_page.trust_requested.connect(self._on_trust)
        window.password_page.password_entered.connect(self._on_password)
        link(self, connection.password_not_kept, self._on_password_not_kept)

    async def stop(self) -> None:
        """End what is under way."""
        await self._tasks.stop()

    def _on_retry(self) -> None:
        self._tasks.spawn(self._connection.retry_now(), "try again")

    def _on_trust(self, _certificate: CertificateSummary) -> None:
        self._tasks.spawn(self._connection.trust_certificate(), "trust a certificate")

    def _on_password(self, password: str, remember: bool) -> None:  # noqa: FBT001 - a slot of Qt
        work = self._connection.use_password(password, remember=remember)
        self._tasks.spawn(work, "use a password")

    def _on_password_not_kept(self, error: CredentialError) -> None:
        self._window.notice.tell(
            self.tr("The password could not be kept: {0}").format(error), (self.tr("OK"),)
        )
