"""Streams over real sockets (RFC 6120, section 4; protocol.md, sections 3.1 and 3.2)."""

import asyncio

import pytest

from embedded_server.sessions.stream_context import StreamSettings
from shared_protocol.errors import StreamCondition, StreamError
from shared_protocol.limits import RateLimits
from tests.helpers.certificates import TlsPair
from tests.helpers.echo_office import PASSWORD, echo_office
from tests.helpers.wire_client import StreamEndedError, WireClient

pytestmark = [pytest.mark.asyncio, pytest.mark.network]

BOMB = "<?xml version='1.0'?><!DOCTYPE lolz [<!ENTITY lol 'lol'>]><stream:stream>"


async def round_trip(client: WireClient) -> None:
    """Let the server have a few turns of its loop."""
    client.send("<message id='echo'/>")
    await client.receive_id("echo")


async def ping(client: WireClient) -> None:
    """The same where messages are being stored."""
    client.send("<iq type='get' id='ping'><ping xmlns='urn:xmpp:ping'/></iq>")
    await client.receive_id("ping")


@pytest.mark.parametrize(
    ("attributes", "condition"),
    [
        ({"to": "capulet.lit"}, "host-unknown"),
        ({"to": ""}, "host-unknown"),
        ({"xmlns": "jabber:server"}, "invalid-namespace"),
        ({"version": "0.9"}, "unsupported-version"),
    ],
)
async def test_wrong_header_is_answered_by_ours_and_an_error(
    tls: TlsPair, attributes: dict[str, str], condition: str
) -> None:
    """RFC 6120, sections 4.9.1.2, 4.9.3.6 and 4.9.3.10."""
    async with echo_office(tls) as office:
        client = await office.connect()

        client.send_header(**attributes)

        assert await client.wait_for_end() == condition
        assert client.header["from"] == "montague.lit"


async def test_domain_is_case_mapped_and_the_header_is_answered_in_full(tls: TlsPair) -> None:
    """RFC 7622, section 3.2; RFC 6120, section 4.7."""
    async with echo_office(tls) as office:
        client = await office.connect()

        await client.open_stream(to="Montague.LIT", **{"from": "romeo@montague.lit"})

        assert client.header["from"] == "montague.lit"
        assert client.header["to"] == "romeo@montague.lit"
        assert len(client.header["id"]) >= 16


@pytest.mark.parametrize(
    ("sent", "condition"),
    [
        (BOMB, "restricted-xml"),
        ("<?xml version='1.0' encoding='latin-1'?><x/>", "unsupported-encoding"),
        ("GET / HTTP/1.1\r\n\r\n", "not-well-formed"),
        ("<stream:stream " + "a" * 12_000, "policy-violation"),
    ],
)
async def test_what_is_no_stream_is_answered_by_a_header_and_an_error(
    tls: TlsPair, sent: str, condition: str
) -> None:
    """Rows 1 to 5; RFC 6120, section 11."""
    async with echo_office(tls) as office:
        client = await office.connect()

        client.send(sent)

        assert await client.wait_for_end() == condition
        assert client.header["from"] == "montague.lit"


@pytest.mark.parametrize(
    ("sent", "condition"),
    [
        ("<!-- a comment -->", "restricted-xml"),
        ("<message><body></message>", "not-well-formed"),
        ("<message/>text", "bad-format"),
        ("<compress xmlns='http://jabber.org/protocol/compress'/>", "unsupported-stanza-type"),
        ("<message>" + "<a>" * 70, "policy-violation"),
        ("<message><body>" + "a" * 270_000, "policy-violation"),
    ],
)
async def test_bad_xml_in_a_session_ends_it(tls: TlsPair, sent: str, condition: str) -> None:
    """RFC 6120, sections 4.9.3 and 11."""
    async with echo_office(tls) as office:
        romeo = await office.log_in("romeo@montague.lit/orchard")

        romeo.send(sent)

        assert await romeo.wait_for_end() == condition
        assert len(office.directory) == 0
        assert len(office.host.closed) == 1


async def test_stanzas_before_the_bad_one_are_still_taken(tls: TlsPair) -> None:
    async with echo_office(tls) as office:
        romeo = await office.log_in("romeo@montague.lit/orchard")

        romeo.send("<message id='good'/><!-- bad -->")

        assert (await romeo.receive_id("good")).get("from") == romeo.jid
        assert await romeo.wait_for_end() == "restricted-xml"


async def test_end_of_the_stream_is_answered(tls: TlsPair) -> None:
    """RFC 6120, section 4.4."""
    async with echo_office(tls) as office:
        romeo = await office.log_in("romeo@montague.lit/orchard")

        romeo.send("<message id='last'/></stream:stream>")

        assert await romeo.wait_for_end() == ""
        assert romeo.received[-1].get("id") == "last"


async def test_session_ends_with_its_connection(tls: TlsPair) -> None:
    async with echo_office(tls) as office:
        romeo = await office.log_in("romeo@montague.lit/orchard")
        juliet = await office.log_in("juliet@montague.lit/balcony")

        await romeo.abort()
        while len(office.directory) == 2:
            await round_trip(juliet)

        assert [str(session.full_jid) for session in office.host.closed] == [romeo.jid]


async def test_session_that_the_server_closes_is_told_why(tls: TlsPair) -> None:
    async with echo_office(tls) as office:
        romeo = await office.log_in("romeo@montague.lit/orchard")

        office.host.bound[0].close(StreamError(StreamCondition.CONFLICT))

        assert await romeo.wait_for_end() == "conflict"


async def test_stop_says_system_shutdown_to_everyone(tls: TlsPair) -> None:
    """RFC 6120, section 4.9.3.20."""
    async with echo_office(tls) as office:
        romeo = await office.log_in("romeo@montague.lit/orchard")
        stranger = await office.connect()
        await stranger.open_stream()

        _, *conditions = await asyncio.gather(
            office.streams.stop(), romeo.wait_for_end(), stranger.wait_for_end()
        )

        assert conditions == ["system-shutdown"] * 2
        assert len(office.streams) == 0


async def test_legacy_session_request_is_answered(tls: TlsPair) -> None:
    """RFC 3921, section 3."""
    async with echo_office(tls) as office:
        romeo = await office.log_in("romeo@montague.lit/orchard")

        romeo.send(
            "<iq type='set' id='s'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>"
        )

        assert (await romeo.receive_id("s")).get("type") == "result"


async def test_sender_is_stamped_and_language_of_the_stream_is_known(tls: TlsPair) -> None:
    """Row 35; RFC 6120, section 8.1.2.1."""
    async with echo_office(tls) as office:
        romeo = await office.log_in("romeo@montague.lit/orchard")
        juliet = await office.log_in("juliet@montague.lit/balcony")

        romeo.send(f"<message from='paris@montague.lit' to='{juliet.jid}' id='m'/>")

        assert (await juliet.receive_id("m")).get("from") == romeo.jid
        assert office.host.bound[0].language == ""


async def test_thousand_messages_arrive_in_order(tls: TlsPair) -> None:
    settings = StreamSettings(rates=RateLimits(0, 0, 2.0))
    async with echo_office(tls, settings=settings) as office:
        romeo = await office.log_in("romeo@montague.lit/orchard")
        juliet = await office.log_in("juliet@montague.lit/balcony")

        for number in range(1_000):
            romeo.send(
                f"<message to='{juliet.jid}' id='{number}'><body>{'x' * 150}</body></message>"
            )
        await juliet.receive_id("999")

        assert [one.get("id") for one in juliet.received[-1_000:]] == list(map(str, range(1_000)))


async def test_big_stanza_arrives_whole(tls: TlsPair) -> None:
    async with echo_office(tls) as office:
        romeo = await office.log_in("romeo@montague.lit/orchard")

        romeo.send(f"<message id='big'><body>{'x' * 200_000}</body></message>")

        assert len((await romeo.receive_id("big"))[0].text or "") == 200_000


async def test_flood_is_slowed_down_and_others_are_not(tls: TlsPair) -> None:
    """Row 13: reading is paused, nothing is lost, nobody is thrown out."""
    settings = StreamSettings(rates=RateLimits(0, stanzas_per_second=100, burst_seconds=0.1))
    async with echo_office(tls, settings=settings) as office:
        romeo = await office.log_in("romeo@montague.lit/orchard")
        juliet = await office.log_in("juliet@montague.lit/balcony")
        began = asyncio.get_running_loop().time()

        for number in range(5):
            romeo.send("<message/>" * 9 + f"<message id='{number}'/>")
            await romeo.drain()
        await round_trip(juliet)
        taken_by_then = len(office.host.frames)
        romeo.send("<message id='end'/>")
        await romeo.receive_id("end")
        seconds = asyncio.get_running_loop().time() - began

        assert taken_by_then < 50
        assert len(office.host.frames) == 52
        assert seconds >= 0.3


async def test_idle_stream_gives_its_parser_up_and_goes_on_as_if_it_had_not(tls: TlsPair) -> None:
    async with echo_office(tls, settings=StreamSettings(parser_seconds=0.01)) as office:
        romeo = await office.log_in("romeo@montague.lit/orchard")
        (stream,) = office.streams
        juliet = await office.log_in("juliet@montague.lit/balcony")
        while stream.has_parser:
            await round_trip(juliet)

        romeo.send(" \n")
        romeo.send("<message id='m'><body>Hist!</body></message>")

        assert (await romeo.receive_id("m")).get("from") == romeo.jid
        assert stream.has_parser
        romeo.send("</stream:stream>")
        assert await romeo.wait_for_end() == ""


async def test_parser_in_the_midst_of_a_stanza_is_kept(tls: TlsPair) -> None:
    async with echo_office(tls, settings=StreamSettings(parser_seconds=0.01)) as office:
        romeo = await office.log_in("romeo@montague.lit/orchard")
        juliet = await office.log_in("juliet@montague.lit/balcony")
        stream, other = office.streams
        romeo.send("<message id='m'><body>Hi")
        benvolio = await office.log_in("romeo@montague.lit/street")
        assert juliet.jid
        while other.has_parser:
            await round_trip(benvolio)

        assert stream.has_parser
        romeo.send("st!</body></message>")

        assert (await romeo.receive_id("m"))[0].text == "Hist!"


async def test_failed_login_of_one_leaves_the_other_alone(tls: TlsPair) -> None:
    async with echo_office(tls) as office:
        romeo = await office.log_in("romeo@montague.lit/orchard")
        stranger = await office.connect_by_tls()
        stranger.send(BOMB)
        await stranger.wait_for_end()

        romeo.send("<message id='calm'/>")

        assert (await romeo.receive_id("calm")).get("from") == romeo.jid


async def test_client_that_ends_during_the_password_check_is_forgotten(tls: TlsPair) -> None:
    async with echo_office(tls) as office:
        client = await office.connect_by_tls()
        await client.open_stream()
        client.send(
            "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGEAYg==</auth>"
        )
        await client.drain()
        await client.abort()

        romeo = await office.log_in("romeo@montague.lit/orchard")
        while len(office.streams) > 1:
            await round_trip(romeo)
        assert office.admission.count == 0


async def test_second_header_within_a_stream_ends_it(tls: TlsPair) -> None:
    async with echo_office(tls) as office:
        client = await office.connect()
        await client.open_stream()

        client.send("<stream:stream to='montague.lit' version='1.0'>")
        client.send("</stream:stream>")

        with pytest.raises(StreamEndedError, match="not-authorized"):
            await client.receive(lambda one: one.tag == "never")


async def test_client_that_does_not_read_is_not_read_either(tls: TlsPair) -> None:
    """Row 12: what it asks for does not pile up, and nothing is lost when it reads again."""
    settings = StreamSettings(rates=RateLimits(0, 0, 2.0))
    async with echo_office(tls, settings=settings) as office:
        romeo = await office.log_in("romeo@montague.lit/orchard")
        juliet = await office.log_in("juliet@montague.lit/balcony")
        body = "x" * 200_000
        for number in range(60):
            romeo.send(f"<message id='{number}'><body>{body}</body></message>")
        while not office.host.bound[0].is_congested:
            await round_trip(juliet)

        await romeo.receive_id("59")

        assert [one.get("id") for one in romeo.received[-60:]] == list(map(str, range(60)))


async def test_sender_whose_stanzas_wait_for_the_store_is_not_read_on(tls: TlsPair) -> None:
    """A store that hangs fills no memory."""
    settings = StreamSettings(rates=RateLimits(0, 0, 2.0))
    async with echo_office(tls, settings=settings) as office:
        romeo = await office.log_in("romeo@montague.lit/orchard")
        juliet = await office.log_in("juliet@montague.lit/balcony")
        office.host.is_storing = True
        romeo.send("".join(f"<message id='{number}'/>" for number in range(20_000)))
        await romeo.drain()
        while office.host.bound[0].waiting_turns <= 1_000:
            await ping(juliet)
        for _ in range(20):
            await ping(juliet)
        assert office.host.bound[0].waiting_turns < 10_000

        office.host.is_storing = False
        office.host.commit(20_000)

        await romeo.receive_id("19999")
        assert len(office.host.frames) >= 20_000


@pytest.mark.parametrize(
    ("nonza", "condition"),
    [("enable", "unexpected-request"), ("resume h='0' previd='x'", "item-not-found")],
)
async def test_stream_management_before_bind_fails_and_binding_is_still_possible(
    tls: TlsPair, nonza: str, condition: str
) -> None:
    """XEP-0198, sections 3 and 5."""
    async with echo_office(tls) as office:
        client = await office.connect_by_tls()
        await client.open_stream()
        await client.authenticate("romeo", PASSWORD)

        client.send(f"<{nonza} xmlns='urn:xmpp:sm:3'/>")

        assert (await client.receive())[0].tag.endswith(condition)
        await client.bind("orchard")
        assert client.jid == "romeo@montague.lit/orchard"
