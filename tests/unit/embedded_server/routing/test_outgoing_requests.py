"""What the server itself asks (RFC 6120, section 8.2.3; security.md, section 5, "ASKED")."""

import asyncio
import re
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import pytest
import pytest_asyncio

from embedded_server.routing.inbound import Inbound
from embedded_server.routing.outgoing_requests import OutgoingRequests
from shared_protocol.addresses import BareJid, FullJid, Jid
from shared_protocol.errors import StanzaCondition, StanzaError
from shared_protocol.limits import RequestLimits
from tests.helpers.module_stage import Client, Stage, staged

pytestmark = pytest.mark.asyncio
ROMEO = FullJid.parse("romeo@montague.lit/orchard")
PAYLOAD = b"<query xmlns='http://jabber.org/protocol/disco#info'/>"


@pytest_asyncio.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path) as ready:
        yield ready


def asked(question: Coroutine[Any, Any, Element]) -> "asyncio.Task[Element]":
    return asyncio.get_running_loop().create_task(question)


async def id_of_request(client: Client) -> str:
    await asyncio.sleep(0)
    (request,) = client.take()
    match = re.search(r" id='(\w+)'", request)
    assert match is not None, request
    return match[1]


async def test_answer_of_who_was_asked_is_the_result(stage: Stage) -> None:
    romeo = await stage.enter("romeo/orchard")
    question = asked(stage.host.ask(ROMEO, PAYLOAD))
    stanza_id = await id_of_request(romeo)

    await romeo.say(f"<iq type='result' to='montague.lit' id='{stanza_id}'><x xmlns='u:a'/></iq>")

    assert (await question)[0].tag == "{u:a}x"


async def test_error_that_is_answered_is_raised(stage: Stage) -> None:
    romeo = await stage.enter("romeo/orchard")
    question = asked(stage.host.ask(ROMEO, PAYLOAD))
    stanza_id = await id_of_request(romeo)

    await romeo.say(
        f"<iq type='error' to='montague.lit' id='{stanza_id}'><error type='cancel'>"
        "<service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
    )

    with pytest.raises(StanzaError, match="service-unavailable"):
        await question


async def test_answer_of_somebody_else_is_not_believed(stage: Stage) -> None:
    """security.md, section 5: "who was asked, same id, still open"."""
    romeo, juliet = await stage.enter("romeo/orchard"), await stage.enter("juliet/balcony")
    question = asked(stage.host.ask(ROMEO, PAYLOAD))
    stanza_id = await id_of_request(romeo)

    await juliet.say(f"<iq type='result' to='montague.lit' id='{stanza_id}'/>")
    await romeo.say(f"<iq type='result' to='montague.lit' id='{stanza_id}x'/>")
    await romeo.say(f"<iq type='result' to='romeo@montague.lit' id='{stanza_id}'/>")

    assert not question.done()
    question.cancel()


async def test_nobody_to_be_asked_is_an_error_at_once(stage: Stage) -> None:
    with pytest.raises(StanzaError, match="service-unavailable"):
        await stage.host.ask(ROMEO, PAYLOAD)


async def test_question_of_a_service_is_answered_to_the_service(stage: Stage) -> None:
    service = BareJid("", "pubsub.verona.lit")
    taken: list[bool] = []

    def take(inbound: Inbound) -> None:
        taken.append(stage.host.take_answer(inbound))

    stage.host.serve(service.domainpart, take)
    romeo = await stage.enter("romeo/orchard")
    question = asked(stage.host.ask(ROMEO, PAYLOAD, sender=service))
    stanza_id = await id_of_request(romeo)

    await romeo.say(f"<iq type='result' to='{service}' id='{stanza_id}'/>")

    assert (await question).get("type") == "result"
    assert taken == [True]


def swallow(_stanza: bytes, _sender: Jid, _to: Jid, _on_error: Any) -> None:
    """Nobody answers."""


async def test_question_that_nobody_answers_ends() -> None:
    requests = OutgoingRequests(swallow, RequestLimits(answer_seconds=0.01))

    with pytest.raises(StanzaError, match="remote-server-timeout"):
        await requests.ask(ROMEO, PAYLOAD, sender=ROMEO.bare)


async def test_too_many_open_questions_are_refused() -> None:
    requests = OutgoingRequests(swallow, RequestLimits(open_requests=1))
    first = asked(requests.ask(ROMEO, PAYLOAD, sender=ROMEO.bare))
    await asyncio.sleep(0)

    with pytest.raises(StanzaError) as refused:
        await requests.ask(ROMEO, PAYLOAD, sender=ROMEO.bare)

    assert refused.value.condition is StanzaCondition.RESOURCE_CONSTRAINT
    first.cancel()


async def test_nobody_waits_for_who_has_gone(stage: Stage) -> None:
    romeo = await stage.enter("romeo/orchard")
    questions = [asked(stage.host.ask(ROMEO, PAYLOAD)) for _ in range(2)]
    await asyncio.sleep(0)

    await romeo.leave()

    for question in questions:
        with pytest.raises(StanzaError) as lost:
            await question
        assert lost.value.condition is StanzaCondition.RECIPIENT_UNAVAILABLE
