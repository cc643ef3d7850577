"""The certificate page: who the server says it is, and the only way to trust it: by comparing."""

from datetime import UTC, datetime

from PySide6.QtCore import QLocale, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from communicator.state.connection import (
    CertificateSummary,
    ConnectionStatus,
    ConnectionTrouble,
    TroubleKind,
)
from communicator.ui.connection.trouble_texts import TroubleTexts
from communicator.ui.icons import Icon
from communicator.ui.plain_text import PlainLabel, isolated, one_line
from communicator.ui.theme.theme import Theme
from communicator.ui.theme.typography import TextStyle
from communicator.ui.widgets.buttons import IconLabel, TextButton
from communicator.ui.widgets.fields import TextField
from communicator.ui.widgets.surfaces import ColumnPage, dress

PAGE_WIDTH = 560
TYPED_CHARACTERS = 8
_GROUP = 4
_GROUPS_IN_LINE = 8


def grouped_fingerprint(fingerprint: str, groups_in_line: int = _GROUPS_IN_LINE) -> str:
    """Return hexadecimal digits in groups of four, so many groups a line."""
    digits = "".join(filter(str.isalnum, fingerprint)).upper()
    groups = [digits[at : at + _GROUP] for at in range(0, len(digits), _GROUP)]
    lines = [
        " ".join(groups[at : at + groups_in_line]) for at in range(0, len(groups), groups_in_line)
    ]
    return "\n".join(lines)


class CertificatePage(ColumnPage):
    """Shown instead of the chat while a certificate waits for the user; nothing was sent yet.

    Signals:
        trust_requested: The CertificateSummary that the user compared and trusts.
        retry_requested: Try again with what is trusted now.
        address_edit_requested: Change the account's address.
    """

    trust_requested = Signal(object)
    retry_requested = Signal()
    address_edit_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(width=PAGE_WIDTH)
        self._theme = theme
        self._trouble: ConnectionTrouble | None = None
        self._texts = TroubleTexts(self)
        self._icon = IconLabel(theme, Icon.SHIELD_QUESTION, size=32, colour="warn")
        self._title = PlainLabel(style="page", wraps=True)
        self._reason = PlainLabel(wraps=True, tone="muted")
        self._advice = PlainLabel(wraps=True)
        self._same_box = QCheckBox(self.tr("The fingerprint is the same"))
        self._typed_field = TextField(
            self.tr("Type the first 8 characters that the person reads to you")
        )
        self._trust_button = TextButton(self.tr("Trust this server"), variant="primary")
        self._retry_button = TextButton(self.tr("Try again"))
        self._edit_button = TextButton(self.tr("Edit address"))
        self._copy_button = TextButton(self.tr("Copy report"), variant="quiet")
        self._build()
        self._same_box.toggled.connect(self._on_compared)
        self._typed_field.text_changed.connect(self._on_compared)
        self._trust_button.clicked.connect(self._on_trust_clicked)
        self._retry_button.clicked.connect(self.retry_requested)
        self._edit_button.clicked.connect(self.address_edit_requested)
        self._copy_button.clicked.connect(self._on_copy_clicked)

    @property
    def fingerprint(self) -> str:
        """The fingerprint as it is shown, in groups of four."""
        return self._fingerprint.text()

    def show_trouble(self, trouble: ConnectionTrouble, *, is_office: bool) -> None:
        """Show why the certificate was not accepted.

        Args:
            trouble: One of the CERTIFICATE_ kinds, with its certificate.
            is_office: True for an office of Parlour; its server cannot change without an
                invitation.
        """
        self._trouble = trouble
        self._title.setText(self._title_of(trouble))
        is_changed = trouble.kind is TroubleKind.CERTIFICATE_CHANGED
        self._title.set_tone("danger" if is_changed else "")
        self._icon.put_icon(
            Icon.SHIELD_ALERT if is_changed else Icon.SHIELD_QUESTION,
            "danger" if is_changed else "warn",
        )
        self._reason.setText(self._reason_of(trouble))
        self._show_certificate(trouble)
        by_box = trouble.can_be_trusted and not is_changed
        by_typing = is_changed and not is_office
        self._advice.setText(self._advice_of(trouble, is_office=is_office))
        self._same_box.setChecked(False)
        self._same_box.setVisible(by_box)
        self._typed_field.put_text("")
        self._typed_field.setVisible(by_typing)
        self._trust_button.setVisible(by_box or by_typing)
        self.setAccessibleName(self._title.text())
        self._on_compared()

    def _build(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self._title, 1)
        self.column.addStretch(1)
        self.column.addLayout(head)
        self.column.addWidget(self._reason)
        self.column.addWidget(self._make_card())
        self.column.addWidget(self._advice)
        self.column.addWidget(self._same_box)
        self.column.addWidget(self._typed_field)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        for button in (self._trust_button, self._retry_button, self._edit_button):
            foot.addWidget(button)
        foot.addStretch()
        foot.addWidget(self._copy_button)
        self.column.addLayout(foot)
        self.column.addStretch(2)

    def _make_card(self) -> QWidget:
        card = QFrame()
        dress(card, "card")
        grid = QGridLayout(card)
        grid.setContentsMargins(16, 16, 16, 16)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        self._server = PlainLabel(wraps=True)
        self._issuer = PlainLabel(wraps=True)
        self._valid_until = PlainLabel(wraps=True)
        self._fingerprint = PlainLabel()
        self._fingerprint.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._show_fonts()
        self._theme.changed.connect(self._show_fonts)
        rows = (
            (self.tr("Server"), self._server),
            (self.tr("Issued by"), self._issuer),
            (self.tr("Valid until"), self._valid_until),
        )
        for number, (name, value) in enumerate(rows):
            grid.addWidget(PlainLabel(name, tone="muted"), number, 0)
            grid.addWidget(value, number, 1)
        last = QVBoxLayout()
        last.setSpacing(6)
        last.addWidget(PlainLabel(self.tr("Fingerprint (SHA-256)"), tone="muted"))
        last.addWidget(self._fingerprint)
        grid.addLayout(last, len(rows), 0, 1, 2)
        return card

    def _show_fonts(self) -> None:
        self._fingerprint.setFont(self._theme.font(TextStyle.CODE))

    def _show_certificate(self, trouble: ConnectionTrouble) -> None:
        certificate = trouble.certificate
        if certificate is None:
            return
        issuer = one_line(certificate.issuer)
        if certificate.is_self_signed:
            issuer = self.tr("itself, no authority vouches for it")
        self._server.setText(one_line(trouble.host or certificate.subject))
        self._issuer.setText(issuer)
        self._valid_until.setText(_date(certificate.not_after))
        self._fingerprint.setText(grouped_fingerprint(certificate.fingerprint))

    def _title_of(self, trouble: ConnectionTrouble) -> str:
        certificate = trouble.certificate
        match trouble.kind:
            case TroubleKind.CERTIFICATE_CHANGED:
                return self.tr("This is not the server you joined")
            case TroubleKind.CERTIFICATE_OTHER_NAME:
                names = certificate.names if certificate else ()
                return self.tr('This certificate belongs to "{0}", not to "{1}"').format(
                    isolated(names[0] if names else self.tr("nobody")), isolated(trouble.host)
                )
            case TroubleKind.CERTIFICATE_EXPIRED:
                return self._title_of_invalid(certificate)
            case TroubleKind.CERTIFICATE_WEAK:
                return self.tr("The certificate is too weak")
        return self.tr("This server is not known yet")

    def _title_of_invalid(self, certificate: CertificateSummary | None) -> str:
        if certificate and certificate.not_before > datetime.now(UTC):
            return self.tr("The certificate begins on {0}").format(_date(certificate.not_before))
        end = _date(certificate.not_after) if certificate else self.tr("an unknown day")
        return self.tr("The certificate ended on {0}").format(end)

    def _reason_of(self, trouble: ConnectionTrouble) -> str:
        match trouble.kind:
            case TroubleKind.CERTIFICATE_CHANGED:
                return self.tr(
                    "It has the same name, but another key. Somebody may be listening. Nothing "
                    "was sent to it."
                )
            case TroubleKind.CERTIFICATE_OTHER_NAME:
                return self.tr(
                    "The address may be mistyped, or this is another server. Nothing was sent to "
                    "it."
                )
            case TroubleKind.CERTIFICATE_WEAK:
                return self.tr(
                    "Its key or its signature can be forged today. Nothing was sent to the server."
                )
            case TroubleKind.CERTIFICATE_EXPIRED:
                return self.tr(
                    "The server may have been neglected, or the clock of this computer may be "
                    "wrong. Nothing was sent to it."
                )
        return self.tr(
            "No authority that this computer knows vouches for it. Compare the fingerprint once, "
            "so that nobody can listen. Nothing was sent to it yet."
        )

    def _advice_of(self, trouble: ConnectionTrouble, *, is_office: bool) -> str:
        ask = self.tr("Ask the person who runs the server to read you the fingerprint.")
        match trouble.kind:
            case TroubleKind.CERTIFICATE_CHANGED if is_office:
                return self.tr(
                    "Ask the person who runs the office. If the office was made anew, you need a "
                    "new invitation."
                )
            case TroubleKind.CERTIFICATE_OTHER_NAME:
                return self.tr("Check the address, or ask the person who runs the server.")
            case TroubleKind.CERTIFICATE_WEAK:
                return self.tr("The person who runs the server can make a stronger one.")
            case TroubleKind.CERTIFICATE_EXPIRED if not trouble.is_pinned:
                return self.tr(
                    "Check the date of this computer. The person who runs the server can renew "
                    "the certificate."
                )
        return ask

    def _on_compared(self) -> None:
        self._trust_button.setEnabled(self._is_compared())

    def _is_compared(self) -> bool:
        if self._same_box.isVisibleTo(self):
            return self._same_box.isChecked()
        certificate = self._trouble.certificate if self._trouble else None
        if certificate is None or not self._typed_field.isVisibleTo(self):
            return False
        typed = "".join(filter(str.isalnum, self._typed_field.text)).upper()
        return typed == certificate.fingerprint[:TYPED_CHARACTERS].upper()

    def _on_trust_clicked(self) -> None:
        if self._trouble and self._trouble.certificate and self._is_compared():
            self.trust_requested.emit(self._trouble.certificate)

    def _on_copy_clicked(self) -> None:
        if self._trouble:
            status = ConnectionStatus(trouble=self._trouble)
            report = self._texts.report(status, self._trouble.host, datetime.now(UTC))
            QGuiApplication.clipboard().setText(report)
            self._copy_button.put_text(self.tr("Copied"))
            QTimer.singleShot(
                2000, self, lambda: self._copy_button.put_text(self.tr("Copy report"))
            )


def _date(moment: datetime) -> str:
    local = moment.astimezone()
    return QLocale().toString(local.date(), QLocale.FormatType.LongFormat)  # type: ignore[call-overload,no-any-return]  # the stub knows QDate only
