"""Schema version 5: when accounts came and went."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "last_activities",
        sa.Column(
            "account_id",
            sa.Integer,
            sa.ForeignKey("accounts.id", ondelete="CASCADE", name="fk_last_activities_account_id"),
            nullable=False,
        ),
        sa.Column("came_at", sa.Float, nullable=False),
        sa.Column("left_at", sa.Float),
        sa.Column("status", sa.String),
        sa.PrimaryKeyConstraint("account_id", name="pk_last_activities"),
    )
