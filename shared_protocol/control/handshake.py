"""How both ends of a control line prove that they know the token, which itself never travels.

A program that squats on an old address learns nothing, and a stranger is not let in. Each end
answers the other's nonce by an HMAC (RFC 2104) with SHA-256, keyed with the token, over its own
role and both nonces; the role keeps one end's proof from serving as the other's. Wrong proof: the
line is closed without a word. Time limits are the business of the two fronts.

The lines, in order: server, client, server::

    {"nonce": "3f1e..."}
    {"nonce": "a0c4...", "proof": "91d2..."}
    {"proof": "07be..."}
"""

import hmac
import re
import secrets
from collections.abc import Callable
from enum import Enum

from shared_protocol.control.control_errors import MalformedControlError, ProofRejectedError
from shared_protocol.control.json_lines import line_from_object, object_from_line, text_in
from shared_protocol.errors import LocalProtocolError

_NONCE_BYTES = 16
_TOKEN_BYTES = 32
_NONCE = re.compile(f"[0-9a-f]{{{2 * _NONCE_BYTES}}}")


class Role(Enum):
    """The two ends of a control line."""

    CLIENT = "client"
    SERVER = "server"


def new_token() -> str:
    """Return a secret of 256 bits for one run of a server."""
    return secrets.token_hex(_TOKEN_BYTES)


def new_nonce() -> str:
    """Return a nonce of 128 bits."""
    return secrets.token_hex(_NONCE_BYTES)


def proof(token: str, role: Role, *nonces: str) -> str:
    """Return the proof that an end knows the token.

    Args:
        token: The shared secret.
        role: Which end proves.
        nonces: First the other end's, then its own.
    """
    said = "\0".join((role.value, *nonces)).encode()
    return hmac.digest(token.encode(), said, "sha256").hex()


class ServerHandshake:
    """The server's end. Send ``first_line()``, then what ``receive`` returns."""

    def __init__(self, token: str, *, nonce_source: Callable[[], str] = new_nonce) -> None:
        self._token = token
        self._nonce = nonce_source()
        self.is_proved = False

    def first_line(self) -> bytes:
        """Return what the server says first."""
        return line_from_object({"nonce": self._nonce})

    def receive(self, line: bytes) -> bytes:
        """Take the client's only line; return the server's last. Requests may follow.

        Raises:
            MalformedControlError: It has not the form; close the line.
            ProofRejectedError: The client does not know the token; close the line.
            LocalProtocolError: The handshake is over.
        """
        if self.is_proved:
            message = "the client has proved itself already"
            raise LocalProtocolError(message)
        value = object_from_line(line)
        theirs = _nonce_in(value)
        _require(text_in(value, "proof"), proof(self._token, Role.CLIENT, self._nonce, theirs))
        self.is_proved = True
        return line_from_object({"proof": proof(self._token, Role.SERVER, theirs, self._nonce)})


class ClientHandshake:
    """The client's end. Give it the server's lines; no request may be sent before ``is_proved``."""

    def __init__(self, token: str, *, nonce_source: Callable[[], str] = new_nonce) -> None:
        self._token = token
        self._nonce = nonce_source()
        self._expected = ""
        self.is_proved = False

    def receive(self, line: bytes) -> bytes:
        """Take a line of the server; return what to send, nothing after the last line.

        Raises:
            MalformedControlError: It has not the form; close the line.
            ProofRejectedError: The server does not know the token; close the line, send nothing.
            LocalProtocolError: The handshake is over.
        """
        if self.is_proved:
            message = "the server has proved itself already"
            raise LocalProtocolError(message)
        value = object_from_line(line)
        if self._expected:
            _require(text_in(value, "proof"), self._expected)
            self.is_proved = True
            return b""
        theirs = _nonce_in(value)
        self._expected = proof(self._token, Role.SERVER, self._nonce, theirs)
        mine = proof(self._token, Role.CLIENT, theirs, self._nonce)
        return line_from_object({"nonce": self._nonce, "proof": mine})


def _nonce_in(value: dict[str, object]) -> str:
    nonce = text_in(value, "nonce")
    if not _NONCE.fullmatch(nonce):
        message = f"expected a nonce of {2 * _NONCE_BYTES} hexadecimal digits"
        raise MalformedControlError(message)
    return nonce


def _require(given: str, expected: str) -> None:
    """Compare in constant time; the bytes, since texts beyond ASCII cannot be compared so."""
    if not hmac.compare_digest(given.encode(errors="replace"), expected.encode()):
        message = "the other end does not know the token"
        raise ProofRejectedError(message)
