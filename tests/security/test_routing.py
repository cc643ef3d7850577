"""What a client may do to others (docs/security.md, rows 34, 35, 73, 81, 82, 84 and 96)."""

import contextlib
import re
import sqlite3
from dataclasses import replace
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest

from embedded_server.config import DATABASE_FILE, LimitSettings
from shared_protocol.limits import RosterLimits
from shared_protocol.namespaces import STREAM_MANAGEMENT
from shared_protocol.xml.writer import attribute, escaped
from tests.helpers.office import (
    CAST,
    DOMAIN,
    PASSWORD,
    RunningOffice,
    client_tls,
    office_settings,
    running_office,
)
from tests.helpers.wire_client import LoginRefusedError, WireClient
from tests.security.attack_stage import assert_colleagues_can_talk, no_limits

pytestmark = [pytest.mark.network, pytest.mark.asyncio]

BOSS = f"boss@{DOMAIN}"
ENABLED = f"{{{STREAM_MANAGEMENT}}}enabled"
FAILED = f"{{{STREAM_MANAGEMENT}}}failed"
ROOT = Path(__file__).parents[2]
HOSTILE_TEXTS = ["'; DROP TABLE accounts; --", "%_%", "\\", '"', "') OR 1=1 --", "a\u0000b", "*/"]


async def resumable(office: RunningOffice, jid: str) -> tuple[WireClient, str]:
    """Log in and enable resumption; returns the id of the session, too."""
    client = await office.log_in(jid, is_direct=True)
    client.send(f"<enable xmlns='{STREAM_MANAGEMENT}' resume='true'/>")
    enabled = await client.receive(lambda one: one.tag == ENABLED)
    return client, enabled.get("id", "")


async def logged_in_only(office: RunningOffice, name: str) -> WireClient:
    """Log in, and bind nothing."""
    client = await WireClient.connect(office.tls_port, DOMAIN, tls=client_tls(office.folder))
    await client.enter(f"{name}@{DOMAIN}/*", PASSWORD, tls=None)
    return client


async def test_r34_session_of_another_account_is_not_resumed(office: RunningOffice) -> None:
    """XEP-0198, section 10: the id is bound to the account."""
    juliet, resumption_id = await resumable(office, "juliet/balcony")
    romeo = await logged_in_only(office, "romeo")

    romeo.send(f"<resume xmlns='{STREAM_MANAGEMENT}' h='0' previd='{resumption_id}'/>")
    answer = await romeo.receive(lambda one: "sm" in one.tag)
    juliet.send("<iq type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>")

    assert (answer.tag, answer.get("h")) == (FAILED, None)
    assert (await juliet.receive_id("p")).get("type") == "result"
    await romeo.abort()


async def test_r34_id_cannot_be_guessed_and_a_guess_costs_nothing(office: RunningOffice) -> None:
    """128 bits of chance."""
    ids = {(await resumable(office, f"juliet/{number}"))[1] for number in range(20)}
    romeo = await logged_in_only(office, "juliet")
    for number in range(50):
        romeo.send(f"<resume xmlns='{STREAM_MANAGEMENT}' h='0' previd='{number:032x}'/>")
    for _ in range(50):
        answer = await romeo.receive(lambda one: "sm" in one.tag)
        assert answer.tag == FAILED
    await romeo.bind("garden")

    assert len(ids) == 20
    assert all(len(one) >= 128 / 6 for one in ids)  # at most 6 bits in a letter
    assert len({one[:10] for one in ids}) == 20
    assert romeo.jid == f"juliet@{DOMAIN}/garden"
    await romeo.abort()


async def test_r34_old_stream_of_a_resumed_session_ends_with_conflict(
    office: RunningOffice,
) -> None:
    juliet, resumption_id = await resumable(office, "juliet/balcony")
    again = await logged_in_only(office, "juliet")

    again.send(f"<resume xmlns='{STREAM_MANAGEMENT}' h='0' previd='{resumption_id}'/>")

    assert await juliet.wait_for_end() == "conflict"
    await again.receive(lambda one: one.tag.endswith("resumed"))
    await again.abort()


async def test_r34_resumption_before_login_does_not_exist(office: RunningOffice) -> None:
    _juliet, resumption_id = await resumable(office, "juliet/balcony")
    stranger = await office.connect(is_direct=True)
    await stranger.open_stream()

    stranger.send(f"<resume xmlns='{STREAM_MANAGEMENT}' h='0' previd='{resumption_id}'/>")

    assert await stranger.wait_for_end() == "not-authorized"


@pytest.mark.parametrize(
    "stanza",
    [
        "<message id='x' from='{boss}' to='{juliet}' type='chat'><body>Out!</body></message>",
        "<presence id='x' from='{boss}' to='{juliet}'/>",
        "<iq id='x' from='{boss}' to='{juliet}' type='get'><ping xmlns='urn:xmpp:ping'/></iq>",
        "<message id='x' from='{domain}' to='{juliet}' type='chat'><body>Notice</body></message>",
        "<message id='x' from='' to='{juliet}' type='chat'><body>Hark</body></message>",
        "<message id='x' from='{juliet}' to='{juliet}' type='chat'><body>Me</body></message>",
        "<message from = \"{boss}\" id='x'\n to='{juliet}' type='chat'><body/></message>",
        "<message xmlns='jabber:client' from='{boss}' id='x' to='{juliet}'><body/></message>",
    ],
)
async def test_r35_sender_is_who_logged_in_whatever_a_stanza_says(
    office: RunningOffice, stanza: str
) -> None:
    """RFC 6120, section 8.1.2.1."""
    juliet = await office.log_in("juliet/balcony", is_direct=True)
    romeo = await office.log_in("romeo/orchard", is_direct=True)
    juliet.send("<presence/>")
    juliet.send(f"<presence to='{romeo.jid}'/>")  # so that IQs of his reach her
    await romeo.receive(lambda one: one.get("from") == juliet.jid)

    romeo.send(stanza.format(boss=BOSS, juliet=juliet.jid, domain=DOMAIN))
    received = await juliet.receive_id("x")

    assert received.get("from") == romeo.jid


async def test_r35_subscription_comes_from_the_bare_address_of_who_logged_in(
    office: RunningOffice,
) -> None:
    juliet = await office.log_in("juliet/balcony", is_direct=True)
    juliet.send("<presence/>")
    romeo = await office.log_in("romeo/orchard", is_direct=True)

    romeo.send(f"<presence type='subscribe' from='{BOSS}' to='juliet@{DOMAIN}'/>")
    request = await juliet.receive(lambda one: one.get("type") == "subscribe")

    assert request.get("from") == f"romeo@{DOMAIN}"


@pytest.mark.parametrize("stamp", ["stanza-id", "delay", "muc"])
async def test_r35_marks_of_the_server_are_not_taken_from_clients(
    office: RunningOffice, stamp: str
) -> None:
    """XEP-0359, section 6: "strip"; a forged one would hide or misdate messages."""
    forged = {
        "stanza-id": f"<stanza-id xmlns='urn:xmpp:sid:0' by='juliet@{DOMAIN}' id='forged'/>",
        "delay": f"<delay xmlns='urn:xmpp:delay' from='{DOMAIN}' stamp='1595-01-01T00:00:00Z'/>",
        "muc": "<x xmlns='http://jabber.org/protocol/muc#user'><status code='110'/></x>",
    }[stamp]
    juliet = await office.log_in("juliet/balcony", is_direct=True)
    romeo = await office.log_in("romeo/orchard", is_direct=True)

    romeo.send(f"<message id='x' to='{juliet.jid}' type='chat'><body>Hark</body>{forged}</message>")
    received = await juliet.receive_id("x")

    assert "forged" not in [one.get("id") for one in received]
    assert [one.get("stamp") for one in received if one.get("stamp", "").startswith("1595")] == []


@pytest.mark.parametrize(
    "query",
    [
        "<query xmlns='jabber:iq:version'/>",
        "<query xmlns='jabber:iq:last'/>",
        "<query xmlns='http://jabber.org/protocol/disco#info'/>",
        "<time xmlns='urn:xmpp:time'/>",
        "<ping xmlns='urn:xmpp:ping'/>",
    ],
)
@pytest.mark.parametrize("is_full", [False, True])
async def test_r73_stranger_learns_nothing_of_a_colleague(
    office: RunningOffice, query: str, *, is_full: bool
) -> None:
    """The query never reaches the client, which might answer it."""
    juliet = await office.log_in("juliet/balcony", is_direct=True)
    juliet.send("<presence/>")
    romeo = await office.log_in("romeo/orchard", is_direct=True)
    to = juliet.jid if is_full else f"juliet@{DOMAIN}"

    romeo.send(f"<iq type='get' id='q' to='{to}'>{query}</iq>")
    answer = await romeo.receive_id("q")
    juliet.send("<iq type='get' id='last'><ping xmlns='urn:xmpp:ping'/></iq>")
    await juliet.receive_id("last")

    assert condition_of(answer) == "service-unavailable"
    assert [one for one in juliet.received if one.get("id") == "q"] == []


class FewRequests(LimitSettings):
    """Ten requests may wait."""

    def rosters(self) -> RosterLimits:
        return replace(LimitSettings.rosters(self), waiting_requests=10)


async def test_r81_storm_of_subscriptions_is_bounded(tmp_path: Path) -> None:
    limits = FewRequests(stanzas_per_second=0, bytes_per_second=0, counts_loopback=False)
    strangers = [f"capulet{number}" for number in range(15)]
    async with running_office(
        tmp_path / "office", settings=office_settings(limits=limits), accounts=(*CAST, *strangers)
    ) as office:
        for name in strangers:
            client = await office.log_in(f"{name}/street", is_direct=True)
            for _ in range(100):
                client.send(f"<presence type='subscribe' to='juliet@{DOMAIN}'/>")
            await settled(client)
        juliet = await office.log_in("juliet/balcony", is_direct=True)
        juliet.send("<presence/>")
        await settled(juliet)

        asking = [one.get("from") for one in juliet.received if one.get("type") == "subscribe"]
        assert len(asking) == len(set(asking)) == 10


async def test_r81_false_caps_are_believed_by_nobody_here(office: RunningOffice) -> None:
    """XEP-0115, section 9: the server passes a hash on and answers nothing from it."""
    juliet = await office.log_in("juliet/balcony", is_direct=True)
    romeo = await office.log_in("romeo/orchard", is_direct=True)

    romeo.send(
        f"<presence to='{juliet.jid}'><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' "
        "node='urn:parlour:server:0' ver='AAAAAAAAAAAAAAAAAAAAAAAAAAA='/></presence>"
    )
    romeo.send(
        f"<iq type='get' id='q' to='{DOMAIN}'><query xmlns='http://jabber.org/protocol/disco#info' "
        "node='urn:parlour:server:0#AAAAAAAAAAAAAAAAAAAAAAAAAAA='/></iq>"
    )

    assert (await romeo.receive_id("q")).get("type") == "error"
    await settled(juliet)


async def test_r82_full_store_of_one_account_refuses_and_touches_nobody_else(
    tmp_path: Path,
) -> None:
    """ "Limits, refuse": nothing is dropped, and nothing grows."""
    limits = no_limits(offline_messages=50, offline_bytes=20_000)
    async with running_office(
        tmp_path / "office", settings=office_settings(limits=limits)
    ) as office:
        romeo = await office.log_in("romeo/orchard", is_direct=True)
        for number in range(200):
            romeo.send(chat(f"juliet@{DOMAIN}", f"s{number}"))
        romeo.send(chat(f"nurse@{DOMAIN}", "n"))
        await settled(romeo)
        refused = [one for one in romeo.received if one.get("type") == "error"]
        juliet = await office.log_in("juliet/balcony", is_direct=True)
        juliet.send("<presence/>")
        await juliet.receive_id("s49")
        nurse = await office.log_in("nurse/kitchen", is_direct=True)
        nurse.send("<presence/>")

        assert [one.get("id") for one in refused] == [f"s{number}" for number in range(50, 200)]
        assert (await nurse.receive_id("n")).get("type") == "chat"


@pytest.mark.parametrize("text", [one for one in HOSTILE_TEXTS if "\0" not in one])
async def test_r84_text_from_outside_is_never_sql(office: RunningOffice, text: str) -> None:
    """Names, groups, ids and bodies go through the database and come back as they are."""
    juliet = await office.log_in("juliet/balcony", is_direct=True)
    written = escaped(text)
    juliet.send(
        f"<iq type='set' id='r'><query xmlns='jabber:iq:roster'><item jid='nurse@{DOMAIN}'"
        f"{attribute('name', text)}><group>{written}</group></item></query></iq>"
    )
    assert (await juliet.receive_id("r")).get("type") == "result"
    juliet.send(
        f"<message to='romeo@{DOMAIN}' type='chat' id='m'><body>{written}</body>"
        f"<origin-id xmlns='urn:xmpp:sid:0'{attribute('id', text)}/></message>"
    )
    await settled(juliet)
    romeo = await office.log_in("romeo/orchard", is_direct=True)
    romeo.send("<presence/>")
    message = await romeo.receive_id("m")
    again = await office.log_in("juliet/again", is_direct=True)
    again.send("<iq type='get' id='g'><query xmlns='jabber:iq:roster'/></iq>")
    roster = await again.receive_id("g")

    assert message.findtext("{jabber:client}body") == text
    assert [item.get("name") for item in roster.iter("{jabber:iq:roster}item")] == [text]
    assert [group.text for group in roster.iter("{jabber:iq:roster}group")] == [text]
    assert sorted(office.office.accounts.names()) == sorted(CAST)


async def test_r84_login_with_hostile_names_finds_nobody(office: RunningOffice) -> None:
    for text in HOSTILE_TEXTS:
        client = await WireClient.connect(office.tls_port, DOMAIN, tls=client_tls(office.folder))
        await client.open_stream()
        with pytest.raises(LoginRefusedError):
            await client.authenticate(text, PASSWORD, mechanism="PLAIN")
        await client.abort()
    await assert_colleagues_can_talk(office)


async def test_r84_no_statement_is_put_together_from_text() -> None:
    """Values are bound; what is written into a statement stands in the code."""
    suspicious = re.compile(
        r"\b(execute|exec_driver_sql|executemany|text)\(\s*(f\"|f'|[^)]*\.format\()"
    )
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in sorted((ROOT / "embedded_server/storage").rglob("*.py"))
        for match in suspicious.finditer(path.read_text(encoding="utf-8"))
    ]

    assert found == []


@pytest.mark.parametrize(
    "poison",
    [
        b"",
        b"<message>",
        b"\xff\xfe",
        b"<!DOCTYPE x><message/>",
        b"<message>" + b"<a>" * 5_000 + b"</a>" * 5_000 + b"</message>",
        b"<message/><message/>",
        b"</stream:stream>",
        b"<message><body>" + b"x" * 300_000 + b"</body></message>",
    ],
    ids=["empty", "cut", "bytes", "doctype", "deep", "two", "end", "giant"],
)
async def test_r96_poisoned_row_of_the_store_harms_nobody(tmp_path: Path, poison: bytes) -> None:
    """ "Evil row inserted, login works": and the messages around it arrive."""
    async with running_office(tmp_path / "office") as office:
        romeo = await office.log_in("romeo/orchard", is_direct=True)
        for number in (1, 2):
            romeo.send(chat(f"juliet@{DOMAIN}", f"{number}"))
        await settled(romeo)
        with contextlib.closing(sqlite3.connect(tmp_path / "office" / DATABASE_FILE)) as database:
            database.execute(
                "UPDATE messages SET stanza = ? WHERE id = (SELECT min(id) FROM messages)",
                (poison,),
            )
            database.commit()

        juliet = await office.log_in("juliet/balcony", is_direct=True)
        juliet.send("<presence/>")

        assert (await juliet.receive_id("2")).get("type") == "chat"
        await settled(juliet)


def chat(to: str, stanza_id: str) -> str:
    return f"<message to='{to}' type='chat' id='{stanza_id}'><body>Hark</body></message>"


async def settled(client: WireClient) -> None:
    """Return when the server has dealt with all that the client has sent."""
    client.send("<iq type='get' id='settled'><ping xmlns='urn:xmpp:ping'/></iq>")
    await client.receive_id("settled")


def condition_of(stanza: Element) -> str:
    for one in stanza.iter():
        if one.tag.startswith("{urn:ietf:params:xml:ns:xmpp-stanzas}"):
            return one.tag.rpartition("}")[2]
    return ""
