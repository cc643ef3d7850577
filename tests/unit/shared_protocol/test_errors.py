import pytest

from shared_protocol.errors import (
    ErrorType,
    LocalProtocolError,
    MalformedStanzaError,
    ProtocolError,
    RemoteProtocolError,
    SaslCondition,
    SaslError,
    StanzaCondition,
    StanzaError,
    StreamCondition,
    StreamError,
)

TYPES_OF_THE_RFC = {
    "bad-request": "modify",
    "conflict": "cancel",
    "feature-not-implemented": "cancel",
    "forbidden": "auth",
    "gone": "cancel",
    "internal-server-error": "cancel",
    "item-not-found": "cancel",
    "jid-malformed": "modify",
    "not-acceptable": "modify",
    "not-allowed": "cancel",
    "not-authorized": "auth",
    "policy-violation": "modify",
    "recipient-unavailable": "wait",
    "redirect": "modify",
    "registration-required": "auth",
    "remote-server-not-found": "cancel",
    "remote-server-timeout": "wait",
    "resource-constraint": "wait",
    "service-unavailable": "cancel",
    "subscription-required": "auth",
    "undefined-condition": "cancel",
    "unexpected-request": "wait",
}


def test_all_conditions_of_stanza_errors_are_known() -> None:
    """RFC 6120, section 8.3.3 has 22 of them."""
    assert {condition.value for condition in StanzaCondition} == set(TYPES_OF_THE_RFC)


@pytest.mark.parametrize("condition", list(StanzaCondition))
def test_stanza_error_has_the_type_of_the_rfc(condition: StanzaCondition) -> None:
    """RFC 6120, sections 8.3.3.1 to 8.3.3.22."""
    assert StanzaError(condition).type.value == TYPES_OF_THE_RFC[condition.value]


def test_stanza_error_takes_another_type_and_tells_who_found_it() -> None:
    error = StanzaError(
        StanzaCondition.POLICY_VIOLATION,
        "too fast",
        error_type=ErrorType.WAIT,
        by="montague.lit",
    )

    assert (error.type, error.by, error.text) == (ErrorType.WAIT, "montague.lit", "too fast")
    assert str(error) == "policy-violation: too fast"


def test_errors_name_their_condition() -> None:
    assert str(StreamError(StreamCondition.CONFLICT)) == "conflict"
    assert str(StreamError(StreamCondition.CONFLICT, "replaced")) == "conflict: replaced"
    assert str(SaslError(SaslCondition.NOT_AUTHORIZED)) == "not-authorized"
    assert str(SaslError(SaslCondition.ABORTED, "by the client")) == "aborted: by the client"
    assert str(StanzaError(StanzaCondition.GONE)) == "gone"
    assert MalformedStanzaError("no jid").text == "no jid"


def test_faults_of_the_peer_are_told_from_our_own() -> None:
    assert issubclass(StreamError, RemoteProtocolError)
    assert issubclass(MalformedStanzaError, RemoteProtocolError)
    assert not issubclass(LocalProtocolError, RemoteProtocolError)
    assert all(
        issubclass(error, ProtocolError)
        for error in (LocalProtocolError, RemoteProtocolError, StanzaError, SaslError)
    )


def test_stream_error_begins_without_frames() -> None:
    assert StreamError(StreamCondition.RESET).frames_before == []
