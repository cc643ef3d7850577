"""A component that speaks raw XML (XEP-0114)."""

import asyncio
import re

from shared_protocol.stream.component_handshake import handshake_digest
from shared_protocol.xml.writer import attribute

HEADER = (
    "<?xml version='1.0'?><stream:stream xmlns='{namespace}'"
    " xmlns:stream='http://etherx.jabber.org/streams'{to}>"
)
_SECONDS = 5.0


class RawComponent:
    """One connection.

    Attributes:
        received: All that came, as text.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.received = ""
        self._reader = reader
        self._writer = writer

    @classmethod
    async def connect(cls, port: int) -> "RawComponent":
        """Open a connection."""
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    @classmethod
    async def log_in(cls, port: int, domain: str, secret: str) -> "RawComponent":
        """Connect and prove the secret."""
        component = await cls.connect(port)
        await component.open(domain)
        component.shake_hands(secret)
        await component.wait_for("<handshake/>")
        return component

    async def open(self, domain: str, namespace: str = "jabber:component:accept") -> None:
        """Exchange headers."""
        self.send(HEADER.format(namespace=namespace, to=attribute("to", domain)))
        await self.wait_for("<stream:stream ")

    def shake_hands(self, secret: str) -> None:
        """Prove the secret with the id of the server's header."""
        match = re.search(r"\bid='([^']+)'", self.received)
        assert match is not None, self.received
        self.send(f"<handshake>{handshake_digest(match[1], secret)}</handshake>")

    def send(self, xml: str) -> None:
        """Send anything."""
        self._writer.write(xml.encode())

    async def wait_for(self, text: str) -> str:
        """Read until a text has come; return and forget what came before its end."""
        async with asyncio.timeout(_SECONDS):
            while text not in self.received:
                data = await self._reader.read(65_536)
                assert data, f"the stream ended with {self.received!r}, expected {text!r}"
                self.received += data.decode()
        end = self.received.index(text) + len(text)
        before = self.received[:end]
        if text != "<stream:stream ":
            self.received = self.received[end:]
        return before

    async def wait_for_end(self) -> str:
        """Read to the end; return the condition of the stream error, or nothing."""
        async with asyncio.timeout(_SECONDS):
            self.received += (await self._reader.read()).decode()
        self._writer.close()
        match = re.search(r"<stream:error><([\w-]+)", self.received)
        return match[1] if match else ""

    async def close(self) -> None:
        """Cut the connection."""
        self._writer.close()
        await self._writer.wait_closed()
