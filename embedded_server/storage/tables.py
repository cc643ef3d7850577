"""The tables of an office, in third normal form. ``docs/database.md`` draws and explains them.

Those of rooms are in ``rooms/room_tables.py``.

``SCHEMA_VERSION`` is the number of the newest migration. ``COMPATIBILITY_VERSION`` is the oldest
schema version whose program can still use this database.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
)

import embedded_server.storage.rooms.room_tables  # noqa: F401 - with those of rooms, all are here
from embedded_server.storage.metadata import metadata

SCHEMA_VERSION = 14
COMPATIBILITY_VERSION = 14


def _account_key(*, is_primary: bool = False) -> "Column[int]":
    key: ForeignKey = ForeignKey("accounts.id", ondelete="CASCADE")
    return Column("account_id", Integer, key, nullable=False, primary_key=is_primary)


versions = Table(
    "versions",
    metadata,
    Column("schema_version", Integer, primary_key=True, comment="newest migration that has run"),
    Column(
        "compatibility_version",
        Integer,
        nullable=False,
        comment="a program of an older schema version refuses this database",
    ),
    Column(
        "is_closed",
        Boolean,
        nullable=False,
        comment="false while the office is open; found false at a start, it was not closed",
    ),
)

secrets = Table(
    "secrets",
    metadata,
    Column("name", String, primary_key=True, comment="what it is for"),
    Column("value", LargeBinary, nullable=False, comment="random bytes, made once"),
)

accounts = Table(
    "accounts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("localpart", String, nullable=False, unique=True, comment="prepared (RFC 7622)"),
    Column("created_at", Float, nullable=False, comment="seconds since 1970, UTC"),
    Column("is_administrator", Boolean, nullable=False, comment="made by init, or by another"),
    Column("is_disabled", Boolean, nullable=False, comment="may not log in"),
    Column("roster_version", BigInteger, nullable=False, comment="grows with each change, from 0"),
)

scram_keys = Table(
    "scram_keys",
    metadata,
    _account_key(is_primary=True),
    Column("hash", String, primary_key=True, comment="sha1 or sha256 (RFC 5802, RFC 7677)"),
    Column("salt", LargeBinary, nullable=False),
    Column("iterations", Integer, nullable=False),
    Column("stored_key", LargeBinary, nullable=False),
    Column("server_key", LargeBinary, nullable=False),
)

login_tokens = Table(
    "login_tokens",
    metadata,
    _account_key(is_primary=True),
    Column("device", String, primary_key=True, comment="id of the user agent, a UUID (XEP-0388)"),
    Column("is_new", Boolean, primary_key=True, comment="not used yet, so that the former counts"),
    Column("mechanism", String, nullable=False, comment="the only one it is good for"),
    Column("verifier", LargeBinary, nullable=False, comment="SHA-256 of what the client shows"),
    Column("answer", LargeBinary, nullable=False, comment="what the server shows"),
    Column("issued_at", Float, nullable=False, comment="seconds since 1970, UTC"),
    Column("expires_at", Float, nullable=False, comment="seconds since 1970, UTC"),
)

roster_items = Table(
    "roster_items",
    metadata,
    Column("id", Integer, primary_key=True),
    _account_key(),
    Column("jid", String, nullable=False, comment="bare JID of the contact, prepared"),
    Column("name", String, nullable=False, comment="as the user calls the contact; may be empty"),
    Column("subscription", String, nullable=False, comment="none, to, from or both (RFC 6121)"),
    Column("is_asked", Boolean, nullable=False, comment="the contact has not answered yet"),
    Column("is_approved", Boolean, nullable=False, comment="approved before it asked"),
    UniqueConstraint("account_id", "jid"),
)

roster_groups = Table(
    "roster_groups",
    metadata,
    Column(
        "roster_item_id",
        Integer,
        ForeignKey("roster_items.id", ondelete="CASCADE"),
        primary_key=True,
        nullable=False,
    ),
    Column("position", Integer, primary_key=True, comment="order in which the client sent them"),
    Column("name", String, nullable=False),
)

roster_changes = Table(
    "roster_changes",
    metadata,
    _account_key(is_primary=True),
    Column("version", BigInteger, primary_key=True, comment="of the roster after the change"),
    Column("jid", String, nullable=False, comment="whose item was put or removed"),
)

subscription_requests = Table(
    "subscription_requests",
    metadata,
    Column("id", Integer, primary_key=True, comment="order of arrival"),
    _account_key(),
    Column("jid", String, nullable=False, comment="bare JID of who asks, prepared"),
    Column("stanza", LargeBinary, nullable=False, comment="the presence as it arrived, UTF-8"),
    UniqueConstraint("account_id", "jid"),
)

notices = Table(
    "notices",
    metadata,
    Column("name", String, primary_key=True, comment="motd or welcome (XEP-0133)"),
    Column("text", String, nullable=False),
    Column("set_at", Float, nullable=False, comment="seconds since 1970, UTC"),
)

shown_notices = Table(
    "shown_notices",
    metadata,
    _account_key(is_primary=True),
    Column(
        "name",
        String,
        ForeignKey("notices.name", ondelete="CASCADE"),
        nullable=False,
        primary_key=True,
    ),
)

push_services = Table(
    "push_services",
    metadata,
    _account_key(is_primary=True),
    Column("jid", String, primary_key=True, comment="of the push service, prepared"),
    Column("node", String, primary_key=True, comment="where it is told; may be empty"),
    Column("options", LargeBinary, nullable=False, comment="form for each publication, or empty"),
)

blocked_addresses = Table(
    "blocked_addresses",
    metadata,
    _account_key(is_primary=True),
    Column("jid", String, primary_key=True, comment="account, resource or domain, prepared"),
)

last_activities = Table(
    "last_activities",
    metadata,
    _account_key(is_primary=True),
    Column("came_at", Float, nullable=False, comment="begin of the last session that has ended"),
    Column("left_at", Float, comment="end of its last presence; null if it never was available"),
    Column("status", String, comment="what it said then; null if it never was available"),
)

waiting_sessions = Table(
    "waiting_sessions",
    metadata,
    Column("id", Integer, primary_key=True, comment="order of being lost"),
    _account_key(),
    Column("resumption_id", String, nullable=False, unique=True, comment="known to the client"),
    Column("resource", String, nullable=False, comment="prepared (RFC 7622)"),
    Column("language", String, nullable=False, comment="of the stream; may be empty"),
    Column("bound_at", Float, nullable=False, comment="seconds since 1970, UTC"),
    Column("ends_at", Float, nullable=False, comment="seconds since 1970, UTC"),
    Column("window_seconds", Integer, nullable=False, comment="how long it waits each time"),
    Column("handled", BigInteger, nullable=False, comment="our h (XEP-0198)"),
    Column("acknowledged", BigInteger, nullable=False, comment="the client's h"),
    Column("presence", LargeBinary, comment="the last, UTF-8; null while unavailable"),
    Column("priority", Integer, nullable=False, comment="-128 to 127"),
    Column("is_interested", Boolean, nullable=False, comment="has asked for the roster"),
)


def _session_key() -> "Column[int]":
    key: ForeignKey = ForeignKey("waiting_sessions.id", ondelete="CASCADE")
    return Column("session_id", Integer, key, nullable=False, primary_key=True)


session_stanzas = Table(
    "session_stanzas",
    metadata,
    _session_key(),
    Column("position", Integer, primary_key=True, comment="order of sending"),
    Column("stanza", LargeBinary, nullable=False, comment="UTF-8; empty if the store has it"),
    Column("message_id", Integer, comment="row of the message; null without one"),
    Column("sent_at", Float, nullable=False, comment="seconds since 1970, UTC"),
    Column("was_sent", Boolean, nullable=False, comment="sent once, and not acknowledged"),
)

session_directed_presence = Table(
    "session_directed_presence",
    metadata,
    _session_key(),
    Column("jid", String, primary_key=True, comment="who got it"),
)

session_notes = Table(
    "session_notes",
    metadata,
    _session_key(),
    Column("name", String, primary_key=True, comment="chosen by a module"),
    Column("value", String, nullable=False, comment="what it has to know again"),
)

correspondents = Table(
    "correspondents",
    metadata,
    Column("id", Integer, primary_key=True),
    Column(
        "address",
        String,
        nullable=False,
        index=True,
        comment="localpart of an account of this office, else a bare JID with its @",
    ),
    Column("is_former", Boolean, nullable=False, comment="an account that was deleted"),
)

messages = Table(
    "messages",
    metadata,
    Column("id", Integer, primary_key=True, comment="order of arrival; never given twice"),
    Column("stored_at", Float, nullable=False, comment="seconds since 1970, UTC (XEP-0203)"),
    Column("sender_id", Integer, ForeignKey("correspondents.id"), nullable=False),
    Column("receiver_id", Integer, ForeignKey("correspondents.id"), nullable=False),
    Column("is_kept_by_sender", Boolean, nullable=False, comment="in the archive of the sender"),
    Column("is_kept_by_receiver", Boolean, nullable=False, comment="in that of the receiver"),
    Column("is_to_deliver", Boolean, nullable=False, comment="waits, or waited, for a client"),
    # The last column, so that who looks for the others does not read it.
    Column("stanza", LargeBinary, nullable=False, comment="the message as it is delivered, UTF-8"),
)

archive_entries = Table(
    "archive_entries",
    metadata,
    Column("owner_id", Integer, ForeignKey("correspondents.id"), primary_key=True),
    Column(
        "message_id", Integer, primary_key=True, comment="of `messages`; the older ones, see below"
    ),
    Column("counterpart_id", Integer, ForeignKey("correspondents.id"), nullable=False),
    Index(None, "owner_id", "counterpart_id", "message_id"),
    sqlite_with_rowid=False,
)

archive_preferences = Table(
    "archive_preferences",
    metadata,
    _account_key(is_primary=True),
    Column("default_behaviour", String, nullable=False, comment="always, never or roster"),
)

archive_lists = Table(
    "archive_lists",
    metadata,
    _account_key(is_primary=True),
    Column("jid", String, primary_key=True, comment="account, resource or domain, prepared"),
    Column("is_kept", Boolean, nullable=False, comment="always if true, else never"),
)

waiting_messages = Table(
    "waiting_messages",
    metadata,
    Column("owner_id", Integer, ForeignKey("correspondents.id"), primary_key=True),
    Column("message_id", Integer, primary_key=True, comment="of `messages`"),
    sqlite_with_rowid=False,
)

delivery_marks = Table(
    "delivery_marks",
    metadata,
    Column("owner_id", Integer, ForeignKey("correspondents.id"), primary_key=True),
    Column("delivered_up_to", Integer, nullable=False, comment="newest message that arrived"),
)

message_progress = Table(
    "message_progress",
    metadata,
    Column(
        "settled_up_to",
        Integer,
        primary_key=True,
        autoincrement=False,
        comment="newest message that `archive_entries` and `waiting_messages` cover",
    ),
)

uploads = Table(
    "uploads",
    metadata,
    Column("name", String, primary_key=True, comment="random; of the file, and in its address"),
    _account_key(),
    Column("file_name", String, nullable=False, comment="as the owner calls it, made harmless"),
    Column("media_type", String, nullable=False, comment="asked for, or sent; may be empty"),
    Column("size_bytes", BigInteger, nullable=False),
    Column("requested_at", Float, nullable=False, comment="seconds since 1970, UTC"),
    Column("ends_at", Float, comment="when the file goes; null: with its account"),
    Column("is_stored", Boolean, nullable=False, comment="false: a slot, which ends soon"),
    Index("ix_uploads_account_id_requested_at", "account_id", "requested_at"),
    Index("ix_uploads_ends_at", "ends_at"),
)

pubsub_nodes = Table(
    "pubsub_nodes",
    metadata,
    Column("id", Integer, primary_key=True, comment="order of creation"),
    Column(
        "account_id",
        Integer,
        ForeignKey("accounts.id", ondelete="CASCADE"),
        comment="at whose address it is; null for the service of the domain",
    ),
    Column("name", String, nullable=False, comment="NodeID (XEP-0060)"),
    Column("creator", String, nullable=False, comment="bare JID of who made it"),
    Column("created_at", Float, nullable=False, comment="seconds since 1970, UTC"),
    UniqueConstraint("account_id", "name"),
)


def _node_key() -> "Column[int]":
    key: ForeignKey = ForeignKey("pubsub_nodes.id", ondelete="CASCADE")
    return Column("node_id", Integer, key, nullable=False, primary_key=True)


pubsub_node_options = Table(
    "pubsub_node_options",
    metadata,
    _node_key(),
    Column("name", String, primary_key=True, comment="field of pubsub#node_config"),
    Column("position", Integer, primary_key=True, comment="from 0; a field may have many values"),
    Column("value", String, nullable=False, comment="as in the form"),
)

pubsub_affiliations = Table(
    "pubsub_affiliations",
    metadata,
    _node_key(),
    Column("jid", String, primary_key=True, comment="bare JID, prepared"),
    Column("affiliation", String, nullable=False, comment="owner, publisher, member, outcast ..."),
)

pubsub_subscriptions = Table(
    "pubsub_subscriptions",
    metadata,
    Column("id", Integer, primary_key=True, comment="order of subscription"),
    Column(
        "node_id",
        Integer,
        ForeignKey("pubsub_nodes.id", ondelete="CASCADE"),
        nullable=False,
        comment="to what",
    ),
    Column("subid", String, nullable=False, comment="made by the server"),
    Column("jid", String, nullable=False, comment="bare or full JID, prepared"),
    Column("state", String, nullable=False, comment="pending, unconfigured or subscribed"),
    UniqueConstraint("node_id", "subid"),
)

pubsub_subscription_options = Table(
    "pubsub_subscription_options",
    metadata,
    Column(
        "subscription_id",
        Integer,
        ForeignKey("pubsub_subscriptions.id", ondelete="CASCADE"),
        primary_key=True,
        nullable=False,
    ),
    Column("name", String, primary_key=True, comment="field of pubsub#subscribe_options"),
    Column("position", Integer, primary_key=True, comment="from 0; a field may have many values"),
    Column("value", String, nullable=False, comment="as in the form"),
)

pubsub_items = Table(
    "pubsub_items",
    metadata,
    Column("id", Integer, primary_key=True, comment="order of publication"),
    Column(
        "node_id",
        Integer,
        ForeignKey("pubsub_nodes.id", ondelete="CASCADE"),
        nullable=False,
        comment="where it was published",
    ),
    Column("item_id", String, nullable=False, comment="ItemID (XEP-0060)"),
    Column("publisher", String, nullable=False, comment="JID of who published it"),
    Column("published_at", Float, nullable=False, comment="seconds since 1970, UTC"),
    Column("payload", LargeBinary, nullable=False, comment="one element, UTF-8; may be empty"),
    UniqueConstraint("node_id", "item_id"),
)

vcards = Table(
    "vcards",
    metadata,
    _account_key(is_primary=True),
    Column("vcard", LargeBinary, nullable=False, comment="as the client sent it, UTF-8"),
)

private_data = Table(
    "private_data",
    metadata,
    _account_key(is_primary=True),
    Column("name", String, primary_key=True, comment="{namespace}name of the element"),
    Column("element", LargeBinary, nullable=False, comment="as the client sent it, UTF-8"),
)
