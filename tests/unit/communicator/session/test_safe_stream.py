"""What a hostile server tries before and during the login (docs/security.md, rows 17 to 25)."""

import base64
import logging
from collections.abc import Callable

import pytest

from communicator.session.errors import ConnectionFailedError
from communicator.session.slixmpp_session import SlixmppSession
from communicator.session.stream.connector import Connector
from communicator.state.connection import ConnectionTrouble, TroubleKind
from shared_protocol.namespaces import SASL, TLS
from tests.helpers.online_session import account_at
from tests.helpers.private_authority import IssuedCertificate, PrivateAuthority
from tests.helpers.scripted_server import (
    BIND_FEATURE,
    BINDINGS,
    FORGED,
    HEADER,
    PASSWORD,
    PROCEED,
    STARTTLS,
    Script,
    ScriptedPeer,
    ScriptedServer,
    mechanisms,
    scripted_server,
)
from tests.helpers.session_diary import Diary, until

pytestmark = [pytest.mark.asyncio, pytest.mark.network]

LEVELS = "".join(f"<!ENTITY a{i} '{f'&a{i - 1};' * 10}'>" for i in range(1, 10))
BOMB = f"<?xml version='1.0'?><!DOCTYPE s [<!ENTITY a0 'lol'>{LEVELS}]>{HEADER[21:]}"
SECRETS = (PASSWORD.encode(), base64.b64encode(b"\0romeo\0" + PASSWORD.encode())[4:-4])


class Attempt:
    """What came of a login at a scripted server."""

    def __init__(self) -> None:
        self.session = SlixmppSession(Connector(address_seconds=5, login_seconds=5))
        self.diary = Diary(self.session)

    async def fail(
        self, server: ScriptedServer, authority: PrivateAuthority | None, *, direct: bool = False
    ) -> ConnectionTrouble:
        account = account_at(server, authority, is_direct_tls=direct)
        with pytest.raises(ConnectionFailedError) as raised:
            await self.session.connect(account, PASSWORD)
        return raised.value.trouble

    def heard_nothing(self) -> bool:
        return all(values == [] for values in vars(self.diary).values())


def in_clear(text: str | bytes) -> Script:
    """A script that says this at once, in clear text."""

    async def script(peer: ScriptedPeer) -> None:
        await peer.read_until("<stream:stream[^>]*>")
        await peer.send(text)

    return script


def after_login(text: str) -> Script:
    """A script that says this where the answer to bind should come."""

    async def script(peer: ScriptedPeer) -> None:
        await peer.encrypt()
        await peer.authenticate()
        await peer.offer(BIND_FEATURE)
        await peer.read_until("</iq>")
        await peer.send(text)

    return script


HOSTILE_BEFORE_TLS = {
    "stanzas": HEADER + FORGED,
    "a login": f"{HEADER}<success xmlns='{SASL}'/>",
    "a bomb of entities": BOMB + "<message><body>&a9;</body></message>",
    "a comment": HEADER + "<!-- Mercutio -->",
    "a body without end": HEADER + "<stream:features>" + "A" * 300_000,
    "nothing but depth": HEADER + "<stream:features>" + "<a>" * 200_000,
    "another root": "<html>",
    "text": HEADER + "hello",
}


@pytest.mark.parametrize("said", HOSTILE_BEFORE_TLS.values(), ids=HOSTILE_BEFORE_TLS.keys())
async def test_nothing_but_features_is_heard_before_tls(
    said: str, authority: PrivateAuthority, certificate: IssuedCertificate
) -> None:
    """RFC 6120, section 4.3.2: features come first; the prototype showed what slixmpp lets in."""
    attempt = Attempt()
    async with scripted_server(in_clear(said), certificate) as server:
        trouble = await attempt.fail(server, authority)
    assert trouble.kind is TroubleKind.PROTOCOL
    assert attempt.heard_nothing()
    assert b"pay 4711" not in server.heard
    assert len(server.heard) < 600


async def test_r17_the_gate_is_closed_again_at_the_second_connection_of_one_session(
    authority: PrivateAuthority, certificate: IssuedCertificate
) -> None:
    attempt = Attempt()

    async def script(peer: ScriptedPeer) -> None:
        if len(server.peers) > 1:
            await in_clear(HEADER + FORGED)(peer)
            return
        await peer.welcome()
        await peer.answer("disco#info")

    async with scripted_server(script, certificate) as server:
        await attempt.session.connect(account_at(server, authority), PASSWORD)
        attempt.diary.connected.clear()
        server.peers[0].abort()
        await until(lambda: attempt.diary.disconnected)
        attempt.diary.disconnected.clear()
        trouble = await attempt.fail(server, authority)
    assert trouble.kind is TroubleKind.PROTOCOL
    assert attempt.heard_nothing()


@pytest.mark.parametrize(
    "behind", [FORGED, HEADER + FORGED, " ", "<stream:features/>"], ids=lambda it: it[:9]
)
async def test_r19_bytes_behind_proceed_end_the_connection(
    behind: str, authority: PrivateAuthority, certificate: IssuedCertificate
) -> None:
    """STARTTLS injection (CVE-2011-0411 and its kind): nothing of the clear text may survive."""
    attempt = Attempt()

    async def script(peer: ScriptedPeer) -> None:
        await peer.offer(STARTTLS)
        await peer.read_until("<starttls[^>]*/>")
        await peer.send(PROCEED + behind)

    async with scripted_server(script, certificate) as server:
        trouble = await attempt.fail(server, authority)
    assert trouble.kind is TroubleKind.PROTOCOL
    assert attempt.heard_nothing()


@pytest.mark.parametrize("features", [mechanisms("PLAIN"), mechanisms("SCRAM-SHA-256"), ""])
async def test_r18_without_starttls_no_credential_leaves(
    features: str, authority: PrivateAuthority, certificate: IssuedCertificate
) -> None:
    attempt = Attempt()

    async def script(peer: ScriptedPeer) -> None:
        await peer.offer(features)

    async with scripted_server(script, certificate) as server:
        trouble = await attempt.fail(server, authority)
    assert trouble.kind is TroubleKind.NO_ENCRYPTION
    assert b"<auth" not in server.heard


async def test_a_refused_starttls_is_no_encryption(
    authority: PrivateAuthority, certificate: IssuedCertificate
) -> None:
    async def script(peer: ScriptedPeer) -> None:
        await peer.offer(STARTTLS)
        await peer.read_until("<starttls[^>]*/>")
        await peer.send(f"<failure xmlns='{TLS}'/></stream:stream>")

    async with scripted_server(script, certificate) as server:
        trouble = await Attempt().fail(server, authority)
    assert trouble.kind is TroubleKind.NO_ENCRYPTION


async def test_direct_tls_never_falls_back_to_clear_text(
    authority: PrivateAuthority, certificate: IssuedCertificate
) -> None:
    async def script(peer: ScriptedPeer) -> None:
        await peer.send(HEADER)  # no TLS here

    async with scripted_server(script, certificate) as server:
        trouble = await Attempt().fail(server, authority, direct=True)
        assert len(server.peers) == 1
    assert trouble.kind is TroubleKind.NO_ENCRYPTION
    assert b"<stream" not in server.heard


@pytest.mark.parametrize("iterations", [1, 4_095, 1_000_001, 10**9])
async def test_r24_numbers_of_iterations_out_of_bounds_are_refused(
    iterations: int, authority: PrivateAuthority, certificate: IssuedCertificate
) -> None:
    """RFC 5802, section 9: too few give the password away, too many stop the program."""

    async def script(peer: ScriptedPeer) -> None:
        await peer.encrypt()
        await peer.offer(mechanisms("SCRAM-SHA-256"))
        first = base64.b64decode((await peer.read_until(">([^<]+)</auth>"))[1]).decode()
        challenge = f"{first[first.index('r=') :]}x,s=c2FsdA==,i={iterations}".encode()
        written = base64.b64encode(challenge).decode()
        await peer.send(f"<challenge xmlns='{SASL}'>{written}</challenge>")

    async with scripted_server(script, certificate) as server:
        trouble = await Attempt().fail(server, authority)
    assert trouble.kind is TroubleKind.PROTOCOL
    assert b"<response" not in server.heard


@pytest.mark.parametrize("proof", ["", "dj1BQUFB", "dj0=", "!"], ids=str)
async def test_r25_success_without_proof_is_a_failed_login(
    proof: str, authority: PrivateAuthority, certificate: IssuedCertificate
) -> None:
    """RFC 5802, section 5: the client MUST authenticate the server by its signature."""

    async def script(peer: ScriptedPeer) -> None:
        await peer.encrypt()
        await peer.offer(mechanisms("SCRAM-SHA-256"))
        first = base64.b64decode((await peer.read_until(">([^<]+)</auth>"))[1]).decode()
        challenge = f"{first[first.index('r=') :]}x,s=c2FsdA==,i=4096".encode()
        written = base64.b64encode(challenge).decode()
        await peer.send(f"<challenge xmlns='{SASL}'>{written}</challenge>")
        await peer.read_until("</response>")
        await peer.send(f"<success xmlns='{SASL}'>{proof}</success>")

    attempt = Attempt()
    async with scripted_server(script, certificate) as server:
        await attempt.fail(server, authority)
    assert server.heard.count(b"<stream:stream") == 2  # none after the success
    assert attempt.heard_nothing()


async def test_r25_success_instead_of_a_challenge_is_a_failed_login(
    authority: PrivateAuthority, certificate: IssuedCertificate
) -> None:
    async def script(peer: ScriptedPeer) -> None:
        await peer.encrypt()
        await peer.offer(mechanisms("SCRAM-SHA-256"))
        await peer.read_until("</auth>")
        await peer.send(f"<success xmlns='{SASL}'/>")

    async with scripted_server(script, certificate) as server:
        trouble = await Attempt().fail(server, authority)
    assert trouble.kind is TroubleKind.PROTOCOL


async def test_stanzas_between_tls_and_login_are_not_heard(
    authority: PrivateAuthority, certificate: IssuedCertificate
) -> None:
    async def script(peer: ScriptedPeer) -> None:
        await peer.encrypt()
        await peer.offer(mechanisms("SCRAM-SHA-256"))
        await peer.send(FORGED)

    attempt = Attempt()
    async with scripted_server(script, certificate) as server:
        trouble = await attempt.fail(server, authority)
    assert trouble.kind is TroubleKind.PROTOCOL
    assert attempt.heard_nothing()


@pytest.mark.parametrize(
    "said",
    [FORGED, "<iq type='result' id='guessed'/>", "<iq type='set' id='p'><query/></iq>"],
    ids=["stanzas", "another result", "a push"],
)
async def test_stanzas_between_login_and_bind_are_not_heard(
    said: str, authority: PrivateAuthority, certificate: IssuedCertificate
) -> None:
    attempt = Attempt()
    async with scripted_server(after_login(said), certificate) as server:
        trouble = await attempt.fail(server, authority)
    assert trouble.kind is TroubleKind.PROTOCOL
    assert attempt.heard_nothing()


async def test_another_account_than_the_own_is_not_bound(
    authority: PrivateAuthority, certificate: IssuedCertificate
) -> None:
    async def script(peer: ScriptedPeer) -> None:
        await peer.encrypt()
        await peer.authenticate()
        await peer.offer(BIND_FEATURE)
        found = await peer.read_until("<iq[^>]*id='([^']*)'.*</iq>")
        await peer.send(
            f"<iq type='result' id='{found[1]}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
            "<jid>tybalt@montague.lit/x</jid></bind></iq>"
        )

    async with scripted_server(script, certificate) as server:
        trouble = await Attempt().fail(server, authority)
    assert trouble.kind is TroubleKind.PROTOCOL


async def test_stanzas_right_behind_the_answer_to_bind_are_heard_after_connected(
    authority: PrivateAuthority, certificate: IssuedCertificate
) -> None:
    """RFC 6120, section 7.1: from the binding on the server may send stanzas."""
    heard: list[str] = []
    attempt = Attempt()
    attempt.session.connected.connect(lambda _: heard.append("connected"))
    attempt.session.message_received.connect(lambda it: heard.append(it.body))

    async def script(peer: ScriptedPeer) -> None:
        await peer.encrypt()
        await peer.authenticate()
        await peer.bind(
            behind="<message from='juliet@capulet.lit/b' type='chat'><body>hi</body></message>"
        )

    async with scripted_server(script, certificate) as server:
        await attempt.session.connect(account_at(server, authority), PASSWORD)
        await until(lambda: len(heard) > 1)
        await attempt.session.disconnect()
    assert heard == ["connected", "hi"]


async def test_plain_is_used_in_tls_where_no_scram_is_offered(
    authority: PrivateAuthority, certificate: IssuedCertificate
) -> None:
    assert await chosen(("PLAIN",), "", authority, certificate) == "PLAIN"


@pytest.mark.parametrize(
    ("offered", "features", "expected"),
    [
        (("PLAIN", "SCRAM-SHA-1"), "", "SCRAM-SHA-1"),
        (("SCRAM-SHA-1", "SCRAM-SHA-256", "CRAM-MD5", "DIGEST-MD5"), "", "SCRAM-SHA-256"),
        (("SCRAM-SHA-1", "SCRAM-SHA-1-PLUS"), BINDINGS, "SCRAM-SHA-1-PLUS"),
        (("SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"), BINDINGS, "SCRAM-SHA-256-PLUS"),
        # ejabberd 23.01 offers PLUS without saying which binding it means
        (("SCRAM-SHA-1", "SCRAM-SHA-1-PLUS"), "", "SCRAM-SHA-1"),
    ],
)
async def test_the_strongest_login_is_chosen(
    offered: tuple[str, ...],
    features: str,
    expected: str,
    authority: PrivateAuthority,
    certificate: IssuedCertificate,
) -> None:
    assert await chosen(offered, features, authority, certificate) == expected


async def chosen(
    offered: tuple[str, ...],
    features: str,
    authority: PrivateAuthority,
    certificate: IssuedCertificate,
) -> str:
    """Log in with this on offer; return what was used."""
    attempt = Attempt()

    async def script(peer: ScriptedPeer) -> None:
        await peer.encrypt()
        await peer.authenticate(*offered, features=features)
        await peer.bind()

    async with scripted_server(script, certificate) as server:
        await attempt.session.connect(account_at(server, authority), PASSWORD)
        await attempt.session.disconnect()
        return server.peers[0].mechanism


async def test_r23_an_account_that_had_scram_is_not_talked_into_plain(
    authority: PrivateAuthority, certificate: IssuedCertificate
) -> None:
    attempt = Attempt()

    async def script(peer: ScriptedPeer) -> None:
        await peer.encrypt()
        if len(server.peers) > 1:
            await peer.offer(mechanisms("PLAIN"))
            return
        await peer.authenticate()
        await peer.bind()

    async with scripted_server(script, certificate) as server:
        await attempt.session.connect(account_at(server, authority), PASSWORD)
        await attempt.session.disconnect()
        trouble = await attempt.fail(server, authority)
    assert trouble.kind is TroubleKind.PROTOCOL
    assert b"<auth" not in server.peers[1].heard


async def test_a_wrong_password_is_told_as_such(
    authority: PrivateAuthority, certificate: IssuedCertificate
) -> None:
    async def script(peer: ScriptedPeer) -> None:
        await peer.encrypt()
        await peer.offer(mechanisms("SCRAM-SHA-256"))
        await peer.read_until("</auth>")
        await peer.send(f"<failure xmlns='{SASL}'><not-authorized/></failure>")

    async with scripted_server(script, certificate) as server:
        trouble = await Attempt().fail(server, authority)
    assert trouble.kind is TroubleKind.WRONG_PASSWORD


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("conflict", TroubleKind.REPLACED),
        ("system-shutdown", TroubleKind.SERVER_STOPPING),
        ("host-unknown", TroubleKind.UNKNOWN_HOST),
        ("connection-timeout", TroubleKind.LOST),
        ("not-well-formed", TroubleKind.PROTOCOL),
        ("something-new", TroubleKind.PROTOCOL),
    ],
)
async def test_stream_errors_are_told_in_the_words_of_the_state(
    said: str, kind: TroubleKind, authority: PrivateAuthority, certificate: IssuedCertificate
) -> None:
    """RFC 6120, section 4.9.3."""
    error = f"<stream:error><{said} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"
    async with scripted_server(in_clear(HEADER + error), certificate) as server:
        trouble = await Attempt().fail(server, authority)
    assert trouble.kind is kind


@pytest.mark.parametrize("cut", [Callable, None], ids=["closed", "silent"])
async def test_a_server_that_says_nothing_is_left(
    cut: object, authority: PrivateAuthority, certificate: IssuedCertificate
) -> None:
    session = SlixmppSession(Connector(address_seconds=5, login_seconds=0.2))

    async def script(peer: ScriptedPeer) -> None:
        if cut is not None:
            peer.abort()

    async with scripted_server(script, certificate) as server:
        with pytest.raises(ConnectionFailedError) as raised:
            await session.connect(account_at(server, authority), PASSWORD)
    expected = TroubleKind.LOST if cut is not None else TroubleKind.TIMED_OUT
    assert raised.value.trouble.kind is expected


async def test_nothing_secret_and_nothing_received_is_in_the_log(
    authority: PrivateAuthority, certificate: IssuedCertificate, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    async def script(peer: ScriptedPeer) -> None:
        await peer.encrypt()
        await peer.authenticate("PLAIN")
        await peer.bind(behind="<message><body>" + "Mercutio" * 100_000)

    attempt = Attempt()
    async with scripted_server(script, certificate) as server:
        await attempt.session.connect(account_at(server, authority), PASSWORD)
        await until(lambda: attempt.diary.disconnected)
    assert attempt.diary.disconnected[0].kind is TroubleKind.PROTOCOL
    assert "Mercutio" not in caplog.text
    assert not any(secret.decode() in caplog.text for secret in SECRETS)
    assert b"Mercutio" not in server.heard
