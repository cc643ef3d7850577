"""A session as the rest of the server sees it."""

from collections.abc import Sequence

from embedded_server.sessions.session import Session
from shared_protocol.addresses import FullJid
from shared_protocol.errors import StreamCondition, StreamError
from shared_protocol.stanzas.client_state import ClientState
from tests.helpers.still_stream import StillStream

MESSAGE = b"<message to='romeo@montague.lit'><body>Hist!</body></message>"


class Spool:
    """What is told to be not needed any more."""

    def __init__(self) -> None:
        self.released: list[int] = []

    def release(self, _session: Session, spool_ids: Sequence[int]) -> None:
        self.released += spool_ids


def make_session(stream: StillStream, spool: Spool) -> Session:
    session = Session(
        full_jid=FullJid.parse("romeo@montague.lit/orchard"), stream=stream, language="it"
    )
    session.on_acknowledged = spool.release
    return session


def test_attributes_for_stamping_are_made_once() -> None:
    session = make_session(StillStream(), Spool())

    assert session.sender_attribute == b" from='romeo@montague.lit/orchard'"
    assert session.language_attribute == b" xml:lang='it'"


def test_without_stream_management_a_row_is_released_when_it_has_left() -> None:
    stream, spool = StillStream(), Spool()
    session = make_session(stream, spool)

    session.send(MESSAGE, 1)
    session.send(MESSAGE)
    session.send(MESSAGE, 2)
    assert spool.released == []
    assert session.unacknowledged == (1, 2)
    stream.on_written[0]()

    assert spool.released == [1]
    assert session.unacknowledged == (2,)


def test_with_stream_management_a_row_is_released_when_the_client_says_so() -> None:
    """Security.md, section 8, rule 5: not when it was written to the socket."""
    stream, spool = StillStream(), Spool()
    session = make_session(stream, spool)
    session.enable_acknowledgement()

    session.send(MESSAGE, 1)
    session.send(MESSAGE, 2)
    assert stream.on_written == []
    session.acknowledge(1)

    assert spool.released == [1]
    assert session.unacknowledged == (2,)
    assert len(stream.last) == 2  # asked at first, and again because more was sent


def test_what_was_not_acknowledged_is_known_after_the_end() -> None:
    stream = StillStream()
    session = make_session(stream, Spool())
    session.send(MESSAGE, 1)
    session.enable_acknowledgement()
    session.send(MESSAGE, 2)

    session.mark_closed()
    session.send(MESSAGE, 3)

    assert session.unacknowledged == (1, 2)
    assert len(stream.sent) == 2


def test_session_with_too_much_unacknowledged_is_congested() -> None:
    session = make_session(StillStream(), Spool())
    session.enable_acknowledgement()

    for spool_id in range(500):
        session.send(MESSAGE, spool_id)
    assert session.is_congested
    session.acknowledge(1)

    assert not session.is_congested


def test_relief_is_told_at_once_or_when_the_stream_tells_it() -> None:
    stream, told = StillStream(), []
    session = make_session(stream, Spool())

    session.when_relieved(lambda: told.append("at once"))
    stream.is_congested = True
    session.when_relieved(lambda: told.append("later"))
    assert told == ["at once"]
    stream.on_relieved[0]()

    assert told == ["at once", "later"]


def test_closing_ends_the_stream_with_the_error() -> None:
    stream = StillStream()
    session = make_session(stream, Spool())
    conflict = StreamError(StreamCondition.CONFLICT)

    session.close(conflict)

    assert stream.errors == [conflict]


CONTACT = b"<presence from='juliet@capulet.lit/balcony'/>"
GONE = b"<presence from='juliet@capulet.lit/balcony' type='unavailable'/>"
TYPING = b"<message><composing xmlns='http://jabber.org/protocol/chatstates'/></message>"


def test_inactive_client_gets_what_may_wait_before_what_may_not() -> None:
    """XEP-0352, section 5.1: in order, before anything that must go."""
    stream = StillStream()
    session = make_session(stream, Spool())
    session.become(ClientState.INACTIVE)

    for stanza in (CONTACT, TYPING, GONE):
        session.send(stanza)
    assert stream.sent == []
    session.send(MESSAGE)

    assert stream.sent == [TYPING, GONE, MESSAGE]
    session.send(CONTACT)
    assert stream.sent[3:] == []


def test_active_client_gets_at_once_what_was_held_back() -> None:
    """XEP-0352, section 5.1: all actions of the nonza happen before anything that follows."""
    stream = StillStream()
    session = make_session(stream, Spool())
    session.enable_acknowledgement()
    session.become(ClientState.INACTIVE)
    session.send(CONTACT)
    assert session.acknowledgement is not None
    assert session.acknowledgement.sent == 0

    session.become(ClientState.ACTIVE)
    session.send(TYPING)

    assert stream.sent == [CONTACT, TYPING]
    assert session.acknowledgement.sent == 2


def test_inactive_client_gets_everything_when_too_much_waits() -> None:
    stream = StillStream()
    session = make_session(stream, Spool())
    session.become(ClientState.INACTIVE)

    for number in range(101):
        session.send(f"<presence from='{number}@capulet.lit/balcony'/>".encode())

    assert len(stream.sent) == 101


def test_session_is_inactive_no_more_when_it_is_resumed() -> None:
    """XEP-0352, section 5.2: the state defaults to active for resumed streams."""
    session = make_session(StillStream(), Spool())
    session.enable_acknowledgement()
    session.become(ClientState.INACTIVE)
    session.send(CONTACT)
    session.hibernate(lambda: None)
    session.become(ClientState.ACTIVE)  # said by nobody: it has no stream
    assert [one.stanza for one in session.undelivered] == [CONTACT]
    held = session.next_held()
    stream = StillStream()

    session.attach(stream)
    session.send(GONE)

    assert held is not None
    assert held.stanza == CONTACT
    assert stream.sent == [GONE]


def test_what_is_stored_goes_to_an_inactive_client_at_once() -> None:
    stream = StillStream()
    session = make_session(stream, Spool())
    session.become(ClientState.INACTIVE)

    session.send(TYPING, 7)

    assert stream.sent == [TYPING]
