"""Schema version 10: accounts that may not log in, and notices of the administrators."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add the column and make the tables."""
    op.add_column(
        "accounts",
        sa.Column("is_disabled", sa.Boolean, nullable=False, server_default=sa.false()),
    )
    op.create_table(
        "notices",
        sa.Column("name", sa.String, nullable=False),
        sa.Column("text", sa.String, nullable=False),
        sa.Column("set_at", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_notices"),
    )
    op.create_table(
        "shown_notices",
        sa.Column(
            "account_id",
            sa.Integer,
            sa.ForeignKey("accounts.id", ondelete="CASCADE", name="fk_shown_notices_account_id"),
            nullable=False,
        ),
        sa.Column(
            "name",
            sa.String,
            sa.ForeignKey("notices.name", ondelete="CASCADE", name="fk_shown_notices_name"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("account_id", "name", name="pk_shown_notices"),
    )
