"""Domains that are served beside the host's own: rooms, publishing, components."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from embedded_server.routing.features import Entity
from embedded_server.routing.inbound import Inbound
from embedded_server.routing.iq_table import IqHandler, IqTable
from embedded_server.routing.origin import ServiceOrigin
from embedded_server.routing.stamping import stamped
from shared_protocol.addresses import BareJid, FullJid
from shared_protocol.errors import StanzaCondition, StanzaError
from shared_protocol.stanzas.senders import Accepts
from shared_protocol.xml.framer import frame_of
from tests.helpers.module_stage import Stage, staged

ROOMS = "masks.montague.lit"


@pytest_asyncio.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path) as ready:
        yield ready


class Service:
    """Keeps what it was given."""

    def __init__(self) -> None:
        self.taken: list[str] = []

    def take(self, inbound: Inbound) -> None:
        self.taken.append(stamped(inbound).decode())


@pytest.mark.asyncio
async def test_service_gets_all_that_is_sent_to_its_domain(stage: Stage) -> None:
    """RFC 6120, section 10.1: in the order in which it was sent, with the true sender."""
    service = Service()
    stage.host.serve(ROOMS, service.take)
    romeo = await (await stage.enter("romeo/orchard")).come()

    await romeo.say(f"<message to='coven@{ROOMS}' from='x@y.z'><body>hail</body></message>")
    await romeo.say(f"<presence to='coven@{ROOMS}/romeo'/>")
    await romeo.say(f"<iq type='get' id='1' to='{ROOMS}'><query xmlns='urn:example:q'/></iq>")

    sender = "from='romeo@montague.lit/orchard'"
    assert [text.split(" ")[0] for text in service.taken] == ["<message", "<presence", "<iq"]
    assert all(sender in text and "x@y.z" not in text for text in service.taken)


@pytest.mark.asyncio
async def test_service_hears_of_the_end_of_a_session_that_was_directed_at_it(stage: Stage) -> None:
    """RFC 6121, section 4.6.3."""
    service = Service()
    stage.host.serve(ROOMS, service.take)
    romeo = await (await stage.enter("romeo/orchard")).come()
    await romeo.say(f"<presence to='coven@{ROOMS}/romeo'/>")
    service.taken.clear()

    await romeo.say("<presence type='unavailable'/>")

    (left,) = service.taken
    assert "type='unavailable'" in left
    assert f"to='coven@{ROOMS}/romeo'" in left
    assert "from='romeo@montague.lit/orchard'" in left


@pytest.mark.asyncio
async def test_malformed_request_does_not_reach_a_service(stage: Stage) -> None:
    """RFC 6120, section 8.2.3: without a child a get is a bad request."""
    service = Service()
    stage.host.serve(ROOMS, service.take)
    romeo = await stage.enter("romeo/orchard")

    answer = await romeo.ask(f"<iq type='get' id='1' to='{ROOMS}'/>")

    assert "<bad-request " in answer
    assert service.taken == []


@pytest.mark.asyncio
async def test_service_refuses_in_its_own_name(stage: Stage) -> None:
    """RFC 6120, section 8.3.1: the addresses are swapped."""

    def refuse(_inbound: Inbound) -> None:
        raise StanzaError(StanzaCondition.NOT_ACCEPTABLE)

    stage.host.serve(ROOMS, refuse)
    romeo = await stage.enter("romeo/orchard")

    answer = await romeo.ask(f"<message to='coven@{ROOMS}' id='m'><body>hail</body></message>")

    assert f"from='coven@{ROOMS}'" in answer
    assert "<not-acceptable " in answer


@pytest.mark.asyncio
async def test_service_answers_from_a_table_of_its_own(stage: Stage) -> None:
    table = IqTable()
    table.add(
        IqHandler("urn:example:q query", Entity.SERVER, Accepts.ANYONE, lambda _asked: b"<a/>")
    )
    stage.host.serve(ROOMS, lambda inbound: stage.host.answer_iq(table, inbound, Entity.SERVER))
    romeo = await stage.enter("romeo/orchard")

    known = await romeo.ask(
        f"<iq type='get' id='1' to='{ROOMS}'><query xmlns='urn:example:q'/></iq>"
    )
    other = await romeo.ask(
        f"<iq type='get' id='2' to='{ROOMS}'><query xmlns='urn:example:x'/></iq>"
    )

    assert known.endswith("><a/></iq>")
    assert "<service-unavailable " in other


@pytest.mark.asyncio
async def test_message_of_a_service_follows_the_rules_of_delivery(stage: Stage) -> None:
    """RFC 6121, section 8.5: nobody is on line, so that it is kept."""
    room = BareJid("coven", ROOMS)
    stage.host.serve(ROOMS, lambda _inbound: None)
    frame = frame_of(b"<message to='juliet@montague.lit'><body>come</body></message>")

    stage.host.route(ServiceOrigin(room), frame)
    await stage.settle()
    juliet = await stage.enter("juliet/balcony")
    await juliet.say("<presence/>")

    assert any(f"from='coven@{ROOMS}'" in text and "come" in text for text in juliet.take())


@pytest.mark.asyncio
async def test_stanza_of_a_service_reaches_a_session_at_once(stage: Stage) -> None:
    juliet = await stage.enter("juliet/balcony")
    stanza = f"<presence from='coven@{ROOMS}/romeo' to='juliet@montague.lit/balcony'/>"

    stage.host.deliver(stanza.encode(), FullJid.parse("juliet@montague.lit/balcony"))

    assert juliet.take() == [stanza]


@pytest.mark.asyncio
async def test_service_may_not_do_what_only_an_account_can(stage: Stage) -> None:
    """A roster belongs to who has logged in: no service gets one for an address that it claims."""
    answers: list[bytes] = []
    origin = ServiceOrigin(BareJid("romeo", "montague.lit"), answers.append)
    frame = frame_of(b"<iq type='get' id='1'><query xmlns='jabber:iq:roster'/></iq>")

    stage.host.route(origin, frame)
    await stage.settle()

    (answer,) = answers
    assert b"type='error'" in answer


@pytest.mark.asyncio
async def test_domain_is_served_once(stage: Stage) -> None:
    give_back = stage.host.serve(ROOMS, lambda _inbound: None)

    with pytest.raises(ValueError, match="served already"):
        stage.host.serve(ROOMS, lambda _inbound: None)
    give_back()
    stage.host.serve(ROOMS, lambda _inbound: None)


class SlowService(Service):
    """Keeps its senders waiting until it is told otherwise."""

    def __init__(self) -> None:
        super().__init__()
        self.releases: list[Callable[[], None]] = []

    def take(self, inbound: Inbound) -> None:
        super().take(inbound)
        self.releases.append(inbound.origin.hold())


@pytest.mark.asyncio
@pytest.mark.parametrize("orders_messages", [False, True])
async def test_messages_overtake_nothing_but_may_wait_together(
    stage: Stage, *, orders_messages: bool
) -> None:
    """RFC 6120, section 10.1: a service that keeps the order itself gets messages at once."""
    service = SlowService()
    stage.host.serve(ROOMS, service.take, orders_messages=orders_messages)
    romeo = await stage.enter("romeo/orchard")

    for number in range(3):
        romeo.send(f"<message to='coven@{ROOMS}' id='{number}'><body>hail</body></message>")
    romeo.send(f"<presence to='coven@{ROOMS}/romeo'/>")
    romeo.send(f"<message to='coven@{ROOMS}' id='last'><body>hail</body></message>")

    assert len(service.taken) == (3 if orders_messages else 1)
    for number in range(5):
        service.releases[number]()
    assert [text.split(" ")[0] for text in service.taken] == [
        *["<message"] * 3,
        "<presence",
        "<message",
    ]
