"""Written doubles of the session ports: what was sent is listed, what comes is emitted by hand."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from communicator.session.errors import ConnectionFailedError, NotConnectedError
from communicator.session.ports import (
    ChatStateChange,
    ContactPresence,
    IncomingMessage,
    MessageReceipt,
    MessageRefusal,
    OutgoingMessage,
)
from communicator.state.account import Account
from communicator.state.connection import ConnectionTrouble
from communicator.state.presence import Availability
from communicator.state.signals import Signal
from shared_protocol.addresses import BareJid, FullJid
from shared_protocol.stanzas.roster import RosterItem

if TYPE_CHECKING:
    from communicator.state.roster import ContactRequest


class MemorySession:
    """All session ports in memory.

    Attributes:
        answers: What the next calls of ``connect`` do: None succeeds, a trouble fails; when the
            list is empty they succeed.
        checks: How often somebody wanted to know whether the link is alive.
        hangs: While true, ``connect`` never ends by itself.
        logins: Account and password of every ``connect``.
        sent, receipts, chat_states, presences, subscriptions: What was sent, in order; the last as
            pairs of verb and address.
        confirmed: What the server may forget, in order.
    """

    def __init__(self, own: str = "romeo@montague.lit/orchard") -> None:
        self.own = FullJid.parse(own)
        self.is_connected = False
        self.connected: Signal[FullJid] = Signal()
        self.disconnected: Signal[ConnectionTrouble | None] = Signal()
        self.roster_pushed: Signal[RosterItem] = Signal()
        self.presence_received: Signal[ContactPresence] = Signal()
        self.subscription_requested: Signal[ContactRequest] = Signal()
        self.subscription_withdrawn: Signal[BareJid] = Signal()
        self.message_received: Signal[IncomingMessage] = Signal()
        self.message_acknowledged: Signal[str] = Signal()
        self.message_refused: Signal[MessageRefusal] = Signal()
        self.receipt_received: Signal[MessageReceipt] = Signal()
        self.chat_state_received: Signal[ChatStateChange] = Signal()
        self.answers: list[ConnectionTrouble | None] = []
        self.hangs = False
        self.checks = 0
        self.logins: list[tuple[Account, str]] = []
        self.items: dict[BareJid, RosterItem] = {}
        self.sent: list[OutgoingMessage] = []
        self.confirmed: list[IncomingMessage] = []
        self.receipts: list[IncomingMessage] = []
        self.chat_states: list[tuple[BareJid, bool]] = []
        self.presences: list[tuple[Availability, str]] = []
        self.subscriptions: list[tuple[str, BareJid]] = []

    def come_online(self) -> None:
        """Begin a session without a ``connect``."""
        self.is_connected = True
        self.connected.emit(self.own)

    def lose(self, trouble: ConnectionTrouble | None = None) -> None:
        """End the session from outside."""
        self.is_connected = False
        self.disconnected.emit(trouble)

    async def connect(self, account: Account, password: str) -> None:
        self.logins.append((account, password))
        answer = self.answers.pop(0) if self.answers else None
        await asyncio.sleep(0)
        if self.hangs:
            await asyncio.Event().wait()
        if answer is not None:
            raise ConnectionFailedError(answer)
        self.come_online()

    async def disconnect(self) -> None:
        if self.is_connected:
            self.lose()

    def check_link(self) -> None:
        self.checks += 1

    async def fetch_roster(self) -> list[RosterItem]:
        self._check()
        await asyncio.sleep(0)
        return list(self.items.values())

    async def set_roster_item(
        self, jid: BareJid, *, name: str = "", groups: Sequence[str] = ()
    ) -> None:
        self._check()
        item = RosterItem(jid, name=name, groups=tuple(groups))
        self.items[jid] = item
        self.roster_pushed.emit(item)

    async def remove_roster_item(self, jid: BareJid) -> None:
        self._check()
        del self.items[jid]

    def send_presence(self, availability: Availability, status: str = "") -> None:
        self._check()
        self.presences.append((availability, status))

    def subscribe(self, jid: BareJid, text: str = "") -> None:
        self._subscription("subscribe", jid)

    def approve(self, jid: BareJid) -> None:
        self._subscription("approve", jid)

    def decline(self, jid: BareJid) -> None:
        self._subscription("decline", jid)

    def unsubscribe(self, jid: BareJid) -> None:
        self._subscription("unsubscribe", jid)

    def send_message(self, message: OutgoingMessage) -> None:
        self._check()
        self.sent.append(message)

    def confirm_stored(self, message: IncomingMessage) -> None:
        self.confirmed.append(message)

    def send_receipt(self, message: IncomingMessage) -> None:
        self._check()
        self.receipts.append(message)

    def send_chat_state(self, jid: BareJid, *, is_composing: bool) -> None:
        self._check()
        self.chat_states.append((jid, is_composing))

    def _subscription(self, verb: str, jid: BareJid) -> None:
        self._check()
        self.subscriptions.append((verb, jid))

    def _check(self) -> None:
        if not self.is_connected:
            raise NotConnectedError


class HandClock:
    """A clock that stands still until a test moves it."""

    def __init__(self, moment: datetime = datetime(2026, 5, 3, 12, 0, tzinfo=UTC)) -> None:
        self._now = moment
        self._sleepers: list[tuple[datetime, asyncio.Future[None]]] = []

    @property
    def sleepers(self) -> int:
        """How many pauses are waited for."""
        return sum(not future.done() for _, future in self._sleepers)

    def now(self) -> datetime:
        return self._now

    async def sleep(self, seconds: float) -> None:
        future = asyncio.get_running_loop().create_future()
        self._sleepers.append((self._now + timedelta(seconds=seconds), future))
        await future

    async def advance(self, seconds: float) -> None:
        """Move the time; pauses that are over end, and what waited for them has run."""
        self._now += timedelta(seconds=seconds)
        for until, future in self._sleepers:
            if until <= self._now and not future.done():
                future.set_result(None)
        self._sleepers = [each for each in self._sleepers if not each[1].done()]
        await turns()


async def turns(count: int = 20) -> None:
    """Let everything run that is ready; nothing here waits for time or for a thread."""
    for _ in range(count):
        await asyncio.sleep(0)
