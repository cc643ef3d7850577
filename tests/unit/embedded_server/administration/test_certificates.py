import datetime
import ssl
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from embedded_server.administration.certificates import (
    AUTHORITY_CERTIFICATE,
    AUTHORITY_KEY,
    SERVER_CHAIN,
    SERVER_KEY,
    check_certificates,
    create_certificates,
    renew_if_due,
)
from embedded_server.administration.setup_errors import CertificateError

DOMAIN = "capulet.lit"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    create_certificates(tmp_path, DOMAIN)
    return tmp_path


def certificate_in(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def handshake(folder: Path, authority: Path, name: str) -> None:
    """Let a client that trusts one authority, and nothing else, connect to the server."""
    server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_context.load_cert_chain(folder / SERVER_CHAIN, folder / SERVER_KEY)
    client_context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client_context.load_verify_locations(authority)
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_context.wrap_bio(to_client, to_server, server_hostname=name)
    server = server_context.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(3):
        for side in (client, server):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    client.getpeercert()


@pytest.mark.parametrize(
    "name",
    [DOMAIN, "conference.capulet.lit", "upload.capulet.lit", "pubsub.capulet.lit", "localhost"],
)
def test_client_that_trusts_the_authority_accepts_every_name(folder: Path, name: str) -> None:
    handshake(folder, folder / AUTHORITY_CERTIFICATE, name)


def test_authority_of_another_office_of_the_same_name_is_refused(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("other")
    create_certificates(other, DOMAIN)

    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(folder, other / AUTHORITY_CERTIFICATE, DOMAIN)


def issue(
    folder: Path, change: Callable[[x509.CertificateBuilder], x509.CertificateBuilder]
) -> None:
    """Let the office's authority sign a certificate of another making."""
    authority = certificate_in(folder / AUTHORITY_CERTIFICATE)
    signing = load_pem_private_key((folder / AUTHORITY_KEY).read_bytes(), None)
    server_key = load_pem_private_key((folder / SERVER_KEY).read_bytes(), None)
    assert isinstance(signing, ec.EllipticCurvePrivateKey)
    assert isinstance(server_key, ec.EllipticCurvePrivateKey)
    now = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "server")]))
        .issuer_name(authority.subject)
        .public_key(server_key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=300))
        .not_valid_after(now + datetime.timedelta(days=100))
    )
    certificate = change(builder).sign(signing, hashes.SHA256())
    pem = certificate.public_bytes(Encoding.PEM) + authority.public_bytes(Encoding.PEM)
    (folder / SERVER_CHAIN).write_bytes(pem)


def named(*names: str) -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName([x509.DNSName(name) for name in names])


def test_authority_cannot_vouch_for_a_name_outside_the_office(folder: Path) -> None:
    """Hosting.md 3.1: critical name constraints."""
    issue(folder, lambda builder: builder.add_extension(named("montague.lit"), critical=False))

    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"):
        handshake(folder, folder / AUTHORITY_CERTIFICATE, "montague.lit")


def test_certificates_have_the_times_and_uses_of_the_design(folder: Path) -> None:
    authority = certificate_in(folder / AUTHORITY_CERTIFICATE)
    server = certificate_in(folder / SERVER_CHAIN)
    constraints = authority.extensions.get_extension_for_class(x509.NameConstraints)
    uses = server.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value

    assert constraints.critical
    assert (authority.not_valid_after_utc - authority.not_valid_before_utc).days == 3_651
    assert (server.not_valid_after_utc - server.not_valid_before_utc).days == 398
    assert set(uses) == {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH}
    chain = x509.load_pem_x509_certificates((folder / SERVER_CHAIN).read_bytes())
    assert chain == [server, authority]


def test_keys_are_for_their_owner_only(folder: Path) -> None:
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}

    assert modes == {
        AUTHORITY_KEY: 0o600,
        SERVER_KEY: 0o600,
        AUTHORITY_CERTIFICATE: 0o644,
        SERVER_CHAIN: 0o644,
    }


def test_domain_beyond_ascii_is_named_by_its_a_label(tmp_path: Path) -> None:
    """RFC 5280, section 7.2."""
    create_certificates(tmp_path, "münchen.example")

    check_certificates(tmp_path, "münchen.example")
    handshake(tmp_path, tmp_path / AUTHORITY_CERTIFICATE, "xn--mnchen-3ya.example")


def test_long_domain_fits_into_a_certificate(tmp_path: Path) -> None:
    domain = ".".join(["a" * 60] * 3)
    create_certificates(tmp_path, domain)

    handshake(tmp_path, tmp_path / AUTHORITY_CERTIFICATE, f"conference.{domain}")


def test_certificate_is_not_renewed_before_it_is_due(folder: Path) -> None:
    before = (folder / SERVER_CHAIN).read_bytes()

    assert not renew_if_due(folder, DOMAIN)
    assert (folder / SERVER_CHAIN).read_bytes() == before


@pytest.mark.parametrize("days", [29, -1])
def test_due_or_ended_certificate_is_renewed_by_the_same_authority(folder: Path, days: int) -> None:
    end = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=days)
    names = named(
        DOMAIN, f"conference.{DOMAIN}", f"upload.{DOMAIN}", f"pubsub.{DOMAIN}", "localhost"
    )

    def ending(builder: x509.CertificateBuilder) -> x509.CertificateBuilder:
        builder._not_valid_after = None
        return builder.not_valid_after(end).add_extension(names, critical=False)

    issue(folder, ending)
    authority = (folder / AUTHORITY_CERTIFICATE).read_bytes()

    assert renew_if_due(folder, DOMAIN)
    assert (folder / AUTHORITY_CERTIFICATE).read_bytes() == authority
    handshake(folder, folder / AUTHORITY_CERTIFICATE, DOMAIN)


def test_missing_or_damaged_file_is_named(folder: Path) -> None:
    for name in (SERVER_CHAIN, SERVER_KEY):
        content = (folder / name).read_bytes()
        (folder / name).write_text("Two households")
        with pytest.raises(CertificateError, match=f"{name} holds no"):
            renew_if_due(folder, DOMAIN)
        (folder / name).unlink()
        with pytest.raises(CertificateError, match=f"{name} cannot be read"):
            renew_if_due(folder, DOMAIN)
        (folder / name).write_bytes(content)


def test_key_of_another_certificate_is_refused(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("other")
    create_certificates(other, DOMAIN)
    (folder / SERVER_KEY).write_bytes((other / SERVER_KEY).read_bytes())

    with pytest.raises(CertificateError, match="do not belong together"):
        check_certificates(folder, DOMAIN)


def test_certificate_for_another_domain_is_refused(folder: Path) -> None:
    with pytest.raises(CertificateError, match=r"does not name montague\.lit"):
        check_certificates(folder, "montague.lit")
