import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_protocol.errors import StreamCondition, StreamError
from shared_protocol.stream.receiving import (
    TRANSITIONS,
    ClientNegotiation,
    Input,
    State,
    input_of,
)
from shared_protocol.xml.framer import frame_of

STARTTLS_LOGIN = [
    (Input.HEADER, State.IN_CLEAR),
    (Input.STARTTLS, State.STARTING_TLS),
    (Input.TLS_STARTED, State.AWAITING_HEADER_IN_TLS),
    (Input.HEADER, State.IN_TLS),
    (Input.AUTH, State.AUTHENTICATING),
    (Input.LOGIN_FAILED, State.IN_TLS),
    (Input.AUTH, State.AUTHENTICATING),
    (Input.RESPONSE, State.AUTHENTICATING),
    (Input.LOGIN_SUCCEEDED, State.AWAITING_HEADER_AUTHENTICATED),
    (Input.HEADER, State.AUTHENTICATED),
    (Input.BIND_REQUEST, State.AUTHENTICATED),
    (Input.BOUND, State.BOUND),
    (Input.STANZA, State.BOUND),
    (Input.END, State.CLOSED),
]
PATHS_TO = {
    state: [step for step, _ in STARTTLS_LOGIN[:count]]
    for count, state in [
        (0, State.AWAITING_HEADER_IN_CLEAR),
        *((number + 1, state) for number, (_, state) in enumerate(STARTTLS_LOGIN)),
    ]
}
EXCHANGE = [*PATHS_TO[State.IN_TLS], Input.AUTHENTICATE]
PATHS_TO |= {State.IN_EXCHANGE: EXCHANGE, State.IN_TASK: [*EXCHANGE, Input.TASK_GIVEN]}
ENCRYPTED = {
    State.AUTHENTICATING,
    State.IN_EXCHANGE,
    State.IN_TASK,
    State.AWAITING_HEADER_AUTHENTICATED,
    State.AUTHENTICATED,
    State.BOUND,
}


LOGGED_IN = ENCRYPTED - {State.AUTHENTICATING, State.IN_EXCHANGE, State.IN_TASK}


def negotiation_in(state: State) -> ClientNegotiation:
    negotiation = ClientNegotiation(begins_in_tls=False)
    for step in PATHS_TO[state]:
        negotiation.receive(step)
    assert negotiation.state is state
    return negotiation


def test_login_goes_from_clear_text_to_a_bound_stream() -> None:
    """RFC 6120, section 4.3."""
    negotiation = ClientNegotiation(begins_in_tls=False)

    assert [negotiation.receive(step) for step, _ in STARTTLS_LOGIN] == [
        state for _, state in STARTTLS_LOGIN
    ]


def test_extensible_login_needs_no_third_header() -> None:
    """XEP-0388, section 2.6.1: no stream restart occurs."""
    negotiation = negotiation_in(State.IN_EXCHANGE)

    negotiation.receive(Input.EXCHANGE_RESPONSE)
    assert negotiation.receive(Input.EXCHANGE_SUCCEEDED) is State.AUTHENTICATED
    assert negotiation.receive(Input.BOUND) is State.BOUND


def test_direct_tls_begins_behind_starttls() -> None:
    """XEP-0368."""
    negotiation = ClientNegotiation(begins_in_tls=True)

    assert negotiation.receive(Input.HEADER) is State.IN_TLS


@pytest.mark.parametrize("given_input", list(Input))
@pytest.mark.parametrize("state", list(State))
def test_every_state_takes_every_input_as_the_table_says(state: State, given_input: Input) -> None:
    negotiation = negotiation_in(state)
    following = TRANSITIONS.get((state, given_input))

    if following is not None:
        assert negotiation.receive(given_input) is following
        return
    with pytest.raises(StreamError):
        negotiation.receive(given_input)
    assert negotiation.state is State.CLOSED


@given(st.lists(st.sampled_from(Input), max_size=12))
def test_nobody_is_bound_without_encryption_login_and_binding(inputs: list[Input]) -> None:
    negotiation, taken = ClientNegotiation(begins_in_tls=False), []
    for one in inputs:
        try:
            negotiation.receive(one)
        except StreamError:
            break
        taken.append(one)
        if negotiation.state in ENCRYPTED:
            assert Input.TLS_STARTED in taken
        if negotiation.state in LOGGED_IN:
            assert {Input.LOGIN_SUCCEEDED, Input.EXCHANGE_SUCCEEDED} & set(taken)
        if negotiation.state is State.BOUND:
            assert {Input.BOUND, Input.RESUMED} & set(taken)


@pytest.mark.parametrize(
    ("state", "given_input", "condition"),
    [
        (State.IN_CLEAR, Input.AUTH, StreamCondition.NOT_AUTHORIZED),
        (State.IN_CLEAR, Input.STANZA, StreamCondition.NOT_AUTHORIZED),
        (State.IN_CLEAR, Input.REGISTRATION, StreamCondition.NOT_AUTHORIZED),
        (State.STARTING_TLS, Input.STANZA, StreamCondition.POLICY_VIOLATION),
        (State.IN_TLS, Input.STANZA, StreamCondition.NOT_AUTHORIZED),
        (State.IN_TLS, Input.RESPONSE, StreamCondition.NOT_AUTHORIZED),
        (State.IN_TLS, Input.BIND_REQUEST, StreamCondition.NOT_AUTHORIZED),
        (State.IN_CLEAR, Input.AUTHENTICATE, StreamCondition.NOT_AUTHORIZED),
        (State.IN_EXCHANGE, Input.STANZA, StreamCondition.NOT_AUTHORIZED),
        (State.IN_EXCHANGE, Input.RESPONSE, StreamCondition.NOT_AUTHORIZED),
        (State.IN_EXCHANGE, Input.NEXT_TASK, StreamCondition.NOT_AUTHORIZED),
        (State.AUTHENTICATING, Input.EXCHANGE_RESPONSE, StreamCondition.NOT_AUTHORIZED),
        (State.AUTHENTICATED, Input.AUTHENTICATE, StreamCondition.NOT_AUTHORIZED),
        (State.BOUND, Input.AUTHENTICATE, StreamCondition.UNSUPPORTED_STANZA_TYPE),
        (State.AUTHENTICATED, Input.STANZA, StreamCondition.NOT_AUTHORIZED),
        (State.BOUND, Input.OTHER, StreamCondition.UNSUPPORTED_STANZA_TYPE),
        (State.BOUND, Input.AUTH, StreamCondition.UNSUPPORTED_STANZA_TYPE),
        (State.BOUND, Input.HEADER, StreamCondition.BAD_FORMAT),
    ],
)
def test_input_out_of_turn_has_its_condition(
    state: State, given_input: Input, condition: StreamCondition
) -> None:
    """RFC 6120, sections 4.3.5, 4.9.3.12, 4.9.3.24 and 5.4.3.1."""
    with pytest.raises(StreamError) as refused:
        negotiation_in(state).receive(given_input)

    assert refused.value.condition is condition


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", Input.STARTTLS),
        (b"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>", Input.AUTH),
        (b"<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>", Input.RESPONSE),
        (b"<abort xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>", Input.ABORT),
        (b"<authenticate xmlns='urn:xmpp:sasl:2'/>", Input.AUTHENTICATE),
        (b"<response xmlns='urn:xmpp:sasl:2'/>", Input.EXCHANGE_RESPONSE),
        (b"<abort xmlns='urn:xmpp:sasl:2'/>", Input.EXCHANGE_ABORT),
        (b"<next xmlns='urn:xmpp:sasl:2'/>", Input.NEXT_TASK),
        (b"<task-data xmlns='urn:xmpp:sasl:2'/>", Input.TASK_DATA),
        (b"<auth/>", Input.OTHER),
        (b"<enable xmlns='urn:xmpp:sm:3'/>", Input.STREAM_MANAGEMENT),
        (b"<a xmlns='urn:xmpp:sm:3' h='1'/>", Input.STREAM_MANAGEMENT),
        (b"<enable xmlns='urn:xmpp:sm:2'/>", Input.OTHER),
        (b"<message/>", Input.STANZA),
        (b"<presence/>", Input.STANZA),
        (b"<iq type='get'><query xmlns='jabber:iq:roster'/></iq>", Input.STANZA),
        (b"<iq/>", Input.STANZA),
        (
            b"<iq type='set'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>",
            Input.BIND_REQUEST,
        ),
        (
            b"<iq type='result'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>",
            Input.STANZA,
        ),
        (b"<iq type='get'><query xmlns='jabber:iq:register'/></iq>", Input.REGISTRATION),
        (
            b"<iq type='set'><x xmlns='urn:x'/><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>"
            b"</iq>",
            Input.STANZA,
        ),
    ],
)
def test_element_is_told_by_its_whole_name(raw: bytes, expected: Input) -> None:
    assert input_of(frame_of(raw)) is expected
