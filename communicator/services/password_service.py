"""Where the account's password is kept: the system's store, an encrypted file, or nowhere."""

from collections.abc import Callable
from dataclasses import replace

from communicator.services.ports import CredentialStore, SystemCredentialStore
from communicator.state.preferences import PasswordKeeping, PreferencesState
from communicator.state.sentences import sentence
from communicator.storage.credentials import SessionOnlyCredentialStore
from communicator.storage.errors import CredentialError
from shared_protocol.addresses import BareJid


class PasswordFileLockedError(CredentialError):
    """The password is in the encrypted file, and the pass phrase was not given yet."""


class PasswordService:
    """A credential store that is another one behind, as the user chose."""

    def __init__(
        self,
        *,
        system_store: SystemCredentialStore,
        open_file: Callable[[str], CredentialStore],
        preferences: PreferencesState,
    ) -> None:
        """Make the service.

        Args:
            system_store: The password store of the system, which may be missing.
            open_file: Makes the store of the encrypted file from the pass phrase.
            preferences: Remembers the choice.
        """
        self._system_store = system_store
        self._open_file = open_file
        self._preferences = preferences
        self._file: CredentialStore | None = None
        self._session_only = SessionOnlyCredentialStore()

    @property
    def keeping(self) -> PasswordKeeping:
        """What the user chose."""
        return self._preferences.preferences.password_keeping

    @property
    def is_locked(self) -> bool:
        """True if ``unlock`` has to come before a password can be read."""
        return self.keeping is PasswordKeeping.ENCRYPTED_FILE and self._file is None

    async def is_system_store_available(self) -> bool:
        """Return whether this computer has a password store that answers; takes up to 10 s."""
        return await self._system_store.is_available()

    async def unlock(self, jid: BareJid, pass_phrase: str) -> None:
        """Open the encrypted file.

        Raises:
            WrongPassPhraseError: It does not open.
            CredentialError: The file cannot be read.
        """
        file = self._open_file(pass_phrase)
        await file.password(jid)
        self._file = file

    async def choose(
        self, keeping: PasswordKeeping, *, jid: BareJid, password: str, pass_phrase: str = ""
    ) -> None:
        """Keep a password in a place of the user's choice, from now on.

        Raises:
            CredentialStoreMissingError: The system has no store; another choice is needed.
            CredentialError: It could not be kept there.
        """
        file = self._open_file(pass_phrase) if keeping is PasswordKeeping.ENCRYPTED_FILE else None
        await self._store_of(keeping, file).put(jid, password)
        self._file = file
        self._preferences.put(replace(self._preferences.preferences, password_keeping=keeping))

    async def password(self, jid: BareJid) -> str | None:
        """Return the password of an account, or None.

        Raises:
            PasswordFileLockedError: ``unlock`` has to come first.
            CredentialError: It cannot be read.
        """
        return await self._store_of(self.keeping, self._file).password(jid)

    async def put(self, jid: BareJid, password: str) -> None:
        """Keep a password where the user chose; the same errors as ``password``."""
        await self._store_of(self.keeping, self._file).put(jid, password)

    async def forget(self, jid: BareJid) -> None:
        """Forget a password; the same errors as ``password``."""
        await self._store_of(self.keeping, self._file).forget(jid)

    def _store_of(self, keeping: PasswordKeeping, file: CredentialStore | None) -> CredentialStore:
        match keeping:
            case PasswordKeeping.KEYRING:
                return self._system_store
            case PasswordKeeping.SESSION_ONLY:
                return self._session_only
            case PasswordKeeping.ENCRYPTED_FILE if file is not None:
                return file
        message = sentence("Sentences", "The password file is locked.")
        raise PasswordFileLockedError(message)
