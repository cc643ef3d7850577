"""What can go wrong on a stream, one family.

::

    ProtocolError
    +-- LocalProtocolError        we did wrong: a bug of this program
    +-- RemoteProtocolError       the peer did wrong
    |   +-- StreamError           the stream ends (RFC 6120, section 4.9)
    |   +-- MalformedStanzaError  a payload has not the form that its specification demands
    +-- StanzaError               a stanza is answered with an error (RFC 6120, section 8.3)
    +-- SaslError                 a login failed (RFC 6120, section 6.5)
"""

from enum import StrEnum
from typing import Any


class ProtocolError(Exception):
    """Something on a stream was not as it should be."""


class LocalProtocolError(ProtocolError):
    """This program tried what the protocol does not allow now."""


class RemoteProtocolError(ProtocolError):
    """The peer did what the protocol does not allow."""


class StreamCondition(StrEnum):
    """Conditions of stream errors (RFC 6120, section 4.9.3)."""

    BAD_FORMAT = "bad-format"
    BAD_NAMESPACE_PREFIX = "bad-namespace-prefix"
    CONFLICT = "conflict"
    CONNECTION_TIMEOUT = "connection-timeout"
    HOST_GONE = "host-gone"
    HOST_UNKNOWN = "host-unknown"
    IMPROPER_ADDRESSING = "improper-addressing"
    INTERNAL_SERVER_ERROR = "internal-server-error"
    INVALID_FROM = "invalid-from"
    INVALID_NAMESPACE = "invalid-namespace"
    INVALID_XML = "invalid-xml"
    NOT_AUTHORIZED = "not-authorized"
    NOT_WELL_FORMED = "not-well-formed"
    POLICY_VIOLATION = "policy-violation"
    REMOTE_CONNECTION_FAILED = "remote-connection-failed"
    RESET = "reset"
    RESOURCE_CONSTRAINT = "resource-constraint"
    RESTRICTED_XML = "restricted-xml"
    SEE_OTHER_HOST = "see-other-host"
    SYSTEM_SHUTDOWN = "system-shutdown"
    UNDEFINED_CONDITION = "undefined-condition"
    UNSUPPORTED_ENCODING = "unsupported-encoding"
    UNSUPPORTED_FEATURE = "unsupported-feature"
    UNSUPPORTED_STANZA_TYPE = "unsupported-stanza-type"
    UNSUPPORTED_VERSION = "unsupported-version"


class StreamError(RemoteProtocolError):
    """The peer did what ends the stream.

    Attributes:
        condition: What is answered.
        text: For the log and the peer; never quotes what was received.
        frames_before: Frames (``shared_protocol.xml``) complete before the refusal, in order.
    """

    def __init__(self, condition: StreamCondition, text: str = "") -> None:
        super().__init__(f"{condition.value}: {text}" if text else condition.value)
        self.condition = condition
        self.text = text
        self.frames_before: list[Any] = []


class MalformedStanzaError(RemoteProtocolError):
    """A payload has not the form that its specification demands; says the value and the form."""

    def __init__(self, text: str = "") -> None:
        super().__init__(text)
        self.text = text


class ErrorType(StrEnum):
    """What the sender of a stanza may do about its error (RFC 6120, section 8.3.2)."""

    AUTH = "auth"
    CANCEL = "cancel"
    CONTINUE = "continue"
    MODIFY = "modify"
    WAIT = "wait"


class StanzaCondition(StrEnum):
    """Conditions of stanza errors (RFC 6120, section 8.3.3)."""

    BAD_REQUEST = "bad-request"
    CONFLICT = "conflict"
    FEATURE_NOT_IMPLEMENTED = "feature-not-implemented"
    FORBIDDEN = "forbidden"
    GONE = "gone"
    INTERNAL_SERVER_ERROR = "internal-server-error"
    ITEM_NOT_FOUND = "item-not-found"
    JID_MALFORMED = "jid-malformed"
    NOT_ACCEPTABLE = "not-acceptable"
    NOT_ALLOWED = "not-allowed"
    NOT_AUTHORIZED = "not-authorized"
    POLICY_VIOLATION = "policy-violation"
    RECIPIENT_UNAVAILABLE = "recipient-unavailable"
    REDIRECT = "redirect"
    REGISTRATION_REQUIRED = "registration-required"
    REMOTE_SERVER_NOT_FOUND = "remote-server-not-found"
    REMOTE_SERVER_TIMEOUT = "remote-server-timeout"
    RESOURCE_CONSTRAINT = "resource-constraint"
    SERVICE_UNAVAILABLE = "service-unavailable"
    SUBSCRIPTION_REQUIRED = "subscription-required"
    UNDEFINED_CONDITION = "undefined-condition"
    UNEXPECTED_REQUEST = "unexpected-request"


_TYPES = {
    StanzaCondition.BAD_REQUEST: ErrorType.MODIFY,
    StanzaCondition.FORBIDDEN: ErrorType.AUTH,
    StanzaCondition.JID_MALFORMED: ErrorType.MODIFY,
    StanzaCondition.NOT_ACCEPTABLE: ErrorType.MODIFY,
    StanzaCondition.NOT_AUTHORIZED: ErrorType.AUTH,
    StanzaCondition.POLICY_VIOLATION: ErrorType.MODIFY,
    StanzaCondition.RECIPIENT_UNAVAILABLE: ErrorType.WAIT,
    StanzaCondition.REDIRECT: ErrorType.MODIFY,
    StanzaCondition.REGISTRATION_REQUIRED: ErrorType.AUTH,
    StanzaCondition.REMOTE_SERVER_TIMEOUT: ErrorType.WAIT,
    StanzaCondition.RESOURCE_CONSTRAINT: ErrorType.WAIT,
    StanzaCondition.SUBSCRIPTION_REQUIRED: ErrorType.AUTH,
    StanzaCondition.UNEXPECTED_REQUEST: ErrorType.WAIT,
}


class StanzaError(ProtocolError):
    """A stanza is answered with an error.

    Attributes:
        type: That of the RFC for the condition, unless another is given.
        by: Address of the entity that found the error; empty if it is the one addressed.
        detail: The application's own condition (RFC 6120, section 8.3.4): one element that declares
            its namespace, written; empty if there is none.
        payload: What stands beside the error, written, where a specification wants it there.
    """

    def __init__(
        self,
        condition: StanzaCondition,
        text: str = "",
        *,
        error_type: ErrorType | None = None,
        by: str = "",
        detail: bytes = b"",
    ) -> None:
        super().__init__(f"{condition.value}: {text}" if text else condition.value)
        self.condition = condition
        self.type = error_type or _TYPES.get(condition, ErrorType.CANCEL)
        self.text = text
        self.by = by
        self.detail = detail
        self.payload = b""


class SaslCondition(StrEnum):
    """Conditions of failed logins (RFC 6120, section 6.5)."""

    ABORTED = "aborted"
    ACCOUNT_DISABLED = "account-disabled"
    CREDENTIALS_EXPIRED = "credentials-expired"
    ENCRYPTION_REQUIRED = "encryption-required"
    INCORRECT_ENCODING = "incorrect-encoding"
    INVALID_AUTHZID = "invalid-authzid"
    INVALID_MECHANISM = "invalid-mechanism"
    MALFORMED_REQUEST = "malformed-request"
    MECHANISM_TOO_WEAK = "mechanism-too-weak"
    NOT_AUTHORIZED = "not-authorized"
    TEMPORARY_AUTH_FAILURE = "temporary-auth-failure"


class SaslError(ProtocolError):
    """A login failed.

    Attributes:
        text: For the log; never holds a name, a password, or what was received.
    """

    def __init__(self, condition: SaslCondition, text: str = "") -> None:
        super().__init__(f"{condition.value}: {text}" if text else condition.value)
        self.condition = condition
        self.text = text
