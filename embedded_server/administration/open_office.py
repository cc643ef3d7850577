"""The parts of an office that stand on its database, opened together and closed together."""

from pathlib import Path
from typing import Self

from embedded_server.accounts.accounts import Accounts
from embedded_server.config import Settings
from embedded_server.storage.account_repository import AccountRepository
from embedded_server.storage.activity_repository import ActivityRepository
from embedded_server.storage.block_repository import BlockRepository
from embedded_server.storage.database import Database
from embedded_server.storage.message_spool import MessageSpool
from embedded_server.storage.pubsub.repository import PubSubRepository
from embedded_server.storage.rooms.room_archive import RoomArchive
from embedded_server.storage.rooms.room_repository import RoomRepository
from embedded_server.storage.roster_repository import RosterRepository
from embedded_server.storage.session_repository import SessionRepository
from embedded_server.storage.upload_repository import UploadRepository
from embedded_server.storage.writer import StorageWriter


class OpenOffice:
    """What a server, and a command without a server, work with. The caller holds the lock.

    Attributes:
        folder: The data folder.
        settings: What stands in its ``parlour.toml``, with what the command line replaced.
        storage: Writes and reads.
        accounts: Loaded.
        rosters: Rosters and requests.
        blocks: Whom accounts block.
        activities: When accounts went.
        sessions: Those that wait for their clients while the office is closed.
        spool: Messages that wait; counted.
        uploads: Uploaded files and slots.
        pubsub: Nodes and their items.
        rooms: What rooms are.
        room_archive: What was said in them.
    """

    def __init__(self, folder: Path, settings: Settings, database: Database) -> None:
        self.folder = folder
        self.settings = settings
        self.storage = StorageWriter(database)
        self.accounts = Accounts(AccountRepository(self.storage))
        self.rosters = RosterRepository(self.storage)
        self.blocks = BlockRepository(self.storage)
        self.activities = ActivityRepository(self.storage)
        self.sessions = SessionRepository(self.storage)
        self.spool = MessageSpool(self.storage, settings.limits.spool())
        self.uploads = UploadRepository(self.storage)
        self.pubsub = PubSubRepository(self.storage)
        self.rooms = RoomRepository(self.storage)
        self.room_archive = RoomArchive(self.storage)
        self._database = database

    @classmethod
    async def open(cls, folder: Path, settings: Settings, *, is_new: bool = False) -> Self:
        """Open the database of a folder, or make it.

        Raises:
            StorageError: It is missing, too new, damaged, or there already.
        """
        path = settings.storage.database_path(folder)
        office = cls(folder, settings, Database.create(path) if is_new else Database.open(path))
        try:
            office.storage.start()
            await office.accounts.load()
            await office.blocks.load()
            await office.spool.load()
            await office.rooms.load()
            await office.room_archive.load()
        except BaseException:
            await office.close()
            raise
        return office

    async def close(self) -> None:
        """Write what waits, then close.

        Raises:
            StorageError: What waits could not be written.
        """
        await self.storage.stop()
        if self.storage.failure is None:
            self._database.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_exception: object) -> None:
        await self.close()
