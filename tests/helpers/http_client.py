"""An HTTP client of raw bytes: a test says what goes over the connection."""

import asyncio
import contextlib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass

HOST = "montague.lit"
SECONDS = 10.0


@dataclass(frozen=True)
class Reply:
    """An answer as it came.

    Attributes:
        headers: By name in lower case.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes


class HttpClient:
    """One connection; a test says which bytes go over it."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, name: str
    ) -> None:
        self._name = name
        self.reader = reader
        self.writer = writer

    @classmethod
    async def connect(
        cls, port: int, tls: ssl.SSLContext | None = None, *, name: str = HOST
    ) -> "HttpClient":
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", port, ssl=tls, server_hostname=name if tls else None
        )
        return cls(reader, writer, name)

    @property
    def tls(self) -> ssl.SSLObject:
        """What was agreed in TLS."""
        found: ssl.SSLObject = self.writer.get_extra_info("ssl_object")
        return found

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def drain(self) -> None:
        await self.writer.drain()

    async def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Reply:
        """Send a request and read its answer; an underscore in a header's name is a hyphen."""
        self.send_request(method, path, body, **headers)
        return await self.reply(method)

    def send_request(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> None:
        fields = {"Host": self._name} | {
            name.replace("_", "-"): one for name, one in headers.items()
        }
        if body is not None:
            fields.setdefault("Content-Length", str(len(body)))
        written = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        self.send(f"{method} {path} HTTP/1.1\r\n{written}\r\n".encode("latin-1") + (body or b""))

    async def reply(self, method: str = "GET") -> Reply:
        """Read one answer."""
        async with asyncio.timeout(SECONDS):
            head = await self.reader.readuntil(b"\r\n\r\n")
            lines = head.decode("latin-1").split("\r\n")
            status = int(lines[0].split(" ")[1])
            pairs = [line.partition(": ") for line in lines[1:] if line]
            headers = {name.lower(): value for name, _, value in pairs}
            is_bodiless = method == "HEAD" or status in {100, 101, 204, 304}
            length = 0 if is_bodiless else int(headers.get("content-length", "0"))
            return Reply(status, headers, await self.reader.readexactly(length))

    async def read(self, count: int) -> bytes:
        """Read so many bytes."""
        async with asyncio.timeout(SECONDS):
            return await self.reader.readexactly(count)

    async def read_to_end(self) -> bytes:
        """Read until the server closes."""
        async with asyncio.timeout(SECONDS):
            data = bytearray()
            with contextlib.suppress(ConnectionError):
                while piece := await self.reader.read(65_536):
                    data += piece
            return bytes(data)

    async def close(self) -> None:
        self.writer.transport.abort()
        self.writer.close()
        with contextlib.suppress(OSError):
            await self.writer.wait_closed()
