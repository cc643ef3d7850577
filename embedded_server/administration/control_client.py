"""The command line's end of the control line: connects, proves, asks, closes."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from embedded_server.administration.control_place import read_endpoint
from embedded_server.administration.operations import JsonResult
from embedded_server.administration.setup_errors import OfficeStoppedError, SetupError
from shared_protocol.control.control_endpoint import ControlAddress, UnixAddress
from shared_protocol.control.control_errors import ControlError
from shared_protocol.control.control_messages import Request, Response, from_line, to_line
from shared_protocol.control.handshake import ClientHandshake
from shared_protocol.limits import CONTROL_LINE_BYTES

_ANSWER_SECONDS = 30.0


class OperationRefusedError(SetupError):
    """The server did not do it; the text is its own."""


async def ask_server(folder: Path, op: str, arguments: Mapping[str, object]) -> JsonResult:
    """Have the running server of a folder do an operation.

    Raises:
        OfficeStoppedError: It is not running.
        OperationRefusedError: It did not do it.
        SetupError: It does not answer, or a stranger sits at its address.
    """
    endpoint = read_endpoint(folder)
    try:
        reader, writer = await _connected(endpoint.address)
    except OSError as error:
        message = f"The office in {folder} is not running."
        raise OfficeStoppedError(message) from error
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            await _prove(endpoint.token, reader, writer)
            return await _ask(reader, writer, Request(1, op, dict(arguments)))
    except (ControlError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        message = f"The office in {folder} does not answer: stop it, and start it again."
        raise SetupError(message) from error
    finally:
        writer.close()


async def _connected(
    address: ControlAddress,
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if isinstance(address, UnixAddress):
        return await asyncio.open_unix_connection(address.path, limit=CONTROL_LINE_BYTES)
    return await asyncio.open_connection("127.0.0.1", address.port, limit=CONTROL_LINE_BYTES)


async def _prove(token: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    handshake = ClientHandshake(token)
    writer.write(handshake.receive(await reader.readuntil(b"\n")))
    handshake.receive(await reader.readuntil(b"\n"))


async def _ask(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: Request
) -> JsonResult:
    writer.write(to_line(request))
    while True:
        message = from_line(await reader.readuntil(b"\n"))
        if isinstance(message, Response) and message.id == request.id:
            if message.failure is not None:
                raise OperationRefusedError(message.failure.text)
            return dict(message.result)
