"""What a certificate that was not accepted says, for the page on which the user decides."""

import ssl
from contextlib import suppress
from itertools import pairwise
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from communicator.state.connection import CertificateSummary

_ENCODING_DER = 2  # of the private _ssl module


def presented_chain(tls: ssl.SSLObject) -> list[bytes]:
    """Return what the server presented, in DER, its own certificate first; checked by nobody."""
    public = getattr(tls, "get_unverified_chain", None)
    if public is not None:  # Python 3.13
        return [bytes(one) for one in public()]
    private: Any = getattr(tls, "_sslobj", None)
    found = private.get_unverified_chain() if private is not None else None
    return [bytes(one.public_bytes(_ENCODING_DER)) for one in found or ()]


def summary_of(chain: list[bytes]) -> CertificateSummary:
    """Summarise a chain.

    Names and dates are the server's; fingerprint and PEM are of what will be pinned: the
    authority at the end of the chain if it is whole, for it outlives the server's certificate,
    else the server's certificate.

    Raises:
        ValueError: A certificate cannot be read.
    """
    certificates = [x509.load_der_x509_certificate(one) for one in chain]
    server, pinned = certificates[0], _pinned(certificates)
    return CertificateSummary(
        subject=_common_name(server.subject) or next(iter(_names(server)), ""),
        issuer=_common_name(server.issuer),
        names=_names(server),
        not_before=server.not_valid_before_utc,
        not_after=server.not_valid_after_utc,
        fingerprint=pinned.fingerprint(SHA256()).hex().upper(),
        pem=pinned.public_bytes(Encoding.PEM).decode(),
        is_self_signed=server.subject == server.issuer,
    )


def is_for(summary: CertificateSummary, server_name: str) -> bool:
    """Return True if the certificate is for this name (RFC 9525, section 6.3)."""
    wanted = server_name.lower()
    _, _, parent = wanted.partition(".")
    names = {name.lower() for name in summary.names}
    return wanted in names or (bool(parent) and f"*.{parent}" in names)


def _pinned(certificates: list[x509.Certificate]) -> x509.Certificate:
    top = certificates[-1]
    if top.subject == top.issuer and _is_authority(top) and _is_whole(certificates):
        return top
    return certificates[0]


def _is_whole(certificates: list[x509.Certificate]) -> bool:
    try:
        for issued, issuer in pairwise(certificates):
            issued.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, ValueError):
        return False


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    names: list[str] = []
    with suppress(x509.ExtensionNotFound, ValueError):
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        names += found.get_values_for_type(x509.DNSName)
        names += map(str, found.get_values_for_type(x509.IPAddress))
    return tuple(names)


def _common_name(name: x509.Name) -> str:
    values = [one.value for one in name.get_attributes_for_oid(NameOID.COMMON_NAME)]
    return str(values[0]) if values else ""
