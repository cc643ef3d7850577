"""Web clients that others wrote chat through our server, over WebSocket and BOSH, run by Node."""

import asyncio
import json
import os
import shutil
from pathlib import Path

import pytest

from shared_protocol.addresses import BareJid
from tests.helpers.chat_server import PASSWORD, ChatServer
from tests.helpers.foreign_visits import VISIT_SECONDS, visit_of
from tests.helpers.npm_packages import npm_folder

pytestmark = [pytest.mark.asyncio, pytest.mark.network, pytest.mark.timeout(240)]

PACKAGES = (
    "strophe.js@5.0",
    "stanza@12.22",
    "@xmpp/client@0.14",
    "ws@8",
    "jsdom@26",
    "@xmldom/xmldom@0.9",
    "saxes@6",
)
SCRIPTS = (
    "strophe_client.mjs",
    "stanza_client.mjs",
    "stanza_publishing.mjs",
    "xmpp_js_client.mjs",
)


@pytest.fixture(scope="module")
def web_clients(request: pytest.FixtureRequest) -> Path:
    """A folder with the clients and our scripts."""
    folder = npm_folder(request.config, "web-clients", PACKAGES)
    for script in SCRIPTS:
        shutil.copy(Path(__file__).with_name(script), folder)
    return folder


def websocket(office: ChatServer) -> str:
    return f"wss://localhost:{office.http_port}/xmpp-websocket"


def bosh(office: ChatServer) -> str:
    return f"https://localhost:{office.http_port}/http-bind"


@pytest.mark.parametrize("service", [websocket, bosh])
@pytest.mark.parametrize(
    ("script", "said"),
    [("strophe_client.mjs", "from Strophe"), ("stanza_client.mjs", "from stanza")],
)
async def test_a_web_client_logs_in_asks_and_chats(
    office: ChatServer, visitor: str, web_clients: Path, service: object, script: str, said: str
) -> None:
    """RFC 7395; XEP-0124, XEP-0206. Both check the certificate against the host."""
    jid, juliet = f"{visitor}@{office.domain}", f"juliet@{office.domain}"
    assert callable(service)

    arguments = (service(office), jid, PASSWORD, juliet)
    first, rest, diary = await visit_of(visitor, office, web_clients, script, arguments)

    assert first["online"].startswith(f"{jid}/")
    assert "urn:xmpp:ping" in first["features"]
    assert [one["body"] for one in rest if "body" in one] == ["hello", "good night"]
    assert rest[-1] == {"stopped": True}
    assert diary.messages[0].body == said
    assert diary.messages[0].sender.bare == BareJid.parse(jid)


async def test_xmpp_js_chats_over_websocket(
    office: ChatServer, visitor: str, web_clients: Path
) -> None:
    jid, juliet = f"{visitor}@{office.domain}", f"juliet@{office.domain}"

    arguments = (websocket(office), office.domain, visitor, PASSWORD, juliet)
    first, rest, diary = await visit_of(
        visitor, office, web_clients, "xmpp_js_client.mjs", arguments
    )

    assert str(first["online"]).startswith(f"{jid}/js/")  # bound within the login (XEP-0386)
    assert [one["body"] for one in rest if "body" in one] == ["hello", "good night"]
    assert diary.messages[0].body == "from xmpp.js"


async def test_stanza_publishes_and_hears_of_it(
    office: ChatServer, visitor: str, web_clients: Path
) -> None:
    """XEP-0060, 0084, 0118 and 0048 in private storage, as stanza.js speaks them."""
    jid = f"{visitor}@{office.domain}"
    process = await asyncio.create_subprocess_exec(
        *("node", "stanza_publishing.mjs", websocket(office), jid, PASSWORD),
        stdout=asyncio.subprocess.PIPE,
        cwd=web_clients,
        env={**os.environ, "NODE_EXTRA_CA_CERTS": str(office.authority)},
    )
    try:
        said, _ = await asyncio.wait_for(process.communicate(), VISIT_SECONDS)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()

    assert [json.loads(line) for line in said.splitlines()] == [
        {"tune": "Yes", "from": jid},
        {"avatar": True},
        {"photo": True},
        {"bookmark": [f"orchard@conference.{office.domain}"]},
        {"event": "annoyed"},
        {"items": ["1"]},
        {"deleted": True},
    ]
