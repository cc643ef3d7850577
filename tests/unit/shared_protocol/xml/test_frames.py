import pytest

from shared_protocol.addresses import parse_jid
from shared_protocol.errors import LocalProtocolError
from shared_protocol.xml.framer import StanzaFramer
from shared_protocol.xml.frames import (
    StanzaFrame,
    language_attribute,
    sender_attribute,
)
from shared_protocol.xml.raw_tags import tag_end

HEADER = (
    b"<stream:stream xmlns='jabber:client' xmlns:x='urn:x'"
    b" xmlns:stream='http://etherx.jabber.org/streams'>"
)
ROMEO = sender_attribute(parse_jid("romeo@montague.lit/orchard"))


def frame_below_header(raw: bytes, header: bytes = HEADER) -> StanzaFrame:
    framer = StanzaFramer()
    framer.receive(header)
    (frame,) = framer.receive(raw)
    assert isinstance(frame, StanzaFrame)
    return frame


@pytest.mark.parametrize(
    ("raw", "stamped"),
    [
        (b"<presence/>", b"<presence from='romeo@montague.lit/orchard'/>"),
        (b"<presence from='eve@evil.lit'/>", b"<presence from='romeo@montague.lit/orchard'/>"),
        (
            b'<presence  from = "eve@evil.lit"\n to="juliet@capulet.lit" />',
            b"<presence from='romeo@montague.lit/orchard'\n to=\"juliet@capulet.lit\" />",
        ),
        (
            b"<message id=\" from='eve' > \" from='eve@evil.lit'><from/></message>",
            b"<message from='romeo@montague.lit/orchard' id=\" from='eve' > \"><from/></message>",
        ),
        (
            b"<iq xmlns='jabber:client' id='1'><q xmlns='urn:q' from='x'/></iq>",
            b"<iq from='romeo@montague.lit/orchard' id='1'><q xmlns='urn:q' from='x'/></iq>",
        ),
        (b"<a\n></a>", b"<a from='romeo@montague.lit/orchard'\n></a>"),
    ],
)
def test_forged_sender_is_replaced_in_the_opening_tag_only(raw: bytes, stamped: bytes) -> None:
    """RFC 6120, section 8.1.2.1."""
    assert frame_below_header(raw).stamped(ROMEO) == stamped


def test_sender_is_escaped() -> None:
    """A resource may hold quotes and angle brackets."""
    hostile = sender_attribute("romeo@montague.lit/'><x y=\"")

    stamped = frame_below_header(b"<presence/>").stamped(hostile)

    assert frame_below_header(stamped).attributes == {"from": "romeo@montague.lit/'><x y=\""}
    assert frame_below_header(stamped).children == []


def test_language_of_the_stream_is_added_where_there_is_none() -> None:
    """RFC 6120, section 8.1.5: never changed, never removed."""
    without, with_own = (
        frame_below_header(b"<message/>"),
        frame_below_header(b"<message xml:lang='de'/>"),
    )

    assert b" xml:lang='en'" in without.stamped(ROMEO, language_attribute("en"))
    assert b"xml:lang='en'" not in with_own.stamped(ROMEO, language_attribute("en"))
    assert (without.language, with_own.language) == ("", "de")
    assert language_attribute("") == b""


@pytest.mark.parametrize(
    "raw",
    [
        b"<message><x:y/></message>",
        b"<message><z x:y='1'/></message>",
        b"<x:message/>",
        b"<message xmlns='jabber:server'/>",
        b"<message xmlns=''/>",
        b"<message xmlns:y='urn:y'/>",
        b"<r xmlns='urn:xmpp:sm:3'/>",
        b"<stream:error/>",
    ],
)
def test_frame_that_leans_on_its_stream_is_not_portable(raw: bytes) -> None:
    frame = frame_below_header(raw)

    assert not frame.is_portable
    with pytest.raises(LocalProtocolError, match="not portable"):
        frame.stamped(ROMEO)


@pytest.mark.parametrize(
    "raw",
    [
        b"<message xmlns='jabber:client'/>",
        b"<message xml:lang='en'/>",
        b"<message><y:z xmlns:y='urn:y'/></message>",
    ],
)
def test_frame_that_means_the_same_everywhere_is_portable(raw: bytes) -> None:
    assert frame_below_header(raw).is_portable


def test_frame_behind_one_that_is_not_portable_is_portable_again() -> None:
    framer = StanzaFramer()
    framer.receive(HEADER)

    frames = framer.receive(b"<r xmlns='urn:xmpp:sm:3'/><presence/>")

    assert [(f.is_portable, f.repeats_namespace) for f in frames] == [  # type: ignore[union-attr]
        (False, True),
        (True, False),
    ]


def test_stanza_in_a_stream_of_another_default_namespace_is_not_portable() -> None:
    header = b"<stream xmlns='http://etherx.jabber.org/streams' xmlns:c='jabber:client'>"

    assert not frame_below_header(b"<c:message/>", header).is_portable
    assert not frame_below_header(b"<message xmlns='jabber:client'/>", header).is_portable


def test_bytes_that_are_no_tag_are_a_bug_of_the_caller() -> None:
    with pytest.raises(ValueError, match="opening tag"):
        tag_end(b"hello")


@pytest.mark.parametrize(
    ("raw", "passed_on"),
    [
        (b"<message to='a@b'/>", b"<message from='romeo@montague.lit/orchard'/>"),
        (
            b"<message to='a@b' id='1' from='eve@evil.lit'><to/></message>",
            b"<message from='romeo@montague.lit/orchard' id='1'><to/></message>",
        ),
        (
            b"<message\n id=\" to='x' \" to = \"a@b\" ><body>to='x'</body></message>",
            b"<message from='romeo@montague.lit/orchard'\n id=\" to='x' \" >"
            b"<body>to='x'</body></message>",
        ),
    ],
)
def test_frame_is_passed_on_from_another_sender_to_nobody_yet(raw: bytes, passed_on: bytes) -> None:
    """XEP-0045, section 7.4: the room puts itself in; each receiver gets its own ``to``."""
    assert frame_below_header(raw).passed_on(ROMEO) == passed_on


def test_frame_that_leans_on_its_stream_is_not_passed_on() -> None:
    frame = frame_below_header(b"<message to='a@b'><x:y/></message>")

    with pytest.raises(LocalProtocolError):
        frame.passed_on(ROMEO)
