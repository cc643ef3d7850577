"""Programs that others wrote chat through our server."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from communicator.session.ports import OutgoingMessage
from communicator.session.slixmpp_session import SlixmppSession
from communicator.state.presence import Availability
from shared_protocol.addresses import BareJid
from tests.helpers.chat_server import PASSWORD, ChatServer, new_id
from tests.helpers.foreign_programs import LOOPBACK, require_program
from tests.helpers.profanity import Profanity
from tests.helpers.session_diary import Diary, until

pytestmark = [pytest.mark.asyncio, pytest.mark.network, pytest.mark.timeout(180)]

VISIT_SECONDS = 30.0


@asynccontextmanager
async def juliet_online(office: ChatServer) -> AsyncIterator[tuple[SlixmppSession, Diary]]:
    """Our own client at the other end."""
    session = SlixmppSession()
    diary = Diary(session)
    await session.connect(office.account("juliet"), PASSWORD)
    await session.fetch_roster()
    session.send_presence(Availability.AVAILABLE)
    own = diary.connected[0]
    await until(lambda: any(seen.sender == own for seen in diary.presences))
    try:
        yield session, diary
    finally:
        await session.disconnect()


@pytest.mark.parametrize("is_direct_tls", [False, True], ids=["starttls", "direct"])
async def test_go_sendxmpp_sends_a_message(office: ChatServer, *, is_direct_tls: bool) -> None:
    """It checks the certificate against the domain (SSL_CERT_FILE)."""
    program = require_program("go-sendxmpp", "go-sendxmpp")
    port = office.direct_tls_port if is_direct_tls else office.c2s_port
    async with juliet_online(office) as (_session, diary):
        process = await asyncio.create_subprocess_exec(
            program,
            *(["-t"] if is_direct_tls else []),
            *("-u", f"romeo@{office.domain}", "-p", PASSWORD, "-j", f"{LOOPBACK}:{port}"),
            f"juliet@{office.domain}",
            stdin=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, "SSL_CERT_FILE": str(office.authority)},
        )
        _, said = await asyncio.wait_for(process.communicate(b"from Go"), VISIT_SECONDS)
        assert process.returncode == 0, said.decode()
        await until(lambda: diary.messages)
    assert [message.body.strip() for message in diary.messages] == ["from Go"]


async def test_profanity_logs_in_chats_and_asks(office: ChatServer, tmp_path: Path) -> None:
    async with juliet_online(office) as (session, diary):
        profanity = await asyncio.to_thread(Profanity, tmp_path)
        romeo = f"romeo@{office.domain}"
        try:
            await asyncio.to_thread(profanity.log_in, romeo, PASSWORD, office.c2s_port)
            profanity.type(f"/msg juliet@{office.domain} from the terminal")
            await until(lambda: diary.messages)
            session.send_message(OutgoingMessage(BareJid.parse(romeo), "to the terminal", new_id()))
            await asyncio.to_thread(profanity.wait_for, "RECV: <message.*to the terminal")
            profanity.type(f"/disco info {office.domain}")
            await asyncio.to_thread(profanity.wait_for, "RECV: <iq.*urn:xmpp:ping")
        finally:
            await asyncio.to_thread(profanity.close)
    assert diary.messages[0].body == "from the terminal"
    assert diary.messages[0].sender.bare == BareJid.parse(romeo)


@pytest.mark.parametrize("is_direct_tls", [False, True], ids=["starttls", "direct"])
async def test_xmpp_js_logs_in_asks_and_chats(
    office: ChatServer, xmpp_js: Path, *, is_direct_tls: bool
) -> None:
    """It checks the certificate: of xmpps:// URLs against the host, else against the domain."""
    service = f"xmpp://{LOOPBACK}:{office.c2s_port}"
    if is_direct_tls:
        service = f"xmpps://localhost:{office.direct_tls_port}"
    juliet = f"juliet@{office.domain}"
    romeo = BareJid.parse(f"romeo@{office.domain}")
    async with juliet_online(office) as (session, diary):
        process = await asyncio.create_subprocess_exec(
            *("node", "xmpp_js_client.mjs", service, office.domain, "romeo", PASSWORD, juliet),
            stdout=asyncio.subprocess.PIPE,
            cwd=xmpp_js,
            env={**os.environ, "NODE_EXTRA_CA_CERTS": str(office.authority)},
        )
        assert process.stdout is not None
        try:
            async with asyncio.timeout(VISIT_SECONDS):
                first = json.loads(await process.stdout.readline())
                assert first.get("online") == f"{romeo}/js", first
                assert "urn:xmpp:ping" in first["features"]
                session.send_message(OutgoingMessage(romeo, "hello", new_id()))
                await until(lambda: diary.messages)
                session.send_message(OutgoingMessage(romeo, "good night", new_id()))
                rest = (await process.stdout.read()).decode().splitlines()
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()
    said = [json.loads(line) for line in rest]
    assert [one["body"] for one in said if "body" in one] == ["hello", "good night"]
    assert said[-1] == {"stopped": True}
    assert diary.messages[0].body == "from xmpp.js"
    assert str(diary.messages[0].sender) == f"{romeo}/js"
