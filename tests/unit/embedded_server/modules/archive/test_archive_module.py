"""Questions to archives (XEP-0313); pages of all kinds are in ``test_archive_reader``."""

import asyncio
import re

import pytest
from sqlalchemy import Connection, update

from embedded_server.storage.tables import messages
from tests.helpers.module_stage import Client, Stage

pytestmark = pytest.mark.asyncio
QUERY = "<iq type='set' id='q'><query xmlns='urn:xmpp:mam:2'>{}</query></iq>"
SET = "<set xmlns='http://jabber.org/protocol/rsm'>{}</set>"
FORM = (
    "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'>"
    "<value>urn:xmpp:mam:2</value></field><field var='{}'><value>{}</value></field></x>"
)


async def say(client: Client, to: str, text: str, attributes: str = "type='chat'") -> None:
    await client.say(f"<message {attributes} to='{to}'><body>{text}</body></message>")


def texts(stanzas: list[str]) -> list[str]:
    return [one.partition("<body>")[2].partition("<")[0] for one in stanzas if "<result " in one]


async def asked(client: Client, payload: str) -> list[str]:
    """Ask, and return the texts of the results; the end is left in the diary."""
    client.take()
    await client.say(QUERY.format(payload))
    client.answers = client.take()
    return texts(client.answers)


async def test_both_sides_have_the_message_once(stage: Stage) -> None:
    """XEP-0313, section 6.1.1: "only once, irrespective of multiple connected clients"."""
    romeo = await stage.enter("romeo/orchard")
    juliets = [await (await stage.enter(f"juliet/{name}")).come() for name in "ab"]
    await say(romeo, "juliet@montague.lit", "hark", "")
    await say(romeo, "juliet@montague.lit", "gone", "type='headline'")

    assert await asked(romeo, "") == ["hark"]
    assert await asked(juliets[0], "") == ["hark"]


async def test_message_to_oneself_is_archived_once(stage: Stage) -> None:
    """Section 4.1.1: with the own JID only what is from and to the account."""
    romeo, _ = await stage.enter("romeo/orchard"), await stage.enter("juliet/balcony")
    await say(romeo, "romeo@montague.lit", "note")
    await say(romeo, "juliet@montague.lit", "hark")

    assert await asked(romeo, "") == ["note", "hark"]
    assert await asked(romeo, FORM.format("with", "romeo@montague.lit")) == ["note"]


async def test_full_jid_stands_for_one_resource(stage: Stage) -> None:
    """Section 4.1.1: "If (and only if) the supplied JID is a bare JID" all resources match."""
    romeo = await stage.enter("romeo/orchard")
    for name in "ab":
        juliet = await (await stage.enter(f"juliet/{name}")).come()
        await say(juliet, "romeo@montague.lit", f"from {name}")
        await say(romeo, f"juliet@montague.lit/{name}", f"to {name}")

    assert await asked(romeo, FORM.format("with", "juliet@montague.lit/b")) == ["from b", "to b"]
    assert len(await asked(romeo, FORM.format("with", "juliet@montague.lit"))) == 4


async def test_message_that_was_refused_is_in_no_archive(stage: Stage) -> None:
    """Section 6.1: "that message should not appear in the archive"."""
    romeo = await stage.enter("romeo/orchard")

    await say(romeo, "tybalt@montague.lit", "villain")
    await say(romeo, "juliet@montague.lit/gone", "hark", "")

    assert await asked(romeo, "") == []


async def test_message_for_somebody_away_is_in_his_archive_and_delivered_with_the_same_id(
    stage: Stage,
) -> None:
    """Nothing shown twice: the offline copy carries the archive's id."""
    romeo = await stage.enter("romeo/orchard")
    await say(romeo, "juliet@montague.lit", "hark")
    juliet = await stage.enter("juliet/balcony")
    await juliet.say("<presence/>")
    (offline,) = [one for one in juliet.take() if one.startswith("<message")]

    assert await asked(juliet, "") == ["hark"]
    ids = re.findall(r"<stanza-id [^>]*by='juliet@montague.lit' id='(\w+)'", offline)
    assert f"<result xmlns='urn:xmpp:mam:2' id='{ids[0]}'>" in juliet.answers[0]
    assert "<delay xmlns='urn:xmpp:delay' from='montague.lit'" in offline
    assert "stanza-id" not in juliet.answers[0]


@pytest.mark.parametrize(
    ("payload", "condition"),
    [
        (SET.format("<index>3</index>"), "feature-not-implemented"),
        (SET.format("<max>many</max>"), "bad-request"),
        (SET.format("<before>x</before><after>y</after>"), "bad-request"),
        (SET.format("<before>4711</before>"), "item-not-found"),
        (SET.format(f"<before>{'0' * 32}</before>"), "item-not-found"),
        (FORM.format("after-id", "ä"), "item-not-found"),
        (FORM.format("ids", "4711"), "item-not-found"),
        (FORM.format("with", "a@b@c"), "bad-request"),
        (FORM.format("start", "yesterday"), "bad-request"),
        (FORM.format("ids", "</value><value>".join(map(str, range(251)))), "not-acceptable"),
    ],
)
async def test_query_that_cannot_be_answered_is_refused(
    stage: Stage, payload: str, condition: str
) -> None:
    """XEP-0059, sections 2.4 and 2.6; XEP-0313, section 4.1.3."""
    romeo, _ = await stage.enter("romeo/orchard"), await stage.enter("juliet/balcony")
    await say(romeo, "juliet@montague.lit", "hark")

    assert await asked(romeo, payload) == []
    assert f"<{condition} xmlns=" in romeo.answers[0]


async def test_count_alone_is_asked_by_a_maximum_of_nothing(stage: Stage) -> None:
    """XEP-0059, section 2.7."""
    romeo, _ = await stage.enter("romeo/orchard"), await stage.enter("juliet/balcony")
    for number in range(3):
        await say(romeo, "juliet@montague.lit", f"{number}")

    assert await asked(romeo, SET.format("<max>0</max>")) == []
    assert "<count>3</count></set></fin>" in romeo.answers[0]


async def test_damaged_message_harms_nobody(stage: Stage) -> None:
    """Section 3.2: what was there shows, the stanza does not; security row 96."""
    romeo, _ = await stage.enter("romeo/orchard"), await stage.enter("juliet/balcony")
    for number in range(3):
        await say(romeo, "juliet@montague.lit", f"{number}")

    def damage(connection: Connection) -> None:
        columns = messages.c
        poison = b"<message></message></result></message></stream:stream>"
        connection.execute(update(messages).where(columns.id == 2).values(stanza=poison))

    await stage.writer.write(damage)

    assert await asked(romeo, "") == ["0", "", "2"]
    assert "/></forwarded></result></message>" in romeo.answers[1]


async def test_client_that_reads_slowly_gets_the_page_as_fast_as_it_reads(stage: Stage) -> None:
    """Security, section 6: beyond the soft buffer, the rest waits; others are served."""
    romeo, juliet = await stage.enter("romeo/orchard"), await stage.enter("juliet/balcony")
    for number in range(6):
        await say(romeo, "juliet@montague.lit", f"{number}" + "b" * 5_000)
    romeo.stream.is_congested = True

    romeo.take()
    romeo.send(QUERY.format(""))
    await stage.settle()
    first = len(texts(romeo.take()))
    other = await asked(juliet, "")
    romeo.stream.relieve()
    await stage.settle()

    assert 0 < first < 6
    assert len(other) == 6
    assert first + len(texts(romeo.take())) == 6


async def test_archive_is_asked_at_an_account_and_not_at_the_domain(stage: Stage) -> None:
    romeo = await stage.enter("romeo/orchard")

    answer = await romeo.ask(
        "<iq type='set' id='q' to='montague.lit'><query xmlns='urn:xmpp:mam:2'/></iq>"
    )

    assert "<service-unavailable " in answer
    await asyncio.sleep(0)
