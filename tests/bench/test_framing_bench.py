"""Processor time of the hot path without sockets: framing, stamping, addresses."""

from pytest_benchmark.fixture import BenchmarkFixture

from shared_protocol.addresses import parse_jid
from shared_protocol.limits import CLIENT_STREAM
from shared_protocol.xml.framer import StanzaFrame, StanzaFramer, sender_attribute

HEADER = (
    b"<?xml version='1.0'?><stream:stream to='montague.lit' version='1.0' xmlns='jabber:client'"
    b" xmlns:stream='http://etherx.jabber.org/streams'>"
)
MESSAGE = (
    b"<message to='romeo@montague.lit/orchard' type='chat' id='5f3c2a10-7a1e-4a53'><body>"
    b"Wherefore art thou, Romeo? Deny thy father, and refuse thy name &amp; be new baptised."
    b"</body><active xmlns='http://jabber.org/protocol/chatstates'/>"
    b"<request xmlns='urn:xmpp:receipts'/>"
    b"<origin-id xmlns='urn:xmpp:sid:0' id='5f3c2a10-7a1e-4a53'/></message>"
)


def test_frame_and_stamp_one_message(benchmark: BenchmarkFixture) -> None:
    framer = StanzaFramer(CLIENT_STREAM)
    framer.receive(HEADER)
    sender = sender_attribute("juliet@capulet.lit/balcony")

    def route() -> bytes:
        (frame,) = framer.receive(MESSAGE)
        assert isinstance(frame, StanzaFrame)
        return frame.stamped(sender)

    assert benchmark(route).startswith(b"<message from='juliet@capulet.lit/balcony' to=")


def test_look_up_an_address_seen_before(benchmark: BenchmarkFixture) -> None:
    assert str(benchmark(parse_jid, "romeo@montague.lit/orchard")) == "romeo@montague.lit/orchard"
