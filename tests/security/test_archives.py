"""Archives and copies as weapons (docs/security.md, rows 41, 42, 47 and 83)."""

import re
import time

import pytest

from shared_protocol.namespaces import ARCHIVE, CARBONS, RESULT_SETS, STANZA_IDS
from tests.helpers.office import DOMAIN, RunningOffice
from tests.helpers.wire_client import WireClient

pytestmark = [pytest.mark.network, pytest.mark.asyncio]

RESULT = f"{{{ARCHIVE}}}result"
FIN = f"{{{ARCHIVE}}}fin"
STANZA_ID = f"{{{STANZA_IDS}}}stanza-id"
FORBIDDEN = "{urn:ietf:params:xml:ns:xmpp-stanzas}forbidden"


def query(query_id: str, payload: str = "", to: str = "") -> str:
    address = f" to='{to}'" if to else ""
    return (
        f"<iq type='set' id='{query_id}'{address}><query xmlns='{ARCHIVE}'>{payload}</query></iq>"
    )


def page(payload: str) -> str:
    return f"<set xmlns='{RESULT_SETS}'>{payload}</set>"


async def written(client: WireClient, count: int) -> None:
    for number in range(count):
        client.send(
            f"<message to='juliet@{DOMAIN}' type='chat' id='{number}'><body>Hark</body></message>"
        )
    client.send("<iq type='get' id='written'><ping xmlns='urn:xmpp:ping'/></iq>")
    await client.receive_id("written")


async def test_r83_query_costs_no_more_than_a_page(office: RunningOffice) -> None:
    """ "max=10^9, garbage before and after": clamped, refused, and nobody else waits."""
    romeo = await office.log_in("romeo/orchard", is_direct=True)
    nurse = await office.log_in("nurse/kitchen", is_direct=True)
    await written(romeo, 300)

    began = time.monotonic()
    for number in range(5):
        romeo.send(query(f"q{number}", page("<max>1000000000</max>")))
    for number, garbage in enumerate(("'%00", "9" * 5_000, "../../x", "0" * 32, "é" * 300)):
        romeo.send(query(f"g{number}", page(f"<before>{garbage}</before>")))
    nurse.send("<iq type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>")
    await nurse.receive_id("p")
    waited = time.monotonic() - began
    results = 0
    for number in range(5):
        while True:
            arrived = await romeo.receive(
                lambda one: one.find(RESULT) is not None or one.find(FIN) is not None
            )
            fin = arrived.find(FIN)
            if fin is not None:
                break
            results += 1
        assert fin.get("complete") is None
        assert arrived.get("id") == f"q{number}"
    refused = [await romeo.receive_id(f"g{number}") for number in range(5)]

    assert results == 5 * 250
    assert [one.get("type") for one in refused] == ["error"] * 5
    assert waited < 2


async def test_r42_nobody_reads_the_archive_of_another(office: RunningOffice) -> None:
    """XEP-0313, section 8.1; ids of the own archive open no other one."""
    romeo = await office.log_in("romeo/orchard", is_direct=True)
    nurse = await office.log_in("nurse/kitchen", is_direct=True)
    await written(romeo, 2)
    romeo.send(query("own"))
    result = (await romeo.receive(lambda one: one.find(RESULT) is not None)).find(RESULT)
    assert result is not None
    known = result.get("id", "")

    nurse.send(query("other", to=f"romeo@{DOMAIN}"))
    nurse.send(query("hidden", page(f"<after>{known}</after>")))
    other = await nurse.receive_id("other")
    hidden = await nurse.receive_id("hidden")

    assert other.find(f".//{FORBIDDEN}") is not None
    assert hidden.get("type") == "error"
    assert "item-not-found" in str([one.tag for one in hidden.iter()])


async def test_r42_result_that_a_client_makes_up_says_who_made_it(office: RunningOffice) -> None:
    """ "Unsolicited" results have the true sender, so that the receiver drops them."""
    romeo = await office.log_in("romeo/orchard", is_direct=True)
    juliet = await office.log_in("juliet/balcony", is_direct=True)
    forged = (
        f"<message from='juliet@{DOMAIN}' to='juliet@{DOMAIN}/balcony' id='forged'>"
        f"<result xmlns='{ARCHIVE}' queryid='f27' id='1'><forwarded xmlns='urn:xmpp:forward:0'>"
        "<message xmlns='jabber:client'><body>I hate thee</body></message></forwarded></result>"
        "</message>"
    )

    romeo.send(forged)
    arrived = await juliet.receive_id("forged")
    juliet.send(query("mine"))
    end = await juliet.receive_id("mine")

    assert arrived.get("from") == f"romeo@{DOMAIN}/orchard"
    assert end.find(f"{FIN}/{{{RESULT_SETS}}}first") is None  # and it is in no archive


async def test_r47_ids_in_the_name_of_an_archive_are_those_of_the_server(
    office: RunningOffice,
) -> None:
    """XEP-0359, section 6: "same id twice", and one that hides another message."""
    romeo = await office.log_in("romeo/orchard", is_direct=True)
    juliet = await office.log_in("juliet/balcony", is_direct=True)
    claim = f"<stanza-id xmlns='{STANZA_IDS}' id='{{}}' by='{{}}'/>"
    claims = claim.format("0" * 32, f"juliet@{DOMAIN}") + claim.format("1", f"JULIET@{DOMAIN}")

    for number in range(2):
        romeo.send(
            f"<message to='juliet@{DOMAIN}/balcony' type='chat' id='{number}'>"
            f"<body>Hark</body>{claims}</message>"
        )
    ids = []
    for number in range(2):
        arrived = await juliet.receive_id(f"{number}")
        ids += [(one.get("by"), one.get("id", "")) for one in arrived.iterfind(STANZA_ID)]

    assert [by for by, _ in ids] == [f"juliet@{DOMAIN}"] * 2
    assert len({found for _, found in ids}) == 2
    assert all(re.fullmatch("[0-9a-f]{32}", found) and int(found, 16) for _, found in ids)


@pytest.mark.parametrize("direction", ["sent", "received"])
async def test_r41_copy_that_a_client_makes_up_says_who_made_it(
    office: RunningOffice, direction: str
) -> None:
    """CVE-2017-5589: the wrapper has the true sender; nobody copies it on, no archive keeps it."""
    romeo = await office.log_in("romeo/orchard", is_direct=True)
    juliet = await office.log_in("juliet/balcony", is_direct=True)
    chamber = await office.log_in("juliet/chamber", is_direct=True)
    chamber.send(f"<iq type='set' id='e'><enable xmlns='{CARBONS}'/></iq>")
    await chamber.receive_id("e")
    chamber.received.clear()
    forged = (
        f"<message type='chat' from='juliet@{DOMAIN}' to='juliet@{DOMAIN}/balcony' id='forged'>"
        f"<{direction} xmlns='{CARBONS}'><forwarded xmlns='urn:xmpp:forward:0'>"
        "<message xmlns='jabber:client' type='chat'><body>I hate thee</body></message></forwarded>"
        f"</{direction}></message>"
    )

    romeo.send(forged)
    arrived = await juliet.receive_id("forged")
    chamber.send(query("mine"))
    end = await chamber.receive_id("mine")

    assert arrived.get("from") == f"romeo@{DOMAIN}/orchard"
    assert end.find(f"{FIN}/{{{RESULT_SETS}}}first") is None
    assert [one.tag for one in chamber.received] == [end.tag]
