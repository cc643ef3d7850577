"""What ends a stream, when, and with which condition (RFC 6120, sections 4.3, 4.9 and 7)."""

import asyncio

import pytest

from shared_protocol.namespaces import BIND, SASL, STREAM_MANAGEMENT
from tests.helpers.certificates import TlsPair
from tests.helpers.echo_office import PASSWORD, EchoOffice, echo_office
from tests.helpers.wire_client import WireClient

pytestmark = [pytest.mark.asyncio, pytest.mark.network]

BIND_REQUEST = f"<iq type='set' id='b'><bind xmlns='{BIND}'/></iq>"
MESSAGE = "<message to='juliet@montague.lit'><body>Hist!</body></message>"


async def in_clear(office: EchoOffice) -> WireClient:
    client = await office.connect()
    await client.open_stream()
    return client


async def in_tls(office: EchoOffice) -> WireClient:
    client = await office.connect_by_tls()
    await client.open_stream()
    return client


async def logged_in(office: EchoOffice) -> WireClient:
    client = await in_tls(office)
    await client.authenticate("romeo", PASSWORD)
    return client


@pytest.mark.parametrize("namespace", ["http://etherx.jabber.org/brooks", "jabber:client"])
async def test_wrong_namespace_of_the_stream_is_an_invalid_namespace(
    tls: TlsPair, namespace: str
) -> None:
    """RFC 6120, section 4.9.3.10: "the stream namespace name is something other than ..."."""
    async with echo_office(tls) as office:
        client = await office.connect()

        client.send(
            f"<stream:stream xmlns:stream='{namespace}' xmlns='jabber:client' version='1.0'"
            " to='montague.lit'>"
        )

        assert await client.wait_for_end() == "invalid-namespace"
        assert client.header["from"] == "montague.lit"


@pytest.mark.parametrize("begin", [in_clear, in_tls], ids=["in clear", "in TLS"])
@pytest.mark.parametrize(
    "sent",
    [
        MESSAGE,
        "<presence/>",
        "<iq type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>",
        BIND_REQUEST,
        f"<enable xmlns='{STREAM_MANAGEMENT}'/>",
        f"<resume xmlns='{STREAM_MANAGEMENT}' h='0' previd='x'/>",
    ],
    ids=["message", "presence", "iq", "bind", "enable", "resume"],
)
async def test_what_needs_a_login_ends_the_stream_before_it(
    tls: TlsPair, begin: "object", sent: str
) -> None:
    """RFC 6120, sections 4.3.5 and 4.9.3.12: not-authorized, and the stream is closed."""
    async with echo_office(tls) as office:
        client = await begin(office)  # type: ignore[operator]  # one of two functions

        client.send(sent)

        assert await client.wait_for_end() == "not-authorized"
        assert office.host.frames == []
        assert len(office.directory) == 0


@pytest.mark.parametrize("begin", [in_clear, in_tls], ids=["in clear", "in TLS"])
async def test_bind_is_offered_only_after_login(tls: TlsPair, begin: "object") -> None:
    """RFC 6120, section 7.4: "MUST NOT include the resource binding feature until ..."."""
    async with echo_office(tls) as office:
        before = await begin(office)  # type: ignore[operator]  # one of two functions
        after = await logged_in(office)

        assert before.features.find(f"{{{BIND}}}bind") is None
        assert after.features.find(f"{{{BIND}}}bind") is not None
        assert after.mechanisms == []


@pytest.mark.parametrize(
    "sent",
    [
        MESSAGE,
        "<presence/>",
        "<iq type='get' id='p' to='juliet@montague.lit'><ping xmlns='urn:xmpp:ping'/></iq>",
        f"<auth xmlns='{SASL}' mechanism='PLAIN'>AHIAcA==</auth>",
    ],
    ids=["message", "presence", "iq", "second login"],
)
async def test_what_needs_a_resource_ends_the_stream_before_binding(
    tls: TlsPair, sent: str
) -> None:
    """RFC 6120, section 7.1: the server "MUST return a <not-authorized/> stream error"."""
    async with echo_office(tls) as office:
        client = await logged_in(office)

        client.send(sent)

        assert await client.wait_for_end() == "not-authorized"
        assert office.host.frames == []


@pytest.mark.parametrize(
    "sent",
    ["<letter xmlns='urn:example:post'/>", "<message xmlns='jabber:server'/>"],
    ids=["unknown", "other content namespace"],
)
async def test_element_that_nobody_handles_ends_the_stream(tls: TlsPair, sent: str) -> None:
    """RFC 6120, sections 4.9.3.24 and 4.8.3."""
    async with echo_office(tls) as office:
        romeo = await office.log_in("romeo@montague.lit/orchard")

        romeo.send(sent)

        assert await romeo.wait_for_end() in {"unsupported-stanza-type", "invalid-namespace"}


async def test_white_space_keeps_a_session_alive_and_is_no_error(tls: TlsPair) -> None:
    """RFC 6120, sections 4.6.1 and 11.7."""
    async with echo_office(tls) as office:
        romeo = await office.log_in("romeo@montague.lit/orchard")

        for blank in (" ", "\n", "\t \r\n"):
            romeo.send(blank)
        romeo.send("<message id='alive'/>")

        assert (await romeo.receive_id("alive")).get("from") == romeo.jid


async def test_byte_order_mark_between_stanzas_is_a_character(tls: TlsPair) -> None:
    """RFC 6120, section 11.6: "treat U+FEFF as a zero width no-break space, not as a mark"."""
    async with echo_office(tls) as office:
        romeo = await office.log_in("romeo@montague.lit/orchard")
        mark = "\N{ZERO WIDTH NO-BREAK SPACE}"

        romeo.send(f"<message id='inside'><body>{mark}O</body></message>")
        body = (await romeo.receive_id("inside")).findtext("{jabber:client}body")
        romeo.send(f"{mark}<message id='between'/>")

        assert body == f"{mark}O"
        assert await romeo.wait_for_end() == "bad-format"


async def test_end_is_answered_and_nothing_behind_it_is_taken(tls: TlsPair) -> None:
    """RFC 6120, section 4.4: the other side closes its stream, then the connection."""
    async with echo_office(tls) as office:
        romeo = await office.log_in("romeo@montague.lit/orchard")

        romeo.send("<message id='before'/></stream:stream>")

        assert await romeo.wait_for_end() == ""
        assert [frame.attributes.get("id") for frame in office.host.frames] == ["before"]
        assert len(office.host.closed) == 1


async def test_error_behind_stanzas_comes_after_their_answers(tls: TlsPair) -> None:
    """RFC 6120, section 4.9.1.1: an error is unrecoverable, and the stream ends behind it."""
    async with echo_office(tls) as office:
        romeo = await office.log_in("romeo@montague.lit/orchard")

        romeo.send("<iq type='get' id='q'><x xmlns='urn:x'/></iq><message><a></message>")
        condition = await romeo.wait_for_end()

        assert romeo.received[-1].get("id") == "q"
        assert condition == "not-well-formed"


async def test_both_resources_live_where_one_wish_was_the_others_address(tls: TlsPair) -> None:
    """RFC 6120, section 7.7.2.2, first choice: the server makes another resource."""
    async with echo_office(tls) as office:
        first = await office.log_in("romeo@montague.lit/orchard")
        second = await office.log_in("romeo@montague.lit/orchard")

        first.send("<message id='one'/>")
        second.send("<message id='two'/>")
        one, two = await asyncio.gather(first.receive_id("one"), second.receive_id("two"))

        assert [one.get("from"), two.get("from")] == [first.jid, second.jid]
        assert first.jid != second.jid


async def test_resource_is_free_again_when_its_stream_has_ended(tls: TlsPair) -> None:
    """RFC 6120, section 7.7.2.2: only a resource in use is a conflict."""
    async with echo_office(tls) as office:
        first = await office.log_in("romeo@montague.lit/orchard")
        await first.close()

        second = await office.log_in("romeo@montague.lit/orchard")

        assert second.jid == first.jid
