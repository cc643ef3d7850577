"""Two ends of a conversation over the wire, with stream management: one writes, one keeps."""

import contextlib
import uuid
from collections import deque
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import NamedTuple
from xml.etree.ElementTree import Element

from communicator.session.ports import IncomingMessage
from communicator.storage.database import Database
from shared_protocol.addresses import BareJid, FullJid
from shared_protocol.namespaces import CLIENT, STANZA_IDS
from shared_protocol.stanzas.message_parts.stanza_ids import origin_id_of
from shared_protocol.stanzas.stream_management import (
    ANSWER,
    REQUEST,
    REQUEST_BYTES,
    answer_bytes,
    handled_count,
)
from tests.helpers.chat_setting import Chat
from tests.helpers.wire_client import StreamEndedError, WireClient

MESSAGE = f"{{{CLIENT}}}message"
PATIENCE_SECONDS = 10.0
_STANZAS = frozenset({MESSAGE, f"{{{CLIENT}}}presence", f"{{{CLIENT}}}iq"})


class WrittenMessage(NamedTuple):
    """What a sender wrote; ``origin_id`` is its name for life (XEP-0359)."""

    origin_id: str
    body: str


class Sender:
    """Writes numbered messages, and sends again only what was not acknowledged (XEP-0198).

    Attributes:
        written: Every message, in the order of writing.
        acknowledged: Origin ids that an ``<a/>`` of the server covered.
        refusals: Every stanza that came back as an error.
    """

    def __init__(self, to: str, form: str = "message {}") -> None:
        """Make a sender; ``form`` is the text of a message around its number."""
        self._to = to
        self._form = form
        self.written: list[WrittenMessage] = []
        self.acknowledged: set[str] = set()
        self.refusals: list[Element] = []

    @property
    def unacknowledged(self) -> list[WrittenMessage]:
        """What has to be sent again, in the order of writing."""
        return [one for one in self.written if one.origin_id not in self.acknowledged]

    async def talk(
        self,
        client: WireClient,
        *,
        group: int,
        new_messages: int,
        on_acknowledgement: Callable[[], None] = lambda: None,
    ) -> None:
        """Send what waits, then new messages; returns when all of it is acknowledged.

        Args:
            client: Logged in, with stream management just enabled.
            group: How many stanzas are under way at most.
            new_messages: How many messages are written beyond what waits.
            on_acknowledgement: Called the moment something was acknowledged.

        Raises:
            StreamEndedError: The connection ended before.
        """
        to_send = deque(self.unacknowledged)
        remaining = new_messages
        under_way: deque[str] = deque()
        confirmed = 0
        while to_send or remaining or under_way:
            while (to_send or remaining) and len(under_way) < group:
                if to_send:
                    message = to_send.popleft()
                else:
                    message, remaining = self._new_message(), remaining - 1
                under_way.append(message.origin_id)
                client.send(self._stanza(message))
            client.send(REQUEST_BYTES)
            handled = await self._answer(client)
            newly, confirmed = handled - confirmed, handled
            self.acknowledged.update(under_way.popleft() for _ in range(newly))
            if newly:
                on_acknowledgement()

    def _new_message(self) -> WrittenMessage:
        message = WrittenMessage(str(uuid.uuid4()), self._form.format(len(self.written)))
        self.written.append(message)
        return message

    def _stanza(self, message: WrittenMessage) -> str:
        return (
            f"<message to='{self._to}' type='chat' id='{message.origin_id}'>"
            f"<body>{message.body}</body>"
            f"<origin-id xmlns='{STANZA_IDS}' id='{message.origin_id}'/></message>"
        )

    async def _answer(self, client: WireClient) -> int:
        while True:
            element = await client.receive(seconds=PATIENCE_SECONDS)
            if element.tag == ANSWER:
                return handled_count(element.get("h"))
            if element.get("type") == "error":
                self.refusals.append(element)


class Receiver:
    """Keeps what comes as our client does: doubles are dropped by origin id, the rest is shown.

    The acknowledgement of a message leaves only when it is on disk.

    Attributes:
        came: Origin ids in the order in which the wire brought them, with doubles.
    """

    def __init__(self, chat: Chat) -> None:
        self._chat = chat
        self.came: list[str] = []

    @property
    def shown(self) -> list[WrittenMessage]:
        """What a user has seen, in the order of being shown."""
        return [WrittenMessage(one.origin_id, one.body) for one in self._chat.arrived]

    async def read(self, client: WireClient, *, until: Callable[[], bool] = lambda: False) -> None:
        """Become available and take what comes; a connection that ends is no error.

        Args:
            client: Logged in, without stream management and presence yet.
            until: Looked at when what came is on disk; ends the reading.
        """
        with contextlib.suppress(StreamEndedError, OSError):
            await client.enable_acknowledgement()
            client.send("<presence/>")
            handled = 0
            while not until():
                element = await client.receive(seconds=PATIENCE_SECONDS)
                if element.tag in _STANZAS:
                    self._take(element)
                    handled += 1
                elif element.tag == REQUEST:
                    await self._chat.settle()
                    client.send(answer_bytes(handled))
        await self._chat.settle()

    def _take(self, stanza: Element) -> None:
        body = stanza.findtext(f"{{{CLIENT}}}body")
        if stanza.tag != MESSAGE or not body:
            return
        origin_id = origin_id_of(stanza)
        self.came.append(origin_id)
        sender = FullJid.parse(stanza.get("from", ""))
        self._chat.session.message_received.emit(IncomingMessage(sender, body, origin_id))


@contextlib.asynccontextmanager
async def kept_receiver(path: Path, own: str) -> AsyncIterator[Receiver]:
    """A receiver with a database of the communicator at ``path``."""
    database = Database(path)
    await database.open()
    await database.use_account(BareJid.parse(own))
    chat = Chat(database)
    await chat.service.start()
    try:
        yield Receiver(chat)
    finally:
        await chat.service.stop()
        await database.close()
