"""A written double of what the office service wants of its hosting."""

from pathlib import Path

from communicator.hosting.errors import HostingError


class MemoryHosting:
    """Offices and their servers in memory.

    Attributes:
        unfinished: Offices that would be removed if the program ended now.
    """

    def __init__(self) -> None:
        self.unfinished: set[Path] = set()
        self.offices: dict[Path, tuple[str, str, str]] = {}
        self.office_names: list[str] = []
        self.accounts: list[tuple[Path, str, str]] = []
        self.running: set[Path] = set()
        self.connected = 0
        self.port = 5223
        self.failure = ""

    async def free_folder(self, wished: Path) -> Path:
        await self.discard(wished)
        return wished.with_name("office-2") if wished in self.offices else wished

    async def create(
        self, folder: Path, *, domain: str, owner: str, password: str, office_name: str
    ) -> str:
        self.office_names.append(office_name)
        if folder in self.offices:
            message = "There is an office in the folder already."
            raise HostingError(message)
        self.unfinished.add(folder)
        self.offices[folder] = (domain, owner, password)
        return "-----BEGIN CERTIFICATE-----"

    async def start(self, folder: Path) -> int:
        self._check()
        self.running.add(folder)
        return self.port

    async def stop(self, folder: Path) -> None:
        self._check()
        self.running.discard(folder)

    async def keep(self, folder: Path) -> None:
        self.unfinished.discard(folder)

    async def discard(self, folder: Path) -> None:
        if folder in self.unfinished:
            self.unfinished.discard(folder)
            self.running.discard(folder)
            del self.offices[folder]

    async def create_account(self, folder: Path, name: str, password: str) -> int:
        self._check()
        self.accounts.append((folder, name, password))
        return 5222

    def own_address(self) -> str:
        return "192.0.2.7"

    async def connected_sessions(self, folder: Path) -> int | None:
        return self.connected if folder in self.running else None

    def _check(self) -> None:
        if self.failure:
            raise HostingError(self.failure)
