"""What a lost client has not got (XEP-0198, section 4; protocol.md 4.4 and 5.6)."""

from typing import Any

import pytest

pytestmark = pytest.mark.asyncio
BALCONY = "juliet@montague.lit/balcony"
MESSAGE = "<message type='{type}' to='{to}' id='m'><body>b</body></message>"


async def online(stage: Any, jid: str, priority: int = 0) -> Any:
    """A client with stream management, which has acknowledged nothing."""
    client = await stage.enter(jid)
    client.session.enable_acknowledgement()
    return await client.come(f"<priority>{priority}</priority>")


def shown(stanzas: list[str]) -> list[str]:
    """Name each stanza: its element, type and error."""
    names = []
    for one in stanzas:
        if "<presence" not in one:
            error = one.partition("<error ")[2].partition("><")[2].partition(" ")[0]
            kind = one.partition(" type='")[2].partition("'")[0]
            names.append(f"{one[1:].partition(' ')[0]} {kind} {error}".strip())
    return names


@pytest.mark.parametrize(
    ("message_type", "to_sender", "to_other"),
    [
        ("chat", [], ["message chat"]),
        ("normal", ["message error service-unavailable"], []),
        ("groupchat", ["message error service-unavailable"], []),
        ("headline", [], []),
        ("error", [], []),
    ],
)
@pytest.mark.parametrize("keeping", ["not stored", "stored"])
async def test_message_to_the_lost_resource_goes_as_the_table_says(
    stage: Any, message_type: str, to_sender: list[str], to_other: list[str], keeping: str
) -> None:
    """RFC 6121, section 8.5.3.2: full JID, no match, and others with priority >= 0."""
    romeo = await stage.enter("romeo/orchard")
    if keeping == "stored":
        romeo.session.enable_acknowledgement()
    juliet = await online(stage, "juliet/balcony")
    other = await online(stage, "juliet/chamber")
    await romeo.say(MESSAGE.format(type=message_type, to=BALCONY))
    romeo.take()
    other.take()

    await juliet.leave()

    assert shown(romeo.take()) == to_sender
    assert shown(other.take()) == to_other


@pytest.mark.parametrize("keeping", ["not stored", "stored"])
async def test_chat_message_waits_with_its_time_if_nobody_else_is_there(
    stage: Any, keeping: str
) -> None:
    """RFC 6121, section 8.5.3.2.1; XEP-0198, section 4: with the original time."""
    romeo = await stage.enter("romeo/orchard")
    if keeping == "stored":
        romeo.session.enable_acknowledgement()
    juliet = await online(stage, "juliet/balcony")
    await romeo.say(MESSAGE.format(type="chat", to=BALCONY))

    await juliet.leave()
    again = await stage.enter("juliet/balcony")
    await again.say("<presence/>")

    (message,) = [one for one in again.take() if "<message" in one]
    assert message.count("<delay xmlns='urn:xmpp:delay' from='montague.lit' stamp='") == 1


async def test_what_was_acknowledged_goes_nowhere(stage: Any) -> None:
    romeo, juliet = await stage.enter("romeo/orchard"), await online(stage, "juliet/balcony")
    await romeo.say(MESSAGE.format(type="normal", to=BALCONY))
    sent = juliet.session.acknowledgement.sent

    juliet.session.acknowledge(sent)
    await juliet.leave()

    assert shown(romeo.take()) == []


async def test_request_that_was_not_answered_gets_an_error(stage: Any) -> None:
    """RFC 6120, section 8.2.3: a request is always answered."""
    await stage.befriend("romeo", "juliet")
    romeo, juliet = await stage.enter("romeo/orchard"), await online(stage, "juliet/balcony")
    await romeo.say(f"<iq type='get' id='q' to='{BALCONY}'><query xmlns='jabber:iq:version'/></iq>")
    await romeo.say(f"<iq type='result' id='r' to='{BALCONY}'/>")
    assert romeo.take() == []

    await juliet.leave()

    assert shown(romeo.take()) == ["iq error service-unavailable"]


async def test_message_to_the_account_is_not_shown_twice_to_another_resource(stage: Any) -> None:
    romeo, juliet = await stage.enter("romeo/orchard"), await online(stage, "juliet/balcony")
    other = await online(stage, "juliet/chamber")
    await romeo.say(MESSAGE.format(type="chat", to="juliet@montague.lit"))
    assert shown(other.take()) == ["message chat"]

    await juliet.leave()

    assert shown(other.take()) == []


@pytest.mark.parametrize("message_type", ["chat", "normal"])
async def test_message_to_the_account_goes_to_a_resource_that_came_later(
    stage: Any, message_type: str
) -> None:
    romeo, juliet = await stage.enter("romeo/orchard"), await online(stage, "juliet/balcony")
    await romeo.say(MESSAGE.format(type=message_type, to="juliet@montague.lit"))
    later = await online(stage, "juliet/chamber")

    await juliet.leave()

    assert shown(later.take()) == [f"message {message_type}"]


async def test_message_to_the_account_goes_to_a_resource_of_less_priority(stage: Any) -> None:
    """RFC 6121, section 8.5.2.1.1: only the highest had it."""
    romeo, juliet = await stage.enter("romeo/orchard"), await online(stage, "juliet/balcony", 5)
    other = await online(stage, "juliet/chamber")
    await romeo.say(MESSAGE.format(type="chat", to="juliet@montague.lit"))
    assert shown(other.take()) == []

    await juliet.leave()

    assert shown(other.take()) == ["message chat"]


async def test_stored_message_whose_sender_is_gone_stays_stored(stage: Any) -> None:
    """An error would reach nobody: nothing is lost."""
    romeo, juliet = await stage.enter("romeo/orchard"), await online(stage, "juliet/balcony")
    romeo.session.enable_acknowledgement()
    await romeo.say(MESSAGE.format(type="normal", to=BALCONY))
    await romeo.leave()

    await juliet.leave()
    again = await stage.enter("juliet/balcony")
    await again.say("<presence/>")

    assert shown(again.take()) == ["message normal"]


async def test_what_the_server_itself_said_is_dropped(stage: Any) -> None:
    """Roster pushes and copies of other resources: who comes next asks for all of it."""
    juliet = await online(stage, "juliet/balcony")
    other = await online(stage, "juliet/chamber")
    juliet.session.send(b"<iq type='set' id='p'><query xmlns='jabber:iq:roster'/></iq>")
    juliet.session.send(
        b"<message from='juliet@montague.lit' to='juliet@montague.lit/balcony' type='chat'>"
        b"<sent xmlns='urn:xmpp:carbons:2'/></message>"
    )

    await juliet.leave()

    assert shown(other.take()) == []
    assert stage.messages.count("juliet") == 0
