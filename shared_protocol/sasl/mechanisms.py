"""The mechanisms that Parlour speaks, strongest first."""

from collections.abc import Iterable
from enum import Enum


class ScramHash(Enum):
    """The hash of a SCRAM mechanism (RFC 5802, RFC 7677); the value is hashlib's name."""

    SHA_1 = "sha1"
    SHA_256 = "sha256"

    @property
    def digest_bytes(self) -> int:
        """How long its results are."""
        return {ScramHash.SHA_1: 20, ScramHash.SHA_256: 32}[self]

    @property
    def mechanism(self) -> str:
        """The SASL name without channel binding."""
        return {ScramHash.SHA_1: "SCRAM-SHA-1", ScramHash.SHA_256: "SCRAM-SHA-256"}[self]

    @property
    def plus_mechanism(self) -> str:
        """The SASL name with channel binding."""
        return f"{self.mechanism}-PLUS"


PLAIN = "PLAIN"
STRONGEST_FIRST = (
    ScramHash.SHA_256.plus_mechanism,
    ScramHash.SHA_1.plus_mechanism,
    ScramHash.SHA_256.mechanism,
    ScramHash.SHA_1.mechanism,
    PLAIN,
)
_HASHES = {name: one for one in ScramHash for name in (one.mechanism, one.plus_mechanism)}


def scram_hash_of(mechanism: str) -> ScramHash | None:
    """Return the hash of a SCRAM mechanism, or None for any other mechanism."""
    return _HASHES.get(mechanism)


def is_plus(mechanism: str) -> bool:
    """Return True if the mechanism binds the login to the TLS channel."""
    return mechanism.endswith("-PLUS")


def strongest(
    offered: Iterable[str], *, can_bind: bool, allows_plain: bool, at_least: str | None = None
) -> str | None:
    """Choose what to log in with; None if nothing offered is good enough.

    PLAIN is taken only where no SCRAM is offered, and only if the caller allows it: inside TLS.

    Args:
        offered: The server's names; those that we do not speak are passed over.
        can_bind: The server's certificate is known, and ``tls-server-end-point`` is listed.
        allows_plain: The stream is encrypted and nobody has forbidden it.
        at_least: The strongest mechanism seen for this account; a weaker one is not taken, because
            somebody may have shortened the list.
    """
    names = set(offered)
    enough: tuple[str, ...] = STRONGEST_FIRST
    if at_least in STRONGEST_FIRST:
        enough = STRONGEST_FIRST[: STRONGEST_FIRST.index(at_least) + 1]
    for name in enough:
        if name in names and (can_bind or not is_plus(name)) and (allows_plain or name != PLAIN):
            return name
    return None
