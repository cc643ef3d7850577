"""Schema version 2: what changed in a roster, by version."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table; rosters of before have no history, so that clients read them whole once."""
    op.create_table(
        "roster_changes",
        sa.Column(
            "account_id",
            sa.Integer,
            sa.ForeignKey("accounts.id", ondelete="CASCADE", name="fk_roster_changes_account_id"),
            nullable=False,
        ),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("jid", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "version", name="pk_roster_changes"),
    )
