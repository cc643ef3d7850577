"""Whom accounts block (XEP-0191)."""

from collections.abc import Iterable

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert

from embedded_server.storage.account_repository import account_id
from embedded_server.storage.tables import accounts, blocked_addresses
from embedded_server.storage.writer import StorageWriter
from shared_protocol.addresses import Jid, parse_jid


class BlockRepository:
    """Reads all block lists once, writes what changes.

    Attributes:
        lists: Those of who blocks somebody, by localpart, as they lay on disk at ``load``.
    """

    def __init__(self, writer: StorageWriter) -> None:
        self.lists: dict[str, frozenset[Jid]] = {}
        self._writer = writer

    async def load(self) -> None:
        """Read all lists.

        Raises:
            StorageError: They could not be read.
        """
        self.lists = await self._writer.read(_all)

    async def change(
        self, localpart: str, *, added: Iterable[Jid] = (), removed: Iterable[Jid] = ()
    ) -> None:
        """Change an account's list.

        Args:
            localpart: The account's.
            added: Those that are on the list already are passed over.
            removed: Those that are not there are passed over.

        Raises:
            AccountMissingError: There is no such account.
            StorageError: Nothing was changed.
        """
        new, old = [str(jid) for jid in added], [str(jid) for jid in removed]
        await self._writer.write(lambda connection: _change(connection, localpart, new, old))


def _all(connection: Connection) -> dict[str, frozenset[Jid]]:
    lists: dict[str, set[Jid]] = {}
    for localpart, text in connection.execute(
        select(accounts.c.localpart, blocked_addresses.c.jid).join(accounts)
    ):
        lists.setdefault(localpart, set()).add(parse_jid(text))
    return {localpart: frozenset(addresses) for localpart, addresses in lists.items()}


def _change(connection: Connection, localpart: str, added: list[str], removed: list[str]) -> None:
    owner = account_id(connection, localpart)
    columns = blocked_addresses.c
    for text in removed:
        connection.execute(
            delete(blocked_addresses).where(columns.account_id == owner, columns.jid == text)
        )
    if added:
        rows = [{"account_id": owner, "jid": text} for text in added]
        connection.execute(insert(blocked_addresses).on_conflict_do_nothing(), rows)
