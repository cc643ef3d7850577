"""What an account trusts when it speaks TLS."""

import ssl
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from communicator.state.account import Account

_NO_CHECK_TIME = 0x200000  # X509_V_FLAG_NO_CHECK_TIME of OpenSSL, which Python does not name
_ALPN_CLIENT = "xmpp-client"  # XEP-0368, section 3


def context_of(account: "Account", *, is_direct_tls: bool) -> ssl.SSLContext:
    """Make the context for an account: its pinned certificate and nothing else, or the system's.

    Raises:
        ssl.SSLError: The pinned certificate cannot be read.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # checks the chain and the host's name
    if account.authority_pem is None:
        context.load_default_certs(ssl.Purpose.SERVER_AUTH)
    else:
        context.load_verify_locations(cadata=account.authority_pem)
        # What the user compared may be a certificate that is no authority.
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        if account.are_dates_ignored:
            context.verify_flags |= _NO_CHECK_TIME
    _restrict(context, is_direct_tls=is_direct_tls)
    return context


def unverified_context(*, is_direct_tls: bool) -> ssl.SSLContext:
    """Make a context that accepts everybody: only to look at a certificate, never to log in."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    _restrict(context, is_direct_tls=is_direct_tls)
    return context


def _restrict(context: ssl.SSLContext, *, is_direct_tls: bool) -> None:
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    if is_direct_tls:
        context.set_alpn_protocols([_ALPN_CLIENT])
