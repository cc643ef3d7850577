"""Schema version 14: tokens with which devices log in."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Make the table; an older program would not delete tokens with their password."""
    op.create_table(
        "login_tokens",
        sa.Column("account_id", sa.Integer, nullable=False),
        sa.Column("device", sa.String, nullable=False),
        sa.Column("is_new", sa.Boolean, nullable=False),
        sa.Column("mechanism", sa.String, nullable=False),
        sa.Column("verifier", sa.LargeBinary, nullable=False),
        sa.Column("answer", sa.LargeBinary, nullable=False),
        sa.Column("issued_at", sa.Float, nullable=False),
        sa.Column("expires_at", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "device", "is_new", name="pk_login_tokens"),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            ondelete="CASCADE",
            name="fk_login_tokens_account_id",
        ),
    )
