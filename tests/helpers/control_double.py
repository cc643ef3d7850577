"""The server's end of a control line, for tests of the client's: honest, or not."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from shared_protocol.control.control_endpoint import (
    FILE_NAME,
    ControlEndpoint,
    PublicPorts,
    UnixAddress,
)
from shared_protocol.control.control_messages import (
    ControlMessage,
    Request,
    from_line,
    to_line,
)
from shared_protocol.control.handshake import ServerHandshake, new_token

PORTS = PublicPorts(c2s=5222, direct_tls=5223, http=5443)
Answer = Callable[[Request], list[ControlMessage] | None]


@dataclass
class ControlDouble:
    """A control line that listens.

    Attributes:
        asked: The requests that came.
        heard: All lines, the handshake's too.
    """

    folder: Path
    asked: list[Request] = field(default_factory=list)
    heard: list[bytes] = field(default_factory=list)


@asynccontextmanager
async def control_double(
    folder: Path, answer: Answer, *, known_token: str | None = None
) -> AsyncIterator[ControlDouble]:
    """Listen for the folder.

    Args:
        folder: Gets ``control.json`` and the socket.
        answer: What is said to a request; None closes the line.
        known_token: What the double thinks the token is; None for the right one.
    """
    token = new_token()
    double = ControlDouble(folder)
    tasks: set[asyncio.Task[object]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        handshake = ServerHandshake(known_token or token)
        writer.write(handshake.first_line())
        try:
            while line := await reader.readline():
                double.heard.append(line)
                if not handshake.is_proved:
                    writer.write(_forced(handshake, line, is_honest=known_token is None))
                    continue
                request = from_line(line)
                assert isinstance(request, Request)
                double.asked.append(request)
                answers = answer(request)
                if answers is None:
                    break
                writer.writelines(map(to_line, answers))
        finally:
            tasks.discard(task)
            writer.close()

    path = folder / "line.sock"
    server = await asyncio.start_unix_server(serve, path)
    endpoint = ControlEndpoint(4711, "0.1.0", UnixAddress(str(path)), token, PORTS)
    (folder / FILE_NAME).write_text(endpoint.to_json())
    try:
        yield double
    finally:
        server.close()
        for task in tuple(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _forced(handshake: ServerHandshake, line: bytes, *, is_honest: bool) -> bytes:
    """Answer the client's proof; who does not know the token makes something up."""
    if is_honest:
        return handshake.receive(line)
    handshake.is_proved = True
    return b'{"proof":"' + b"0" * 64 + b'"}\n'
