"""The communicator without its window, as a process of its own that a test kills.

``python -m tests.helpers.killable_client PROFILE PORT AUTHORITY OWN TO FIRST COUNT`` writes COUNT
messages, half of them before it connects and half when it is connected, and goes on until it is
killed. The password comes on the standard input. It says, a line each:

    stored BODY ORIGIN_ID       a message is on disk
    acknowledged ORIGIN_ID      the server has it
    empty                       nothing waits any more
    arrived BODY ORIGIN_ID      a message came, and is not on disk yet
    kept BODY ORIGIN_ID         it is on disk, and was not there before
"""

import asyncio
import itertools
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from communicator.services.chat_service import ChatService, ChatStores
from communicator.services.clock import SystemClock
from communicator.services.connection_service import ConnectionService
from communicator.services.roster_service import RosterService
from communicator.session.slixmpp_session import SlixmppSession
from communicator.state.account import Account
from communicator.state.connection import ConnectionState
from communicator.state.conversations import Conversations, Message
from communicator.state.presence import Availability
from communicator.state.roster import Roster
from communicator.storage.credentials import SessionOnlyCredentialStore
from communicator.storage.database import Database
from communicator.storage.drafts import SqlDrafts
from communicator.storage.history import SqlHistory
from communicator.storage.outbox import SqlOutbox
from communicator.storage.profile_folder import ProfileFolder
from communicator.storage.roster_cache import SqlRosterCache
from shared_protocol.addresses import BareJid

STORED = "stored"
ACKNOWLEDGED = "acknowledged"
EMPTY = "empty"
ARRIVED = "arrived"
KEPT = "kept"
_LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Order:
    """What the client is to do.

    Attributes:
        authority: File with the certificate of the office's authority.
        first: Number of the first message.
    """

    profile: Path
    port: int
    authority: Path
    own: BareJid
    to: BareJid
    first: int
    count: int

    @classmethod
    def from_arguments(cls, arguments: Sequence[str]) -> "Order":
        """Read the command line."""
        profile, port, authority, own, to, first, count = arguments
        return cls(
            Path(profile),
            int(port),
            Path(authority),
            BareJid.parse(own),
            BareJid.parse(to),
            int(first),
            int(count),
        )

    def arguments(self) -> list[str]:
        """Write the command line."""
        parts = (self.profile, self.port, self.authority, self.own, self.to, self.first, self.count)
        return [str(part) for part in parts]


class ReportingOutbox(SqlOutbox):
    """The outbox, which tells what it has done when it is on disk."""

    async def add(self, message: Message) -> Message:
        stored = await super().add(message)
        _say(STORED, stored.body, stored.origin_id)
        return stored

    async def mark_sent(self, origin_ids: Sequence[str]) -> list[Message]:
        changed = await super().mark_sent(origin_ids)
        if not await self.waiting():
            _say(EMPTY)
        return changed


class ReportingHistory(SqlHistory):
    """The history, which tells what comes and what of it is on disk."""

    async def add_received(self, received: Sequence[Message]) -> list[Message | None]:
        for message in received:
            _say(ARRIVED, message.body, message.origin_id)
        stored = await super().add_received(received)
        for message in stored:
            if message is not None:
                _say(KEPT, message.body, message.origin_id)
        return stored


async def run(order: Order, password: str) -> None:
    """Build the services as the program does, write, and go on without end."""
    profile = ProfileFolder(order.profile)
    profile.make()
    database = Database(profile.database)
    await database.open()
    await database.use_account(order.own)
    session = SlixmppSession(waits_for_storage=True)
    clock = SystemClock()
    credentials = SessionOnlyCredentialStore()
    await credentials.put(order.own, password)
    connection = ConnectionService(
        session=session, state=ConnectionState(), credentials=credentials, clock=clock
    )
    roster = Roster()
    roster_service = RosterService(
        roster_session=session,
        presence_session=session,
        roster=roster,
        cache=SqlRosterCache(database),
    )
    chat = ChatService(
        session=session,
        conversations=Conversations(),
        roster=roster,
        stores=ChatStores(
            ReportingHistory(database), ReportingOutbox(database), SqlDrafts(database)
        ),
        clock=clock,
    )
    roster_service.roster_loaded.connect(lambda _: session.send_presence(Availability.AVAILABLE))
    session.message_acknowledged.connect(lambda origin_id: _say(ACKNOWLEDGED, origin_id))
    await roster_service.start()
    await chat.start()
    numbers = iter(range(order.first, order.first + order.count))

    def write(count: int) -> None:
        for number in itertools.islice(numbers, count):
            chat.send(order.to, f"message-{number}")

    session.connected.connect(lambda _: write(order.count))
    write(order.count // 2)
    authority_pem = order.authority.read_text(encoding="ascii")
    await connection.start(
        Account(
            order.own,
            host=_LOOPBACK,
            port=order.port,
            is_direct_tls=True,
            authority_pem=authority_pem,
        )
    )
    await asyncio.Event().wait()


def _say(*words: str) -> None:
    sys.stdout.write(" ".join(words) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(run(Order.from_arguments(sys.argv[1:]), sys.stdin.readline().rstrip("\n")))
