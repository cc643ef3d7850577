"""SCRAM on both sides (RFC 5802, RFC 7677) as steps without I/O, with bounds on what is accepted.

Names and passwords come prepared by the caller (``shared_protocol.addresses`` and
``prepared_password``). The slow part, ``derive``, is a function of its own: call it in a thread.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass

from precis_i18n import get_profile

from shared_protocol.errors import SaslCondition, SaslError
from shared_protocol.limits import ScramLimits
from shared_protocol.sasl.mechanisms import ScramHash

DEFAULT_ITERATIONS = 10_000
_SALT_BYTES = 16
_NONCE_BYTES = 24
_LONGEST_NUMBER = 9  # digits
_PASSWORDS = get_profile("OpaqueString")


def prepared_password(password: str) -> str:
    """Prepare a password as RFC 8265, section 4.2, says.

    Raises:
        ValueError: It is empty or holds what no password may hold; the text does not quote it.
    """
    try:
        return str(_PASSWORDS.enforce(password))
    except UnicodeEncodeError:
        message = "the password is empty or holds a character that is not allowed in passwords"
        raise ValueError(message) from None


def make_nonce() -> str:
    """Return a fresh nonce of 192 bits."""
    return secrets.token_urlsafe(_NONCE_BYTES)


@dataclass(frozen=True, slots=True, repr=False)
class ScramKeys:
    """What a server keeps instead of a password (RFC 5802, section 3)."""

    salt: bytes
    iterations: int
    stored_key: bytes
    server_key: bytes

    @classmethod
    def derive(
        cls,
        password: str,
        scram_hash: ScramHash,
        iterations: int = DEFAULT_ITERATIONS,
        salt: bytes | None = None,
    ) -> "ScramKeys":
        """Make keys from a prepared password; slow on purpose."""
        salt = secrets.token_bytes(_SALT_BYTES) if salt is None else salt
        salted = salted_password(password, scram_hash, salt, iterations)
        return cls.from_salted(salted, scram_hash, iterations, salt)

    @classmethod
    def from_salted(
        cls, salted: bytes, scram_hash: ScramHash, iterations: int, salt: bytes
    ) -> "ScramKeys":
        """Make keys from a password that was salted already."""
        client_key = hmac.digest(salted, b"Client Key", scram_hash.value)
        stored_key = hashlib.new(scram_hash.value, client_key).digest()
        server_key = hmac.digest(salted, b"Server Key", scram_hash.value)
        return cls(salt, iterations, stored_key, server_key)

    def matches(self, password: str, scram_hash: ScramHash) -> bool:
        """Return True if the keys were made from this prepared password; slow on purpose."""
        other = ScramKeys.derive(password, scram_hash, self.iterations, self.salt)
        return hmac.compare_digest(other.stored_key, self.stored_key)


def salted_password(password: str, scram_hash: ScramHash, salt: bytes, iterations: int) -> bytes:
    """Return ``Hi(password, salt, i)``; OpenSSL does it without the interpreter's lock."""
    return hashlib.pbkdf2_hmac(scram_hash.value, password.encode(), salt, iterations)


@dataclass(frozen=True, slots=True)
class ScramChallenge:
    """What the server wants to be computed."""

    nonce: str
    salt: bytes
    iterations: int


class ClientScram:
    """The client's half: ``first``, ``challenge``, ``derive``, ``final``, ``check``, once each.

    Args of the constructor:
        localpart: Prepared.
        channel_binding: Data of ``tls-server-end-point`` for a -PLUS mechanism, else None.
        could_bind: True if this client could bind but the server offered no -PLUS name: then a
            server that did offer one notices that the list was tampered with (section 6, flag y).
        offer_hash: That of the list which arrived here (``offer_hash``); empty to compare nothing.
    """

    def __init__(
        self,
        *,
        localpart: str,
        scram_hash: ScramHash,
        channel_binding: bytes | None = None,
        could_bind: bool = False,
        offer_hash: str = "",
        nonce: str | None = None,
    ) -> None:
        self._hash = scram_hash
        self._nonce = nonce or make_nonce()
        self._limits = ScramLimits()
        name = localpart.replace("=", "=3D").replace(",", "=2C")
        self._first_bare = f"n={name},r={self._nonce}".encode()
        self._binding = channel_binding or b""
        self._offer_hash = offer_hash
        flag = b"y" if could_bind else b"n"
        self._header = (b"p=tls-server-end-point" if channel_binding else flag) + b",,"
        self._challenge: ScramChallenge | None = None
        self._challenge_message = b""
        self._server_signature = b""

    def first(self) -> bytes:
        """Return the client's first message."""
        return self._header + self._first_bare

    def challenge(self, message: bytes) -> ScramChallenge:
        """Read the server's first message.

        Raises:
            SaslError: It is malformed, out of bounds, not for our nonce, or the second one; or the
                server offered other logins than those that arrived here.
        """
        if self._challenge is not None:
            raise _malformed("a second challenge")
        said = _attributes(message, self._limits)
        if "m" in said:
            raise _malformed("an extension that is not known")
        nonce, salt, iterations = said.get("r", ""), said.get("s", ""), said.get("i", "")
        if not nonce.startswith(self._nonce) or len(nonce) == len(self._nonce):
            raise _malformed("the nonce is not ours, or the server added nothing")
        self._check_offer(said.get("h", ""))
        count = _number(iterations)
        if not self._limits.fewest_iterations <= count <= self._limits.most_iterations:
            raise _malformed("the number of iterations is out of bounds")
        decoded_salt = _decoded(salt)
        if not 1 <= len(decoded_salt) <= self._limits.longest_salt_bytes:
            raise _malformed("the salt is empty or too long")
        self._challenge_message = message
        self._challenge = ScramChallenge(nonce, decoded_salt, count)
        return self._challenge

    def derive(self, password: str) -> bytes:
        """Return the salted password; slow on purpose, so call it in a thread."""
        challenge = self._require_challenge()
        return salted_password(password, self._hash, challenge.salt, challenge.iterations)

    def final(self, salted: bytes) -> bytes:
        """Return the client's final message, with the proof."""
        challenge = self._require_challenge()
        bound = base64.b64encode(self._header + self._binding)
        without_proof = b"c=" + bound + b",r=" + challenge.nonce.encode()
        signed = b",".join((self._first_bare, self._challenge_message, without_proof))
        client_key = self._hmac(salted, b"Client Key")
        stored_key = hashlib.new(self._hash.value, client_key).digest()
        proof = _xor(client_key, self._hmac(stored_key, signed))
        self._server_signature = self._hmac(self._hmac(salted, b"Server Key"), signed)
        return without_proof + b",p=" + base64.b64encode(proof)

    def check(self, message: bytes) -> None:
        """Check what came with the success; an empty message proves nothing.

        Raises:
            SaslError: The server did not prove that it knows the password.
        """
        said = _attributes(message, self._limits)
        signature = _decoded(said.get("v", ""))
        if not self._server_signature or not hmac.compare_digest(signature, self._server_signature):
            text = "the server did not prove that it knows the password"
            raise SaslError(SaslCondition.NOT_AUTHORIZED, text)

    def _check_offer(self, told: str) -> None:
        """XEP-0474, section 5.2; who does not know that tells nothing."""
        if told and self._offer_hash and not hmac.compare_digest(told, self._offer_hash):
            text = "somebody has changed the list of logins on its way"
            raise SaslError(SaslCondition.NOT_AUTHORIZED, text)

    def _require_challenge(self) -> ScramChallenge:
        if self._challenge is None:
            raise _malformed("there was no challenge")
        return self._challenge

    def _hmac(self, key: bytes, message: bytes) -> bytes:
        return hmac.digest(key, message, self._hash.value)


@dataclass(frozen=True, slots=True)
class ScramFirst:
    """The client's first message, read.

    Attributes:
        header: The GS2 header as it was sent; the final message repeats it.
        binding_flag: ``n``, ``y``, or ``p=`` and the name of the binding.
        authzid: Empty if it was not given.
    """

    header: bytes
    bare: bytes
    binding_flag: str
    authzid: str
    localpart: str
    nonce: str


def read_first(message: bytes, limits: ScramLimits) -> ScramFirst:
    """Read the client's first message (RFC 5802, section 7).

    Raises:
        SaslError: It is malformed.
    """
    if len(message) > limits.longest_message_bytes or message.count(b",") < 2:  # noqa: PLR2004 - gs2-header has two
        raise _malformed("not the first message of SCRAM")
    flag, authzid, bare = message.split(b",", 2)
    said = _attributes(bare, limits)
    if "m" in said or not said.get("r"):
        raise _malformed("not the first message of SCRAM")
    shown_flag = flag.decode("ascii", "replace")
    if shown_flag not in {"n", "y"} and not shown_flag.startswith("p="):
        raise _malformed("unknown channel binding flag")
    if authzid and not authzid.startswith(b"a="):
        raise _malformed("unknown attribute in the header")
    return ScramFirst(
        header=flag + b"," + authzid + b",",
        bare=bare,
        binding_flag=shown_flag,
        authzid=_unescaped(_text(authzid[2:])),
        localpart=_unescaped(said.get("n", "")),
        nonce=said["r"],
    )


class ServerScram:
    """The server's half for an account whose keys are known (or made up, for nobody).

    Args of the constructor:
        offer_hash: That of what was offered (``offer_hash``); empty to tell nothing.
    """

    def __init__(
        self,
        *,
        first: ScramFirst,
        keys: ScramKeys,
        scram_hash: ScramHash,
        channel_binding: bytes,
        offer_hash: str = "",
        nonce: str | None = None,
    ) -> None:
        self._first = first
        self._keys = keys
        self._hash = scram_hash.value
        self._limits = ScramLimits()
        self._extension = f",h={offer_hash}" if offer_hash else ""
        self._nonce = first.nonce + (nonce or make_nonce())
        self._expected_binding = base64.b64encode(first.header + channel_binding)

    def challenge(self) -> bytes:
        """Return the server's first message."""
        salt = base64.b64encode(self._keys.salt).decode()
        return f"r={self._nonce},s={salt},i={self._keys.iterations}{self._extension}".encode()

    def final(self, message: bytes) -> bytes:
        """Check the client's final message and return the server's, with its signature.

        Raises:
            SaslError: It is malformed, or the proof is wrong.
        """
        said = _attributes(message, self._limits)
        without_proof, _, last = message.rpartition(b",p=")
        # Behind the proof nothing would be signed (RFC 5802, section 7)
        if said.get("r") != self._nonce or "m" in said or not without_proof or b"," in last:
            raise _malformed("not the final message of SCRAM")
        proof = _decoded(said.get("p", ""))
        signed = b",".join((self._first.bare, self.challenge(), without_proof))
        signature = hmac.digest(self._keys.stored_key, signed, self._hash)
        is_right = len(proof) == len(signature)
        client_key = _xor(proof if is_right else signature, signature)
        stored_key = hashlib.new(self._hash, client_key).digest()
        is_right &= hmac.compare_digest(stored_key, self._keys.stored_key)
        is_right &= hmac.compare_digest(said.get("c", "").encode(), self._expected_binding)
        if not is_right:
            raise SaslError(SaslCondition.NOT_AUTHORIZED, "the proof is wrong")
        return b"v=" + base64.b64encode(hmac.digest(self._keys.server_key, signed, self._hash))


def _attributes(message: bytes, limits: ScramLimits) -> dict[str, str]:
    if len(message) > limits.longest_message_bytes:
        raise _malformed("a message that is too long")
    found: dict[str, str] = {}
    for part in _text(message).split(","):
        key, equals, value = part.partition("=")
        if not equals or len(key) != 1 or key in found:
            raise _malformed("not a message of SCRAM")
        found[key] = value
    return found


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise _malformed("not UTF-8") from None


def _unescaped(name: str) -> str:
    if name.replace("=2C", "").replace("=3D", "").count("="):
        raise _malformed("a name with a bare =")
    return name.replace("=2C", ",").replace("=3D", "=")


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise _malformed("bad base64") from None


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > _LONGEST_NUMBER:
        raise _malformed("not a number of iterations")
    return int(text)


def _xor(first: bytes, second: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(first, second, strict=True))


def _malformed(text: str) -> SaslError:
    return SaslError(SaslCondition.MALFORMED_REQUEST, text)
