"""The tables of a profile's database, in third normal form.

Schema versions:
    1: The first one.

``COMPATIBILITY_VERSION`` is the oldest schema version whose program can still use this database.
"""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

SCHEMA_VERSION = 1
COMPATIBILITY_VERSION = 1

metadata = MetaData()

versions = Table(
    "versions",
    metadata,
    Column("schema_version", Integer, primary_key=True),
    Column("compatibility_version", Integer, nullable=False),
    # False while a program has the database open: found False at a start, it was not closed.
    Column("is_closed", Boolean, nullable=False),
)

accounts = Table(
    "accounts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("jid", String, nullable=False, unique=True),
)

conversations = Table(
    "conversations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account_id", ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    Column("jid", String, nullable=False),
    Column("is_open", Boolean, nullable=False),  # False once the user closed it: not listed
    UniqueConstraint("account_id", "jid"),
)

messages = Table(
    "messages",
    metadata,
    # Milliseconds since 1970 << 10, plus a counter: the order of the rows is the order of time.
    Column("id", Integer, primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("is_own", Boolean, nullable=False),
    Column("body", Text, nullable=False),
    Column("length", Integer, nullable=False),  # characters of the body, for the outline
    Column("sent_at", Integer, nullable=False),  # milliseconds since 1970, UTC
    Column("state", String, nullable=False),  # a value of DeliveryState
    Column("origin_id", String),  # NULL if the sender gave none
    Column("stanza_id", String),  # NULL if our server gave none
    Column("failure", Text, nullable=False, server_default=""),
    Column("is_unread", Boolean, nullable=False),
    # The outline of a conversation is read from this index alone, without touching a body.
    Index("messages_outline", "conversation_id", "id", "length"),
    # The same message never comes twice (XEP-0359): "is_own" tells the sender.
    Index(
        "messages_origin",
        "conversation_id",
        "is_own",
        "origin_id",
        unique=True,
        sqlite_where=text("origin_id IS NOT NULL"),
    ),
    Index(
        "messages_stanza",
        "conversation_id",
        "stanza_id",
        unique=True,
        sqlite_where=text("stanza_id IS NOT NULL"),
    ),
    # "= 1" as SQLAlchemy writes it: SQLite uses such an index only for the very same words; and
    # "is_unread" as a column, else it takes the outline for as good.
    Index(
        "messages_unread",
        "conversation_id",
        "is_unread",
        "id",
        sqlite_where=text("is_unread = 1"),
    ),
    Index("messages_by_origin", "origin_id", sqlite_where=text("is_own = 1")),
)

outbox = Table(
    "outbox",
    metadata,
    Column("position", Integer, primary_key=True),  # the order in which the user sent
    Column(
        "message_id",
        ForeignKey("messages.id", ondelete="CASCADE", onupdate="CASCADE"),
        nullable=False,
        unique=True,
    ),
    sqlite_autoincrement=True,
)

drafts = Table(
    "drafts",
    metadata,
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True),
    Column("body", Text, nullable=False),
)

contacts = Table(
    "contacts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account_id", ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    Column("jid", String, nullable=False),
    Column("name", String, nullable=False),
    Column("subscription", String, nullable=False),  # a value of Subscription
    Column("is_asked", Boolean, nullable=False),
    UniqueConstraint("account_id", "jid"),
)

contact_groups = Table(
    "contact_groups",
    metadata,
    Column("contact_id", ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True),
    Column("name", String, primary_key=True),
)

contact_requests = Table(
    "contact_requests",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account_id", ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    Column("jid", String, nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("account_id", "jid"),
)
