"""A chat service on a real database, with a written session, a clock by hand, and one contact."""

from dataclasses import dataclass, field

from communicator.services.chat_service import ChatService, ChatStores
from communicator.session.ports import IncomingMessage
from communicator.state.conversations import Conversations, DeliveryState, Message
from communicator.state.roster import Contact, Roster
from communicator.storage.database import Database
from communicator.storage.drafts import SqlDrafts
from communicator.storage.history import SqlHistory
from communicator.storage.outbox import SqlOutbox
from shared_protocol.addresses import BareJid, FullJid
from shared_protocol.stanzas.roster import Subscription
from tests.helpers.profile_data import JULIET, NOON
from tests.helpers.session_doubles import HandClock, MemorySession, turns

BALCONY = FullJid.parse("juliet@capulet.lit/balcony")


@dataclass
class Chat:
    """A chat service on a real database, with all that is around it."""

    database: Database
    session: MemorySession = field(default_factory=MemorySession)
    clock: HandClock = field(default_factory=lambda: HandClock(NOON))
    roster: Roster = field(default_factory=Roster)
    conversations: Conversations = field(default_factory=Conversations)
    arrived: list[Message] = field(default_factory=list)

    def __post_init__(self) -> None:
        stores = ChatStores(
            SqlHistory(self.database), SqlOutbox(self.database), SqlDrafts(self.database)
        )
        self.stores = stores
        self.service = ChatService(
            session=self.session,
            conversations=self.conversations,
            roster=self.roster,
            stores=stores,
            clock=self.clock,
        )
        self.conversations.message_arrived.connect(self.arrived.append)
        self.roster.put(Contact(JULIET, "Juliet", subscription=Subscription.BOTH))

    async def settle(self) -> None:
        await self.service.settled()
        await turns()

    async def receive(self, body: str, **others: object) -> None:
        self.session.message_received.emit(
            IncomingMessage(sender=others.pop("sender", BALCONY), body=body, **others)
        )
        await self.settle()

    async def texts(self, jid: BareJid = JULIET) -> list[str]:
        return [message.body for message in await self.messages(jid)]

    async def states(self, jid: BareJid = JULIET) -> list[DeliveryState]:
        return [message.state for message in await self.messages(jid)]

    async def messages(self, jid: BareJid = JULIET) -> list[Message]:
        """The messages on disk."""
        outline = await self.stores.history.outline(jid, before=None, limit=1_000)
        return await self.stores.history.messages([message_id for message_id, _ in outline])
