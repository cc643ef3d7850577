"""Copies for other devices (XEP-0280) where a scenario cannot look: stores, services, restarts."""

import asyncio
import re
from typing import Any

import pytest

from embedded_server.plugin_api import ServiceOrigin, SessionRestored, SessionSaving
from shared_protocol.addresses import parse_jid
from shared_protocol.xml.framer import frame_of
from tests.helpers.module_stage import Client, Stage

pytestmark = pytest.mark.asyncio
ENABLE = "<iq type='set' id='c'><enable xmlns='urn:xmpp:carbons:2'/></iq>"
CHAT = "<message type='chat' to='{}' id='{}'><body>b</body></message>"


async def copying(stage: Stage, jid: str) -> Client:
    client = await stage.enter(jid)
    await client.say(ENABLE)
    client.take()
    return client


def copies(client: Client) -> list[tuple[str, str]]:
    """Return direction and id of the copies that have arrived."""
    found = (
        re.search(r"<(sent|received) xmlns='urn:xmpp:carbons:2'>.*<message[^>]* id='(\w+)'", one)
        for one in client.take()
    )
    return [(one[1], one[2]) for one in found if one is not None]


async def test_copy_leaves_when_the_message_is_on_disk(stage: Any) -> None:
    romeo, home = await stage.enter("romeo/garden"), await copying(stage, "romeo/home")
    romeo.session.enable_acknowledgement()

    romeo.send(CHAT.format("juliet@montague.lit", "m1"))
    at_once = copies(home)
    await stage.settle()

    assert at_once == []
    assert copies(home) == [("sent", "m1")]


async def test_device_of_negative_priority_gets_a_copy_of_what_waits(stage: Any) -> None:
    """Section 7: "each Carbons-enabled resource ... that did not receive it"."""
    romeo, juliet = await stage.enter("romeo/garden"), await copying(stage, "juliet/chamber")
    await juliet.come("<priority>-1</priority>")

    await romeo.say(CHAT.format("juliet@montague.lit", "m1"))

    assert copies(juliet) == [("received", "m1")]
    assert stage.messages.count("juliet") == 1


async def test_double_is_copied_to_nobody(stage: Any) -> None:
    romeo, home = await stage.enter("romeo/garden"), await copying(stage, "romeo/home")
    name = "<origin-id xmlns='urn:xmpp:sid:0' id='o1'/></message>"
    message = CHAT.format("juliet@montague.lit", "m1").replace("</message>", name)

    await romeo.say(message)
    await romeo.say(message)

    assert copies(home) == [("sent", "m1")]


async def test_what_somebody_writes_to_himself_comes_once(stage: Any) -> None:
    garden, home = await copying(stage, "romeo/garden"), await copying(stage, "romeo/home")
    await home.come()
    away = await copying(stage, "romeo/away")

    await garden.say(CHAT.format("romeo@montague.lit", "m1"))

    assert [one.count("carbons") for one in home.take()] == [0]
    assert copies(away) == [("sent", "m1")]
    assert garden.take() == []


async def test_client_that_does_not_read_gets_no_copy(stage: Any) -> None:
    """Security, section 6: nothing piles up for it; its archive has the message."""
    romeo, home = await stage.enter("romeo/garden"), await copying(stage, "romeo/home")
    home.stream.is_congested = True

    await romeo.say(CHAT.format("juliet@montague.lit", "m1"))

    assert copies(home) == []


async def test_private_message_to_an_occupant_is_copied_and_archived(stage: Any) -> None:
    """Section 6.1: "from a local user to a MUC participant ... SHOULD be carbon-copied"."""
    romeo, home = await stage.enter("romeo/garden"), await copying(stage, "romeo/home")
    stage.host.serve("chat.montague.lit", lambda _inbound: None)

    await romeo.say(CHAT.format("coven@chat.montague.lit/thirdwitch", "m1"))
    await romeo.say(
        "<message type='groupchat' to='coven@chat.montague.lit' id='m2'><body>b</body></message>"
    )

    (copy,) = home.take()
    assert (
        " id='m1'><body>b</body><stanza-id xmlns='urn:xmpp:sid:0' by='romeo@montague.lit'" in copy
    )
    await romeo.say("<iq type='set' id='q'><query xmlns='urn:xmpp:mam:2'/></iq>")
    assert "<count>1</count></set></fin>" in romeo.take()[-1]


async def test_message_that_a_service_refuses_is_not_copied(stage: Any) -> None:
    romeo, home = await stage.enter("romeo/garden"), await copying(stage, "romeo/home")

    await romeo.say(CHAT.format("coven@conference.montague.lit/thirdwitch", "m1"))

    assert copies(home) == []


@pytest.mark.parametrize(
    ("sender", "payload", "count"),
    [
        ("coven@chat.montague.lit/witch", "<body>b</body><x xmlns='{muc}'/>", 0),
        ("coven@chat.montague.lit", "<x xmlns='{muc}'><invite from='nurse@montague.lit'/></x>", 1),
        ("echo.montague.lit", "<body>b</body>", 1),
    ],
)
async def test_room_tells_each_device_itself_but_for_invitations(
    stage: Any, sender: str, payload: str, count: int
) -> None:
    """Section 6.1: private messages "received from a full JID ... SHOULD NOT be carbon-copied"."""
    juliet, chamber = await stage.enter("juliet/balcony"), await copying(stage, "juliet/chamber")
    await juliet.come()
    child = payload.format(muc="http://jabber.org/protocol/muc#user")
    stanza = (
        f"<message from='{sender}' to='juliet@montague.lit/balcony' type='chat'>{child}</message>"
    )

    stage.host.route(ServiceOrigin(parse_jid(sender)), frame_of(stanza.encode()))
    await stage.settle()

    assert len(juliet.take()) == 1
    assert len(chamber.take()) == count


async def test_session_that_is_restored_gets_copies_as_before(stage: Any) -> None:
    """XEP-0198, section 5: a resumed session is as it was."""
    home = await copying(stage, "romeo/home")
    notes: dict[str, str] = {}
    stage.host.hooks.ask(SessionSaving(home.session, notes))
    await home.leave()
    romeo, again = await stage.enter("romeo/garden"), await stage.enter("romeo/home")
    await romeo.say(CHAT.format("juliet@montague.lit", "m1"))
    before = copies(again)

    restored = SessionRestored(again.session, notes)
    stage.host.hooks.tell(restored)
    await asyncio.gather(*restored.work)
    await romeo.say(CHAT.format("juliet@montague.lit", "m2"))

    assert before == []
    assert copies(again) == [("sent", "m2")]
