from xml.etree.ElementTree import Element, SubElement, canonicalize, tostring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_protocol.errors import LocalProtocolError, MalformedStanzaError, StreamCondition
from shared_protocol.namespaces import CLIENT, ROSTER, XML
from shared_protocol.xml.elements import element_of, qualified
from shared_protocol.xml.framer import StanzaFramer, StreamHeader, frame_of
from shared_protocol.xml.writer import (
    STREAM_END,
    attribute,
    escape_attribute,
    escaped,
    replace_forbidden,
    serialise,
    start_tag,
    stream_error,
    stream_header,
)

TEXT = st.text(st.characters(codec="utf-8")).map(replace_forbidden)
NAMES = st.sampled_from(["body", "x", "urn-1", "_y"])
NAMESPACES = st.sampled_from(["", CLIENT, "urn:a", "urn:b?x='1'&y=<"])


@st.composite
def elements(draw: st.DrawFn, depth: int = 3) -> Element:
    element = Element(f"{{{draw(NAMESPACES)}}}{draw(NAMES)}".replace("{}", ""))
    element.text = draw(TEXT)
    for name in draw(st.lists(NAMES, max_size=3)):
        element.set(draw(st.sampled_from(["", "{urn:a}", f"{{{XML}}}"])) + name, draw(TEXT))
    if depth:
        for child in draw(st.lists(elements(depth=depth - 1), max_size=3)):
            child.tail = draw(TEXT)
            element.append(child)
    return element


@given(elements())
def test_written_element_is_read_back_as_it_was(element: Element) -> None:
    element.tail = None
    read = element_of(serialise(element))

    assert canonicalize(tostring(read)) == canonicalize(tostring(element))


@given(elements())
def test_written_element_passes_our_own_framer(element: Element) -> None:
    assert frame_of(serialise(element)).attributes.keys() >= {
        key for key, _value in element.items() if not key.startswith("{")
    }


def test_element_is_written_in_the_style_of_xmpp() -> None:
    iq = Element(f"{{{CLIENT}}}iq", {"type": "set", f"{{{XML}}}lang": "en"})
    query = SubElement(iq, f"{{{ROSTER}}}query")
    SubElement(query, f"{{{ROSTER}}}item", jid="juliet@capulet.lit", name="Juliet's")

    assert serialise(iq) == (
        b"<iq type='set' xml:lang='en'><query xmlns='jabber:iq:roster'>"
        b"<item jid='juliet@capulet.lit' name='Juliet&apos;s'/></query></iq>"
    )
    assert serialise(query, ROSTER).startswith(b"<query><item ")


def test_attribute_of_another_namespace_gets_a_prefix() -> None:
    element = Element(f"{{{CLIENT}}}x", {"{urn:a}b": "1", "{urn:c}b": "2"})

    assert element_of(serialise(element)).attrib == {"{urn:a}b": "1", "{urn:c}b": "2"}


@given(TEXT)
def test_escaped_text_and_attributes_survive(text: str) -> None:
    raw = f"<a{attribute('b', text)}>{escaped(text)}</a>".encode()
    element = element_of(raw)

    assert (element.text or "") == text
    assert element.get("b") == text


def test_plain_text_is_not_changed() -> None:
    assert escaped("Wherefore art thou 'Romeo'?") == "Wherefore art thou 'Romeo'?"
    assert escape_attribute("romeo@montague.lit/orchard") == "romeo@montague.lit/orchard"


@pytest.mark.parametrize("text", ["\x00", "\x1b", "\ud800", "\ufffe", "\x0b"])
def test_character_that_xml_does_not_allow_is_refused_and_can_be_replaced(text: str) -> None:
    """XML 1.0, section 2.2: written, it would end the stream."""
    for write in (escaped, escape_attribute):
        with pytest.raises(LocalProtocolError, match=r"U\+"):
            write(f"a{text}b")
    assert replace_forbidden(f"a{text}b") == "a\ufffdb"


def test_header_is_read_as_it_was_written() -> None:
    written = stream_header(
        sender="montague.lit", recipient="romeo@montague.lit", stream_id="++TR<'", language="en"
    )

    (header,) = StanzaFramer().receive(written)

    assert isinstance(header, StreamHeader)
    assert header.attributes == {
        "from": "montague.lit",
        "to": "romeo@montague.lit",
        "id": "++TR<'",
        "version": "1.0",
        f"{XML} lang": "en",
    }
    assert header.namespaces[""] == CLIENT
    assert b" id=" not in stream_header(recipient="montague.lit")


def test_stream_error_names_its_condition_and_text() -> None:
    """RFC 6120, section 4.9.2."""
    framer = StanzaFramer()
    framer.receive(stream_header())
    with_text, without, _end = framer.receive(
        stream_error(StreamCondition.CONFLICT, "<replaced>")
        + stream_error(StreamCondition.RESET)
        + STREAM_END
    )

    assert with_text.children == [  # type: ignore[union-attr]
        "urn:ietf:params:xml:ns:xmpp-streams conflict",
        "urn:ietf:params:xml:ns:xmpp-streams text",
    ]
    assert without.children == [  # type: ignore[union-attr]
        "urn:ietf:params:xml:ns:xmpp-streams reset"
    ]


def test_start_tag_leaves_out_empty_attributes() -> None:
    assert start_tag("open", {"to": "montague.lit", "from": ""}) == b"<open to='montague.lit'>"


def test_element_knows_the_prefixes_of_its_stream() -> None:
    assert element_of(b"<stream:error/>").tag == "{http://etherx.jabber.org/streams}error"
    assert element_of(b"<x:y/>", prefixes={"x": "urn:x", "": "ignored"}).tag == "{urn:x}y"
    assert element_of(b"<y/> ", "urn:z").tag == "{urn:z}y"


@pytest.mark.parametrize("raw", [b"", b"hello", b"<a/><b/>", b"<a>", b"<x:y/>", b"</stream>"])
def test_bytes_that_are_not_one_element_are_malformed(raw: bytes) -> None:
    with pytest.raises(MalformedStanzaError):
        element_of(raw)


def test_name_of_a_frame_becomes_that_of_an_element() -> None:
    assert qualified("urn:xmpp:ping ping") == "{urn:xmpp:ping}ping"
    assert qualified("ping") == "ping"
