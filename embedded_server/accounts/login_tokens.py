"""Tokens that stand for a password, each for one device and one mechanism (XEP-0484).

What is kept fits what a client shows, but does not tell it: not even who reads the database can log
in with it. What a client shows depends on the channel binding, so that a token that is bound is
good as long as the certificate.
"""

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from embedded_server.storage.token_repository import StoredToken
from shared_protocol.limits import TokenLimits
from shared_protocol.sasl.hashed_token import initiator_mac, responder_mac
from shared_protocol.stanzas.login.tokens import Token

_TOKEN_BYTES = 32


class TokenStore(Protocol):
    """Where they lie; ``TokenRepository`` is one."""

    async def of_device(self, localpart: str, device: str) -> list[StoredToken]:
        """Return the tokens of a device."""

    async def put(
        self, localpart: str, device: str, token: StoredToken, *, most_devices: int
    ) -> None:
        """Keep a new one in place of the one that was not used."""

    async def use(self, localpart: str, device: str, token: StoredToken) -> None:
        """A new one was used."""

    async def forget(self, localpart: str, device: str) -> None:
        """Delete those of a device."""


@dataclass(frozen=True, slots=True, repr=False)
class TokenUse:
    """A token was right.

    Attributes:
        answer: What the server shows.
        is_expired: But it is too old.
        is_due: It is time for another.
    """

    answer: bytes
    is_expired: bool = False
    is_due: bool = False


class LoginTokens:
    """Issues tokens and looks at those that are shown."""

    def __init__(
        self,
        store: TokenStore,
        limits: TokenLimits | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._limits = limits or TokenLimits()
        self._clock = clock

    async def issue(self, localpart: str, device: str, mechanism: str, binding: bytes) -> Token:
        """Make a token; the one that the device logs in with is good until this one is used.

        Args:
            localpart: Who has logged in.
            device: Id of the user agent.
            mechanism: The only one it will be good for.
            binding: Data of the channel binding; empty if the mechanism binds to nothing.

        Raises:
            StorageError: There is no token.
        """
        token, now = secrets.token_urlsafe(_TOKEN_BYTES), self._clock()
        expires_at = now + self._limits.valid_seconds
        stored = StoredToken(
            mechanism=mechanism,
            verifier=hashlib.sha256(initiator_mac(token, binding)).digest(),
            answer=responder_mac(token, binding),
            issued_at=now,
            expires_at=expires_at,
        )
        await self._store.put(localpart, device, stored, most_devices=self._limits.devices)
        return Token(token, datetime.fromtimestamp(expires_at, UTC))

    async def use(self, localpart: str, device: str, mechanism: str, mac: bytes) -> TokenUse | None:
        """Look at what a client shows; None if it does not fit.

        Args:
            localpart: Whom the client wants to be; not known yet.
            device: Id of the user agent.
            mechanism: The one in use.
            mac: What the client shows.

        Raises:
            StorageError: The tokens could not be read.
        """
        shown, found = hashlib.sha256(mac).digest(), None
        for stored in await self._store.of_device(localpart, device):
            if hmac.compare_digest(stored.verifier, shown) and stored.mechanism == mechanism:
                found = stored
        if found is None:
            return None
        now = self._clock()
        if found.expires_at <= now:
            return TokenUse(found.answer, is_expired=True)
        if found.is_new:
            await self._store.use(localpart, device, found)
        is_due = now - found.issued_at >= self._limits.renewed_after_seconds
        return TokenUse(found.answer, is_due=is_due)

    async def revoke(self, localpart: str, device: str) -> None:
        """Let the tokens of a device be good for nothing.

        Raises:
            StorageError: They still are good.
        """
        await self._store.forget(localpart, device)
