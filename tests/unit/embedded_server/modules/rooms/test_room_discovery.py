"""XEP-0045, section 6, and XEP-0433: how rooms are found, and what they tell to whom."""

import pytest

from tests.helpers.coven import COVEN, ROOMS, Coven, Seen
from tests.helpers.module_stage import Client, Stage

pytestmark = pytest.mark.asyncio

INFO = "<query xmlns='http://jabber.org/protocol/disco#info'/>"
ITEMS = "<query xmlns='http://jabber.org/protocol/disco#items'/>"
PAGED = (
    "<query xmlns='http://jabber.org/protocol/disco#items'>"
    "<set xmlns='http://jabber.org/protocol/rsm'>{}</set></query>"
)
SET = "{http://jabber.org/protocol/rsm}set"
SEARCH = "<search xmlns='urn:xmpp:channel-search:0:search'>{}</search>"
FOUND = "{urn:xmpp:channel-search:0:search}"
NOT_FOUND, BAD_REQUEST = "cancel item-not-found", "modify bad-request"


def room(stage: Stage, name: str) -> Coven:
    return Coven(stage, f"{name}@{ROOMS}")


def features(info: Seen) -> set[str | None]:
    return {one.get("var") for one in info.element[0] if one.tag.endswith("feature")}


def told(info: Seen) -> dict[str | None, list[str | None]]:
    """Return the form of a room: values by field."""
    fields = info.element.iterfind(".//{jabber:x:data}field")
    return {one.get("var"): [value.text for value in one] for one in fields}


def addresses(answer: Seen) -> list[str | None]:
    """Return what is listed, without the domain."""
    items = (one for one in answer.element[0] if one.tag.endswith("item"))
    return [(one.get("jid") or one.get("address") or "").partition("@")[0] for one in items]


def search_form(**answers: str) -> str:
    fields = "".join(
        f"<field var='{var}'><value>{value}</value></field>" for var, value in answers.items()
    )
    kind = "<field var='FORM_TYPE'><value>urn:xmpp:channel-search:0:search-params</value></field>"
    return SEARCH.format(f"<x xmlns='jabber:x:data' type='submit'>{kind}{fields}</x>")


async def test_service_tells_that_it_has_rooms(coven: Coven, juliet: Client) -> None:
    """Section 6.2."""
    info = await coven.get(juliet, INFO, ROOMS)

    assert info.element[0][0].attrib == {"category": "conference", "type": "text", "name": "Rooms"}
    assert "http://jabber.org/protocol/muc" in features(info)
    unknown = INFO.replace("/>", " node='x'/>")
    assert (await coven.get(juliet, unknown, ROOMS)).error == NOT_FOUND


async def test_only_public_rooms_that_are_open_are_listed(
    stage: Stage, romeo: Client, juliet: Client
) -> None:
    """Section 6.3: "SHOULD NOT return information about rooms that are locked", or hidden."""
    await room(stage, "public").made_by(romeo, "a", roomname="Agora")
    await room(stage, "hidden").made_by(romeo, "a", publicroom="0")
    await room(stage, "locked").enter(romeo, "a")

    listed = await room(stage, "public").get(juliet, ITEMS, ROOMS)

    assert addresses(listed) == ["public"]
    assert listed.element[0][0].get("name") == "Agora"


async def test_long_list_is_read_by_pages(stage: Stage, romeo: Client) -> None:
    """Section 6.3; XEP-0059."""
    for number in range(5):
        await room(stage, f"r{number}").made_by(romeo, "a")
    coven = room(stage, "r0")

    first = await coven.get(romeo, PAGED.format("<max>2</max>"), ROOMS)
    second = await coven.get(romeo, PAGED.format(f"<max>2</max><after>r1@{ROOMS}</after>"), ROOMS)

    assert (addresses(first), addresses(second)) == (["r0", "r1"], ["r2", "r3"])
    found = first.element[0].find(SET)
    assert found is not None
    assert found.findtext("{http://jabber.org/protocol/rsm}count") == "5"
    unknown = await coven.get(romeo, PAGED.format("<after>nowhere</after>"), ROOMS)
    assert unknown.error == NOT_FOUND


async def test_room_tells_its_kind_by_features(stage: Stage, romeo: Client, juliet: Client) -> None:
    """Section 15.3."""
    strict = await Coven(stage).made_by(
        romeo,
        "firstwitch",
        publicroom="0",
        membersonly="1",
        moderatedroom="1",
        whois="anyone",
        passwordprotectedroom="1",
        roomsecret="cauldronburn",
        persistentroom="1",
    )
    assert {one for one in features(await strict.get(juliet, INFO)) if str(one)[3:4] == "_"} == {
        "muc_hidden",
        "muc_membersonly",
        "muc_moderated",
        "muc_nonanonymous",
        "muc_passwordprotected",
        "muc_persistent",
    }
    plain = await room(stage, "plain").made_by(romeo, "firstwitch")
    assert {one for one in features(await plain.get(juliet, INFO)) if str(one)[3:4] == "_"} == {
        "muc_public",
        "muc_open",
        "muc_unmoderated",
        "muc_semianonymous",
        "muc_unsecured",
        "muc_temporary",
    }


async def test_form_tells_what_a_room_is_about(coven: Coven, romeo: Client, juliet: Client) -> None:
    """Section 6.4, example 12."""
    await coven.configure(
        romeo, roomdesc="The place for all good witches", lang="en", changesubject="1"
    )
    await romeo.say(f"<message type='groupchat' to='{COVEN}'><subject>Spells</subject></message>")

    form = told(await coven.get(juliet, INFO))

    assert form == {
        "FORM_TYPE": ["http://jabber.org/protocol/muc#roominfo"],
        "muc#roominfo_description": ["The place for all good witches"],
        "muc#roominfo_subject": ["Spells"],
        "muc#roominfo_occupants": ["1"],
        "muc#roominfo_lang": ["en"],
        "muc#roominfo_subjectmod": ["1"],
        "muc#maxhistoryfetch": ["50"],
    }


async def test_who_may_not_enter_learns_neither_subject_nor_number_of_occupants(
    coven: Coven, romeo: Client, juliet: Client
) -> None:
    """Section 14.4."""
    await romeo.say(f"<message type='groupchat' to='{COVEN}'><subject>Spells</subject></message>")
    await coven.configure(romeo, membersonly="1")

    form = told(await coven.get(juliet, INFO))

    assert not {"muc#roominfo_subject", "muc#roominfo_occupants"} & form.keys()


async def test_who_is_inside_is_not_listed(coven: Coven, romeo: Client, juliet: Client) -> None:
    """Section 6.5: "MUST return an empty <query/> element" if that is not public."""
    assert addresses(await coven.get(juliet, ITEMS)) == []
    assert addresses(await coven.get(romeo, ITEMS)) == []


@pytest.mark.parametrize("query", [INFO, ITEMS])
async def test_occupant_is_not_asked_by_who_is_outside(
    coven: Coven, juliet: Client, query: str
) -> None:
    """Section 6.6: "MUST return a <bad-request/> error"."""
    assert (await coven.get(juliet, query, f"{COVEN}/firstwitch")).error == BAD_REQUEST
    assert (await coven.get(juliet, query, f"{COVEN}/nobody")).error == BAD_REQUEST


async def test_nodes_of_a_room(coven: Coven, romeo: Client) -> None:
    """Section 18.1.1: what traffic is passed on is not told; other nodes are not there."""
    traffic = INFO.replace("/>", " node='http://jabber.org/protocol/muc#traffic'/>")
    other = INFO.replace("/>", " node='http://jabber.org/protocol/muc#rooms'/>")

    assert (await coven.get(romeo, traffic)).error == "cancel service-unavailable"
    assert (await coven.get(romeo, other)).error == NOT_FOUND


async def test_room_that_is_not_there_or_locked_is_not_found(
    stage: Stage, romeo: Client, juliet: Client
) -> None:
    locked = Coven(stage)
    await locked.enter(romeo, "firstwitch")
    for query in (INFO, ITEMS):
        assert (await locked.get(juliet, query)).error == NOT_FOUND
        assert (await locked.get(juliet, query, f"nowhere@{ROOMS}")).error == NOT_FOUND
    assert (await locked.get(romeo, INFO)).type == "result"


async def searched(stage: Stage, romeo: Client, juliet: Client) -> Coven:
    """Make four rooms, of which one is hidden and one has two occupants."""
    await room(stage, "cave").made_by(romeo, "a", roomname="A Dark Cave", roomdesc="witches")
    await room(stage, "heath").made_by(romeo, "a", roomname="A Heath", roomdesc="thunder, witches")
    await room(stage, "tomb").made_by(romeo, "a", roomname="A Dark Tomb", publicroom="0")
    await room(stage, "hall").made_by(romeo, "a", membersonly="1", whois="anyone")
    await room(stage, "heath").enter(juliet, "b")
    return room(stage, "cave")


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        ({"all": "1"}, ["heath", "cave", "hall"]),
        (
            {"all": "1", "key": "{urn:xmpp:channel-search:0:order}address"},
            ["cave", "hall", "heath"],
        ),
        ({"q": "WITCHES"}, ["heath", "cave"]),
        ({"q": "dark witches"}, ["cave"]),
        ({"q": "dark", "sinname": "0"}, []),
        ({"q": "witches", "sindescription": "0"}, []),
        ({"q": "cave", "sinname": "0"}, ["cave"]),
        ({"q": "cave", "sinname": "0", "sinaddress": "0"}, []),
        ({"all": "1", "min_users": "2"}, ["heath"]),
        ({"all": "1", "types": "mix"}, []),
    ],
)
async def test_rooms_are_searched(
    stage: Stage, romeo: Client, juliet: Client, answers: dict[str, str], found: list[str]
) -> None:
    """XEP-0433, section 4: public rooms with all the words, the fullest first."""
    coven = await searched(stage, romeo, juliet)

    answer = await coven.get(juliet, search_form(**answers), ROOMS)

    assert addresses(answer) == found


async def test_found_room_tells_how_to_enter_it(
    stage: Stage, romeo: Client, juliet: Client
) -> None:
    coven = await searched(stage, romeo, juliet)

    answer = await coven.get(juliet, search_form(q="hall"), ROOMS)

    item = answer.element.find(f".//{FOUND}item")
    assert item is not None
    assert item.findtext(f"{FOUND}is-open") in {None, "false"}
    assert item.findtext(f"{FOUND}nusers") == "1"
    assert item.findtext(f"{FOUND}service-type") == "xep-0045"


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ({}, "no-search-conditions"),
        ({"q": ""}, "invalid-search-terms"),
        ({"q": "x", "all": "1"}, "conflicting-fields"),
        ({"all": "1", "key": "{x}taste"}, "invalid-sort-key"),
    ],
)
async def test_search_that_makes_no_sense_is_told_so(
    coven: Coven, juliet: Client, answers: dict[str, str], error: str
) -> None:
    """XEP-0433, section 4.2.2."""
    answer = await coven.get(juliet, search_form(**answers), ROOMS)

    assert answer.type == "error"
    assert answer.element.find(f".//{{urn:xmpp:channel-search:0:error}}{error}") is not None


async def test_search_is_announced_and_its_form_is_told(coven: Coven, juliet: Client) -> None:
    """XEP-0433, sections 4.1 and 4.2.1."""
    info = await coven.get(juliet, INFO, ROOMS)
    form = await coven.get(juliet, SEARCH.format(""), ROOMS)

    assert "urn:xmpp:channel-search:0:search" in features(info)
    assert {"q", "all", "key"} <= told(form).keys()
