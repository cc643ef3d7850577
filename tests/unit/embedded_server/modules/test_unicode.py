"""Names, addresses and texts of all scripts (RFC 6120, section 11.6; RFC 7622; RFC 6121, 2.1.2)."""

from typing import Any

import pytest

pytestmark = pytest.mark.asyncio
SET = "<iq type='set' id='s'><query xmlns='jabber:iq:roster'>{}</query></iq>"
GET = "<iq type='get' id='g'><query xmlns='jabber:iq:roster'/></iq>"
TEXTS = {
    "beyond the first plane": "\N{ROSE}\N{WAVING BLACK FLAG}\U00020bb7",
    "joined": "\N{WOMAN}\N{ZERO WIDTH JOINER}\N{ROCKET}",
    "right to left": "\u05e8\u05d5\u05de\u05d0\u05d5 \u0631\u0648\u0645\u064a\u0648",
    "decomposed": "e\N{COMBINING ACUTE ACCENT}\N{COMBINING DOT BELOW}",
    "white space": " a\N{NO-BREAK SPACE}\N{IDEOGRAPHIC SPACE} b ",
    "private use": "\ue000\U000ffffd",
    "longest character": "\U0010fffd",
}


@pytest.mark.parametrize("name", TEXTS)
async def test_body_arrives_as_it_was_sent(stage: Any, name: str) -> None:
    """RFC 6120, section 11.6: UTF-8, and nothing is normalised on the way."""
    romeo, juliet = await stage.enter("romeo/orchard"), await stage.enter("juliet/balcony")

    await romeo.say(
        f"<message to='juliet@montague.lit/balcony'><body>{TEXTS[name]}</body></message>"
    )

    (arrived,) = juliet.take()
    assert f"<body>{TEXTS[name]}</body>" in arrived


@pytest.mark.parametrize("name", TEXTS)
async def test_stored_body_comes_back_as_it_was_sent(stage: Any, name: str) -> None:
    """The same over the store (XEP-0160)."""
    romeo = await stage.enter("romeo/orchard")
    await romeo.say(f"<message to='juliet@montague.lit'><body>{TEXTS[name]}</body></message>")

    juliet = await stage.enter("juliet/balcony")
    await juliet.say("<presence/>")

    assert any(f"<body>{TEXTS[name]}</body>" in text for text in juliet.take())


@pytest.mark.parametrize("name", TEXTS)
async def test_roster_keeps_names_and_groups_as_they_were_sent(stage: Any, name: str) -> None:
    """RFC 6121, sections 2.1.2.4 and 2.1.2.6."""
    romeo = await stage.enter("romeo/orchard")
    item = f"name='{TEXTS[name]}'><group>{TEXTS[name]}</group></item>"

    await romeo.ask(SET.format(f"<item jid='juliet@montague.lit' {item}"))

    assert item in await romeo.ask(GET)


async def test_group_is_another_when_it_is_only_alike(stage: Any) -> None:
    """RFC 6121, section 2.1.2.6: names are compared as they are, so that these are two groups."""
    romeo = await stage.enter("romeo/orchard")
    groups = "<group>caf\u00e9</group><group>cafe\u0301</group><group>Caf\u00e9</group>"

    await romeo.ask(SET.format(f"<item jid='juliet@montague.lit'>{groups}</item>"))

    assert groups in await romeo.ask(GET)


@pytest.mark.parametrize(
    ("account", "written"),
    [
        ("\u043d\u044f\u043d\u044f", "\u041d\u042f\u041d\u042f"),
        ("jos\u00e9", "JOSE\u0301"),
        ("\u30b8\u30e5\u30ea\u30a8\u30c3\u30c8", "\uff7c\uff9e\uff6d\uff98\uff74\uff6f\uff84"),
    ],
    ids=["case", "composition", "width"],
)
async def test_account_is_found_by_every_spelling_of_its_name(
    stage: Any, account: str, written: str
) -> None:
    """RFC 7622, section 3.3.1: width, case and normalisation are mapped before the look-up."""
    await stage.accounts.create(account, "wherefore art thou")
    romeo, other = await stage.enter("romeo/orchard"), await stage.enter(f"{account}/\u4eed")
    await other.come()

    await romeo.say(f"<message to='{written}@montague.lit'><body>b</body></message>")
    await romeo.ask(SET.format(f"<item jid='{written}@montague.lit'/>"))

    (arrived,) = other.take()
    assert f"to='{account}@montague.lit'" in arrived
    assert f"<item jid='{account}@montague.lit' subscription='none'/>" in await romeo.ask(GET)
