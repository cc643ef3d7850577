"""The Extensible SASL Profile over real sockets (XEP-0388)."""

import pytest

from shared_protocol.namespaces import SASL, SASL2
from tests.helpers.certificates import TlsPair
from tests.helpers.echo_office import PASSWORD, EchoOffice, echo_office
from tests.helpers.extensible_client import (
    SUCCESS,
    authenticate,
    features_of,
    identifier,
    log_in_by_plain,
    log_in_by_scram,
)
from tests.helpers.wire_client import LoginRefusedError, StreamEndedError, WireClient

pytestmark = [pytest.mark.asyncio, pytest.mark.network]

MECHANISMS = ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN"]


async def stranger(office: EchoOffice, **header: str) -> WireClient:
    client = await office.connect_by_tls()
    await client.open_stream(**header)
    return client


async def test_both_profiles_are_offered_beside_each_other_in_tls_alone(tls: TlsPair) -> None:
    """Section 2.1; section 3: only after TLS negotiation."""
    async with echo_office(tls) as office:
        clear = await office.connect()
        await clear.open_stream()
        assert clear.features.find(f"{{{SASL2}}}authentication") is None

        client = await stranger(office)

        authentication = client.features.find(f"{{{SASL2}}}authentication")
        assert authentication is not None
        assert [one.text for one in authentication.iter(f"{{{SASL2}}}mechanism")] == MECHANISMS
        assert client.mechanisms == MECHANISMS
        assert len(client.features.findall("{urn:xmpp:sasl-cb:0}sasl-channel-binding")) == 1


async def test_extensible_login_in_clear_text_ends_the_stream(tls: TlsPair) -> None:
    async with echo_office(tls) as office:
        client = await office.connect()
        await client.open_stream()

        client.send(authenticate("PLAIN", b"\0romeo\0" + PASSWORD.encode()))

        assert await client.wait_for_end() == "not-authorized"


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN"])
async def test_login_needs_no_further_header_and_binding_follows(
    tls: TlsPair, mechanism: str
) -> None:
    """Section 2.6.1: success is immediately followed by features; no stream restart occurs."""
    async with echo_office(tls) as office:
        client = await stranger(office)

        if mechanism == "PLAIN":
            success = await log_in_by_plain(client, "romeo", PASSWORD)
        else:
            success = await log_in_by_scram(client, "romeo", PASSWORD, mechanism=mechanism)

        assert success.tag == SUCCESS
        assert identifier(success) == "romeo@montague.lit"
        assert (success.find(f"{{{SASL2}}}additional-data") is None) == (mechanism == "PLAIN")
        features = await features_of(client)
        assert features.find("{urn:ietf:params:xml:ns:xmpp-bind}bind") is not None
        await client.bind("orchard")
        client.send("<message id='on'><body>" + "x" * 20_000 + "</body></message>")
        assert (await client.receive_id("on")).get("from") == "romeo@montague.lit/orchard"


async def test_mechanism_without_initial_response_gets_an_empty_challenge(tls: TlsPair) -> None:
    """Section 2.2: the absence of an initial response is the absence of its element."""
    async with echo_office(tls) as office:
        client = await stranger(office)

        client.send(authenticate("PLAIN", None))
        challenge = await client.receive()
        client.send(f"<response xmlns='{SASL2}'>AHJvbWVvAHdoZXJlZm9yZSBhcnQgdGhvdQ==</response>")

        assert challenge.tag == f"{{{SASL2}}}challenge"
        assert not challenge.text
        assert (await client.receive()).tag == SUCCESS


@pytest.mark.parametrize(
    ("mechanism", "message", "condition"),
    [
        ("X-NONE", b"", "invalid-mechanism"),
        ("PLAIN", b"\0romeo\0wrong", "not-authorized"),
        ("PLAIN", b"\0nobody\0wrong", "not-authorized"),
        ("PLAIN", b"romeo", "malformed-request"),
        ("PLAIN", b"juliet@montague.lit\0romeo\0" + PASSWORD.encode(), "invalid-authzid"),
        ("SCRAM-SHA-256", b"n,a=juliet@montague.lit,n=romeo,r=abc", "invalid-authzid"),
    ],
)
async def test_failed_login_has_a_condition_of_the_rfc_and_leaves_the_stream_as_it_is(
    tls: TlsPair, mechanism: str, message: bytes, condition: str
) -> None:
    """Section 2.6.2; RFC 6120, sections 6.3.8 and 6.5: an authzid other than the account."""
    async with echo_office(tls) as office:
        client = await stranger(office)

        client.send(authenticate(mechanism, message, "<bind xmlns='urn:xmpp:bind:0'/>"))
        failure = await client.receive()

        assert failure[0].tag == f"{{{SASL}}}{condition}"
        assert not list(office.directory)  # inline features of a failed login are not processed
        assert (await log_in_by_plain(client, "romeo", PASSWORD)).tag == SUCCESS


async def test_what_is_no_base64_has_its_condition(tls: TlsPair) -> None:
    async with echo_office(tls) as office:
        client = await stranger(office)

        client.send(
            f"<authenticate xmlns='{SASL2}' mechanism='PLAIN'>"
            "<initial-response>%%</initial-response></authenticate>"
        )

        assert (await client.receive())[0].tag == f"{{{SASL}}}incorrect-encoding"


async def test_login_can_be_aborted_and_begun_anew_by_either_profile(tls: TlsPair) -> None:
    """Section 5.5."""
    async with echo_office(tls) as office:
        client = await stranger(office)
        client.send(authenticate("SCRAM-SHA-256", b"n,,n=romeo,r=abc"))
        await client.receive()

        client.send(f"<abort xmlns='{SASL2}'><text>no</text></abort>")

        assert (await client.receive())[0].tag == f"{{{SASL}}}aborted"
        await client.authenticate("romeo", PASSWORD)
        await client.bind("orchard")


@pytest.mark.parametrize(
    "other",
    [
        "<message/>",
        "<iq type='get' id='r'><query xmlns='jabber:iq:register'/></iq>",
        f"<response xmlns='{SASL}'/>",
        f"<next xmlns='{SASL2}' task='UPGR-SCRAM-SHA-256'/>",
        authenticate("PLAIN", b"\0romeo\0wrong"),
    ],
)
async def test_anything_else_during_a_login_ends_the_stream(tls: TlsPair, other: str) -> None:
    """Section 2.4: servers MUST disconnect clients immediately."""
    async with echo_office(tls) as office:
        client = await stranger(office)
        client.send(authenticate("SCRAM-SHA-256", b"n,,n=romeo,r=abc"))
        await client.receive()

        client.send(other)

        assert await client.wait_for_end() == "not-authorized"


async def test_second_login_on_a_stream_ends_it(tls: TlsPair) -> None:
    """Section 5.8: any further authenticate MUST result in a stream error."""
    async with echo_office(tls) as office:
        client = await stranger(office)
        await log_in_by_plain(client, "romeo", PASSWORD)

        client.send(authenticate("PLAIN", b"\0romeo\0" + PASSWORD.encode()))

        assert await client.wait_for_end() == "not-authorized"


async def test_name_in_the_header_must_be_that_of_the_login(tls: TlsPair) -> None:
    """Section 2.3: else the server MUST fail the authentication."""
    async with echo_office(tls) as office:
        client = await stranger(office, **{"from": "juliet@montague.lit"})

        with pytest.raises(LoginRefusedError, match="invalid-authzid"):
            await log_in_by_plain(client, "romeo", PASSWORD)

        client = await stranger(office, **{"from": "romeo@montague.lit"})
        assert (await log_in_by_plain(client, "romeo", PASSWORD)).tag == SUCCESS


async def test_failures_of_both_profiles_are_counted_together(tls: TlsPair) -> None:
    """RFC 6120, section 6.4.5: two to five tries, then policy-violation."""
    async with echo_office(tls) as office:
        client = await stranger(office)

        for _ in range(2):
            with pytest.raises(LoginRefusedError):
                await log_in_by_plain(client, "nobody", "wrong")
            with pytest.raises(LoginRefusedError):
                await client.authenticate("nobody", "wrong", mechanism="PLAIN")
        client.send(authenticate("PLAIN", b"\0nobody\0wrong"))

        assert await client.wait_for_end() == "policy-violation"


async def test_client_that_leaves_in_the_midst_of_a_login_leaves_nothing(tls: TlsPair) -> None:
    async with echo_office(tls) as office:
        client = await stranger(office)
        client.send(authenticate("PLAIN", b"\0romeo\0" + PASSWORD.encode()))

        await client.abort()

        with pytest.raises((StreamEndedError, OSError)):
            await client.receive()
        assert not list(office.directory)
