"""Schema version 9: each message once, in archives and on its way, in place of the spool."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Make the tables, and move what waits in the spool into them."""
    _make_correspondents()
    _make_messages()
    _make_archive_entries()
    _make_delivery_tables()
    _move_spool()
    op.drop_table("spooled_messages")


def _make_correspondents() -> None:
    op.create_table(
        "correspondents",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("address", sa.String, nullable=False),
        sa.Column("is_former", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_correspondents"),
    )
    op.create_index("ix_correspondents_address", "correspondents", ["address"])


def _make_messages() -> None:
    op.create_table(
        "messages",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("stored_at", sa.Float, nullable=False),
        _key("messages", "sender_id"),
        _key("messages", "receiver_id"),
        sa.Column("is_kept_by_sender", sa.Boolean, nullable=False),
        sa.Column("is_kept_by_receiver", sa.Boolean, nullable=False),
        sa.Column("is_to_deliver", sa.Boolean, nullable=False),
        sa.Column("stanza", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_messages"),
    )


def _make_archive_entries() -> None:
    op.create_table(
        "archive_entries",
        _key("archive_entries", "owner_id"),
        sa.Column("message_id", sa.Integer, nullable=False),
        _key("archive_entries", "counterpart_id"),
        sa.PrimaryKeyConstraint("owner_id", "message_id", name="pk_archive_entries"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_archive_entries_owner_id_counterpart_id_message_id",
        "archive_entries",
        ["owner_id", "counterpart_id", "message_id"],
    )


def _make_delivery_tables() -> None:
    op.create_table(
        "waiting_messages",
        _key("waiting_messages", "owner_id"),
        sa.Column("message_id", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "message_id", name="pk_waiting_messages"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "delivery_marks",
        _key("delivery_marks", "owner_id"),
        sa.Column("delivered_up_to", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("owner_id", name="pk_delivery_marks"),
    )
    op.create_table(
        "message_progress",
        sa.Column("settled_up_to", sa.Integer, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("settled_up_to", name="pk_message_progress"),
    )


def _move_spool() -> None:
    """All senders of before are accounts of this office, so that their localparts name them."""
    for statement in (
        "CREATE TEMPORARY VIEW spooled AS SELECT *, "
        "substr(sender, 1, instr(sender, '@') - 1) AS localpart FROM spooled_messages",
        "INSERT INTO correspondents (address, is_former) SELECT localpart, 0 FROM accounts",
        "INSERT INTO correspondents (address, is_former) SELECT DISTINCT localpart, 1 "
        "FROM spooled WHERE localpart NOT IN (SELECT localpart FROM accounts)",
        "INSERT INTO messages SELECT spooled.id, spooled.stored_at, senders.id, receivers.id, "
        "0, 1, 1, spooled.stanza FROM spooled "
        "JOIN correspondents AS senders ON senders.address = spooled.localpart "
        "JOIN accounts ON accounts.id = spooled.account_id "
        "JOIN correspondents AS receivers ON receivers.address = accounts.localpart",
        "INSERT INTO archive_entries (owner_id, message_id, counterpart_id) "
        "SELECT receiver_id, id, sender_id FROM messages",
        "INSERT INTO waiting_messages SELECT receiver_id, id FROM messages",
        "INSERT INTO message_progress SELECT coalesce(max(id), 0) FROM messages",
        "DROP VIEW spooled",
    ):
        op.execute(statement)


def _key(table: str, column: str) -> "sa.Column[int]":
    key = sa.ForeignKey("correspondents.id", name=f"fk_{table}_{column}")
    return sa.Column(column, sa.Integer, key, nullable=False)
