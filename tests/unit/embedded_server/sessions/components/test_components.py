"""External components over real connections (XEP-0114)."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from embedded_server.service_sections import ComponentSettings
from tests.helpers.office import RunningOffice, office_settings, running_office
from tests.helpers.raw_component import RawComponent

pytestmark = [pytest.mark.asyncio, pytest.mark.network]
DOMAIN = "friar.montague.lit"
SECRET = "two such opposed kings"
ITEMS = "<iq type='get' id='{}' to='montague.lit'><query xmlns='{}'/></iq>"
DISCO_ITEMS = "http://jabber.org/protocol/disco#items"


@pytest_asyncio.fixture
async def office(tmp_path: Path) -> AsyncIterator[RunningOffice]:
    components = ComponentSettings(
        enabled=True,
        port=0,
        secrets=(f"{DOMAIN}={SECRET}", f"conference.montague.lit={SECRET}", f"x.lit={SECRET}"),
    )
    settings = replace(office_settings(), components=components)
    async with running_office(tmp_path / "office", settings=settings) as running:
        yield running


@pytest_asyncio.fixture
async def friar(office: RunningOffice) -> AsyncIterator[RawComponent]:
    component = await RawComponent.log_in(office.server.component_port, DOMAIN, SECRET)
    yield component
    await component.close()


async def test_message_goes_to_a_component_and_back(
    office: RunningOffice, friar: RawComponent
) -> None:
    """XEP-0114, section 3: it may speak for every address of its domain."""
    romeo = await office.log_in("romeo/orchard")

    romeo.send(f"<message to='laurence@{DOMAIN}/cell' type='chat'><body>Father!</body></message>")
    arrived = await friar.wait_for("</message>")
    friar.send(
        f"<message from='laurence@{DOMAIN}/cell' to='{romeo.jid}' id='r' type='chat'>"
        "<body>Benedicite!</body><x xmlns='urn:example:x'/></message>"
    )
    answer = await romeo.receive_id("r")

    assert f"from='{romeo.jid}'" in arrived
    assert "<body>Father!</body>" in arrived
    assert answer.tag == "{jabber:client}message"
    assert answer.findtext("{jabber:client}body") == "Benedicite!"
    assert answer.get("from") == f"laurence@{DOMAIN}/cell"


async def test_stanza_may_repeat_the_namespace_of_the_stream(
    office: RunningOffice, friar: RawComponent
) -> None:
    """Some libraries declare it on every stanza."""
    romeo = await office.log_in("romeo/orchard")

    friar.send(
        f"<message xmlns='jabber:component:accept' from='{DOMAIN}' to='{romeo.jid}' id='r'>"
        "<body>Hail</body></message>"
    )

    answer = await romeo.receive_id("r")
    assert answer.findtext("{jabber:client}body") == "Hail"


async def test_component_asks_and_is_asked(office: RunningOffice, friar: RawComponent) -> None:
    """IQs in both directions; the server answers for itself."""
    romeo = await office.log_in("romeo/orchard")

    romeo.send(f"<iq type='get' id='v' to='{DOMAIN}'><query xmlns='jabber:iq:version'/></iq>")
    await friar.wait_for("</iq>")
    friar.send(f"<iq type='result' id='v' from='{DOMAIN}' to='{romeo.jid}'/>")
    answer = await romeo.receive_id("v")
    friar.send(
        f"<iq type='get' id='p' from='{DOMAIN}' to='montague.lit'>"
        "<ping xmlns='urn:xmpp:ping'/></iq>"
    )
    pong = await friar.wait_for("/>")

    assert answer.get("from") == DOMAIN
    assert "type='result'" in pong
    assert f"to='{DOMAIN}'" in pong


async def test_component_has_no_rights_of_accounts(
    office: RunningOffice, friar: RawComponent
) -> None:
    """It is no account: rosters and commands are refused."""
    friar.send(
        f"<iq type='get' id='r' from='{DOMAIN}' to='romeo@montague.lit'>"
        "<query xmlns='jabber:iq:roster'/></iq>"
    )

    assert "<forbidden " in await friar.wait_for("</iq>")


async def test_component_is_listed_while_it_is_there(office: RunningOffice) -> None:
    """XEP-0030: as a service of the domain."""
    romeo = await office.log_in("romeo/orchard")
    friar = await RawComponent.log_in(office.server.component_port, DOMAIN, SECRET)

    romeo.send(ITEMS.format("there", DISCO_ITEMS))
    there = [item.get("jid") for item in (await romeo.receive_id("there"))[0]]
    friar.send("</stream:stream>")
    await friar.wait_for_end()
    romeo.send(ITEMS.format("gone", DISCO_ITEMS))
    gone = [item.get("jid") for item in (await romeo.receive_id("gone"))[0]]
    romeo.send(f"<message to='{DOMAIN}' id='m'><body>Father?</body></message>")
    refused = await romeo.receive_id("m")

    assert DOMAIN in there
    assert DOMAIN not in gone
    assert refused.get("type") == "error"


async def test_contact_at_a_component_is_subscribed_and_seen(
    office: RunningOffice, friar: RawComponent
) -> None:
    """RFC 6121, sections 3.1 and 4.2: both rosters' states hold for contacts elsewhere too."""
    romeo = await office.log_in("romeo/orchard")
    laurence = f"laurence@{DOMAIN}"
    romeo.send("<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq><presence/>")
    await romeo.receive_id("r")

    romeo.send(f"<presence type='subscribe' to='{laurence}'/>")
    request = await friar.wait_for("/>")
    friar.send(f"<presence type='subscribed' from='{laurence}' to='romeo@montague.lit'/>")
    friar.send(f"<presence type='subscribe' from='{laurence}' to='romeo@montague.lit'/>")
    await romeo.receive(lambda one: one.get("type") == "subscribe")
    romeo.send(f"<presence type='subscribed' to='{laurence}'/>")
    approved = await friar.wait_for("/>")
    shown = await friar.wait_for("/>")
    romeo.send("<iq type='get' id='r2'><query xmlns='jabber:iq:roster'/></iq>")
    (item,) = (await romeo.receive_id("r2"))[0]
    romeo.send("<presence><show>away</show></presence>")
    away = await friar.wait_for("</presence>")
    await office.end(romeo)
    left = await friar.wait_for("/>")

    assert "type='subscribe'" in request
    assert "from='romeo@montague.lit'" in request
    assert "type='subscribed'" in approved
    assert "from='romeo@montague.lit/orchard'" in shown
    assert (item.get("jid"), item.get("subscription")) == (laurence, "both")
    assert "<show>away</show>" in away
    assert "type='unavailable'" in left


async def test_contact_at_a_component_is_probed(office: RunningOffice, friar: RawComponent) -> None:
    """RFC 6121, section 4.3: from the bare JID, at every new resource."""
    romeo = await office.log_in("romeo/orchard")
    laurence = f"laurence@{DOMAIN}"
    romeo.send("<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>")
    romeo.send(f"<presence type='subscribe' to='{laurence}'/>")
    await friar.wait_for("/>")
    friar.send(f"<presence type='subscribed' from='{laurence}' to='romeo@montague.lit'/>")
    await romeo.receive(lambda one: one.get("type") == "subscribed")

    garden = await office.log_in("romeo/garden")
    garden.send("<presence/>")
    probe = await friar.wait_for("/>")
    friar.send(
        f"<presence from='{laurence}' to='romeo@montague.lit'><status>in</status></presence>"
    )
    seen = await garden.receive(lambda one: one.get("from") == laurence)

    assert "type='probe'" in probe
    assert "from='romeo@montague.lit'" in probe
    assert seen.findtext("{jabber:client}status") == "in"


@pytest.mark.parametrize(
    ("sent", "condition"),
    [
        (f"<message from='{DOMAIN}'><body>b</body></message>", "improper-addressing"),
        ("<message to='romeo@montague.lit'><body>b</body></message>", "improper-addressing"),
        ("<message from='juliet@montague.lit' to='romeo@montague.lit'/>", "invalid-from"),
        (f"<message from='x.{DOMAIN}' to='romeo@montague.lit'/>", "invalid-from"),
        ("<message from='@' to='romeo@montague.lit'/>", "invalid-from"),
        ("<letter from='a' to='b'/>", "unsupported-stanza-type"),
        ("<!-- c -->", "restricted-xml"),
        ("<message>", ""),
    ],
)
async def test_component_that_speaks_for_others_is_cut_off(
    office: RunningOffice, friar: RawComponent, sent: str, condition: str
) -> None:
    """XEP-0114, section 3: from and to are required, and from is of its own domain."""
    friar.send(sent if condition else f"{sent}</stream:stream>")

    assert await friar.wait_for_end() == (condition or "not-well-formed")


@pytest.mark.parametrize(
    ("domain", "namespace", "condition"),
    [
        ("unknown.montague.lit", "jabber:component:accept", "host-unknown"),
        ("montague.lit", "jabber:component:accept", "host-unknown"),
        (f"a@{DOMAIN}", "jabber:component:accept", "host-unknown"),
        ("", "jabber:component:accept", "host-unknown"),
        (DOMAIN, "jabber:component:connect", "invalid-namespace"),
        (DOMAIN, "jabber:client", "invalid-namespace"),
    ],
)
async def test_wrong_header_is_answered_by_ours_and_an_error(
    office: RunningOffice, domain: str, namespace: str, condition: str
) -> None:
    """XEP-0114, section 3; RFC 6120, section 4.9.1.2."""
    stranger = await RawComponent.connect(office.server.component_port)

    await stranger.open(domain, namespace)

    assert await stranger.wait_for_end() == condition


async def test_wrong_handshake_is_not_authorized(office: RunningOffice) -> None:
    """XEP-0114, section 3: "MUST close the stream"; so is anything before the handshake."""
    port = office.server.component_port
    guessing, early = await RawComponent.connect(port), await RawComponent.connect(port)
    for component in (guessing, early):
        await component.open(DOMAIN)

    guessing.shake_hands("guessed it right away")
    early.send(f"<message from='{DOMAIN}' to='romeo@montague.lit'/>")

    assert await guessing.wait_for_end() == "not-authorized"
    assert await early.wait_for_end() == "not-authorized"


@pytest.mark.parametrize("domain", [DOMAIN, "conference.montague.lit"])
async def test_domain_that_is_served_is_a_conflict(
    office: RunningOffice, friar: RawComponent, domain: str
) -> None:
    """XEP-0114, section 3: by another component, or by the office itself."""
    second = await RawComponent.connect(office.server.component_port)
    await second.open(domain)
    second.shake_hands(SECRET)

    assert await second.wait_for_end() == "conflict"


async def test_stop_says_system_shutdown(office: RunningOffice) -> None:
    friar = await RawComponent.log_in(office.server.component_port, DOMAIN, SECRET)

    _, condition = await asyncio.gather(office.server.stop(), friar.wait_for_end())

    assert condition == "system-shutdown"


async def test_components_are_off_unless_the_settings_open_them(tmp_path: Path) -> None:
    async with running_office(tmp_path / "office") as office:
        assert office.server.component_port == 0
