"""Channel binding by the server's certificate (``tls-server-end-point``, RFC 5929, section 4.1).

Python's ``ssl`` offers ``tls-unique`` only, which TLS 1.3 does not have.
"""

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.hashes import MD5, SHA1, SHA256, Hash, HashAlgorithm

TLS_SERVER_END_POINT = "tls-server-end-point"


def tls_server_end_point(der_certificate: bytes) -> bytes:
    """Return the binding data: the certificate's hash by the hash of its signature.

    MD5 and SHA-1 are replaced by SHA-256, as the RFC says. For a signature with no hash of its own
    (Ed25519), which the RFC leaves open, SHA-256 is taken as well.

    Raises:
        ValueError: It is no certificate.
    """
    digest = Hash(_hash_of(x509.load_der_x509_certificate(der_certificate)))
    digest.update(der_certificate)
    return digest.finalize()


def _hash_of(certificate: x509.Certificate) -> HashAlgorithm:
    try:
        algorithm = certificate.signature_hash_algorithm
    except UnsupportedAlgorithm:
        return SHA256()
    return SHA256() if algorithm is None or isinstance(algorithm, MD5 | SHA1) else algorithm
