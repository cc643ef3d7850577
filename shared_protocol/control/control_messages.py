"""What is said on a control line after both ends have proved that they know the token.

The client asks, the server answers each request once, in any order, and tells events. ``op`` is a
name of the registry of operations; there is no second vocabulary.

Example::

    {"id": 7, "op": "accounts.create", "args": {"name": "juliet"}}
    {"id": 7, "result": {"jid": "juliet@capulet.lit"}}
    {"id": 8, "error": {"condition": "conflict", "text": "There is an account juliet already."}}
    {"event": "sessions.changed", "args": {"sessions": 3}}
"""

from dataclasses import dataclass, field
from typing import Any

from shared_protocol.control.control_errors import MalformedControlError
from shared_protocol.control.json_lines import (
    JsonObject,
    line_from_object,
    number_in,
    object_from_line,
    object_in,
    text_in,
)


@dataclass(frozen=True, slots=True)
class Request:
    """An operation that the client wants done.

    Attributes:
        id: Of the client's choice, 0 or more; the response repeats it.
        op: Name of the operation, such as ``accounts.create``.
        args: By name; not shown in logs, since there may be a password among them.
    """

    id: int
    op: str
    args: JsonObject = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an operation was not done.

    Attributes:
        condition: For the program: the name of a stanza error's condition (RFC 6120, section
            8.3.3), such as ``conflict``.
        text: For people: one sentence.
    """

    condition: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Response:
    """The answer to a request: a result, or else a failure.

    Attributes:
        result: Anything that JSON has; not shown in logs.
    """

    id: int
    result: Any = field(default=None, repr=False)
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in the server, such as ``stopping``."""

    name: str
    args: JsonObject = field(default_factory=dict)


ControlMessage = Request | Response | Event


def from_line(line: bytes) -> ControlMessage:
    """Read a line.

    Raises:
        MalformedControlError: It is no request, response or event.
    """
    value = object_from_line(line)
    if "event" in value:
        return Event(text_in(value, "event"), object_in(value, "args"))
    if "op" in value:
        return Request(number_in(value, "id"), text_in(value, "op"), object_in(value, "args"))
    if "error" in value:
        error = object_in(value, "error")
        failure = Failure(text_in(error, "condition"), text_in(error, "text"))
        return Response(number_in(value, "id"), failure=failure)
    if "result" in value:
        return Response(number_in(value, "id"), value["result"])
    message = "expected a request, a response or an event"
    raise MalformedControlError(message)


def to_line(message: ControlMessage) -> bytes:
    """Write a line, with its end.

    Raises:
        ControlLineTooLongError: It would be longer than 1 MiB.
    """
    return line_from_object(_object(message))


def _object(message: ControlMessage) -> JsonObject:
    match message:
        case Request():
            return {"id": message.id, "op": message.op, "args": message.args}
        case Event():
            return {"event": message.name, "args": message.args}
        case _:
            return {"id": message.id, **_outcome(message)}


def _outcome(response: Response) -> JsonObject:
    if response.failure is None:
        return {"result": response.result}
    return {"error": {"condition": response.failure.condition, "text": response.failure.text}}
