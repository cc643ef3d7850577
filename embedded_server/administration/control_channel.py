"""The server's end of the control line: a Unix socket of the user, or loopback TCP on Windows.

Both ends prove that they know the token of ``control.json`` before anything is asked. Who does not
is cut off without a word.
"""

import asyncio
import contextlib
import logging
import os
import socket
import sys
from pathlib import Path

from embedded_server.administration.control_place import (
    remove_endpoint,
    socket_path,
    write_endpoint,
)
from embedded_server.administration.operations import OperationError, OperationRegistry
from embedded_server.administration.setup_errors import SetupError
from shared_protocol.control.control_endpoint import (
    ControlAddress,
    ControlEndpoint,
    LoopbackAddress,
    PublicPorts,
    UnixAddress,
)
from shared_protocol.control.control_errors import ControlError, ControlLineTooLongError
from shared_protocol.control.control_messages import (
    Event,
    Failure,
    Request,
    Response,
    from_line,
    to_line,
)
from shared_protocol.control.handshake import ServerHandshake, new_token
from shared_protocol.errors import StanzaCondition
from shared_protocol.limits import CONTROL_LINE_BYTES

_log = logging.getLogger(__name__)
_HANDSHAKE_SECONDS = 5.0
_CLOSING_SECONDS = 1.0


class ControlChannel:
    """Answers the requests of the program that looks after this server.

    Args of the constructor:
        folder: The data folder; the caller holds its lock.
        version: That of the program.
    """

    def __init__(self, *, folder: Path, operations: OperationRegistry, version: str) -> None:
        self._folder = folder
        self._operations = operations
        self._version = version
        self._token = new_token()
        self._server: asyncio.Server | None = None
        self._socket_path: Path | None = None
        self._lines: dict[asyncio.StreamWriter, asyncio.Task[None] | None] = {}

    async def start(self, ports: PublicPorts) -> None:
        """Listen, and publish the address together with the public ports.

        Raises:
            SetupError: There is no place for the socket, or the data folder cannot be written.
        """
        try:
            address = await self._listen()
            endpoint = ControlEndpoint(os.getpid(), self._version, address, self._token, ports)
            write_endpoint(self._folder, endpoint)
        except OSError as error:
            await self.stop()
            message = f"The control line of {self._folder} cannot be opened: {error.strerror}."
            raise SetupError(message) from error

    def tell(self, event: Event) -> None:
        """Tell all who have proved themselves, as ``sessions.changed``."""
        line = to_line(event)
        for writer, serving in self._lines.items():
            if serving is not None:
                writer.write(line)

    async def stop(self) -> None:
        """Tell that the server ends, close all lines, and take the address back.

        What is being answered right now is answered first.
        """
        remove_endpoint(self._folder)
        self.tell(Event("stopping"))
        if self._server is not None:
            self._server.close()
        serving = [task for task in self._lines.values() if task is not None]
        for writer in self._lines:
            if writer.can_write_eof():
                writer.write_eof()
        current = asyncio.current_task()
        waiting = [task for task in serving if task is not current]
        if waiting:
            _, late = await asyncio.wait(waiting, timeout=_CLOSING_SECONDS)
            for task in late:
                task.cancel()
        for writer in tuple(self._lines):
            writer.close()
        if self._socket_path is not None:
            self._socket_path.unlink(missing_ok=True)

    async def _listen(self) -> ControlAddress:
        if sys.platform == "win32" or not hasattr(socket, "AF_UNIX"):
            self._server = await asyncio.start_server(
                self._serve, "127.0.0.1", 0, limit=CONTROL_LINE_BYTES
            )
            return LoopbackAddress(int(self._server.sockets[0].getsockname()[1]))
        path = socket_path(self._folder)
        path.unlink(missing_ok=True)  # left by a server that was killed: we hold the lock
        self._socket_path = path
        self._server = await asyncio.start_unix_server(self._serve, path, limit=CONTROL_LINE_BYTES)
        path.chmod(0o600)
        return UnixAddress(str(path))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._lines[writer] = None
        try:
            async with asyncio.timeout(_HANDSHAKE_SECONDS):
                await self._shake_hands(reader, writer)
            self._lines[writer] = asyncio.current_task()
            while line := await _line(reader):
                writer.write(await self._answer(line))
                await writer.drain()
        except (ControlError, TimeoutError, OSError) as error:
            _log.debug("a control line was closed: %s", error)
        finally:
            del self._lines[writer]
            writer.close()

    async def _shake_hands(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        handshake = ServerHandshake(self._token)
        writer.write(handshake.first_line())
        writer.write(handshake.receive(await _line(reader)))
        await writer.drain()

    async def _answer(self, line: bytes) -> bytes:
        request = from_line(line)
        if not isinstance(request, Request):
            message = "expected a request"
            raise ControlError(message)
        response = await self._respond(request)
        with contextlib.suppress(ControlLineTooLongError):
            return to_line(response)
        failure = Failure(StanzaCondition.POLICY_VIOLATION, "The answer is too long for one line.")
        return to_line(Response(request.id, failure=failure))

    async def _respond(self, request: Request) -> Response:
        try:
            return Response(request.id, await self._operations.call(request.op, request.args))
        except OperationError as error:
            return Response(request.id, failure=Failure(error.condition, error.text))
        except Exception:  # noqa: BLE001 - a fault of one operation must not end the line
            _log.exception("%s failed", request.op)
            text = "The operation failed by a fault of the program; its log says more."
            return Response(
                request.id, failure=Failure(StanzaCondition.INTERNAL_SERVER_ERROR, text)
            )


async def _line(reader: asyncio.StreamReader) -> bytes:
    """Return the next line without its end; empty at the end of the stream or in mid-line."""
    try:
        return (await reader.readuntil(b"\n")).removesuffix(b"\n")
    except asyncio.IncompleteReadError:
        return b""
    except asyncio.LimitOverrunError as error:
        message = f"a control line is longer than {CONTROL_LINE_BYTES} bytes"
        raise ControlLineTooLongError(message) from error
