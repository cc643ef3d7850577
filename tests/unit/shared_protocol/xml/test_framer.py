import gc
import weakref
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_protocol.errors import StreamCondition, StreamError
from shared_protocol.limits import BEFORE_LOGIN, CLIENT_STREAM, StreamLimits
from shared_protocol.xml import framer as framer_module
from shared_protocol.xml.framer import (
    Frame,
    StanzaFrame,
    StanzaFramer,
    StreamEnd,
    StreamHeader,
    frame_of,
)

DECLARATION = b"<?xml version='1.0'?>"
HEADER = (
    DECLARATION + b"<stream:stream to='montague.lit' version='1.0' xmlns='jabber:client'"
    b" xmlns:stream='http://etherx.jabber.org/streams'>"
)
END = b"</stream:stream>"
STANZAS = [
    b"<presence/>",
    b"<presence type='unavailable' note='/>'/>",
    b"<message to=\"r@m\"  from = 'eve@evil'  id=\" from='x'\" ><body>a /></body></message>",
    b"<iq xmlns='jabber:client' id='1' type='get'><ping xmlns='urn:xmpp:ping'/></iq>",
    b"<message><body>O Rom\xc3\xa9o &amp; \xf0\x9f\x8c\xb9 &#169;<![CDATA[<b>]]></body></message>",
    b"<a  ></a  >",
    b"<a><b/></a\n>",
    b"<stream:error><x/></stream:error>",
    b"<r xmlns='urn:xmpp:sm:3'/>",
]
STREAM = HEADER + b" \r\n".join(STANZAS) + b"\n" + END + b" \n"
SMALL = StreamLimits(stanza_bytes=200, depth=4, elements=6, attributes=3, tag_bytes=40)
Outcome = tuple[list[Frame], StreamCondition | None]


def received(stream: bytes, cuts: list[int], limits: StreamLimits = CLIENT_STREAM) -> Outcome:
    """Feed a stream in pieces; return all frames, and the condition it was refused with."""
    framer, frames = StanzaFramer(limits), []
    for start, end in pairwise([0, *cuts, len(stream)]):
        try:
            frames += framer.receive(stream[start:end])
        except StreamError as error:
            return frames + error.frames_before, error.condition
    return frames, None


def byte_by_byte(stream: bytes, limits: StreamLimits = CLIENT_STREAM) -> Outcome:
    return received(stream, list(range(1, len(stream))), limits)


def stanzas_of(stream: bytes) -> list[StanzaFrame]:
    frames, condition = received(stream, [])
    assert condition is None
    return [frame for frame in frames if isinstance(frame, StanzaFrame)]


def test_stream_becomes_a_header_stanzas_and_an_end() -> None:
    frames, condition = received(STREAM, [])

    assert condition is None
    assert frames[0] == StreamHeader(
        "http://etherx.jabber.org/streams stream",
        {"to": "montague.lit", "version": "1.0"},
        {"": "jabber:client", "stream": "http://etherx.jabber.org/streams"},
    )
    assert [frame.raw for frame in frames[1:-1] if isinstance(frame, StanzaFrame)] == STANZAS
    assert frames[-1] == StreamEnd()


def test_frame_knows_its_name_attributes_and_children() -> None:
    (frame,) = stanzas_of(HEADER + STANZAS[3])

    assert frame.name == "jabber:client iq"
    assert frame.local_name == "iq"
    assert frame.attributes == {"id": "1", "type": "get"}
    assert frame.children == ["urn:xmpp:ping ping"]


def test_header_that_closes_itself_is_a_stream_with_its_end() -> None:
    frames, condition = received(HEADER[:-1] + b"/>", [])

    assert condition is None
    assert [type(frame) for frame in frames] == [StreamHeader, StreamEnd]


def test_frames_are_the_same_however_the_stream_is_cut_in_two() -> None:
    whole = received(STREAM, [])

    assert all(received(STREAM, [cut]) == whole for cut in range(1, len(STREAM)))


def test_frames_are_the_same_however_the_stream_is_cut_in_three() -> None:
    whole = received(STREAM, [])

    for cuts in combinations(range(len(HEADER) - 3, len(STREAM), 7), 2):
        assert received(STREAM, list(cuts)) == whole, cuts


def test_frames_are_the_same_byte_by_byte() -> None:
    assert byte_by_byte(STREAM) == received(STREAM, [])


@pytest.mark.parametrize("stanza", STANZAS)
def test_stanza_is_delivered_with_its_last_byte(stanza: bytes) -> None:
    """Expat >= 2.6 would hold some back (CVE-2023-52425)."""
    for cut in range(1, len(stanza)):
        framer = StanzaFramer()
        framer.receive(HEADER)

        assert framer.receive(stanza[:cut]) == []
        (frame,) = framer.receive(stanza[cut:])
        assert isinstance(frame, StanzaFrame)
        assert frame.raw == stanza


FRAGMENTS = st.sampled_from(
    [
        *STANZAS,
        b"<a>",
        b"</a>",
        b"<a b='1' c='2' d='3' e='4'/>",
        b"<a>" + b"x" * 190 + b"</a>",
        b"<a bbbbbbbbbbbbbbbbbbbb='xxxxxxxxxxxxxxxxxxx'/>",
        b"</a                                      >",
        b"<a><a><a><a/></a></a></a>",
        b"<a><a/><a/><a/><a/><a/><a/></a>",
        b" \n\t",
        b"hello",
        b"&amp;",
        b"&lol;",
        b"<![CDATA[x]]>",
        b"<!-- x -->",
        b"<?x y?>",
        b"<!DOCTYPE x>",
        b"<x:y/>",
        b"\xff",
        b"\x00",
        END,
        HEADER,
    ]
)


@given(st.data())
def test_any_stream_gives_the_same_frames_however_it_is_cut(data: st.DataObject) -> None:
    stream = HEADER + b"".join(data.draw(st.lists(FRAGMENTS, max_size=8)))
    cuts = sorted(data.draw(st.lists(st.integers(1, len(stream) - 1), max_size=6)))
    limits = data.draw(st.sampled_from([CLIENT_STREAM, BEFORE_LOGIN, GENEROUS_HEADER]))

    frames, condition = received(stream, [], limits)
    for other in (received(stream, cuts, limits), byte_by_byte(stream, limits)):
        assert other[0] == frames
        assert (other[1] is None) == (condition is None)


GENEROUS_HEADER = StreamLimits(
    stanza_bytes=200, depth=4, elements=6, attributes=3, tag_bytes=len(HEADER)
)


@given(st.binary(max_size=300))
def test_any_bytes_are_frames_or_a_stream_error(data: bytes) -> None:
    frames, _condition = received(HEADER + data, [])

    assert isinstance(frames[0], StreamHeader)


@given(st.binary(max_size=100))
def test_any_beginning_is_a_header_or_a_stream_error(data: bytes) -> None:
    assert received(data, [])[0] == byte_by_byte(data)[0]


def test_white_space_keeps_a_stream_alive_for_ever() -> None:
    """RFC 6120, section 4.6.1; it must not add up."""
    framer = StanzaFramer(BEFORE_LOGIN)
    framer.receive(HEADER)
    for _ in range(30_000):
        framer.receive(b" ")

    assert framer.is_between_stanzas
    assert len(framer.receive(b" " * 30_000 + b"<presence/>")) == 1


def test_framer_tells_whether_something_has_begun() -> None:
    framer = StanzaFramer()
    assert framer.is_between_stanzas
    framer.receive(HEADER)
    assert framer.is_between_stanzas
    framer.receive(b"<")
    assert not framer.is_between_stanzas
    framer.receive(b"a>")
    assert not framer.is_between_stanzas
    framer.receive(b"</a>\n")
    assert framer.is_between_stanzas


def test_framer_accepts_white_space_behind_the_end_for_ever() -> None:
    framer = StanzaFramer(BEFORE_LOGIN)
    framer.receive(HEADER + END)

    assert framer.receive(b" " * 100_000) == []


ATTACKS = {
    "doctype": (b"<!DOCTYPE x [<!ENTITY a 'b'>]>" + HEADER[21:], "restricted-xml"),
    "doctype behind the declaration": (
        DECLARATION + b"<!DOCTYPE x SYSTEM 'file:///etc/passwd'>" + HEADER[21:],
        "restricted-xml",
    ),
    "comment": (HEADER + b"<!-- x -->", "restricted-xml"),
    "comment in a stanza": (HEADER + b"<message><!-- x --></message>", "restricted-xml"),
    "instruction": (HEADER + b"<?php x?>", "restricted-xml"),
    "entity": (HEADER + b"<message>&lol;</message>", "restricted-xml"),
    "entity in an attribute": (HEADER + b"<message id='&lol;'/>", "restricted-xml"),
    "depth": (HEADER + b"<a>" * 64, "policy-violation"),
    "elements": (HEADER + b"<a>" + b"<b/>" * 5_000, "policy-violation"),
    "attributes": (
        HEADER + b"<a " + b" ".join(b"a%d=''" % number for number in range(65)) + b"/>",
        "policy-violation",
    ),
    "size": (HEADER + b"<a>" + b"x" * 262_144, "policy-violation"),
    "size of a whole stanza": (HEADER + b"<a>" + b"x" * 262_138 + b"</a>", "policy-violation"),
    "open tag": (HEADER + b"<a b='" + b"x" * 16_384, "policy-violation"),
    "whole tag": (HEADER + b"<a b='" + b"x" * 16_384 + b"'/>", "policy-violation"),
    "open comment": (HEADER + b"<!--" + b"x" * 16_384, "policy-violation"),
    "long header": (b"<stream a='" + b"x" * 16_384, "policy-violation"),
    "white space before the header": (b" " * 262_145 + HEADER[21:], "policy-violation"),
    "text": (HEADER + b"hello", "bad-format"),
    "text before a stanza": (HEADER + b"hello<a/>", "bad-format"),
    "text before the end": (HEADER + b"hello" + END, "bad-format"),
    "reference between stanzas": (HEADER + b"&#32;<a/>", "bad-format"),
    "character data between stanzas": (HEADER + b"<![CDATA[hello]]>", "bad-format"),
    "unbound prefix": (HEADER + b"<foo:a/>", "not-well-formed"),
    "attribute twice": (HEADER + b"<a b='' b=''/>", "not-well-formed"),
    "second declaration": (HEADER + DECLARATION, "not-well-formed"),
    "separator in a namespace": (HEADER + b"<a xmlns='x y'/>", "not-well-formed"),
    "wrong nesting": (HEADER + b"<a><b></a></b>", "not-well-formed"),
    "bytes behind the end": (HEADER + END + b"<a/>", "not-well-formed"),
    "other encoding": (
        b"<?xml version='1.0' encoding='ISO-8859-1'?>" + HEADER[21:],
        "unsupported-encoding",
    ),
    "UTF-16 with its mark": (HEADER.decode().encode("utf-16"), "unsupported-encoding"),
    "UTF-16, little end first": (HEADER.decode().encode("utf-16-le"), "unsupported-encoding"),
    "UTF-16, big end first": (HEADER.decode().encode("utf-16-be"), "unsupported-encoding"),
    "byte order mark": (b"\xef\xbb\xbf" + HEADER, "not-well-formed"),
    "bad UTF-8": (HEADER + b"<a>\xc3\x28</a>", "not-well-formed"),
    "overlong UTF-8": (HEADER + b"<a>\xc0\xaf</a>", "not-well-formed"),
    "surrogate in UTF-8": (HEADER + b"<a>\xed\xa0\x80</a>", "not-well-formed"),
    "NUL": (HEADER + b"<a>\x00</a>", "not-well-formed"),
    "reference to a control character": (HEADER + b"<a>&#1;</a>", "not-well-formed"),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_attack_is_refused_with_its_condition(name: str) -> None:
    """RFC 6120, sections 11.1 to 11.7 and 13.12."""
    stream, condition = ATTACKS[name]

    assert received(stream, [])[1] == condition


@pytest.mark.parametrize("name", ATTACKS)
def test_attack_is_refused_in_small_pieces_too(name: str) -> None:
    stream, condition = ATTACKS[name]

    assert received(stream, list(range(61, len(stream), 61)))[1] == condition


@pytest.mark.parametrize(
    "stream",
    [
        HEADER + b"<a>" * 63 + b"</a>" * 63,
        HEADER + b"<a>" + b"<b/>" * 4_999 + b"</a>",
        HEADER + b"<a>" + b"x" * 262_137 + b"</a>",
        HEADER + b"<a b='" + b"x" * (16_384 - 9) + b"'/>",
        b"<?xml version='1.0' encoding='utf-8'?>" + HEADER[21:] + b"<a/>",
    ],
)
def test_what_just_fits_is_accepted(stream: bytes) -> None:
    assert len(stanzas_of(stream)) == 1


def test_dripped_tag_is_refused_at_the_limit_and_not_at_its_end() -> None:
    framer = StanzaFramer()
    framer.receive(HEADER + b"<a b='")
    taken = 0

    with pytest.raises(StreamError, match="policy-violation"):  # noqa: PT012 - one byte at a time
        while True:
            framer.receive(b"x")
            taken += 1

    assert taken == 16_384 - len(b"<a b='") - 1


def test_frames_before_a_refusal_are_not_lost() -> None:
    framer = StanzaFramer()
    framer.receive(HEADER)

    with pytest.raises(StreamError) as refused:
        framer.receive(b"<presence/><message/>hello")

    assert [frame.raw for frame in refused.value.frames_before] == [b"<presence/>", b"<message/>"]


@pytest.mark.parametrize("behind", ["=''", "='x' />", "='<presence/>'>", " a='' "])
def test_text_behind_a_stanza_is_no_attribute_of_it(behind: str) -> None:
    """Found by fuzzing: ``/>`` in front of ``=''`` was read as the name of an attribute."""
    frames, condition = received(HEADER + b"<presence />" + behind.encode(), [])

    assert [frame.raw for frame in frames[1:]] == [b"<presence />"]
    assert condition == "bad-format"


def test_framer_refuses_everything_after_a_refusal() -> None:
    framer = StanzaFramer()
    with pytest.raises(StreamError):
        framer.receive(HEADER + b"<!-- x -->")

    with pytest.raises(StreamError) as again:
        framer.receive(b"<presence/>")

    assert again.value.condition is StreamCondition.RESTRICTED_XML
    assert again.value.frames_before == []


def test_limits_can_be_exchanged_between_stanzas() -> None:
    framer = StanzaFramer(BEFORE_LOGIN)
    framer.receive(HEADER)
    framer.limits = CLIENT_STREAM

    assert len(framer.receive(b"<a>" + b"x" * 11_000 + b"</a>")) == 1


def test_tag_that_is_open_when_the_limit_is_lowered_is_refused() -> None:
    framer = StanzaFramer()
    framer.receive(HEADER + b"<a b='" + b"x" * 10_000)
    framer.limits = BEFORE_LOGIN

    with pytest.raises(StreamError, match="policy-violation"):
        framer.receive(b"x")


def test_parser_is_replaced_when_it_has_learnt_many_names() -> None:
    """Expat keeps every name; a client that invents names must not fill the memory."""
    framer = StanzaFramer()
    framer.receive(HEADER)
    for first in range(0, 50_000, 10):
        names = [b"<n%d/>" % number for number in range(first, first + 10)]
        assert [f.raw for f in framer.receive(b"".join(names))] == names  # type: ignore[union-attr]

    assert len(framer._names) <= 5_011


def test_frames_are_the_same_when_the_parser_is_replaced_after_each_stanza(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = received(STREAM, [])
    monkeypatch.setattr(framer_module, "_NAMES_OF_ONE_PARSER", 0)

    assert received(STREAM, []) == whole
    assert byte_by_byte(STREAM) == whole


def test_parser_is_replaced_before_its_byte_count_can_overflow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(framer_module, "_BYTES_OF_ONE_PARSER", 1_000)
    framer = StanzaFramer()
    framer.receive(HEADER)
    for _ in range(200):
        assert len(framer.receive(b"<presence/>")) == 1

    assert framer._fed <= 1_100


def test_stored_stanza_is_read_back_through_the_same_limits() -> None:
    assert frame_of(STANZAS[3]).children == ["urn:xmpp:ping ping"]
    for poisoned in (b"<a><!-- --></a>", b"<a>" * 70, b"<a>" + b"x" * 300_000 + b"</a>"):
        with pytest.raises(StreamError):
            frame_of(poisoned)


@pytest.mark.parametrize("raw", [b"", b" ", b"<a>", b"<a/><b/>", b"<a/><b", END])
def test_stored_bytes_that_are_not_one_stanza_are_refused(raw: bytes) -> None:
    with pytest.raises(StreamError, match="not exactly one stanza"):
        frame_of(raw)


def test_closed_framer_is_freed_without_the_collector_of_cycles() -> None:
    """An idle stream gives its parser back at once, however seldom the collector runs."""
    framer = StanzaFramer()
    framer.receive(b"<stream:stream xmlns='jabber:client' xmlns:stream='urn:example:s'>")
    framer.close()
    reference = weakref.ref(framer)
    gc.disable()
    try:
        del framer
        assert reference() is None
    finally:
        gc.enable()
