"""What accounts want to have archived (XEP-0441), and that it is obeyed."""

from pathlib import Path
from typing import Any

import pytest

from embedded_server.storage.errors import StorageError
from embedded_server.storage.messages.archive_preferences import ArchivePreferencesRepository
from tests.helpers.module_stage import Client, Stage, staged

pytestmark = pytest.mark.asyncio
PREFERENCES = "<prefs xmlns='urn:xmpp:mam:2' default='{}'>{}</prefs>"
LIST = "<{0}><jid>{1}</jid></{0}>"


async def wants(client: Client, default: str, lists: str = "") -> str:
    payload = PREFERENCES.format(default, lists)
    return await client.ask(f"<iq type='set' id='p'>{payload}</iq>")


async def say(client: Client, to: str, text: str = "hark") -> None:
    await client.say(f"<message type='chat' to='{to}'><body>{text}</body></message>")


async def archived(client: Client) -> int:
    client.take()
    query = "<query xmlns='urn:xmpp:mam:2'><set xmlns='http://jabber.org/protocol/rsm'><max>0</max>"
    await client.say(f"<iq type='set' id='q'>{query}</set></query></iq>")
    return int(client.take()[0].partition("<count>")[2].partition("<")[0])


async def test_everything_is_kept_until_somebody_wants_otherwise(stage: Any) -> None:
    """Section 2.1: both lists "MUST also be present (even if empty)"."""
    romeo = await stage.enter("romeo/orchard")

    answer = await romeo.ask("<iq type='get' id='p'><prefs xmlns='urn:xmpp:mam:2'/></iq>")

    assert PREFERENCES.format("always", "<always/><never/>") in answer


async def test_preferences_are_answered_as_they_are_applied_and_outlive_the_office(
    tmp_path: Path,
) -> None:
    lists = LIST.format("always", "romeo@montague.lit") + LIST.format("never", "m@montague.lit/a")
    async with staged(tmp_path) as stage:
        juliet = await stage.enter("juliet/balcony")
        answer = await wants(juliet, "roster", lists)
        assert PREFERENCES.format("roster", lists) in answer

    async with staged(tmp_path) as stage:
        juliet = await stage.enter("juliet/balcony")
        answer = await juliet.ask("<iq type='get' id='p'><prefs xmlns='urn:xmpp:mam:2'/></iq>")
        assert PREFERENCES.format("roster", lists) in answer


@pytest.mark.parametrize(
    ("default", "lists", "count"),
    [
        ("always", "", 2),
        ("never", "", 0),
        ("never", LIST.format("always", "juliet@montague.lit"), 2),
        ("never", LIST.format("always", "juliet@montague.lit/balcony"), 1),
        ("always", LIST.format("never", "juliet@montague.lit"), 0),
        ("always", LIST.format("never", "nurse@montague.lit"), 2),
    ],
)
async def test_own_archive_obeys_and_that_of_the_other_side_does_not_care(
    stage: Any, default: str, lists: str, count: int
) -> None:
    """Section 2.3: outgoing by ``to``, incoming by ``from``, with and without a resource."""
    romeo, juliet = await stage.enter("romeo/orchard"), await stage.enter("juliet/balcony")
    await juliet.come()
    await wants(romeo, default, lists)

    await say(romeo, "juliet@montague.lit")
    await say(juliet, "romeo@montague.lit/orchard")

    assert await archived(romeo) == count
    assert await archived(juliet) == 2


async def test_message_without_archive_still_waits_and_is_gone_when_it_arrived(stage: Any) -> None:
    """XEP-0160 is not touched by what is archived."""
    for name in ("romeo", "juliet"):
        client = await stage.enter(f"{name}/setup")
        await wants(client, "never")
        await client.leave()
    romeo = await stage.enter("romeo/orchard")
    await say(romeo, "juliet@montague.lit")
    juliet = await stage.enter("juliet/balcony")

    await juliet.say("<presence/>")

    (arrived,) = [one for one in juliet.take() if one.startswith("<message")]
    assert "<stanza-id " not in arrived
    assert stage.messages.count("juliet") == 0
    assert await archived(juliet) == 0


async def contacts_only(stage: Stage, *, is_contact: bool) -> None:
    """Let juliet, who is away, keep what is said with contacts."""
    juliet = await stage.enter("juliet/setup")
    if is_contact:
        item = "<item jid='romeo@montague.lit'/>"
        await juliet.say(
            f"<iq type='set' id='r'><query xmlns='jabber:iq:roster'>{item}</query></iq>"
        )
    await wants(juliet, "roster")
    await juliet.leave()


@pytest.mark.parametrize("is_contact", [True, False])
async def test_roster_decides_also_while_its_owner_is_away(stage: Any, is_contact: bool) -> None:  # noqa: FBT001
    """Section 2.1.1: "only if the contact's bare JID is in the user's roster"."""
    await contacts_only(stage, is_contact=is_contact)
    romeo = await stage.enter("romeo/orchard")

    for number in range(3):
        romeo.send(f"<message type='chat' to='juliet@montague.lit'><body>{number}</body></message>")
    await stage.settle()

    juliet = await (await stage.enter("juliet/balcony")).come()
    assert await archived(juliet) == (3 if is_contact else 0)


async def test_messages_keep_their_order_while_a_roster_is_read(stage: Any) -> None:
    """RFC 6120, section 10.1: also those to others, and those that need no roster."""
    await contacts_only(stage, is_contact=True)
    romeo = await stage.enter("romeo/orchard")
    nurse = await (await stage.enter("nurse/kitchen")).come()

    romeo.send("<message type='chat' to='nurse@montague.lit' id='0'><body>b</body></message>")
    romeo.send("<message type='chat' to='juliet@montague.lit' id='1'><body>b</body></message>")
    for number in (2, 3):
        romeo.send(
            f"<message type='chat' to='nurse@montague.lit' id='{number}'><body>b</body></message>"
        )
    romeo.send("<message to='tybalt@montague.lit' id='4'><body>b</body></message>")
    at_once = [one.partition(" id='")[2][0] for one in nurse.take()]
    await stage.settle()

    assert at_once == ["0"]
    assert [one.partition(" id='")[2][0] for one in nurse.take()] == ["2", "3"]
    assert ["service-unavailable" in one for one in romeo.take()] == [True]


async def test_roster_that_cannot_be_read_refuses_the_message(
    stage: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await contacts_only(stage, is_contact=True)
    romeo = await stage.enter("romeo/orchard")

    async def fail(_connection: object) -> None:
        raise StorageError("The disk is gone.")

    with monkeypatch.context() as patch:
        patch.setattr(stage.writer, "read", fail)
        romeo.send("<message type='chat' to='juliet@montague.lit'><body>b</body></message>")
        for _ in range(5):
            await stage.writer.write(lambda _: None)
    (answer,) = romeo.take()

    assert "<resource-constraint " in answer


@pytest.mark.parametrize(
    ("payload", "condition"),
    [
        ("<prefs xmlns='urn:xmpp:mam:2' default='maybe'/>", "bad-request"),
        ("<prefs xmlns='urn:xmpp:mam:2'/>", "bad-request"),
        (PREFERENCES.format("always", LIST.format("never", "a@b@c")), "bad-request"),
        (
            PREFERENCES.format(
                "always", "<never>" + "".join(f"<jid>u{n}@x.lit</jid>" for n in range(1_001))
            ).replace("</prefs>", "</never></prefs>"),
            "not-acceptable",
        ),
    ],
)
async def test_preferences_that_are_none_are_refused(
    stage: Any, payload: str, condition: str
) -> None:
    romeo = await stage.enter("romeo/orchard")

    assert f"<{condition} xmlns=" in await romeo.ask(f"<iq type='set' id='p'>{payload}</iq>")


@pytest.mark.parametrize("name", ["juliet", "tybalt"])
async def test_nobody_sets_what_another_wants(stage: Any, name: str) -> None:
    romeo = await stage.enter("romeo/orchard")

    answer = await romeo.ask(
        f"<iq type='set' id='p' to='{name}@montague.lit'>"
        + PREFERENCES.format("never", "")
        + "</iq>"
    )

    assert "<error type='auth'><forbidden " in answer


async def test_preferences_of_a_deleted_account_are_gone(stage: Any) -> None:
    juliet = await stage.enter("juliet/balcony")
    await wants(juliet, "never", LIST.format("always", "romeo@montague.lit"))

    await stage.accounts.delete("juliet")

    repository = ArchivePreferencesRepository(stage.writer)
    await repository.load()
    assert repository.loaded == {}
