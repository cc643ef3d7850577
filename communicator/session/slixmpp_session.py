"""The session of an account: all ports of ``communicator.session.ports`` in one object."""

import asyncio
import secrets
from collections.abc import Sequence

from communicator.session.errors import ConnectionFailedError, SessionError
from communicator.session.identity_feature import CAPABILITIES, IdentityFeature
from communicator.session.live_stream import LiveStream
from communicator.session.message_feature import MessageFeature
from communicator.session.ports import IncomingMessage, OutgoingMessage
from communicator.session.presence_feature import PresenceFeature
from communicator.session.roster_feature import RosterFeature
from communicator.session.session_link import SessionLink
from communicator.session.stream.connector import Connector, OpenSession
from communicator.session.stream.troubles import kind_of_end
from communicator.state.account import Account
from communicator.state.connection import ConnectionTrouble, TroubleKind
from communicator.state.presence import Availability
from communicator.state.task_owner import TaskOwner
from shared_protocol.addresses import BareJid
from shared_protocol.namespaces import STANZA_IDS
from shared_protocol.stanzas import disco
from shared_protocol.stanzas.iq import IqType
from shared_protocol.stanzas.presence import PresenceType
from shared_protocol.stanzas.roster import RosterItem
from shared_protocol.stanzas.stream_management import Resumed
from shared_protocol.version import VERSION

ENABLE_SECONDS = 10.0
CLOSE_SECONDS = 2.0


class SlixmppSession:
    """Connects one account after another; a session for each connection.

    Args of the constructor:
        waits_for_storage: Acknowledge a message to the server (XEP-0198) only after
            ``confirm_stored``; else as soon as it was told.
    """

    def __init__(
        self, connector: Connector | None = None, *, waits_for_storage: bool = False
    ) -> None:
        self._connector = connector or Connector()
        # The same for all connections of this run: a new one takes the place of one that hangs.
        self._resource = f"parlour-{secrets.token_hex(4)}"
        self._tasks = TaskOwner()
        self._attempt: asyncio.Task[object] | None = None
        self._account: Account | None = None
        self._is_leaving = False
        self._link = link = SessionLink()
        self._roster = RosterFeature(link)
        self._presence = PresenceFeature(link, CAPABILITIES)
        self._messages = MessageFeature(link, waits_for_storage=waits_for_storage)
        self._identity = IdentityFeature(link, VERSION, self._roster.is_seen_by)
        self.connected = link.connected
        self.disconnected = link.disconnected
        self.roster_pushed = self._roster.pushed
        self.presence_received = self._presence.received
        self.subscription_requested = self._presence.subscription_requested
        self.subscription_withdrawn = self._presence.subscription_withdrawn
        self.message_received = self._messages.received
        self.message_acknowledged = link.acknowledged
        self.message_refused = self._messages.refused
        self.receipt_received = self._messages.receipt_received
        self.chat_state_received = self._messages.chat_state_received

    # ConnectionSession

    @property
    def is_connected(self) -> bool:
        """True while stanzas can be sent."""
        return self._link.stream is not None

    async def connect(self, account: Account, password: str) -> None:
        """Connect and log in. Raises ConnectionFailedError."""
        lost = self._link.lost
        await self.disconnect()
        if lost is not None and lost.jid.bare == account.jid:
            self._link.lost = lost
        self._attempt = attempt = self._tasks.spawn(self._try(account, password), "connect")
        try:
            await asyncio.wait({attempt})
        finally:
            self._attempt = None
            attempt.cancel()
        if attempt.cancelled():
            raise ConnectionFailedError(
                ConnectionTrouble(TroubleKind.LOST, details="the attempt was ended")
            )
        failure = attempt.result()
        if isinstance(failure, ConnectionFailedError):
            raise failure

    async def disconnect(self) -> None:
        """End the session, or the attempt to get one."""
        if self._attempt is not None:
            self._attempt.cancel()
        stream = self._link.stream
        self._link.lost = None
        if stream is not None:
            self._is_leaving = True
            stream.acknowledgements.settle()
            await stream.client.close(CLOSE_SECONDS)

    def check_link(self) -> None:
        """Find out whether the other end is still there."""
        if self._link.stream is not None:
            self._link.stream.check()

    # RosterSession

    async def fetch_roster(self) -> list[RosterItem]:
        """Return the complete roster. Raises SessionError."""
        return await self._roster.fetch()

    async def set_roster_item(self, jid: BareJid, name: str, groups: Sequence[str]) -> None:
        """Add a contact, or change name and groups. Raises SessionError."""
        await self._roster.set_item(jid, name, groups)

    async def remove_roster_item(self, jid: BareJid) -> None:
        """Remove a contact, and with it both subscriptions. Raises SessionError."""
        await self._roster.remove_item(jid)

    # PresenceSession

    def send_presence(self, availability: Availability, status: str = "") -> None:
        """Tell everybody who may see it. Raises NotConnectedError."""
        self._presence.send(availability, status)

    def subscribe(self, jid: BareJid, text: str = "") -> None:
        """Ask to see the presence of somebody. Raises NotConnectedError."""
        self._presence.send_subscription(PresenceType.SUBSCRIBE, jid, text)

    def approve(self, jid: BareJid) -> None:
        """Let somebody see the own presence. Raises NotConnectedError."""
        self._presence.send_subscription(PresenceType.SUBSCRIBED, jid)

    def decline(self, jid: BareJid) -> None:
        """Do not let somebody see the own presence. Raises NotConnectedError."""
        self._presence.send_subscription(PresenceType.UNSUBSCRIBED, jid)

    def unsubscribe(self, jid: BareJid) -> None:
        """See the presence of somebody no longer. Raises NotConnectedError."""
        self._presence.send_subscription(PresenceType.UNSUBSCRIBE, jid)

    # MessageSession

    def send_message(self, message: OutgoingMessage) -> None:
        """Send a message. Raises NotConnectedError."""
        self._messages.send(message)

    def confirm_stored(self, message: IncomingMessage) -> None:
        """Let the server forget a message that is on disk."""
        self._messages.confirm_stored(message)

    def send_receipt(self, message: IncomingMessage) -> None:
        """Confirm a message. Raises NotConnectedError."""
        self._messages.send_receipt(message)

    def send_chat_state(self, jid: BareJid, *, is_composing: bool) -> None:
        """Tell that the user types, or has stopped. Raises NotConnectedError."""
        self._messages.send_chat_state(jid, is_composing=is_composing)

    # Own

    async def _try(self, account: Account, password: str) -> ConnectionFailedError | None:
        try:
            await self._connect(account, password)
        except ConnectionFailedError as error:
            return error
        return None

    async def _connect(self, account: Account, password: str) -> None:
        lost = self._link.lost
        opened = await self._connector.connect(account, password, self._resource, lost)
        self._account = account
        self._is_leaving = False
        said = opened.negotiated.former
        if lost is not None and isinstance(said, Resumed):
            self._go_on(self._live_stream(opened, lost), opened, said)
            return
        if lost is not None:
            lost.acknowledgements.conclude(said.handled if said is not None else None)
        stream = self._live_stream(opened)
        try:
            async with asyncio.timeout(ENABLE_SECONDS):
                await stream.acknowledgements.enable(opened.negotiated.features)
        except (TimeoutError, SessionError):
            opened.client.cut(ConnectionResetError("the server does not answer any more"))
        except asyncio.CancelledError:
            opened.client.cut(None)
            raise
        if not opened.client.is_open:
            raise ConnectionFailedError(self._trouble(opened.client.reason))
        self._begin(stream, opened)

    def _live_stream(self, opened: OpenSession, former: LiveStream | None = None) -> LiveStream:
        return LiveStream(
            client=opened.client,
            jid=opened.negotiated.jid,
            handlers=self._link.handlers,
            acknowledged=self._link.acknowledged,
            on_end=self._on_end,
            former=former,
        )

    def _begin(self, stream: LiveStream, opened: OpenSession) -> None:
        self._link.stream, self._link.lost = stream, None
        self._link.is_resumed = False
        self._messages.are_stanza_ids_announced = False
        self._link.connected.emit(stream.jid)
        stream.tasks.spawn(self._ask_own_account(stream), "features of the account")
        stream.release(opened.rest)

    def _go_on(self, stream: LiveStream, opened: OpenSession, said: Resumed) -> None:
        """Go on with a session that had lost its connection (XEP-0198, section 5)."""
        self._link.lost = None
        stream.acknowledgements.resume(said.handled)
        if not opened.client.is_open:
            raise ConnectionFailedError(self._trouble(opened.client.reason))
        self._link.stream = stream
        self._link.is_resumed = True
        self._link.connected.emit(stream.jid)
        self._presence.repeat()
        stream.release(opened.rest)

    async def _ask_own_account(self, stream: LiveStream) -> None:
        """Learn what the own account can do (XEP-0359, section 6)."""
        query = disco.info_to_element(disco.DiscoInfo())
        try:
            answer = await stream.requests.ask(IqType.GET, query, stream.jid.bare)
        except SessionError:
            return
        payload = answer.find(disco.INFO_QUERY)
        features = () if payload is None else disco.info_from_element(payload).features
        self._messages.are_stanza_ids_announced = STANZA_IDS in features

    def _on_end(self, stream: LiveStream, reason: Exception | None) -> None:
        if self._link.stream is not stream:
            return
        self._link.stream = None
        is_wish = self._is_leaving and reason is None
        if not self._is_leaving and stream.acknowledgements.id:
            self._link.lost = stream
        self._link.disconnected.emit(None if is_wish else self._trouble(reason))

    def _trouble(self, reason: Exception | None) -> ConnectionTrouble:
        account = self._account
        return ConnectionTrouble(
            kind=TroubleKind.LOST if reason is None else kind_of_end(reason),
            host="" if account is None else account.host or account.jid.domainpart,
            port=0 if account is None else account.port,
            details="" if reason is None else f"{type(reason).__name__}: {reason}",
        )
