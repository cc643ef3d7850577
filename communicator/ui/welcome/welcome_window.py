"""The window of the first run."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from communicator.state.connection import ConnectionTrouble
from communicator.ui.connection.certificate_page import CertificatePage
from communicator.ui.logo import logo_pixmap
from communicator.ui.theme.theme import Theme
from communicator.ui.welcome.choices_page import ChoicesPage
from communicator.ui.welcome.form_page import FormPage
from communicator.ui.welcome.forms import JoinOfficeForm, SignInForm, StartOfficeForm
from communicator.ui.welcome.keeping_page import PasswordKeepingPage

WIDTH = 560
HEIGHT = 620
_ICON_SIZE = 64


class WelcomeWindow(QWidget):
    """Three choices, one form each, and what may come between form and office.

    Signals:
        start_office_requested: A StartOfficeRequest.
        join_office_requested: A JoinOfficeRequest.
        sign_in_requested: A SignInRequest.
        password_keeping_chosen: A PasswordKeepingChoice.
        certificate_trusted: The CertificateSummary that the user compared.
        retry_requested: Try again with the same certificate settings.
        cancel_requested: Give up what the form started.
        closed: The user closed the window.
    """

    start_office_requested = Signal(object)
    join_office_requested = Signal(object)
    sign_in_requested = Signal(object)
    password_keeping_chosen = Signal(object)
    certificate_trusted = Signal(object)
    retry_requested = Signal()
    cancel_requested = Signal()
    closed = Signal()

    def __init__(self, theme: Theme, *, office_name: str = "", own_name: str = "") -> None:
        """Make the window.

        Args:
            theme: Colours, fonts and icons.
            office_name: Proposal for the name of an office.
            own_name: Proposal for the user's name.
        """
        super().__init__()
        self.setWindowTitle("Parlour")
        self.setWindowIcon(logo_pixmap(theme, _ICON_SIZE))
        self.resize(WIDTH, HEIGHT)
        self.setMinimumSize(400, 440)
        self.choices_page = ChoicesPage(theme)
        self.start_form = StartOfficeForm(theme, office_name=office_name, own_name=own_name)
        self.join_form = JoinOfficeForm(theme)
        self.sign_in_form = SignInForm(theme)
        self.keeping_page = PasswordKeepingPage(theme)
        self.certificate_page = CertificatePage(theme)
        self._form: FormPage = self.join_form  # the one that was used last
        self._pages = QStackedWidget()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._pages)
        for page in (self.choices_page, *self._forms, self.keeping_page, self.certificate_page):
            self._pages.addWidget(page)
        self._connect()
        self.show_choices()

    @property
    def _forms(self) -> tuple[FormPage, ...]:
        return self.start_form, self.join_form, self.sign_in_form

    def show_choices(self) -> None:
        """Show the three choices."""
        self._show(self.choices_page)

    def show_busy(self, text: str) -> None:
        """Say on the form what is being done."""
        self._show(self._form)
        self._form.show_busy(text)

    def show_fault(self, text: str) -> None:
        """Say on the form what went wrong."""
        self._show(self._form)
        self._form.show_fault(text)

    def show_password_keeping(self) -> None:
        """Ask where the password is kept."""
        self.keeping_page.show_ready()
        self._show(self.keeping_page)

    def show_certificate(self, trouble: ConnectionTrouble) -> None:
        """Ask for the comparison of a fingerprint."""
        self.certificate_page.show_trouble(trouble, is_office=False)
        self._show(self.certificate_page)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Tell that the window is closed."""
        self.closed.emit()
        super().closeEvent(event)

    def _connect(self) -> None:
        choices = self.choices_page
        choices.start_chosen.connect(lambda: self._show_form(self.start_form))
        choices.join_chosen.connect(lambda: self._show_form(self.join_form))
        choices.sign_in_chosen.connect(lambda: self._show_form(self.sign_in_form))
        for form in self._forms:
            form.back_requested.connect(self.show_choices)
            form.cancel_requested.connect(self._on_step_left)
        self.start_form.submitted.connect(self.start_office_requested)
        self.join_form.submitted.connect(self.join_office_requested)
        self.sign_in_form.submitted.connect(self.sign_in_requested)
        self.keeping_page.back_requested.connect(self._on_step_left)
        self.keeping_page.submitted.connect(self.password_keeping_chosen)
        self.certificate_page.trust_requested.connect(self.certificate_trusted)
        self.certificate_page.retry_requested.connect(self.retry_requested)
        self.certificate_page.address_edit_requested.connect(self._on_step_left)

    def _on_step_left(self) -> None:
        self.cancel_requested.emit()
        self._show_form(self._form)

    def _show_form(self, form: FormPage) -> None:
        self._form = form
        form.show_ready()
        self._show(form)

    def _show(self, page: QWidget) -> None:
        if self._pages.currentWidget() is not page:
            self._pages.setCurrentWidget(page)
            page.setFocus()
