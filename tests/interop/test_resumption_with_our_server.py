"""Clients of others get their session back from our server (XEP-0198, section 5)."""

import asyncio
import json
import os
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import slixmpp

from communicator.session.ports import OutgoingMessage
from shared_protocol.addresses import BareJid
from tests.faults.tcp_proxy import TcpProxy
from tests.helpers.chat_server import PASSWORD, ChatServer, new_id
from tests.helpers.foreign_programs import LOOPBACK
from tests.helpers.session_diary import until
from tests.interop.test_foreign_clients_with_our_server import juliet_online

pytestmark = [pytest.mark.asyncio, pytest.mark.network, pytest.mark.timeout(180)]

VISIT_SECONDS = 30.0


class JsClient:
    """xmpp.js with its lines of JSON."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._said: list[dict[str, object]] = []

    async def says(self, key: str) -> dict[str, object]:
        """Return the next line that has a key; others wait until they are asked for."""
        assert self._process.stdout is not None
        async with asyncio.timeout(VISIT_SECONDS):
            while not (found := [one for one in self._said if key in one]):
                self._said.append(json.loads(await self._process.stdout.readline()))
        self._said.remove(found[0])
        return found[0]

    def tell(self, line: str) -> None:
        """Write a line to it; its script says what that means, as to whom it sends a message."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n".encode())


@asynccontextmanager
async def xmpp_js_on(
    office: ChatServer,
    folder: Path,
    port: int,
    profile: str,
    script: str = "xmpp_js_resumption.mjs",
) -> AsyncIterator[JsClient]:
    service = f"xmpp://{LOOPBACK}:{port}"
    process = await asyncio.create_subprocess_exec(
        *("node", script, service, office.domain, "romeo", PASSWORD, profile),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=folder,
        env={**os.environ, "NODE_EXTRA_CA_CERTS": str(office.authority)},
    )
    try:
        yield JsClient(process)
        assert process.stdin is not None
        process.stdin.close()  # it acknowledges what it has, and leaves
        await asyncio.wait_for(process.wait(), VISIT_SECONDS)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.mark.parametrize("profile", ["classic", "extensible"])
async def test_xmpp_js_gets_its_session_back(
    office: ChatServer, xmpp_js: Path, profile: str
) -> None:
    """By ``<resume/>`` on a stream of its own, or within the login by SASL2."""
    romeo = BareJid.parse(f"romeo@{office.domain}")
    async with (
        TcpProxy(lambda: office.c2s_port).running() as proxy,
        juliet_online(office) as (session, diary),
        xmpp_js_on(office, xmpp_js, proxy.port, profile) as js,
    ):
        online = (await js.says("online"))["online"]
        session.send_message(OutgoingMessage(romeo, "before", new_id()))
        while (await js.says("body"))["body"] != "before":
            """What an earlier visit had not acknowledged comes first."""

        proxy.is_open = False
        proxy.cut()
        session.send_message(OutgoingMessage(romeo, "meanwhile", new_id()))
        proxy.is_open = True
        assert (await js.says("resumed"))["resumed"]

        assert await js.says("body") == {"body": "meanwhile", "delayed": True}
        js.tell(f"juliet@{office.domain}")
        await until(lambda: diary.messages)
        assert str(diary.messages[0].sender) == online


class Bot(slixmpp.ClientXMPP):
    """slixmpp as others use it: with its own stream management."""

    def __init__(self, office: ChatServer, port: int) -> None:
        super().__init__(f"romeo@{office.domain}/bot", PASSWORD)
        self.register_plugin("xep_0198")
        self.enable_direct_tls = False
        self.ca_certs = str(office.authority)
        self.port = port
        self.bodies: list[str] = []
        self.sessions = self.resumptions = 0
        self.add_event_handler("session_start", self._on_start)
        self.add_event_handler("session_resumed", self._on_resumed)
        self.add_event_handler("message", lambda message: self.bodies.append(message["body"]))

    def get_ssl_context(self) -> ssl.SSLContext:
        """Trust the office's authority alone."""
        return ssl.create_default_context(cafile=self.ca_certs)

    def come(self) -> None:
        """Connect, or connect again."""
        self.connect(LOOPBACK, self.port)

    def _on_start(self, _event: object) -> None:
        self.sessions += 1
        self.send_presence()

    def _on_resumed(self, _event: object) -> None:
        self.resumptions += 1


async def test_slixmpp_gets_its_session_back(office: ChatServer) -> None:
    romeo = BareJid.parse(f"romeo@{office.domain}")
    async with (
        TcpProxy(lambda: office.c2s_port).running() as proxy,
        juliet_online(office) as (session, diary),
    ):
        bot = Bot(office, proxy.port)
        bot.come()
        await until(lambda: bot.sessions)
        session.send_message(OutgoingMessage(romeo, "before", new_id()))
        await until(lambda: "before" in bot.bodies)

        proxy.is_open = False
        proxy.cut()
        session.send_message(OutgoingMessage(romeo, "meanwhile", new_id()))
        proxy.is_open = True
        await asyncio.wait_for(bot.disconnected, VISIT_SECONDS)
        bot.come()
        await until(lambda: bot.resumptions)
        await until(lambda: bot.bodies[-1] == "meanwhile")

        bot.send_message(f"juliet@{office.domain}", "I am back", mtype="chat")
        await until(lambda: diary.messages)
        assert bot.bodies[-2:] == ["before", "meanwhile"]
        assert bot.sessions == 1
        await bot.disconnect()
