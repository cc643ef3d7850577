"""The client's end of the control line: finds a server by ``control.json`` and asks it.

A line is opened when it is needed; both ends prove the token before anything else is said.
"""

import asyncio
import logging
from pathlib import Path
from typing import Any

from communicator.hosting.errors import HostingError, ServerNotRunningError
from communicator.state.sentences import sentence
from communicator.state.signals import Signal
from communicator.state.task_owner import TaskOwner
from shared_protocol.control.control_endpoint import (
    FILE_NAME,
    ControlAddress,
    ControlEndpoint,
    UnixAddress,
)
from shared_protocol.control.control_errors import ControlError
from shared_protocol.control.control_messages import (
    Event,
    Failure,
    Request,
    Response,
    from_line,
    to_line,
)
from shared_protocol.control.handshake import ClientHandshake
from shared_protocol.control.json_lines import LineSplitter

HANDSHAKE_SECONDS = 5.0
ANSWER_SECONDS = 30.0
_LOOPBACK = "127.0.0.1"
_READ_BYTES = 65_536
_LONGEST_FILE_BYTES = 65_536

_log = logging.getLogger(__name__)


class OperationRefusedError(HostingError):
    """The server did not do what it was asked.

    Attributes:
        condition: For the program, such as ``conflict``.
    """

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.text or failure.condition)
        self.condition = failure.condition


def read_endpoint(folder: Path) -> ControlEndpoint:
    """Read ``control.json`` of a data folder.

    Raises:
        ServerNotRunningError: There is none, or it cannot be read.
    """
    try:
        with (folder / FILE_NAME).open("rb") as file:
            return ControlEndpoint.from_json(file.read(_LONGEST_FILE_BYTES))
    except (OSError, ControlError) as error:
        message = sentence("Sentences", "The office server does not run.")
        raise ServerNotRunningError(message) from error


class ControlClient:
    """A control line to a server.

    Signals:
        event_received: What the server tells unasked.
        closed: The line is gone.
    """

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        endpoint: ControlEndpoint,
    ) -> None:
        self.endpoint = endpoint
        self.event_received: Signal[Event] = Signal()
        self.closed: Signal[None] = Signal()
        self._reader = reader
        self._writer = writer
        self._splitter = LineSplitter()
        self._waiting_by_id: dict[int, asyncio.Future[Response]] = {}
        self._last_id = 0
        self._tasks = TaskOwner()
        self._is_closed = False

    @classmethod
    async def connect(cls, folder: Path) -> "ControlClient":
        """Open a line to the server of a data folder.

        Raises:
            ServerNotRunningError: Nobody answers who knows the token.
        """
        endpoint = await asyncio.to_thread(read_endpoint, folder)
        message = sentence("Sentences", "The office server does not answer.")
        try:
            async with asyncio.timeout(HANDSHAKE_SECONDS):
                reader, writer = await _open(endpoint.address)
                client = cls(reader, writer, endpoint)
                try:
                    await client._prove()
                except BaseException:
                    writer.close()
                    raise
        except (OSError, ControlError) as error:
            raise ServerNotRunningError(message) from error
        return client

    async def ask(self, op: str, **args: object) -> Any:
        """Have an operation done and return its result.

        Raises:
            OperationRefusedError: The server did not do it.
            ServerNotRunningError: The line is gone, or no answer came in time.
        """
        if self._is_closed:
            message = sentence("Sentences", "The office server does not answer.")
            raise ServerNotRunningError(message)
        self._last_id += 1
        request = Request(self._last_id, op, args)
        answer: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        self._waiting_by_id[request.id] = answer
        try:
            self._writer.write(to_line(request))
            async with asyncio.timeout(ANSWER_SECONDS):
                response = await answer
        except TimeoutError as error:
            message = sentence("Sentences", "The office server does not answer.")
            raise ServerNotRunningError(message) from error
        finally:
            del self._waiting_by_id[request.id]
        if response.failure is not None:
            raise OperationRefusedError(response.failure)
        return response.result

    async def close(self) -> None:
        """End the line."""
        await self._tasks.stop()
        self._end()

    async def _prove(self) -> None:
        handshake = ClientHandshake(self.endpoint.token)
        while not handshake.is_proved:
            for line in self._splitter.receive(await self._read()):
                if handshake.is_proved:
                    self._take(line)
                elif said := handshake.receive(line):
                    self._writer.write(said)
        self._tasks.spawn(self._listen(), "control line")

    async def _read(self) -> bytes:
        data = await self._reader.read(_READ_BYTES)
        if not data:
            message = "the control line was closed"
            raise ConnectionResetError(message)
        return data

    async def _listen(self) -> None:
        try:
            while True:
                for line in self._splitter.receive(await self._read()):
                    self._take(line)
        except (OSError, ControlError) as error:
            _log.info("the control line has ended: %s", error)
        finally:
            self._end()

    def _take(self, line: bytes) -> None:
        match from_line(line):
            case Event() as event:
                self.event_received.emit(event)
            case Response() as response:
                waiting = self._waiting_by_id.get(response.id)
                if waiting is not None and not waiting.done():
                    waiting.set_result(response)
            case _:
                _log.warning("the server asks on the control line; it is not answered")

    def _end(self) -> None:
        if self._is_closed:
            return
        self._is_closed = True
        self._writer.close()
        message = sentence("Sentences", "The office server has ended.")
        for waiting in self._waiting_by_id.values():
            if not waiting.done():
                waiting.set_exception(ServerNotRunningError(message))
        self.closed.emit(None)


async def _open(address: ControlAddress) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if isinstance(address, UnixAddress):
        return await asyncio.open_unix_connection(address.path)
    return await asyncio.open_connection(_LOOPBACK, address.port)
