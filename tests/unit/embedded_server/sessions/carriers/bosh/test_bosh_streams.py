"""BOSH, as a client of a real office sees it (XEP-0124 1.11.2, XEP-0206 1.4)."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from embedded_server.sessions.carriers.bosh.bosh_session import BoshSession
from embedded_server.setting_sections import HttpSettings
from shared_protocol.limits import BoshLimits
from tests.helpers.bosh_client import FIRST_RID, PATH, BoshClient
from tests.helpers.office import PASSWORD, RunningOffice, office_settings, running_office

pytestmark = [pytest.mark.asyncio, pytest.mark.network]

PING = "<iq xmlns='jabber:client' type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>"
BEGINNING = {"to": "montague.lit", "hold": "1", "wait": "60", "ver": "1.6"}


@pytest_asyncio.fixture
async def office(tmp_path: Path) -> AsyncIterator[RunningOffice]:
    async with running_office(tmp_path / "office") as opened:
        yield opened


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sessions that lose patience soon."""
    usual = BoshSession.__init__

    def begin(self: BoshSession, *arguments: object, **named: object) -> None:
        usual(self, *arguments, **named)  # type: ignore[arg-type]
        self.limits = replace(BoshLimits(), inactivity_seconds=1, pause_seconds=30)
        self._inactivity_seconds = 1.0

    monkeypatch.setattr(BoshSession, "__init__", begin)


async def entered(office: RunningOffice, jid: str = "romeo@montague.lit") -> BoshClient:
    client = await office.connect_by_bosh()
    await client.enter(jid, PASSWORD, tls=None)
    return client


def session_of(office: RunningOffice, sid: str) -> BoshSession:
    (route,) = (one for one in office.server.routes if one.pattern == PATH)
    found: BoshSession = route.handle.__self__._sessions[sid]  # type: ignore[attr-defined]
    return found


async def begun(office: RunningOffice, **attributes: str) -> BoshClient:
    client = await office.connect_by_bosh()
    client.ask(BEGINNING | attributes)
    answer = await client.read_answer()
    client.sid = answer.get("sid", "")
    return client


async def test_the_first_answer_tells_the_terms_and_the_features(office: RunningOffice) -> None:
    """XEP-0124, section 7.2; XEP-0206, section 4."""
    client = await office.connect_by_bosh()
    client.ask(BEGINNING | {"ack": "1", "ver": "1.12", "wait": "3600", "hold": "5"})

    answer = await client.read_answer()

    told = dict(answer.attrib)
    assert len(told.pop("sid")) >= 22  # unguessable
    assert told == {
        "from": "montague.lit",
        "ver": "1.11",
        "wait": "60",
        "hold": "1",
        "requests": "2",
        "inactivity": "30",
        "polling": "2",
        "maxpause": "120",
        "ack": str(FIRST_RID),
        "{urn:xmpp:xbosh}version": "1.0",
        "{urn:xmpp:xbosh}restartlogic": "true",
    }
    assert answer[0].tag == "{http://etherx.jabber.org/streams}features"


async def test_login_restart_and_binding(office: RunningOffice) -> None:
    """XEP-0206, section 5."""
    client = await entered(office, "romeo@montague.lit/web")

    assert client.jid == "romeo@montague.lit/web"
    assert client.mechanisms == []
    assert client.features.find("{urn:ietf:params:xml:ns:xmpp-bind}bind") is not None


@pytest.mark.parametrize(
    ("attributes", "condition"),
    [
        ({"to": "capulet.lit"}, "host-unknown"),
        ({"to": ""}, "improper-addressing"),
        ({"sid": "no-such-session"}, "item-not-found"),
        ({"rid": "x"}, "bad-request"),
        ({"rid": "9007199254740993"}, "bad-request"),
    ],
)
async def test_a_beginning_that_is_none_is_refused(
    office: RunningOffice, attributes: dict[str, str], condition: str
) -> None:
    """Section 17.2."""
    client = await office.connect_by_bosh()

    client.ask(BEGINNING | attributes)

    answer = await client.read_answer()
    assert (answer.get("type"), answer.get("condition")) == ("terminate", condition)


@pytest.mark.parametrize("body", [b"", b"<rose/>", b"<body", b"not xml", b"<body rid='1'/>"])
async def test_what_is_no_body_is_a_bad_request(office: RunningOffice, body: bytes) -> None:
    browser = await office.browse()

    reply = await browser.ask("POST", PATH, body)

    assert reply.status == 200
    assert b"bad-request" in reply.body


async def test_stanzas_may_leave_out_their_namespace(office: RunningOffice) -> None:
    """XEP-0206, section 2: many clients do."""
    client = await entered(office)
    while not client._idle:
        await client._read_more()

    client.ask({}, "<iq type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>")

    assert (await client.receive_id("p")).get("type") == "result"


async def test_a_request_is_held_until_there_is_something_to_say(office: RunningOffice) -> None:
    """Section 9."""
    romeo = await entered(office, "romeo@montague.lit/web")
    juliet = await office.log_in("juliet/balcony")
    romeo.ask({})

    juliet.send(f"<message to='{romeo.jid}' type='chat'><body>Ay me!</body></message>")
    heard = await romeo.receive()

    assert heard.findtext("{jabber:client}body") == "Ay me!"
    assert heard.get("from") == juliet.jid


async def test_a_second_request_frees_the_first(office: RunningOffice) -> None:
    """Section 9: no more are held than was agreed."""
    client = await entered(office)
    client.ask({})

    client.ask({}, PING)

    assert len(await client.read_answer()) == 1


async def test_requests_are_taken_in_the_order_of_their_numbers(office: RunningOffice) -> None:
    """Section 14.2, also where they arrive in another."""
    client = await entered(office)
    while not client._idle:
        await client._read_more()
    rid = next(client._rids)

    client.ask({}, PING.replace("'p'", "'second'"), rid=rid + 1)
    client.ask({}, PING.replace("'p'", "'first'"), rid=rid)
    client._asked.reverse()  # the answer is for the lower number

    assert [one.get("id") for one in await client.read_answer()] == ["first", "second"]


async def test_an_answer_that_was_lost_is_given_again(office: RunningOffice) -> None:
    """Section 14.3."""
    client = await entered(office)
    while not client._idle:
        await client._read_more()
    rid = next(client._rids)
    client.ask({}, PING, rid=rid)
    first = await client.read_answer()

    client.ask({}, PING, rid=rid)
    again = await client.read_answer()

    assert [one.get("id") for one in again] == [one.get("id") for one in first] == ["p"]


async def test_a_request_that_comes_again_frees_the_one_that_is_held(
    office: RunningOffice,
) -> None:
    """Section 14.3: a recoverable condition for the old one."""
    client = await entered(office)
    while not client._idle:
        await client._read_more()
    rid = next(client._rids)
    client.ask({}, rid=rid)

    client.ask({}, rid=rid)

    assert (await client.read_answer()).get("type") == "error"


@pytest.mark.parametrize("distance", [-40, 3, 1_000])
async def test_a_number_outside_the_window_ends_the_session(
    office: RunningOffice, distance: int
) -> None:
    """Section 14.2: the same error whether it is too small or too large."""
    client = await entered(office)
    while not client._idle:
        await client._read_more()

    client.ask({}, rid=next(client._rids) - 1 + distance)
    answer = await client.read_answer()
    client.ask({}, PING)
    after = await client.read_answer()

    for one in (answer, after):
        assert (one.get("type"), one.get("condition")) == ("terminate", "item-not-found")


async def test_acknowledgements_say_what_was_received(office: RunningOffice) -> None:
    """Section 9.5.1: not for the request that is answered itself."""
    client = await begun(office, ack="1")
    rid = FIRST_RID + 1
    client.ask({}, rid=rid)

    client.ask({}, rid=rid + 1)

    assert (await client.read_answer()).get("ack") == str(rid + 1)


async def test_a_session_ends_in_good_order(office: RunningOffice) -> None:
    """Section 13: the oldest request is told, the others get nothing."""
    client = await entered(office)
    while not client._idle:
        await client._read_more()
    client.ask({})

    client.ask({"type": "terminate"})
    first, second = await client.read_answer(), await client.read_answer()

    assert first.get("type") == "terminate"
    assert first.get("condition") is None
    assert (second.attrib, len(second)) == ({}, 0)
    assert office.server.status()["sessions"] == 0


async def test_a_stream_error_is_told_whole(office: RunningOffice) -> None:
    """XEP-0206, section 6."""
    client = await entered(office)

    client.send("<rose xmlns='urn:verona'/>")

    assert await client.wait_for_end() == "unsupported-stanza-type"
    assert client.condition == "remote-stream-error"


@pytest.mark.parametrize(
    ("payload", "condition"),
    [
        ("<!-- comment -->", "restricted-xml"),
        ("text", "bad-format"),
        ("<a></b>", "not-well-formed"),
        ("<message>" + "<a>" * 100 + "</a>" * 100 + "</message>", "policy-violation"),
    ],
)
async def test_forbidden_xml_ends_the_stream(
    office: RunningOffice, payload: str, condition: str
) -> None:
    """Section 6; RFC 6120, section 11."""
    client = await entered(office)
    while not client._idle:
        await client._read_more()

    client.ask({}, payload)

    assert await client.wait_for_end() == condition


async def test_a_stranger_may_not_send_much(office: RunningOffice) -> None:
    client = await begun(office)

    client.ask({}, f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{'x' * 30_000}</auth>")

    assert await client.wait_for_end() == "policy-violation"


async def test_a_client_without_held_requests_polls_and_not_too_often(
    office: RunningOffice,
) -> None:
    """Section 12."""
    client = await begun(office, hold="0")
    assert client.bodies[0]["hold"] == "0"
    rid = FIRST_RID + 1
    client.ask({}, rid=rid)
    assert (await client.read_answer()).get("type") is None

    client.ask({}, rid=rid + 1)
    answer = await client.read_answer()

    assert (answer.get("type"), answer.get("condition")) == ("terminate", "policy-violation")


@pytest.mark.usefixtures("hasty")
async def test_an_inactive_session_ends_and_nobody_is_told(office: RunningOffice) -> None:
    """Section 10."""
    client = await entered(office)
    juliet = await office.log_in("juliet/balcony")
    while client._asked:
        await client.read_answer()
    assert office.server.status()["sessions"] == 2

    async with asyncio.timeout(10):
        while office.server.status()["sessions"] != 1:
            juliet.send(PING)
            await juliet.receive_id("p")

    client.ask({})
    assert (await client.read_answer()).get("condition") == "item-not-found"


@pytest.mark.usefixtures("hasty")
async def test_a_pause_keeps_the_session(office: RunningOffice) -> None:
    """Section 10: all is answered at once, and more time given."""
    client = await entered(office)
    juliet = await office.log_in("juliet/balcony")
    while not client._idle:
        await client._read_more()
    rid = next(client._rids)
    client.ask({}, rid=rid)
    client.ask({"pause": "30"}, rid=rid + 1)
    assert [len(await client.read_answer()) for _ in range(2)] == [0, 0]

    end = asyncio.get_running_loop().time() + 2.5
    while asyncio.get_running_loop().time() < end:
        juliet.send(PING)
        await juliet.receive_id("p")

    client.ask({}, PING, rid=rid + 2)
    assert (await client.receive_id("p")).get("type") == "result"


async def test_the_office_closes_with_system_shutdown(office: RunningOffice) -> None:
    client = await entered(office)
    client.ask({})
    juliet = await office.log_in("juliet/balcony")  # by then it is held
    juliet.send(PING)
    await juliet.receive_id("p")

    await office.server.stop()

    assert await client.wait_for_end() == "system-shutdown"


async def test_what_was_not_confirmed_comes_again(office: RunningOffice) -> None:
    """A stored message stays until the client shows that it has it."""
    romeo = await office.log_in("romeo/orchard")
    romeo.send("<message id='m' to='juliet@montague.lit' type='chat'><body>Soft!</body></message>")
    romeo.send(PING)
    await romeo.receive_id("p")
    lost = await entered(office, "juliet@montague.lit/web")
    while not lost._idle:
        await lost._read_more()
    lost.ask({}, "<presence xmlns='jabber:client'/>")
    heard = await lost.receive_id("m")
    assert heard.findtext("{jabber:client}body") == "Soft!"
    session_of(office, lost.sid).abort()

    other = await office.log_in("juliet/balcony")
    other.send("<presence/>")

    assert (await other.receive_id("m")).findtext("{jabber:client}body") == "Soft!"


async def test_pages_of_other_origins_may_not_begin(tmp_path: Path) -> None:
    settings = office_settings(http=HttpSettings(origins=("https://chat.verona.example",)))
    async with running_office(tmp_path / "office", settings=settings) as office:
        browser = await office.browse()

        evil = await browser.ask("POST", PATH, b"<body/>", Origin="https://evil.example")
        good = await (await office.browse()).ask(
            "OPTIONS",
            PATH,
            Origin="https://chat.verona.example",
            Access_Control_Request_Method="POST",
        )

        assert evil.status == 403
        assert good.headers["access-control-allow-origin"] == "https://chat.verona.example"
        assert good.headers["access-control-allow-headers"] == "Content-Type"
