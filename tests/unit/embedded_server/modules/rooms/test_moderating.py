"""XEP-0425: messages that a moderator takes back, in both forms that clients know."""

from xml.etree.ElementTree import tostring

import pytest

from embedded_server.storage.errors import StorageUnavailableError
from shared_protocol.stanzas.rooms.moderation import is_tombstone, moderation_of
from tests.helpers.coven import COVEN, Coven, Seen, all_seen
from tests.helpers.module_stage import Client, Stage

pytestmark = pytest.mark.asyncio

SID = "{urn:xmpp:sid:0}stanza-id"
OCCUPANT = "{urn:xmpp:occupant-id:0}occupant-id"
FORBIDDEN, NOT_FOUND = "auth forbidden", "cancel item-not-found"
NOW = (
    "<moderate xmlns='urn:xmpp:message-moderate:1' id='{}'>"
    "<retract xmlns='urn:xmpp:message-retract:1'/><reason>no potions</reason></moderate>"
)
BEFORE = (
    "<apply-to xmlns='urn:xmpp:fasten:0' id='{}'><moderate xmlns='urn:xmpp:message-moderate:0'>"
    "<retract xmlns='urn:xmpp:message-retract:0'/><reason>no potions</reason></moderate></apply-to>"
)
BOTH_FORMS = pytest.mark.parametrize("form", [NOW, BEFORE], ids=["now", "before"])


def id_of(message: Seen) -> str:
    found = message.child(SID)
    assert found is not None
    return found.get("id", "")


async def said_by(coven: Coven, speaker: Client) -> str:
    """Say what is to be taken back; return the id that the room gave it."""
    (own,) = await coven.say(speaker, "DM me for free magic potions!", "inappropriate-1")
    return id_of(own)


@BOTH_FORMS
async def test_message_is_taken_back_for_all(
    coven: Coven, romeo: Client, juliet: Client, form: str
) -> None:
    """The moderator is answered, and all are told by the room itself, in both forms at once."""
    await coven.enter(juliet, "thirdwitch")
    taken = await said_by(coven, juliet)
    romeo.take()

    answer = await coven.set(romeo, form.format(taken))

    assert answer.type == "result"
    for client in (romeo, juliet):
        (told,) = all_seen(client)
        assert (told.type, told.nickname, told.body) == ("groupchat", "", None)
        found = moderation_of(told.element)
        assert found is not None
        assert (found.stanza_id, found.reason) == (taken, "no potions")
        assert str(found.by) == f"{COVEN}/firstwitch"
        assert found.occupant_id
        assert told.child("{urn:xmpp:fasten:0}apply-to") is not None
        assert id_of(told) != taken


@BOTH_FORMS
async def test_only_moderators_take_messages_back(
    coven: Coven, romeo: Client, juliet: Client, nurse: Client, form: str
) -> None:
    """Also one's own message, and also for an admin who is not in the room."""
    await coven.change(romeo, "affiliation='admin' jid='nurse@montague.lit'")
    await coven.enter(juliet, "thirdwitch")
    taken = await said_by(coven, juliet)
    romeo.take()

    assert (await coven.set(juliet, form.format(taken))).error == FORBIDDEN
    assert (await coven.set(nurse, form.format(taken))).error == FORBIDDEN

    assert all_seen(romeo) == []
    assert (await coven.archived(romeo)).bodies == ["DM me for free magic potions!"]


@pytest.mark.parametrize("unknown", ["inappropriate-1", "00112233445566778899aabbccddeeff"])
async def test_message_that_the_room_does_not_know_is_not_found(
    coven: Coven, romeo: Client, unknown: str
) -> None:
    """It is known by the id that the room gave it, not by its sender's."""
    await said_by(coven, romeo)

    assert (await coven.set(romeo, NOW.format(unknown))).error == NOT_FOUND


async def test_message_of_another_room_is_not_found(
    stage: Stage, coven: Coven, romeo: Client, juliet: Client
) -> None:
    heath = await Coven(stage, COVEN.replace("coven", "heath")).made_by(juliet, "witch")
    taken = await said_by(heath, juliet)

    assert (await coven.set(romeo, NOW.format(taken))).error == NOT_FOUND


async def test_archive_keeps_that_there_was_a_message_and_nothing_of_it(
    coven: Coven, romeo: Client, juliet: Client
) -> None:
    """Section 4: "the message contents ... with a <retracted/> element", ids stay."""
    await coven.enter(juliet, "thirdwitch")
    taken = await said_by(coven, juliet)
    await coven.set(romeo, NOW.format(taken))

    found = await coven.archived(juliet)

    tombstone, told = found.messages
    assert found.results[0].get("id") == taken == id_of(tombstone)
    assert (tombstone.nickname, tombstone.id) == ("thirdwitch", "inappropriate-1")
    assert is_tombstone(tombstone.element)
    assert tombstone.child(OCCUPANT) is not None
    assert "potions!" not in tostring(tombstone.element).decode()
    assert moderation_of(told.element) is not None


async def test_who_enters_is_not_told_what_was_taken_back(
    coven: Coven, romeo: Client, juliet: Client
) -> None:
    """ "SHOULD prevent further distribution of a moderated retracted message"."""
    taken = await said_by(coven, romeo)
    await coven.say(romeo, "sorry")
    await coven.set(romeo, NOW.format(taken))

    arrived = await coven.enter(juliet, "thirdwitch")

    assert [one.body for one in arrived if one.name == "message"] == ["sorry", None]


async def test_second_request_changes_nothing_and_tells_nobody(
    coven: Coven, romeo: Client, juliet: Client
) -> None:
    taken = await said_by(coven, romeo)
    await coven.set(romeo, NOW.format(taken))
    romeo.take()

    answer = await coven.set(romeo, BEFORE.format(taken))

    assert answer.type == "result"
    assert all_seen(romeo) == []


async def test_message_that_comes_again_is_not_said_again_when_it_was_taken_back(
    coven: Coven, romeo: Client, juliet: Client
) -> None:
    await coven.enter(juliet, "thirdwitch")
    message = (
        f"<message type='groupchat' to='{COVEN}'><body>potions</body>"
        "<origin-id xmlns='urn:xmpp:sid:0' id='one'/></message>"
    )
    await juliet.say(message)
    taken = id_of(all_seen(romeo)[-1])
    await coven.set(romeo, NOW.format(taken))
    romeo.take(), juliet.take()

    await juliet.say(message)

    assert all_seen(romeo) == []
    (own,) = all_seen(juliet)
    assert own.body is None


async def test_subject_and_the_news_of_a_moderation_are_not_taken_back(
    coven: Coven, romeo: Client
) -> None:
    await romeo.say(f"<message type='groupchat' to='{COVEN}'><subject>Fire</subject></message>")
    subject = id_of(all_seen(romeo)[-1])
    taken = await said_by(coven, romeo)
    await coven.set(romeo, NOW.format(taken))
    news = id_of(all_seen(romeo)[-1])

    for one in (subject, news):
        assert (await coven.set(romeo, NOW.format(one))).error == "cancel not-allowed"


@pytest.mark.parametrize(
    "payload",
    [
        "<moderate xmlns='urn:xmpp:message-moderate:1'/>",
        "<moderate xmlns='urn:xmpp:message-moderate:1' id='x'/>",
        "<apply-to xmlns='urn:xmpp:fasten:0' id='x'/>",
    ],
)
async def test_request_that_says_too_little_is_a_bad_request(
    coven: Coven, romeo: Client, payload: str
) -> None:
    assert (await coven.set(romeo, payload)).error == "modify bad-request"


async def test_nobody_is_told_of_what_could_not_be_stored(
    stage: Stage, coven: Coven, romeo: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = await said_by(coven, romeo)
    romeo.take()
    with monkeypatch.context() as patch:
        patch.setattr(
            stage.room_archive, "bury", lambda *values: values[-1](StorageUnavailableError("full"))
        )
        answer = await coven.set(romeo, NOW.format(taken))

    assert answer.error == "wait resource-constraint"
    assert all_seen(romeo) == []
    assert [one.body for one in await coven.say(romeo, "so be it")] == ["so be it"]


async def test_both_forms_are_announced(coven: Coven, romeo: Client) -> None:
    info = await coven.get(romeo, "<query xmlns='http://jabber.org/protocol/disco#info'/>")

    features = {one.get("var") for one in info.element[0]}
    assert {"urn:xmpp:message-moderate:1", "urn:xmpp:message-moderate:0"} <= features
