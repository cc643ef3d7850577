"""Schema version 11: what accounts want to have archived."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Make the tables; who has said nothing keeps everything."""
    op.create_table(
        "archive_preferences",
        _account_key("archive_preferences"),
        sa.Column("default_behaviour", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("account_id", name="pk_archive_preferences"),
    )
    op.create_table(
        "archive_lists",
        _account_key("archive_lists"),
        sa.Column("jid", sa.String, nullable=False),
        sa.Column("is_kept", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "jid", name="pk_archive_lists"),
    )


def _account_key(table: str) -> "sa.Column[int]":
    key = sa.ForeignKey("accounts.id", ondelete="CASCADE", name=f"fk_{table}_account_id")
    return sa.Column("account_id", sa.Integer, key, nullable=False)
