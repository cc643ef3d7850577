"""The server's side of a client's stream, from the first header to the bound session.

A stream begins three times (RFC 6120, section 4.3): in clear text, where only STARTTLS exists; in
TLS, where a client logs in or registers; and logged in, where it binds a resource or resumes a
session that it has had (XEP-0198). A login by the extensible profile (XEP-0388) needs no third
header, and may bind or resume within the login. With direct TLS
(XEP-0368) the first of these falls away. Each beginning is a header from the client, which is
answered by a header and features. Only a bound stream carries stanzas.

``TRANSITIONS`` is the whole machine: a pair of state and input that is not in it ends the stream
with the condition that ``_REFUSALS`` names for the state.
"""

from enum import Enum, auto

from shared_protocol.errors import StreamCondition, StreamError
from shared_protocol.namespaces import (
    BIND,
    CLIENT,
    REGISTRATION,
    SASL,
    SASL2,
    STREAM_MANAGEMENT,
    TLS,
)
from shared_protocol.xml.framer import StanzaFrame


class State(Enum):
    """Where the negotiation stands."""

    AWAITING_HEADER_IN_CLEAR = auto()
    IN_CLEAR = auto()
    STARTING_TLS = auto()
    AWAITING_HEADER_IN_TLS = auto()
    IN_TLS = auto()
    AUTHENTICATING = auto()
    IN_EXCHANGE = auto()
    """In a login by the extensible profile."""
    IN_TASK = auto()
    """The same, with a task besides the login."""
    AWAITING_HEADER_AUTHENTICATED = auto()
    AUTHENTICATED = auto()
    BOUND = auto()
    CLOSED = auto()


class Input(Enum):
    """What happens to a stream: what the client sends, and what comes of it."""

    HEADER = auto()
    STARTTLS = auto()
    TLS_STARTED = auto()
    AUTH = auto()
    RESPONSE = auto()
    ABORT = auto()
    AUTHENTICATE = auto()
    EXCHANGE_RESPONSE = auto()
    EXCHANGE_ABORT = auto()
    TASK_GIVEN = auto()
    NEXT_TASK = auto()
    TASK_DATA = auto()
    EXCHANGE_SUCCEEDED = auto()
    LOGIN_SUCCEEDED = auto()
    LOGIN_FAILED = auto()
    REGISTRATION = auto()
    BIND_REQUEST = auto()
    BOUND = auto()
    STREAM_MANAGEMENT = auto()
    RESUMED = auto()
    STANZA = auto()
    OTHER = auto()
    END = auto()


TRANSITIONS: dict[tuple[State, Input], State] = {
    (State.AWAITING_HEADER_IN_CLEAR, Input.HEADER): State.IN_CLEAR,
    (State.IN_CLEAR, Input.STARTTLS): State.STARTING_TLS,
    (State.STARTING_TLS, Input.TLS_STARTED): State.AWAITING_HEADER_IN_TLS,
    (State.AWAITING_HEADER_IN_TLS, Input.HEADER): State.IN_TLS,
    (State.IN_TLS, Input.AUTH): State.AUTHENTICATING,
    (State.IN_TLS, Input.ABORT): State.IN_TLS,
    (State.IN_TLS, Input.REGISTRATION): State.IN_TLS,
    (State.AUTHENTICATING, Input.RESPONSE): State.AUTHENTICATING,
    (State.AUTHENTICATING, Input.ABORT): State.IN_TLS,
    (State.AUTHENTICATING, Input.LOGIN_FAILED): State.IN_TLS,
    (State.AUTHENTICATING, Input.LOGIN_SUCCEEDED): State.AWAITING_HEADER_AUTHENTICATED,
    (State.IN_TLS, Input.AUTHENTICATE): State.IN_EXCHANGE,
    (State.IN_EXCHANGE, Input.EXCHANGE_RESPONSE): State.IN_EXCHANGE,
    (State.IN_EXCHANGE, Input.TASK_GIVEN): State.IN_TASK,
    (State.IN_TASK, Input.NEXT_TASK): State.IN_TASK,
    (State.IN_TASK, Input.TASK_DATA): State.IN_TASK,
    (State.IN_TASK, Input.TASK_GIVEN): State.IN_TASK,
    **{
        (state, given): following
        for state in (State.IN_EXCHANGE, State.IN_TASK)
        for given, following in (
            (Input.EXCHANGE_ABORT, State.IN_TLS),
            (Input.LOGIN_FAILED, State.IN_TLS),
            (Input.EXCHANGE_SUCCEEDED, State.AUTHENTICATED),
        )
    },
    (State.AWAITING_HEADER_AUTHENTICATED, Input.HEADER): State.AUTHENTICATED,
    (State.AUTHENTICATED, Input.BIND_REQUEST): State.AUTHENTICATED,
    (State.AUTHENTICATED, Input.STREAM_MANAGEMENT): State.AUTHENTICATED,
    (State.AUTHENTICATED, Input.BOUND): State.BOUND,
    (State.AUTHENTICATED, Input.RESUMED): State.BOUND,
    (State.BOUND, Input.STANZA): State.BOUND,
    (State.BOUND, Input.REGISTRATION): State.BOUND,
    (State.BOUND, Input.BIND_REQUEST): State.BOUND,
    (State.BOUND, Input.STREAM_MANAGEMENT): State.BOUND,
    **{(state, Input.END): State.CLOSED for state in State if state is not State.CLOSED},
}

# RFC 6120: what is not a stanza and unknown is unsupported (4.9.3.24); anything out of turn is not
# authorised (4.9.3.12); a second header inside a stream is no way to begin (4.9.3.1).
_REFUSALS = {
    State.BOUND: StreamCondition.UNSUPPORTED_STANZA_TYPE,
    State.CLOSED: StreamCondition.POLICY_VIOLATION,
    State.STARTING_TLS: StreamCondition.POLICY_VIOLATION,
}

_INPUTS_BY_NAME = {
    f"{TLS} starttls": Input.STARTTLS,
    f"{SASL} auth": Input.AUTH,
    f"{SASL} response": Input.RESPONSE,
    f"{SASL} abort": Input.ABORT,
    f"{SASL2} authenticate": Input.AUTHENTICATE,
    f"{SASL2} response": Input.EXCHANGE_RESPONSE,
    f"{SASL2} abort": Input.EXCHANGE_ABORT,
    f"{SASL2} next": Input.NEXT_TASK,
    f"{SASL2} task-data": Input.TASK_DATA,
    f"{STREAM_MANAGEMENT} enable": Input.STREAM_MANAGEMENT,
    f"{STREAM_MANAGEMENT} resume": Input.STREAM_MANAGEMENT,
    f"{STREAM_MANAGEMENT} r": Input.STREAM_MANAGEMENT,
    f"{STREAM_MANAGEMENT} a": Input.STREAM_MANAGEMENT,
    f"{CLIENT} message": Input.STANZA,
    f"{CLIENT} presence": Input.STANZA,
    f"{CLIENT} iq": Input.STANZA,
}
_INPUTS_BY_IQ_PAYLOAD = {
    f"{REGISTRATION} query": Input.REGISTRATION,
    f"{BIND} bind": Input.BIND_REQUEST,
}
_IQ = f"{CLIENT} iq"


def input_of(frame: StanzaFrame) -> Input:
    """Tell which input a first-level element is."""
    known = _INPUTS_BY_NAME.get(frame.name, Input.OTHER)
    if frame.name == _IQ and frame.children and frame.attributes.get("type") in {"get", "set"}:
        return _INPUTS_BY_IQ_PAYLOAD.get(frame.children[0], known)
    return known


class ClientNegotiation:
    """The state of one client's stream at the server."""

    def __init__(self, *, begins_in_tls: bool) -> None:
        self._state = (
            State.AWAITING_HEADER_IN_TLS if begins_in_tls else State.AWAITING_HEADER_IN_CLEAR
        )

    @property
    def state(self) -> State:
        """Where the negotiation stands."""
        return self._state

    def receive(self, given: Input) -> State:
        """Go on to the next state.

        Raises:
            StreamError: This input does not exist in this state; the state is closed then.
        """
        following = TRANSITIONS.get((self._state, given))
        if following is None:
            condition = _REFUSALS.get(self._state, StreamCondition.NOT_AUTHORIZED)
            if given is Input.HEADER:
                condition = StreamCondition.BAD_FORMAT
            text = f"{given.name.lower()} while {self._state.name.lower()}".replace("_", " ")
            self._state = State.CLOSED
            raise StreamError(condition, text)
        self._state = following
        return following
