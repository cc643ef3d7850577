"""Schema version 13: push services that clients want to be told."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "push_services",
        sa.Column(
            "account_id",
            sa.Integer,
            sa.ForeignKey("accounts.id", ondelete="CASCADE", name="fk_push_services_account_id"),
            nullable=False,
        ),
        sa.Column("jid", sa.String, nullable=False),
        sa.Column("node", sa.String, nullable=False),
        sa.Column("options", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "jid", "node", name="pk_push_services"),
    )
