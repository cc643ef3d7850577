"""Channel binding by the server's certificate (``tls-server-end-point``, RFC 5929, section 4.1).

Python's ``ssl`` offers ``tls-unique`` only, which TLS 1.3 does not have.
"""

import hashlib

from cryptography import x509

TLS_SERVER_END_POINT = "tls-server-end-point"
_REPLACED_HASHES = frozenset({"md5", "sha1"})


def tls_server_end_point(der_certificate: bytes) -> bytes:
    """Return the binding data: the certificate's hash by the hash of its signature.

    MD5 and SHA-1 are replaced by SHA-256, as the RFC says; so is a signature without a hash.
    """
    algorithm = x509.load_der_x509_certificate(der_certificate).signature_hash_algorithm
    name = "sha256" if algorithm is None or algorithm.name in _REPLACED_HASHES else algorithm.name
    return hashlib.new(name, der_certificate).digest()
