"""The pages that take the place of the chat while the connection waits for the user."""

from PySide6.QtCore import QObject, Signal

from communicator.state.connection import (
    ConnectionPhase,
    ConnectionState,
    ConnectionStatus,
    TroubleKind,
)
from communicator.ui.connection.address_page import AddressPage
from communicator.ui.connection.certificate_page import CertificatePage
from communicator.ui.connection.password_page import PasswordPage
from communicator.ui.main_window.right_side import RightSide
from communicator.ui.state_links import link
from communicator.ui.theme.theme import Theme
from communicator.ui.widgets.surfaces import ColumnPage

_PASSWORD_TROUBLES = frozenset({TroubleKind.WRONG_PASSWORD, TroubleKind.PASSWORD_MISSING})


class TroublePages(QObject):
    """Shows the page that a trouble of the connection needs, and leaves it when it is over.

    Signals:
        shown: A page covers the chat.
    """

    shown = Signal()

    def __init__(
        self,
        theme: Theme,
        connection: ConnectionState,
        right_side: RightSide,
        *,
        address: str,
        is_office: bool,
    ) -> None:
        """Make the pages.

        Args:
            theme: Colours, fonts and icons.
            connection: What is followed.
            right_side: What is covered.
            address: The own bare address.
            is_office: True if the account is in an office, whose authority never changes.
        """
        super().__init__(right_side)
        self._connection, self._right_side = connection, right_side
        self._address, self._is_office = address, is_office
        self.certificate = CertificatePage(theme)
        self.password = PasswordPage(theme)
        self.address = AddressPage(theme)
        self.password.cancel_requested.connect(right_side.uncover)
        self.address.cancel_requested.connect(right_side.uncover)
        right_side.banner.password_requested.connect(self.show_password)
        right_side.banner.certificate_requested.connect(self.show_certificate)
        link(self, connection.status_changed, self._on_status_changed)

    def begin(self) -> None:
        """Show what the status of now needs."""
        self._on_status_changed(self._connection.status)

    def show_password(self) -> None:
        """Ask for the password."""
        trouble = self._connection.status.trouble
        was_refused = trouble is not None and trouble.kind is TroubleKind.WRONG_PASSWORD
        self._cover(self.password)
        self.password.show_account(self._address, was_refused=was_refused)

    def show_pass_phrase(self, *, was_refused: bool) -> None:
        """Ask for the pass phrase of the password file."""
        self._cover(self.password)
        self.password.show_pass_phrase(was_refused=was_refused)

    def show_certificate(self) -> None:
        """Show the certificate that waits for the user."""
        trouble = self._connection.status.trouble
        if trouble is not None and trouble.certificate is not None:
            self.certificate.show_trouble(trouble, is_office=self._is_office)
            self._cover(self.certificate)

    def show_place(self, host: str, port: int) -> None:
        """Ask where the server is."""
        self._cover(self.address)
        self.address.show_place(self._address, host=host, port=port)

    def _cover(self, page: ColumnPage) -> None:
        self._right_side.cover(page, hides_banner=True)
        self.shown.emit()

    def _on_status_changed(self, status: ConnectionStatus) -> None:
        trouble = status.trouble if status.phase is ConnectionPhase.STOPPED else None
        if trouble is not None and trouble.certificate is not None:
            self.show_certificate()
        elif trouble is not None and trouble.kind in _PASSWORD_TROUBLES:
            self.show_password()
        else:
            self._right_side.uncover(self.certificate)
            self._right_side.uncover(self.password)
            if status.phase is ConnectionPhase.ONLINE:
                self._right_side.uncover(self.address)
