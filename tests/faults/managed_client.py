"""A client with stream management (XEP-0198) that comes back: resumed where the server lets it."""

import asyncio
import contextlib
import ssl
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from shared_protocol.namespaces import CLIENT, STREAM_MANAGEMENT
from shared_protocol.stanzas.stream_management import (
    ANSWER,
    REQUEST,
    REQUEST_BYTES,
    answer_bytes,
    handled_count,
    newly_handled,
)
from tests.helpers.wire_client import StreamEndedError, WireClient

LOST = (StreamEndedError, OSError, TimeoutError)
STANZAS = frozenset({f"{{{CLIENT}}}message", f"{{{CLIENT}}}presence", f"{{{CLIENT}}}iq"})
_ENABLED = f"{{{STREAM_MANAGEMENT}}}enabled"
_RESUMED = f"{{{STREAM_MANAGEMENT}}}resumed"
_FAILED = f"{{{STREAM_MANAGEMENT}}}failed"
_TURN_SECONDS = 120.0  # a client that hears nothing for so long counts as lost


@dataclass(frozen=True)
class Way:
    """How an account reaches its office.

    Attributes:
        port: Asked before each connection: of the office, or of a proxy before it.
    """

    port: Callable[[], int]
    tls: ssl.SSLContext
    password: str


class ManagedClient:
    """One device. ``connect`` begins or resumes its session; what was not acknowledged goes again.

    Attributes:
        jid: With resource, as wished.
        begun, resumed: How many sessions were new, and how many were gone on with.
        handled: Stanzas of the server that were taken in this session.
        last_error: Condition of the last stream error.
    """

    def __init__(
        self,
        way: Way,
        jid: str,
        *,
        on_acknowledged: Callable[[Iterable[str]], None] = list,
        is_resuming: bool = True,
    ) -> None:
        self.jid = jid
        self._is_resuming = is_resuming
        self.begun = self.resumed = self.handled = 0
        self.last_error = ""
        self._way = way
        self._on_acknowledged = on_acknowledged
        self._waiting: deque[tuple[str, str]] = deque()  # key and stanza
        self._confirmed = 0
        self._resumption_id = ""
        self._client: WireClient | None = None

    @property
    def can_resume(self) -> bool:
        """Whether the server would go on with this session."""
        return bool(self._resumption_id)

    @property
    def unacknowledged(self) -> list[str]:
        """Keys of what was sent and not acknowledged, in order."""
        return [key for key, _stanza in self._waiting]

    async def connect(self) -> bool:
        """Come back, or come; returns True if the session is a new one."""
        await self.cut()
        localpart, _, rest = self.jid.partition("@")
        domain, _, resource = rest.partition("/")
        client = await WireClient.connect(self._way.port(), domain, tls=self._way.tls)
        self._client = client
        await client.open_stream()
        await client.authenticate(localpart, self._way.password)
        is_new = not await self._resume(client)
        if is_new:
            await client.bind(resource)
            await self._enable(client)
        for _key, stanza in self._waiting:
            client.send(stanza)
        client.send(REQUEST_BYTES)
        return is_new

    def send(self, key: str, stanza: str) -> None:
        """Send a stanza, now or when the connection is there again."""
        self._waiting.append((key, stanza))
        if self._client is not None:
            self._client.send(stanza)
            self._client.send(REQUEST_BYTES)

    def send_presence(self) -> None:
        """Become available; counted as a stanza."""
        self.send("", "<presence/>")

    async def receive(self) -> Element:
        """Return the next stanza that came; what belongs to stream management is dealt with.

        Raises:
            StreamEndedError: The stream is over.
        """
        while True:
            client = self._required()
            element = await client.receive(seconds=_TURN_SECONDS)
            if element.tag == ANSWER:
                self._confirm(handled_count(element.get("h")))
            elif element.tag == REQUEST:
                client.send(answer_bytes(self.handled))
            elif element.tag in STANZAS:
                self.handled += 1
                return element

    async def cut(self) -> None:
        """Lose the connection."""
        client, self._client = self._client, None
        if client is not None:
            self.last_error = client.stream_error or self.last_error
            with contextlib.suppress(OSError):
                await client.abort()

    async def leave(self) -> None:
        """End the session in good order."""
        client, self._client = self._client, None
        self._resumption_id = ""
        if client is not None:
            with contextlib.suppress(*LOST):
                await client.close()

    async def _resume(self, client: WireClient) -> bool:
        if not self._resumption_id:
            return False
        client.send(
            f"<resume xmlns='{STREAM_MANAGEMENT}' h='{self.handled}' "
            f"previd='{self._resumption_id}'/>"
        )
        answer = await client.receive(lambda one: one.tag in {_RESUMED, _FAILED})
        if answer.get("h") is not None:
            self._confirm(handled_count(answer.get("h")))
        if answer.tag == _FAILED:
            self._resumption_id = ""
            return False
        self.resumed += 1
        return True

    async def _enable(self, client: WireClient) -> None:
        wish = " resume='true'" if self._is_resuming else ""
        client.send(f"<enable xmlns='{STREAM_MANAGEMENT}'{wish}/>")
        enabled = await client.receive(lambda one: one.tag in {_ENABLED, _FAILED})
        self._resumption_id = enabled.get("id", "")
        self._confirmed = self.handled = 0
        self.begun += 1
        # Presence of the last session is no news for this one.
        self._waiting = deque(one for one in self._waiting if one[0])

    def _confirm(self, handled: int) -> None:
        newly = newly_handled(handled, self._confirmed)
        self._confirmed = handled
        assert newly <= len(self._waiting), f"h grew by {newly}, {len(self._waiting)} were sent"
        done = [self._waiting.popleft() for _ in range(newly)]
        self._on_acknowledged([key for key, _stanza in done if key])

    def _required(self) -> WireClient:
        if self._client is None:
            raise StreamEndedError("not connected")
        return self._client


async def pause(seconds: float) -> None:
    """Wait before the next try, as every client does: a server that is away is not stormed."""
    await asyncio.sleep(seconds)
