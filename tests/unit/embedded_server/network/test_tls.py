"""What TLS allows (security.md, rows 10, 11 and 22)."""

import ssl
from pathlib import Path

import pytest
from cryptography import x509

from embedded_server.network.errors import CertificateUnusableError
from embedded_server.network.tls import ServerTls
from shared_protocol.sasl.channel_binding import tls_server_end_point
from tests.helpers.certificates import TlsPair


def test_only_ciphers_with_authenticated_encryption_are_offered(tls: TlsPair) -> None:
    ciphers = tls.server.context.get_ciphers()

    assert ciphers
    assert all(cipher["aead"] for cipher in ciphers)
    assert all(
        cipher["protocol"] == "TLSv1.3" or cipher["name"].startswith("ECDHE") for cipher in ciphers
    )


def test_old_versions_renegotiation_and_compression_are_off(tls: TlsPair) -> None:
    context = tls.server.context

    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert context.options & ssl.OP_NO_RENEGOTIATION
    assert context.options & ssl.OP_NO_COMPRESSION
    assert context.num_tickets == 0


def test_channel_binding_is_that_of_the_leaf_certificate(tls: TlsPair) -> None:
    """RFC 5929, section 4.1: the certificate of the server, not of its authority."""
    leaf = x509.load_pem_x509_certificates(tls.files.chain.read_bytes())[0]
    der = ssl.PEM_cert_to_DER_cert(tls.files.chain.read_text().partition("-----END")[0] + FOOTER)

    assert tls.server.channel_binding == tls_server_end_point(der)
    assert leaf.subject != leaf.issuer


FOOTER = "-----END CERTIFICATE-----"


def test_missing_or_foreign_files_are_told(tls: TlsPair, tmp_path: Path) -> None:
    broken = tmp_path / "server.pem"
    broken.write_text("no certificate")

    for certificate, key in ((tmp_path / "none.pem", tls.files.key), (broken, tls.files.key)):
        with pytest.raises(CertificateUnusableError, match="are no certificate and its key"):
            ServerTls.load(certificate, key)
