"""Byte streams through the proxy of an office (XEP-0065 1.8.2)."""

import asyncio
from collections.abc import AsyncIterator
from hashlib import sha1
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
import pytest_asyncio

from embedded_server.network.socks.relay import Relay
from embedded_server.setting_sections import ProxySettings
from shared_protocol.limits import RelayLimits
from shared_protocol.namespaces import BYTESTREAMS, DISCO_INFO, DISCO_ITEMS, STANZA_ERRORS
from tests.helpers.office import RunningOffice, office_settings, running_office
from tests.helpers.socks_client import SocksClient
from tests.helpers.wire_client import WireClient

pytestmark = [pytest.mark.asyncio, pytest.mark.network]

SID = "vxf9n471bn46"
PROXY = "proxy.montague.lit"


@pytest_asyncio.fixture
async def office(tmp_path: Path) -> AsyncIterator[RunningOffice]:
    settings = office_settings(proxy=ProxySettings(enabled=True, port=0))
    async with running_office(tmp_path / "office", settings=settings) as opened:
        yield opened


def relay_of(office: RunningOffice) -> Relay:
    relay = office.server._relay
    assert relay is not None
    return relay


def name_of(requester: WireClient, target: WireClient, sid: str = SID) -> str:
    """Section 6.3.2: SHA-1 of stream id and both addresses."""
    return sha1(f"{sid}{requester.jid}{target.jid}".encode()).hexdigest()  # noqa: S324 - the XEP's


async def activate(client: WireClient, target: str, sid: str = SID) -> Element:
    client.send(
        f"<iq type='set' id='a' to='{PROXY}'><query xmlns='{BYTESTREAMS}' sid='{sid}'>"
        f"<activate>{target}</activate></query></iq>"
    )
    return await client.receive_id("a")


def condition_of(answer: Element) -> str:
    error = answer.find("{jabber:client}error")
    assert error is not None
    return error[0].tag.removeprefix(f"{{{STANZA_ERRORS}}}")


async def test_the_proxy_is_found_and_tells_where_it_is(office: RunningOffice) -> None:
    """Section 4."""
    romeo = await office.log_in("romeo/orchard")
    romeo.send(f"<iq type='get' id='i' to='montague.lit'><query xmlns='{DISCO_ITEMS}'/></iq>")
    items = (await romeo.receive_id("i"))[0]
    assert PROXY in [one.get("jid") for one in items]

    romeo.send(f"<iq type='get' id='d' to='{PROXY}'><query xmlns='{DISCO_INFO}'/></iq>")
    info = (await romeo.receive_id("d"))[0]
    romeo.send(f"<iq type='get' id='q' to='{PROXY}'><query xmlns='{BYTESTREAMS}'/></iq>")
    host = (await romeo.receive_id("q"))[0][0]

    identity = info.find(f"{{{DISCO_INFO}}}identity")
    assert identity is not None
    assert (identity.get("category"), identity.get("type")) == ("proxy", "bytestreams")
    assert dict(host.attrib) == {
        "jid": PROXY,
        "host": "montague.lit",
        "port": str(relay_of(office).port),
    }


async def test_both_ends_are_joined_once_the_requester_says_so(office: RunningOffice) -> None:
    """Section 6.3.5."""
    romeo, juliet = await office.log_in("romeo/orchard"), await office.log_in("juliet/balcony")
    name, port = name_of(romeo, juliet), relay_of(office).port
    target, requester = await SocksClient.waiting(port, name), await SocksClient.waiting(port, name)

    answer = await activate(romeo, juliet.jid)
    requester.send(b"a rose")
    target.send(b"by any other name")

    assert (answer.get("type"), len(answer)) == ("result", 0)
    assert await target.read(6) == b"a rose"
    assert await requester.read(17) == b"by any other name"
    requester.send(b"!" * 1_000)
    await requester.drain()
    await requester.close()
    assert await target.read_to_end() == b"!" * 1_000
    await target.close()
    assert relay_of(office).running_count == 0


async def test_a_slow_end_slows_the_other_down(office: RunningOffice) -> None:
    """Memory stays bounded: nothing is read that cannot be handed on."""
    romeo, juliet = await office.log_in("romeo/orchard"), await office.log_in("juliet/balcony")
    name, port = name_of(romeo, juliet), relay_of(office).port
    target, requester = await SocksClient.waiting(port, name), await SocksClient.waiting(port, name)
    await activate(romeo, juliet.jid)

    requester.send(b"x" * 30_000_000)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await requester.drain()

    assert await target.read(30_000_000) == b"x" * 30_000_000
    await requester.close()
    await target.close()


async def test_only_the_requester_can_activate(office: RunningOffice) -> None:
    """Section 6.3.5: from another address there is no such stream."""
    romeo, juliet = await office.log_in("romeo/orchard"), await office.log_in("juliet/balcony")
    nurse = await office.log_in("nurse/chamber")
    name, port = name_of(romeo, juliet), relay_of(office).port
    ends = [await SocksClient.waiting(port, name) for _ in range(2)]

    assert condition_of(await activate(nurse, juliet.jid)) == "item-not-found"
    assert condition_of(await activate(juliet, romeo.jid)) == "item-not-found"
    assert condition_of(await activate(romeo, juliet.jid, "another")) == "item-not-found"
    for end in ends:
        await end.close()


async def test_one_end_alone_cannot_be_joined(office: RunningOffice) -> None:
    """Section 6.3.5."""
    romeo, juliet = await office.log_in("romeo/orchard"), await office.log_in("juliet/balcony")
    end = await SocksClient.waiting(relay_of(office).port, name_of(romeo, juliet))

    assert condition_of(await activate(romeo, juliet.jid)) == "not-allowed"
    await end.close()


async def test_a_third_is_not_let_in(office: RunningOffice) -> None:
    romeo, juliet = await office.log_in("romeo/orchard"), await office.log_in("juliet/balcony")
    name, port = name_of(romeo, juliet), relay_of(office).port
    ends = [await SocksClient.waiting(port, name) for _ in range(2)]

    third = await SocksClient.connect(port)
    third.send(b"\x05\x01\x00\x05\x01\x00\x03\x28" + name.encode() + b"\x00\x00")

    assert await third.read_to_end() == b"\x05\x00"
    for end in [*ends, third]:
        await end.close()


@pytest.mark.parametrize("query", ["sid=''", "", f"sid='{'x' * 256}'"])
async def test_an_activation_without_a_stream_is_bad(office: RunningOffice, query: str) -> None:
    romeo = await office.log_in("romeo/orchard")

    romeo.send(
        f"<iq type='set' id='a' to='{PROXY}'><query xmlns='{BYTESTREAMS}' {query}>"
        "<activate>juliet@montague.lit/a</activate></query></iq>"
    )

    assert condition_of(await romeo.receive_id("a")) == "bad-request"


@pytest.mark.parametrize(
    "limits", [RelayLimits(handshake_seconds=0.1), RelayLimits(waiting_seconds=0.1)]
)
async def test_who_waits_too_long_is_cut(office: RunningOffice, limits: RelayLimits) -> None:
    relay = relay_of(office)
    relay._limits = limits
    if limits.handshake_seconds < 1:
        client = await SocksClient.connect(relay.port)
    else:
        client = await SocksClient.waiting(relay.port, "a" * 40)

    assert await client.read_to_end() == b""
    assert relay._waiting == {}
    await client.close()


async def test_an_account_has_a_bounded_number_of_streams(office: RunningOffice) -> None:
    romeo, juliet = await office.log_in("romeo/orchard"), await office.log_in("juliet/balcony")
    relay = relay_of(office)
    relay._limits = RelayLimits(streams_of_account=1)
    ends = []
    for sid in ("one", "two"):
        name = name_of(romeo, juliet, sid)
        ends += [await SocksClient.waiting(relay.port, name) for _ in range(2)]

    first = await activate(romeo, juliet.jid, "one")
    second = await activate(romeo, juliet.jid, "two")

    assert first.get("type") == "result"
    assert condition_of(second) == "resource-constraint"
    for end in ends:
        await end.close()


async def test_there_is_no_proxy_unless_it_is_wanted(tmp_path: Path) -> None:
    """Row 80 of docs/security.md: off by default."""
    async with running_office(tmp_path / "office") as office:
        romeo = await office.log_in("romeo/orchard")
        romeo.send(f"<iq type='get' id='q' to='{PROXY}'><query xmlns='{BYTESTREAMS}'/></iq>")

        answer = await romeo.receive_id("q")

        assert condition_of(answer) == "remote-server-not-found"
        assert office.server._relay is None
        assert ProxySettings().enabled is False
