"""vCards (XEP-0054) and private data (XEP-0049) of accounts."""

from collections.abc import Mapping

from sqlalchemy import Connection, delete, func, insert, select

from embedded_server.storage.account_repository import account_id
from embedded_server.storage.tables import accounts, private_data, vcards
from embedded_server.storage.writer import StorageWriter


class ProfileRepository:
    """Reads and writes what accounts say about themselves, and keep for themselves."""

    def __init__(self, writer: StorageWriter) -> None:
        self._writer = writer

    async def vcard(self, localpart: str) -> bytes | None:
        """Return an account's vCard, or None.

        Raises:
            StorageError: It could not be read.
        """
        return await self._writer.read(lambda connection: _vcard(connection, localpart))

    async def all_vcards(self) -> dict[str, bytes]:
        """Return the vCards of all accounts, by localpart.

        Raises:
            StorageError: They could not be read.
        """
        return await self._writer.read(_all_vcards)

    async def put_vcard(self, localpart: str, vcard: bytes) -> None:
        """Replace an account's vCard; empty for none.

        Raises:
            AccountMissingError: There is no such account.
            StorageError: The old one is still there.
        """
        await self._writer.write(lambda connection: _put_vcard(connection, localpart, vcard))

    async def private(self, localpart: str, name: str) -> bytes | None:
        """Return one element of an account's private data, or None.

        Raises:
            StorageError: It could not be read.
        """
        return await self._writer.read(lambda connection: _private(connection, localpart, name))

    async def put_private(self, localpart: str, elements: Mapping[str, bytes], most: int) -> bool:
        """Replace elements of an account's private data, by name; empty ones go.

        Args:
            localpart: Whose.
            elements: Written.
            most: Bytes that the account may keep; 0 for any number.

        Returns:
            False, and nothing is changed, if that is too much.

        Raises:
            AccountMissingError: There is no such account.
            StorageError: Nothing is changed.
        """
        return await self._writer.write(
            lambda connection: _put_private(connection, localpart, elements, most)
        )


def _vcard(connection: Connection, localpart: str) -> bytes | None:
    found = connection.execute(
        select(vcards.c.vcard).join(accounts).where(accounts.c.localpart == localpart)
    ).scalar()
    return None if found is None else bytes(found)


def _all_vcards(connection: Connection) -> dict[str, bytes]:
    rows = connection.execute(select(accounts.c.localpart, vcards.c.vcard).join(vcards))
    return {row.localpart: bytes(row.vcard) for row in rows}


def _put_vcard(connection: Connection, localpart: str, vcard: bytes) -> None:
    owner = account_id(connection, localpart)
    connection.execute(delete(vcards).where(vcards.c.account_id == owner))
    if vcard:
        connection.execute(insert(vcards).values(account_id=owner, vcard=vcard))


def _private(connection: Connection, localpart: str, name: str) -> bytes | None:
    found = connection.execute(
        select(private_data.c.element)
        .join(accounts)
        .where(accounts.c.localpart == localpart, private_data.c.name == name)
    ).scalar()
    return None if found is None else bytes(found)


def _put_private(
    connection: Connection, localpart: str, elements: Mapping[str, bytes], most: int
) -> bool:
    table = private_data
    owner = account_id(connection, localpart)
    is_replaced = table.c.name.in_(list(elements))
    kept = connection.execute(
        select(func.sum(func.length(table.c.element) + func.length(table.c.name))).where(
            table.c.account_id == owner, ~is_replaced
        )
    ).scalar()
    new = sum(len(name.encode()) + len(element) for name, element in elements.items() if element)
    if 0 < most < int(kept or 0) + new:
        return False
    connection.execute(delete(table).where(table.c.account_id == owner, is_replaced))
    rows = [
        {"account_id": owner, "name": name, "element": element}
        for name, element in elements.items()
        if element
    ]
    if rows:
        connection.execute(insert(table), rows)
    return True
