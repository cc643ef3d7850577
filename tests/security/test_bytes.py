"""Bytes that two parsers might read in two ways (docs/security.md, rows 15 and 16)."""

import asyncio
import contextlib
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError, XMLPullParser, fromstring

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared_protocol.addresses import AddressError, FullJid, parse_jid
from shared_protocol.errors import StreamError
from shared_protocol.xml.framer import StanzaFramer, sender_attribute
from shared_protocol.xml.frames import StanzaFrame
from tests.helpers.office import DOMAIN, RunningOffice
from tests.security.attack_stage import Phase, header, opened_in

pytestmark = [pytest.mark.network]

HEADER = header().encode()
FOUR_BYTES = "\U00010400"  # DESERET CAPITAL LETTER LONG I
ROMEO = sender_attribute(FullJid.parse("romeo@montague.lit/orchard"))
NOT_UTF_8 = {
    "overlong": b"\xc0\xaf",
    "overlong less-than": b"\xc0\xbc",
    "surrogate": b"\xed\xa0\x80",
    "beyond Unicode": b"\xf4\x90\x80\x80",
    "cut short": b"\xe2\x82<",
    "lonely continuation": b"\x80",
    "NUL": b"\0",
    "control": b"\x08",
    "not a character": b"\xef\xbf\xbf",
    "reference to NUL": b"&#0;",
    "reference to a surrogate": b"&#xD800;",
}
BAD_NAMES = [
    b"<mess\xc3\x97age/>",
    b"<a:b/>",
    b"<x:y:z xmlns:x='u'/>",
    b"<1/>",
    b"<message a:b=''/>",
]
PIECES = st.sampled_from(
    [
        b"<message to='juliet@montague.lit'>",
        b"</message>",
        b"<body>",
        b"</body>",
        b"<a xmlns='urn:a'>",
        b"<x:a xmlns:x='urn:x'/>",
        b"<x:b/>",
        b"</a>",
        b"<![CDATA[",
        b"]]>",
        b"<message from='boss@montague.lit'/>",
        b"&lt;message/&gt;",
        b"&#60;",
        b' from="boss@montague.lit"',
        b"'>",
        b"\xc2\xa0",
        b"\xe2\x80\xae",
        b"<!--",
        b"<?",
        b"\r\n",
        b"/>",
        b"<presence xml:lang='en'/>",
        b"\xef\xbb\xbf",
    ]
)


@pytest.mark.asyncio
@pytest.mark.parametrize("name", NOT_UTF_8)
async def test_r15_what_is_not_utf_8_or_no_character_ends_the_stream(
    office: RunningOffice, name: str
) -> None:
    """RFC 6120, section 11.6."""
    client = await opened_in(office, Phase.BOUND)

    client.send(b"<message><body>" + NOT_UTF_8[name] + b"</body></message>")

    assert await client.wait_for_end() in {"not-well-formed", "unsupported-encoding"}


@pytest.mark.asyncio
@pytest.mark.parametrize("name", BAD_NAMES)
async def test_r15_bad_name_ends_the_stream(office: RunningOffice, name: bytes) -> None:
    client = await opened_in(office, Phase.BOUND)

    client.send(name)

    assert await client.wait_for_end() in {"not-well-formed", "bad-namespace-prefix"}


@pytest.mark.asyncio
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16", "utf-32", "utf-8-sig"])
async def test_r15_no_other_encoding_is_guessed(office: RunningOffice, encoding: str) -> None:
    client = await office.connect()

    client.send(("<?xml version='1.0'?>" + header()).encode(encoding))

    assert await client.wait_for_end() in {"unsupported-encoding", "not-well-formed"}


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(pieces=st.lists(PIECES, min_size=1, max_size=12))
def test_r15_receiver_sees_what_the_server_saw(pieces: list[bytes]) -> None:
    """Every frame that is relayed as bytes is one element for another parser, with our sender."""
    framer = StanzaFramer()
    framer.receive(HEADER)
    try:
        frames = framer.receive(b"".join(pieces))
    except StreamError as error:
        frames = error.frames_before
    for frame in frames:
        if isinstance(frame, StanzaFrame) and frame.is_portable:
            seen = seen_by_another_parser(frame.stamped(ROMEO))
            assert len(seen) == 1
            assert seen[0].get("from") == "romeo@montague.lit/orchard"
            assert [one.tag for one in seen[0]] == [as_tag(name) for name in frame.children]


@pytest.mark.asyncio
@pytest.mark.parametrize("gap", [" ", "\t", "\r\n"])
@pytest.mark.parametrize("close", ["", " />", ">", " >"])
async def test_r15_text_behind_a_closed_tag_is_not_taken_for_an_attribute(
    office: RunningOffice, gap: str, close: str
) -> None:
    """Found by fuzzing: what stood between quotes there was relayed, with a forged sender."""
    juliet = await office.log_in("juliet/balcony", is_direct=True)
    romeo = await office.log_in("romeo/orchard", is_direct=True)
    forged = f'<message from="boss@{DOMAIN}" id="forged"><body>Out!</body></message>'

    romeo.send(f"<message to='{juliet.jid}' id='carrier'{gap}/>='{forged}'{close}")
    assert await romeo.wait_for_end() == "bad-format"
    carrier = await juliet.receive_id("carrier")
    juliet.send("<iq type='get' id='last'><ping xmlns='urn:xmpp:ping'/></iq>")
    await juliet.receive_id("last")

    assert carrier.get("from") == romeo.jid
    assert [one.get("id") for one in juliet.received if one.get("id") == "forged"] == []


def seen_by_another_parser(relayed: bytes) -> list[Element]:
    """Read what a receiver gets, by the parser of its stream; both ends of it must fit."""
    parser = XMLPullParser(("start", "end"))
    parser.feed(HEADER + relayed + b"</stream:stream>")
    root = fromstring(HEADER + relayed + b"</stream:stream>")  # noqa: S314 - that is the point
    assert parser.close() is None
    return list(root)


def as_tag(name: str) -> str:
    namespace, _, local = name.rpartition(" ")
    return f"{{{namespace}}}{local}" if namespace else local


def test_r15_another_parser_refuses_what_it_should() -> None:
    """The control: the comparison above sees a frame that is two elements, or none."""
    assert len(seen_by_another_parser(b"<a/><b/>")) == 2
    with pytest.raises(ParseError):
        seen_by_another_parser(b"<a>")


@pytest.mark.parametrize("part", ["{}@montague.lit", "romeo@montague.lit/{}"])
def test_r16_part_of_an_address_is_never_cut(part: str) -> None:
    """RFC 7622, section 3.1: at most 1,023 bytes; a cut inside a letter is another name."""
    fits = "a" * (1_023 - 4) + FOUR_BYTES
    beyond = "a" * (1_023 - 3) + FOUR_BYTES  # its 1,023rd byte is inside the letter

    parsed = parse_jid(part.format(fits))

    assert FOUR_BYTES.lower() in str(parsed).lower()
    with pytest.raises(AddressError):
        parse_jid(part.format(beyond))


@pytest.mark.asyncio
@pytest.mark.parametrize("length", [1_020, 1_024, 3_000])
async def test_r16_address_that_is_too_long_is_malformed(
    office: RunningOffice, length: int
) -> None:
    romeo = await office.log_in("romeo/orchard", is_direct=True)
    name = "a" * (length - 4) + FOUR_BYTES + "b" * 4

    romeo.send(f"<message to='{name}@{DOMAIN}' id='long'><body>Hark</body></message>")
    answer = await romeo.receive_id("long")

    assert answer.get("type") == "error"
    conditions = {one.tag.rpartition("}")[2] for one in answer.iter()}
    assert "jid-malformed" in conditions


@pytest.mark.asyncio
async def test_r16_resource_is_never_cut(office: RunningOffice, tmp_path: Path) -> None:
    wish = "b" * (1_023 - 3) + FOUR_BYTES

    romeo = await office.log_in(f"romeo/{wish}", is_direct=True)

    assert not romeo.jid.endswith("b" * 100)
    with contextlib.suppress(asyncio.TimeoutError):
        assert len(FullJid.parse(romeo.jid).resourcepart.encode()) <= 1_023
