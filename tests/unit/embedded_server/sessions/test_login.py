"""Login and binding over real sockets (RFC 6120, sections 5 to 7)."""

import asyncio
import base64
import ssl

import pytest

from embedded_server.sessions.stream_context import StreamSettings
from shared_protocol.limits import LoginLimits
from shared_protocol.namespaces import SASL, TLS
from tests.helpers.certificates import TlsPair
from tests.helpers.echo_office import PASSWORD, EchoOffice, echo_office
from tests.helpers.wire_client import LoginRefusedError, StreamEndedError, WireClient

pytestmark = [pytest.mark.asyncio, pytest.mark.network]

PLAIN_OF_ROMEO = base64.b64encode(f"\0romeo\0{PASSWORD}".encode()).decode()


async def refusal_of(office: EchoOffice, name: str, password: str, mechanism: str) -> str:
    client = await office.connect_by_tls()
    await client.open_stream()
    with pytest.raises(LoginRefusedError) as refused:
        await client.authenticate(name, password, mechanism=mechanism)
    return str(refused.value)


@pytest.mark.parametrize(
    "mechanism",
    ["PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS"],
)
async def test_romeo_logs_in_by_every_mechanism_that_is_offered(
    tls: TlsPair, mechanism: str
) -> None:
    async with echo_office(tls) as office:
        romeo = await office.log_in("romeo@montague.lit/orchard", mechanism=mechanism)

        assert romeo.jid == "romeo@montague.lit/orchard"
        assert [str(session.full_jid) for session in office.directory] == [romeo.jid]


async def test_login_by_starttls_reaches_a_session(tls: TlsPair) -> None:
    async with echo_office(tls) as office:
        romeo = await WireClient.log_in(
            office.clear.port, "romeo@montague.lit/orchard", PASSWORD, tls=tls.client_context()
        )
        office.clients.append(romeo)

        assert romeo.jid == "romeo@montague.lit/orchard"


async def test_tls_1_2_is_spoken_and_1_1_is_not(tls: TlsPair) -> None:
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.load_verify_locations(cadata=tls.authority.pem)
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    async with echo_office(tls) as office:
        romeo = await WireClient.log_in(
            office.direct.port, "romeo@montague.lit", PASSWORD, tls=old, is_direct=True
        )
        office.clients.append(romeo)

        assert romeo.jid.startswith("romeo@montague.lit/")
    assert tls.server.context.minimum_version is ssl.TLSVersion.TLSv1_2


async def test_clear_text_offers_starttls_only_and_requires_it(tls: TlsPair) -> None:
    async with echo_office(tls) as office:
        client = await office.connect()

        await client.open_stream()

        assert [child.tag for child in client.features] == [f"{{{TLS}}}starttls"]
        assert client.features.find(f"{{{TLS}}}starttls/{{{TLS}}}required") is not None


async def test_login_in_clear_text_is_refused(tls: TlsPair) -> None:
    """Row 21 of the checklist: authentication before TLS."""
    async with echo_office(tls) as office:
        client = await office.connect()
        await client.open_stream()

        client.send(f"<auth xmlns='{SASL}' mechanism='PLAIN'>{PLAIN_OF_ROMEO}</auth>")

        assert await client.wait_for_end() == "not-authorized"


@pytest.mark.parametrize(
    "behind", ["<message/>", "<presence", f"<auth xmlns='{SASL}' mechanism='PLAIN'/>"]
)
async def test_bytes_behind_starttls_in_clear_end_the_stream(tls: TlsPair, behind: str) -> None:
    """Row 19; RFC 6120, section 5.4.3.1."""
    async with echo_office(tls) as office:
        client = await office.connect()
        await client.open_stream()

        client.send(f"<starttls xmlns='{TLS}'/>{behind}")

        await client.wait_for_end()
        assert all(element.tag != f"{{{TLS}}}proceed" for element in client.received)


async def test_bytes_sent_later_in_clear_break_the_handshake(tls: TlsPair) -> None:
    """Row 19: what a third party puts before the handshake is never taken for the client's."""
    async with echo_office(tls) as office:
        client = await office.connect()
        await client.open_stream()
        client.send(f"<starttls xmlns='{TLS}'/>")
        await client.receive()

        client.send("<message/>")
        await client.wait_for_end()

        assert office.host.frames == []


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256"])
async def test_wrong_password_and_unknown_name_are_refused_alike(
    tls: TlsPair, mechanism: str
) -> None:
    """Row 30; RFC 6120, section 13.11."""
    async with echo_office(tls) as office:
        known = await refusal_of(office, "romeo", "tybalt", mechanism)
        unknown = await refusal_of(office, "paris", "tybalt", mechanism)

    assert known == unknown == "not-authorized"


async def test_authzid_of_another_account_is_refused(tls: TlsPair) -> None:
    """Row 27; RFC 6120, section 6.3.8."""
    async with echo_office(tls) as office:
        client = await office.connect_by_tls()
        await client.open_stream()

        with pytest.raises(LoginRefusedError, match="invalid-authzid"):
            await client.authenticate(
                "romeo", PASSWORD, mechanism="PLAIN", authzid="juliet@montague.lit"
            )


@pytest.mark.parametrize(
    ("auth", "condition"),
    [
        (f"<auth xmlns='{SASL}' mechanism='CRAM-MD5'/>", "invalid-mechanism"),
        (f"<auth xmlns='{SASL}' mechanism='PLAIN'>romeo!</auth>", "incorrect-encoding"),
        (f"<auth xmlns='{SASL}' mechanism='PLAIN'>cm9tZW8=</auth>", "malformed-request"),
        (f"<abort xmlns='{SASL}'/>", "aborted"),
    ],
)
async def test_failed_login_says_why(tls: TlsPair, auth: str, condition: str) -> None:
    """RFC 6120, section 6.5."""
    async with echo_office(tls) as office:
        client = await office.connect_by_tls()
        await client.open_stream()

        client.send(auth)

        failure = await client.receive()
        assert failure.tag == f"{{{SASL}}}failure"
        assert [child.tag for child in failure] == [f"{{{SASL}}}{condition}"]


async def test_fifth_failed_login_ends_the_stream(tls: TlsPair) -> None:
    """RFC 6120, section 6.4.5."""
    async with echo_office(tls) as office:
        client = await office.connect_by_tls()
        await client.open_stream()
        for _ in range(5):
            client.send(f"<auth xmlns='{SASL}' mechanism='CRAM-MD5'/>")

        assert await client.wait_for_end() == "policy-violation"
        assert len(client.received) == 6  # the features and five failures


async def test_guesses_beyond_the_limit_are_not_looked_at_but_other_accounts_are(
    tls: TlsPair,
) -> None:
    """Row 31: at most 12 guesses are tried, a good device stays in."""
    settings = StreamSettings(logins=LoginLimits(failures=2))
    async with echo_office(tls, settings=settings) as office:
        for _ in range(2):
            assert await refusal_of(office, "romeo", "tybalt", "PLAIN") == "not-authorized"

        for mechanism in ("PLAIN", "SCRAM-SHA-256"):
            refusal = await refusal_of(office, "romeo", PASSWORD, mechanism)
            assert refusal == "temporary-auth-failure"
        juliet = await office.log_in("juliet@montague.lit/balcony")

        assert juliet.jid == "juliet@montague.lit/balcony"


async def test_resource_in_use_gets_another_and_nobody_is_thrown_out(tls: TlsPair) -> None:
    """RFC 6120, section 7.7.2.2; protocol.md, section 3.1."""
    async with echo_office(tls) as office:
        first = await office.log_in("romeo@montague.lit/orchard")
        second = await office.log_in("romeo@montague.lit/orchard")

        assert first.jid == "romeo@montague.lit/orchard"
        assert second.jid.startswith("romeo@montague.lit/orchard-")
        assert len(office.directory.sessions_of("romeo")) == 2


@pytest.mark.parametrize("wish", ["", "\N{ZERO WIDTH JOINER}", "x" * 1_024])
async def test_empty_or_malformed_resource_is_mended(tls: TlsPair, wish: str) -> None:
    """RFC 6120, section 7.7.2.1."""
    async with echo_office(tls) as office:
        romeo = await office.log_in(f"romeo@montague.lit/{wish}")

        assert len(romeo.jid) > len("romeo@montague.lit/")


async def test_too_many_resources_are_a_resource_constraint(tls: TlsPair) -> None:
    """RFC 6120, section 7.6.2.1."""
    async with echo_office(tls, settings=StreamSettings(most_resources=1)) as office:
        await office.log_in("romeo@montague.lit/orchard")

        second = await office.log_in("romeo@montague.lit/garden")

        assert second.jid == ""
        assert second.received[-1].get("type") == "error"


async def test_second_bind_is_refused_and_the_stream_goes_on(tls: TlsPair) -> None:
    """RFC 6120, section 7.4."""
    async with echo_office(tls) as office:
        romeo = await office.log_in("romeo@montague.lit/orchard")

        romeo.send(
            "<iq type='set' id='again'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>"
            "<message id='alive'/>"
        )

        assert (await romeo.receive_id("again")).get("type") == "error"
        assert (await romeo.receive_id("alive")).get("from") == romeo.jid


async def test_stanza_before_bind_ends_the_stream(tls: TlsPair) -> None:
    """RFC 6120, section 7.1."""
    async with echo_office(tls) as office:
        client = await office.connect_by_tls()
        await client.open_stream()
        await client.authenticate("romeo", PASSWORD)

        client.send("<message to='juliet@montague.lit'><body>Hist!</body></message>")

        assert await client.wait_for_end() == "not-authorized"
        assert office.host.frames == []


async def test_registration_is_answered_before_login_by_the_host(tls: TlsPair) -> None:
    async with echo_office(tls) as office:
        client = await office.connect_by_tls()
        await client.open_stream()

        client.send("<iq type='get' id='r1'><query xmlns='jabber:iq:register'/></iq>")

        assert (await client.receive_id("r1")).get("by") == "127.0.0.1"


async def test_what_follows_while_a_password_is_checked_waits_its_turn(tls: TlsPair) -> None:
    async with echo_office(tls) as office:
        client = await office.connect_by_tls()
        await client.open_stream()

        wrong = base64.b64encode(b"\0romeo\0tybalt").decode()
        for text in (wrong, PLAIN_OF_ROMEO):
            client.send(f"<auth xmlns='{SASL}' mechanism='PLAIN'>{text}</auth>")

        assert (await client.receive()).tag == f"{{{SASL}}}failure"
        assert (await client.receive()).tag == f"{{{SASL}}}success"


async def test_slow_negotiation_is_cut_by_an_absolute_deadline(tls: TlsPair) -> None:
    """Row 9: a byte now and then does not prolong it."""
    settings = StreamSettings(negotiation_seconds=0.2)
    async with echo_office(tls, settings=settings) as office:
        slow = await office.connect()
        mute = await office.connect()
        stalled = await office.connect()
        await stalled.open_stream()
        stalled.send(f"<starttls xmlns='{TLS}'/>")

        slow.send("<?xml version='1.0'?><stream:stream xmlns:stream='")
        conditions = await asyncio.gather(slow.wait_for_end(), mute.wait_for_end())
        await stalled.wait_for_end()

        assert conditions == ["connection-timeout", "connection-timeout"]


async def test_session_outlives_the_negotiation_deadline(tls: TlsPair) -> None:
    settings = StreamSettings(negotiation_seconds=0.5)
    async with echo_office(tls, settings=settings) as office:
        romeo = await office.log_in("romeo@montague.lit/orchard")
        mute = await office.connect()
        await mute.wait_for_end()  # so that the time is over

        romeo.send("<message id='still here'/>")

        assert (await romeo.receive_id("still here")).get("from") == romeo.jid


async def test_bind_of_an_account_that_was_deleted_meanwhile_is_refused(tls: TlsPair) -> None:
    async with echo_office(tls) as office:
        client = await office.connect_by_tls()
        await client.open_stream()
        await client.authenticate("romeo", PASSWORD)
        office.accounts.names.discard("romeo")

        with pytest.raises(StreamEndedError, match="not-authorized"):
            await client.bind("orchard")
