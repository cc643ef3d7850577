"""TLS for both ends of a test: what a server shows, and a client that trusts it."""

import ssl
from dataclasses import dataclass
from pathlib import Path

from embedded_server.network.tls import ServerTls
from tests.helpers.private_authority import IssuedCertificate, PrivateAuthority


@dataclass(frozen=True)
class TlsPair:
    """A server's certificate and the authority that a client trusts."""

    authority: PrivateAuthority
    files: IssuedCertificate
    server: ServerTls

    def client_context(
        self, *, most: ssl.TLSVersion = ssl.TLSVersion.MAXIMUM_SUPPORTED
    ) -> ssl.SSLContext:
        context = ssl.create_default_context(cadata=self.authority.pem)
        context.maximum_version = most
        return context


def make_tls_pair(folder: Path, *names: str) -> TlsPair:
    """Make an authority and one certificate for the names in a folder."""
    authority = PrivateAuthority(folder)
    files = authority.issue(*names)
    return TlsPair(authority, files, ServerTls.load(files.chain, files.key))
