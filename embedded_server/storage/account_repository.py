"""Accounts and their SCRAM keys; never a password."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from embedded_server.storage.errors import AccountExistsError, AccountMissingError
from embedded_server.storage.messages.archive_removal import retire_account
from embedded_server.storage.tables import accounts, login_tokens, scram_keys, secrets
from embedded_server.storage.writer import StorageWriter
from shared_protocol.sasl.mechanisms import ScramHash
from shared_protocol.sasl.scram import ScramKeys

Keys = Mapping[ScramHash, ScramKeys]


@dataclass(frozen=True, slots=True)
class StoredAccount:
    """An account as it lies on disk.

    Attributes:
        localpart: Prepared (RFC 7622).
        created_at: Seconds since 1970, UTC.
        is_administrator: May do everything that an operation of the server allows.
        is_disabled: May not log in.
        keys: One set for each hash.
    """

    localpart: str
    created_at: float
    is_administrator: bool
    keys: Keys
    is_disabled: bool = False


class AccountRepository:
    """Reads and writes accounts; what they own goes with them."""

    def __init__(self, writer: StorageWriter) -> None:
        self._writer = writer

    async def create(
        self, localpart: str, keys: Keys, *, is_administrator: bool = False
    ) -> StoredAccount:
        """Store a new account.

        Raises:
            AccountExistsError: The name is taken.
            StorageError: It was not stored.
        """
        account = StoredAccount(localpart, time.time(), is_administrator, dict(keys))
        await self._writer.write(lambda connection: _create(connection, account))
        return account

    async def set_keys(self, localpart: str, keys: Keys) -> None:
        """Replace an account's keys, as those of another password: tokens go with the old one.

        Raises:
            AccountMissingError: There is no such account.
            StorageError: The old keys are still there.
        """
        await self._writer.write(lambda connection: _replace_keys(connection, localpart, keys))

    async def replace_keys(
        self, localpart: str, scram_hash: ScramHash, present: ScramKeys | None, keys: ScramKeys
    ) -> bool:
        """Replace the keys of one hash if they are still those that were present.

        Returns:
            Whether they were; False as well if there is no such account.

        Raises:
            StorageError: It is as before.
        """
        return await self._writer.write(
            lambda connection: _replace_keys_of_hash(
                connection, localpart, scram_hash, present, keys
            )
        )

    async def set_rights(
        self, localpart: str, *, is_administrator: bool, is_disabled: bool
    ) -> None:
        """Store what an account may do.

        Raises:
            AccountMissingError: There is no such account.
            StorageError: It may do what it could before.
        """
        values = {"is_administrator": is_administrator, "is_disabled": is_disabled}
        await self._writer.write(lambda connection: _set_rights(connection, localpart, values))

    async def delete(self, localpart: str) -> None:
        """Delete an account with its roster, its requests and all that waits for it.

        Its archive goes later, see ``MessageStore.remove_former_archives``.

        Raises:
            AccountMissingError: There is no such account.
            StorageError: It is still there.
        """
        await self._writer.write(lambda connection: _delete(connection, localpart))

    async def all(self) -> list[StoredAccount]:
        """Return all accounts, in the order of their names.

        Raises:
            StorageError: They could not be read.
        """
        return await self._writer.read(_all)

    async def secret(self, name: str, make: Callable[[], bytes]) -> bytes:
        """Return a secret of this office; it is made and stored at the first call.

        Raises:
            StorageError: It could not be read or stored.
        """
        return await self._writer.write(lambda connection: _secret(connection, name, make))


def account_id(connection: Connection, localpart: str) -> int:
    """Return the row of an account.

    Raises:
        AccountMissingError: There is no such account.
    """
    statement = select(accounts.c.id).where(accounts.c.localpart == localpart)
    found = connection.execute(statement).scalar()
    if found is None:
        message = f"There is no account {localpart!r}."
        raise AccountMissingError(message)
    return int(found)


def _create(connection: Connection, account: StoredAccount) -> None:
    statement = (
        insert(accounts)
        .values(
            localpart=account.localpart,
            created_at=account.created_at,
            is_administrator=account.is_administrator,
            is_disabled=account.is_disabled,
            roster_version=0,
        )
        .returning(accounts.c.id)
    )
    try:
        key = connection.execute(statement).scalar_one()
    except IntegrityError:
        message = f"There is an account {account.localpart!r} already."
        raise AccountExistsError(message) from None
    _insert_keys(connection, key, account.keys)


def _set_rights(connection: Connection, localpart: str, values: dict[str, bool]) -> None:
    key = account_id(connection, localpart)
    connection.execute(update(accounts).where(accounts.c.id == key).values(values))


def _replace_keys(connection: Connection, localpart: str, keys: Keys) -> None:
    key = account_id(connection, localpart)
    connection.execute(delete(scram_keys).where(scram_keys.c.account_id == key))
    connection.execute(delete(login_tokens).where(login_tokens.c.account_id == key))
    _insert_keys(connection, key, keys)


def _replace_keys_of_hash(
    connection: Connection,
    localpart: str,
    scram_hash: ScramHash,
    present: ScramKeys | None,
    keys: ScramKeys,
) -> bool:
    try:
        key = account_id(connection, localpart)
    except AccountMissingError:
        return False
    of_hash = (scram_keys.c.account_id == key, scram_keys.c.hash == scram_hash.value)
    stored = connection.execute(select(scram_keys.c.stored_key).where(*of_hash)).scalar()
    if stored != (present.stored_key if present is not None else None):
        return False
    connection.execute(delete(scram_keys).where(*of_hash))
    _insert_keys(connection, key, {scram_hash: keys})
    return True


def _insert_keys(connection: Connection, key: int, keys: Keys) -> None:
    rows = [
        {
            "account_id": key,
            "hash": scram_hash.value,
            "salt": one.salt,
            "iterations": one.iterations,
            "stored_key": one.stored_key,
            "server_key": one.server_key,
        }
        for scram_hash, one in keys.items()
    ]
    if rows:
        connection.execute(insert(scram_keys), rows)


def _delete(connection: Connection, localpart: str) -> None:
    connection.execute(delete(accounts).where(accounts.c.id == account_id(connection, localpart)))
    retire_account(connection, localpart)


def _all(connection: Connection) -> list[StoredAccount]:
    keys: dict[int, dict[ScramHash, ScramKeys]] = {}
    for row in connection.execute(select(scram_keys)):
        keys.setdefault(row.account_id, {})[ScramHash(row.hash)] = ScramKeys(
            row.salt, row.iterations, row.stored_key, row.server_key
        )
    return [
        StoredAccount(
            localpart=row.localpart,
            created_at=row.created_at,
            is_administrator=row.is_administrator,
            keys=keys.get(row.id, {}),
            is_disabled=row.is_disabled,
        )
        for row in connection.execute(select(accounts).order_by(accounts.c.localpart))
    ]


def _secret(connection: Connection, name: str, make: Callable[[], bytes]) -> bytes:
    found = connection.execute(select(secrets.c.value).where(secrets.c.name == name)).scalar()
    if found is not None:
        return bytes(found)
    value = make()
    connection.execute(insert(secrets).values(name=name, value=value))
    return value
