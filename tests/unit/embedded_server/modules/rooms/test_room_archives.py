"""XEP-0313, section 6.1.3: archives of rooms. Pages of all kinds are tested with their store."""

import asyncio

import pytest

from tests.helpers.coven import COVEN, Coven, all_seen
from tests.helpers.module_stage import Client, Stage

pytestmark = pytest.mark.asyncio

SID = "{urn:xmpp:sid:0}stanza-id"
FORBIDDEN, NOT_FOUND = "auth forbidden", "cancel item-not-found"
FORM = (
    "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'>"
    "<value>urn:xmpp:mam:2</value></field><field var='{}'><value>{}</value></field></x>"
)
PAGE = "<set xmlns='http://jabber.org/protocol/rsm'>{}</set>"


async def talked(coven: Coven, one: Client, other: Client) -> None:
    """Let two say something, the other as thirdwitch."""
    await coven.enter(other, "thirdwitch")
    await coven.say(one, "When shall we three meet again")
    await coven.say(other, "That will be ere the set of sun")


async def test_message_is_archived_once_as_all_saw_it(
    coven: Coven, romeo: Client, juliet: Client
) -> None:
    """ "MUST store each message only once"; no ``to``, from the occupant, with the id of all."""
    await talked(coven, romeo, juliet)
    await coven.say(juliet, "Where the place?")
    live = all_seen(romeo)[-1].child(SID)

    found = await coven.archived(romeo)

    assert found.bodies == [
        "When shall we three meet again",
        "That will be ere the set of sun",
        "Where the place?",
    ]
    last = found.messages[-1]
    assert (last.nickname, last.type) == ("thirdwitch", "groupchat")
    assert last.element.get("to") is None
    assert live is not None
    assert found.results[-1].get("id") == live.get("id")
    assert found.answer.type == "result"


async def test_subject_is_archived_and_private_messages_are_not(
    coven: Coven, romeo: Client, juliet: Client
) -> None:
    """ "A MUC archive MUST NOT include 'private message' results"."""
    await coven.enter(juliet, "thirdwitch")
    await romeo.say(
        f"<message type='groupchat' to='{COVEN}'><subject>Fire Burn</subject></message>"
    )
    await romeo.say(f"<message type='chat' to='{COVEN}/thirdwitch'><body>psst</body></message>")
    await romeo.say(f"<message type='groupchat' to='{COVEN}'><body>loud</body></message>")

    found = await coven.archived(romeo)

    assert [(one.subject, one.body) for one in found.messages] == [
        ("Fire Burn", None),
        (None, "loud"),
    ]


async def test_message_that_was_refused_is_not_archived(
    coven: Coven, romeo: Client, juliet: Client
) -> None:
    await coven.configure(romeo, moderatedroom="1")
    await coven.enter(juliet, "thirdwitch")
    await coven.say(juliet, "unheard")

    assert (await coven.archived(romeo)).bodies == []


async def test_anybody_asks_an_open_room_and_outcasts_do_not(
    coven: Coven, romeo: Client, juliet: Client, nurse: Client
) -> None:
    """ "including those who have never entered the room", "who do not have ... 'outcast'"."""
    await talked(coven, romeo, juliet)
    assert len((await coven.archived(nurse)).bodies) == 2

    await coven.change(romeo, "affiliation='outcast' jid='nurse@montague.lit'")

    refused = await coven.archived(nurse)
    assert (refused.answer.error, refused.results) == (FORBIDDEN, [])


async def test_right_to_ask_is_that_of_the_moment(
    coven: Coven, romeo: Client, juliet: Client, nurse: Client
) -> None:
    """ "MUST check that the user ... has the right to enter it at the time of the query"."""
    await talked(coven, romeo, juliet)
    await coven.configure(romeo, membersonly="1")
    assert (await coven.archived(nurse)).answer.error == FORBIDDEN

    await coven.change(romeo, "affiliation='member' jid='nurse@montague.lit'")
    assert len((await coven.archived(nurse)).bodies) == 2

    await coven.change(romeo, "affiliation='none' jid='nurse@montague.lit'")
    assert (await coven.archived(nurse)).answer.error == FORBIDDEN


async def test_room_with_a_password_answers_those_who_are_in_it_or_belong_to_it(
    coven: Coven, romeo: Client, juliet: Client, nurse: Client
) -> None:
    await talked(coven, romeo, juliet)
    await coven.configure(romeo, passwordprotectedroom="1", roomsecret="cauldronburn")

    assert (await coven.archived(nurse)).answer.error == FORBIDDEN
    assert len((await coven.archived(juliet)).bodies) == 2


async def test_room_that_is_not_there_or_not_open_yet_has_no_archive(
    stage: Stage, romeo: Client, juliet: Client
) -> None:
    coven = Coven(stage)
    assert (await coven.archived(juliet)).answer.error == NOT_FOUND
    await coven.enter(romeo, "firstwitch")

    assert (await coven.archived(juliet)).answer.error == NOT_FOUND


async def test_room_that_keeps_nothing_has_no_archive(
    coven: Coven, romeo: Client, juliet: Client
) -> None:
    await talked(coven, romeo, juliet)
    await coven.configure(romeo, enablelogging="0")
    assert (await coven.archived(romeo)).answer.error == "cancel service-unavailable"

    info = await coven.get(romeo, "<query xmlns='http://jabber.org/protocol/disco#info'/>")

    features = [one.get("var") for one in info.element[0]]
    assert "urn:xmpp:mam:2" not in features


async def test_moderators_see_who_has_said_it_and_others_do_not(
    coven: Coven, romeo: Client, juliet: Client
) -> None:
    """ "has the right to access the sender real JID at the time of the query"."""
    await talked(coven, romeo, juliet)

    assert [one.jid for one in (await coven.archived(romeo)).messages] == [
        "romeo@montague.lit/orchard",
        "juliet@montague.lit/balcony",
    ]
    assert [one.jid for one in (await coven.archived(juliet)).messages] == ["", ""]


async def test_real_jids_are_shown_to_all_of_what_was_said_while_all_saw_them(
    coven: Coven, romeo: Client, juliet: Client
) -> None:
    await coven.enter(juliet, "thirdwitch")
    await coven.say(romeo, "under a mask")
    await coven.configure(romeo, whois="anyone")
    await coven.say(romeo, "openly")

    shown = [(one.body, one.jid) for one in (await coven.archived(juliet)).messages]
    assert shown == [("under a mask", ""), ("openly", "romeo@montague.lit/orchard")]
    await coven.configure(romeo, whois="moderators")
    assert [one.jid for one in (await coven.archived(juliet)).messages] == ["", ""]


async def test_who_said_it_is_looked_for_by_those_who_may_know(
    coven: Coven, romeo: Client, juliet: Client
) -> None:
    """Section 4.1.1: "only ... entities that would already have been allowed to know"."""
    await talked(coven, romeo, juliet)
    by_juliet = FORM.format("with", "juliet@montague.lit")

    assert (await coven.archived(romeo, by_juliet)).bodies == ["That will be ere the set of sun"]
    device = FORM.format("with", "juliet@montague.lit/chamber")
    assert (await coven.archived(romeo, device)).bodies == []
    assert (await coven.archived(juliet, by_juliet)).answer.error == FORBIDDEN
    await coven.configure(romeo, whois="anyone")
    assert (await coven.archived(juliet, by_juliet)).bodies == []  # said under a mask


async def test_forged_item_of_a_sender_is_in_no_archive(
    coven: Coven, romeo: Client, juliet: Client
) -> None:
    """Section 8.2: "MUST strip any existing <x> element"."""
    await coven.enter(juliet, "thirdwitch")
    await juliet.say(
        f"<message type='groupchat' to='{COVEN}'><body>ha</body>"
        "<x xmlns='http://jabber.org/protocol/muc#user'><item jid='nurse@montague.lit'/></x>"
        "</message>"
    )

    (own,) = (await coven.archived(juliet)).messages
    (told,) = (await coven.archived(romeo)).messages
    assert (own.jid, told.jid) == ("", "juliet@montague.lit/balcony")


async def test_pages_go_on_behind_an_id_that_all_have_seen(coven: Coven, romeo: Client) -> None:
    for number in range(5):
        await coven.say(romeo, str(number))
    first = await coven.archived(romeo, PAGE.format("<max>2</max>"))
    last_id = first.results[-1].get("id")

    second = await coven.archived(romeo, PAGE.format(f"<max>9</max><after>{last_id}</after>"))

    assert (first.bodies, second.bodies) == (["0", "1"], ["2", "3", "4"])


@pytest.mark.parametrize("unknown", ["made-up", "00112233445566778899aabbccddeeff"])
async def test_unknown_id_is_not_found(coven: Coven, romeo: Client, unknown: str) -> None:
    """Section 4.1.3."""
    found = await coven.archived(romeo, PAGE.format(f"<after>{unknown}</after>"))

    assert found.answer.error == NOT_FOUND


async def test_id_of_another_room_is_not_found(stage: Stage, coven: Coven, romeo: Client) -> None:
    other = await Coven(stage, COVEN.replace("coven", "heath")).made_by(romeo, "firstwitch")
    (own,) = await other.say(romeo, "a drum")
    found = own.child(SID)
    assert found is not None

    answer = await coven.archived(romeo, PAGE.format(f"<after>{found.get('id')}</after>"))

    assert answer.answer.error == NOT_FOUND


async def test_form_and_the_edges_of_an_archive_are_told_to_those_who_may_ask(
    coven: Coven, romeo: Client, juliet: Client
) -> None:
    """Sections 4.1.5 and 5."""
    (own,) = await coven.say(romeo, "one")
    form = await coven.get(juliet, "<query xmlns='urn:xmpp:mam:2'/>")
    edges = await coven.get(juliet, "<metadata xmlns='urn:xmpp:mam:2'/>")

    assert form.element.find(".//{jabber:x:data}field[@var='with']") is not None
    found = own.child(SID)
    assert found is not None
    assert [one.get("id") for one in edges.element[0]] == [found.get("id")] * 2
    await coven.configure(romeo, membersonly="1")
    refused = await coven.get(juliet, "<metadata xmlns='urn:xmpp:mam:2'/>")
    assert refused.error == FORBIDDEN


async def test_archive_is_announced(coven: Coven, romeo: Client) -> None:
    info = await coven.get(romeo, "<query xmlns='http://jabber.org/protocol/disco#info'/>")

    features = {one.get("var") for one in info.element[0]}
    assert {"urn:xmpp:mam:2", "urn:xmpp:mam:2#extended", "urn:xmpp:sid:0"} <= features


async def page_behind(romeo: Client, last_id: str) -> list[str]:
    """Return a page and its end, in that order."""
    after = f"<after>{last_id}</after>" if last_id else ""
    query = f"<query xmlns='urn:xmpp:mam:2'>{PAGE.format(f'<max>250</max>{after}')}</query>"
    romeo.send(f"<iq type='set' id='q' to='{COVEN}'>{query}</iq>")
    arrived: list[str] = []
    while not arrived or not arrived[-1].startswith("<iq"):
        await asyncio.sleep(0)
        arrived += romeo.take()
    return arrived


async def test_ten_thousand_messages_are_replayed_page_by_page(
    stage: Stage, coven: Coven, romeo: Client
) -> None:
    """Each page is found by its place, so that the last costs as much as the first."""
    for number in range(10_000):
        romeo.send(f"<message type='groupchat' to='{COVEN}'><body>{number}</body></message>")
    await stage.settle()
    romeo.take()
    results: list[str] = []
    is_complete, last_id = False, ""
    while not is_complete:
        *page, end = await page_behind(romeo, last_id)
        results += page
        is_complete, last_id = "complete='true'" in end, page[-1].split("' id='")[1].split("'")[0]

    assert [one.split("<body>")[1].split("<")[0] for one in results] == [
        str(number) for number in range(10_000)
    ]
