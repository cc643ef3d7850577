"""A session outlives its connection (XEP-0198, section 5); the test speaks for the server."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from communicator.session.errors import ConnectionFailedError
from communicator.session.ports import IncomingMessage, OutgoingMessage
from communicator.session.slixmpp_session import SlixmppSession
from communicator.state.presence import Availability
from communicator.state.task_owner import TaskOwner
from shared_protocol.addresses import BareJid
from shared_protocol.namespaces import STREAM_MANAGEMENT
from tests.helpers.online_session import account_at
from tests.helpers.private_authority import IssuedCertificate, PrivateAuthority
from tests.helpers.scripted_server import (
    BIND_FEATURE,
    DOMAIN,
    PASSWORD,
    SM_FEATURE,
    ScriptedPeer,
    scripted_server,
)
from tests.helpers.session_diary import Diary, until

if TYPE_CHECKING:
    from communicator.state.account import Account

pytestmark = [pytest.mark.asyncio, pytest.mark.network]

FEATURES = BIND_FEATURE + SM_FEATURE
JULIET = BareJid.parse("juliet@capulet.lit")
FROM_JULIET = (
    "<message from='juliet@capulet.lit/balcony' type='chat' id='{0}'><body>{0}</body>"
    "<origin-id xmlns='urn:xmpp:sid:0' id='{0}'/></message>"
)
THERE = "<presence from='juliet@capulet.lit/balcony'><show>away</show></presence>"
ROSTER = (
    "<query xmlns='jabber:iq:roster'><item jid='juliet@capulet.lit' subscription='both'/></query>"
)
R = f"<r xmlns='{STREAM_MANAGEMENT}'/>"

Talk = Callable[[ScriptedPeer], Coroutine[Any, Any, None]]


class Stage:
    """Romeo's session and a server that does with each connection what the test says."""

    def __init__(self, *, waits_for_storage: bool = False) -> None:
        self.session = SlixmppSession(waits_for_storage=waits_for_storage)
        self.diary = Diary(self.session)
        self.account: Account
        self.jid = ""
        self._talks: list[Talk] = []

    async def meet(self, peer: ScriptedPeer) -> None:
        await self._talks.pop(0)(peer)

    def next(self, *talks: Talk) -> None:
        """Say what becomes of the next connections."""
        self._talks += talks

    async def connect(self) -> None:
        await self.session.connect(self.account, PASSWORD)

    async def begin(self, peer: ScriptedPeer) -> None:
        """Give it a session that can be resumed."""
        await peer.encrypt()
        await peer.authenticate()
        self.jid = await peer.bind(FEATURES)
        await peer.read_until("<enable[^>]*resume='true'[^>]*/>")
        await peer.send(f"<enabled xmlns='{STREAM_MANAGEMENT}' id='sm1' resume='true' max='600'/>")
        await peer.answer("disco#info")


async def resume_request(peer: ScriptedPeer) -> str:
    """Let it log in; return the h of its question for the session."""
    await peer.encrypt()
    await peer.authenticate()
    await peer.offer(FEATURES)
    found = await peer.read_until("<resume [^>]*/>")
    assert "previd='sm1'" in found[0]
    return found[0].partition(" h='")[2].partition("'")[0]


def resumed(handled: int) -> str:
    return f"<resumed xmlns='{STREAM_MANAGEMENT}' previd='sm1' h='{handled}'/>"


@asynccontextmanager
async def stage(
    authority: PrivateAuthority, certificate: IssuedCertificate, *, waits_for_storage: bool = False
) -> AsyncIterator[Stage]:
    played = Stage(waits_for_storage=waits_for_storage)
    async with scripted_server(played.meet, certificate) as server:
        played.account = account_at(server, authority)
        yield played
        await played.session.disconnect()


async def test_session_goes_on_and_what_the_server_lacks_is_sent_again(
    authority: PrivateAuthority, certificate: IssuedCertificate
) -> None:
    """Section 5: both re-send; messages of the outbox are its own business."""
    async with stage(authority, certificate) as played:
        session, diary = played.session, played.diary

        async def first(peer: ScriptedPeer) -> None:
            await played.begin(peer)
            await peer.send(FROM_JULIET.format("a"))
            await peer.read_until("id='o1'.*id='o2'.*</message>.*composing.*</message>")
            peer.abort()

        async def second(peer: ScriptedPeer) -> None:
            assert await resume_request(peer) == "2"  # the answer to disco, and a
            await peer.send(resumed(2) + FROM_JULIET.format("b"))  # disco, and o1
            await peer.read_until("<composing [^>]*>.*</message>.*id='o3'.*</message>")

        played.next(first, second)
        await played.connect()
        await until(lambda: diary.messages)
        for origin_id in ("o1", "o2"):
            session.send_message(OutgoingMessage(JULIET, "Hist!", origin_id))
        session.send_chat_state(JULIET, is_composing=True)
        await until(lambda: diary.disconnected)

        await played.connect()
        assert diary.acknowledged == ["o1"]
        session.send_message(OutgoingMessage(JULIET, "Hist!", "o3"))
        await until(lambda: len(diary.messages) == 2)

        assert [str(jid) for jid in diary.connected] == [played.jid, played.jid]


async def test_the_server_is_asked_neither_for_the_roster_nor_for_presence_again(
    authority: PrivateAuthority, certificate: IssuedCertificate
) -> None:
    """Section 5: a reconnecting client SHOULD NOT request the roster, nor resend presence."""
    async with stage(authority, certificate) as played:
        session, diary = played.session, played.diary

        async def first(peer: ScriptedPeer) -> None:
            await played.begin(peer)
            await peer.answer("jabber:iq:roster", ROSTER)
            await peer.read_until("<presence>.*</presence>")
            await peer.send(THERE)
            await until(lambda: diary.presences)
            peer.abort()

        async def second(peer: ScriptedPeer) -> None:
            await resume_request(peer)
            await peer.send(resumed(3))
            await peer.read_until("<show>dnd</show>")
            assert b"roster" not in peer.heard

        played.next(first, second)
        await played.connect()
        items = await session.fetch_roster()
        session.send_presence(Availability.AVAILABLE)
        await until(lambda: diary.disconnected)
        diary.presences.clear()

        await played.connect()
        session.send_presence(Availability.AVAILABLE)

        assert await session.fetch_roster() == items
        assert [str(seen.sender) for seen in diary.presences] == ["juliet@capulet.lit/balcony"]
        session.send_presence(Availability.DND)


async def test_refused_resumption_begins_a_new_session_and_tells_what_had_arrived(
    authority: PrivateAuthority, certificate: IssuedCertificate
) -> None:
    """Section 5: with h, what was handled is known; it is never forgotten what was not."""
    async with stage(authority, certificate) as played:
        session, diary = played.session, played.diary

        async def first(peer: ScriptedPeer) -> None:
            await played.begin(peer)
            await peer.read_until("id='o1'.*id='o2'.*</message>")
            peer.abort()

        async def second(peer: ScriptedPeer) -> None:
            await resume_request(peer)
            await peer.send(
                f"<failed xmlns='{STREAM_MANAGEMENT}' h='2'>"
                "<item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>"
            )
            found = await peer.read_until("<iq[^>]*id='([^']*)'.*</iq>")
            bind = "urn:ietf:params:xml:ns:xmpp-bind"
            await peer.send(
                f"<iq type='result' id='{found[1]}'><bind xmlns='{bind}'>"
                f"<jid>romeo@{DOMAIN}/other</jid></bind></iq>"
            )
            await peer.read_until("<enable[^>]*/>")
            await peer.send(f"<enabled xmlns='{STREAM_MANAGEMENT}'/>")
            await peer.answer("disco#info")
            await peer.send(THERE)

        played.next(first, second)
        await played.connect()
        for origin_id in ("o1", "o2"):
            session.send_message(OutgoingMessage(JULIET, "Hist!", origin_id))
        await until(lambda: diary.disconnected)

        await played.connect()

        assert diary.acknowledged == ["o1"]
        assert str(diary.connected[1]) == f"romeo@{DOMAIN}/other"
        await until(lambda: diary.presences)


async def test_what_was_not_safe_here_is_asked_for_again(
    authority: PrivateAuthority, certificate: IssuedCertificate
) -> None:
    """A message counts once it is on disk, also when the connection was lost meanwhile."""
    async with stage(authority, certificate, waits_for_storage=True) as played:
        session, diary = played.session, played.diary
        is_counted = asyncio.Event()

        async def first(peer: ScriptedPeer) -> None:
            await played.begin(peer)
            await peer.send("".join(FROM_JULIET.format(number) for number in "123"))
            await until(lambda: len(diary.messages) == 3)
            peer.abort()

        async def second(peer: ScriptedPeer) -> None:
            assert await resume_request(peer) == "3"  # the answer to disco, 1 and 2
            await peer.send(resumed(1) + FROM_JULIET.format("3") + R)
            await peer.read_until("<a [^>]*h='3'/>")
            await peer.send(R)
            await peer.read_until("<a [^>]*h='4'/>")
            is_counted.set()

        played.next(first, second)
        await played.connect()
        await until(lambda: diary.disconnected)
        first_one, second_one, third = diary.messages
        session.confirm_stored(first_one)
        session.confirm_stored(second_one)

        await played.connect()
        session.confirm_stored(third)  # too late: it comes again
        await until(lambda: len(diary.messages) == 4)
        again: IncomingMessage = diary.messages[3]
        assert again.origin_id == third.origin_id
        session.confirm_stored(again)
        await asyncio.wait_for(is_counted.wait(), 10)


async def test_session_that_the_user_has_ended_is_not_asked_for(
    authority: PrivateAuthority, certificate: IssuedCertificate
) -> None:
    """Section 7: a clean end ends the session."""
    async with stage(authority, certificate) as played:

        async def first(peer: ScriptedPeer) -> None:
            await played.begin(peer)

        async def second(peer: ScriptedPeer) -> None:
            await played.begin(peer)
            assert b"<resume" not in peer.heard

        played.next(first, second)
        await played.connect()
        await played.session.disconnect()

        await played.connect()

        assert len(played.diary.connected) == 2


async def test_session_that_nobody_asked_for_is_no_session(
    authority: PrivateAuthority, certificate: IssuedCertificate
) -> None:
    """Stanzas behind it would come through an open gate."""
    async with stage(authority, certificate) as played:

        async def first(peer: ScriptedPeer) -> None:
            await peer.encrypt()
            await peer.authenticate()
            await peer.offer(FEATURES)
            await peer.send(resumed(0) + FROM_JULIET.format("1"))

        played.next(first)
        with pytest.raises(ConnectionFailedError):
            await played.connect()

        assert played.diary.messages == []


async def test_count_above_what_was_sent_is_no_resumption(
    authority: PrivateAuthority, certificate: IssuedCertificate
) -> None:
    """Section 4."""
    async with stage(authority, certificate) as played:

        async def first(peer: ScriptedPeer) -> None:
            await played.begin(peer)
            peer.abort()

        async def second(peer: ScriptedPeer) -> None:
            await resume_request(peer)
            await peer.send(resumed(100))

        played.next(first, second, played.begin)
        await played.connect()
        await until(lambda: played.diary.disconnected)

        with pytest.raises(ConnectionFailedError):
            await played.connect()
        await played.connect()  # and not a third time with that session

        assert len(played.diary.connected) == 2


async def test_question_of_the_lost_connection_is_not_asked_again(
    authority: PrivateAuthority, certificate: IssuedCertificate
) -> None:
    """Nobody waits for its answer any more."""
    async with stage(authority, certificate) as played:
        tasks = TaskOwner()

        async def first(peer: ScriptedPeer) -> None:
            await played.begin(peer)
            await peer.read_until("jabber:iq:roster")
            peer.abort()

        async def second(peer: ScriptedPeer) -> None:
            await resume_request(peer)
            await peer.send(resumed(1))
            await peer.read_until("id='o1'")
            assert b"roster" not in peer.heard

        played.next(first, second)
        await played.connect()
        asking = tasks.spawn(played.session.fetch_roster(), "ask")
        await until(lambda: played.diary.disconnected)
        await asyncio.wait({asking})

        await played.connect()
        played.session.send_message(OutgoingMessage(JULIET, "Hist!", "o1"))
