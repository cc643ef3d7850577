"""Which part of a file a request asks for (RFC 9110, section 14): one range, or all of it."""

import re
from dataclasses import dataclass

_ONE_RANGE = re.compile(r"bytes\s*=\s*([0-9]{0,18})\s*-\s*([0-9]{0,18})", re.IGNORECASE)


class RangeNotSatisfiableError(Exception):
    """The file has no such part."""


@dataclass(frozen=True, slots=True)
class ByteRange:
    """A part of a file: from ``start`` to ``end``, which is not part of it."""

    start: int
    end: int

    def content_range(self, size_bytes: int) -> str:
        """Write ``Content-Range``."""
        return f"bytes {self.start}-{self.end - 1}/{size_bytes}"


def wanted_range(field: str, size_bytes: int) -> ByteRange | None:
    """Read a ``Range`` field.

    Returns:
        The part; None for the whole file, also where the field is none or has several ranges,
        which a server may leave aside (section 14.2).

    Raises:
        RangeNotSatisfiableError: The part lies behind the end.
    """
    match = _ONE_RANGE.fullmatch(field.strip())
    if match is None or not (match[1] or match[2]):
        return None
    if not match[1]:
        start, end = max(size_bytes - int(match[2]), 0), size_bytes
    else:
        start = int(match[1])
        end = min(int(match[2]) + 1, size_bytes) if match[2] else size_bytes
        if match[2] and int(match[2]) < start:
            return None
    if start >= min(end, size_bytes):
        raise RangeNotSatisfiableError
    return ByteRange(start, end)
