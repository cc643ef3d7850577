"""A server on loopback that follows a script, polite or hostile, with real TLS and real SCRAM."""

import asyncio
import base64
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from shared_protocol.errors import SaslError
from shared_protocol.namespaces import BIND, SASL, SASL_CHANNEL_BINDING, STREAM_MANAGEMENT, TLS
from shared_protocol.sasl.channel_binding import TLS_SERVER_END_POINT, tls_server_end_point
from shared_protocol.sasl.offer import SaslOffer
from shared_protocol.sasl.scram import ScramKeys
from shared_protocol.sasl.server import Challenge, ServerLogin, Success
from tests.helpers.private_authority import LOOPBACK, IssuedCertificate

DOMAIN = "montague.lit"
PASSWORD = "a rose by any other name"
READ_SECONDS = 10.0
HEADER = (
    "<?xml version='1.0'?><stream:stream xmlns='jabber:client' id='s1' version='1.0'"
    f" xmlns:stream='http://etherx.jabber.org/streams' from='{DOMAIN}'>"
)
STARTTLS = f"<starttls xmlns='{TLS}'><required/></starttls>"
PROCEED = f"<proceed xmlns='{TLS}'/>"
BIND_FEATURE = f"<bind xmlns='{BIND}'/>"
SM_FEATURE = f"<sm xmlns='{STREAM_MANAGEMENT}'/>"
BINDINGS = (
    f"<sasl-channel-binding xmlns='{SASL_CHANNEL_BINDING}'>"
    "<channel-binding type='tls-server-end-point'/></sasl-channel-binding>"
)
FORGED = (
    "<message from='escalus@montague.lit/court' type='chat'><body>pay 4711</body></message>"
    "<presence from='tybalt@capulet.lit' type='subscribe'/>"
    "<iq type='set' id='p1'><query xmlns='jabber:iq:roster'>"
    "<item jid='tybalt@capulet.lit' subscription='both' name='Support'/></query></iq>"
)


def mechanisms(*names: str) -> str:
    """The stream feature that offers logins."""
    offered = "".join(f"<mechanism>{name}</mechanism>" for name in names)
    return f"<mechanisms xmlns='{SASL}'>{offered}</mechanisms>"


class ScriptedPeer:
    """One connection, seen from the server.

    Attributes:
        heard: All bytes of the client, also those before TLS.
    """

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        certificate: IssuedCertificate,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._certificate = certificate
        self._unread = b""
        self.heard = b""
        self.mechanism = ""

    async def send(self, text: str | bytes) -> None:
        """Write; the client may be gone."""
        self._writer.write(text.encode() if isinstance(text, str) else text)
        await self._writer.drain()

    async def read_until(self, pattern: str) -> re.Match[str]:
        """Read until the pattern is there; what is behind it stays for the next call."""
        async with asyncio.timeout(READ_SECONDS):
            while True:
                text = self._unread.decode(errors="surrogateescape")
                found = re.search(pattern, text, re.DOTALL)
                if found is not None:
                    self._unread = text[found.end() :].encode(errors="surrogateescape")
                    return found
                data = await self._reader.read(65_536)
                if not data:
                    message = f"the client left before {pattern!r}; unread: {self._unread!r}"
                    raise ConnectionResetError(message)
                self.heard += data
                self._unread += data

    async def finish(self) -> None:
        """Wait for the end of the client's stream and end the own one."""
        await self.read_until("</stream:stream>")
        await self.send("</stream:stream>")

    async def offer(self, features: str) -> None:
        """Answer the client's stream header with features."""
        await self.read_until("<stream:stream[^>]*>")
        await self.send(f"{HEADER}<stream:features>{features}</stream:features>")

    async def encrypt(self) -> None:
        """Offer and do STARTTLS."""
        await self.offer(STARTTLS)
        await self.read_until("<starttls[^>]*/>")
        await self.send(PROCEED)
        await self.start_tls()

    async def start_tls(self) -> None:
        """Do the handshake."""
        await self._writer.start_tls(server_context(self._certificate))

    async def authenticate(self, *offered: str, features: str = "") -> None:
        """Offer logins and let the client log in by whatever it chooses."""
        names = offered or ("SCRAM-SHA-256", "SCRAM-SHA-1")
        await self.offer(mechanisms(*names) + features)
        login = self._login(names, (TLS_SERVER_END_POINT,) if BINDINGS in features else ())
        found = await self.read_until("<auth[^>]*mechanism='([^']*)'[^>]*>([^<]*)</auth>")
        self.mechanism = found[1]
        step = login.begin(found[1], base64.b64decode(found[2]))
        while isinstance(step, Challenge):
            written = base64.b64encode(step.data).decode()
            await self.send(f"<challenge xmlns='{SASL}'>{written}</challenge>")
            found = await self.read_until("<response[^>]*>([^<]*)</response>")
            try:
                step = login.respond(base64.b64decode(found[1]))
            except SaslError as error:
                await self.send(f"<failure xmlns='{SASL}'><{error.condition.value}/></failure>")
                message = "the client gave a wrong password"
                raise ConnectionResetError(message) from None
        if not isinstance(step, Success):
            step = login.password_checked(
                is_right=step.keys.matches(step.password, step.scram_hash)
            )
        written = base64.b64encode(step.data or b"").decode()
        await self.send(f"<success xmlns='{SASL}'>{written}</success>")

    async def bind(self, features: str = BIND_FEATURE, behind: str = "") -> str:
        """Let the client bind; return its full JID. ``behind`` goes into the same segment."""
        await self.offer(features)
        found = await self.read_until(
            "<iq[^>]*id='([^']*)'.*<resource>([^<]*)</resource></bind></iq>"
        )
        jid = f"romeo@{DOMAIN}/{found[2]}"
        await self.send(
            f"<iq type='result' id='{found[1]}'><bind xmlns='{BIND}'><jid>{jid}</jid></bind></iq>"
            + behind
        )
        return jid

    async def welcome(self, features: str = BIND_FEATURE) -> str:
        """Do all that stands before a session; return the client's full JID."""
        await self.encrypt()
        await self.authenticate()
        jid = await self.bind(features)
        if SM_FEATURE in features:
            await self.read_until("<enable[^>]*/>")
            await self.send(f"<enabled xmlns='{STREAM_MANAGEMENT}'/>")
        return jid

    async def answer(self, payload: str, result: str = "") -> None:
        """Wait for an IQ with this in it and answer it."""
        found = await self.read_until(f"<iq id='([^']*)'[^>]*>(?:(?!</iq>).)*{payload}.*?</iq>")
        await self.send(f"<iq type='result' id='{found[1]}'>{result}</iq>")

    async def close(self) -> None:
        """Close the connection."""
        self._writer.close()

    def abort(self) -> None:
        """Cut the connection."""
        self._writer.transport.abort()

    def _login(self, offered: Sequence[str], bindings: tuple[str, ...]) -> ServerLogin:
        pem = self._certificate.chain.read_text()
        der = ssl.PEM_cert_to_DER_cert(pem[: pem.index("-----END CERTIFICATE-----") + 26])
        return ServerLogin(
            credentials=lambda _name, scram_hash: ScramKeys.derive(PASSWORD, scram_hash, 4_096),
            domain=DOMAIN,
            fake_salt_secret=b"secret",
            channel_binding=tls_server_end_point(der),
            offered=SaslOffer(tuple(offered), bindings),
        )


Script = Callable[[ScriptedPeer], Awaitable[object]]


@dataclass
class ScriptedServer:
    """A server that listens.

    Attributes:
        peers: One for each connection.
        failures: What went wrong in scripts; a client that left is not listed.
    """

    port: int = 0
    peers: list[ScriptedPeer] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)

    @property
    def heard(self) -> bytes:
        """All bytes of all clients."""
        return b"".join(peer.heard for peer in self.peers)


@asynccontextmanager
async def scripted_server(
    script: Script, certificate: IssuedCertificate, *, is_direct_tls: bool = False
) -> AsyncIterator[ScriptedServer]:
    """Listen; every connection gets its own run of the script."""
    served = ScriptedServer()
    running: set[asyncio.Task[object]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        running.add(task)
        peer = ScriptedPeer(reader, writer, certificate)
        served.peers.append(peer)
        try:
            await script(peer)
            await peer.finish()
        except (ConnectionError, ssl.SSLError):
            pass  # the client left, as it may
        except Exception as error:  # noqa: BLE001 - told to the test
            served.failures.append(error)
        finally:
            running.discard(task)
            writer.transport.abort()

    context = server_context(certificate) if is_direct_tls else None
    server = await asyncio.start_server(serve, LOOPBACK, ssl=context)
    served.port = server.sockets[0].getsockname()[1]
    try:
        yield served
    finally:
        server.close()
        for task in tuple(running):
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
    assert served.failures == []


def server_context(certificate: IssuedCertificate) -> ssl.SSLContext:
    """TLS of a server with this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("DEFAULT@SECLEVEL=0")  # also for weak keys, which the client refuses
    context.load_cert_chain(certificate.chain, certificate.key)
    return context
