"""Keeps the account connected: tries, waits, tries again, and stops for what needs the user."""

import asyncio
import logging
import random
from dataclasses import replace
from datetime import timedelta

from communicator.services.ports import Clock, CredentialStore
from communicator.session.errors import ConnectionFailedError
from communicator.session.ports import ConnectionSession
from communicator.state.account import Account
from communicator.state.connection import (
    ConnectionPhase,
    ConnectionState,
    ConnectionStatus,
    ConnectionTrouble,
    TroubleKind,
)
from communicator.state.signals import Signal, Subscriptions
from communicator.state.task_owner import TaskOwner
from communicator.storage.errors import CredentialError
from shared_protocol.addresses import BareJid

PAUSES_SECONDS = (1, 2, 5, 10, 20, 40, 60)
JITTER = 0.2
STEADY_AFTER = timedelta(seconds=30)  # a connection that lived shorter does not reset the pauses

NEEDS_USER = frozenset(
    {
        TroubleKind.WRONG_PASSWORD,
        TroubleKind.PASSWORD_MISSING,
        TroubleKind.CERTIFICATE_UNTRUSTED,
        TroubleKind.CERTIFICATE_CHANGED,
        TroubleKind.CERTIFICATE_OTHER_NAME,
        TroubleKind.CERTIFICATE_EXPIRED,
        TroubleKind.CERTIFICATE_WEAK,
        TroubleKind.NO_ENCRYPTION,
        TroubleKind.REPLACED,
    }
)

_AT_REST = frozenset({ConnectionPhase.STOPPED, ConnectionPhase.OFFLINE})

_log = logging.getLogger(__name__)


class ConnectionService:
    """Holds the connection of one account.

    Signals:
        account_changed: The account, after the user trusted a certificate or changed the place
            of the server; to be remembered.
        password_not_kept: Why a password that the user wanted to be remembered was not.
    """

    def __init__(
        self,
        *,
        session: ConnectionSession,
        state: ConnectionState,
        credentials: CredentialStore,
        clock: Clock,
        chance: random.Random | None = None,
    ) -> None:
        self._session = session
        self._state = state
        self._credentials = credentials
        self._clock = clock
        self._chance = chance or random.SystemRandom()
        self._account: Account | None = None
        self._typed_passwords_by_jid: dict[BareJid, str] = {}  # of this run; not to be kept
        self._tasks = TaskOwner()
        self._wake = asyncio.Event()
        self._ended: asyncio.Future[ConnectionTrouble | None] | None = None
        self._subscriptions = Subscriptions()
        self._failures = 0
        self._to_remember: set[BareJid] = set()  # whose typed password is kept once it is right
        self.account_changed: Signal[Account] = Signal()
        self.password_not_kept: Signal[CredentialError] = Signal()

    @property
    def account(self) -> Account | None:
        """The account that is or was connected last."""
        return self._account

    async def start(self, account: Account) -> None:
        """Connect an account and keep it connected; one that was connected before is left."""
        await self.stop()
        self._account = account
        self._failures = 0
        self._subscriptions.add(self._session.disconnected.connect(self._on_disconnected))
        self._tasks.spawn(self._keep_connected(account), "connection")

    async def stop(self) -> None:
        """End the connection by wish of the user."""
        self._subscriptions.end()
        await self._tasks.stop()
        await self._session.disconnect()
        self._state.put(ConnectionStatus())

    async def retry_now(self) -> None:
        """Try at once: the user asked for it."""
        phase = self._state.status.phase
        if phase is ConnectionPhase.WAITING:
            self._wake.set()
        elif phase in _AT_REST and self._account is not None:
            await self.start(self._account)

    async def wake_up(self) -> None:
        """Look at once: the computer slept or its network changed, and what was may not be."""
        if self._state.status.phase is ConnectionPhase.ONLINE:
            self._session.check_link()
        elif self._state.status.phase is ConnectionPhase.WAITING:
            self._failures = 0
            self._wake.set()

    async def trust_certificate(self) -> None:
        """Pin the certificate that stopped the last try, whose fingerprint the user compared.

        Nothing happens where the trouble is not one that a comparison can mend; an office that
        shows another authority than before is joined anew, never trusted in passing.
        """
        account, trouble = self._account, self._state.status.trouble
        if account is None or trouble is None or not trouble.can_be_trusted:
            return
        if account.is_office and trouble.kind is TroubleKind.CERTIFICATE_CHANGED:
            return
        await self._use(trusting(account, trouble))

    async def use_address(self, host: str, port: int) -> None:
        """Try again at another place; empty and 0 let DNS say it."""
        if self._account is not None:
            await self._use(self._account.placed_at(host, port))

    async def forget_trust(self) -> None:
        """Trust no certificate of the account's own any longer, and connect anew."""
        if self._account is not None and self._account.authority_pem is not None:
            await self._use(replace(self._account, authority_pem=None, are_dates_ignored=False))

    async def use_password(self, password: str, *, remember: bool) -> None:
        """Try again with a password that the user typed; it is kept once the server took it."""
        if self._account is None:
            return
        jid = self._account.jid
        self._typed_passwords_by_jid[jid] = password
        (self._to_remember.add if remember else self._to_remember.discard)(jid)
        await self.start(self._account)

    async def _use(self, account: Account) -> None:
        self.account_changed.emit(account)
        await self.start(account)

    def _on_disconnected(self, trouble: ConnectionTrouble | None) -> None:
        if self._ended is not None and not self._ended.done():
            self._ended.set_result(trouble)

    async def _keep_connected(self, account: Account) -> None:
        while True:
            trouble = await self._connect_once(account)
            if trouble.kind in NEEDS_USER:
                self._state.put(ConnectionStatus(ConnectionPhase.STOPPED, trouble))
                return
            await self._pause(trouble)

    async def _connect_once(self, account: Account) -> ConnectionTrouble:
        """Connect; return when and why it failed or ended."""
        before = self._state.status.trouble
        self._state.put(ConnectionStatus(ConnectionPhase.CONNECTING, before))
        password = await self._password(account.jid)
        if password is None:
            return ConnectionTrouble(TroubleKind.PASSWORD_MISSING)
        self._ended = asyncio.get_running_loop().create_future()
        try:
            await self._session.connect(account, password)
        except ConnectionFailedError as error:
            return error.trouble
        since = self._clock.now()
        self._state.put(ConnectionStatus(ConnectionPhase.ONLINE))
        await self._remember(account.jid, password)
        trouble = await self._ended
        if self._clock.now() - since >= STEADY_AFTER:
            self._failures = 0
        return trouble or ConnectionTrouble(TroubleKind.LOST, account.host, account.port)

    async def _password(self, jid: BareJid) -> str | None:
        if typed := self._typed_passwords_by_jid.get(jid):
            return typed
        try:
            return await self._credentials.password(jid)
        except CredentialError as error:
            _log.warning("the password could not be read: %s", error)
            return None

    async def _remember(self, jid: BareJid, password: str) -> None:
        if jid in self._to_remember:
            self._to_remember.discard(jid)
            try:
                await self._credentials.put(jid, password)
            except CredentialError as error:
                self.password_not_kept.emit(error)

    async def _pause(self, trouble: ConnectionTrouble) -> None:
        """Wait for the next try, or until somebody asks for it at once."""
        base = PAUSES_SECONDS[min(self._failures, len(PAUSES_SECONDS) - 1)]
        self._failures += 1
        seconds = base * self._chance.uniform(1 - JITTER, 1 + JITTER)
        until = self._clock.now() + timedelta(seconds=seconds)
        self._wake.clear()
        self._state.put(ConnectionStatus(ConnectionPhase.WAITING, trouble, until))
        alarm = self._tasks.spawn(self._ring_at(seconds), "pause before the next try")
        try:
            await self._wake.wait()
        finally:
            alarm.cancel()

    async def _ring_at(self, seconds: float) -> None:
        await self._clock.sleep(seconds)
        self._wake.set()


def trusting(account: Account, trouble: ConnectionTrouble) -> Account:
    """Return the account with what the user trusts after comparing: a certificate, or its dates."""
    if trouble.kind is TroubleKind.CERTIFICATE_EXPIRED or trouble.certificate is None:
        return replace(account, are_dates_ignored=True)
    return replace(account, authority_pem=trouble.certificate.pem, are_dates_ignored=False)
