import socket

import pytest

from communicator.session.stream.negotiation import server_name_of
from communicator.session.stream.server_lookup import Endpoint, endpoints_of
from communicator.state.account import Account
from shared_protocol.addresses import BareJid
from tests.helpers.private_authority import LOOPBACK

ROMEO = BareJid.parse("romeo@montague.lit")


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("account", "port"),
    [
        (Account(ROMEO, host=LOOPBACK), 5222),
        (Account(ROMEO, host=LOOPBACK, is_direct_tls=True), 5223),
        (Account(ROMEO, host=LOOPBACK, port=443, is_direct_tls=True), 443),
    ],
)
async def test_what_the_account_says_is_all_that_is_tried(account: Account, port: int) -> None:
    found = await endpoints_of(account)
    assert found == [Endpoint(LOOPBACK, LOOPBACK, port, account.is_direct_tls)]


@pytest.mark.asyncio
async def test_a_name_that_is_not_known_is_an_error_of_names() -> None:
    with pytest.raises(socket.gaierror):
        await endpoints_of(Account(ROMEO, host="nobody.invalid", port=5222))


@pytest.mark.parametrize(
    ("domain", "name"),
    [
        ("montague.lit", "montague.lit"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("127.0.0.1", "127.0.0.1"),
        ("[::1]", "::1"),
    ],
)
def test_the_certificate_must_be_for_the_accounts_domain(domain: str, name: str) -> None:
    """RFC 6120, section 13.7.1.2: the domain of the address, not the host that was looked up."""
    assert server_name_of(BareJid.parse(f"romeo@{domain}")) == name


@pytest.mark.parametrize(
    ("address", "is_near"),
    [
        ("192.168.1.20", True),
        ("fd12:3456::1", True),
        ("fe80::1%eth0", True),
        ("127.0.0.1", False),
        ("8.8.8.8", False),
        ("office", False),
    ],
)
def test_a_computer_of_the_own_network_is_near(address: str, *, is_near: bool) -> None:
    """Silence there means that the computer is off, and not that a firewall blocks a port."""
    assert Endpoint("office", address, 5222, is_direct_tls=False).is_near is is_near
