"""Passwords in the system's own store: Secret Service, KWallet, Keychain, Credential Locker.

The store may be missing, and a locked one may ask its user and answer late or never. Each call
runs in a thread of its own that nobody waits for at the end of the program, with a limit.
"""

import asyncio
import threading
from collections.abc import Callable
from typing import Protocol, TypeVar

import keyring
from keyring.errors import KeyringError, PasswordDeleteError

from communicator.state.sentences import sentence
from communicator.storage.errors import CredentialError, CredentialStoreMissingError
from shared_protocol.addresses import BareJid

T = TypeVar("T")

LIMIT_SECONDS = 10.0
_SERVICE = "Parlour"
_SECURE_PRIORITY = (
    1  # keyring gives less to stores that keep plain text, and to its "fail" and "null"
)


class PasswordBackend(Protocol):
    """What this module uses of a backend of keyring."""

    @property
    def priority(self) -> float:
        """How much keyring recommends it; 1 and more for stores that protect what they keep."""

    def get_password(self, service: str, username: str) -> str | None:
        """Return a password, or None."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep a password."""

    def delete_password(self, service: str, username: str) -> None:
        """Forget a password."""


class KeyringCredentialStore:
    """Keeps passwords in the system's store."""

    def __init__(
        self,
        find_backend: Callable[[], PasswordBackend] = keyring.get_keyring,
        *,
        limit_seconds: float = LIMIT_SECONDS,
    ) -> None:
        self._find_backend = find_backend
        self._limit_seconds = limit_seconds

    async def is_available(self) -> bool:
        """Return whether this computer has a store that protects passwords and answers in time."""
        try:
            await self._call(lambda backend: backend.get_password(_SERVICE, "is there a store?"))
        except CredentialError:
            return False
        return True

    async def password(self, jid: BareJid) -> str | None:
        """Return the password of an account, or None.

        Raises:
            CredentialStoreMissingError: There is no store, or it does not answer in time.
            CredentialError: The store refused.
        """
        return await self._call(lambda backend: backend.get_password(_SERVICE, str(jid)))

    async def put(self, jid: BareJid, password: str) -> None:
        """Keep a password; the same errors as ``password``."""
        await self._call(lambda backend: backend.set_password(_SERVICE, str(jid), password))

    async def forget(self, jid: BareJid) -> None:
        """Forget a password; the same errors as ``password``."""

        def delete(backend: PasswordBackend) -> None:
            try:
                backend.delete_password(_SERVICE, str(jid))
            except PasswordDeleteError:
                return  # there was none

        await self._call(delete)

    async def _call(self, work: Callable[[PasswordBackend], T]) -> T:
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()

        def put_answer(result: T | None, error: CredentialError | None) -> None:
            if answer.done():
                return
            if error is not None:
                answer.set_exception(error)
            else:
                answer.set_result(result)  # type: ignore[arg-type]  # T may be None itself

        def run() -> None:
            result, error = self._try(work)
            try:
                loop.call_soon_threadsafe(put_answer, result, error)
            except RuntimeError:
                return  # the program has ended meanwhile

        # A daemon: a store that hangs must not keep the program from ending.
        threading.Thread(target=run, name="keyring", daemon=True).start()
        try:
            async with asyncio.timeout(self._limit_seconds):
                return await answer
        except TimeoutError as error:
            message = sentence("Sentences", "The password store of this computer does not answer.")
            raise CredentialStoreMissingError(message) from error

    def _try(self, work: Callable[[PasswordBackend], T]) -> tuple[T | None, CredentialError | None]:
        try:
            backend = self._find_backend()
            if backend.priority < _SECURE_PRIORITY:
                message = sentence("Sentences", "This computer has no password store.")
                return None, CredentialStoreMissingError(message)
            return work(backend), None
        except KeyringError as error:
            message = sentence("Sentences", "The password store of this computer refused: {0}.").of(
                error
            )
            return None, CredentialError(message)
        except Exception as error:  # noqa: BLE001 - backends raise what D-Bus and ctypes give them
            message = sentence("Sentences", "The password store of this computer failed: {0}.").of(
                repr(error)
            )
            return None, CredentialStoreMissingError(message)
