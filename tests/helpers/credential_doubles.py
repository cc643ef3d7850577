"""Written doubles of the places where passwords are kept."""

from communicator.storage.credentials import SessionOnlyCredentialStore
from communicator.storage.errors import CredentialStoreMissingError, WrongPassPhraseError
from shared_protocol.addresses import BareJid


class SystemStore(SessionOnlyCredentialStore):
    """The password store of a system that has one."""

    async def is_available(self) -> bool:
        return True


class MissingSystemStore(SystemStore):
    """The same where there is none."""

    async def is_available(self) -> bool:
        return False

    async def password(self, jid: BareJid) -> str | None:
        raise CredentialStoreMissingError(str(jid))

    async def put(self, jid: BareJid, password: str) -> None:
        raise CredentialStoreMissingError(str(jid))


class MemoryFile:
    """The encrypted file in memory: opens with one pass phrase."""

    def __init__(self) -> None:
        self.store = SessionOnlyCredentialStore()
        self.pass_phrase = ""

    def open(self, pass_phrase: str) -> "OpenMemoryFile":
        return OpenMemoryFile(self, pass_phrase)


class OpenMemoryFile:
    """The file, opened with a pass phrase that may be wrong."""

    def __init__(self, file: MemoryFile, pass_phrase: str) -> None:
        self._file = file
        self._pass_phrase = pass_phrase

    async def password(self, jid: BareJid) -> str | None:
        self._check()
        return await self._file.store.password(jid)

    async def put(self, jid: BareJid, password: str) -> None:
        self._file.pass_phrase = self._file.pass_phrase or self._pass_phrase
        self._check()
        await self._file.store.put(jid, password)

    async def forget(self, jid: BareJid) -> None:
        await self._file.store.forget(jid)

    def _check(self) -> None:
        if self._pass_phrase != self._file.pass_phrase:
            raise WrongPassPhraseError
