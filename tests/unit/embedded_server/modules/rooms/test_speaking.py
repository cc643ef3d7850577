"""XEP-0045, sections 7.4, 7.5 and 8.1: what is said to all, to one, and the subject."""

import pytest

from embedded_server.storage.errors import StorageUnavailableError
from tests.helpers.coven import COVEN, Coven, all_seen
from tests.helpers.module_stage import Client, Stage

pytestmark = pytest.mark.asyncio

SID = "{urn:xmpp:sid:0}stanza-id"
OCCUPANT = "{urn:xmpp:occupant-id:0}occupant-id"
USER = "{http://jabber.org/protocol/muc#user}x"
BAD_REQUEST, FORBIDDEN = "modify bad-request", "auth forbidden"
NOT_ACCEPTABLE, NOT_FOUND = "modify not-acceptable", "cancel item-not-found"


async def to_room(client: Client, attributes: str, payload: str) -> None:
    await client.say(f"<message {attributes}>{payload}</message>")


async def test_message_reaches_all_with_its_own_id(
    coven: Coven, romeo: Client, juliet: Client
) -> None:
    """Section 7.4: ``muc#stable_id``; the sender's copy is the same."""
    await coven.enter(juliet, "thirdwitch")
    romeo.take()

    (own,) = await coven.say(juliet, "Harpier cries", "hysf1v37")

    (told,) = all_seen(romeo)
    assert own.id == told.id == "hysf1v37"
    assert (told.nickname, told.type, told.body) == ("thirdwitch", "groupchat", "Harpier cries")
    assert own == told


async def test_outsider_is_not_heard(coven: Coven, romeo: Client, juliet: Client) -> None:
    """Section 7.4."""
    (refusal,) = await coven.say(juliet, "hail")

    assert refusal.error == NOT_ACCEPTABLE
    assert all_seen(romeo) == []


async def test_visitor_of_a_moderated_room_is_not_heard(
    stage: Stage, romeo: Client, juliet: Client
) -> None:
    """Section 7.4."""
    coven = await Coven(stage).made_by(romeo, "firstwitch", moderatedroom="1")
    await coven.enter(juliet, "thirdwitch")
    romeo.take()

    (refusal,) = await coven.say(juliet, "hail")

    assert refusal.error == FORBIDDEN
    assert all_seen(romeo) == []


async def test_voice_that_was_taken_is_taken_in_any_room(
    coven: Coven, romeo: Client, juliet: Client
) -> None:
    """Section 8.4: the role counts, in an unmoderated room too."""
    await coven.enter(juliet, "thirdwitch")
    await coven.change(romeo, "nick='thirdwitch' role='visitor'")

    (refusal,) = await coven.say(juliet, "hail")

    assert refusal.error == FORBIDDEN


async def test_message_to_a_room_that_is_not_there_is_told_so(juliet: Client) -> None:
    """Section 17.2."""
    await to_room(juliet, f"type='groupchat' to='{COVEN}'", "<body>hail</body>")

    assert [one.error for one in all_seen(juliet)] == [NOT_FOUND]


@pytest.mark.parametrize("kind", ["chat", "headline", "normal"])
async def test_message_of_another_type_to_the_room_is_a_bad_request(
    coven: Coven, romeo: Client, kind: str
) -> None:
    """Section 17.2."""
    await to_room(romeo, f"type='{kind}' to='{COVEN}'", "<body>hail</body>")

    assert [one.error for one in all_seen(romeo)] == [BAD_REQUEST]


FORGED = (
    "<body>hail</body>"
    "<x xmlns='http://jabber.org/protocol/muc#user'><status code='307'/></x>"
    "<occupant-id xmlns='urn:xmpp:occupant-id:0' id='forged'/>"
    "<occupant-id xmlns='urn:xmpp:occupant-id:0' id='forged too'/>"
    "<stanza-id xmlns='urn:xmpp:sid:0' id='forged' by='{room}'/>"
    "<stanza-id xmlns='urn:xmpp:sid:0' id='forged' by='juliet@montague.lit'/>"
    "<stanza-id xmlns='urn:xmpp:sid:0' id='kept' by='paris@verona.lit'/>"
    "<delay xmlns='urn:xmpp:delay' from='{room}' stamp='1610-04-20T00:00:00Z'/>"
    "<delay xmlns='urn:xmpp:delay' from='romeo@montague.lit/orchard' stamp='2004-09-29T01:54:37Z'/>"
)


async def test_what_only_the_room_may_say_is_cut_out(
    coven: Coven, romeo: Client, juliet: Client
) -> None:
    """Section 17.3, XEP-0421 section 4, XEP-0359 section 3: live, and in the history."""
    await to_room(romeo, f"type='groupchat' to='{COVEN}'", FORGED.format(room=COVEN))
    (live,) = all_seen(romeo)

    arrived = await coven.enter(juliet, "thirdwitch")

    (late,) = [one for one in arrived if one.body == "hail"]
    for told in (live, late):
        element = told.element
        assert element.find(USER) is None
        assert len(element.findall(OCCUPANT)) == 1
        assert "forged" not in "".join(one.get("id", "") for one in element)
        assert sorted(one.get("by", "") for one in element.findall(SID)) == [
            COVEN,
            "paris@verona.lit",
        ]
    delays = [one.get("from") for one in live.element.findall("{urn:xmpp:delay}delay")]
    assert delays == ["romeo@montague.lit/orchard"]  # section 7.9: who sends late says so


async def test_occupant_id_is_the_same_for_ever_and_different_in_each_room(
    coven: Coven, stage: Stage, romeo: Client, juliet: Client
) -> None:
    """XEP-0421, section 4.1: over leaving, nickname and device."""
    heath = await Coven(stage, "heath@conference.montague.lit").made_by(romeo, "firstwitch")
    chamber = await stage.enter("juliet/chamber")
    ids = []
    for room, device, nickname in (
        (coven, juliet, "thirdwitch"),
        (coven, chamber, "oldhag"),
        (heath, juliet, "thirdwitch"),
    ):
        arrived = await room.enter(device, nickname)
        own = next(one for one in arrived if 110 in one.codes)
        found = own.child(OCCUPANT)
        assert found is not None
        ids.append(found.get("id"))
        await room.leave(device, nickname)

    assert ids[0] == ids[1] != ids[2]


async def test_bare_chat_state_is_passed_on_and_not_kept(
    coven: Coven, romeo: Client, juliet: Client
) -> None:
    await to_room(
        romeo,
        f"type='groupchat' to='{COVEN}'",
        "<composing xmlns='http://jabber.org/protocol/chatstates'/>",
    )
    (own,) = all_seen(romeo)

    arrived = await coven.enter(juliet, "thirdwitch")

    assert own.child(SID) is None
    assert len(arrived) == 3


async def test_message_that_wants_no_store_is_passed_on_and_not_kept(
    coven: Coven, romeo: Client, juliet: Client
) -> None:
    """XEP-0334."""
    for hint in ("no-store", "no-permanent-store"):
        payload = f"<body>hush</body><{hint} xmlns='urn:xmpp:hints'/>"
        await to_room(romeo, f"type='groupchat' to='{COVEN}'", payload)

    assert [one.child(SID) for one in all_seen(romeo)] == [None, None]
    assert len(await coven.enter(juliet, "thirdwitch")) == 3


async def test_message_without_anything_is_passed_on(coven: Coven, romeo: Client) -> None:
    await romeo.say(f"<message type='groupchat' to='{COVEN}'/>")

    (own,) = all_seen(romeo)
    assert own.child(OCCUPANT) is not None


async def test_language_of_the_stream_is_that_of_the_message(
    coven: Coven, stage: Stage, romeo: Client
) -> None:
    """RFC 6120, section 8.1.5: on the quick way and on the slow one."""
    czech = await stage.enter("juliet/prague", language="cs")
    await coven.enter(czech, "thirdwitch")
    romeo.take()

    await coven.say(czech, "Pročež")
    await to_room(
        czech,
        f"type='groupchat' to='{COVEN}'",
        "<body>x</body><occupant-id xmlns='urn:xmpp:occupant-id:0' id='forged'/>",
    )

    languages = [
        one.element.get("{http://www.w3.org/XML/1998/namespace}lang") for one in all_seen(romeo)
    ]
    assert languages == ["cs", "cs"]


async def test_message_that_comes_again_is_said_once(
    coven: Coven, romeo: Client, juliet: Client
) -> None:
    """XEP-0359: sent again after a lost acknowledgement; its sender sees the first one again."""
    await coven.enter(juliet, "thirdwitch")
    romeo.take()
    payload = "<body>once</body><origin-id xmlns='urn:xmpp:sid:0' id='o1'/>"

    for _ in range(2):
        await to_room(juliet, f"type='groupchat' id='m1' to='{COVEN}'", payload)

    ids = [one.child(SID) for one in all_seen(juliet) if one.body]
    assert len([one for one in all_seen(romeo) if one.body]) == 1
    assert [one.attrib for one in ids if one is not None][0:1] * 2 == [
        one.attrib for one in ids if one is not None
    ]


async def test_same_origin_id_of_another_is_another_message(
    coven: Coven, romeo: Client, juliet: Client
) -> None:
    await coven.enter(juliet, "thirdwitch")
    payload = "<body>mine</body><origin-id xmlns='urn:xmpp:sid:0' id='o1'/>"

    for client in (romeo, juliet):
        await to_room(client, f"type='groupchat' to='{COVEN}'", payload)

    assert len([one for one in all_seen(juliet) if one.body]) == 2


async def test_message_that_cannot_be_stored_is_not_sent(
    coven: Coven, romeo: Client, stage: Stage
) -> None:
    """A full disk: whoever sees a message in the room may rely on its being kept."""
    archive_add = stage.room_archive.add

    def full(_room: int, _message: object, on_added: object) -> None:
        on_added(StorageUnavailableError("full"))  # type: ignore[operator]

    stage.room_archive.add = full  # type: ignore[method-assign, assignment]
    refused = await coven.say(romeo, "lost")
    stage.room_archive.add = archive_add  # type: ignore[method-assign]
    taken = await coven.say(romeo, "kept")

    assert [one.error for one in refused] == ["wait resource-constraint"]
    assert [one.body for one in taken] == ["kept"]


async def test_order_is_the_same_for_all_though_some_is_stored_and_some_is_not(
    coven: Coven, romeo: Client, juliet: Client
) -> None:
    """A change of the room waits for what was said before it."""
    await coven.enter(juliet, "thirdwitch")
    romeo.take()
    juliet.take()

    romeo.send(f"<message type='groupchat' to='{COVEN}'><body>1</body></message>")
    romeo.send(
        f"<message type='groupchat' to='{COVEN}'>"
        "<composing xmlns='http://jabber.org/protocol/chatstates'/></message>"
    )
    juliet.send(f"<presence to='{COVEN}/oldhag'/>")
    juliet.send(f"<message type='groupchat' to='{COVEN}'><body>2</body></message>")
    romeo.send(f"<message type='groupchat' to='{COVEN}'><body>3</body></message>")
    await coven.stage.settle()

    told = [(one.name, one.nickname, one.body) for one in all_seen(romeo)]
    assert told == [
        ("message", "firstwitch", "1"),
        ("message", "firstwitch", None),
        ("presence", "thirdwitch", None),
        ("presence", "oldhag", None),
        ("message", "oldhag", "2"),
        ("message", "firstwitch", "3"),
    ]
    assert [(one.name, one.nickname, one.body) for one in all_seen(juliet)] == told


async def test_nobody_speaks_under_a_nickname_that_he_has_lost(
    coven: Coven, romeo: Client, juliet: Client, nurse: Client
) -> None:
    """A ban that waits for the store is not overtaken by what the banned one says after it."""
    await coven.enter(juliet, "thirdwitch")
    await coven.enter(nurse, "secondwitch")
    romeo.take()
    nurse.send(f"<message type='groupchat' to='{COVEN}'><body>1</body></message>")
    romeo.send(
        f"<iq type='set' id='k' to='{COVEN}'><query xmlns='http://jabber.org/protocol/muc#admin'>"
        "<item affiliation='outcast' jid='juliet@montague.lit'/></query></iq>"
    )
    juliet.send(f"<message type='groupchat' to='{COVEN}' id='late'><body>2</body></message>")
    await coven.stage.settle()

    assert [one.body for one in all_seen(romeo) if one.name == "message"] == ["1"]
    assert [one.error for one in all_seen(juliet) if one.id == "late"] == [NOT_ACCEPTABLE]


# The subject.


async def set_subject(client: Client, more: str = "", text: str = "Fire Burn") -> None:
    await to_room(client, f"type='groupchat' to='{COVEN}'", f"<subject>{text}</subject>{more}")


@pytest.mark.parametrize(
    ("is_open", "role", "is_allowed"),
    [
        ("0", "visitor", False),
        ("0", "participant", False),
        ("0", "moderator", True),
        ("1", "visitor", False),
        ("1", "participant", True),
        ("1", "moderator", True),
    ],
)
async def test_subject_is_set_by_who_may(
    stage: Stage, romeo: Client, juliet: Client, is_open: str, role: str, *, is_allowed: bool
) -> None:
    """Section 8.1."""
    coven = await Coven(stage).made_by(romeo, "firstwitch", changesubject=is_open)
    await coven.enter(juliet, "thirdwitch")
    await coven.change(romeo, f"nick='thirdwitch' role='{role}'")
    juliet.take()

    await set_subject(juliet)

    (told,) = all_seen(juliet)
    assert (told.subject, told.error) == (("Fire Burn", "") if is_allowed else (None, FORBIDDEN))


async def test_subject_is_told_to_who_enters_with_its_time_and_an_empty_one_too(
    coven: Coven, romeo: Client, juliet: Client
) -> None:
    """Section 7.2.15; it is no part of the history."""
    for text in ("Fire Burn", ""):
        await set_subject(romeo, text=text)
        arrived = await coven.enter(juliet, "thirdwitch")
        (told,) = [one for one in arrived if one.name == "message"]
        delay = told.child("{urn:xmpp:delay}delay")
        assert told.subject == text
        assert told.nickname == "firstwitch"
        assert delay is not None
        assert delay.get("from") == COVEN


@pytest.mark.parametrize("more", ["<body>x</body>", "<thread>t</thread>"])
async def test_subject_beside_a_body_or_a_thread_is_none(
    coven: Coven, romeo: Client, juliet: Client, more: str
) -> None:
    """Section 8.1."""
    await set_subject(romeo, more)

    arrived = await coven.enter(juliet, "thirdwitch")

    assert arrived[-1].subject == ""


async def test_subject_of_a_room_that_keeps_nothing_is_kept(
    stage: Stage, romeo: Client, juliet: Client
) -> None:
    coven = await Coven(stage).made_by(romeo, "firstwitch", enablelogging="0")
    await set_subject(romeo)
    await coven.say(romeo, "not kept")

    arrived = await coven.enter(juliet, "thirdwitch")

    assert [one.subject or one.body for one in arrived if one.name == "message"] == ["Fire Burn"]


# Private messages.


async def whisper(client: Client, nickname: str, kind: str = "chat") -> None:
    await to_room(client, f"type='{kind}' id='p1' to='{COVEN}/{nickname}'", "<body>psst</body>")


async def test_private_message_reaches_all_devices_of_one_and_nobody_else(
    coven: Coven, stage: Stage, romeo: Client, juliet: Client, nurse: Client
) -> None:
    """Section 7.5: marked as of a room; no archive of the room has it."""
    chamber = await stage.enter("juliet/chamber")
    for device in (juliet, chamber):
        await coven.enter(device, "thirdwitch")
    await coven.enter(nurse, "secondwitch")
    for client in (romeo, juliet, chamber, nurse):
        client.take()

    await whisper(romeo, "thirdwitch")

    for device in (juliet, chamber):
        (told,) = all_seen(device)
        assert (told.nickname, told.type, told.body) == ("firstwitch", "chat", "psst")
        assert told.child(USER) is not None
        assert told.child(OCCUPANT) is not None
        assert COVEN not in [one.get("by") for one in told.element.findall(SID)]
    assert all_seen(romeo) == all_seen(nurse) == []
    assert len(await coven.enter(await stage.enter("hecate/x"), "late")) == 5


async def test_private_message_of_type_groupchat_is_a_bad_request(
    coven: Coven, romeo: Client, juliet: Client
) -> None:
    """Section 7.5."""
    await coven.enter(juliet, "thirdwitch")

    await whisper(romeo, "thirdwitch", "groupchat")

    assert [one.error for one in all_seen(romeo)][-1] == BAD_REQUEST


async def test_private_message_to_nobody_and_from_outside_is_refused(
    coven: Coven, romeo: Client, juliet: Client
) -> None:
    """Section 7.5."""
    await whisper(romeo, "nobody")
    await whisper(juliet, "firstwitch")

    assert [one.error for one in all_seen(romeo)] == [NOT_FOUND]
    assert [one.error for one in all_seen(juliet)] == [NOT_ACCEPTABLE]


@pytest.mark.parametrize(
    ("who", "roles"),
    [
        ("anyone", ["visitor", "participant", "moderator"]),
        ("participants", ["participant", "moderator"]),
        ("moderators", ["moderator"]),
        ("none", []),
    ],
)
async def test_room_says_who_may_send_private_messages(
    stage: Stage, romeo: Client, juliet: Client, who: str, roles: list[str]
) -> None:
    """Section 7.5, ``muc#roomconfig_allowpm``."""
    coven = await Coven(stage).made_by(romeo, "firstwitch", allowpm=who)
    await coven.enter(juliet, "thirdwitch")
    for role in ("visitor", "participant", "moderator"):
        await coven.change(romeo, f"nick='thirdwitch' role='{role}'")
        romeo.take()
        await whisper(juliet, "firstwitch")
        assert [one.body for one in all_seen(romeo)] == (["psst"] if role in roles else [])


async def test_private_message_hides_who_both_are(
    coven: Coven, romeo: Client, juliet: Client
) -> None:
    """Section 17.4."""
    await coven.enter(juliet, "thirdwitch")
    juliet.take()

    await whisper(romeo, "thirdwitch")

    (text,) = [text for text in juliet.take() if "psst" in text]
    assert "romeo" not in text
