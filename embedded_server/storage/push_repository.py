"""Which push services clients want to be told (XEP-0357)."""

from typing import NamedTuple

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert

from embedded_server.storage.account_repository import account_id
from embedded_server.storage.tables import accounts, push_services
from embedded_server.storage.writer import StorageWriter
from shared_protocol.addresses import Jid, parse_jid


class StoredPush(NamedTuple):
    """One registration.

    Attributes:
        options: A data form as it was written, UTF-8; empty if there is none.
    """

    localpart: str
    service: Jid
    node: str
    options: bytes


class PushRepository:
    """Reads all registrations once, writes what changes.

    Attributes:
        registrations: As they lay on disk at ``load``.
    """

    def __init__(self, writer: StorageWriter) -> None:
        self.registrations: list[StoredPush] = []
        self._writer = writer

    async def load(self) -> None:
        """Read all.

        Raises:
            StorageError: They could not be read.
        """
        self.registrations = await self._writer.read(_all)

    async def put(self, localpart: str, service: Jid, node: str, options: bytes) -> None:
        """Add or replace a registration.

        Raises:
            AccountMissingError: There is no such account.
            StorageError: Nothing was changed.
        """
        stored = StoredPush(localpart, service, node, options)
        await self._writer.write(lambda connection: _put(connection, stored))

    async def remove(self, localpart: str, service: Jid, node: str) -> None:
        """Remove a registration, if it is there; errors as ``put``."""
        await self._writer.write(lambda connection: _remove(connection, localpart, service, node))


def _all(connection: Connection) -> list[StoredPush]:
    columns = push_services.c
    rows = connection.execute(
        select(accounts.c.localpart, columns.jid, columns.node, columns.options).join(accounts)
    )
    return [StoredPush(name, parse_jid(jid), node, bytes(form)) for name, jid, node, form in rows]


def _put(connection: Connection, stored: StoredPush) -> None:
    connection.execute(
        insert(push_services)
        .values(
            account_id=account_id(connection, stored.localpart),
            jid=str(stored.service),
            node=stored.node,
            options=stored.options,
        )
        .on_conflict_do_update(
            index_elements=["account_id", "jid", "node"], set_={"options": stored.options}
        )
    )


def _remove(connection: Connection, localpart: str, service: Jid, node: str) -> None:
    columns = push_services.c
    owner = account_id(connection, localpart)
    connection.execute(
        delete(push_services).where(
            columns.account_id == owner, columns.jid == str(service), columns.node == node
        )
    )
