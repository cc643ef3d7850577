"""Files, WebSocket, BOSH and the relay (docs/security.md, rows 54, 59 to 61, 63, 80 and 91)."""

import asyncio
import os
from collections.abc import AsyncIterator
from hashlib import sha1
from pathlib import Path
from urllib.parse import unquote

import pytest
import pytest_asyncio

from embedded_server.setting_sections import ProxySettings
from shared_protocol.limits import BEFORE_LOGIN, CLIENT_STREAM
from shared_protocol.namespaces import BYTESTREAMS, STANZA_ERRORS
from tests.faults.loop_lag import LoopLag
from tests.helpers.office import PASSWORD, RunningOffice, office_settings, running_office
from tests.helpers.socks_client import SocksClient
from tests.helpers.upload_office import ROSE, ask_for_slot, slot_for, slot_of
from tests.helpers.websocket_client import RefusedError, WebSocketClient
from tests.security.attack_stage import MEBIBYTE, assert_colleagues_can_talk, measured_memory

pytestmark = [pytest.mark.asyncio, pytest.mark.network]

SCRIPT = b"<script>alert('o happy dagger')</script>"
ACTIVE = [
    ("page.html", "text/html"),
    ("page.xhtml", "application/xhtml+xml"),
    ("picture.svg", "image/svg+xml"),
    ("feed.xml", "text/xml"),
    ("code.js", "text/javascript"),
    ("paper.pdf", "application/pdf"),
    ("picture.png", "text/html"),
    ("none", ""),
]
NAMES = [
    "../../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "..\\..\\boot.ini",
    "/etc/passwd",
    "CON",
    "nul.txt",
    "a:b",
    "name\u202egpj.exe",
    "x" * 300,
    ".",
    "..",
    " ",
    ".htaccess",
]
WORK_SECONDS = 0.1


@pytest.mark.parametrize("host", ["evil.example", "evil.example:443", "169.254.169.254.nip.io"])
async def test_r54_a_name_that_is_not_ours_is_misdirected(office: RunningOffice, host: str) -> None:
    slot = await slot_for(office)
    for path in ("/.well-known/host-meta", "/http-bind", "/xmpp-websocket", slot.path):
        browser = await office.browse()

        assert (await browser.ask("GET", path, Host=host)).status == 421


@pytest.mark.parametrize("name", NAMES)
async def test_r59_a_file_name_leads_nowhere(office: RunningOffice, name: str) -> None:
    slot = await slot_for(office, name)
    browser = await office.browse()
    before = {path for path in office.folder.parent.rglob("*") if path.is_file()}

    put = await browser.ask("PUT", slot.path, ROSE)
    got = await browser.ask("GET", slot.path)

    assert (put.status, got.body) == (201, ROSE)
    new = {path for path in office.folder.parent.rglob("*") if path.is_file()} - before
    places = [path for path in new if ".db" not in path.name]
    assert [path.parent.parent for path in places] == [office.folder / "uploads"]
    assert places[0].name == slot.path.split("/")[2]  # random, and nothing of the owner's name
    shown = unquote(got.headers["content-disposition"].rpartition("''")[2])
    assert not set(shown) & set("/\\:\0")
    assert len(shown) <= 200


@pytest.mark.parametrize(
    "path",
    [
        "/upload/../parlour.toml",
        "/upload/..%2f..%2foffice-authority.pem/x",
        "/upload/%2e%2e/office-authority.pem",
        "/upload/..%00/x",
        "/upload//x",
        "/upload/" + "0" * 32 + "/x",
        "/upload/" + "A" * 32 + "/x",
        "/office-authority.pem",
        "/../office-authority.pem",
    ],
)
async def test_r59_no_path_reaches_other_files(office: RunningOffice, path: str) -> None:
    for method in ("GET", "HEAD", "PUT"):
        browser = await office.browse()
        body = ROSE if method == "PUT" else None

        assert (await browser.ask(method, path, body)).status in {400, 404}


@pytest.mark.parametrize(("name", "media_type"), ACTIVE)
async def test_r60_nothing_active_is_served_as_such(
    office: RunningOffice, name: str, media_type: str
) -> None:
    slot = await slot_for(office, name, size=len(SCRIPT), media_type=media_type)
    browser = await office.browse()
    await browser.ask("PUT", slot.path, SCRIPT, Content_Type=media_type or "text/html")

    got = await browser.ask("GET", slot.path)

    headers = got.headers
    assert got.body == SCRIPT
    assert headers["content-type"] == "application/octet-stream"
    assert headers["content-disposition"].startswith("attachment;")
    assert headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in headers["content-security-policy"]
    assert "default-src 'none'" in headers["content-security-policy"]


async def test_r60_a_picture_is_shown_and_can_do_nothing(office: RunningOffice) -> None:
    """Also if it holds a page: browsers are told not to guess."""
    slot = await slot_for(office, "rose.png", size=len(SCRIPT), media_type="image/png")
    browser = await office.browse()
    await browser.ask("PUT", slot.path, SCRIPT, Content_Type="image/png")

    headers = (await browser.ask("GET", slot.path)).headers

    assert headers["content-type"] == "image/png"
    assert headers["content-disposition"].startswith("inline;")
    assert headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in headers["content-security-policy"]


async def test_r60_a_content_type_cannot_break_out_of_its_header(office: RunningOffice) -> None:
    client = await office.log_in("romeo/orchard")

    answer = await ask_for_slot(client, media_type="image/png\r\nSet-Cookie: a=b")

    assert answer.find(f"*/{{{STANZA_ERRORS}}}bad-request") is not None


async def test_r61_a_slot_is_good_for_one_upload_of_its_size(office: RunningOffice) -> None:
    slot = await slot_for(office, "one.bin", size=1_000_000)
    first, second = await office.browse(), await office.browse()
    first.send_request("PUT", slot.path, b"x" * 10, Content_Length="1000000")
    await first.drain()

    larger = await second.ask("PUT", slot.path, b"", Content_Length="1000001")
    async with asyncio.timeout(5):
        while (
            racing := await (await office.browse()).ask(
                "PUT", slot.path, b"", Content_Length="1000000", Expect="100-continue"
            )
        ).status == 100:
            pass  # the first has not been noticed yet
    first.send(b"x" * 999_990)
    stored = await first.reply("PUT")
    again = await (await office.browse()).ask("PUT", slot.path, b"y" * 1_000_000)

    assert (larger.status, racing.status, stored.status, again.status) == (413, 409, 201, 409)
    got = await (await office.browse()).ask("GET", slot.path)
    assert got.body == b"x" * 1_000_000


async def test_r61_addresses_cannot_be_guessed_and_are_not_listed(office: RunningOffice) -> None:
    client = await office.log_in("romeo/orchard")

    names = {slot_of(await ask_for_slot(client)).path.split("/")[2] for _ in range(20)}

    assert len(names) == 20
    assert all(len(name) == 32 for name in names)
    assert (await (await office.browse()).ask("GET", "/upload/")).status == 404


@pytest.mark.parametrize("path", ["/http-bind", "/upload/none/none", "/.well-known/host-meta", "/"])
async def test_r63_a_huge_or_multipart_body_is_refused_unread(
    office: RunningOffice, path: str
) -> None:
    content_type = "multipart/form-data; boundary=" + "-" * 60
    browser = await office.browse()

    with measured_memory() as memory:
        async with LoopLag() as lag:
            reply = await browser.ask(
                "POST", path, b"", Content_Length=str(200 * MEBIBYTE), Content_Type=content_type
            )

    assert reply.status in {404, 405, 413}
    assert reply.headers["connection"] == "close"
    assert memory.peak_bytes < MEBIBYTE
    assert lag.most_worked_seconds < WORK_SECONDS


async def test_r63_a_file_passes_through_in_constant_memory(office: RunningOffice) -> None:
    size = 40 * MEBIBYTE
    slot = await slot_for(office, "large.bin", size=size)
    browser = await office.browse()
    piece = os.urandom(65_536)

    with measured_memory() as memory:
        async with LoopLag() as lag:
            browser.send_request("PUT", slot.path, Content_Length=str(size))
            for _ in range(size // len(piece)):
                browser.send(piece)
                await browser.drain()
            reply = await browser.reply("PUT")

    assert reply.status == 201
    assert memory.peak_bytes < 4 * MEBIBYTE
    assert lag.most_worked_seconds < WORK_SECONDS


@pytest_asyncio.fixture
async def relaying_office(tmp_path: Path) -> AsyncIterator[RunningOffice]:
    settings = office_settings(proxy=ProxySettings(enabled=True, port=0))
    async with running_office(tmp_path / "relaying", settings=settings) as opened:
        yield opened


async def test_r80_a_stranger_cannot_use_the_relay(relaying_office: RunningOffice) -> None:
    office = relaying_office
    assert office.server.relay_port
    romeo, juliet = await office.log_in("romeo/orchard"), await office.log_in("juliet/balcony")
    nurse = await office.log_in("nurse/kitchen")
    name = sha1(f"sid{romeo.jid}{juliet.jid}".encode()).hexdigest()  # noqa: S324 - the XEP's
    ends = [await SocksClient.waiting(office.server.relay_port, name) for _ in range(2)]

    nurse.send(
        f"<iq type='set' id='a' to='proxy.montague.lit'><query xmlns='{BYTESTREAMS}' sid='sid'>"
        f"<activate>{juliet.jid}</activate></query></iq>"
    )
    answer = await nurse.receive_id("a")
    for end in ends:  # they speak, and nobody hears it
        end.send(b"open sesame")

    assert answer.find(f"*/{{{STANZA_ERRORS}}}item-not-found") is not None
    for end in ends:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await end.read(1)
        await end.close()


@pytest.mark.parametrize(
    "request_",
    [
        b"\x05\x01\x00\x01\x7f\x00\x00\x01\x00\x16",  # 127.0.0.1:22
        b"\x05\x01\x00\x03\x09localhost\x14\x66",
        b"\x05\x01\x00\x04" + bytes(15) + b"\x01\x00\x50",
        b"\x05\x02\x00\x01\x00\x00\x00\x00\x00\x50",  # listen
        b"\x05\x03\x00\x01\x00\x00\x00\x00\x00\x35",  # UDP
    ],
)
async def test_r80_the_relay_connects_to_nowhere(
    relaying_office: RunningOffice, request_: bytes
) -> None:
    client = await SocksClient.connect(relaying_office.server.relay_port)
    client.send(b"\x05\x01\x00" + request_)

    assert (await client.read_to_end())[:4] == b"\x05\x00\x05\x07"
    await client.close()


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "https://montague.lit.evil.io"])
async def test_r91_a_page_of_a_foreign_origin_gets_no_stream(
    office: RunningOffice, origin: str
) -> None:
    with pytest.raises(RefusedError) as caught:
        await office.connect_by_websocket(Origin=origin)
    bosh = await (await office.browse()).ask("POST", "/http-bind", b"<body/>", Origin=origin)

    assert (caught.value.reply.status, bosh.status) == (403, 403)
    assert "access-control-allow-origin" not in bosh.headers


async def frame_of(client: WebSocketClient, most: int) -> str:
    """Announce a frame of 100 MB, and send what is just too much of it."""
    client.send_bytes(b"\x81\xff" + (100 * MEBIBYTE).to_bytes(8, "big") + bytes(4))
    client.send_bytes(b"<message xmlns='jabber:client'><body>" + b"x" * most)
    return await client.wait_for_end()


@pytest.mark.parametrize("is_logged_in", [False, True])
async def test_r91_a_frame_is_as_long_as_a_stanza_at_most(
    office: RunningOffice, *, is_logged_in: bool
) -> None:
    client = await office.connect_by_websocket()
    limits = CLIENT_STREAM if is_logged_in else BEFORE_LOGIN
    if is_logged_in:
        await client.enter("romeo@montague.lit", PASSWORD, tls=None)
    else:
        await client.open_stream()

    with measured_memory() as memory:
        condition = await frame_of(client, limits.stanza_bytes)

    assert condition == "policy-violation"
    assert memory.peak_bytes < 4 * MEBIBYTE
    await assert_colleagues_can_talk(office)


@pytest.mark.parametrize(
    "data",
    [
        b"\x81\x05hello",  # not masked
        b"\xc1\x80" + bytes(4),  # compressed
        b"\x83\x80" + bytes(4),  # of no kind
        b"\x09\x80" + bytes(4),  # a ping in parts
        b"\x89\xfe\x00\xff" + bytes(4),  # a ping that is too long
        b"\x80\x80" + bytes(4),  # goes on with nothing
        os.urandom(64),
    ],
)
async def test_r91_bad_frames_end_that_connection_alone(office: RunningOffice, data: bytes) -> None:
    client = await office.connect_by_websocket()
    await client.enter("romeo@montague.lit", PASSWORD, tls=None)

    client.send_bytes(data)
    client.send_bytes(b"\x88\x80" + bytes(4))
    await client.wait_for_end()

    await assert_colleagues_can_talk(office)
    assert office.server.status()["sessions"] == 0


async def test_r91_a_session_of_bosh_cannot_be_taken_over(office: RunningOffice) -> None:
    """Neither its id nor its next number can be guessed; a wrong number ends it for all."""
    romeo = await office.connect_by_bosh()
    await romeo.enter("romeo@montague.lit", PASSWORD, tls=None)
    thief = await office.connect_by_bosh()

    thief.ask({"sid": romeo.sid[:-1] + ("A" if romeo.sid[-1] != "A" else "B")})
    guessed = await thief.read_answer()
    thief.ask({"sid": romeo.sid}, rid=1)
    known = await thief.read_answer()

    assert len(romeo.sid) == 32
    assert guessed.get("condition") == "item-not-found"
    assert known.get("condition") == "item-not-found"


async def test_r91_no_page_can_read_what_is_not_for_it(office: RunningOffice) -> None:
    browser = await office.browse()

    for path in ("/http-bind", "/xmpp-websocket"):
        reply = await browser.ask("GET", path, Origin="https://evil.example")
        assert "access-control-allow-origin" not in reply.headers
