"""The modules that every office has, in the order in which they are attached."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from embedded_server.modules.archive.archive_module import ArchiveModule
from embedded_server.modules.archive.archive_policy import ArchivePolicy
from embedded_server.modules.archive.preferences_module import ArchivePreferencesModule
from embedded_server.modules.bytestreams.proxy_module import ProxyModule
from embedded_server.modules.caps import ServerCapsModule
from embedded_server.modules.carbons import CarbonsModule
from embedded_server.modules.contact_addresses import ContactAddressesModule
from embedded_server.modules.discovery import DiscoveryModule
from embedded_server.modules.entity_time import EntityTimeModule
from embedded_server.modules.messages import MessageModule
from embedded_server.modules.offline import OfflineModule
from embedded_server.modules.ping import PingModule
from embedded_server.modules.presence import PresenceModule
from embedded_server.modules.privacy.blocking import BlockingModule, BlockStore
from embedded_server.modules.privacy.last_activity import ActivityStore, LastActivityModule
from embedded_server.modules.profile.assembly import ProfileModule
from embedded_server.modules.pubsub.assembly import PubSubModule
from embedded_server.modules.registration import (
    AccountRegistry,
    RegistrationLimit,
    RegistrationModule,
)
from embedded_server.modules.rooms.rooms_module import RoomSettings, RoomsModule
from embedded_server.modules.roster import RosterModule
from embedded_server.modules.roster_book import RosterBook
from embedded_server.modules.service.external_services import (
    ExternalServicesModule,
    RelaySettings,
)
from embedded_server.modules.service.push import PushContents, PushModule, PushStore
from embedded_server.modules.software_version import SoftwareVersionModule
from embedded_server.modules.subscriptions import SubscriptionModule
from embedded_server.modules.undelivered import UndeliveredModule
from embedded_server.modules.uploads.upload_module import UploadModule, UploadSettings
from embedded_server.modules.web.host_meta import HostMetaModule
from embedded_server.plugin_api import (
    ArchiveIds,
    ArchivePreferencesRepository,
    MessageStore,
    ModuleHost,
    ProfileRepository,
    PubSubRepository,
    RosterRepository,
    ServerModule,
)
from shared_protocol.limits import PubSubLimits, RosterLimits
from shared_protocol.stanzas.entity.software_version import SoftwareVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleSettings:
    """What modules need besides the host.

    Attributes:
        archive_key: Makes the ids of archived messages; 32 bytes, secret, the same for ever.
        further: Modules of whoever runs the office, attached last.
        contact_addresses: URIs by kind (XEP-0157).
        is_registration_open: Whether strangers may make accounts.
        registrations_per_hour: How many from one IP address; 0 for any number.
        proxy: For byte streams, if the office has one.
    """

    rosters: RosterRepository
    blocks: BlockStore
    push: PushStore
    activities: ActivityStore
    pubsub: PubSubRepository
    profiles: ProfileRepository
    rooms: RoomSettings
    messages: MessageStore
    archive_preferences: ArchivePreferencesRepository
    archive_key: bytes = field(repr=False)
    accounts: AccountRegistry
    version: SoftwareVersion
    uploads: UploadSettings
    further: tuple[ServerModule, ...] = ()
    push_contents: PushContents = field(default_factory=PushContents)
    relays: RelaySettings = field(default_factory=RelaySettings)
    contact_addresses: Mapping[str, Sequence[str]] = field(default_factory=dict)
    roster_limits: RosterLimits = field(default_factory=RosterLimits)
    pubsub_limits: PubSubLimits = field(default_factory=PubSubLimits)
    is_registration_open: bool = False
    registrations_per_hour: int = 0
    proxy: ProxyModule | None = None


class StandardModules:
    """All of them.

    Attributes:
        subscriptions: For what follows the deletion of an account.
    """

    def __init__(self, settings: ModuleSettings) -> None:
        limits = settings.roster_limits
        book = RosterBook(store=settings.rosters)
        presence = PresenceModule(book=book, activities=settings.activities, limits=limits)
        self.subscriptions = SubscriptionModule(book=book, presence=presence, limits=limits)
        discovery = DiscoveryModule(book=book)
        publishing = PubSubModule(
            store=settings.pubsub,
            rosters=book,
            discovery=discovery,
            limits=settings.pubsub_limits,
        )
        self._modules: tuple[ServerModule, ...] = (
            book,
            RosterModule(book=book, contacts=self.subscriptions, limits=limits),
            presence,
            self.subscriptions,  # requests are shown before the messages that waited
            BlockingModule(store=settings.blocks, presence=presence),
            LastActivityModule(store=settings.activities, book=book),
            *_message_modules(settings, book),
            discovery,
            ContactAddressesModule(settings.contact_addresses),
            ExternalServicesModule(settings.relays),
            PushModule(
                store=settings.push, waiting=settings.messages, contents=settings.push_contents
            ),
            publishing,
            ProfileModule(store=settings.profiles, publishing=publishing, presence=presence),
            ServerCapsModule(),
            PingModule(),
            SoftwareVersionModule(settings.version),
            EntityTimeModule(),
            HostMetaModule(),
            UploadModule(settings.uploads),
            *((settings.proxy,) if settings.proxy is not None else ()),
            RoomsModule(settings.rooms, ids=ArchiveIds(settings.archive_key, "room")),
            RegistrationModule(
                accounts=settings.accounts,
                is_open=settings.is_registration_open,
                limit=RegistrationLimit(settings.registrations_per_hour),
            ),
            *settings.further,
        )

    def attach(self, host: ModuleHost) -> None:
        """Attach them in order."""
        for module in self._modules:
            module.attach(host)

    def detach(self) -> None:
        """Detach them in the reverse order."""
        for module in reversed(self._modules):
            module.detach()


def _message_modules(settings: ModuleSettings, book: RosterBook) -> tuple[ServerModule, ...]:
    """Make what delivers, keeps, copies and shows messages."""
    store, ids = settings.messages, ArchiveIds(settings.archive_key)
    preferences = settings.archive_preferences
    policy = ArchivePolicy(book=book)
    policy.fill(preferences.loaded)
    carbons = CarbonsModule()
    offline = OfflineModule(store=store, ids=ids)
    return (
        offline,
        MessageModule(
            store=store, ids=ids, policy=policy, offline=offline, carbons=carbons, book=book
        ),
        carbons,
        UndeliveredModule(offline=offline),
        ArchiveModule(reader=store.archives, ids=ids),
        ArchivePreferencesModule(policy=policy, store=preferences),
    )
