"""Relays for calls and their passwords (XEP-0215)."""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from typing import Any

import pytest

from embedded_server.modules.service.external_services import ExternalServicesModule, RelaySettings
from embedded_server.routing.origin import ServiceOrigin
from shared_protocol.addresses import BareJid
from shared_protocol.stanzas.entity.external_services import (
    ExternalService,
    ExternalServices,
    from_element,
)
from shared_protocol.xml.elements import element_of
from shared_protocol.xml.framer import frame_of
from tests.helpers.module_stage import Client

pytestmark = pytest.mark.asyncio
SECRET = "two such opposed kings"
STUN = ExternalService("stun", "relay.lit", 3478, "udp")
TURN = ExternalService("turn", "relay.lit", 3478, "udp")
OVER_TCP = ExternalService("turn", "relay.lit", 5349, "tcp")
REQUEST = "<iq type='get' id='q' to='montague.lit'>{}</iq>"
SERVICES = "<services xmlns='urn:xmpp:extdisco:2'{}/>"
CREDENTIALS = "<credentials xmlns='urn:xmpp:extdisco:2'>{}</credentials>"
NOW = 1_780_000_000.5


@pytest.fixture
def relays(stage: Any) -> Iterator[None]:
    settings = RelaySettings(services=(STUN, TURN, OVER_TCP), secret=SECRET, lifetime_seconds=3_600)
    module = ExternalServicesModule(settings, lambda: NOW)
    module.attach(stage.host)
    yield
    module.detach()


async def ask(client: Client, payload: str) -> ExternalServices:
    answer = await client.ask(REQUEST.format(payload))
    return from_element(element_of(answer.encode())[0])


@pytest.mark.usefixtures("relays")
async def test_all_services_are_told_with_passwords_for_a_while(stage: Any) -> None:
    """XEP-0215, section 3.1; the relay computes the same password from the name."""
    romeo = await stage.enter("romeo/orchard")

    stun, turn, _ = (await ask(romeo, SERVICES.format(""))).services

    assert stun == STUN
    until, _colon, person = turn.username.partition(":")
    assert int(until) == int(NOW) + 3_600
    assert "romeo" not in person
    expected = hmac.new(SECRET.encode(), turn.username.encode(), hashlib.sha1).digest()
    assert turn.password == base64.b64encode(expected).decode()
    assert turn.is_restricted
    assert turn.expires is not None
    assert turn.expires.timestamp() == int(until)


@pytest.mark.usefixtures("relays")
async def test_services_of_one_type_are_told_and_the_type_is_repeated(stage: Any) -> None:
    """XEP-0215, section 3.2."""
    romeo = await stage.enter("romeo/orchard")

    turns = await ask(romeo, SERVICES.format(" type='turn'"))
    none = await ask(romeo, SERVICES.format(" type='ftp'"))

    assert turns.type == "turn"
    assert [one.port for one in turns.services] == [3478, 5349]
    assert (none.type, none.services) == ("ftp", ())


@pytest.mark.usefixtures("relays")
@pytest.mark.parametrize(
    ("service", "ports"),
    [
        ("<service host='relay.lit' type='turn'/>", [3478, 5349]),
        ("<service host='relay.lit' type='turn' port='5349'/>", [5349]),
    ],
)
async def test_credentials_are_told_by_host_and_type(
    stage: Any, service: str, ports: list[int]
) -> None:
    """XEP-0215, section 3.3."""
    romeo = await stage.enter("romeo/orchard")

    answer = await ask(romeo, CREDENTIALS.format(service))

    assert [one.port for one in answer.services] == ports
    assert all(one.password for one in answer.services)


@pytest.mark.usefixtures("relays")
@pytest.mark.parametrize(
    ("service", "condition"),
    [
        ("<service host='other.lit' type='turn'/>", "item-not-found"),
        ("<service host='relay.lit' type='stun'/>", "item-not-found"),
        ("<service host='relay.lit' type='turn' port='1'/>", "item-not-found"),
        ("<service host='relay.lit'/>", "bad-request"),
        ("<service type='turn' host='relay.lit' port='x'/>", "bad-request"),
        ("", "bad-request"),
    ],
)
async def test_unknown_service_has_no_credentials(stage: Any, service: str, condition: str) -> None:
    """XEP-0215, section 3.3: "an appropriate stanza error, such as item-not-found"."""
    romeo = await stage.enter("romeo/orchard")

    answer = await romeo.ask(REQUEST.format(CREDENTIALS.format(service)))

    assert f"<{condition} " in answer


@pytest.mark.usefixtures("relays")
async def test_people_have_names_of_their_own(stage: Any) -> None:
    """So that a relay can count what one of them costs."""
    romeo, juliet = await stage.enter("romeo/orchard"), await stage.enter("juliet/balcony")

    names = {
        (await ask(client, SERVICES.format(" type='turn'"))).services[0].username
        for client in (romeo, juliet)
    }

    assert len(names) == 2


@pytest.mark.usefixtures("relays")
async def test_others_than_the_own_accounts_get_no_password(stage: Any) -> None:
    """XEP-0215, section 2: forbidden."""
    answers: list[bytes] = []
    origin = ServiceOrigin(BareJid("", "friar.montague.lit"), answers.append)

    stage.host.route(origin, frame_of(REQUEST.format(SERVICES.format("")).encode()))

    assert b"<forbidden " in answers[0]


@pytest.mark.usefixtures("relays")
async def test_feature_is_announced(stage: Any) -> None:
    """XEP-0215, section 5."""
    romeo = await stage.enter("romeo/orchard")
    info = "<query xmlns='http://jabber.org/protocol/disco#info'/>"

    assert "var='urn:xmpp:extdisco:2'" in await romeo.ask(REQUEST.format(info))


async def test_office_without_relays_says_nothing(stage: Any) -> None:
    romeo = await stage.enter("romeo/orchard")

    assert "<service-unavailable " in await romeo.ask(REQUEST.format(SERVICES.format("")))


async def test_open_relay_needs_no_password(stage: Any) -> None:
    module = ExternalServicesModule(RelaySettings(services=(TURN,)))
    module.attach(stage.host)
    romeo = await stage.enter("romeo/orchard")

    found = await ask(romeo, SERVICES.format(""))
    module.detach()

    assert found.services == (TURN,)
    assert SECRET not in repr(RelaySettings(secret=SECRET))
