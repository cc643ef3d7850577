"""A host with all modules over a real store, and clients that are only a list of what they got."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypedDict, Unpack

from embedded_server.accounts.accounts import Accounts
from embedded_server.modules.rooms.rooms_module import RoomSettings
from embedded_server.modules.service.push import PushContents
from embedded_server.modules.standard import ModuleSettings, StandardModules
from embedded_server.modules.uploads.upload_module import UploadSettings
from embedded_server.routing.host import Host
from embedded_server.routing.questions import AccountDeleted, HostStopping
from embedded_server.sessions.directory import SessionDirectory
from embedded_server.sessions.session import Session
from embedded_server.storage.account_repository import AccountRepository
from embedded_server.storage.activity_repository import ActivityRepository
from embedded_server.storage.block_repository import BlockRepository
from embedded_server.storage.messages.archive_preferences import ArchivePreferencesRepository
from embedded_server.storage.messages.message_store import MessageStore
from embedded_server.storage.profile_repository import ProfileRepository
from embedded_server.storage.pubsub.repository import PubSubRepository
from embedded_server.storage.push_repository import PushRepository
from embedded_server.storage.rooms.room_archive import RoomArchive
from embedded_server.storage.rooms.room_repository import RoomRepository
from embedded_server.storage.roster_repository import RosterRepository
from embedded_server.storage.upload_repository import UploadRepository
from embedded_server.storage.writer import StorageWriter
from shared_protocol.addresses import BareJid, FullJid
from shared_protocol.errors import StreamError
from shared_protocol.limits import PubSubLimits, RoomLimits, RosterLimits, SpoolLimits
from shared_protocol.namespaces import AVATAR_DATA, AVATAR_METADATA
from shared_protocol.stanzas.entity.software_version import SoftwareVersion
from shared_protocol.xml.framer import frame_of
from tests.helpers.fresh_database import opened_database

DOMAIN = "montague.lit"
CAST = ("romeo", "juliet", "nurse", "hecate", "duncan")


class RecordingStream:
    """A stream that keeps what it was given."""

    def __init__(self) -> None:
        self.written: list[str] = []
        self.is_congested = False
        self.error: StreamError | None = None
        self._when_relieved: list[Callable[[], None]] = []

    def write(self, data: bytes) -> None:
        self.written.append(data.decode())

    def write_last(self, _data: bytes) -> None:
        """Requests for acknowledgement are nobody's business here."""

    def when_written(self, callback: Callable[[], None]) -> None:
        asyncio.get_running_loop().call_soon(callback)

    def when_relieved(self, callback: Callable[[], None]) -> None:
        self._when_relieved.append(callback)

    def end(self, error: StreamError | None) -> None:
        self.error = error

    def relieve(self) -> None:
        self.is_congested = False
        waiting, self._when_relieved = self._when_relieved, []
        for callback in waiting:
            callback()


class Client:
    """A bound client.

    Attributes:
        answers: What the last question brought, for tests that keep it.
    """

    def __init__(self, stage: "Stage", jid: str, language: str) -> None:
        self.stage = stage
        self.stream = RecordingStream()
        self.answers: list[str] = []
        self.session = Session(full_jid=FullJid.parse(jid), stream=self.stream, language=language)

    def send(self, stanza: str) -> None:
        self.stage.host.stanza_received(self.session, frame_of(stanza.encode()))

    async def say(self, stanza: str) -> None:
        """Send a stanza, and wait until all that follows has happened."""
        self.send(stanza)
        await self.stage.settle()

    def take(self) -> list[str]:
        """Return what has arrived since the last call."""
        arrived, self.stream.written[:] = list(self.stream.written), []
        return arrived

    async def ask(self, stanza: str) -> str:
        """Send an IQ; return the only thing that arrives."""
        self.take()
        await self.say(stanza)
        (answer,) = self.take()
        return answer

    async def come(self, payload: str = "") -> "Client":
        """Fetch the roster, become available, and forget what arrived."""
        await self.say("<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>")
        await self.say(f"<presence>{payload}</presence>")
        self.take()
        return self

    async def leave(self) -> None:
        """End the session."""
        self.stage.sessions.remove(self.session)
        self.session.mark_closed()
        self.stage.host.session_hooks.closed(self.session)
        await self.stage.settle()


class Stage:
    """The host, its store and its modules."""

    def __init__(self, writer: StorageWriter, accounts: Accounts, messages: MessageStore) -> None:
        self.writer = writer
        self.accounts = accounts
        self.messages = messages
        self.sessions = SessionDirectory()
        self.modules: StandardModules
        self.room_archive: RoomArchive
        self.without_rooms: set[BareJid] = set()
        self.administrators: list[BareJid] = []
        self.host = Host(domain=DOMAIN, accounts=accounts, sessions=self.sessions)

    async def enter(self, jid: str, *, language: str = "") -> Client:
        """Bind a client."""
        client = Client(
            self, f"{jid.split('/', maxsplit=1)[0]}@{DOMAIN}/{jid.split('/')[1]}", language
        )
        self.sessions.add(client.session)
        self.host.session_hooks.bound(client.session)
        return client

    def stop(self) -> None:
        """Announce that the server stops."""
        self.host.hooks.tell(HostStopping())

    async def delete_account(self, name: str) -> None:
        """Tell what is told when an account is gone; its sessions stay here."""
        self.host.hooks.tell(AccountDeleted(BareJid(name, DOMAIN)))
        await self.settle()

    async def settle(self) -> None:
        """Let the work end that waits for the store."""
        for _ in range(12):
            await self.writer.write(lambda _connection: None)
            await self.writer.read(lambda _connection: None)
            await self.writer.read_long(lambda _connection: None, 1.0)
            await asyncio.sleep(0)

    async def delete(self, name: str) -> None:
        """Delete an account, as the server does it."""
        account = BareJid(name, DOMAIN)
        await self.accounts.delete(name)
        await self.modules.subscriptions.forget(account, self.accounts.names())
        self.host.hooks.tell(AccountDeleted(account))
        await self.settle()

    async def befriend(self, one: str, other: str) -> None:
        """Let two accounts see each other."""
        first, second = await self.enter(f"{one}/setup"), await self.enter(f"{other}/setup")
        await first.say(f"<presence type='subscribe' to='{other}@{DOMAIN}'/>")
        await second.say(f"<presence type='subscribed' to='{one}@{DOMAIN}'/>")
        await second.say(f"<presence type='subscribe' to='{one}@{DOMAIN}'/>")
        await first.say(f"<presence type='subscribed' to='{other}@{DOMAIN}'/>")
        await first.leave()
        await second.leave()


class StageSettings(TypedDict, total=False):
    """Settings that few tests change."""

    is_registration_open: bool
    push_contents: PushContents


@asynccontextmanager
async def staged(
    folder: Path,
    *,
    roster_limits: RosterLimits | None = None,
    spool_limits: SpoolLimits | None = None,
    pubsub_limits: PubSubLimits | None = None,
    room_limits: RoomLimits | None = None,
    **changes: Unpack[StageSettings],
) -> AsyncIterator[Stage]:
    path = folder / "office.db"
    database = opened_database(path)
    writer = StorageWriter(database)
    writer.start()
    repository = AccountRepository(writer)
    accounts, messages = Accounts(repository), MessageStore(writer, spool_limits)
    for name in () if await repository.all() else CAST:
        await repository.create(name, {})
    await accounts.load()
    preferences = ArchivePreferencesRepository(writer)
    await preferences.load()
    await messages.load(was_closed=database.was_closed)

    pubsub = PubSubRepository(writer)
    await pubsub.load_avatars(AVATAR_METADATA, AVATAR_DATA)
    blocks, push = BlockRepository(writer), PushRepository(writer)
    await blocks.load()
    await push.load()
    rooms, room_archive = RoomRepository(writer), RoomArchive(writer)
    await rooms.load()
    await room_archive.load()
    stage = Stage(writer, accounts, messages)
    stage.room_archive = room_archive
    modules = StandardModules(
        ModuleSettings(
            rosters=RosterRepository(writer),
            blocks=blocks,
            push=push,
            activities=ActivityRepository(writer),
            pubsub=pubsub,
            profiles=ProfileRepository(writer),
            rooms=RoomSettings(
                repository=rooms,
                archive=room_archive,
                limits=room_limits or RoomLimits(events_per_second=0),
                may_create=lambda jid: jid not in stage.without_rooms,
                administrators=lambda: stage.administrators,
            ),
            messages=messages,
            archive_key=bytes(32),
            archive_preferences=preferences,
            accounts=accounts,
            version=SoftwareVersion("Parlour", "1"),
            uploads=UploadSettings(repository=UploadRepository(writer), folder=folder / "uploads"),
            roster_limits=roster_limits or RosterLimits(),
            pubsub_limits=pubsub_limits or PubSubLimits(),
            **changes,
        )
    )
    modules.attach(stage.host)
    stage.modules = modules
    yield stage
    await stage.settle()
    modules.detach()
    await stage.host.stop()
    await messages.close()
    await writer.stop()
    database.close()
