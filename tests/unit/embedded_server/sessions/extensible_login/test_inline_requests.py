"""Binding and resumption within a login (XEP-0386; XEP-0198, section 6)."""

from xml.etree.ElementTree import Element

import pytest

from embedded_server.sessions.session import SessionState
from embedded_server.sessions.stream_context import StreamSettings
from shared_protocol.namespaces import SASL2, STREAM_MANAGEMENT
from tests.helpers.certificates import TlsPair
from tests.helpers.echo_office import PASSWORD, EchoOffice, echo_office
from tests.helpers.extensible_client import (
    AGENT,
    DEVICE,
    features_of,
    identifier,
    log_in_by_scram,
)
from tests.helpers.wire_client import WireClient

pytestmark = [pytest.mark.asyncio, pytest.mark.network]

BIND = "<bind xmlns='urn:xmpp:bind:0'>{}</bind>"
TAG = "<tag>Orchard</tag>"
ENABLE = f"<enable xmlns='{STREAM_MANAGEMENT}' resume='true'/>"
BOUND = "{urn:xmpp:bind:0}bound"
SM = f"{{{STREAM_MANAGEMENT}}}"
R = f"<r xmlns='{STREAM_MANAGEMENT}'/>"


async def login(office: EchoOffice, inline: str) -> tuple[WireClient, Element]:
    client = await office.connect_by_tls()
    await client.open_stream()
    success = await log_in_by_scram(client, "romeo", PASSWORD, inline)
    client.jid = identifier(success)
    return client, success


async def test_what_can_be_done_within_a_login_is_announced(tls: TlsPair) -> None:
    """XEP-0386, section 3.1; XEP-0198, sections 6.1 and 6.2; XEP-0484, section 3.1."""
    async with echo_office(tls) as office:
        client = await office.connect_by_tls()
        await client.open_stream()

        inline = client.features.find(f"{{{SASL2}}}authentication/{{{SASL2}}}inline")
        assert inline is not None
        assert [one.tag for one in inline] == [
            f"{SM}sm",
            "{urn:xmpp:bind:0}bind",
            "{urn:xmpp:fast:0}fast",
        ]
        assert [one.text for one in inline[2]] == ["HT-SHA-256-ENDP", "HT-SHA-256-NONE"]
        assert [one.get("var") for one in inline[1][0]] == [
            "urn:xmpp:sm:3",
            "urn:xmpp:csi:0",
            "urn:xmpp:carbons:2",
        ]


async def test_resource_is_bound_before_the_success_is_told(tls: TlsPair) -> None:
    """XEP-0386, section 3.2: the full JID stands in the success, and bound beside it."""
    async with echo_office(tls) as office:
        client, success = await login(office, BIND.format(TAG))

        (session,) = office.directory
        assert identifier(success) == str(session.full_jid)
        assert identifier(success).startswith("romeo@montague.lit/Orchard/")
        bound = success.find(BOUND)
        assert bound is not None
        assert [child.tag for child in bound] == ["{urn:x}state"]
        assert office.host.bound == [session]
        features = await features_of(client)
        names = {one.tag.rpartition("}")[2] for one in features}
        assert not names & {"bind", "sm", "mechanisms", "authentication"}
        client.send("<message id='on'/>")
        assert (await client.receive_id("on")).get("from") == client.jid


async def test_session_begins_with_what_the_client_wishes(tls: TlsPair) -> None:
    """XEP-0386, section 3.2; XEP-0352: the session must begin in that state."""
    inline = BIND.format(
        TAG + ENABLE + "<enable xmlns='urn:xmpp:carbons:2'/><inactive xmlns='urn:xmpp:csi:0'/>"
        "<unknown xmlns='urn:of:somebody'/>"
    )
    async with echo_office(tls) as office:
        client, success = await login(office, inline)

        (session,) = office.directory
        bound = success.find(BOUND)
        assert bound is not None
        enabled = bound.find(f"{SM}enabled")
        assert enabled is not None
        assert enabled.get("resume") == "true"
        assert session.state is SessionState.INACTIVE
        assert [one.get("with") for one in bound.iter("{urn:x}begun")] == [
            "{urn:xmpp:carbons:2}enable",
            "{urn:of:somebody}unknown",
        ]
        client.send("<message id='1'/>" + R)
        answer = await client.receive(lambda one: one.tag == f"{SM}a")
        assert answer.get("h") == "1"


async def test_device_keeps_its_resource_and_its_former_session_ends(tls: TlsPair) -> None:
    """XEP-0386, sections 3.2 and 3.2.1: stable for the same tag and user-agent id."""
    async with echo_office(tls) as office:
        first, _ = await login(office, AGENT + BIND.format(TAG + ENABLE))
        second, _ = await login(office, AGENT + BIND.format(TAG))
        third, _ = await login(office, BIND.format(TAG))

        assert await first.wait_for_end() == "conflict"
        assert second.jid == first.jid
        assert third.jid != first.jid
        assert DEVICE not in first.jid
        assert len(list(office.directory)) == 2
        assert [str(one.full_jid) for one in office.host.closed] == [first.jid]


async def test_former_session_of_a_device_ends_also_without_stream(tls: TlsPair) -> None:
    async with echo_office(tls) as office:
        first, _ = await login(office, AGENT + BIND.format(TAG + ENABLE))
        await first.abort()

        second, _ = await login(office, AGENT + BIND.format(""))

        (session,) = office.directory
        assert str(session.full_jid) == second.jid
        assert len(office.host.closed) == 1


@pytest.mark.parametrize("tag", ["", "x" * 2_000, "\u202e", "a/b"])
async def test_any_tag_gives_a_resource(tls: TlsPair, tag: str) -> None:
    """XEP-0386, section 3.2.1: subject to the necessary validation."""
    async with echo_office(tls) as office:
        client, _ = await login(office, BIND.format(f"<tag>{tag}</tag>"))

        client.send("<message id='on'/>")
        assert (await client.receive_id("on")).get("from") == client.jid


async def test_too_many_resources_end_the_stream(tls: TlsPair) -> None:
    """RFC 6120, section 7.6.2.1."""
    async with echo_office(tls, settings=StreamSettings(most_resources=1)) as office:
        await login(office, BIND.format(""))

        client = await office.connect_by_tls()
        await client.open_stream()
        with pytest.raises(Exception, match="resource-constraint"):
            await log_in_by_scram(client, "romeo", PASSWORD, BIND.format(""))


async def test_session_is_resumed_within_the_login(tls: TlsPair) -> None:
    """XEP-0198, section 6.2: binding is ignored, and no features are sent."""
    async with echo_office(tls) as office:
        first, success = await login(office, AGENT + BIND.format(ENABLE))
        enabled = success.find(f"{BOUND}/{SM}enabled")
        assert enabled is not None
        first.send("<message id='1'/>")
        await first.receive_id("1")
        await first.abort()

        resume = f"<resume xmlns='{STREAM_MANAGEMENT}' previd='{enabled.get('id')}' h='0'/>"
        again, success = await login(office, AGENT + resume + BIND.format(ENABLE))

        resumed = success.find(f"{SM}resumed")
        assert resumed is not None
        assert (resumed.get("previd"), resumed.get("h")) == (enabled.get("id"), "1")
        assert success.find(BOUND) is None
        assert again.jid == first.jid
        assert (await again.receive()).get("id") == "1"  # not features
        assert len(list(office.directory)) == 1
        assert office.host.closed == []


async def test_refused_resumption_is_told_and_a_resource_is_bound(tls: TlsPair) -> None:
    """XEP-0198, section 6.2.1."""
    async with echo_office(tls) as office:
        resume = f"<resume xmlns='{STREAM_MANAGEMENT}' previd='unknown' h='0'/>"
        client, success = await login(office, resume + BIND.format(ENABLE))

        failed = success.find(f"{SM}failed")
        assert failed is not None
        assert failed[0].tag.endswith("}item-not-found")
        assert success.find(f"{BOUND}/{SM}enabled") is not None
        client.send("<message id='on'/>")
        await client.receive_id("on")


async def test_refused_resumption_without_binding_lets_the_client_bind(tls: TlsPair) -> None:
    async with echo_office(tls) as office:
        resume = f"<resume xmlns='{STREAM_MANAGEMENT}' previd='unknown' h='0'/>"
        client, success = await login(office, resume)

        assert success.find(f"{SM}failed") is not None
        await features_of(client)
        await client.bind("orchard")
        assert client.jid == "romeo@montague.lit/orchard"


async def test_r34_session_of_another_account_is_not_resumed_within_a_login(tls: TlsPair) -> None:
    """XEP-0198, section 8."""
    async with echo_office(tls) as office:
        juliet = await office.log_in("juliet@montague.lit/balcony")
        session_id = await juliet.enable_resumption()

        resume = f"<resume xmlns='{STREAM_MANAGEMENT}' previd='{session_id}' h='0'/>"
        _, success = await login(office, resume)

        assert success.find(f"{SM}resumed") is None
        assert success.find(f"{SM}failed") is not None
