import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_protocol.control.control_errors import ControlLineTooLongError, MalformedControlError
from shared_protocol.control.json_lines import (
    LineSplitter,
    line_from_object,
    number_in,
    object_from_line,
    object_in,
    text_in,
)
from shared_protocol.limits import CONTROL_LINE_BYTES

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.floats(allow_nan=False).filter(lambda number: abs(number) != float("inf")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(st.lists(st.binary().filter(lambda line: b"\n" not in line)), st.data())
def test_lines_are_the_same_however_they_are_cut(lines: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(line + b"\n" for line in lines)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)))))
    splitter = LineSplitter()
    received = [
        line
        for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)
        for line in splitter.receive(stream[start:end])
    ]

    assert received == lines


def test_half_a_line_waits_for_its_end() -> None:
    splitter = LineSplitter()

    assert splitter.receive(b'{"id"') == []
    assert splitter.receive(b": 1}\n{") == [b'{"id": 1}']


def test_longest_line_is_taken() -> None:
    line = b"x" * (CONTROL_LINE_BYTES - 1)

    assert LineSplitter().receive(line + b"\n") == [line]


@pytest.mark.parametrize("end", [b"", b"\n", b"\n{}\n"])
def test_line_that_is_too_long_is_refused_whole_or_not(end: bytes) -> None:
    with pytest.raises(ControlLineTooLongError, match="1048576"):
        LineSplitter().receive(b"x" * CONTROL_LINE_BYTES + end)


def test_line_that_grows_too_long_is_refused_before_its_end() -> None:
    splitter = LineSplitter(longest_bytes=10)
    splitter.receive(b"12345")

    with pytest.raises(ControlLineTooLongError):
        splitter.receive(b"67890")


def test_after_a_refusal_everything_is_refused() -> None:
    splitter = LineSplitter(longest_bytes=10)
    with pytest.raises(ControlLineTooLongError):
        splitter.receive(b"x" * 11)

    with pytest.raises(ControlLineTooLongError):
        splitter.receive(b"{}\n")


@given(st.dictionaries(st.text(), JSON, max_size=4))
def test_object_survives_a_round_trip_in_one_line(value: dict[str, object]) -> None:
    line = line_from_object(value)

    assert line.count(b"\n") == 1
    assert object_from_line(line) == value


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"garbage",
        b"[]",
        b"1",
        b"null",
        b'{"id": 1',
        b'{"id": NaN}',
        b'{"id": -Infinity}',
        b'{"id": ' + b"9" * 5000 + b"}",
        b"[" * 100_000,
        b'{"id": "\xff"}',
        '{"id": 1}'.encode("utf-16"),
        b"\xef\xbb\xbf{}",
    ],
)
def test_garbage_is_refused(line: bytes) -> None:
    with pytest.raises(MalformedControlError, match="expected a JSON object"):
        object_from_line(line)


def test_refusal_never_quotes_what_was_received() -> None:
    with pytest.raises(MalformedControlError) as refusal:
        object_from_line(b'{"password": "Calliope"')

    assert "Calliope" not in str(refusal.value)
    assert refusal.value.__suppress_context__


def test_too_long_a_line_is_not_written() -> None:
    with pytest.raises(ControlLineTooLongError):
        line_from_object({"text": "x" * CONTROL_LINE_BYTES})


@pytest.mark.parametrize("value", [{}, {"key": 1}, {"key": None}])
def test_missing_text_is_refused(value: dict[str, object]) -> None:
    with pytest.raises(MalformedControlError, match="text under 'key'"):
        text_in(value, "key")


@pytest.mark.parametrize("value", [{}, {"key": "1"}, {"key": True}, {"key": -1}, {"key": 1.0}])
def test_missing_number_is_refused(value: dict[str, object]) -> None:
    with pytest.raises(MalformedControlError, match="number under 'key'"):
        number_in(value, "key")


def test_missing_object_is_empty_but_nothing_else_is() -> None:
    assert object_in({}, "key") == {}
    with pytest.raises(MalformedControlError, match="object under 'key'"):
        object_in({"key": []}, "key")
