"""Schema version 7: sessions that wait for their clients while the office is closed."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "waiting_sessions",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column(
            "account_id",
            sa.Integer,
            sa.ForeignKey("accounts.id", ondelete="CASCADE", name="fk_waiting_sessions_account_id"),
            nullable=False,
        ),
        sa.Column("resumption_id", sa.String, nullable=False),
        sa.Column("resource", sa.String, nullable=False),
        sa.Column("language", sa.String, nullable=False),
        sa.Column("bound_at", sa.Float, nullable=False),
        sa.Column("ends_at", sa.Float, nullable=False),
        sa.Column("window_seconds", sa.Integer, nullable=False),
        sa.Column("handled", sa.BigInteger, nullable=False),
        sa.Column("acknowledged", sa.BigInteger, nullable=False),
        sa.Column("presence", sa.LargeBinary),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("is_interested", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_waiting_sessions"),
        sa.UniqueConstraint("resumption_id", name="uq_waiting_sessions_resumption_id"),
    )
    _make_parts()


def _make_parts() -> None:
    op.create_table(
        "session_stanzas",
        _session_key("session_stanzas"),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("stanza", sa.LargeBinary, nullable=False),
        sa.Column("message_id", sa.Integer),
        sa.Column("sent_at", sa.Float, nullable=False),
        sa.Column("was_sent", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("session_id", "position", name="pk_session_stanzas"),
    )
    op.create_table(
        "session_directed_presence",
        _session_key("session_directed_presence"),
        sa.Column("jid", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("session_id", "jid", name="pk_session_directed_presence"),
    )
    op.create_table(
        "session_notes",
        _session_key("session_notes"),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("value", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("session_id", "name", name="pk_session_notes"),
    )


def _session_key(table: str) -> "sa.Column[int]":
    key = sa.ForeignKey("waiting_sessions.id", ondelete="CASCADE", name=f"fk_{table}_session_id")
    return sa.Column("session_id", sa.Integer, key, nullable=False)
