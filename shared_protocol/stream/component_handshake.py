"""How a component proves that it knows its secret (XEP-0114 1.6, section 3)."""

import hashlib
import hmac


def handshake_digest(stream_id: str, secret: str) -> str:
    """Return what the handshake holds: SHA-1 in lower-case hexadecimal digits.

    Args:
        stream_id: From the server's header.
        secret: That both sides know.
    """
    return hashlib.sha1(f"{stream_id}{secret}".encode(), usedforsecurity=False).hexdigest()


def is_right_handshake(given: str, stream_id: str, secret: str) -> bool:
    """Whether a handshake proves the secret; takes the same time for all that are wrong."""
    expected = handshake_digest(stream_id, secret)
    return hmac.compare_digest(given.strip().lower().encode(), expected.encode())
