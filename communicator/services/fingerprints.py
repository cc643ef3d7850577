"""The fingerprint of a certificate, as the certificate page shows it."""

import base64
import hashlib


def fingerprint_of(pem: str) -> str:
    """Return the SHA-256 of a certificate: 64 upper-case hexadecimal digits."""
    body = "".join(line for line in pem.splitlines() if "-" not in line)
    return hashlib.sha256(base64.b64decode(body)).hexdigest().upper()
