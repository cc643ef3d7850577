"""Schema version 3: whom accounts block."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "blocked_addresses",
        sa.Column(
            "account_id",
            sa.Integer,
            sa.ForeignKey(
                "accounts.id", ondelete="CASCADE", name="fk_blocked_addresses_account_id"
            ),
            nullable=False,
        ),
        sa.Column("jid", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "jid", name="pk_blocked_addresses"),
    )
