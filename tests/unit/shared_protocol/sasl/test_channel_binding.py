import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding

from shared_protocol.sasl import channel_binding
from shared_protocol.sasl.channel_binding import tls_server_end_point


def certificate(key: Any, algorithm: Any) -> bytes:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "montague.lit")])
    now = datetime(2026, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder(
        subject_name=name,
        issuer_name=name,
        public_key=key.public_key(),
        serial_number=1,
        not_valid_before=now,
        not_valid_after=now + timedelta(days=1),
    )
    return builder.sign(key, algorithm).public_bytes(Encoding.DER)


@pytest.mark.parametrize(
    ("algorithm", "name"),
    [
        (hashes.SHA256(), "sha256"),
        (hashes.SHA384(), "sha384"),
        (hashes.SHA512(), "sha512"),
        (hashes.SHA3_256(), "sha3_256"),
    ],
)
def test_binding_is_the_certificates_hash_by_the_hash_of_its_signature(
    algorithm: Any, name: str
) -> None:
    """RFC 5929, section 4.1."""
    der = certificate(ec.generate_private_key(ec.SECP256R1()), algorithm)

    assert tls_server_end_point(der) == hashlib.new(name, der).digest()


def test_signature_without_a_hash_is_bound_by_sha_256() -> None:
    der = certificate(ed25519.Ed25519PrivateKey.generate(), None)

    assert tls_server_end_point(der) == hashlib.sha256(der).digest()


class OldCertificate:
    """A certificate that nobody may sign any more: SHA-1, or something never heard of."""

    def __init__(self, algorithm: hashes.HashAlgorithm | None) -> None:
        self._algorithm = algorithm

    @property
    def signature_hash_algorithm(self) -> hashes.HashAlgorithm:
        if self._algorithm is None:
            message = "never heard of"
            raise UnsupportedAlgorithm(message)
        return self._algorithm


@pytest.mark.parametrize("algorithm", [hashes.SHA1(), hashes.MD5(), None])  # noqa: S303 - the case
def test_weak_and_unknown_hashes_are_replaced_by_sha_256(
    algorithm: hashes.HashAlgorithm | None,
) -> None:
    """RFC 5929, section 4.1."""
    found = channel_binding._hash_of(OldCertificate(algorithm))  # type: ignore[arg-type]

    assert isinstance(found, hashes.SHA256)


def test_bytes_that_are_no_certificate_are_refused() -> None:
    with pytest.raises(ValueError, match=r"(?i)asn1|parsing"):
        tls_server_end_point(b"hello")
