"""Schema version 4: uploaded files, and slots for them."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "uploads",
        sa.Column("name", sa.String, nullable=False),
        sa.Column(
            "account_id",
            sa.Integer,
            sa.ForeignKey("accounts.id", ondelete="CASCADE", name="fk_uploads_account_id"),
            nullable=False,
        ),
        sa.Column("file_name", sa.String, nullable=False),
        sa.Column("media_type", sa.String, nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("requested_at", sa.Float, nullable=False),
        sa.Column("ends_at", sa.Float),
        sa.Column("is_stored", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_uploads"),
    )
    op.create_index("ix_uploads_account_id_requested_at", "uploads", ["account_id", "requested_at"])
    op.create_index("ix_uploads_ends_at", "uploads", ["ends_at"])
