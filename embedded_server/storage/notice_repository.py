"""Notices of the administrators, and who has seen them (XEP-0133, sections 4.23 to 4.25)."""

from typing import NamedTuple

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert

from embedded_server.storage.account_repository import account_id
from embedded_server.storage.tables import accounts, notices, shown_notices
from embedded_server.storage.writer import StorageWriter


class StoredNotice(NamedTuple):
    """A notice, and the accounts that have been shown it."""

    text: str
    shown_to: frozenset[str]


class NoticeRepository:
    """Reads and writes notices by name, as ``motd``."""

    def __init__(self, writer: StorageWriter) -> None:
        self._writer = writer

    async def get(self, name: str) -> StoredNotice | None:
        """Return a notice; None if there is none.

        Raises:
            StorageError: It could not be read.
        """
        return await self._writer.read(lambda connection: _get(connection, name))

    async def put(self, name: str, text: str, set_at: float, *, is_new: bool) -> None:
        """Store a notice.

        Args:
            name: Replaces the one of that name.
            text: What it says.
            set_at: Seconds since 1970, UTC.
            is_new: Whether those who have seen the former are shown it as well.

        Raises:
            StorageError: Nothing was changed.
        """
        await self._writer.write(
            lambda connection: _put(connection, name, text, set_at, is_new=is_new)
        )

    async def remove(self, name: str) -> None:
        """Forget a notice, if it is there; errors as ``put``."""
        await self._writer.write(
            lambda connection: connection.execute(delete(notices).where(notices.c.name == name))
        )

    async def note_shown(self, name: str, localpart: str) -> None:
        """Store that an account was shown a notice; errors as ``put``, or there is none."""
        await self._writer.write(lambda connection: _note_shown(connection, name, localpart))


def _get(connection: Connection, name: str) -> StoredNotice | None:
    text = connection.execute(select(notices.c.text).where(notices.c.name == name)).scalar()
    if text is None:
        return None
    seen = select(accounts.c.localpart).join(shown_notices).where(shown_notices.c.name == name)
    return StoredNotice(text, frozenset(connection.execute(seen).scalars()))


def _put(connection: Connection, name: str, text: str, set_at: float, *, is_new: bool) -> None:
    values = {"text": text, "set_at": set_at} if is_new else {"text": text}
    connection.execute(
        insert(notices)
        .values(name=name, text=text, set_at=set_at)
        .on_conflict_do_update(index_elements=["name"], set_=values)
    )
    if is_new:
        connection.execute(delete(shown_notices).where(shown_notices.c.name == name))


def _note_shown(connection: Connection, name: str, localpart: str) -> None:
    row = {"account_id": account_id(connection, localpart), "name": name}
    connection.execute(insert(shown_notices).values(row).on_conflict_do_nothing())
