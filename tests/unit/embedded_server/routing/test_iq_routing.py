"""IQs between entities (RFC 6120, section 8.2.3; RFC 6121, section 8.5)."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from embedded_server.routing.features import Entity
from embedded_server.routing.iq_table import IqHandler, IqTable
from embedded_server.storage.errors import StorageUnavailableError
from shared_protocol.errors import StreamError
from shared_protocol.stanzas.senders import Accepts
from tests.helpers.module_stage import Stage, staged

PAYLOAD = "<query xmlns='urn:example:secret'/>"


@pytest_asyncio.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path) as ready:
        yield ready


@pytest.mark.asyncio
async def test_iq_passes_where_presence_is_shared(stage: Stage) -> None:
    """RFC 6121, section 8.5.3.1."""
    await stage.befriend("romeo", "juliet")
    romeo = await (await stage.enter("romeo/orchard")).come()
    juliet = await (await stage.enter("juliet/balcony")).come()
    romeo.take()

    await romeo.say(f"<iq type='get' id='q' to='juliet@montague.lit/balcony'>{PAYLOAD}</iq>")
    (asked,) = juliet.take()
    await juliet.say("<iq type='result' id='q' to='romeo@montague.lit/orchard'/>")
    (answered,) = romeo.take()

    assert asked.startswith("<iq from='romeo@montague.lit/orchard' type='get' id='q'")
    assert answered.startswith("<iq from='juliet@montague.lit/balcony' type='result' id='q'")


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "to", ["juliet@montague.lit/balcony", "juliet@montague.lit/x", "tybalt@montague.lit/x"]
)
async def test_iq_of_a_stranger_is_refused_alike(stage: Stage, to: str) -> None:
    """RFC 6121, sections 8.5.1 and 8.5.3: service-unavailable in each case."""
    romeo = await stage.enter("romeo/orchard")
    juliet = await (await stage.enter("juliet/balcony")).come()

    answer = await romeo.ask(f"<iq type='get' id='q' to='{to}'>{PAYLOAD}</iq>")

    assert "<error type='cancel'><service-unavailable " in answer
    assert juliet.take() == []


@pytest.mark.asyncio
async def test_own_resources_may_ask_each_other(stage: Stage) -> None:
    """RFC 6121, section 8.5.3.1: the own account sees its own presence."""
    orchard, garden = await stage.enter("romeo/orchard"), await stage.enter("romeo/garden")

    await orchard.say(f"<iq type='get' id='q' to='romeo@montague.lit/garden'>{PAYLOAD}</iq>")

    assert len(garden.take()) == 1


@pytest.mark.asyncio
async def test_iq_to_a_bare_jid_is_never_forwarded(stage: Stage) -> None:
    """RFC 6121, section 8.5.2.1.3."""
    await stage.befriend("romeo", "juliet")
    romeo = await (await stage.enter("romeo/orchard")).come()
    juliet = await (await stage.enter("juliet/balcony")).come()

    answer = await romeo.ask(f"<iq type='set' id='q' to='juliet@montague.lit'>{PAYLOAD}</iq>")

    assert "<service-unavailable " in answer
    assert juliet.take() == []


@pytest.mark.asyncio
async def test_unknown_element_ends_the_stream(stage: Stage) -> None:
    """RFC 6120, section 4.9.3.24."""
    romeo = await stage.enter("romeo/orchard")

    with pytest.raises(StreamError, match="unsupported-stanza-type"):
        romeo.send("<letter xmlns='urn:example:post'/>")


@pytest.mark.asyncio
async def test_every_handler_says_whom_it_accepts(stage: Stage) -> None:
    """security.md, section 5: a forged request to another account is refused by the table."""
    romeo = await stage.enter("romeo/orchard")
    handlers = list(stage.host.iqs)
    own = [one for one in handlers if one.accepts is Accepts.OWN_ACCOUNT]

    assert handlers
    for handler in own:
        if handler.entity is Entity.ACCOUNT:
            namespace, name = handler.payload.split()
            forged = f"<{name} xmlns='{namespace}'/>"
            answer = await romeo.ask(
                f"<iq type='get' id='f' to='juliet@montague.lit'>{forged}</iq>"
            )
            assert f"<{handler.refusal.value} " in answer


def test_second_handler_for_a_payload_is_refused() -> None:
    table = IqTable()
    handler = IqHandler("urn:example:x y", Entity.SERVER, Accepts.ANYONE, lambda _request: None)
    remove = table.add(handler)

    with pytest.raises(ValueError, match="has a handler already"):
        table.add(handler)
    remove()
    table.add(handler)

    assert list(table) == [handler]


@pytest.mark.asyncio
async def test_bug_of_a_handler_is_an_answer_and_the_stream_goes_on(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    """RFC 6120, section 8.3.3.6; security.md row 79: the session goes on."""

    def broken(_request: object) -> None:
        raise ZeroDivisionError

    async def full_disk() -> None:
        raise StorageUnavailableError("The disk is full.")

    for name, handle in (("bug", broken), ("full", lambda _request: full_disk())):
        payload = f"urn:example:{name} query"
        stage.host.add_iq_handler(IqHandler(payload, Entity.SERVER, Accepts.ANYONE, handle))
    romeo = await stage.enter("romeo/orchard")
    asking = "<iq type='get' id='q' to='montague.lit'><query xmlns='urn:example:{}'/></iq>"

    bug, full = await romeo.ask(asking.format("bug")), await romeo.ask(asking.format("full"))

    assert "<error type='cancel'><internal-server-error " in bug
    assert "<error type='wait'><resource-constraint " in full  # security.md, section 8.7
    assert "ZeroDivisionError" in caplog.text
