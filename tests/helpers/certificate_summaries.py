"""Certificates as the client shows them."""

from datetime import UTC, datetime

from communicator.state.connection import CertificateSummary

FINGERPRINT = "A13F09C27B5EDD1054C7729E1B0A66F3" * 2


def certificate_summary(
    *, names: tuple[str, ...] = ("capulet.internal",), pem: str = ""
) -> CertificateSummary:
    """Return the certificate of an office."""
    return CertificateSummary(
        subject=names[0],
        issuer="Capulet Office Authority",
        names=names,
        not_before=datetime(2026, 5, 3, tzinfo=UTC),
        not_after=datetime(2027, 6, 3, tzinfo=UTC),
        fingerprint=FINGERPRINT,
        pem=pem,
    )
