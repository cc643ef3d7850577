"""What a stream may carry, and what it may cost (docs/security.md, rows 1 to 7, 10, 19 and 21)."""

import asyncio
import contextlib
import sys
from collections.abc import Iterator

import pytest

from shared_protocol.limits import BEFORE_LOGIN, CLIENT_STREAM
from tests.faults.loop_lag import LoopLag
from tests.helpers.office import RunningOffice
from tests.helpers.wire_client import FEATURES, WireClient
from tests.security.attack_stage import (
    MEBIBYTE,
    Phase,
    assert_colleagues_can_talk,
    header,
    measured_memory,
    opened_in,
    stream_in,
)

pytestmark = [pytest.mark.asyncio, pytest.mark.network]

BEGINNINGS = [Phase.IN_CLEAR, Phase.IN_TLS, Phase.LOGGED_IN]
LOL = "".join(f"<!ENTITY lol{number} '{f'&lol{number - 1};' * 10}'>" for number in range(1, 10))
LAUGHS = f"<?xml version='1.0'?><!DOCTYPE lolz [<!ENTITY lol0 'lol'>{LOL}]>"
BLOW_UP = f"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY a '{'x' * 3_000}'>]>"
MANY_ATTRIBUTES = " ".join(f"a{number}=''" for number in range(CLIENT_STREAM.attributes + 1))
OUTWARD = frozenset({"open", "socket.connect", "socket.getaddrinfo", "urllib.Request"})
WORK_SECONDS = 0.1
GIANT_BYTES = 300 * MEBIBYTE
PIECE = b"x" * 65_536


async def end_of(client: WireClient, attack: str | bytes) -> str:
    """Send an attack; returns the condition that the stream ended with."""
    with contextlib.suppress(OSError):
        client.send(attack)
        await client.drain()
    return await client.wait_for_end()


@pytest.mark.parametrize("phase", BEGINNINGS)
async def test_r01_billion_laughs_end_at_the_doctype(office: RunningOffice, phase: Phase) -> None:
    client = await stream_in(office, phase)

    with measured_memory() as memory:
        async with LoopLag() as lag:
            condition = await end_of(client, LAUGHS + header() + "<message>&lol9;")

    assert condition == "restricted-xml"
    assert lag.most_worked_seconds < WORK_SECONDS
    assert memory.peak_bytes < 5 * MEBIBYTE


@pytest.mark.parametrize("phase", BEGINNINGS)
async def test_r02_quadratic_blow_up_ends_at_the_doctype(
    office: RunningOffice, phase: Phase
) -> None:
    client = await stream_in(office, phase)

    with measured_memory() as memory:
        condition = await end_of(client, BLOW_UP + header() + "&a;" * 3_000)

    assert condition == "restricted-xml"
    assert memory.peak_bytes < 5 * MEBIBYTE


async def test_r02_entity_within_a_stanza_is_refused(office: RunningOffice) -> None:
    client = await opened_in(office, Phase.BOUND)

    condition = await end_of(client, "<message><body>&a;</body></message>")

    assert condition == "restricted-xml"


@pytest.mark.parametrize(
    "entity", ["SYSTEM 'file:///etc/passwd'", "SYSTEM 'http://verona.example/'", "PUBLIC '' 'x:'"]
)
@pytest.mark.parametrize("kind", ["<!ENTITY x {}>", "<!ENTITY % x {}> %x;"])
async def test_r03_external_entity_opens_nothing(
    office: RunningOffice, entity: str, kind: str
) -> None:
    client = await stream_in(office, Phase.IN_CLEAR)
    doctype = f"<!DOCTYPE a [{kind.format(entity)}]>"

    with audited() as events:
        condition = await end_of(client, doctype + header() + "&x;")

    assert condition == "restricted-xml"
    assert events == []


@pytest.mark.parametrize(
    ("sent", "condition"),
    [
        ("<!-- hidden -->", "restricted-xml"),
        ("<?php echo ?>", "restricted-xml"),
        ("<message><!-- hidden --><body/></message>", "restricted-xml"),
        ("<message><?x?></message>", "restricted-xml"),
        ("<![CDATA[text]]>", "bad-format"),
        ("<?xml version='1.0'?>", "not-well-formed"),
        ("text", "bad-format"),
    ],
)
async def test_r04_comment_instruction_and_stray_text_end_the_stream(
    office: RunningOffice, sent: str, condition: str
) -> None:
    """RFC 6120, section 11.1."""
    client = await opened_in(office, Phase.BOUND)

    assert await end_of(client, sent) == condition


async def test_r04_cdata_within_a_body_is_text(office: RunningOffice) -> None:
    romeo = await opened_in(office, Phase.BOUND)

    romeo.send("<message id='c'><body><![CDATA[<b>&amp;]]></body></message>")
    romeo.send("<presence/>")
    received = await romeo.receive_id("c")

    assert "".join(received.itertext()) == "<b>&amp;"


@pytest.mark.parametrize(
    ("phase", "limit"),
    [
        (Phase.IN_CLEAR, BEFORE_LOGIN.stanza_bytes),
        (Phase.IN_TLS, BEFORE_LOGIN.stanza_bytes),
        (Phase.BOUND, CLIENT_STREAM.stanza_bytes),
    ],
)
async def test_r05_giant_stanza_is_cut_at_the_limit(
    office: RunningOffice, phase: Phase, limit: int
) -> None:
    """ "300 MB body without end: cut at the limit, memory flat"."""
    client = await opened_in(office, phase)
    sent = 0

    with measured_memory() as memory:
        client.send("<message><body>")
        ending = asyncio.ensure_future(client.receive_end())  # noqa: TID251 - awaited below
        with contextlib.suppress(OSError):
            while sent < GIANT_BYTES and not ending.done():
                client.send(PIECE)
                sent += len(PIECE)
                await client.drain()
        condition = await ending

    assert condition == "policy-violation"
    assert sent < limit + 16 * MEBIBYTE  # what the system's buffers and the good-bye take
    assert memory.peak_bytes < 8 * MEBIBYTE


@pytest.mark.parametrize(("phase", "limit"), [(Phase.IN_TLS, 16), (Phase.BOUND, 64)])
@pytest.mark.parametrize("beyond", [1, 936, 200_000])
async def test_r06_deep_nesting_is_refused(
    office: RunningOffice, phase: Phase, limit: int, beyond: int
) -> None:
    client = await opened_in(office, phase)

    condition = await end_of(client, "<message>" + "<a>" * (limit + beyond))

    assert condition == "policy-violation"
    await assert_colleagues_can_talk(office)


async def test_r06_peer_behind_the_server_is_unharmed(office: RunningOffice) -> None:
    """ "Limit at both ends": what is relayed is within it."""
    juliet = await office.log_in("juliet/balcony", is_direct=True)
    romeo = await opened_in(office, Phase.BOUND)
    levels = CLIENT_STREAM.depth - 2  # those of stream and message

    romeo.send(f"<message to='{juliet.jid}' id='deep'>{'<a>' * levels}{'</a>' * levels}</message>")
    received = await juliet.receive_id("deep")
    condition = await end_of(romeo, f"<message to='{juliet.jid}'>{'<a>' * (levels + 1)}")
    juliet.send("<iq type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>")

    assert len(list(received.iter("{jabber:client}a"))) == levels
    assert condition == "policy-violation"
    assert (await juliet.receive_id("p")).get("type") == "result"


@pytest.mark.parametrize(
    "attack",
    [
        "<message>" + "<a/>" * 25_000,
        "<message " + MANY_ATTRIBUTES + ">",
        "<message " + "a" * CLIENT_STREAM.tag_bytes,
        "<message a='" + "b" * CLIENT_STREAM.tag_bytes,
    ],
    ids=["elements", "attributes", "name", "value"],
)
async def test_r07_many_elements_and_long_tags_are_refused_cheaply(
    office: RunningOffice, attack: str
) -> None:
    client = await opened_in(office, Phase.BOUND)

    async with LoopLag() as lag:
        condition = await end_of(client, attack)

    assert condition == "policy-violation"
    assert lag.most_worked_seconds < WORK_SECONDS


async def test_r07_tag_that_drips_costs_no_quadratic_work(office: RunningOffice) -> None:
    """CVE-2023-52425: 256 KiB in one tag, byte by byte, cost 17 s."""
    client = await opened_in(office, Phase.BOUND)

    async with LoopLag() as lag:
        with contextlib.suppress(OSError):
            for _ in range(CLIENT_STREAM.tag_bytes // 64):
                client.send(b"<message " if not _ else b"a" * 64)
                await client.drain()
            client.send(b"a" * 1_024)
        condition = await client.wait_for_end()

    assert condition == "policy-violation"
    assert lag.most_worked_seconds < WORK_SECONDS


@pytest.mark.parametrize("phase", [Phase.IN_CLEAR, Phase.IN_TLS, Phase.LOGGED_IN, Phase.BOUND])
async def test_r10_compression_is_not_offered_and_not_taken(
    office: RunningOffice, phase: Phase
) -> None:
    client = await opened_in(office, phase)
    offered = [one.tag for one in client.features.iter() if "compress" in one.tag]
    tls_compression = client.tls_compression

    condition = await end_of(
        client,
        "<compress xmlns='http://jabber.org/protocol/compress'><method>zlib</method></compress>",
    )

    assert offered == []
    assert condition in {"not-authorized", "unsupported-stanza-type"}
    assert tls_compression is None


@pytest.mark.parametrize(
    "behind",
    [
        "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGEAYg==</auth>",
        "<message to='juliet@montague.lit'><body>forged</body></message>",
        " ",
        "<",
    ],
)
async def test_r19_bytes_behind_starttls_never_reach_the_stream(
    office: RunningOffice, behind: str
) -> None:
    """RFC 6120, section 5.4.3.1; one segment, or it would be a broken handshake."""
    client = await opened_in(office, Phase.IN_CLEAR)

    client.send(f"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>{behind}")
    with contextlib.suppress(OSError):
        await client.wait_for_end()

    assert [one.tag for one in client.received if "sasl" in one.tag] == []
    await assert_colleagues_can_talk(office)


IN_CLEAR_ONLY_STARTTLS = [
    "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGEAYg==</auth>",
    "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>",
    "<iq type='get' id='r'><query xmlns='jabber:iq:register'/></iq>",
    "<iq type='set' id='r'><query xmlns='jabber:iq:register'><username>tybalt</username>"
    "<password>peace</password></query></iq>",
    "<message to='juliet@montague.lit'><body>forged</body></message>",
    "<presence/>",
    "<iq type='get' id='q'><query xmlns='jabber:iq:roster'/></iq>",
    "<enable xmlns='urn:xmpp:sm:3'/>",
    "<resume xmlns='urn:xmpp:sm:3' h='0' previd='x'/>",
    "<authenticate xmlns='urn:xmpp:sasl:2' mechanism='PLAIN'/>",
]


@pytest.mark.parametrize("sent", IN_CLEAR_ONLY_STARTTLS)
async def test_r21_nothing_but_starttls_exists_in_clear_text(
    office: RunningOffice, sent: str
) -> None:
    client = await opened_in(office, Phase.IN_CLEAR)
    offered = [one.tag.rpartition("}")[2] for one in client.features]

    condition = await end_of(client, sent)

    assert offered == ["starttls"]
    assert condition == "not-authorized"
    assert [one.tag for one in client.received if one.tag != FEATURES] == []


@pytest.mark.parametrize("phase", [Phase.IN_TLS, Phase.LOGGED_IN])
@pytest.mark.parametrize("sent", IN_CLEAR_ONLY_STARTTLS[4:7])
async def test_r21_no_stanza_is_routed_before_a_resource_is_bound(
    office: RunningOffice, phase: Phase, sent: str
) -> None:
    juliet = await office.log_in("juliet/balcony", is_direct=True)
    juliet.send("<presence/>")
    client = await opened_in(office, phase)

    condition = await end_of(client, sent)
    juliet.send("<iq type='get' id='last'><ping xmlns='urn:xmpp:ping'/></iq>")
    await juliet.receive_id("last")

    assert condition == "not-authorized"
    assert [one for one in juliet.received if one.tag.endswith("message")] == []


@contextlib.contextmanager
def audited() -> Iterator[list[str]]:
    """List what opens a file or a connection in this block."""
    events: list[str] = []
    is_listening = True

    def note(event: str, arguments: tuple[object, ...]) -> None:
        if is_listening and event in {
            "open",
            "socket.connect",
            "socket.getaddrinfo",
            "urllib.Request",
        }:
            events.append(f"{event} {arguments}")

    sys.addaudithook(note)
    try:
        yield events
    finally:
        is_listening = False
