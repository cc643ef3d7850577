"""Tokens with which devices log in (XEP-0484): what fits them, never the tokens."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Connection, Select, delete, func, insert, select, update

from embedded_server.storage.account_repository import account_id
from embedded_server.storage.errors import AccountMissingError
from embedded_server.storage.tables import accounts, login_tokens
from embedded_server.storage.writer import StorageWriter


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredToken:
    """A token as it lies on disk.

    Attributes:
        mechanism: The only one it is good for.
        verifier: SHA-256 of what the client shows.
        answer: What the server shows.
        issued_at: Seconds since 1970, UTC.
        expires_at: Seconds since 1970, UTC.
        is_new: It was not used yet.
    """

    mechanism: str
    verifier: bytes
    answer: bytes
    issued_at: float
    expires_at: float
    is_new: bool = True


class TokenRepository:
    """Reads and writes tokens: of each device one that was used, and one that was not."""

    def __init__(self, writer: StorageWriter) -> None:
        self._writer = writer

    async def of_device(self, localpart: str, device: str) -> list[StoredToken]:
        """Return the tokens of a device; none if there is no such account.

        Raises:
            StorageError: They could not be read.
        """
        return await self._writer.read(partial(_of_device, localpart=localpart, device=device))

    async def put(
        self, localpart: str, device: str, token: StoredToken, *, most_devices: int
    ) -> None:
        """Keep a new token in place of the one that was not used.

        Args:
            localpart: The account's; if it is gone, so is the token.
            device: Id of the user agent.
            token: New.
            most_devices: Of the account; beyond them the tokens that were issued first go.

        Raises:
            StorageError: It is not kept.
        """
        await self._writer.write(
            partial(
                _put, localpart=localpart, device=device, token=token, most_devices=most_devices
            )
        )

    async def use(self, localpart: str, device: str, token: StoredToken) -> None:
        """A new token was used: the one before is good for nothing from now on.

        Raises:
            StorageError: It still is.
        """
        await self._writer.write(
            partial(_use, localpart=localpart, device=device, verifier=token.verifier)
        )

    async def forget(self, localpart: str, device: str) -> None:
        """Delete the tokens of a device.

        Raises:
            StorageError: They are still good.
        """
        await self._writer.write(partial(_forget, localpart=localpart, device=device))


def _owner(localpart: str) -> "Select[tuple[int]]":
    return select(accounts.c.id).where(accounts.c.localpart == localpart)


def _of_device(connection: Connection, *, localpart: str, device: str) -> list[StoredToken]:
    statement = select(login_tokens).where(
        login_tokens.c.account_id.in_(_owner(localpart)), login_tokens.c.device == device
    )
    return [
        StoredToken(
            mechanism=row.mechanism,
            verifier=row.verifier,
            answer=row.answer,
            issued_at=row.issued_at,
            expires_at=row.expires_at,
            is_new=row.is_new,
        )
        for row in connection.execute(statement)
    ]


def _put(
    connection: Connection, *, localpart: str, device: str, token: StoredToken, most_devices: int
) -> None:
    try:
        owner = account_id(connection, localpart)
    except AccountMissingError:  # deleted meanwhile
        return
    _forget(connection, localpart=localpart, device=device, is_new=True)
    values: dict[str, Any] = {
        "account_id": owner,
        "device": device,
        "is_new": True,
        "mechanism": token.mechanism,
        "verifier": token.verifier,
        "answer": token.answer,
        "issued_at": token.issued_at,
        "expires_at": token.expires_at,
    }
    connection.execute(insert(login_tokens).values(values))
    too_many = (
        select(login_tokens.c.device)
        .where(login_tokens.c.account_id == owner)
        .group_by(login_tokens.c.device)
        .order_by(func.max(login_tokens.c.issued_at).desc())
        .offset(most_devices)
    )
    connection.execute(
        delete(login_tokens).where(
            login_tokens.c.account_id == owner,
            (login_tokens.c.expires_at <= token.issued_at) | login_tokens.c.device.in_(too_many),
        )
    )


def _use(connection: Connection, *, localpart: str, device: str, verifier: bytes) -> None:
    used = (
        login_tokens.c.account_id.in_(_owner(localpart)),
        login_tokens.c.device == device,
        login_tokens.c.is_new,
        login_tokens.c.verifier == verifier,
    )
    if connection.execute(select(login_tokens.c.device).where(*used)).first() is None:
        return  # used twice at once, or given back
    _forget(connection, localpart=localpart, device=device, is_new=False)
    connection.execute(update(login_tokens).where(*used).values(is_new=False))


def _forget(
    connection: Connection, *, localpart: str, device: str, is_new: bool | None = None
) -> None:
    statement = delete(login_tokens).where(
        login_tokens.c.account_id.in_(_owner(localpart)), login_tokens.c.device == device
    )
    if is_new is not None:
        statement = statement.where(login_tokens.c.is_new == is_new)
    connection.execute(statement)
