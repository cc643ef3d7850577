"""Passwords kept without a password store of the system: in an encrypted file, or not at all.

The file is JSON: parameters and salt of scrypt (RFC 7914), a nonce, and the passwords encrypted
with AES-256-GCM, which also notices any change.
"""

import asyncio
import base64
import hashlib
import json
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from communicator.state.sentences import sentence
from communicator.storage.errors import CredentialError, WrongPassPhraseError
from communicator.storage.whole_file import write_whole
from shared_protocol.addresses import BareJid

_FORMAT = 1
_SCRYPT_COST = 1 << 16  # 64 MiB and some 0.2 s for each try
_SCRYPT_BLOCKS = 8
_SCRYPT_MEMORY_BYTES = 128 * 1024 * 1024
_KEY_BYTES = 32
_SALT_BYTES = 16
_NONCE_BYTES = 12  # NIST SP 800-38D, section 8.2.2: 96 random bits
_PURPOSE = b"parlour passwords 1"


class SessionOnlyCredentialStore:
    """Remembers passwords until the program ends."""

    def __init__(self) -> None:
        self._passwords_by_jid: dict[BareJid, str] = {}

    async def password(self, jid: BareJid) -> str | None:
        """Return the password of an account, or None."""
        return self._passwords_by_jid.get(jid)

    async def put(self, jid: BareJid, password: str) -> None:
        """Remember a password."""
        self._passwords_by_jid[jid] = password

    async def forget(self, jid: BareJid) -> None:
        """Forget a password."""
        self._passwords_by_jid.pop(jid, None)


class EncryptedFileCredentialStore:
    """Keeps passwords in a file that only the user's pass phrase opens."""

    def __init__(self, path: Path, pass_phrase: str) -> None:
        self._path = path
        self._pass_phrase = pass_phrase
        self._salt = b""
        self._key = b""  # derived once, in the worker thread
        self._turn = asyncio.Lock()

    async def password(self, jid: BareJid) -> str | None:
        """Return the password of an account, or None.

        Raises:
            WrongPassPhraseError: The pass phrase does not open the file.
            CredentialError: The file cannot be read.
        """
        async with self._turn:
            return (await asyncio.to_thread(self._read)).get(str(jid))

    async def put(self, jid: BareJid, password: str) -> None:
        """Keep a password.

        Raises:
            WrongPassPhraseError: There is a file already, with another pass phrase.
            CredentialError: The file cannot be written.
        """
        async with self._turn:
            await asyncio.to_thread(self._change, str(jid), password)

    async def forget(self, jid: BareJid) -> None:
        """Forget a password; the same errors as ``put``."""
        async with self._turn:
            await asyncio.to_thread(self._change, str(jid), None)

    def _change(self, jid: str, password: str | None) -> None:
        passwords_by_jid = self._read()
        passwords_by_jid.pop(jid, None)
        if password is not None:
            passwords_by_jid[jid] = password
        self._write(passwords_by_jid)

    def _read(self) -> dict[str, str]:
        try:
            kept = json.loads(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            message = sentence("Sentences", "The password file {0} cannot be read: {1}.").of(
                self._path, error
            )
            raise CredentialError(message) from error
        try:
            if kept["format"] != _FORMAT:
                message = sentence(
                    "Sentences", "The password file {0} is of a newer version of Parlour."
                ).of(self._path)
                raise CredentialError(message)
            salt, nonce, sealed = (
                base64.b64decode(kept[name], validate=True) for name in ("salt", "nonce", "sealed")
            )
            opened = AESGCM(self._key_for(salt)).decrypt(nonce, sealed, _PURPOSE)
            return {str(jid): str(password) for jid, password in json.loads(opened).items()}
        except InvalidTag as error:
            message = sentence("Sentences", "The pass phrase does not open the password file.")
            raise WrongPassPhraseError(message) from error
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            message = sentence("Sentences", "The password file {0} is damaged.").of(self._path)
            raise CredentialError(message) from error

    def _write(self, passwords_by_jid: dict[str, str]) -> None:
        key = self._key_for(self._salt or secrets.token_bytes(_SALT_BYTES))
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = AESGCM(key).encrypt(nonce, json.dumps(passwords_by_jid).encode(), _PURPOSE)
        parts = {"salt": self._salt, "nonce": nonce, "sealed": sealed}
        kept = {name: base64.b64encode(part).decode() for name, part in parts.items()}
        try:
            write_whole(self._path, json.dumps({"format": _FORMAT, **kept}).encode())
        except OSError as error:
            message = sentence("Sentences", "The password could not be kept in {0}: {1}.").of(
                self._path, error
            )
            raise CredentialError(message) from error

    def _key_for(self, salt: bytes) -> bytes:
        if salt != self._salt or not self._key:
            self._key = hashlib.scrypt(
                self._pass_phrase.encode(),
                salt=salt,
                n=_SCRYPT_COST,
                r=_SCRYPT_BLOCKS,
                p=1,
                maxmem=_SCRYPT_MEMORY_BYTES,
                dklen=_KEY_BYTES,
            )
            self._salt = salt
        return self._key
