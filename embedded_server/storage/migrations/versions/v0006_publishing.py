"""Schema version 6: nodes of publish-subscribe, vCards, private data."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the tables."""
    _make_nodes()
    _make_lists()
    _make_items()
    _make_profiles()


def _make_nodes() -> None:
    op.create_table(
        "pubsub_nodes",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column(
            "account_id",
            sa.Integer,
            sa.ForeignKey("accounts.id", ondelete="CASCADE", name="fk_pubsub_nodes_account_id"),
        ),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("creator", sa.String, nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pubsub_nodes"),
        sa.UniqueConstraint("account_id", "name", name="uq_pubsub_nodes_account_id_name"),
    )
    op.create_table(
        "pubsub_node_options",
        _node_key("pubsub_node_options"),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("value", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("node_id", "name", "position", name="pk_pubsub_node_options"),
    )


def _make_lists() -> None:
    op.create_table(
        "pubsub_affiliations",
        _node_key("pubsub_affiliations"),
        sa.Column("jid", sa.String, nullable=False),
        sa.Column("affiliation", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("node_id", "jid", name="pk_pubsub_affiliations"),
    )
    op.create_table(
        "pubsub_subscriptions",
        sa.Column("id", sa.Integer, nullable=False),
        _node_key("pubsub_subscriptions"),
        sa.Column("subid", sa.String, nullable=False),
        sa.Column("jid", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pubsub_subscriptions"),
        sa.UniqueConstraint("node_id", "subid", name="uq_pubsub_subscriptions_node_id_subid"),
    )
    key = sa.ForeignKey(
        "pubsub_subscriptions.id",
        ondelete="CASCADE",
        name="fk_pubsub_subscription_options_subscription_id",
    )
    op.create_table(
        "pubsub_subscription_options",
        sa.Column("subscription_id", sa.Integer, key, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("value", sa.String, nullable=False),
        sa.PrimaryKeyConstraint(
            "subscription_id", "name", "position", name="pk_pubsub_subscription_options"
        ),
    )


def _make_items() -> None:
    op.create_table(
        "pubsub_items",
        sa.Column("id", sa.Integer, nullable=False),
        _node_key("pubsub_items"),
        sa.Column("item_id", sa.String, nullable=False),
        sa.Column("publisher", sa.String, nullable=False),
        sa.Column("published_at", sa.Float, nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pubsub_items"),
        sa.UniqueConstraint("node_id", "item_id", name="uq_pubsub_items_node_id_item_id"),
    )


def _make_profiles() -> None:
    op.create_table(
        "vcards",
        _account_key("vcards"),
        sa.Column("vcard", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("account_id", name="pk_vcards"),
    )
    op.create_table(
        "private_data",
        _account_key("private_data"),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("element", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "name", name="pk_private_data"),
    )


def _node_key(table: str) -> "sa.Column[int]":
    key = sa.ForeignKey("pubsub_nodes.id", ondelete="CASCADE", name=f"fk_{table}_node_id")
    return sa.Column("node_id", sa.Integer, key, nullable=False)


def _account_key(table: str) -> "sa.Column[int]":
    key = sa.ForeignKey("accounts.id", ondelete="CASCADE", name=f"fk_{table}_account_id")
    return sa.Column("account_id", sa.Integer, key, nullable=False)
