"""The connection of the account, in the words of the user."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from communicator.state.signals import Signal


class ConnectionPhase(Enum):
    """Where the connection stands."""

    OFFLINE = "offline"  # by wish of the user, or before the first try
    CONNECTING = "connecting"
    ONLINE = "online"
    WAITING = "waiting"  # lost or not reached; tries again at ``next_try_at``
    STOPPED = "stopped"  # needs the user: password, certificate, address


class TroubleKind(Enum):
    """Why there is no connection; one text of the interface for each."""

    UNKNOWN_HOST = "unknown-host"
    REFUSED = "refused"
    TIMED_OUT = "timed-out"
    HOST_OFF = "host-off"  # a computer of the own network that does not answer at all
    NO_NETWORK = "no-network"
    LOST = "lost"
    SERVER_STOPPING = "server-stopping"
    REPLACED = "replaced"
    WRONG_PASSWORD = "wrong-password"  # noqa: S105 - the name of a trouble, not a secret
    PASSWORD_MISSING = "password-missing"  # noqa: S105 - the name of a trouble, not a secret
    CERTIFICATE_UNTRUSTED = "certificate-untrusted"
    CERTIFICATE_CHANGED = "certificate-changed"
    CERTIFICATE_OTHER_NAME = "certificate-other-name"
    CERTIFICATE_EXPIRED = "certificate-expired"
    CERTIFICATE_WEAK = "certificate-weak"
    NO_ENCRYPTION = "no-encryption"
    PROTOCOL = "protocol"


@dataclass(frozen=True, slots=True)
class CertificateSummary:
    """What the certificate page shows.

    Attributes:
        subject, issuer: Common names, or the first name of the subject.
        names: DNS names that it is for.
        not_after, not_before: UTC, aware.
        fingerprint: SHA-256 of the certificate, 64 upper-case hexadecimal digits.
        pem: What is stored when the user trusts it.
    """

    subject: str
    issuer: str
    names: tuple[str, ...]
    not_before: datetime
    not_after: datetime
    fingerprint: str
    pem: str
    is_self_signed: bool = False


@dataclass(frozen=True, slots=True)
class ConnectionTrouble:
    """Why the last try failed.

    Attributes:
        host: Name or address that was tried. port: 0 if unknown.
        details: Technical text for the report, never a secret.
        certificate: Set for the CERTIFICATE_ kinds.
        is_pinned: True if the account trusted a certificate of its own at this try.
    """

    kind: TroubleKind
    host: str = ""
    port: int = 0
    details: str = ""
    certificate: CertificateSummary | None = None
    is_pinned: bool = False

    @property
    def can_be_trusted(self) -> bool:
        """True if the user can mend it by comparing a fingerprint.

        A certificate out of its time is only accepted where it was compared before: the clock of
        a server in an office may be wrong, that of a public authority is not.
        """
        if self.certificate is None:
            return False
        if self.kind is TroubleKind.CERTIFICATE_EXPIRED:
            return self.is_pinned
        return self.kind in {TroubleKind.CERTIFICATE_UNTRUSTED, TroubleKind.CERTIFICATE_CHANGED}


@dataclass(frozen=True, slots=True)
class ConnectionStatus:
    """Phase, reason, and moment of the next try (UTC; None if none is planned)."""

    phase: ConnectionPhase = ConnectionPhase.OFFLINE
    trouble: ConnectionTrouble | None = None
    next_try_at: datetime | None = None


class ConnectionState:
    """The status of one account's connection.

    Signals:
        status_changed: The new status.
    """

    def __init__(self) -> None:
        self._status = ConnectionStatus()
        self.status_changed: Signal[ConnectionStatus] = Signal()

    @property
    def status(self) -> ConnectionStatus:
        """The status now."""
        return self._status

    def put(self, status: ConnectionStatus) -> None:
        """Replace the status; only the connection service calls this."""
        if status != self._status:
            self._status = status
            self.status_changed.emit(status)
