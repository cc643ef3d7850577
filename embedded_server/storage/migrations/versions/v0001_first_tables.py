"""Schema version 1: accounts with SCRAM keys, rosters, requests, spooled messages."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables of the first working office."""
    _make_office_tables()
    _make_account_tables()
    _make_roster_tables()
    _make_message_tables()


def _make_office_tables() -> None:
    op.create_table(
        "versions",
        sa.Column("schema_version", sa.Integer, nullable=False),
        sa.Column("compatibility_version", sa.Integer, nullable=False),
        sa.Column("is_closed", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("schema_version", name="pk_versions"),
    )
    op.create_table(
        "secrets",
        sa.Column("name", sa.String, nullable=False),
        sa.Column("value", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_secrets"),
    )


def _make_account_tables() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("localpart", sa.String, nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("is_administrator", sa.Boolean, nullable=False),
        sa.Column("roster_version", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
        sa.UniqueConstraint("localpart", name="uq_accounts_localpart"),
    )
    op.create_table(
        "scram_keys",
        _account_key("scram_keys"),
        sa.Column("hash", sa.String, nullable=False),
        sa.Column("salt", sa.LargeBinary, nullable=False),
        sa.Column("iterations", sa.Integer, nullable=False),
        sa.Column("stored_key", sa.LargeBinary, nullable=False),
        sa.Column("server_key", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "hash", name="pk_scram_keys"),
    )


def _make_roster_tables() -> None:
    op.create_table(
        "roster_items",
        sa.Column("id", sa.Integer, nullable=False),
        _account_key("roster_items"),
        sa.Column("jid", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("subscription", sa.String, nullable=False),
        sa.Column("is_asked", sa.Boolean, nullable=False),
        sa.Column("is_approved", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_roster_items"),
        sa.UniqueConstraint("account_id", "jid", name="uq_roster_items_account_id_jid"),
    )
    op.create_table(
        "roster_groups",
        sa.Column(
            "roster_item_id",
            sa.Integer,
            sa.ForeignKey(
                "roster_items.id", ondelete="CASCADE", name="fk_roster_groups_roster_item_id"
            ),
            nullable=False,
        ),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("roster_item_id", "position", name="pk_roster_groups"),
    )
    op.create_table(
        "subscription_requests",
        sa.Column("id", sa.Integer, nullable=False),
        _account_key("subscription_requests"),
        sa.Column("jid", sa.String, nullable=False),
        sa.Column("stanza", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_subscription_requests"),
        sa.UniqueConstraint("account_id", "jid", name="uq_subscription_requests_account_id_jid"),
    )


def _make_message_tables() -> None:
    op.create_table(
        "spooled_messages",
        sa.Column("id", sa.Integer, nullable=False),
        _account_key("spooled_messages"),
        sa.Column("sender", sa.String, nullable=False),
        sa.Column("origin_id", sa.String),
        sa.Column("stanza", sa.LargeBinary, nullable=False),
        sa.Column("stored_at", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_spooled_messages"),
        sa.UniqueConstraint(
            "account_id",
            "sender",
            "origin_id",
            name="uq_spooled_messages_account_id_sender_origin_id",
        ),
    )


def _account_key(table: str) -> "sa.Column[int]":
    key = sa.ForeignKey("accounts.id", ondelete="CASCADE", name=f"fk_{table}_account_id")
    return sa.Column("account_id", sa.Integer, key, nullable=False)
