"""The accounts of an office, in memory; the truth is in the store."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace

from embedded_server.accounts.credentials import checked_name, checked_password, derived_keys
from embedded_server.storage.account_repository import AccountRepository, StoredAccount
from embedded_server.storage.errors import AccountExistsError, AccountMissingError
from shared_protocol.sasl.mechanisms import ScramHash
from shared_protocol.sasl.scram import ScramKeys, prepared_password

_SECRET_BYTES = 32
_FAKE_SALTS = "fake salts"

OnDeleted = Callable[[str], Awaitable[None]]


class Accounts:
    """Who may log in. ``load`` comes first; then every question is answered from memory.

    Derivation of keys, which is slow on purpose, runs in threads.
    """

    def __init__(self, repository: AccountRepository) -> None:
        self._repository = repository
        self._accounts: dict[str, StoredAccount] = {}
        self._fake_salt_secret = b""
        self._on_deleted: list[OnDeleted] = []
        self._on_disabled: list[OnDeleted] = []

    @property
    def fake_salt_secret(self) -> bytes:
        """Makes the salts of names that do not exist; the same over restarts."""
        return self._fake_salt_secret

    async def load(self) -> None:
        """Read all accounts.

        Raises:
            StorageError: They could not be read.
        """
        self._fake_salt_secret = await self._repository.secret(
            _FAKE_SALTS, lambda: secrets.token_bytes(_SECRET_BYTES)
        )
        stored = await self._repository.all()
        self._accounts = {account.localpart: account for account in stored}

    def exists(self, localpart: str) -> bool:
        """Return True if there is an account of this prepared name."""
        return localpart in self._accounts

    def keys(self, localpart: str, scram_hash: ScramHash) -> ScramKeys | None:
        """Return the keys of an account; None if there is no such account."""
        account = self._accounts.get(localpart)
        return account.keys.get(scram_hash) if account else None

    def names(self) -> list[str]:
        """Return the localparts of all accounts, sorted."""
        return sorted(self._accounts)

    def is_administrator(self, localpart: str) -> bool:
        """Return True for an account that may do everything an operation of the server allows."""
        account = self._accounts.get(localpart)
        return account is not None and account.is_administrator

    def is_disabled(self, localpart: str) -> bool:
        """Return True for an account that exists and may not log in."""
        account = self._accounts.get(localpart)
        return account is not None and account.is_disabled

    def created_at(self, localpart: str) -> float:
        """Return when an account was made, in seconds since 1970, UTC.

        Raises:
            NameRefusedError: The name cannot be that of an account.
            AccountMissingError: There is no such account.
        """
        return self._require(localpart).created_at

    async def check_password(self, localpart: str, password: str) -> bool:
        """Return True if the password is right (SASL PLAIN).

        A name that does not exist costs the same work.
        """
        try:
            prepared = prepared_password(password)
        except ValueError:
            return False
        known = self.keys(localpart, ScramHash.SHA_256)
        if known is None:
            await asyncio.to_thread(ScramKeys.derive, prepared, ScramHash.SHA_256)
            return False
        return await asyncio.to_thread(known.matches, prepared, ScramHash.SHA_256)

    async def create(
        self, localpart: str, password: str, *, is_administrator: bool = False
    ) -> None:
        """Make an account; it is on disk when this returns.

        Args:
            localpart: As somebody typed it; prepared here.
            password: As somebody typed it; forgotten here.
            is_administrator: Whether it may do everything.

        Raises:
            NameRefusedError: The name cannot be that of an account.
            PasswordRefusedError: The password is empty, weak or cannot be prepared.
            AccountExistsError: The name is taken.
            StorageError: It was not stored.
        """
        name = checked_name(localpart)
        prepared = checked_password(name, password)
        if self.exists(name):
            message = f"There is an account {name!r} already."
            raise AccountExistsError(message)
        keys = await asyncio.to_thread(derived_keys, prepared)
        account = await self._repository.create(name, keys, is_administrator=is_administrator)
        self._accounts[name] = account

    async def set_password(self, localpart: str, password: str) -> None:
        """Replace an account's password.

        Raises:
            NameRefusedError: The name cannot be that of an account.
            PasswordRefusedError: The password is empty, weak or cannot be prepared.
            AccountMissingError: There is no such account.
            StorageError: The old one is still valid.
        """
        account = self._require(localpart)
        prepared = checked_password(account.localpart, password)
        keys = await asyncio.to_thread(derived_keys, prepared)
        await self._repository.set_keys(account.localpart, keys)
        if account.localpart in self._accounts:  # else it is being deleted
            self._accounts[account.localpart] = replace(account, keys=keys)

    async def upgrade_keys(
        self, localpart: str, scram_hash: ScramHash, present: ScramKeys | None, keys: ScramKeys
    ) -> None:
        """Keep better keys of the same password (XEP-0480).

        Args:
            localpart: The account's; nothing is done if it is gone.
            scram_hash: What the keys are for.
            present: Those that it has had; others now are of another password, and stay.
            keys: In their place.

        Raises:
            StorageError: They are not kept.
        """
        is_kept = await self._repository.replace_keys(localpart, scram_hash, present, keys)
        account = self._accounts.get(localpart)
        if is_kept and account is not None:
            changed = replace(account, keys={**account.keys, scram_hash: keys})
            self._accounts[localpart] = changed

    async def set_administrator(self, localpart: str, *, is_administrator: bool) -> None:
        """Let an account do everything, or no more; errors as ``set_password``."""
        account = self._require(localpart)
        await self._set_rights(replace(account, is_administrator=is_administrator))

    async def set_disabled(self, localpart: str, *, is_disabled: bool) -> None:
        """Forbid or allow an account to log in; what it owns stays. Errors as ``set_password``.

        The listeners are told when one is disabled, so that its sessions end.
        """
        account = self._require(localpart)
        await self._set_rights(replace(account, is_disabled=is_disabled))
        if is_disabled:
            for listener in tuple(self._on_disabled):
                await listener(account.localpart)

    async def delete(self, localpart: str) -> None:
        """Delete an account with all that it owns, then tell the listeners.

        It exists no more for anybody who asks from the moment this is called.

        Raises:
            NameRefusedError: The name cannot be that of an account.
            AccountMissingError: There is no such account.
            StorageError: It is still there.
        """
        account = self._require(localpart)
        del self._accounts[account.localpart]
        try:
            await self._repository.delete(account.localpart)
        except BaseException:
            self._accounts[account.localpart] = account
            raise
        for listener in tuple(self._on_deleted):
            await listener(account.localpart)

    def on_deleted(self, listener: OnDeleted) -> Callable[[], None]:
        """Tell a listener of each account that was deleted; returns the way to stop it.

        Args:
            listener: Awaited with the localpart after the commit.
        """
        self._on_deleted.append(listener)
        return lambda: self._on_deleted.remove(listener)

    def on_disabled(self, listener: OnDeleted) -> Callable[[], None]:
        """Tell a listener of each account that was disabled; as ``on_deleted``."""
        self._on_disabled.append(listener)
        return lambda: self._on_disabled.remove(listener)

    async def _set_rights(self, wanted: StoredAccount) -> None:
        name = wanted.localpart
        await self._repository.set_rights(
            name, is_administrator=wanted.is_administrator, is_disabled=wanted.is_disabled
        )
        account = self._accounts.get(name)
        if account is not None:  # else it is being deleted
            self._accounts[name] = replace(
                account,
                is_administrator=wanted.is_administrator,
                is_disabled=wanted.is_disabled,
            )

    def _require(self, localpart: str) -> StoredAccount:
        name = checked_name(localpart)
        account = self._accounts.get(name)
        if account is None:
            message = f"There is no account {name!r}."
            raise AccountMissingError(message)
        return account
