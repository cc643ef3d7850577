"""Clients that cost little: blocking while they log in, then many on one selector."""

import base64
import re
import selectors
import ssl
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from socket import create_connection

from shared_protocol.sasl.mechanisms import ScramHash
from shared_protocol.sasl.scram import ClientScram, salted_password

PASSWORD = "wherefore art thou"
LOOPBACK = "127.0.0.1"
_SECONDS = 10.0
_PIECE = 65_536
_STANZA_END = re.compile(rb"</message>|</presence>|<presence[^<>]*/>|</iq>|<iq [^<>]*/>")


@dataclass(frozen=True)
class Address:
    """Where a server listens with direct TLS."""

    domain: str
    port: int


@cache
def _salted(password: str, salt: bytes, iterations: int) -> bytes:
    """Derive a key once for each account: it is the client's cost, not the server's."""
    return salted_password(password, ScramHash.SHA_1, salt, iterations)


@lru_cache(maxsize=1)
def _trusting() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class LoadClient:
    """One client of a server.

    Attributes:
        name: Localpart.
        handled: Stanzas received since stream management was enabled.
        on_data: Takes what arrives while ``run`` is at work.
    """

    def __init__(self, address: Address, name: str) -> None:
        self.name = name
        self.address = address
        self.handled = 0
        self.has_acknowledgement = False
        self.on_data: Callable[[LoadClient, bytes], None] = lambda _client, _data: None
        plain = create_connection((LOOPBACK, address.port), _SECONDS)
        self.socket = _trusting().wrap_socket(plain, server_hostname=address.domain)
        self._read = b""
        self._unsent = b""

    @property
    def jid(self) -> str:
        """Bare JID."""
        return f"{self.name}@{self.address.domain}"

    def open(self) -> None:
        """Begin a stream and wait for its features."""
        self.socket.sendall(
            f"<?xml version='1.0'?><stream:stream to='{self.address.domain}' version='1.0' "
            "xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>".encode()
        )
        self.read_until(b"</stream:features>")

    def register(self, names: Iterable[str]) -> None:
        """Make accounts (XEP-0077) on a stream that is not logged in."""
        self.open()
        for name in names:
            self.ask(
                f"<iq type='set' id='g'><query xmlns='jabber:iq:register'><username>{name}"
                f"</username><password>{PASSWORD}</password></query></iq>"
            )

    def log_in(self, *, resource: str = "load") -> None:
        """Log in with SCRAM-SHA-1 and bind a resource."""
        self.open()
        scram = ClientScram(localpart=self.name, scram_hash=ScramHash.SHA_1)
        first = base64.b64encode(scram.first()).decode()
        sasl = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
        self.write(f"<auth {sasl} mechanism='SCRAM-SHA-1'>{first}</auth>")
        text = self.read_until(b"</challenge>").removesuffix(b"</challenge>").rpartition(b">")[2]
        challenge = scram.challenge(base64.b64decode(text))
        salted = _salted(PASSWORD, challenge.salt, challenge.iterations)
        final = base64.b64encode(scram.final(salted)).decode()
        self.write(f"<response {sasl}>{final}</response>")
        self.read_until(b"</success>")
        self.open()
        self.ask(
            "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
            f"<resource>{resource}</resource></bind></iq>"
        )

    def come(self) -> None:
        """Fetch the roster and become available."""
        self.ask("<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>")
        self.write("<presence/>")
        self.read_until(b"<presence")

    def enable_acknowledgement(self) -> None:
        """Enable stream management, without resumption (XEP-0198), and carbons (XEP-0280)."""
        self.ask("<iq type='set' id='c'><enable xmlns='urn:xmpp:carbons:2'/></iq>")
        self.write("<enable xmlns='urn:xmpp:sm:3'/>")
        self.read_until(b"<enabled")
        self.has_acknowledgement = True

    def ask(self, iq: str) -> bytes:
        """Send an IQ and wait for its answer."""
        self.write(iq)
        identity = re.search("id='([^']+)'", iq)
        name = identity[1].encode() if identity else b""
        while True:
            answer = self.read_until(b"<iq ")
            answer = self.read_until(b">")
            if not answer.endswith(b"/>"):
                answer += self.read_until(b"</iq>")
            if re.search(rb"id=['\"]%b['\"]" % re.escape(name), answer):
                return answer

    def write(self, text: str) -> None:
        """Send while it still blocks."""
        self.socket.sendall(text.encode())

    def read_until(self, end: bytes) -> bytes:
        """Return what arrives up to a text, inclusive."""
        while end not in self._read:
            data = self.socket.recv(_PIECE)
            if not data:
                message = f"{self.name}: the server closed the stream: {self._read[-500:]!r}"
                raise ConnectionError(message)
            self._read += data
        head, found, self._read = self._read.partition(end)
        return head + found

    def unblock(self) -> None:
        """From now on it is served by ``run``."""
        self.socket.settimeout(0)
        self._read = b""

    def send(self, data: bytes) -> None:
        """Send what the connection takes, and keep the rest for later."""
        self._unsent += data
        self.flush()

    def flush(self) -> None:
        """Send what was kept."""
        while self._unsent:
            try:
                sent = self.socket.send(self._unsent)
            except (ssl.SSLWantWriteError, ssl.SSLWantReadError):
                return
            self._unsent = self._unsent[sent:]

    def receive(self) -> bool:
        """Take what has arrived; False at the end of the stream."""
        while True:
            try:
                data = self.socket.recv(_PIECE)
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
                self.flush()
                return True
            if not data:
                return False
            if self.has_acknowledgement:
                self.handled += len(_STANZA_END.findall(data))
                if b"<r " in data:
                    self.send(f"<a xmlns='urn:xmpp:sm:3' h='{self.handled}'/>".encode())
            self.on_data(self, data)

    def close(self) -> None:
        """End the connection without a word."""
        self.socket.close()


class ClientLoop:
    """Serves clients that do not block."""

    def __init__(self, clients: Iterable[LoadClient]) -> None:
        self._selector = selectors.DefaultSelector()
        for client in clients:
            client.unblock()
            self._selector.register(client.socket, selectors.EVENT_READ, client)

    def run(self, seconds: float, *, turn: Callable[[], bool] = lambda: False) -> None:
        """Serve for a time, or until ``turn``, called after each turn, says that it is done."""
        end = time.perf_counter() + seconds
        while time.perf_counter() < end and not turn():
            for key, _events in self._selector.select(0.001):
                if not key.data.receive():
                    message = f"{key.data.name}: the server closed the stream"
                    raise ConnectionError(message)

    def close(self) -> None:
        """Let go of the clients; they stay open."""
        self._selector.close()
