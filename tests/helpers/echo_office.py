"""A small real server around client streams: it routes messages and remembers the rest."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from xml.etree.ElementTree import Element

from embedded_server.accounts.login_tokens import LoginTokens
from embedded_server.network.admission import Admission
from embedded_server.network.listener import Listener
from embedded_server.network.network_loop import NetworkLoop
from embedded_server.sessions.client_streams import ClientStreams
from embedded_server.sessions.directory import SessionDirectory
from embedded_server.sessions.session import Session
from embedded_server.sessions.stream_context import StreamSettings
from embedded_server.sessions.stream_host import LoginSources
from embedded_server.storage.errors import StorageError
from embedded_server.storage.token_repository import StoredToken
from shared_protocol.addresses import FullJid, parse_jid
from shared_protocol.limits import ConnectionLimits
from shared_protocol.sasl.mechanisms import ScramHash
from shared_protocol.sasl.scram import ScramKeys
from shared_protocol.xml.frames import StanzaFrame
from tests.helpers.certificates import TlsPair
from tests.helpers.wire_client import WireClient

DOMAIN = "montague.lit"
PASSWORD = "wherefore art thou"
ITERATIONS = 4_096


class EchoHost:
    """Routes messages by full JID, sends those without address back, and answers IQs.

    Attributes:
        is_storing: Messages wait in ``holds`` until the test calls these, as if they were stored.
        spool_id: Given to the next messages that are sent; counted up from there. None for none.
        restored: Sessions that came back from the disk, with what was noted on them.
        resumed: Sessions that went on over another stream, in order.
        closed: Sessions that have ended, in order.
        stored: Messages by their spool id, for sessions that are resumed.
        acknowledged: Spool ids that were released, in order.
    """

    domain = DOMAIN
    features_at_binding = ("urn:xmpp:carbons:2",)

    def __init__(self, directory: SessionDirectory) -> None:
        self.directory = directory
        self.is_storing = False
        self.holds: list[Callable[[], None]] = []
        self.spool_id: int | None = None
        self.frames: list[StanzaFrame] = []
        self.bound: list[Session] = []
        self.resumed: list[Session] = []
        self.restored: list[tuple[Session, Mapping[str, str]]] = []
        self.closed: list[Session] = []
        self.stored: dict[int, bytes] = {}
        self.acknowledged: list[int] = []
        self.session_hooks = _SessionDiary(self)

    def features_before_login(self) -> bytes:
        return b"<register xmlns='http://jabber.org/features/iq-register'/>"

    def features_after_login(self) -> bytes:
        return b"<ver xmlns='urn:xmpp:features:rosterver'/>"

    async def iq_before_login(self, frame: StanzaFrame, peer_address: str) -> bytes:
        await asyncio.sleep(0)
        return f"<iq type='result' id='{frame.attributes['id']}' by='{peer_address}'/>".encode()

    def stanza_received(self, session: Session, frame: StanzaFrame) -> None:
        self.frames.append(frame)
        if frame.local_name == "iq":
            session.run_in_order(partial(self._answer, session, frame))
        elif self.is_storing:
            self.holds.append(partial(session.hold(), partial(self._route, session, frame)))
        else:
            session.run_in_order(partial(self._route, session, frame))

    def commit(self, count: int = 1) -> None:
        """Let the oldest stores be done."""
        for release in self.holds[:count]:
            release()
        del self.holds[:count]

    def _answer(self, session: Session, frame: StanzaFrame) -> None:
        session.send(f"<iq type='result' id='{frame.attributes['id']}'/>".encode())

    def _route(self, session: Session, frame: StanzaFrame) -> None:
        to = frame.attributes.get("to")
        receiver = session
        if to is not None:
            jid = parse_jid(to)
            found = self.directory.get(jid) if isinstance(jid, FullJid) else None
            if found is None:
                return
            receiver = found
        spool_id = self.spool_id
        if spool_id is not None:
            self.spool_id = spool_id + 1
        receiver.send(frame.stamped(session.sender_attribute), spool_id)


class _SessionDiary:
    """Notes down what becomes of sessions."""

    def __init__(self, host: EchoHost) -> None:
        self._host = host

    def bound(self, session: Session) -> None:
        session.on_acknowledged = self._on_acknowledged
        self._host.bound.append(session)

    async def state_at_binding(self, session: Session) -> bytes:
        await asyncio.sleep(0)
        return f"<state xmlns='urn:x' of='{session.full_jid.localpart}'/>".encode()

    def begin_with(self, _session: Session, feature: Element) -> bytes:
        return f"<begun xmlns='urn:x' with='{feature.tag}'/>".encode()

    def detached(self, session: Session) -> None:
        """Nobody here wants to know."""

    def resumed(self, session: Session) -> None:
        self._host.resumed.append(session)

    def notes_on(self, session: Session) -> dict[str, str]:
        return {"resource": session.full_jid.resourcepart}

    async def restored(self, session: Session, notes: Mapping[str, str]) -> None:
        await asyncio.sleep(0)
        self._host.restored.append((session, notes))

    async def stored_message(self, _session: Session, spool_id: int) -> bytes | None:
        await asyncio.sleep(0)
        return self._host.stored.get(spool_id)

    def closed(self, session: Session) -> None:
        self._host.closed.append(session)

    def _on_acknowledged(self, _session: Session, spool_ids: Sequence[int]) -> None:
        self._host.acknowledged += spool_ids


class MemoryAccounts:
    """Accounts with one password, made when they are asked for.

    Attributes:
        own_keys: Of accounts that have others.
    """

    def __init__(self, *names: str) -> None:
        self.names = set(names)
        self.disabled: set[str] = set()
        self.own_keys: dict[str, dict[ScramHash, ScramKeys]] = {}
        self._keys = {
            one: ScramKeys.derive(PASSWORD, one, ITERATIONS, b"salt of Verona") for one in ScramHash
        }

    def keys(self, localpart: str, scram_hash: ScramHash) -> ScramKeys | None:
        if localpart not in self.names:
            return None
        return self.own_keys.get(localpart, self._keys).get(scram_hash)

    async def upgrade_keys(
        self, localpart: str, scram_hash: ScramHash, present: ScramKeys | None, keys: ScramKeys
    ) -> None:
        assert self.keys(localpart, scram_hash) == present
        self.own_keys[localpart] = {**self.own_keys.get(localpart, {}), scram_hash: keys}

    def exists(self, localpart: str) -> bool:
        return localpart in self.names

    def is_disabled(self, localpart: str) -> bool:
        return localpart in self.disabled


class MemoryTokens:
    """Where tokens lie; as ``TokenRepository``.

    Attributes:
        has_trouble: Nothing works.
        forgets: Tokens can be deleted.
    """

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], list[StoredToken]] = {}
        self.has_trouble = False
        self.forgets = True

    async def of_device(self, localpart: str, device: str) -> list[StoredToken]:
        self._try()
        return self.kept.get((localpart, device), [])

    async def put(
        self, localpart: str, device: str, token: StoredToken, *, most_devices: int
    ) -> None:
        self._try()
        before = self.kept.get((localpart, device), [])
        self.kept[localpart, device] = [token, *(one for one in before if not one.is_new)]

    async def use(self, localpart: str, device: str, token: StoredToken) -> None:
        self._try()
        self.kept[localpart, device] = [replace(token, is_new=False)]

    async def forget(self, localpart: str, device: str) -> None:
        self._try()
        if not self.forgets:
            raise StorageError
        self.kept.pop((localpart, device), None)

    def _try(self) -> None:
        if self.has_trouble:
            raise StorageError


class EchoOffice:
    """A running server; made by ``echo_office``.

    Attributes:
        now: By which tokens get too old.
    """

    def __init__(
        self, tls: TlsPair, settings: StreamSettings | None, limits: ConnectionLimits
    ) -> None:
        self.tls = tls
        self.network = NetworkLoop(asyncio.get_running_loop(), sweep_seconds=0.02)
        self.directory = SessionDirectory()
        self.host = EchoHost(self.directory)
        self.accounts = MemoryAccounts("romeo", "juliet")
        self.tokens = MemoryTokens()
        self.now = 1_000_000_000.0
        self.streams = ClientStreams(
            network=self.network,
            host=self.host,
            logins=LoginSources(self.accounts, LoginTokens(self.tokens, clock=lambda: self.now)),
            directory=self.directory,
            tls=lambda: tls.server,
            settings=settings,
        )
        self.admission = Admission(limits)
        self.clear = self._listener(is_direct=False)
        self.direct = self._listener(is_direct=True)
        self.clients: list[WireClient] = []

    async def start(self) -> None:
        await self.clear.start()
        await self.direct.start()

    async def stop(self) -> None:
        self.clear.stop()
        self.direct.stop()
        for client in self.clients:
            await client.abort()
        await self.streams.stop()
        self.network.stop()

    async def connect(self) -> WireClient:
        """Connect in clear text; nothing is sent yet."""
        client = await WireClient.connect(self.clear.port, DOMAIN)
        self.clients.append(client)
        return client

    async def connect_by_tls(self) -> WireClient:
        """Connect by direct TLS; nothing is sent yet."""
        client = await WireClient.connect(self.direct.port, DOMAIN, tls=self.client_tls())
        self.clients.append(client)
        return client

    async def log_in(
        self, jid: str, *, mechanism: str = "SCRAM-SHA-256", password: str = PASSWORD
    ) -> WireClient:
        """Connect by direct TLS, log in and bind."""
        client = await WireClient.log_in(
            self.direct.port,
            jid,
            password,
            tls=self.client_tls(),
            is_direct=True,
            mechanism=mechanism,
        )
        self.clients.append(client)
        return client

    def client_tls(self) -> ssl.SSLContext:
        return self.tls.client_context()

    def _listener(self, *, is_direct: bool) -> Listener:
        return Listener(
            self.network,
            hosts=["127.0.0.1"],
            port=0,
            make_receiver=self.streams.in_tls if is_direct else self.streams.in_clear,
            admission=self.admission,
            tls=(lambda: self.tls.server) if is_direct else None,
        )


@asynccontextmanager
async def echo_office(
    tls: TlsPair,
    *,
    settings: StreamSettings | None = None,
    limits: ConnectionLimits | None = None,
) -> AsyncIterator[EchoOffice]:
    """Run a server for the time of a block."""
    office = EchoOffice(tls, settings, limits or ConnectionLimits())
    await office.start()
    try:
        yield office
    finally:
        await office.stop()
