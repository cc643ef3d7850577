"""Ranges of a file (RFC 9110, section 14)."""

import pytest

from embedded_server.modules.uploads.byte_ranges import (
    ByteRange,
    RangeNotSatisfiableError,
    wanted_range,
)


@pytest.mark.parametrize(
    ("field", "part"),
    [
        ("bytes=0-0", ByteRange(0, 1)),
        ("bytes=2-4", ByteRange(2, 5)),
        ("bytes=2-", ByteRange(2, 10)),
        ("bytes=-3", ByteRange(7, 10)),
        ("bytes=-30", ByteRange(0, 10)),
        ("BYTES = 9-99", ByteRange(9, 10)),
        ("bytes=0-1,3-4", None),
        ("bytes=4-2", None),
        ("bytes=-", None),
        ("lines=1-2", None),
        ("", None),
    ],
)
def test_one_range_is_read_and_others_are_left_aside(field: str, part: ByteRange | None) -> None:
    assert wanted_range(field, 10) == part


@pytest.mark.parametrize("field", ["bytes=10-", "bytes=10-12", "bytes=-0"])
def test_a_part_behind_the_end_is_refused(field: str) -> None:
    """Section 15.5.17."""
    with pytest.raises(RangeNotSatisfiableError):
        wanted_range(field, 10)


def test_the_part_is_told_with_the_whole_size() -> None:
    assert ByteRange(2, 5).content_range(10) == "bytes 2-4/10"
