"""Who is typing (XEP-0085): told to contacts only, and forgotten when nothing more is heard."""

from contextlib import suppress

from communicator.services.open_logs import OpenLogs
from communicator.services.ports import Clock
from communicator.session.errors import NotConnectedError
from communicator.session.ports import ChatStateChange, MessageSession
from communicator.state.roster import Roster
from communicator.state.signals import Subscriptions
from communicator.state.task_owner import TaskOwner
from shared_protocol.addresses import BareJid

FORGOTTEN_AFTER_SECONDS = 30.0


class TypingService:
    """Tells and shows chat states."""

    def __init__(
        self, *, session: MessageSession, roster: Roster, logs: OpenLogs, clock: Clock
    ) -> None:
        self._session = session
        self._roster = roster
        self._logs = logs
        self._clock = clock
        self._tasks = TaskOwner()
        self._heard_by_jid: dict[BareJid, int] = {}  # counts what was heard of those who type
        self._told: set[BareJid] = set()  # whom we told that the user types
        self._subscriptions = Subscriptions()

    def start(self) -> None:
        """Follow the session."""
        self._subscriptions.add(
            self._session.chat_state_received.connect(self._on_chat_state_received),
            self._session.disconnected.connect(lambda _: self._on_disconnected()),
        )

    async def stop(self) -> None:
        """Tell nothing more."""
        self._subscriptions.end()
        await self._tasks.stop()
        self._on_disconnected()

    def set_composing(self, jid: BareJid, *, is_composing: bool) -> None:
        """Tell a contact who is there that the user types, or has stopped; others nothing."""
        contact = self._roster.contact(jid)
        if contact is None or not contact.is_online or not self._session.is_connected:
            return
        if is_composing != (jid in self._told):
            (self._told.add if is_composing else self._told.discard)(jid)
            with suppress(NotConnectedError):  # lost in this moment: nobody is to be told
                self._session.send_chat_state(jid, is_composing=is_composing)

    def forget_told(self, jid: BareJid) -> None:
        """Reckon with a message to this counterpart, which ends the typing by itself."""
        self._told.discard(jid)

    def _on_disconnected(self) -> None:
        self._told.clear()
        for jid in tuple(self._heard_by_jid):
            self._forget(jid)

    def _on_chat_state_received(self, change: ChatStateChange) -> None:
        jid = change.sender.bare
        if not change.is_composing:
            self._forget(jid)
            return
        heard = self._heard_by_jid.get(jid, 0) + 1
        self._heard_by_jid[jid] = heard
        self._logs.put_composing(jid, is_composing=True)
        self._tasks.spawn(self._forget_later(jid, heard), "typing")

    async def _forget_later(self, jid: BareJid, heard: int) -> None:
        await self._clock.sleep(FORGOTTEN_AFTER_SECONDS)
        if self._heard_by_jid.get(jid) == heard:
            self._forget(jid)

    def _forget(self, jid: BareJid) -> None:
        self._heard_by_jid.pop(jid, None)
        self._logs.put_composing(jid, is_composing=False)
