"""The parts of an office that stand on its database, opened together and closed together."""

import secrets
from pathlib import Path
from typing import Self

from embedded_server.accounts.accounts import Accounts
from embedded_server.accounts.login_tokens import LoginTokens
from embedded_server.config import Settings
from embedded_server.storage.account_repository import AccountRepository
from embedded_server.storage.activity_repository import ActivityRepository
from embedded_server.storage.block_repository import BlockRepository
from embedded_server.storage.database import Database
from embedded_server.storage.messages.archive_preferences import ArchivePreferencesRepository
from embedded_server.storage.messages.message_store import MessageStore
from embedded_server.storage.notice_repository import NoticeRepository
from embedded_server.storage.profile_repository import ProfileRepository
from embedded_server.storage.pubsub.repository import PubSubRepository
from embedded_server.storage.push_repository import PushRepository
from embedded_server.storage.rooms.room_archive import RoomArchive
from embedded_server.storage.rooms.room_repository import RoomRepository
from embedded_server.storage.roster_repository import RosterRepository
from embedded_server.storage.session_repository import SessionRepository
from embedded_server.storage.token_repository import TokenRepository
from embedded_server.storage.upload_repository import UploadRepository
from embedded_server.storage.writer import StorageWriter
from shared_protocol.namespaces import AVATAR_DATA, AVATAR_METADATA

_ARCHIVE_IDS = "archive ids"
_KEY_BYTES = 32


class OpenOffice:
    """What a server, and a command without a server, work with. The caller holds the lock.

    Attributes:
        folder: The data folder.
        settings: What stands in its ``parlour.toml``, with what the command line replaced.
        storage: Writes and reads.
        accounts: Loaded.
        tokens: With which devices log in.
        rosters: Rosters and requests.
        blocks: Whom accounts block.
        activities: When accounts went.
        sessions: Those that wait for their clients while the office is closed.
        rooms: What rooms are.
        room_archive: What was said in them.
        pubsub: Nodes and their items.
        profiles: vCards and private data.
        notices: The message of the day.
        push: Push services; loaded.
        uploads: Uploaded files and slots.
        messages: Messages, and what waits of them; loaded.
        archive_key: Makes the ids of archived messages.
        archive_preferences: What accounts want to have archived.
    """

    def __init__(self, folder: Path, settings: Settings, database: Database) -> None:
        self.folder = folder
        self.settings = settings
        self.storage = StorageWriter(database)
        self._repository = AccountRepository(self.storage)
        self.accounts = Accounts(self._repository)
        self.tokens = LoginTokens(TokenRepository(self.storage))
        self.rosters = RosterRepository(self.storage)
        self.blocks = BlockRepository(self.storage)
        self.activities = ActivityRepository(self.storage)
        self.sessions = SessionRepository(self.storage)
        self.rooms = RoomRepository(self.storage)
        self.room_archive = RoomArchive(self.storage)
        self.pubsub = PubSubRepository(self.storage)
        self.profiles = ProfileRepository(self.storage)
        self.notices = NoticeRepository(self.storage)
        self.push = PushRepository(self.storage)
        self.uploads = UploadRepository(self.storage)
        self.messages = MessageStore(self.storage, settings.limits.spool())
        self.archive_key = b""
        self.archive_preferences = ArchivePreferencesRepository(self.storage)
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
            await office._load()
        except BaseException:
            await office.close()
            raise
        return office

    async def _load(self) -> None:
        await self.accounts.load()
        await self.blocks.load()
        await self.push.load()
        await self.pubsub.load_avatars(AVATAR_METADATA, AVATAR_DATA)
        await self.rooms.load()
        await self.room_archive.load()
        await self.messages.load(was_closed=self._database.was_closed)
        await self.archive_preferences.load()
        self.archive_key = await self._repository.secret(
            _ARCHIVE_IDS, lambda: secrets.token_bytes(_KEY_BYTES)
        )

    async def close(self) -> None:
        """Write what waits, then close.

        Raises:
            StorageError: What waits could not be written.
        """
        await self.messages.close()
        await self.storage.stop()
        if self.storage.failure is None:
            self._database.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_exception: object) -> None:
        await self.close()
