"""The account with which the user signs in."""

from dataclasses import dataclass, replace
from pathlib import Path

from shared_protocol.addresses import BareJid

DIRECT_TLS_PORT = 5223  # by custom; XEP-0368 gives no number


@dataclass(frozen=True, slots=True)
class Account:
    """One account of this profile; there is no password in it.

    Attributes:
        host, port: Where to connect if it is not what DNS says for the domain; empty and 0
            otherwise.
        is_direct_tls: True if ``port`` speaks TLS from the first byte (XEP-0368).
        authority_pem: Certificate that was pinned for this account: the office authority, or a
            certificate that the user compared by its fingerprint. None means the authorities of
            the system.
        are_dates_ignored: True if the user accepted that the pinned certificate is out of its
            time.
        is_office: True if this is an office of Parlour: its authority never changes.
        office_folder: Data folder of the office server, if this computer hosts it.
    """

    jid: BareJid
    display_name: str = ""
    host: str = ""
    port: int = 0
    is_direct_tls: bool = False
    authority_pem: str | None = None
    are_dates_ignored: bool = False
    is_office: bool = False
    office_folder: Path | None = None
    office_name: str = ""

    def placed_at(self, host: str, port: int) -> "Account":
        """Return the account with another place of its server; empty and 0 let DNS say it."""
        return replace(self, host=host, port=port, is_direct_tls=port == DIRECT_TLS_PORT)
