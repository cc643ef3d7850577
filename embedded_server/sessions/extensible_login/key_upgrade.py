"""A login that brings keys which the account has not: other hash, more iterations (XEP-0480).

Who has shown its password makes them from it; the server never sees the password.
"""

import logging
import secrets
from typing import Self
from xml.etree.ElementTree import Element

from embedded_server.sessions.stream_host import StreamAccounts
from embedded_server.storage.errors import StorageError
from shared_protocol.errors import SaslCondition, SaslError
from shared_protocol.sasl.mechanisms import ScramHash
from shared_protocol.sasl.scram import DEFAULT_ITERATIONS, ScramKeys
from shared_protocol.stanzas.login import upgrades
from shared_protocol.stanzas.login.authentication import Authenticate
from shared_protocol.stanzas.login.upgrades import SaltedTask, task_of

_logger = logging.getLogger(__name__)
_HASH = ScramHash.SHA_256  # the strongest; keys for others are made with the password
_SALT_BYTES = 16
TASKS = (task_of(_HASH),)


class KeyUpgrade:
    """One task of one login.

    Attributes:
        task: Its name.
    """

    def __init__(self, accounts: StreamAccounts, localpart: str, present: ScramKeys | None) -> None:
        self.task = task_of(_HASH)
        self._accounts = accounts
        self._localpart = localpart
        self._present = present
        self._salt = b""

    @classmethod
    def of(cls, accounts: StreamAccounts, localpart: str, asked: Authenticate) -> Self | None:
        """Return what the login of an account may bring; None if it has all, or cannot."""
        present = accounts.keys(localpart, _HASH)
        if present is not None and present.iterations >= DEFAULT_ITERATIONS:
            return None
        if task_of(_HASH) not in upgrades.wanted_tasks(asked.inline):
            return None
        return cls(accounts, localpart, present)

    def begin(self, task: str) -> bytes:
        """Return what the client needs.

        Raises:
            SaslError: It wants another task, or that one twice.
        """
        if task != self.task or self._salt:
            raise SaslError(SaslCondition.MALFORMED_REQUEST, "not the task that was given")
        self._salt = secrets.token_bytes(_SALT_BYTES)
        return upgrades.salt_bytes(SaltedTask(self._salt, DEFAULT_ITERATIONS))

    async def finish(self, element: Element) -> None:
        """Store what the client has made.

        Raises:
            SaslError: It has made nothing.
        """
        salted = upgrades.hash_of(element)
        if not self._salt or len(salted) != _HASH.digest_bytes:
            raise SaslError(SaslCondition.MALFORMED_REQUEST, "not a salted password")
        keys = ScramKeys.from_salted(salted, _HASH, DEFAULT_ITERATIONS, self._salt)
        try:
            await self._accounts.upgrade_keys(self._localpart, _HASH, self._present, keys)
        except StorageError as error:  # the login is good without
            _logger.warning("keys could not be stored: %s", error)
