"""The three forms of the first run."""

from PySide6.QtCore import Signal

from communicator.ui.theme.theme import Theme
from communicator.ui.welcome.form_page import FormPage
from communicator.ui.welcome.requests import JoinOfficeRequest, SignInRequest, StartOfficeRequest
from communicator.ui.welcome.server_fields import ServerFields
from communicator.ui.widgets.fields import PasswordField, TextField


class StartOfficeForm(FormPage):
    """Name of the office, name of the host.

    Signals:
        submitted: A StartOfficeRequest.
    """

    submitted = Signal(object)

    def __init__(self, theme: Theme, *, office_name: str = "", own_name: str = "") -> None:
        super().__init__(
            theme,
            self.tr("Start an office"),
            self.tr(
                "The office lives on this computer. Your colleagues reach it while the computer "
                "is on."
            ),
            self.tr("Open the office"),
        )
        self.office_field = TextField(
            self.tr("Name of the office"), example=self.tr("Montague and Sons")
        )
        self.name_field = TextField(
            self.tr("Your name"),
            help_text=self.tr("As your colleagues shall see it."),
            example=self.tr("Romeo Montague"),
        )
        self.office_field.put_text(office_name)
        self.name_field.put_text(own_name)
        self.fields.addWidget(self.office_field)
        self.fields.addWidget(self.name_field)
        self.office_field.submitted.connect(self.name_field.setFocus)
        self.name_field.submitted.connect(self._on_submitted)
        self.first_focus = self.office_field

    def _on_submitted(self) -> None:
        if not self.office_field.text:
            self.office_field.show_fault(self.tr("The office needs a name."))
            self.office_field.setFocus()
        elif not self.name_field.text:
            self.name_field.show_fault(self.tr("Your colleagues need a name for you."))
            self.name_field.setFocus()
        else:
            self.submitted.emit(StartOfficeRequest(self.office_field.text, self.name_field.text))


class JoinOfficeForm(FormPage):
    """What the host of the office told: address, name, password.

    Signals:
        submitted: A JoinOfficeRequest.
    """

    submitted = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__(
            theme,
            self.tr("Join an office"),
            self.tr("Ask the person who runs the office for these."),
            self.tr("Join"),
        )
        self.office_field = TextField(
            self.tr("Address of the office"), example=self.tr("montague.internal")
        )
        self.name_field = TextField(self.tr("Your name in the office"), example=self.tr("romeo"))
        self.password_field = PasswordField(theme, self.tr("Password"))
        self.server_fields = ServerFields(
            theme, host_help=self.tr("The computer that hosts the office: its name or number.")
        )
        for field in (
            self.office_field,
            self.name_field,
            self.password_field,
            self.server_fields,
        ):
            self.fields.addWidget(field)
        self.office_field.submitted.connect(self.name_field.setFocus)
        self.name_field.submitted.connect(self.password_field.setFocus)
        self.password_field.submitted.connect(self._on_submitted)
        self.first_focus = self.office_field

    def _on_submitted(self) -> None:
        missing = (
            (self.office_field, self.tr("Which office do you want to join?")),
            (self.name_field, self.tr("Under which name does the office know you?")),
            (self.password_field, self.tr("The office asks for a password.")),
        )
        for field, fault in missing:
            if not field.text:
                field.show_fault(fault)
                field.setFocus()
                return
        if self.server_fields.check():
            self.submitted.emit(
                JoinOfficeRequest(
                    office_address=self.office_field.text,
                    name=self.name_field.text,
                    password=self.password_field.text,
                    host=self.server_fields.host,
                    port=self.server_fields.port or 0,
                )
            )


class SignInForm(FormPage):
    """Address and password of an account on any server.

    Signals:
        submitted: A SignInRequest.
    """

    submitted = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__(
            theme,
            self.tr("Sign in"),
            self.tr("Use the address and the password of your account."),
            self.tr("Sign in"),
        )
        self.address_field = TextField(self.tr("Address"), example=self.tr("romeo@montague.lit"))
        self.password_field = PasswordField(theme, self.tr("Password"))
        self.server_fields = ServerFields(
            theme, host_help=self.tr("Only needed if the address alone does not lead there.")
        )
        self.fields.addWidget(self.address_field)
        self.fields.addWidget(self.password_field)
        self.fields.addWidget(self.server_fields)
        self.address_field.submitted.connect(self.password_field.setFocus)
        self.password_field.submitted.connect(self._on_submitted)
        self.first_focus = self.address_field

    def _on_submitted(self) -> None:
        name, at, domain = self.address_field.text.partition("@")
        if not (name and at and domain):
            self.address_field.show_fault(self.tr("An address looks like romeo@montague.lit."))
            self.address_field.setFocus()
        elif not self.password_field.text:
            self.password_field.show_fault(self.tr("The account needs its password."))
            self.password_field.setFocus()
        elif self.server_fields.check():
            self.submitted.emit(
                SignInRequest(
                    address=self.address_field.text,
                    password=self.password_field.text,
                    host=self.server_fields.host,
                    port=self.server_fields.port or 0,
                )
            )
