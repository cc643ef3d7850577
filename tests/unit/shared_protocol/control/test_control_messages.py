import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_protocol.control.control_errors import ControlLineTooLongError, MalformedControlError
from shared_protocol.control.control_messages import (
    ControlMessage,
    Event,
    Failure,
    Request,
    Response,
    from_line,
    to_line,
)

IDS = st.integers(0, 2**53)
ARGS = st.dictionaries(st.text(), st.none() | st.integers() | st.text(), max_size=3)
MESSAGES = st.one_of(
    st.builds(Request, IDS, st.text(), ARGS),
    st.builds(Response, IDS, ARGS | st.none() | st.text()),
    st.builds(Response, IDS, failure=st.builds(Failure, st.text(), st.text())),
    st.builds(Event, st.text(), ARGS),
)


@given(MESSAGES)
def test_message_survives_a_round_trip(message: ControlMessage) -> None:
    assert from_line(to_line(message)) == message


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b'{"id":7,"op":"server.status"}', Request(7, "server.status")),
        (b'{"id":7,"result":null}', Response(7)),
        (b'{"id":7,"result":{"pid":4711}}', Response(7, {"pid": 4711})),
        (
            b'{"id":8,"error":{"condition":"conflict","text":"Taken."}}',
            Response(8, failure=Failure("conflict", "Taken.")),
        ),
        (b'{"event":"stopping"}', Event("stopping")),
    ],
)
def test_line_is_read_as_its_message(line: bytes, message: ControlMessage) -> None:
    assert from_line(line) == message


@pytest.mark.parametrize(
    "line",
    [
        b"{}",
        b'{"id":7}',
        b'{"op":"server.stop"}',
        b'{"id":"7","op":"server.stop"}',
        b'{"id":7,"op":1}',
        b'{"id":7,"op":"server.stop","args":[]}',
        b'{"id":7,"error":"no"}',
        b'{"id":7,"error":{"condition":"conflict"}}',
        b'{"result":{}}',
        b'{"event":1}',
    ],
)
def test_line_without_the_form_is_refused(line: bytes) -> None:
    with pytest.raises(MalformedControlError, match="expected"):
        from_line(line)


def test_arguments_and_results_are_kept_out_of_logs() -> None:
    request = Request(7, "accounts.create", {"password": "Calliope"})
    response = Response(7, {"password": "Calliope"})

    assert "Calliope" not in repr(request) + repr(response)


def test_message_that_is_too_long_is_not_written() -> None:
    with pytest.raises(ControlLineTooLongError):
        to_line(Event("x" * 2**20))
