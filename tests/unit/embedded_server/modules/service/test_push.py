"""Push notifications (XEP-0357 0.4.1). Hecate runs the push service."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from embedded_server.modules.service.push import PushContents
from embedded_server.storage.push_repository import PushRepository
from tests.helpers.module_stage import Client, Stage, staged

pytestmark = pytest.mark.asyncio
SERVICE = "hecate@montague.lit/app"
ENABLE = (
    "<iq type='set' id='e'><enable xmlns='urn:xmpp:push:0' "
    f"jid='{SERVICE}' node='{{}}'>{{}}</enable></iq>"
)
DISABLE = f"<iq type='set' id='d'><disable xmlns='urn:xmpp:push:0' jid='{SERVICE}'{{}}/></iq>"
OPTIONS = (
    "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'>"
    "<value>http://jabber.org/protocol/pubsub#publish-options</value></field>"
    "<field var='secret'><value>{}</value></field></x>"
)
CHAT = "<message type='chat' to='juliet@montague.lit'><body>{}</body></message>"
ERROR = (
    "<error type='{}'><resource-constraint xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
)


class PushService:
    """What a push service is told, and answers."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def take(self) -> list[str]:
        """Return the publications that have come."""
        return [text for text in self._client.take() if "<pubsub " in text]

    async def answer(self, publication: str, *, kind: str = "result", payload: str = "") -> None:
        """Answer a publication."""
        stanza_id = re.search(r" id='(\w+)'", publication)
        assert stanza_id is not None
        await self._client.say(
            f"<iq type='{kind}' to='montague.lit' id='{stanza_id[1]}'>{payload}</iq>"
        )

    async def take_and_answer(self, *, kind: str = "result", payload: str = "") -> list[str]:
        """Answer all publications that have come; return them."""
        told = self.take()
        for publication in told:
            await self.answer(publication, kind=kind, payload=payload)
        return told


@pytest_asyncio.fixture
async def service(stage: Any) -> AsyncIterator[PushService]:
    yield PushService(await stage.enter("hecate/app"))


async def enable(stage: Stage, *nodes: str, options: str = "", who: str = "juliet") -> None:
    """Register nodes of the service, and go."""
    client = await stage.enter(f"{who}/phone")
    for node in nodes:
        answer = await client.ask(ENABLE.format(node, options))
        assert "type='result'" in answer, answer
    await client.leave()


async def write(stage: Stage, *texts: str) -> None:
    """Write to Juliet."""
    romeo = await stage.enter("romeo/orchard")
    for text in texts:
        await romeo.say(CHAT.format(text))
    await romeo.leave()


async def test_message_that_waits_is_told_without_sender_and_text(
    stage: Any, service: PushService
) -> None:
    """Section 7, and section 9: neither sender nor text is told unless the settings say so."""
    await enable(stage, "n1")

    await write(stage, "Wherefore art thou?")

    (told,) = service.take()
    assert " from='montague.lit'" in told
    assert (
        "<publish node='n1'><item><notification xmlns='urn:xmpp:push:0'>"
        "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'>"
        "<value>urn:xmpp:push:summary</value></field>"
        "<field var='message-count'><value>1</value></field></x></notification></item></publish>"
    ) in told
    assert "romeo" not in told
    assert "publish-options" not in told


async def test_sender_and_text_are_told_where_the_settings_say_so(tmp_path: Path) -> None:
    async with staged(
        tmp_path, push_contents=PushContents(has_sender=True, has_text=True)
    ) as stage:
        service = PushService(await stage.enter("hecate/app"))
        await enable(stage, "n1")

        await write(stage, "Wherefore &amp; why" + "!" * 300)

        (told,) = service.take()
        assert "<value>romeo@montague.lit/orchard</value>" in told
        assert "<value>Wherefore &amp; why!" in told
        assert "!" * 200 not in told


async def test_options_are_repeated_and_the_last_ones_count(
    stage: Any, service: PushService
) -> None:
    """Section 5: "the server SHOULD use the last received request for any publish options"."""
    await enable(stage, "n1", options=OPTIONS.format("first"))
    await enable(stage, "n1", options=OPTIONS.format("second"))

    await write(stage, "Hist!")

    (told,) = service.take()
    assert "<publish-options><x xmlns='jabber:x:data'" in told
    assert "<value>second</value>" in told
    assert "first" not in told


async def test_each_node_is_told_until_it_is_disabled(stage: Any, service: PushService) -> None:
    """Section 6: with a node only this one is disabled, without all of the service."""
    await enable(stage, "n1", "n2", "n3")
    await write(stage, "one")
    assert len(await service.take_and_answer()) == 3
    phone = await stage.enter("juliet/phone")

    assert "type='result'" in await phone.ask(DISABLE.format(" node='n2'"))
    await write(stage, "two")
    told = await service.take_and_answer()
    assert sorted(re.findall("node='(n.)'", "".join(told))) == ["n1", "n3"]

    assert "type='result'" in await phone.ask(DISABLE.format(""))
    await write(stage, "three")
    assert service.take() == []


async def test_nobody_is_told_while_a_client_takes_messages(
    stage: Any, service: PushService
) -> None:
    await enable(stage, "n1")
    await (await stage.enter("juliet/balcony")).come()

    await write(stage, "Hist!")

    assert service.take() == []


async def test_chat_states_and_receipts_wake_nobody(stage: Any, service: PushService) -> None:
    await enable(stage, "n1")
    romeo = await stage.enter("romeo/orchard")

    for payload in (
        "<composing xmlns='http://jabber.org/protocol/chatstates'/>",
        "<received xmlns='urn:xmpp:receipts' id='1'/><store xmlns='urn:xmpp:hints'/>",
    ):
        await romeo.say(f"<message type='chat' to='juliet@montague.lit'>{payload}</message>")

    assert service.take() == []


async def test_encrypted_message_is_told(stage: Any, service: PushService) -> None:
    await enable(stage, "n1")
    romeo = await stage.enter("romeo/orchard")

    await romeo.say(
        "<message type='chat' to='juliet@montague.lit'>"
        "<encrypted xmlns='urn:xmpp:omemo:2'/><store xmlns='urn:xmpp:hints'/></message>"
    )

    assert len(service.take()) == 1


async def test_what_follows_is_told_once_when_the_service_has_answered(
    stage: Any, service: PushService
) -> None:
    await enable(stage, "n1")
    await write(stage, "1", "2", "3", "4")

    (first,) = service.take()
    await service.answer(first)

    (second,) = await service.take_and_answer()
    assert "<value>1</value>" in first
    assert "<value>4</value>" in second
    assert service.take() == []


async def test_service_that_refuses_is_told_no_more(stage: Any, service: PushService) -> None:
    """Section 7.1: "the server SHOULD consider the particular JID and node to be disabled"."""
    await enable(stage, "n1")
    await write(stage, "1")

    await service.take_and_answer(kind="error", payload=ERROR.format("cancel"))

    await write(stage, "2")
    assert service.take() == []


async def test_service_that_is_gone_is_told_no_more(stage: Any) -> None:
    await enable(stage, "n1")
    await write(stage, "1")
    service = PushService(await stage.enter("hecate/app"))

    await write(stage, "2")

    assert service.take() == []


async def test_service_that_cannot_now_is_told_again_but_not_for_ever(
    stage: Any, service: PushService
) -> None:
    """Section 7.1: "until a sufficient number of errors have been received in a row"."""
    await enable(stage, "n1")

    for number in range(5):
        await write(stage, str(number))
        told = await service.take_and_answer(kind="error", payload=ERROR.format("wait"))
        assert len(told) == 1, number

    await write(stage, "5")
    assert service.take() == []


async def test_answer_between_errors_begins_the_count_anew(
    stage: Any, service: PushService
) -> None:
    await enable(stage, "n1")
    for number in range(8):
        await write(stage, str(number))
        kind, payload = ("result", "") if number == 4 else ("error", ERROR.format("wait"))
        assert await service.take_and_answer(kind=kind, payload=payload), number


async def test_who_is_disabled_meanwhile_is_told_no_more(stage: Any, service: PushService) -> None:
    """Section 6: "the server MUST NOT attempt publishing notifications to the service"."""
    await enable(stage, "n1")
    await write(stage, "1", "2")
    (first,) = service.take()
    phone = await stage.enter("juliet/phone")
    await phone.ask(DISABLE.format(""))

    await service.answer(first)

    assert service.take() == []


async def test_refusal_of_old_options_does_not_undo_new_ones(
    stage: Any, service: PushService
) -> None:
    await enable(stage, "n1", options=OPTIONS.format("old"))
    await write(stage, "1")
    (first,) = service.take()
    await enable(stage, "n1", options=OPTIONS.format("new"))

    await service.answer(first, kind="error", payload=ERROR.format("auth"))
    await write(stage, "2")

    (second,) = service.take()
    assert "<value>new</value>" in second


async def test_client_that_is_lost_with_messages_is_told(stage: Any, service: PushService) -> None:
    """Section 4 with XEP-0198: the session still stands, and nobody reads."""
    await enable(stage, "n1")
    balcony = await (await stage.enter("juliet/balcony")).come()
    balcony.session.enable_acknowledgement()
    await write(stage, "1")
    assert service.take() == []

    balcony.session.hibernate(lambda: None)
    stage.host.session_hooks.detached(balcony.session)
    await stage.settle()

    assert len(await service.take_and_answer()) == 1
    await write(stage, "2")
    (second,) = service.take()
    assert "<value>2</value>" in second


async def test_client_that_is_lost_without_messages_is_not_told(
    stage: Any, service: PushService
) -> None:
    await enable(stage, "n1")
    balcony = await (await stage.enter("juliet/balcony")).come()
    balcony.session.enable_acknowledgement()

    balcony.session.hibernate(lambda: None)
    stage.host.session_hooks.detached(balcony.session)
    await stage.settle()

    assert service.take() == []


async def test_registrations_outlive_the_server(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await enable(stage, "n1", "n2", options=OPTIONS.format("s3cret"))
        phone = await stage.enter("juliet/phone")
        await phone.ask(DISABLE.format(" node='n2'"))

    async with staged(tmp_path) as stage:
        service = PushService(await stage.enter("hecate/app"))
        await write(stage, "Hist!")

        (told,) = service.take()
        assert "node='n1'" in told
        assert "<value>s3cret</value>" in told


async def test_deleted_account_has_none(stage: Any) -> None:
    await enable(stage, "n1")
    await enable(stage, "n2", who="nurse")

    await stage.delete("juliet")

    repository = PushRepository(stage.writer)
    await repository.load()
    assert [stored.localpart for stored in repository.registrations] == ["nurse"]


async def test_too_many_services_are_refused(stage: Any) -> None:
    await enable(stage, *(f"n{number}" for number in range(10)))
    phone = await stage.enter("juliet/phone")

    assert "<resource-constraint " in await phone.ask(ENABLE.format("more", ""))
    assert "type='result'" in await phone.ask(ENABLE.format("n3", OPTIONS.format("new")))


@pytest.mark.parametrize(
    ("node", "secret"), [("n" * 1_024, "s"), ("n", "s" * 4_096)], ids=["node", "options"]
)
async def test_what_is_too_long_is_refused(stage: Any, node: str, secret: str) -> None:
    phone = await stage.enter("juliet/phone")

    assert "<not-acceptable " in await phone.ask(ENABLE.format(node, OPTIONS.format(secret)))


@pytest.mark.parametrize("jid", ["", "a b@c", "@"])
async def test_service_without_an_address_is_a_bad_request(stage: Any, jid: str) -> None:
    phone = await stage.enter("juliet/phone")

    answer = await phone.ask(
        f"<iq type='set' id='e'><enable xmlns='urn:xmpp:push:0' jid='{jid}' node='n'/></iq>"
    )

    assert "<bad-request " in answer


async def test_others_cannot_register_for_an_account(stage: Any, service: PushService) -> None:
    nurse = await stage.enter("nurse/house")

    answer = await nurse.ask(
        ENABLE.format("n1", "").replace("id='e'", "id='e' to='juliet@montague.lit'")
    )

    assert "type='error'" in answer
    await write(stage, "Hist!")
    assert service.take() == []


async def test_accounts_announce_it(stage: Any) -> None:
    """Section 4.1: in the features of the account."""
    phone = await stage.enter("juliet/phone")

    answer = await phone.ask(
        "<iq type='get' id='i' to='juliet@montague.lit'>"
        "<query xmlns='http://jabber.org/protocol/disco#info'/></iq>"
    )

    assert "var='urn:xmpp:push:0'" in answer
