"""What an IQ is, and who answers it how often (RFC 6120, sections 8.2.3 and 8.3)."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from shared_protocol.errors import StanzaCondition, StanzaError
from shared_protocol.xml.elements import element_of
from tests.helpers.module_stage import Stage, staged

pytestmark = pytest.mark.asyncio
PING = "<ping xmlns='urn:xmpp:ping'/>"
TARGETS = ["", " to='montague.lit'", " to='romeo@montague.lit'", " to='juliet@montague.lit/x'"]


@pytest_asyncio.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path) as ready:
        yield ready


@pytest.mark.parametrize("to", TARGETS, ids=["nobody", "server", "account", "resource"])
@pytest.mark.parametrize(
    "request_text",
    [
        "<iq type='get'{to}>{ping}</iq>",
        "<iq id='q'{to}>{ping}</iq>",
        "<iq type='fetch' id='q'{to}>{ping}</iq>",
        "<iq type='get' id='q'{to}/>",
        "<iq type='set' id='q'{to}>text</iq>",
        "<iq type='get' id='q'{to}>{ping}{ping}</iq>",
        "<iq type='GET' id='q'{to}>{ping}</iq>",
    ],
    ids=["no id", "no type", "unknown type", "no child", "text only", "two children", "case"],
)
async def test_request_that_is_none_is_a_bad_request(
    stage: Stage, request_text: str, to: str
) -> None:
    """RFC 6120, section 8.2.3, rules 1 to 3: an id, one of four types, exactly one child."""
    romeo = await (await stage.enter("romeo/orchard")).come()

    answer = await romeo.ask(request_text.format(to=to, ping=PING))

    assert "<error type='modify'><bad-request " in answer


@pytest.mark.parametrize("to", TARGETS, ids=["nobody", "server", "account", "resource"])
@pytest.mark.parametrize(
    "response",
    [
        "<iq type='result' id='q'{to}/>",
        "<iq type='result'{to}/>",
        "<iq type='result' id='q'{to}>{ping}{ping}</iq>",
        "<iq type='error' id='q'{to}><error type='cancel'/></iq>",
    ],
)
async def test_response_is_never_answered(stage: Stage, response: str, to: str) -> None:
    """RFC 6120, section 8.2.3: "an entity that receives a stanza of type result or error
    MUST NOT respond"; section 8.3.1: an error never leads to an error."""
    romeo = await (await stage.enter("romeo/orchard")).come()

    await romeo.say(response.format(to=to, ping=PING))

    assert romeo.take() == []


@pytest.mark.parametrize("to", TARGETS[:3])
@pytest.mark.parametrize("kind", ["get", "set"])
async def test_unknown_payload_is_service_unavailable_and_answered_once(
    stage: Stage, kind: str, to: str
) -> None:
    """RFC 6120, sections 8.4 and 10.3.3; RFC 6121, section 8.5.2.1.3."""
    romeo = await (await stage.enter("romeo/orchard")).come()

    answer = await romeo.ask(f"<iq type='{kind}' id='q'{to}><riddle xmlns='urn:x:q'/></iq>")

    assert "<error type='cancel'><service-unavailable " in answer
    assert " id='q'" in answer


async def test_error_has_swapped_addresses_the_id_and_the_type_of_its_condition(
    stage: Stage,
) -> None:
    """RFC 6120, section 8.3.1: "mirrors the to address ... preserves the id"."""
    romeo = await stage.enter("romeo/orchard")

    answer = element_of(
        (await romeo.ask(f"<iq type='get' id='a1' to='tybalt@montague.lit'>{PING}</iq>")).encode()
    )

    assert answer.get("type") == "error"
    assert answer.get("id") == "a1"
    assert answer.get("from") == "tybalt@montague.lit"
    assert answer.get("to") == "romeo@montague.lit/orchard"
    assert answer[0].get("type") == "cancel"


@pytest.mark.parametrize("condition", list(StanzaCondition))
async def test_every_condition_is_sent_with_its_type(
    stage: Stage, condition: StanzaCondition
) -> None:
    """RFC 6120, section 8.3.3: each condition has an error type that goes with it."""
    romeo = await stage.enter("romeo/orchard")

    def refuse(_inbound: object) -> None:
        raise StanzaError(condition)

    stage.host.serve("friar.montague.lit", refuse)
    answer = await romeo.ask(f"<iq type='get' id='a' to='friar.montague.lit'>{PING}</iq>")

    expected = StanzaError(condition).type.value
    assert f"<error type='{expected}'><{condition.value} " in answer


@pytest.mark.parametrize(
    "to",
    [
        "@montague.lit",
        "romeo@",
        "romeo@montague.lit/",
        "a b@montague.lit",
        "ro:meo@montague.lit",
        "x" * 1_024 + "@montague.lit",
        "romeo@montague.lit/" + "\N{LATIN SMALL LETTER E WITH ACUTE}" * 512,
        "romeo@mont ague.lit",
        "",
    ],
)
@pytest.mark.parametrize(
    "stanza",
    [
        "<iq type='get' id='q' to='{}'><ping xmlns='urn:xmpp:ping'/></iq>",
        "<message id='q' to='{}'><body>b</body></message>",
        "<presence id='q' to='{}'/>",
        "<presence type='subscribe' id='q' to='{}'/>",
    ],
    ids=["iq", "message", "presence", "subscribe"],
)
async def test_malformed_address_is_told_and_never_cut(stage: Stage, stanza: str, to: str) -> None:
    """RFC 6120, section 8.3.3.8; RFC 7622, section 3: a part has at most 1023 bytes."""
    romeo = await stage.enter("romeo/orchard")

    answer = await romeo.ask(stanza.format(to))

    assert "<error type='modify'><jid-malformed " in answer


async def test_account_is_found_in_whatever_case_it_is_written(stage: Stage) -> None:
    """RFC 7622, sections 3.2 and 3.3: local part and domain are mapped before the look-up."""
    romeo, juliet = await stage.enter("romeo/orchard"), await stage.enter("juliet/Balcony")
    await juliet.come()

    await romeo.say("<message to='JULIET@Montague.LIT'><body>1</body></message>")
    await romeo.say("<message to='Juliet@montague.lit/Balcony'><body>2</body></message>")
    arrived = juliet.take()
    await romeo.say("<message to='juliet@montague.lit/balcony' id='3'><body>3</body></message>")

    assert [text.count("<body>") for text in arrived] == [1, 1]
    assert "to='juliet@montague.lit'" in arrived[0]
    assert juliet.take() == []  # the resource keeps its case (section 3.4)
    assert "<service-unavailable " in romeo.take()[0]


async def test_address_stays_as_it_was_sent_where_it_is_normal(stage: Stage) -> None:
    """RFC 6121, section 8.5.2.1: "the server MUST NOT modify the to attribute"."""
    romeo = await stage.enter("romeo/orchard")
    juliet = await (await stage.enter("juliet/balcony")).come()

    await romeo.say("<message to='juliet@montague.lit'><body>b</body></message>")
    await romeo.say("<presence to='juliet@montague.lit'/>")

    assert all("to='juliet@montague.lit'" in text for text in juliet.take())


async def test_stanzas_without_address_mean_the_own_account(stage: Stage) -> None:
    """RFC 6120, section 10.3: message to the own bare JID, IQ answered as the account."""
    romeo = await (await stage.enter("romeo/orchard")).come()

    await romeo.say("<message><body>note</body></message>")
    (note,) = romeo.take()
    answer = await romeo.ask(f"<iq type='get' id='p'>{PING}</iq>")

    assert "to='romeo@montague.lit'" in note
    assert "type='result'" in answer
    assert " from=" not in answer
