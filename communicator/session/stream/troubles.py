"""From what went wrong to the words of the state."""

import errno
import socket
import ssl

from communicator.session.errors import SessionError
from communicator.session.stream.negotiation import NoEncryptionError
from communicator.state.connection import TroubleKind
from shared_protocol.errors import SaslCondition, SaslError, StreamCondition, StreamError

_NOWHERE = ("192.0.2.1", 9)  # RFC 5737: for documents; no datagram is sent to it

# X509_V_ERR_ of OpenSSL
_NOT_IN_TIME = frozenset({9, 10})
_OTHER_NAME = frozenset({47, 48, 62, 64})
_WEAK = frozenset({66, 67, 68})  # keys of the server and of its authority, and digest

_WRONG_PASSWORD = frozenset(
    {
        SaslCondition.NOT_AUTHORIZED,
        SaslCondition.ACCOUNT_DISABLED,
        SaslCondition.CREDENTIALS_EXPIRED,
    }
)
_KIND_BY_CONDITION = {
    StreamCondition.CONFLICT: TroubleKind.REPLACED,
    StreamCondition.SYSTEM_SHUTDOWN: TroubleKind.SERVER_STOPPING,
    StreamCondition.HOST_UNKNOWN: TroubleKind.UNKNOWN_HOST,
    StreamCondition.HOST_GONE: TroubleKind.UNKNOWN_HOST,
    StreamCondition.CONNECTION_TIMEOUT: TroubleKind.LOST,
    StreamCondition.RESET: TroubleKind.LOST,
    StreamCondition.INTERNAL_SERVER_ERROR: TroubleKind.LOST,
    StreamCondition.RESOURCE_CONSTRAINT: TroubleKind.LOST,
}
_KIND_BY_NUMBER = {
    errno.ECONNREFUSED: TroubleKind.REFUSED,
    errno.ETIMEDOUT: TroubleKind.TIMED_OUT,
    errno.EHOSTUNREACH: TroubleKind.TIMED_OUT,
    errno.ENETUNREACH: TroubleKind.NO_NETWORK,
    errno.ENETDOWN: TroubleKind.NO_NETWORK,
}


def kind_of(error: BaseException) -> TroubleKind:
    """Return the kind of trouble that an error is."""
    match error:
        case NoEncryptionError():
            kind = TroubleKind.NO_ENCRYPTION
        case SaslError() if error.condition in _WRONG_PASSWORD:
            kind = TroubleKind.WRONG_PASSWORD
        case StreamError():
            kind = _KIND_BY_CONDITION.get(error.condition, TroubleKind.PROTOCOL)
        case OSError():
            kind = _kind_of_system_error(error)
        case SessionError():
            kind = error.trouble.kind
        case _:
            kind = TroubleKind.PROTOCOL
    return kind


def kind_of_end(reason: Exception) -> TroubleKind:
    """Return the kind of trouble that ended a session."""
    return kind_of(reason) if isinstance(reason, StreamError) else TroubleKind.LOST


def _kind_of_system_error(error: OSError) -> TroubleKind:
    match error:
        case ssl.SSLCertVerificationError():
            return _kind_of_certificate_error(error)
        case ssl.SSLError(reason="WRONG_VERSION_NUMBER" | "RECORD_LAYER_FAILURE"):
            return TroubleKind.NO_ENCRYPTION
        case ssl.SSLError():
            return TroubleKind.PROTOCOL
        case socket.gaierror():
            return TroubleKind.UNKNOWN_HOST if has_network() else TroubleKind.NO_NETWORK
        case TimeoutError():
            return TroubleKind.TIMED_OUT
    return _KIND_BY_NUMBER.get(error.errno or 0, TroubleKind.LOST)


def _kind_of_certificate_error(error: ssl.SSLCertVerificationError) -> TroubleKind:
    if error.verify_code in _NOT_IN_TIME:
        return TroubleKind.CERTIFICATE_EXPIRED
    if error.verify_code in _OTHER_NAME:
        return TroubleKind.CERTIFICATE_OTHER_NAME
    if error.verify_code in _WEAK:
        return TroubleKind.CERTIFICATE_WEAK
    return TroubleKind.CERTIFICATE_UNTRUSTED


def has_network() -> bool:
    """Return True if this computer knows a way to anywhere but itself; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_NOWHERE)
        except OSError:
            return False
    return True
