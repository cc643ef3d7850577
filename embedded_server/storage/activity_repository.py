"""When accounts came and went for the last time (XEP-0012)."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Float, String, bindparam, func, select
from sqlalchemy.dialects.sqlite import insert

from embedded_server.storage.row_statement import RowStatement
from embedded_server.storage.tables import accounts, last_activities
from embedded_server.storage.writer import StorageWriter

_NEW = insert(last_activities).from_select(
    ["account_id", "came_at", "left_at", "status"],
    select(
        accounts.c.id,
        bindparam("came_at", type_=Float),
        bindparam("left_at", type_=Float),
        bindparam("status", type_=String),
    ).where(accounts.c.localpart == bindparam("localpart")),
)
_PUT = RowStatement(
    _NEW.on_conflict_do_update(
        index_elements=["account_id"],
        set_={
            "came_at": func.max(last_activities.c.came_at, _NEW.excluded.came_at),
            "left_at": func.coalesce(_NEW.excluded.left_at, last_activities.c.left_at),
            "status": func.coalesce(_NEW.excluded.status, last_activities.c.status),
        },
    ),
    ("came_at", "left_at", "status", "localpart"),
)


class StoredActivity(NamedTuple):
    """What is known of an account.

    Attributes:
        came_at: When its last session began that has ended, in seconds since 1970, UTC.
        left_at: When its last available resource went; None if none ever was available.
        status: What it said then; empty if nothing.
    """

    came_at: float
    left_at: float | None
    status: str


class ActivityRepository:
    """Reads and writes the last activity of accounts."""

    def __init__(self, writer: StorageWriter) -> None:
        self._writer = writer

    def note(
        self,
        localpart: str,
        came_at: float,
        left_at: float | None = None,
        status: str | None = None,
    ) -> None:
        """Store that a session has gone; nobody waits for it.

        Args:
            localpart: The account's; nothing happens if it exists no more.
            came_at: When the session began, in seconds since 1970, UTC.
            left_at: When the account went; None if it is still there, or never was for others.
            status: What it said.
        """
        self._writer.submit_row(_put, (came_at, left_at, status, localpart))

    async def of(self, localpart: str) -> StoredActivity | None:
        """Return what is known of an account; None if it never was there.

        Raises:
            StorageError: It could not be read.
        """
        return await self._writer.read(lambda connection: _of(connection, localpart))


def _put(connection: Connection, rows: Sequence[tuple[Any, ...]]) -> list[None]:
    _PUT.run(connection, rows)
    return [None] * len(rows)


def _of(connection: Connection, localpart: str) -> StoredActivity | None:
    columns = last_activities.c
    row = connection.execute(
        select(columns.came_at, columns.left_at, columns.status)
        .join(accounts)
        .where(accounts.c.localpart == localpart)
    ).first()
    return None if row is None else StoredActivity(row.came_at, row.left_at, row.status or "")
