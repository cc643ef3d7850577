"""The office server on this computer: made, started, watched, stopped."""

import logging
import secrets
import unicodedata
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from communicator.hosting.errors import HostingError
from communicator.services.fingerprints import fingerprint_of
from communicator.services.ports import Clock
from communicator.state.account import Account
from communicator.state.colleague_access import ColleagueAccess
from communicator.state.office import OfficePhase, OfficeState, OfficeStatus
from communicator.state.preferences import PreferencesState
from communicator.state.sentences import said_by, sentence
from communicator.state.task_owner import TaskOwner
from shared_protocol.addresses import AddressError, BareJid

WATCH_SECONDS = 5.0
_PASSWORD_BYTES = 24
_COLLEAGUE_PASSWORD_BYTES = 9  # 72 bits, short enough to be told

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class NewOffice:
    """An office that was just opened.

    Attributes:
        account: The owner's account.
        password: Generated; nobody has to know it.
    """

    account: Account
    password: str


class OfficeHosting(Protocol):
    """Runs the server's command and speaks with the server; raises HostingError, a sentence."""

    async def free_folder(self, wished: Path) -> Path:
        """Return where an office can be made; what a failed try left there is removed."""

    async def create(
        self, folder: Path, *, domain: str, owner: str, password: str, office_name: str
    ) -> str:
        """Make an office in a folder; return its authority's certificate (PEM).

        Until ``keep`` it is unfinished.
        """

    async def keep(self, folder: Path) -> None:
        """Finish an office."""

    async def discard(self, folder: Path) -> None:
        """Stop and remove an office if it is unfinished."""

    async def start(self, folder: Path) -> int:
        """Start the server, detached; return its port for direct TLS once it answers."""

    async def stop(self, folder: Path) -> None:
        """Stop the server and wait for its end."""

    async def create_account(self, folder: Path, name: str, password: str) -> int:
        """Make an account in a running office; return the port for STARTTLS."""

    def own_address(self) -> str:
        """Return the address under which others reach this computer."""

    async def connected_sessions(self, folder: Path) -> int | None:
        """Return how many sessions are open; None if the server does not run."""


class OfficeService:
    """Start and stop of the office that this computer hosts."""

    def __init__(
        self,
        *,
        state: OfficeState,
        hosting: OfficeHosting,
        preferences: PreferencesState,
        clock: Clock,
    ) -> None:
        self._state = state
        self._hosting = hosting
        self._preferences = preferences
        self._clock = clock
        self._tasks = TaskOwner()
        self._unfinished: Path | None = None  # a new office without a remembered account

    async def start_office(self, office_name: str, own_name: str, folder: Path) -> NewOffice:
        """Make a new office and start its server; it is removed again unless it is kept.

        Args:
            office_name: As the user typed it.
            own_name: The same; the owner's account is named after it.
            folder: Where it shall lie; beside it if an office lies there already.

        Raises:
            HostingError: One sentence for the user; nothing half-made is left.
        """
        jid = BareJid(localpart_of(own_name), f"{slug_of(office_name)}.internal")
        password = secrets.token_urlsafe(_PASSWORD_BYTES)
        self._put(OfficePhase.STARTING, office_name)
        try:
            folder = self._unfinished = await self._hosting.free_folder(folder)
            authority_pem = await self._hosting.create(
                folder,
                domain=jid.domainpart,
                owner=jid.localpart,
                password=password,
                office_name=office_name,
            )
            port = await self._hosting.start(folder)
        except HostingError as error:
            await self.abandon_office()
            self._state.put(OfficeStatus(OfficePhase.ABSENT, failure=said_by(error)))
            raise
        account = Account(
            jid=jid,
            display_name=own_name,
            host="127.0.0.1",
            port=port,
            is_direct_tls=True,
            authority_pem=authority_pem,
            is_office=True,
            office_folder=folder,
            office_name=office_name,
        )
        self._watch(account)
        return NewOffice(account, password)

    async def keep_office(self) -> None:
        """Finish the new office, if there is one: its owner's account is remembered."""
        folder, self._unfinished = self._unfinished, None
        if folder is not None:
            try:
                await self._hosting.keep(folder)
            except HostingError as error:
                _log.error("the new office was not finished: %s", error)

    async def abandon_office(self) -> None:
        """Remove the new office, if there is one that was not kept."""
        folder, self._unfinished = self._unfinished, None
        if folder is None:
            return
        await self._tasks.stop()
        try:
            await self._hosting.discard(folder)
        except HostingError as error:
            _log.warning("the new office was not removed: %s", error)
        self._state.put(OfficeStatus())

    async def start(self) -> Account | None:
        """Start the server of the account's office, or find that it runs.

        Returns:
            The account with the port of now; None if this computer hosts no office.

        Raises:
            HostingError: One sentence for the user; the state shows it too.
        """
        account = self._preferences.preferences.account
        if account is None or account.office_folder is None:
            self._state.put(OfficeStatus())
            return None
        await self._tasks.stop()
        self._put(OfficePhase.STARTING, account.office_name)
        try:
            await self._hosting.keep(account.office_folder)  # it is, whenever the last run ended
            port = await self._hosting.start(account.office_folder)
        except HostingError as error:
            self._put(OfficePhase.FAILED, account.office_name, said_by(error))
            raise
        account = replace(account, port=port)
        self._preferences.put(replace(self._preferences.preferences, account=account))
        self._watch(account)
        return account

    def look(self) -> None:
        """Count the sessions at once: somebody has come or gone."""
        account = self._preferences.preferences.account
        is_running = self._state.status.phase is OfficePhase.RUNNING
        if is_running and account is not None and account.office_folder is not None:
            work = self._count(account.office_folder, account.office_name)
            self._tasks.spawn(work, "count of the sessions")

    async def stop(self) -> None:
        """Stop the server; those who are connected are told. Raises HostingError."""
        account = self._preferences.preferences.account
        if account is None or account.office_folder is None:
            return
        await self._tasks.stop()
        self._put(OfficePhase.STOPPING, account.office_name)
        try:
            await self._hosting.stop(account.office_folder)
        except HostingError as error:
            self._put(OfficePhase.FAILED, account.office_name, said_by(error))
            raise
        self._put(OfficePhase.STOPPED, account.office_name)

    async def add_colleague(self, own_name: str) -> ColleagueAccess:
        """Make an account in the office; return what the colleague needs to join.

        Raises:
            HostingError: The server does not run, or refuses the name; a sentence.
        """
        account = self._preferences.preferences.account
        if account is None or account.office_folder is None:
            message = sentence("Sentences", "This computer hosts no office.")
            raise HostingError(message)
        name = localpart_of(own_name)
        password = secrets.token_urlsafe(_COLLEAGUE_PASSWORD_BYTES)
        port = await self._hosting.create_account(account.office_folder, name, password)
        return ColleagueAccess(
            office_address=account.jid.domainpart,
            name=name,
            password=password,
            computer=self._hosting.own_address(),
            port=port,
            fingerprint=fingerprint_of(account.authority_pem or ""),
        )

    async def close(self) -> None:
        """End with the program; the server ends too if the user wants that."""
        await self.abandon_office()
        await self._tasks.stop()
        is_running = self._state.status.phase is OfficePhase.RUNNING
        if is_running and not self._preferences.preferences.office_outlives_window:
            try:
                await self.stop()
            except HostingError as error:
                _log.warning("the office server did not stop: %s", error)

    def set_outlives_window(self, *, outlives: bool) -> None:
        """Choose whether the server keeps running when the program ends."""
        preferences = self._preferences.preferences
        self._preferences.put(replace(preferences, office_outlives_window=outlives))

    def _watch(self, account: Account) -> None:
        self._put(OfficePhase.RUNNING, account.office_name)
        if account.office_folder is not None:
            work = self._follow(account.office_folder, account.office_name)
            self._tasks.spawn(work, "office server")

    async def _follow(self, folder: Path, office_name: str) -> None:
        while await self._count(folder, office_name):
            await self._clock.sleep(WATCH_SECONDS)

    async def _count(self, folder: Path, office_name: str) -> bool:
        """Show how many sessions are open; return False if the server has ended."""
        connected = await self._hosting.connected_sessions(folder)
        if connected is None:
            text = sentence("Sentences", "The office server has ended. Start it again.")
            self._put(OfficePhase.FAILED, office_name, text)
            return False
        self._state.put(OfficeStatus(OfficePhase.RUNNING, office_name, connected=connected))
        return True

    def _put(self, phase: OfficePhase, office_name: str, failure: str = "") -> None:
        self._state.put(OfficeStatus(phase, office_name, failure=failure))


def slug_of(office_name: str) -> str:
    """Return a label of a domain for an office's name; ``office`` if nothing of it is left."""
    plain = unicodedata.normalize("NFKD", office_name).encode("ascii", "ignore").decode()
    words = "".join(letter if letter.isalnum() else " " for letter in plain.lower()).split()
    return "-".join(words)[:_LABEL_CHARACTERS].strip("-") or "office"


def localpart_of(own_name: str) -> str:
    """Return a localpart for a person's name; ``owner`` if nothing of it is left."""
    words = "".join(letter if letter.isalnum() else " " for letter in own_name).split()
    try:
        return BareJid.parse(f"{'.'.join(words)}@office.internal").localpart
    except AddressError:
        return "owner"


_LABEL_CHARACTERS = 63  # RFC 1035, section 2.3.4
