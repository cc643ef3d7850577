"""Programs that others wrote chat through our server."""

import asyncio
import json
import os
import re
from pathlib import Path

import pytest

from communicator.session.ports import OutgoingMessage
from shared_protocol.addresses import BareJid
from tests.helpers.chat_server import PASSWORD, ChatServer, new_id
from tests.helpers.foreign_programs import LOOPBACK, require_program
from tests.helpers.foreign_visits import VISIT_SECONDS, juliet_online, visit_of
from tests.helpers.profanity import Profanity
from tests.helpers.session_diary import until

pytestmark = [pytest.mark.asyncio, pytest.mark.network, pytest.mark.timeout(180)]


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


@pytest.mark.parametrize(("profile", "resource"), [("classic", "js"), ("extensible", "js/.+")])
@pytest.mark.parametrize("is_direct_tls", [False, True], ids=["starttls", "direct"])
async def test_xmpp_js_logs_in_asks_and_chats(
    office: ChatServer,
    visitor: str,
    xmpp_js: Path,
    profile: str,
    resource: str,
    *,
    is_direct_tls: bool,
) -> None:
    """By SASL2 and Bind 2, or as RFC 6120 has it.

    It checks the certificate: of xmpps:// URLs against the host, else against the domain.
    """
    service = f"xmpp://{LOOPBACK}:{office.c2s_port}"
    if is_direct_tls:
        service = f"xmpps://localhost:{office.direct_tls_port}"
    juliet, jid = f"juliet@{office.domain}", f"{visitor}@{office.domain}"
    arguments = (service, office.domain, visitor, PASSWORD, juliet, profile)
    first, said, diary = await visit_of(visitor, office, xmpp_js, "xmpp_js_client.mjs", arguments)

    assert re.fullmatch(f"{jid}/{resource}", first["online"])
    assert "urn:xmpp:ping" in first["features"]
    assert [one["body"] for one in said if "body" in one] == ["hello", "good night"]
    assert said[-1] == {"stopped": True}
    assert diary.messages[0].body == "from xmpp.js"
    assert str(diary.messages[0].sender) == first["online"]


async def test_xmpp_js_comes_back_with_a_token(
    office: ChatServer, visitor: str, xmpp_js: Path
) -> None:
    """XEP-0484: by its password once, and by HT-SHA-256-NONE from then on."""
    service = f"xmpp://{LOOPBACK}:{office.c2s_port}"
    process = await asyncio.create_subprocess_exec(
        *("node", "xmpp_js_token.mjs", service, office.domain, visitor, PASSWORD),
        stdout=asyncio.subprocess.PIPE,
        cwd=xmpp_js,
        env={**os.environ, "NODE_EXTRA_CA_CERTS": str(office.authority)},
    )
    written, _ = await asyncio.wait_for(process.communicate(), VISIT_SECONDS)
    said = [json.loads(line) for line in written.splitlines()]

    mechanisms = [one["mechanism"] for one in said if "mechanism" in one]
    assert mechanisms == ["SCRAM-SHA-1", "HT-SHA-256-NONE", "HT-SHA-256-NONE"], said
    visits = [one for one in said if "visit" in one]
    assert [one["token"] for one in visits] == ["HT-SHA-256-NONE"] * 3
    assert len({one["online"] for one in visits}) == 1  # the device keeps its resource
