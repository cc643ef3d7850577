"""What a client trusts, and what it tells about what it does not (docs/security.md, row 20)."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from communicator.session.errors import ConnectionFailedError
from communicator.session.slixmpp_session import SlixmppSession
from communicator.state.account import Account
from communicator.state.connection import ConnectionTrouble, TroubleKind
from tests.helpers.foreign_programs import free_port
from tests.helpers.online_session import ROMEO
from tests.helpers.private_authority import LOOPBACK, IssuedCertificate, PrivateAuthority
from tests.helpers.scripted_server import DOMAIN, PASSWORD, ScriptedPeer, scripted_server

pytestmark = [pytest.mark.asyncio, pytest.mark.network]


async def encrypt(peer: ScriptedPeer) -> None:
    await peer.encrypt()


async def wait(_peer: ScriptedPeer) -> None:
    """Leave the word to the client."""


async def trouble_with(
    certificate: IssuedCertificate, pem: str | None, *, is_direct_tls: bool = False
) -> ConnectionTrouble:
    """Try to connect to a server with this certificate; check that no name leaves in TLS."""
    script = wait if is_direct_tls else encrypt
    async with scripted_server(script, certificate, is_direct_tls=is_direct_tls) as server:
        account = Account(
            ROMEO,
            host=LOOPBACK,
            port=server.port,
            is_direct_tls=is_direct_tls,
            authority_pem=pem,
        )
        with pytest.raises(ConnectionFailedError) as raised:
            await SlixmppSession().connect(account, PASSWORD)
        assert b"<auth" not in server.heard
        assert b"romeo" not in server.heard
        return raised.value.trouble


async def connects(certificate: IssuedCertificate, pem: str, *, is_direct_tls: bool) -> bool:
    async def script(peer: ScriptedPeer) -> None:
        if not is_direct_tls:
            await peer.encrypt()
        await peer.authenticate()
        await peer.bind()

    session = SlixmppSession()
    async with scripted_server(script, certificate, is_direct_tls=is_direct_tls) as server:
        account = Account(
            ROMEO,
            host=LOOPBACK,
            port=server.port,
            is_direct_tls=is_direct_tls,
            authority_pem=pem,
        )
        await session.connect(account, PASSWORD)
        is_connected = session.is_connected
        await session.disconnect()
    return is_connected


both_modes = pytest.mark.parametrize("is_direct_tls", [False, True], ids=["starttls", "direct"])


@both_modes
async def test_the_pinned_authority_is_trusted(
    authority: PrivateAuthority, certificate: IssuedCertificate, *, is_direct_tls: bool
) -> None:
    assert await connects(certificate, authority.pem, is_direct_tls=is_direct_tls)


@both_modes
async def test_an_unknown_authority_is_untrusted_and_its_certificate_is_shown(
    authority: PrivateAuthority, certificate: IssuedCertificate, *, is_direct_tls: bool
) -> None:
    trouble = await trouble_with(certificate, None, is_direct_tls=is_direct_tls)
    assert trouble.kind is TroubleKind.CERTIFICATE_UNTRUSTED
    shown = trouble.certificate
    assert shown is not None
    assert (shown.subject, shown.issuer) == (DOMAIN, authority.name)
    assert shown.names == (DOMAIN,)
    assert shown.pem == authority.pem  # what will be pinned outlives the server's certificate
    assert len(shown.fingerprint) == 64
    assert shown.not_before < datetime.now(UTC) < shown.not_after


async def test_what_was_shown_can_be_pinned(
    authority: PrivateAuthority, certificate: IssuedCertificate
) -> None:
    shown = (await trouble_with(certificate, None)).certificate
    assert shown is not None
    assert await connects(certificate, shown.pem, is_direct_tls=False)


async def test_without_its_authority_the_servers_own_certificate_is_shown_and_can_be_pinned(
    authority: PrivateAuthority,
) -> None:
    alone = authority.issue(DOMAIN, sends_authority=False)
    shown = (await trouble_with(alone, None)).certificate
    assert shown is not None
    assert shown.pem == alone.chain.read_text()
    assert await connects(alone, shown.pem, is_direct_tls=False)


@both_modes
async def test_another_authority_than_the_pinned_one_is_a_change(
    authority: PrivateAuthority, tmp_path: Path, *, is_direct_tls: bool
) -> None:
    impostor = PrivateAuthority(tmp_path, authority.name).issue(DOMAIN)
    trouble = await trouble_with(impostor, authority.pem, is_direct_tls=is_direct_tls)
    assert trouble.kind is TroubleKind.CERTIFICATE_CHANGED
    assert trouble.certificate is not None


@pytest.mark.parametrize("is_pinned", [False, True])
async def test_r20_a_certificate_for_another_name_is_told_with_that_name(
    authority: PrivateAuthority, *, is_pinned: bool
) -> None:
    other = authority.issue("capulet.lit", LOOPBACK)  # the address does not count, the domain does
    trouble = await trouble_with(other, authority.pem if is_pinned else None)
    assert trouble.kind is TroubleKind.CERTIFICATE_OTHER_NAME
    assert trouble.certificate is not None
    assert trouble.certificate.names == ("capulet.lit", LOOPBACK)


@pytest.mark.parametrize(
    "begins", [timedelta(days=-10), timedelta(days=5)], ids=["ended", "not begun"]
)
async def test_a_certificate_out_of_its_time_is_expired(
    authority: PrivateAuthority, begins: timedelta
) -> None:
    old = authority.issue(DOMAIN, begins=datetime.now(UTC) + begins, days=5)
    trouble = await trouble_with(old, authority.pem)
    assert trouble.kind is TroubleKind.CERTIFICATE_EXPIRED
    assert trouble.certificate is not None


async def test_nobody_at_the_port_is_refused() -> None:
    account = Account(ROMEO, host=LOOPBACK, port=free_port())
    with pytest.raises(ConnectionFailedError) as raised:
        await SlixmppSession().connect(account, PASSWORD)
    trouble = raised.value.trouble
    assert trouble.kind is TroubleKind.REFUSED
    assert (trouble.host, trouble.port) == (account.host, account.port)


async def test_a_name_that_nobody_has_is_an_unknown_host() -> None:
    account = Account(ROMEO, host="nobody.invalid", port=5222)
    with pytest.raises(ConnectionFailedError) as raised:
        await SlixmppSession().connect(account, PASSWORD)
    assert raised.value.trouble.kind in {TroubleKind.UNKNOWN_HOST, TroubleKind.NO_NETWORK}
