"""vCards, the directory made of them, and vCard 4 (XEP-0054, 0055, 0292; protocol.md 5.2)."""

from pathlib import Path

import pytest

from shared_protocol.limits import PubSubLimits
from tests.helpers.eventing import answered, come_with, events, publish, pubsub
from tests.helpers.module_stage import Client, Stage, staged

pytestmark = pytest.mark.asyncio
JULIET, NOBODY = "juliet@montague.lit", "tybalt@montague.lit"
VCARD4 = "urn:ietf:params:xml:ns:vcard-4.0"
CARD = (
    "<FN>Juliet Capulet</FN><N><FAMILY>Capulet</FAMILY><GIVEN>Juliet</GIVEN></N>"
    "<NICKNAME>JuliC</NICKNAME><EMAIL><USERID>juliet@shakespeare.lit</USERID></EMAIL>"
)


def get(to: str = "") -> str:
    return f"<iq type='get' id='v'{to and f' to={to!r}'}><vCard xmlns='vcard-temp'/></iq>"


def put(content: str = CARD, to: str = "") -> str:
    address = f" to='{to}'" if to else ""
    return f"<iq type='set' id='v'{address}><vCard xmlns='vcard-temp'>{content}</vCard></iq>"


def search(content: str, kind: str = "set") -> str:
    query = f"<query xmlns='jabber:iq:search'>{content}</query>"
    return f"<iq type='{kind}' id='f' to='montague.lit'>{query}</iq>"


async def test_vcard_is_kept_and_shown_to_all(stage: Stage) -> None:
    """XEP-0054, sections 3.1 to 3.3."""
    juliet, nurse = await stage.enter("juliet/balcony"), await stage.enter("nurse/home")

    assert "type='result'" in await juliet.ask(put())

    for client, to in ((juliet, ""), (juliet, JULIET), (nurse, JULIET)):
        assert f"<vCard xmlns='vcard-temp'>{CARD}</vCard>" in await client.ask(get(to))


async def test_no_vcard_and_no_account_are_answered_alike(stage: Stage) -> None:
    """XEP-0054, section 3.3: "the server MUST return the same stanza error"."""
    romeo = await stage.enter("romeo/orchard")

    without, nobody = await romeo.ask(get(JULIET)), await romeo.ask(get(NOBODY))

    assert "<error type='cancel'><service-unavailable " in without
    assert without.replace(JULIET, NOBODY) == nobody


async def test_own_vcard_that_is_not_there_is_not_found(stage: Stage) -> None:
    """XEP-0054, section 3.1."""
    romeo = await stage.enter("romeo/orchard")

    assert "<item-not-found " in await romeo.ask(get())


async def test_nobody_sets_the_vcard_of_others(stage: Stage) -> None:
    """XEP-0054, section 3.2: "SHOULD be <forbidden/>"."""
    romeo = await stage.enter("romeo/orchard")

    assert "<forbidden " in await romeo.ask(put(to=JULIET))


async def test_vcard_that_is_empty_is_as_none(stage: Stage) -> None:
    juliet = await stage.enter("juliet/balcony")
    await juliet.ask(put())

    await juliet.ask(put(""))

    assert "<item-not-found " in await juliet.ask(get())


async def test_photo_that_only_names_a_place_stays_in_the_vcard(stage: Stage) -> None:
    juliet = await stage.enter("juliet/balcony")
    place = "<PHOTO><EXTVAL>https://capulet.lit/juliet.png</EXTVAL></PHOTO>"

    await juliet.ask(put(place))

    assert place in await juliet.ask(get())


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ("<PHOTO><BINVAL>no Base64!</BINVAL></PHOTO>", "<bad-request "),
        (f"<DESC>{'x' * 70_000}</DESC>", "<not-acceptable "),
    ],
    ids=["photo", "length"],
)
async def test_vcard_that_cannot_be_is_refused(stage: Stage, content: str, error: str) -> None:
    juliet = await stage.enter("juliet/balcony")

    assert error in await juliet.ask(put(content))
    assert "<item-not-found " in await juliet.ask(get())


async def test_photo_that_is_too_big_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    async with staged(tmp_path, pubsub_limits=PubSubLimits(avatar_bytes=100)) as stage:
        juliet = await stage.enter("juliet/balcony")
        photo = f"<PHOTO><BINVAL>{'QUJD' * 60}</BINVAL></PHOTO>"

        assert "<not-acceptable " in await juliet.ask(put(CARD + photo))
        assert "<item-not-found " in await juliet.ask(get())


async def test_vcard_is_there_after_a_restart(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await (await stage.enter("juliet/balcony")).ask(put())

    async with staged(tmp_path) as stage:
        assert CARD in await (await stage.enter("juliet/balcony")).ask(get())
        found = await (await stage.enter("romeo/orchard")).ask(search("<last>capulet</last>"))
    assert f"<item jid='{JULIET}'>" in found


# The directory.


async def listed(stage: Stage, content: str = CARD) -> Client:
    await (await stage.enter("juliet/balcony")).ask(put(content))
    return await stage.enter("romeo/orchard")


async def test_fields_of_the_directory_are_told_in_both_ways(stage: Stage) -> None:
    """XEP-0055, sections 2.1 and 3: fields of old, and a form with its type."""
    romeo = await stage.enter("romeo/orchard")

    answer = await romeo.ask(search("", "get"))

    assert "</instructions><first/><last/><nick/><email/><x xmlns='jabber:x:data'" in answer
    assert "<field var='FORM_TYPE' type='hidden'><value>jabber:iq:search</value></field>" in answer


@pytest.mark.parametrize(
    "terms",
    [
        "<last>Capulet</last>",
        "<first>juliet</first><last>CAP</last>",
        "<nick>Juli*</nick>",
        "<email>*@shakespeare.lit</email>",
        "<first>Juliet Capulet</first>",
    ],
)
async def test_account_is_found_by_what_its_vcard_says(stage: Stage, terms: str) -> None:
    """XEP-0055, section 2.1."""
    romeo = await listed(stage)

    answer = await romeo.ask(search(terms))

    assert (
        f"<item jid='{JULIET}'><first>Juliet</first><last>Capulet</last><nick>JuliC</nick>"
        "<email>juliet@shakespeare.lit</email></item>"
    ) in answer


async def test_search_by_form_is_answered_by_a_form(stage: Stage) -> None:
    """XEP-0055, section 3."""
    romeo = await listed(stage)
    form = (
        "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'>"
        "<value>jabber:iq:search</value></field>"
        "<field var='nick'><value>julic</value></field></x>"
    )

    answer = await romeo.ask(search(form))

    assert "<x xmlns='jabber:x:data' type='result'>" in answer
    assert "<reported><field var='jid' type='jid-single'" in answer
    assert f"<item><field var='jid'><value>{JULIET}</value></field>" in answer


@pytest.mark.parametrize("terms", ["<last>Montague</last>", "<nick>.*</nick>", "<nick>%_</nick>"])
async def test_nothing_found_is_an_empty_query(stage: Stage, terms: str) -> None:
    """XEP-0055, section 2.1: "the service MUST return an empty <query/> element"."""
    romeo = await listed(stage)

    assert (await romeo.ask(search(terms))).endswith("<query xmlns='jabber:iq:search'/></iq>")


async def test_search_for_nothing_is_refused(stage: Stage) -> None:
    romeo = await listed(stage)

    assert "<not-acceptable " in await romeo.ask(search("<nick> </nick>"))


@pytest.mark.parametrize(
    "content",
    [
        CARD + "<CLASS><PRIVATE/></CLASS>",
        CARD + "<CLASS><CONFIDENTIAL/></CLASS>",
        "<EMAIL><USERID>juliet@shakespeare.lit</USERID></EMAIL>",
    ],
    ids=["private", "confidential", "no name"],
)
async def test_account_that_does_not_offer_itself_is_not_found(stage: Stage, content: str) -> None:
    """protocol.md 2.2: "never lists blocked or hidden accounts"."""
    romeo = await listed(stage, content)

    answer = await romeo.ask(search("<email>juliet@shakespeare.lit</email>"))

    assert answer.endswith("<query xmlns='jabber:iq:search'/></iq>")


async def test_who_blocks_whom_finds_nobody(stage: Stage) -> None:
    romeo = await listed(stage)
    block = "<block xmlns='urn:xmpp:blocking'><item jid='romeo@montague.lit'/></block>"
    juliet = await stage.enter("juliet/chamber")
    await juliet.ask(f"<iq type='set' id='b'>{block}</iq>")

    answer = await romeo.ask(search("<last>Capulet</last>"))

    assert answer.endswith("<query xmlns='jabber:iq:search'/></iq>")


async def test_directory_follows_the_vcards(stage: Stage) -> None:
    romeo = await listed(stage)
    await romeo.ask(search("<last>Capulet</last>"))
    juliet = await stage.enter("juliet/chamber")

    await juliet.ask(put(CARD.replace("Capulet", "Montague")))

    assert JULIET not in await romeo.ask(search("<last>Capulet</last>"))
    assert JULIET in await romeo.ask(search("<last>Montague</last>"))
    await juliet.ask(put(""))
    assert JULIET not in await romeo.ask(search("<last>Montague</last>"))


# vCard 4.


async def test_vcard4_is_a_node_of_pep(stage: Stage) -> None:
    """XEP-0292, section 3.1."""
    await stage.befriend("juliet", "romeo")
    juliet = await stage.enter("juliet/balcony")
    romeo = await come_with(await stage.enter("romeo/orchard"), "urn:xmpp:vcard4")
    card = f"<vcard xmlns='{VCARD4}'><fn><text>Juliet</text></fn></vcard>"

    await answered(juliet, publish("urn:xmpp:vcard4", f"<item>{card}</item>"))

    assert len(events(romeo)) == 1
    assert card in await romeo.ask(pubsub("get", "<items node='urn:xmpp:vcard4'/>", JULIET))
    assert card in await romeo.ask(
        f"<iq type='get' id='4' to='{JULIET}'><vcard xmlns='{VCARD4}'/></iq>"
    )


async def test_vcard4_that_is_set_by_iq_is_published(stage: Stage) -> None:
    """XEP-0292 0.11, section 3.1.2."""
    juliet, nurse = await stage.enter("juliet/balcony"), await stage.enter("nurse/home")
    card = f"<vcard xmlns='{VCARD4}'><fn><text>Juliet</text></fn></vcard>"

    done = await juliet.ask(f"<iq type='set' id='4'>{card}</iq>")

    assert "type='result'" in done
    assert card in await juliet.ask(f"<iq type='get' id='4'><vcard xmlns='{VCARD4}'/></iq>")
    ask = f"<iq type='{{}}' id='4' to='{JULIET}'>{card}</iq>"
    assert "<service-unavailable " in await nurse.ask(ask.format("get"))
    assert "<forbidden " in await nurse.ask(ask.format("set"))
