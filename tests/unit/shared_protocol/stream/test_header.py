import pytest

from shared_protocol.errors import StreamCondition, StreamError
from shared_protocol.stream.header import check_header
from shared_protocol.xml.framer import StanzaFramer
from shared_protocol.xml.frames import StreamHeader
from shared_protocol.xml.writer import stream_header

STREAMS = "http://etherx.jabber.org/streams"
GOOD = stream_header(recipient="montague.lit").decode()


def header_of(written: str) -> StreamHeader:
    (header,) = StanzaFramer().receive(written.encode())
    assert isinstance(header, StreamHeader)
    return header


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("", ""),
        ("montague.lit", "MONTAGUE.lit."),
        ("version='1.0'", "version='1.5'"),
        ("version='1.0'", "version='2.0'"),
        ("to=", "from='romeo@montague.lit' to="),
        ("xmlns='jabber:client'", f"xmlns='{STREAMS}' xmlns:c='jabber:client'"),
    ],
)
def test_header_for_the_served_domain_is_accepted(old: str, new: str) -> None:
    """RFC 6120, sections 4.7 and 4.8."""
    check_header(header_of(GOOD.replace(old, new, 1)), domain="montague.lit")


@pytest.mark.parametrize(
    ("old", "new", "condition"),
    [
        (STREAMS, "urn:wrong", StreamCondition.INVALID_NAMESPACE),
        ("stream:stream", "stream:flow", StreamCondition.BAD_FORMAT),
        ("jabber:client", "jabber:server", StreamCondition.INVALID_NAMESPACE),
        ("version='1.0'", "", StreamCondition.UNSUPPORTED_VERSION),
        ("version='1.0'", "version='0.9'", StreamCondition.UNSUPPORTED_VERSION),
        ("version='1.0'", "version='1'", StreamCondition.UNSUPPORTED_VERSION),
        ("version='1.0'", "version='\u0661.0'", StreamCondition.UNSUPPORTED_VERSION),
        (" to='montague.lit'", "", StreamCondition.IMPROPER_ADDRESSING),
        ("montague.lit", "capulet.lit", StreamCondition.HOST_UNKNOWN),
        ("montague.lit", "mon tague", StreamCondition.HOST_UNKNOWN),
    ],
)
def test_wrong_header_has_its_condition(old: str, new: str, condition: StreamCondition) -> None:
    """RFC 6120, section 4.9.3."""
    head, _, rest = GOOD.partition("?>")
    with pytest.raises(StreamError) as refused:
        check_header(header_of(f"{head}?>{rest.replace(old, new, 1)}"), domain="montague.lit")

    assert refused.value.condition is condition
