"""Lines of JSON: one object each, ended by a line feed, of at most 1 MiB (RFC 8259, UTF-8).

Example::

    {"id": 7, "op": "accounts.create", "args": {"name": "juliet"}}
"""

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from shared_protocol.control.control_errors import ControlLineTooLongError, MalformedControlError
from shared_protocol.limits import CONTROL_LINE_BYTES

JsonObject = dict[str, Any]
_LINE_FEED = b"\n"


class LineSplitter:
    """Cuts what arrives into lines, and refuses a line before it is whole if it is too long.

    After a refusal it refuses everything.
    """

    def __init__(self, longest_bytes: int = CONTROL_LINE_BYTES) -> None:
        self._longest_bytes = longest_bytes
        self._rest = bytearray()
        self._is_closed = False

    def receive(self, data: bytes) -> list[bytes]:
        """Take bytes; return the lines that are whole now, without their ends.

        Raises:
            ControlLineTooLongError: A line, whole or not, is too long; the lines before it in
                ``data`` are lost.
        """
        if self._is_closed:
            self._refuse()
        searched = len(self._rest)
        self._rest += data
        lines: list[bytes] = []
        start = 0
        while (end := self._rest.find(_LINE_FEED, max(start, searched))) >= 0:
            lines.append(bytes(self._rest[start:end]))
            start = end + 1
        del self._rest[:start]
        if max(map(len, (*lines, self._rest))) >= self._longest_bytes:
            self._refuse()
        return lines

    def _refuse(self) -> NoReturn:
        self._is_closed = True
        self._rest.clear()
        message = f"a control line is longer than {self._longest_bytes} bytes"
        raise ControlLineTooLongError(message)


def object_from_line(line: bytes | str) -> JsonObject:
    """Read a line.

    Raises:
        MalformedControlError: It is no JSON object, or holds numbers that JSON does not have.
    """
    try:
        text = line.decode() if isinstance(line, bytes) else line
        value = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        message = "expected a JSON object"
        raise MalformedControlError(message) from None  # what was received may hold a secret
    return value


def line_from_object(value: Mapping[str, object]) -> bytes:
    """Write a line, with its end.

    Raises:
        ControlLineTooLongError: It is too long; nothing was sent, and the line may go on.
    """
    line = json.dumps(value, separators=(",", ":"), allow_nan=False).encode() + _LINE_FEED
    if len(line) > CONTROL_LINE_BYTES:
        message = f"a control line of {len(line)} bytes is longer than {CONTROL_LINE_BYTES} bytes"
        raise ControlLineTooLongError(message)
    return line


def text_in(value: Mapping[str, Any], key: str) -> str:
    """Return the text under a key.

    Raises:
        MalformedControlError: There is none.
    """
    found = value.get(key)
    if not isinstance(found, str):
        message = f"expected a text under {key!r}"
        raise MalformedControlError(message)
    return found


def number_in(value: Mapping[str, Any], key: str) -> int:
    """Return the whole number of 0 or more under a key.

    Raises:
        MalformedControlError: There is none.
    """
    found = value.get(key)
    if not isinstance(found, int) or isinstance(found, bool) or found < 0:
        message = f"expected a whole number under {key!r}"
        raise MalformedControlError(message)
    return found


def object_in(value: Mapping[str, Any], key: str) -> JsonObject:
    """Return the object under a key; an empty one if the key is not there.

    Raises:
        MalformedControlError: There is something else.
    """
    found = value.get(key, {})
    if not isinstance(found, dict):
        message = f"expected an object under {key!r}"
        raise MalformedControlError(message)
    return found


def _refuse_constant(name: str) -> NoReturn:
    message = f"{name} is no JSON"
    raise ValueError(message)
