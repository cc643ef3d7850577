"""Schema version 8: rooms, their lists and their archive."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make the tables; there were no rooms before."""
    _make_rooms()
    _make_lists()
    _make_archive()


def _make_rooms() -> None:
    texts = ("name", "description", "language", "pubsub_node")
    flags = (
        *("is_persistent", "is_public", "is_members_only", "is_moderated", "is_non_anonymous"),
        *("is_logged", "has_open_subject", "has_open_invitations"),
    )
    op.create_table(
        "rooms",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("localpart", sa.String, nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("occupant_key", sa.LargeBinary, nullable=False),
        *(sa.Column(name, sa.String, nullable=False) for name in texts),
        *(sa.Column(name, sa.Boolean, nullable=False) for name in flags),
        sa.Column("password", sa.String, nullable=False),
        sa.Column("private_messages", sa.String, nullable=False),
        sa.Column("most_occupants", sa.Integer, nullable=False),
        sa.Column("history_messages", sa.Integer, nullable=False),
        sa.Column("subject", sa.LargeBinary),
        sa.Column("subject_at", sa.Float),
        sa.PrimaryKeyConstraint("id", name="pk_rooms"),
        sa.UniqueConstraint("localpart", name="uq_rooms_localpart"),
    )


def _make_lists() -> None:
    op.create_table(
        "room_rights",
        _room_key("room_rights"),
        sa.Column("right", sa.String, nullable=False),
        sa.Column("role", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("room_id", "right", "role", name="pk_room_rights"),
    )
    op.create_table(
        "room_affiliations",
        _room_key("room_affiliations"),
        sa.Column("jid", sa.String, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("affiliation", sa.String, nullable=False),
        sa.Column("nickname", sa.String, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("room_id", "jid", name="pk_room_affiliations"),
    )


def _make_archive() -> None:
    op.create_table(
        "room_messages",
        sa.Column("id", sa.Integer, nullable=False),
        _room_key("room_messages"),
        sa.Column("stored_at", sa.Float, nullable=False),
        sa.Column("stanza_id", sa.String, nullable=False),
        sa.Column("sender", sa.String, nullable=False),
        sa.Column("origin_id", sa.String),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("stanza", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_room_messages"),
        sa.UniqueConstraint("room_id", "stanza_id", name="uq_room_messages_room_id_stanza_id"),
        sa.UniqueConstraint(
            "room_id", "sender", "origin_id", name="uq_room_messages_room_id_sender_origin_id"
        ),
    )
    op.create_index("ix_room_messages_room_id", "room_messages", ["room_id"])
    op.create_index("ix_room_messages_room_id_stored_at", "room_messages", ["room_id", "stored_at"])


def _room_key(table: str) -> "sa.Column[int]":
    key = sa.ForeignKey("rooms.id", ondelete="CASCADE", name=f"fk_{table}_room_id")
    return sa.Column("room_id", sa.Integer, key, nullable=False)
