"""What a session can fail with.

Every one carries the trouble in the words of the state.

::

    SessionError
    +-- ConnectionFailedError   there is no session, and why
    +-- NotConnectedError       asked for something while there is no session
    +-- RequestRefusedError     the server answered with a stanza error (RFC 6120, section 8.3)
    +-- RequestTimedOutError    the server did not answer in time
"""

from communicator.state.connection import ConnectionTrouble, TroubleKind
from shared_protocol.errors import StanzaCondition


class SessionError(Exception):
    """The session could not do what was asked.

    Attributes:
        trouble: Why, for the status and the page that asks the user.
    """

    def __init__(self, trouble: ConnectionTrouble) -> None:
        super().__init__(": ".join(filter(None, (trouble.kind.value, trouble.details))))
        self.trouble = trouble


class ConnectionFailedError(SessionError):
    """There is no session."""


class NotConnectedError(SessionError):
    """There is no session, or it was lost before the answer came."""

    def __init__(self) -> None:
        super().__init__(ConnectionTrouble(TroubleKind.LOST, details="there is no connection"))


class RequestRefusedError(SessionError):
    """The answer to a request is an error.

    Attributes:
        text: What the server says besides; empty if nothing.
    """

    def __init__(self, condition: StanzaCondition, text: str = "") -> None:
        details = ": ".join(filter(None, (condition.value, text)))
        super().__init__(ConnectionTrouble(TroubleKind.PROTOCOL, details=details))
        self.condition = condition
        self.text = text


class RequestTimedOutError(SessionError):
    """There was no answer in time."""

    def __init__(self) -> None:
        details = "the server did not answer in time"
        super().__init__(ConnectionTrouble(TroubleKind.TIMED_OUT, details=details))
