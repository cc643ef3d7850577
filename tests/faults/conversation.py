"""Senders and receivers that go on whatever happens to the office, with the oracle's logs."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from xml.etree.ElementTree import Element

from shared_protocol.addresses import FullJid
from shared_protocol.namespaces import CLIENT, STANZA_ERRORS, STANZA_IDS
from shared_protocol.stanzas.message_parts.stanza_ids import origin_id_of
from tests.faults.archive_pages import faults_of_archive, whole_archive
from tests.faults.managed_client import LOST, ManagedClient, Way, pause
from tests.faults.oracle import ReceiverLog, SenderLog, Sent, Verdict, judge
from tests.helpers.wire_client import LoginRefusedError

MESSAGE = f"{{{CLIENT}}}message"
BACK_SECONDS = 0.05
QUIET_SECONDS = 60.0
UNREACHABLE = (*LOST, LoginRefusedError)


def message_of(to: str, sent: Sent) -> str:
    """Write a message as it goes over the wire."""
    return (
        f"<message to='{to}' type='chat' id='{sent.origin_id}'><body>{sent.body}</body>"
        f"<origin-id xmlns='{STANZA_IDS}' id='{sent.origin_id}'/></message>"
    )


class Talker:
    """Writes at a rate and within a window, and sends again what was not acknowledged.

    Attributes:
        log: For the oracle.
        on_acknowledged: Called the moment something was acknowledged.
    """

    def __init__(
        self,
        way: Way,
        jid: str,
        to: str,
        *,
        per_second: float = 50.0,
        window: int = 20,
        is_resuming: bool = True,
    ) -> None:
        self.log = SenderLog(jid.partition("/")[0], to)
        self.on_acknowledged: Callable[[], None] = lambda: None
        self.client = ManagedClient(
            way, jid, on_acknowledged=self._acknowledge, is_resuming=is_resuming
        )
        self._seconds = 1.0 / per_second
        self._window = window
        self._remaining: int | None = None
        self._changed = asyncio.Event()

    def limit(self, messages: int | None) -> None:
        """Write so many more; None for no end."""
        self._remaining = messages

    def hurry(self) -> None:
        """Write as fast as the window allows."""
        self._seconds = 0.0

    @property
    def is_done(self) -> bool:
        """Whether nothing is to be written and the server has answered for everything."""
        return self._remaining == 0 and not self.client.unacknowledged

    async def run(self) -> None:
        """Talk until cancelled."""
        while True:
            try:
                await self.client.connect()
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._write())
                    group.create_task(self._listen())
            except* UNREACHABLE:
                await self.client.cut()
            await pause(BACK_SECONDS)

    async def written(self) -> None:
        """Return when everything is written that ``limit`` allows."""
        while self._remaining != 0:
            self._changed.clear()
            await self._changed.wait()

    async def finish(self) -> None:
        """Write nothing more; return when the server has answered for everything."""
        self.limit(0)
        while not self.is_done:
            self._changed.clear()
            await self._changed.wait()

    async def _write(self) -> None:
        while True:
            if self._remaining != 0 and len(self.client.unacknowledged) < self._window:
                sent = self.log.write()
                if self._remaining is not None:
                    self._remaining -= 1
                    self._changed.set()
                self.client.send(sent.origin_id, message_of(self.log.to, sent))
            await pause(self._seconds)

    async def _listen(self) -> None:
        while True:
            stanza = await self.client.receive()
            if stanza.tag == MESSAGE and stanza.get("type") == "error":
                self.log.refused[stanza.get("id", "")] = _condition(stanza)

    def _acknowledge(self, origin_ids: Iterable[str]) -> None:
        self.log.acknowledge(origin_ids)
        self._changed.set()
        self.on_acknowledged()


class Listener:
    """Is there, or comes back, and shows what arrives.

    Attributes:
        log: For the oracle.
    """

    def __init__(self, way: Way, jid: str, *, is_resuming: bool = True) -> None:
        self.log = ReceiverLog(jid.partition("/")[0])
        self.client = ManagedClient(way, jid, is_resuming=is_resuming)
        self._arrived = asyncio.Event()

    async def run(self) -> None:
        """Listen until cancelled."""
        while True:
            try:
                if await self.client.connect():
                    self.client.send_presence()
                while True:
                    self._take(await self.client.receive())
            except UNREACHABLE:
                await self.client.cut()
            await pause(BACK_SECONDS)

    async def wait_for(self, origin_ids: Callable[[], set[str]]) -> None:
        """Return when all of these have been shown."""
        while origin_ids() - set(self.log.came):
            self._arrived.clear()
            await self._arrived.wait()

    def _take(self, stanza: Element) -> None:
        body = stanza.findtext(f"{{{CLIENT}}}body")
        if stanza.tag == MESSAGE and body and stanza.get("type") != "error":
            sender = str(FullJid.parse(stanza.get("from", "")).bare)
            self.log.take(sender, origin_id_of(stanza), body)
            self._arrived.set()


class Conversation:
    """Everybody who takes part in a fault test."""

    def __init__(self, talkers: Sequence[Talker], listeners: Sequence[Listener]) -> None:
        self.talkers = talkers
        self.listeners = listeners

    @property
    def clients(self) -> list[ManagedClient]:
        """All devices."""
        return [one.client for one in (*self.talkers, *self.listeners)]

    @property
    def can_resume(self) -> bool:
        """Whether everybody could go on with the present session."""
        return all(client.can_resume for client in self.clients)

    @contextlib.asynccontextmanager
    async def going_on(self) -> AsyncIterator[None]:
        """Let all take part for the time of a block."""
        everybody = [*self.talkers, *self.listeners]
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one.run()) for one in everybody]
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()
        for client in self.clients:
            await client.cut()

    async def come_to_rest(self, *, seconds: float = QUIET_SECONDS) -> Verdict:
        """Let the senders end and the receivers collect everything; then judge.

        Raises:
            AssertionError: It took too long; the message says what is missing.
        """
        try:
            async with asyncio.timeout(seconds):
                for talker in self.talkers:
                    await talker.finish()
                for listener in self.listeners:
                    await listener.wait_for(lambda owner=listener.log.owner: self._promised(owner))
        except TimeoutError:
            waiting = sum(len(one.client.unacknowledged) for one in self.talkers)
            raise AssertionError(f"no rest, {waiting} unanswered: {self.judge()}") from None
        return self.judge()

    async def faults_of_archives(self, way: Way) -> list[str]:
        """Fetch the archives of everybody and compare them with what was promised."""
        logs = [one.log for one in self.talkers]
        accounts = sorted({name for log in logs for name in (log.sender, log.to)})
        return [
            fault
            for account in accounts
            for fault in faults_of_archive(await whole_archive(way, account), logs, account)
        ]

    def judge(self) -> Verdict:
        """Ask the oracle as things stand now."""
        return judge([one.log for one in self.talkers], [one.log for one in self.listeners])

    def _promised(self, owner: str) -> set[str]:
        return {
            name for one in self.talkers if one.log.to == owner for name in one.log.acknowledged
        }


def _condition(stanza: Element) -> str:
    for child in stanza.iter():
        if child.tag.startswith(f"{{{STANZA_ERRORS}}}") and not child.tag.endswith("}text"):
            return child.tag.rpartition("}")[2]
    return "unknown"
