"""The tables of rooms; see ``storage/tables.py``."""

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
)

from embedded_server.storage.metadata import metadata

rooms = Table(
    "rooms",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("localpart", String, nullable=False, unique=True, comment="prepared (RFC 7622)"),
    Column("created_at", Float, nullable=False, comment="seconds since 1970, UTC"),
    Column("occupant_key", LargeBinary, nullable=False, comment="makes occupant ids (XEP-0421)"),
    Column("name", String, nullable=False),
    Column("description", String, nullable=False),
    Column("language", String, nullable=False, comment="of the conversation, as xml:lang"),
    Column("pubsub_node", String, nullable=False, comment="XMPP URI; may be empty"),
    Column("is_persistent", Boolean, nullable=False, comment="if not, gone with the last occupant"),
    Column("is_public", Boolean, nullable=False),
    Column("is_members_only", Boolean, nullable=False),
    Column("is_moderated", Boolean, nullable=False),
    Column("is_non_anonymous", Boolean, nullable=False, comment="everybody inside sees real JIDs"),
    Column("is_logged", Boolean, nullable=False, comment="what is said is kept"),
    Column("has_open_subject", Boolean, nullable=False),
    Column("has_open_invitations", Boolean, nullable=False),
    Column("password", String, nullable=False, comment="shared by all who enter; may be empty"),
    Column("private_messages", String, nullable=False, comment="anyone, participants ... none"),
    Column("most_occupants", Integer, nullable=False, comment="0 for no limit of its own"),
    Column("history_messages", Integer, nullable=False, comment="for those who enter"),
    Column("subject", LargeBinary, comment="the message that set it, UTF-8; null if none did"),
    Column("subject_at", Float, comment="seconds since 1970, UTC; null if none was set"),
)


def _room_key(*, is_primary: bool = True) -> "Column[int]":
    key: ForeignKey = ForeignKey("rooms.id", ondelete="CASCADE")
    return Column("room_id", Integer, key, nullable=False, primary_key=is_primary)


room_rights = Table(
    "room_rights",
    metadata,
    _room_key(),
    Column("right", String, primary_key=True, comment="broadcast or member_list"),
    Column("role", String, primary_key=True, comment="that has it"),
)

room_affiliations = Table(
    "room_affiliations",
    metadata,
    _room_key(),
    Column("jid", String, primary_key=True, comment="bare JID, or a domain that is banned"),
    Column("position", Integer, nullable=False, comment="order of making"),
    Column("affiliation", String, nullable=False, comment="owner, admin, member or outcast"),
    Column("nickname", String, nullable=False, comment="reserved; may be empty"),
    Column("reason", String, nullable=False, comment="as who did it wrote; may be empty"),
)

room_messages = Table(
    "room_messages",
    metadata,
    Column("id", Integer, primary_key=True, comment="order of sending; never given twice"),
    _room_key(is_primary=False),
    Column("stored_at", Float, nullable=False, comment="seconds since 1970, UTC; grows with id"),
    Column("sender", String, nullable=False, comment="real bare JID"),
    Column("resource", String, nullable=False, comment="of the sender; empty if not known"),
    Column("origin_id", String, comment="chosen by the sender (XEP-0359); null without one"),
    Column("kind", String, nullable=False, comment="message, subject, moderation or tombstone"),
    Column(
        "is_sender_shown", Boolean, nullable=False, comment="the room showed real JIDs to all then"
    ),
    Column("stanza", LargeBinary, nullable=False, comment="as it was sent, without to, UTF-8"),
    Index(None, "room_id"),
    Index(None, "room_id", "stored_at"),
    # A message that is sent again after a lost acknowledgement is not stored again (XEP-0359).
    UniqueConstraint("room_id", "sender", "origin_id"),
    sqlite_autoincrement=True,
)

room_vcards = Table(
    "room_vcards",
    metadata,
    _room_key(),
    Column("vcard", LargeBinary, nullable=False, comment="as an owner wrote it, UTF-8"),
)

room_hats = Table(
    "room_hats",
    metadata,
    _room_key(),
    Column("uri", String, primary_key=True, comment="names it (XEP-0317)"),
    Column("position", Integer, nullable=False, comment="order of making"),
    Column("title", String, nullable=False, comment="for people"),
    Column("hue", Float, comment="of its colour, in degrees; null without one"),
)

room_hat_wearers = Table(
    "room_hat_wearers",
    metadata,
    Column("room_id", Integer, primary_key=True),
    Column("uri", String, primary_key=True),
    Column("jid", String, primary_key=True, comment="bare JID"),
    ForeignKeyConstraint(
        ["room_id", "uri"], ["room_hats.room_id", "room_hats.uri"], ondelete="CASCADE"
    ),
)
