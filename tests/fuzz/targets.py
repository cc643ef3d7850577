"""What is fuzzed: bytes go in, and only what each part promises may come out."""

import base64
import itertools
from collections.abc import Callable, Sequence

import pytest

from embedded_server.sessions.carriers.bosh.body import payload_of, request_of
from embedded_server.sessions.carriers.element_framing import ElementFraming, declared
from shared_protocol.addresses import AddressError, parse_jid
from shared_protocol.errors import MalformedStanzaError, SaslError, StanzaError, StreamError
from shared_protocol.limits import BEFORE_LOGIN, CLIENT_STREAM
from shared_protocol.namespaces import CLIENT
from shared_protocol.sasl.mechanisms import STRONGEST_FIRST, ScramHash
from shared_protocol.sasl.offer import SaslOffer
from shared_protocol.sasl.scram import ScramKeys
from shared_protocol.sasl.server import CheckPassword, ServerLogin, Step, Success
from shared_protocol.xml.elements import element_of
from shared_protocol.xml.framer import StanzaFramer
from shared_protocol.xml.frames import StanzaFrame, StreamEnd, StreamHeader, sender_attribute
from tests.fuzz.element_changes import ByteChoices, changed
from tests.fuzz.stanza_readers import all_readers

HEADER = (
    b"<stream:stream xmlns='jabber:client' to='montague.lit' version='1.0'"
    b" xmlns:stream='http://etherx.jabber.org/streams'>"
)
BODY = b"<body xmlns='http://jabber.org/protocol/httpbind' rid='1573741820' sid='s'>"
_STANZAS = frozenset(f"{CLIENT} {name}" for name in ("message", "presence", "iq"))
REFUSALS = (MalformedStanzaError, SaslError, StanzaError)  # what the outermost handler answers
PASSWORD = "wherefore art thou"
_SALT = b"salt of Verona 1"
_KEYS = {one: ScramKeys.derive(PASSWORD, one, 4_096, _SALT) for one in ScramHash}
_MECHANISMS = (*STRONGEST_FIRST, "EXTERNAL", "")
_NONCE = "3rfcNHYJY1ZVvWVs7j"


def fuzz_framer(data: bytes) -> None:
    """Bytes of a stream become frames or a stream error, and the same ones however they are cut.

    The first byte says where the stream is cut; an odd one leaves the header out.
    """
    cut = data[0] if data else 0
    stream = data[1:] if cut % 2 else HEADER + data[1:]
    whole = _frames(stream, [])
    # Of two faults either may be noticed first.
    assert _frames(stream, [cut, cut * 3, cut * 7]) == whole
    for frame in whole[0]:
        if isinstance(frame, StanzaFrame) and frame.is_portable:
            element_of(frame.raw)  # what was accepted can be read


def _frames(stream: bytes, cuts: Sequence[int]) -> tuple[list[object], bool]:
    framer = StanzaFramer(BEFORE_LOGIN)
    places = sorted({0, len(stream), *(min(cut, len(stream)) for cut in cuts)})
    frames: list[object] = []
    for start, end in itertools.pairwise(places):
        try:
            frames += framer.receive(stream[start:end])
        except StreamError as error:
            return frames + error.frames_before, True
    return frames, False


def fuzz_sasl(data: bytes) -> None:
    """A login takes any messages in any order; nobody gets in without the password.

    The first byte chooses the mechanism; zero bytes of four part the messages.
    """
    choices = ByteChoices(data[:1])
    login = ServerLogin(
        credentials=lambda name, scram_hash: _KEYS[scram_hash] if name == "romeo" else None,
        domain="montague.lit",
        fake_salt_secret=b"secret of the office",
        channel_binding=b"binding",
        offered=SaslOffer.of(STRONGEST_FIRST),
        make_nonce=lambda: _NONCE,
    )
    first, *others = data[1:].split(b"\0\0\0\0")
    mechanism = choices.one_of(_MECHANISMS)
    try:
        _take(login, login.begin(mechanism, first or None))
        for other in others[:4]:
            _take(login, login.respond(other))
    except SaslError:
        return


def _take(login: ServerLogin, step: Step) -> None:
    if isinstance(step, CheckPassword):
        is_right = step.password == PASSWORD and step.localpart == "romeo"
        login.password_checked(is_right=is_right)
    elif isinstance(step, Success):
        # The nonce is known to the fuzzer, the password is not: a proof cannot be found.
        pytest.fail(f"{step.localpart} got in")


def fuzz_stanza_readers(data: bytes) -> None:
    """Any element gives a value or an error that is answered, in every codec."""
    choices = ByteChoices(data)
    reader = choices.one_of(all_readers())
    element = changed(choices.one_of(reader.examples), choices, reader.words)
    try:
        reader.read(element)
    except REFUSALS:
        return


def fuzz_addresses(data: bytes) -> None:
    """Text is an address in its normal form, which is read back as the same, or none."""
    text = data.decode("utf-8", "replace")
    try:
        jid = parse_jid(text)
    except AddressError:
        return
    assert parse_jid(str(jid)) == jid


def fuzz_elements(data: bytes) -> None:
    """A message of a WebSocket is one frame or a stream error; what is relayed can go alone.

    The first byte says whether the element declares its namespace, as a client over TCP does not.
    """
    element = data[1:]
    if not (data[0] if data else 0) % 2:
        element = b"<message xmlns='jabber:client'>" + element + b"</message>"
    framing = ElementFraming(BEFORE_LOGIN)
    try:
        (frame,) = framing.receive(element)
    except StreamError:
        return
    if isinstance(frame, StanzaFrame) and frame.is_portable and frame.name in _STANZAS:
        relayed = declared(frame.stamped(sender_attribute("romeo@montague.lit/orchard")))
        (again,) = ElementFraming(CLIENT_STREAM).receive(relayed)
        assert isinstance(again, StanzaFrame)
        assert (again.name, again.children) == (frame.name, frame.children)


def fuzz_bosh_bodies(data: bytes) -> None:
    """A body of BOSH is a request with whole elements, or is refused.

    An odd first byte leaves the wrapper out.
    """
    wrapped = data[1:] if (data[0] if data else 0) % 2 else BODY + data[1:] + b"</body>"
    framer = StanzaFramer(BEFORE_LOGIN)
    try:
        header, *frames = framer.receive(wrapped) or [StreamEnd()]
        if not isinstance(header, StreamHeader):
            return
        request_of(header)
        for frame in frames:
            if isinstance(frame, StanzaFrame):
                (taken,) = ElementFraming(CLIENT_STREAM).receive(payload_of(frame, header))
                assert not isinstance(taken, StreamHeader) or "framing" in frame.name
    except (StreamError, MalformedStanzaError):
        return


TARGETS: dict[str, Callable[[bytes], None]] = {
    "framer": fuzz_framer,
    "sasl": fuzz_sasl,
    "stanzas": fuzz_stanza_readers,
    "addresses": fuzz_addresses,
    "elements": fuzz_elements,
    "bosh": fuzz_bosh_bodies,
}


def seeds_of(target: str) -> list[bytes]:
    """Return beginnings for the corpus of a target."""
    if target == "framer":
        stanzas = b"<presence/><message to='juliet@capulet.lit'><body>&lt;</body></message>"
        return [b"\0" + stanzas, b"\x15" + HEADER + stanzas + b"</stream:stream>"]
    if target == "elements":
        return [b"\0<body>&lt;</body>", b"\1<c:iq xmlns:c='jabber:client' id='1'/>"]
    if target == "bosh":
        return [b"\0<presence/><iq xmlns='jabber:client'><a xmlns='b'/></iq>", b"\1" + BODY]
    if target == "sasl":
        plain = f"\0romeo\0{PASSWORD}x".encode()
        final = b"c=biws,r=fyko" + _NONCE.encode() + b",p=" + base64.b64encode(bytes(32))
        return [
            bytes((_MECHANISMS.index("PLAIN"),)) + plain,
            bytes((_MECHANISMS.index("SCRAM-SHA-256"),)) + b"n,,n=romeo,r=fyko\0\0\0\0" + final,
        ]
    if target == "addresses":
        return [b"romeo@montague.lit/orchard", "\u00fc@xn--bcher-kva.lit".encode()]
    return [bytes((number, 0, 3, number, 1, number)) for number in range(len(all_readers()))]
