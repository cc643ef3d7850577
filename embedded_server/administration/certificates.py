"""The office authority and the certificate that it gives its own server (RFC 5280).

Whoever trusts the authority trusts it for this office's domain only: its name constraints are
critical. Its public key is the office's identity; the server's certificate may change at any time.
"""

import datetime
from dataclasses import dataclass
from pathlib import Path

import idna
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from embedded_server.administration.private_files import write_private, write_public
from embedded_server.administration.setup_errors import CertificateError

AUTHORITY_CERTIFICATE = "ca.pem"
AUTHORITY_KEY = "office-authority.pem"
SERVER_CHAIN = "server.pem"
SERVER_KEY = "server.key"
SUB_DOMAINS = ("conference", "upload", "pubsub")

_AUTHORITY_DAYS = 3_650
_SERVER_DAYS = 397  # the longest that some programs accept
_RENEWAL_DAYS = 30
_LONGEST_COMMON_NAME = 64  # RFC 5280, appendix A.1
_DAY = datetime.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Authority:
    """The authority of an office, with its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def create_certificates(folder: Path, domain: str) -> None:
    """Make authority, certificate and keys of a new office.

    Raises:
        OSError: A file cannot be written.
    """
    authority = _new_authority(domain)
    write_private(folder / AUTHORITY_KEY, _key_pem(authority.key))
    write_public(folder / AUTHORITY_CERTIFICATE, _pem(authority.certificate))
    _issue(folder, domain, authority)


def renew_if_due(folder: Path, domain: str) -> bool:
    """Give the server a new certificate if the old one ends within 30 days; tell whether.

    Raises:
        CertificateError: A file is missing, damaged, or for another domain.
    """
    check_certificates(folder, domain)
    certificate = _read_certificate(folder / SERVER_CHAIN)
    if certificate.not_valid_after_utc - _now() > _RENEWAL_DAYS * _DAY:
        return False
    try:
        _issue(folder, domain, _read_authority(folder))
    except OSError as error:
        message = f"The certificate is due, and {folder} cannot be written: {error.strerror}."
        raise CertificateError(message) from error
    return True


def check_certificates(folder: Path, domain: str) -> None:
    """Check that certificate and key belong together and name the domain.

    Whether the time is over is not asked here: ``renew_if_due`` cures that.

    Raises:
        CertificateError: They do not, or a file is missing or damaged.
    """
    chain, key_path = folder / SERVER_CHAIN, folder / SERVER_KEY
    certificate = _read_certificate(chain)
    if _read_key(key_path).public_key() != certificate.public_key():
        message = f"{chain} and {key_path} do not belong together: restore both from a backup."
        raise CertificateError(message)
    names = _names_in(certificate)
    missing = [name for name in _names(domain) if name not in names]
    if missing:
        message = (
            f"The certificate {chain} does not name {missing[0]}: restore it from a backup, or "
            "set server.domain back."
        )
        raise CertificateError(message)


def _issue(folder: Path, domain: str, authority: Authority) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    names = [x509.DNSName(name) for name in _names(domain)]
    certificate = (
        _builder(_names(domain)[0], authority.certificate.subject, key, _SERVER_DAYS)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(is_authority=False), critical=True)
        .add_extension(
            # The client's half is for connections to other servers (XEP-0178).
            x509.ExtendedKeyUsage(
                [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
            ),
            critical=False,
        )
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()),
            critical=False,
        )
        .sign(authority.key, hashes.SHA256())
    )
    # The key goes first: after a crash between the two files the check says what is wrong, and
    # the old pair is in every backup.
    write_private(folder / SERVER_KEY, _key_pem(key))
    write_public(folder / SERVER_CHAIN, _pem(certificate) + _pem(authority.certificate))


def _new_authority(domain: str) -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    ascii_domain = _ascii(domain)
    name = _name(f"Office {ascii_domain}")
    certificate = (
        _builder(f"Office {ascii_domain}", name, key, _AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(
            x509.NameConstraints([x509.DNSName(ascii_domain), x509.DNSName("localhost")], None),
            critical=True,
        )
        .add_extension(_key_usage(is_authority=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return Authority(certificate, key)


def _builder(
    subject: str, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, days: int
) -> x509.CertificateBuilder:
    now = _now()
    return (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _DAY)  # a colleague's clock may be behind
        .not_valid_after(now + days * _DAY)
    )


def _key_usage(*, is_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        encipher_only=False,
        decipher_only=False,
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text[:_LONGEST_COMMON_NAME])])


def _names(domain: str) -> list[str]:
    ascii_domain = _ascii(domain)
    names = [ascii_domain, *(f"{one}.{ascii_domain}" for one in SUB_DOMAINS), "localhost"]
    return list(dict.fromkeys(names))


def _ascii(domain: str) -> str:
    """Certificates carry A-labels (RFC 5280, section 7.2)."""
    return domain if domain.isascii() else idna.encode(domain).decode("ascii")


def _names_in(certificate: x509.Certificate) -> list[str]:
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return []
    return extension.value.get_values_for_type(x509.DNSName)


def _read_authority(folder: Path) -> Authority:
    return Authority(
        _read_certificate(folder / AUTHORITY_CERTIFICATE), _read_key(folder / AUTHORITY_KEY)
    )


def _read_certificate(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except OSError as error:
        message = f"The certificate {path} cannot be read ({error.strerror}): restore it."
        raise CertificateError(message) from error
    except ValueError as error:
        message = f"{path} holds no certificate in PEM form: restore it from a backup."
        raise CertificateError(message) from error


def _read_key(path: Path) -> ec.EllipticCurvePrivateKey:
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        message = f"The key {path} cannot be read ({error.strerror}): restore it."
        raise CertificateError(message) from error
    except (ValueError, TypeError) as error:
        message = f"{path} holds no key in PEM form: restore it from a backup."
        raise CertificateError(message) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        message = f"{path} is no key of an elliptic curve, as this office uses: restore it."
        raise CertificateError(message)
    return key


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.PEM)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
