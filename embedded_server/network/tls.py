"""TLS for clients: version 1.2 or 1.3, AEAD ciphers, no renegotiation, no compression (RFC 7590).

Session tickets are not issued in TLS 1.3: clients that stay for days gain little by resumption,
while the two tickets cost time at each login and keep a key alive as long as the process. TLS 1.2
keeps its tickets, because without them OpenSSL would store each session in memory.
"""

import ssl
from dataclasses import dataclass
from pathlib import Path

from embedded_server.network.errors import CertificateUnusableError
from shared_protocol.sasl.channel_binding import tls_server_end_point

_CIPHERS_OF_TLS_1_2 = "ECDHE+AESGCM:ECDHE+CHACHA20"
ALPN_OF_DIRECT_TLS = "xmpp-client"  # XEP-0368, section 2
ALPN_OF_HTTP = "http/1.1"  # RFC 7301, section 6


@dataclass(frozen=True, slots=True)
class ServerTls:
    """What a server shows of itself in TLS.

    Attributes:
        channel_binding: Data of ``tls-server-end-point`` for logins over this certificate.
    """

    context: ssl.SSLContext
    channel_binding: bytes

    @classmethod
    def load(cls, certificate: Path, key: Path, protocol: str = ALPN_OF_DIRECT_TLS) -> "ServerTls":
        """Read a certificate, with its chain behind it, and its key; both PEM.

        Args:
            certificate: The chain.
            key: Of its first certificate.
            protocol: What is spoken behind TLS, as ALPN calls it (RFC 7301).

        Raises:
            CertificateUnusableError: They cannot be read or do not belong together.
        """
        try:
            context = server_context(certificate, key, protocol)
            first = _first_certificate(certificate.read_text(encoding="ascii"))
        except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
            message = f"{certificate} and {key} are no certificate and its key: {error}"
            raise CertificateUnusableError(message) from error
        return cls(context, tls_server_end_point(first))


def server_context(
    certificate: Path, key: Path, protocol: str = ALPN_OF_DIRECT_TLS
) -> ssl.SSLContext:
    """Make the context of a listener; the files are read now and not again."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= (
        ssl.OP_NO_RENEGOTIATION
        | ssl.OP_NO_COMPRESSION
        | ssl.OP_CIPHER_SERVER_PREFERENCE
        | ssl.OP_SINGLE_ECDH_USE
    )
    context.set_ciphers(_CIPHERS_OF_TLS_1_2)
    context.set_alpn_protocols([protocol])
    context.num_tickets = 0
    context.load_cert_chain(certificate, key)
    return context


def _first_certificate(pem: str) -> bytes:
    begin = pem.index(ssl.PEM_HEADER)
    end = pem.index(ssl.PEM_FOOTER, begin) + len(ssl.PEM_FOOTER)
    return ssl.PEM_cert_to_DER_cert(pem[begin:end])
