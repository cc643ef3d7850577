"""Our sessions at servers: Debian's Prosody with and without stream management, and our own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from communicator.session.errors import ConnectionFailedError
from communicator.session.ports import OutgoingMessage
from communicator.session.slixmpp_session import SlixmppSession
from communicator.state.connection import TroubleKind
from communicator.state.presence import Availability
from shared_protocol.addresses import BareJid
from shared_protocol.stanzas.roster import RosterItem, Subscription
from tests.helpers.chat_server import PASSWORD, ChatServer, new_id
from tests.helpers.session_diary import Diary, until

pytestmark = [pytest.mark.asyncio, pytest.mark.network]


@dataclass
class Person:
    """Somebody who is online."""

    jid: BareJid
    session: SlixmppSession
    diary: Diary


@asynccontextmanager
async def online(
    name: str, server: ChatServer, *, is_direct_tls: bool = False
) -> AsyncIterator[Person]:
    """Log somebody in, as the program does: roster first, then presence."""
    session = SlixmppSession()
    account = server.account(name, is_direct_tls=is_direct_tls)
    person = Person(account.jid, session, Diary(session))
    await session.connect(account, PASSWORD)
    try:
        await session.fetch_roster()
        session.send_presence(Availability.AVAILABLE)
        own = person.diary.connected[0]
        await until(lambda: any(seen.sender == own for seen in person.diary.presences))
        yield person
    finally:
        await session.disconnect()


@asynccontextmanager
async def two_online(
    server: ChatServer, *, is_direct_tls: bool = False
) -> AsyncIterator[tuple[Person, Person]]:
    async with (
        online("romeo", server, is_direct_tls=is_direct_tls) as romeo,
        online("juliet", server, is_direct_tls=is_direct_tls) as juliet,
    ):
        yield romeo, juliet


@pytest.mark.parametrize("is_direct_tls", [False, True], ids=["starttls", "direct"])
async def test_messages_arrive_in_order_and_are_acknowledged_and_confirmed(
    server: ChatServer, *, is_direct_tls: bool
) -> None:
    async with two_online(server, is_direct_tls=is_direct_tls) as (romeo, juliet):
        await exchange(romeo, juliet)


async def exchange(romeo: Person, juliet: Person) -> None:
    ids = [new_id() for _ in range(30)]
    for origin_id in ids:
        romeo.session.send_message(OutgoingMessage(juliet.jid, f"<{origin_id}> & é", origin_id))
    await until(lambda: len(juliet.diary.messages) == len(ids))
    await until(lambda: len(romeo.diary.acknowledged) == len(ids))
    received = juliet.diary.messages
    assert [message.body for message in received] == [f"<{one}> & é" for one in ids]
    assert [message.origin_id for message in received] == ids
    assert {message.sender for message in received} == {romeo.diary.connected[0]}
    assert romeo.diary.acknowledged == ids
    assert romeo.diary.receipts == []
    juliet.session.send_receipt(received[0])
    await until(lambda: romeo.diary.receipts)
    assert romeo.diary.receipts[0].origin_id == ids[0]


async def test_typing_is_seen_and_ends_with_the_message(server: ChatServer) -> None:
    async with two_online(server) as (romeo, juliet):
        romeo.session.send_chat_state(juliet.jid, is_composing=True)
        romeo.session.send_message(OutgoingMessage(juliet.jid, "Juliet!", new_id()))
        await until(lambda: len(juliet.diary.chat_states) == 2)
        assert [it.is_composing for it in juliet.diary.chat_states] == [True, False]


async def test_messages_to_somebody_offline_come_later_with_their_time(server: ChatServer) -> None:
    async with online("romeo", server) as romeo:
        juliet_jid = BareJid.parse(f"juliet@{server.domain}")
        origin_id = new_id()
        text = "Sleep dwell upon thine eyes"
        romeo.session.send_message(OutgoingMessage(juliet_jid, text, origin_id))
        await until(lambda: romeo.diary.acknowledged)
    async with online("juliet", server) as juliet:
        await until(lambda: juliet.diary.messages)
        assert juliet.diary.messages[0].delayed_at is not None
        assert juliet.diary.messages[0].origin_id == origin_id


async def test_a_message_to_nobody_is_refused(server: ChatServer) -> None:
    async with online("romeo", server) as romeo:
        nobody = BareJid.parse(f"rosaline@{server.domain}")
        origin_id = new_id()
        romeo.session.send_message(OutgoingMessage(nobody, "hi", origin_id))
        await until(lambda: romeo.diary.refused)
        assert romeo.diary.refused[0].origin_id == origin_id
        assert romeo.diary.refused[0].sender == nobody


async def test_two_become_contacts_see_each_other_and_part(server: ChatServer) -> None:
    """RFC 6121, section 3.1: request, approval, both rosters, presence."""
    async with two_online(server) as (romeo, juliet):
        await romeo.session.set_roster_item(juliet.jid, "Jule", ["Loved", "Capulets"])
        romeo.session.subscribe(juliet.jid, "It is the east")
        await until(lambda: juliet.diary.requests)
        assert juliet.diary.requests[0].jid == romeo.jid
        juliet.session.approve(romeo.jid)
        juliet.session.subscribe(romeo.jid)
        await until(lambda: romeo.diary.requests)
        romeo.session.approve(juliet.jid)

        def are_both() -> bool:
            ends = [*romeo.diary.pushed[-1:], *juliet.diary.pushed[-1:]]
            return [it.subscription for it in ends] == [Subscription.BOTH, Subscription.BOTH]

        await until(are_both)
        juliet.session.send_presence(Availability.DND, "asleep")
        await until(
            lambda: any(it.availability is Availability.DND for it in romeo.diary.presences)
        )
        items = await romeo.session.fetch_roster()
        assert [(it.jid, it.name, sorted(it.groups)) for it in items] == [
            (juliet.jid, "Jule", ["Capulets", "Loved"])
        ]
        await romeo.session.remove_roster_item(juliet.jid)
        gone = RosterItem(juliet.jid, subscription=Subscription.REMOVE)
        await until(lambda: gone in romeo.diary.pushed)
        await juliet.session.remove_roster_item(romeo.jid)


async def test_a_wrong_password_is_told(server: ChatServer) -> None:
    with pytest.raises(ConnectionFailedError) as raised:
        await SlixmppSession().connect(server.account("romeo"), "wrong")
    assert raised.value.trouble.kind is TroubleKind.WRONG_PASSWORD


async def test_the_same_session_connects_again(server: ChatServer) -> None:
    session = SlixmppSession()
    diary = Diary(session)
    for _ in range(3):
        await session.connect(server.account("romeo"), PASSWORD)
    await session.disconnect()
    assert len(diary.connected) == 3
    assert diary.disconnected == [None, None, None]
