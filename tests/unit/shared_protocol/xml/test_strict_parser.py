from collections.abc import Iterator

import pytest

from shared_protocol.errors import StreamCondition
from shared_protocol.limits import BEFORE_LOGIN, CLIENT_STREAM, StreamLimits
from shared_protocol.namespaces import SASL, TLS
from shared_protocol.stream.gate import Phase, allowed_elements
from shared_protocol.xml.strict_parser import StrictPullParser

DECLARATION = b"<?xml version='1.0'?>"
HEADER = (
    DECLARATION + b"<stream:stream xmlns='jabber:client'"
    b" xmlns:stream='http://etherx.jabber.org/streams' id='1'>"
)
MESSAGE = (
    b"<message from='romeo@montague.lit/orchard' xml:lang='en'><body>But, <![CDATA[soft!]]> &amp;"
    b"</body> tail <active xmlns='http://jabber.org/protocol/chatstates'/>.</message>"
)
IN_CLEAR = allowed_elements(Phase.IN_CLEAR)
BEFORE = allowed_elements(Phase.BEFORE_LOGIN)
ANYTHING = None


def verdict(
    *pieces: bytes,
    limits: StreamLimits = CLIENT_STREAM,
    allowed: frozenset[str] | None = ANYTHING,
) -> str:
    """Feed the pieces; return the condition of the refusal or the number of complete elements."""
    parser, ends = StrictPullParser(limits, allowed), 0
    for piece in pieces:
        parser.feed(piece)
        ends += sum(kind == "end" for kind, _element in parser.read_events())
    return parser.refusal.condition.value if parser.refusal else f"{ends} ends"


CASES = {
    "plain message": (verdict(HEADER, b"<message/>"), "1 ends"),
    "white space for a week": (verdict(HEADER, b" " * 300_000, b"<message/>"), "1 ends"),
    "DOCTYPE": (
        verdict(DECLARATION + b"<!DOCTYPE s [<!ENTITY a 'ha'>]>" + HEADER[21:]),
        "restricted-xml",
    ),
    "comment": (verdict(HEADER, b"<message><!-- x --></message>"), "restricted-xml"),
    "processing instruction": (verdict(HEADER, b"<?php x?>"), "restricted-xml"),
    "entity never declared": (verdict(HEADER, b"<message>&lol;</message>"), "restricted-xml"),
    "other encoding": (
        verdict(b"<?xml version='1.0' encoding='ISO-8859-1'?><s/>"),
        "unsupported-encoding",
    ),
    "UTF-16": (verdict(HEADER.decode().encode("utf-16")), "unsupported-encoding"),
    "UTF-16 in pieces": (verdict(b"<", b"\x00s\x00"), "unsupported-encoding"),
    "bad UTF-8": (verdict(HEADER, b"<message>\xc3\x28</message>"), "not-well-formed"),
    "separator in a namespace": (verdict(HEADER, b"<a xmlns='x}y'/>"), "not-well-formed"),
    "text between stanzas": (verdict(HEADER, b"hello"), "bad-format"),
    "64 deep": (verdict(HEADER, b"<a>" * 63 + b"</a>" * 63), "63 ends"),
    "65 deep": (verdict(HEADER, b"<a>" * 64 + b"</a>" * 64), "policy-violation"),
    "200,000 deep": (verdict(HEADER, b"<a>" * 200_000), "policy-violation"),
    "5,001 elements": (verdict(HEADER, b"<m>" + b"<a/>" * 5_000 + b"</m>"), "policy-violation"),
    "65 attributes": (
        verdict(HEADER, b"<m " + b" ".join(b"a%d=''" % n for n in range(65)) + b"/>"),
        "policy-violation",
    ),
    "tag of 20,000 bytes": (verdict(HEADER, b"<m a='" + b"x" * 20_000), "policy-violation"),
    "body of 300,000 bytes": (verdict(HEADER, b"<m>" + b"x" * 300_000), "policy-violation"),
    "11,000 bytes before login": (
        verdict(HEADER, b"<m>" + b"x" * 11_000, limits=BEFORE_LOGIN),
        "policy-violation",
    ),
    "message before login": (verdict(HEADER, b"<message/>", allowed=BEFORE), "not-authorized"),
    "SASL in clear text": (
        verdict(HEADER, f"<success xmlns='{SASL}'/>".encode(), allowed=IN_CLEAR),
        "not-authorized",
    ),
    "stanza behind proceed": (
        verdict(HEADER, f"<proceed xmlns='{TLS}'/><message/>".encode(), allowed=IN_CLEAR),
        "policy-violation",
    ),
    "features behind success": (
        verdict(
            HEADER,
            f"<success xmlns='{SASL}'/>".encode(),
            b"<stream:features/>",
            allowed=BEFORE,
        ),
        "policy-violation",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_stream_is_accepted_or_refused_with_its_condition(name: str) -> None:
    """docs/security.md, section 3."""
    found, expected = CASES[name]

    assert found == expected


def test_elements_are_built_with_their_text_and_namespaces() -> None:
    parser = StrictPullParser(CLIENT_STREAM, ANYTHING)
    parser.feed((HEADER + MESSAGE).decode())

    *_, (kind, message) = parser.read_events()

    assert kind == "end"
    assert message.tag == "{jabber:client}message"
    assert message.get("{http://www.w3.org/XML/1998/namespace}lang") == "en"
    assert message[0].text == "But, soft! &"
    assert message[0].tail == " tail "
    assert message[1].tag == "{http://jabber.org/protocol/chatstates}active"
    assert message[1].tail == "."


def test_events_are_pairs_in_document_order() -> None:
    parser = StrictPullParser(CLIENT_STREAM, ANYTHING)
    parser.feed(HEADER + b"<iq><ping/></iq></stream:stream>")

    names = [(kind, element.tag.rpartition("}")[2]) for kind, element in parser.read_events()]

    assert names == [
        ("start", "stream"),
        ("start", "iq"),
        ("start", "ping"),
        ("end", "ping"),
        ("end", "iq"),
        ("end", "stream"),
    ]
    assert list(parser.read_events()) == []


def test_stanzas_are_not_kept_on_the_root() -> None:
    parser = StrictPullParser(CLIENT_STREAM, ANYTHING)
    parser.feed(HEADER)
    ((_kind, root),) = parser.read_events()
    parser.feed(MESSAGE * 100)

    assert len(root) == 0


@pytest.mark.parametrize(
    "stanza",
    [b"<a xmlns='urn:xmpp:sm:3' h='12'/>", b"<presence from='juliet@capulet.lit/b'/>", MESSAGE],
)
def test_stanza_is_delivered_with_its_last_byte(stanza: bytes) -> None:
    """Expat >= 2.6 would hold some back (CVE-2023-52425)."""
    for cut in range(1, len(stanza)):
        parser = StrictPullParser(CLIENT_STREAM, ANYTHING)
        parser.feed(HEADER)
        parser.feed(stanza[:cut])
        parser.feed(stanza[cut:])
        kinds = [kind for kind, _element in parser.read_events()]

        assert kinds.count("end") == kinds.count("start") - 1


def test_nothing_is_read_after_a_refusal() -> None:
    parser = StrictPullParser(CLIENT_STREAM, ANYTHING)
    parser.feed(HEADER + b"<presence/><!-- x -->")
    parser.feed(b"<message/>")

    tags = [element.tag for kind, element in parser.read_events() if kind == "end"]

    assert tags == ["{jabber:client}presence"]
    assert parser.refusal is not None
    assert parser.refusal.condition is StreamCondition.RESTRICTED_XML


def test_gate_and_limits_can_be_exchanged_between_elements() -> None:
    parser = StrictPullParser(BEFORE_LOGIN, allowed_elements(Phase.LOGGED_IN))
    parser.feed(HEADER + b"<iq type='result' id='1'/>")
    parser.limits, parser.allowed = CLIENT_STREAM, allowed_elements(Phase.BOUND)
    parser.feed(b"<message><body>" + b"x" * 11_000 + b"</body></message>")

    assert parser.refusal is None


def test_slixmpp_reads_stanzas_through_this_parser() -> None:
    """slixmpp 1.17: ``XMLStream.data_received`` with another ``parser``."""
    slixmpp = pytest.importorskip("slixmpp.xmlstream.xmlstream")
    tags: list[str] = []
    stream = slixmpp.XMLStream.__new__(slixmpp.XMLStream)
    stream.default_ns, stream.stream_ns = "jabber:client", "http://etherx.jabber.org/streams"
    stream.xml_depth, stream.xml_root, stream.use_cdata = 0, None, False
    stream._run_out_filters, stream.namespace_map = None, {}
    stream.start_stream_handler = lambda _root: None
    stream._spawn_event = lambda element: tags.append(element.tag)
    stream.parser = StrictPullParser(CLIENT_STREAM, ANYTHING)

    for piece in pieces_of(HEADER + MESSAGE + b"<presence/>", 7):
        slixmpp.XMLStream.data_received(stream, piece)

    assert tags == [
        "{jabber:client}message",
        "{jabber:client}presence",
    ]


def pieces_of(data: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]
