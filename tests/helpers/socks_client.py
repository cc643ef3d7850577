"""A client of the relay for byte streams."""

import asyncio
import contextlib


class SocksClient:
    """One end of a stream."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def connect(cls, port: int) -> "SocksClient":
        return cls(*await asyncio.open_connection("127.0.0.1", port, limit=16_384))

    @classmethod
    async def waiting(cls, port: int, name: str) -> "SocksClient":
        """Connect, and wait under a name."""
        client = await cls.connect(port)
        client.send(b"\x05\x01\x00")
        assert await client.read(2) == b"\x05\x00"
        client.send(b"\x05\x01\x00\x03\x28" + name.encode() + b"\x00\x00")
        answer = await client.read(47)
        assert answer == b"\x05\x00\x00\x03\x28" + name.encode() + b"\x00\x00"
        return client

    def send(self, data: bytes) -> None:
        self._writer.write(data)

    async def drain(self) -> None:
        await self._writer.drain()

    async def read(self, count: int) -> bytes:
        async with asyncio.timeout(10):
            return await self._reader.readexactly(count)

    async def read_to_end(self) -> bytes:
        async with asyncio.timeout(10):
            with contextlib.suppress(ConnectionError):
                return await self._reader.read()
            return b""

    async def close(self) -> None:
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()
