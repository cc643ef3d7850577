"""The server SDK: the only names that a module or plug-in may import from the server."""

from embedded_server.accounts.credentials import NameRefusedError, PasswordRefusedError
from embedded_server.network.http.messages import (
    Cors,
    HttpError,
    HttpRequest,
    HttpResponse,
    text_response,
)
from embedded_server.network.http.request_body import (
    BodyTooLargeError,
    RequestBody,
    RequestLostError,
)
from embedded_server.network.http.routes import Access as HttpAccess
from embedded_server.network.http.routes import Route
from embedded_server.network.http.web_site import WebSite
from embedded_server.network.socks.relay import (
    NobodyWaitsError,
    OneWaitsError,
    Relay,
    RelayBusyError,
)
from embedded_server.plugin_api.attachments import Attachments
from embedded_server.plugin_api.module import ModuleHost, ServerModule
from embedded_server.routing.binding_features import BindingFeatures
from embedded_server.routing.block_lists import BlockLists
from embedded_server.routing.features import Entity, FeatureRegistry, StreamPhase
from embedded_server.routing.hooks import Fact, HookBus, HookError, HookTable, Phase, Question
from embedded_server.routing.host import StrangerRequest
from embedded_server.routing.inbound import Inbound, Recipient
from embedded_server.routing.iq_table import IqHandler, IqRequest, IqTable, Payload, Sequel
from embedded_server.routing.origin import Origin, ServiceOrigin
from embedded_server.routing.questions import (
    AccountDeleted,
    HostStopping,
    MessageDirected,
    MessageRouting,
    MessageWaiting,
    PresenceAmending,
    PresenceBroadcast,
    PresenceDirecting,
    PresenceGranted,
    PresenceSharing,
    PriorityChanged,
    SessionAvailable,
    SessionBound,
    SessionClosed,
    SessionDetached,
    SessionRestored,
    SessionResumed,
    SessionSaving,
    SessionUnavailable,
)
from embedded_server.routing.replies import error_reply, to_attribute
from embedded_server.routing.router import StanzaKind
from embedded_server.routing.stamping import stamped, stamped_tree, with_address
from embedded_server.sessions.continuity.acknowledgement import Undelivered
from embedded_server.sessions.session import Session, SessionState
from embedded_server.sessions.turn_queue import Action, Hold, TurnQueue
from embedded_server.storage.errors import AccountExistsError, StorageError
from embedded_server.storage.messages.archive_ids import ArchiveIds
from embedded_server.storage.messages.archive_pages import (
    ArchiveEdge,
    PageWanted,
    UnknownMessageError,
)
from embedded_server.storage.messages.archive_preferences import ArchivePreferencesRepository
from embedded_server.storage.messages.archive_reader import ArchiveReader
from embedded_server.storage.messages.correspondents import stored_address
from embedded_server.storage.messages.message_rows import StoredMessage
from embedded_server.storage.messages.message_store import (
    ALREADY_STORED,
    MessageStore,
    NewMessage,
)
from embedded_server.storage.messages.origin_window import origin_id_in
from embedded_server.storage.profile_repository import ProfileRepository
from embedded_server.storage.pubsub.repository import PubSubRepository
from embedded_server.storage.pubsub.rows import (
    SERVICE,
    StoredAvatar,
    StoredItem,
    StoredNode,
    StoredSubscription,
)
from embedded_server.storage.pubsub.writes import (
    PubSubWrite,
    deleting_items,
    deleting_node,
    deleting_subscription,
    forgetting_entity,
    purging,
    putting_affiliation,
    putting_item,
    putting_node,
    putting_subscription,
)
from embedded_server.storage.rooms.room_archive import ALREADY_SAID, RoomArchive
from embedded_server.storage.rooms.room_hats import StoredHat
from embedded_server.storage.rooms.room_message_rows import RoomMessage, RoomMessageKind
from embedded_server.storage.rooms.room_repository import (
    RoomRepository,
    StoredAffiliation,
    StoredRoom,
)
from embedded_server.storage.roster_repository import OnCommitted, RosterRepository
from embedded_server.storage.upload_repository import Upload, UploadQuotaError, UploadRepository
from shared_protocol.stanzas.senders import Accepts

__all__ = [
    "ALREADY_SAID",
    "ALREADY_STORED",
    "SERVICE",
    "Accepts",
    "AccountDeleted",
    "AccountExistsError",
    "Action",
    "ArchiveEdge",
    "ArchiveIds",
    "ArchivePreferencesRepository",
    "ArchiveReader",
    "Attachments",
    "BindingFeatures",
    "BlockLists",
    "BodyTooLargeError",
    "Cors",
    "Entity",
    "Fact",
    "FeatureRegistry",
    "Hold",
    "HookBus",
    "HookError",
    "HookTable",
    "HostStopping",
    "HttpAccess",
    "HttpError",
    "HttpRequest",
    "HttpResponse",
    "Inbound",
    "IqHandler",
    "IqRequest",
    "IqTable",
    "MessageDirected",
    "MessageRouting",
    "MessageStore",
    "MessageWaiting",
    "ModuleHost",
    "NameRefusedError",
    "NewMessage",
    "NobodyWaitsError",
    "OnCommitted",
    "OneWaitsError",
    "Origin",
    "PageWanted",
    "PasswordRefusedError",
    "Payload",
    "Phase",
    "PresenceAmending",
    "PresenceBroadcast",
    "PresenceDirecting",
    "PresenceGranted",
    "PresenceSharing",
    "PriorityChanged",
    "ProfileRepository",
    "PubSubRepository",
    "PubSubWrite",
    "Question",
    "Recipient",
    "Relay",
    "RelayBusyError",
    "RequestBody",
    "RequestLostError",
    "RoomArchive",
    "RoomMessage",
    "RoomMessageKind",
    "RoomRepository",
    "RosterRepository",
    "Route",
    "Sequel",
    "ServerModule",
    "ServiceOrigin",
    "Session",
    "SessionAvailable",
    "SessionBound",
    "SessionClosed",
    "SessionDetached",
    "SessionRestored",
    "SessionResumed",
    "SessionSaving",
    "SessionState",
    "SessionUnavailable",
    "StanzaKind",
    "StorageError",
    "StoredAffiliation",
    "StoredAvatar",
    "StoredHat",
    "StoredItem",
    "StoredMessage",
    "StoredNode",
    "StoredRoom",
    "StoredSubscription",
    "StrangerRequest",
    "StreamPhase",
    "TurnQueue",
    "Undelivered",
    "UnknownMessageError",
    "Upload",
    "UploadQuotaError",
    "UploadRepository",
    "WebSite",
    "deleting_items",
    "deleting_node",
    "deleting_subscription",
    "error_reply",
    "forgetting_entity",
    "origin_id_in",
    "purging",
    "putting_affiliation",
    "putting_item",
    "putting_node",
    "putting_subscription",
    "stamped",
    "stamped_tree",
    "stored_address",
    "text_response",
    "to_attribute",
    "with_address",
]
