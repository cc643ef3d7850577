"""The account with which the user signs in."""

from dataclasses import dataclass
from pathlib import Path

from shared_protocol.addresses import BareJid


@dataclass(frozen=True, slots=True)
class Account:
    """One account of this profile; there is no password in it.

    Attributes:
        host, port: Where to connect if it is not what DNS says for the domain; empty and 0
            otherwise.
        is_direct_tls: True if ``port`` speaks TLS from the first byte (XEP-0368).
        authority_pem: Certificate that was pinned for this account: the office authority, or a
            certificate that the
            user compared by its fingerprint. None means the authorities of the system.
        office_folder: Data folder of the office server, if this computer hosts it.
    """

    jid: BareJid
    display_name: str = ""
    host: str = ""
    port: int = 0
    is_direct_tls: bool = False
    authority_pem: str | None = None
    office_folder: Path | None = None
    office_name: str = ""
