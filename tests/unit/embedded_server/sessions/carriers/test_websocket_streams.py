"""XMPP over WebSocket, as a client of a real office sees it (RFC 7395)."""

import base64
from pathlib import Path

import pytest
from wsproto.events import BytesMessage, CloseConnection, TextMessage

from embedded_server.setting_sections import HttpSettings
from shared_protocol.limits import BEFORE_LOGIN, CLIENT_STREAM
from tests.helpers.office import PASSWORD, RunningOffice, office_settings, running_office
from tests.helpers.websocket_client import RefusedError, WebSocketClient

pytestmark = [pytest.mark.asyncio, pytest.mark.network]

STARTTLS = "{urn:ietf:params:xml:ns:xmpp-tls}starttls"
PING = "<iq xmlns='jabber:client' type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>"


async def entered(office: RunningOffice, jid: str = "romeo@montague.lit") -> WebSocketClient:
    client = await office.connect_by_websocket()
    await client.enter(jid, PASSWORD, tls=None)
    return client


async def test_the_handshake_agrees_on_xmpp_and_on_nothing_else(tmp_path: Path) -> None:
    """Section 3.1; RFC 7692 is not taken up: no compression."""
    async with running_office(tmp_path / "office") as office:
        client = await office.connect_by_websocket(
            Sec_WebSocket_Protocol="chat, xmpp", Sec_WebSocket_Extensions="permessage-deflate"
        )

        headers = client.handshake.headers
        assert headers["sec-websocket-protocol"] == "xmpp"
        assert "sec-websocket-extensions" not in headers


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec_WebSocket_Protocol": ""}, 400),
        ({"Sec_WebSocket_Protocol": "chat"}, 400),
        ({"Sec_WebSocket_Version": "8"}, 426),
        ({"Upgrade": ""}, 426),
        ({"Upgrade": "h2c"}, 426),
        ({"Connection": ""}, 400),
        ({"Sec_WebSocket_Key": ""}, 400),
        ({"Sec_WebSocket_Key": base64.b64encode(b"short").decode()}, 400),
    ],
)
async def test_another_handshake_is_refused(
    tmp_path: Path, headers: dict[str, str], status: int
) -> None:
    """Section 3.1; RFC 6455, section 4.2.2."""
    async with running_office(tmp_path / "office") as office:
        with pytest.raises(RefusedError) as caught:
            await office.connect_by_websocket(**headers)

        assert caught.value.reply.status == status


async def test_only_pages_of_allowed_origins_come_in(tmp_path: Path) -> None:
    """RFC 6455, section 10.2."""
    settings = office_settings(http=HttpSettings(origins=("https://chat.verona.example",)))
    async with running_office(tmp_path / "office", settings=settings) as office:
        own = f"montague.lit:{office.http_port}"
        for origin in ("https://chat.verona.example", f"https://{own}"):
            await office.connect_by_websocket(Host=own, Origin=origin)
        for origin in ("https://evil.example", "null", "http://chat.verona.example"):
            with pytest.raises(RefusedError) as caught:
                await office.connect_by_websocket(Origin=origin)
            assert caught.value.reply.status == 403


async def test_tls_is_below_and_binds_the_login(tmp_path: Path) -> None:
    """Section 3.9: no STARTTLS; RFC 5929: the channel is that of the connection."""
    async with running_office(tmp_path / "office") as office:
        client = await office.connect_by_websocket()
        await client.open_stream()

        assert client.features.find(STARTTLS) is None
        assert "SCRAM-SHA-256-PLUS" in client.mechanisms
        await client.authenticate("romeo", PASSWORD, mechanism="SCRAM-SHA-256-PLUS")
        await client.bind("orchard")
        assert client.jid == "romeo@montague.lit/orchard"


async def test_pages_are_offered_no_binding_to_a_channel_that_they_cannot_see(
    tmp_path: Path,
) -> None:
    """RFC 5802, section 6: who answers -PLUS without a binding has failed to log in."""
    async with running_office(tmp_path / "office") as office:
        own = f"montague.lit:{office.http_port}"
        client = await office.connect_by_websocket(Host=own, Origin=f"https://{own}")
        await client.open_stream()

        assert client.mechanisms == ["SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN"]
        assert client.features.find("{urn:xmpp:sasl-cb:0}sasl-channel-binding") is None


async def test_the_stream_begins_anew_without_a_close(tmp_path: Path) -> None:
    """Section 3.7."""
    async with running_office(tmp_path / "office") as office:
        client = await office.connect_by_websocket()
        await client.open_stream()
        first = client.header["id"]

        await client.authenticate("romeo", PASSWORD)

        assert client.header["id"] != first
        assert client.header["version"] == "1.0"
        assert not client.received_close


async def test_close_is_answered_by_close_and_then_the_websocket_closes(tmp_path: Path) -> None:
    """Section 3.6."""
    async with running_office(tmp_path / "office") as office:
        client = await entered(office)

        client.send_message("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>")

        assert await client.wait_for_end() == ""
        assert client.received_close
        assert client.close_code == 1000


@pytest.mark.parametrize(
    ("message", "condition"),
    [
        (PING + PING, "bad-format"),
        (f" {PING}", "bad-format"),
        (" ", "bad-format"),
        ("\ufeff" + PING, "bad-format"),
        (PING[:40], "bad-format"),
        ("<?xml version='1.0'?>" + PING, "not-well-formed"),
        ("<iq type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>", "invalid-namespace"),
        ("<stream:features/>", "not-well-formed"),
        ("</stream>", "bad-format"),
        ("<!-- comment -->", "restricted-xml"),
        ("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing'><a/></open>", "bad-format"),
        ("<rose xmlns='urn:verona'/>", "unsupported-stanza-type"),
    ],
)
async def test_what_is_not_one_whole_element_ends_the_stream(
    tmp_path: Path, message: str, condition: str
) -> None:
    """Section 3.3.3: one element, first character ``<``, can be parsed alone."""
    async with running_office(tmp_path / "office") as office:
        client = await entered(office)

        client.send_message(message)

        assert await client.wait_for_end() == condition
        assert client.received_close


async def test_an_element_may_come_in_several_frames(tmp_path: Path) -> None:
    """RFC 6455, section 5.4: a message is one element, its frames are nobody's business."""
    async with running_office(tmp_path / "office") as office:
        client = await entered(office)

        for start in range(0, len(PING), 7):
            part = PING[start : start + 7]
            client.send_event(TextMessage(part, message_finished=start + 7 >= len(PING)))

        assert (await client.receive_id("p")).get("type") == "result"


async def test_a_prefixed_element_is_as_good_as_any(tmp_path: Path) -> None:
    async with running_office(tmp_path / "office") as office:
        client = await entered(office)

        client.send_message(
            "<c:iq xmlns:c='jabber:client' type='get' id='p'><ping xmlns='urn:xmpp:ping'/></c:iq>"
        )

        assert (await client.receive_id("p")).get("type") == "result"


async def test_binary_messages_end_the_stream(tmp_path: Path) -> None:
    """Section 3.2: text only."""
    async with running_office(tmp_path / "office") as office:
        client = await entered(office)

        client.send_event(BytesMessage(data=PING.encode()))

        assert await client.wait_for_end() == "policy-violation"


async def test_invalid_utf8_closes_the_websocket(tmp_path: Path) -> None:
    """RFC 6455, section 8.1: code 1007."""
    async with running_office(tmp_path / "office") as office:
        client = await entered(office)

        client.send_bytes(b"\x81\x82\x00\x00\x00\x00\xc0\x80")

        await client.wait_for_end()
        assert client.close_code == 1007


@pytest.mark.parametrize("is_logged_in", [False, True])
async def test_a_message_beyond_the_limit_is_refused_while_it_arrives(
    tmp_path: Path, *, is_logged_in: bool
) -> None:
    """A frame may be as long as a stanza; its end is not waited for."""
    async with running_office(tmp_path / "office") as office:
        client = await office.connect_by_websocket()
        if is_logged_in:
            await client.enter("romeo@montague.lit", PASSWORD, tls=None)
        else:
            await client.open_stream()
        most = CLIENT_STREAM.stanza_bytes if is_logged_in else BEFORE_LOGIN.stanza_bytes

        header = b"\x81\xff" + (100_000_000).to_bytes(8, "big") + bytes(4)
        client.send_bytes(header + b"<message xmlns='jabber:client'><body>" + b"x" * most)

        assert await client.wait_for_end() == "policy-violation"


async def test_an_error_before_the_first_open_is_told_behind_ours(tmp_path: Path) -> None:
    """Section 3.5; RFC 6120, section 4.9.1.2."""
    async with running_office(tmp_path / "office") as office:
        client = await office.connect_by_websocket()

        client.send_header(to="capulet.lit")

        assert await client.wait_for_end() == "host-unknown"
        assert client.header["from"] == "montague.lit"
        assert client.received_close


async def test_pings_of_both_kinds_are_answered(tmp_path: Path) -> None:
    """Section 3.8."""
    async with running_office(tmp_path / "office") as office:
        client = await entered(office)

        await client.ping(b"o speak again")
        client.send_message(PING)

        assert client.pongs == [b"o speak again"]
        assert (await client.receive_id("p")).get("type") == "result"


async def test_a_websocket_that_closes_without_a_stream_end_ends_the_session(
    tmp_path: Path,
) -> None:
    async with running_office(tmp_path / "office") as office:
        client = await entered(office)
        assert office.server.status()["sessions"] == 1

        client.send_event(CloseConnection(code=1001))
        await client.wait_for_end()

        juliet = await office.log_in("juliet/balcony")
        await juliet.close()
        assert office.server.status()["sessions"] == 0
        assert client.close_code == 1001


async def test_the_office_closes_with_system_shutdown(tmp_path: Path) -> None:
    """RFC 6120, section 4.9.3.20."""
    async with running_office(tmp_path / "office") as office:
        client = await entered(office)

        await office.server.stop()

        assert await client.wait_for_end() == "system-shutdown"


async def test_a_message_between_websocket_and_tcp_arrives_whole(tmp_path: Path) -> None:
    async with running_office(tmp_path / "office") as office:
        romeo = await entered(office, "romeo@montague.lit/orchard")
        juliet = await office.log_in("juliet/balcony")
        text = "<body>Wherefore &lt;art&gt; 🌹 'thou'</body>"

        romeo.send_message(
            f"<message xmlns='jabber:client' to='{juliet.jid}' type='chat'>{text}</message>"
        )
        heard = await juliet.receive()
        juliet.send(f"<message to='{romeo.jid}' type='chat'>{text}</message>")
        answered = await romeo.receive()

        for one in (heard, answered):
            assert one.findtext("{jabber:client}body") == "Wherefore <art> 🌹 'thou'"
        assert heard.get("from") == romeo.jid
