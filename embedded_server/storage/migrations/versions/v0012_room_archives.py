"""Schema version 12: archives of rooms that are asked, their vCards and hats.

Ids of archived messages are made from their numbers, so that they have no column any more.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

_KEPT = ("id", "room_id", "stored_at", "sender", "origin_id", "kind", "stanza")


def upgrade() -> None:
    """Make the archive anew, with what it holds, and the new tables."""
    _make_archive()
    _make_vcards()
    _make_hats()


def _make_archive() -> None:
    op.drop_index("ix_room_messages_room_id", "room_messages")
    op.drop_index("ix_room_messages_room_id_stored_at", "room_messages")
    op.rename_table("room_messages", "old_room_messages")
    op.create_table(
        "room_messages",
        sa.Column("id", sa.Integer, nullable=False),
        _room_key("room_messages"),
        sa.Column("stored_at", sa.Float, nullable=False),
        sa.Column("sender", sa.String, nullable=False),
        sa.Column("resource", sa.String, nullable=False, server_default=""),
        sa.Column("origin_id", sa.String),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("is_sender_shown", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("stanza", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_room_messages"),
        sa.UniqueConstraint(
            "room_id", "sender", "origin_id", name="uq_room_messages_room_id_sender_origin_id"
        ),
        sqlite_autoincrement=True,
    )
    old, new = (
        sa.table(name, *map(sa.column, _KEPT)) for name in ("old_room_messages", "room_messages")
    )
    op.execute(sa.insert(new).from_select(_KEPT, sa.select(*(old.c[name] for name in _KEPT))))
    op.drop_table("old_room_messages")
    op.create_index("ix_room_messages_room_id", "room_messages", ["room_id"])
    op.create_index("ix_room_messages_room_id_stored_at", "room_messages", ["room_id", "stored_at"])


def _make_vcards() -> None:
    op.create_table(
        "room_vcards",
        _room_key("room_vcards"),
        sa.Column("vcard", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("room_id", name="pk_room_vcards"),
    )


def _make_hats() -> None:
    op.create_table(
        "room_hats",
        _room_key("room_hats"),
        sa.Column("uri", sa.String, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("hue", sa.Float),
        sa.PrimaryKeyConstraint("room_id", "uri", name="pk_room_hats"),
    )
    op.create_table(
        "room_hat_wearers",
        sa.Column("room_id", sa.Integer, nullable=False),
        sa.Column("uri", sa.String, nullable=False),
        sa.Column("jid", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("room_id", "uri", "jid", name="pk_room_hat_wearers"),
        sa.ForeignKeyConstraint(
            ["room_id", "uri"],
            ["room_hats.room_id", "room_hats.uri"],
            ondelete="CASCADE",
            name="fk_room_hat_wearers_room_id_uri",
        ),
    )


def _room_key(table: str) -> "sa.Column[int]":
    key = sa.ForeignKey("rooms.id", ondelete="CASCADE", name=f"fk_{table}_room_id")
    return sa.Column("room_id", sa.Integer, key, nullable=False)
