"""Clients of others read the archive of our server and get its copies (XEP-0313, XEP-0280)."""

import ssl
from pathlib import Path

import pytest
import slixmpp

from communicator.session.ports import OutgoingMessage
from communicator.session.slixmpp_session import SlixmppSession
from shared_protocol.addresses import BareJid
from tests.helpers.chat_server import PASSWORD, ChatServer, new_id
from tests.helpers.foreign_programs import LOOPBACK
from tests.helpers.foreign_visits import juliet_online
from tests.helpers.session_diary import until
from tests.interop.test_resumption_with_our_server import xmpp_js_on

pytestmark = [pytest.mark.asyncio, pytest.mark.network, pytest.mark.timeout(180)]

LINES = [f"line {number}" for number in range(7)]


class Bot(slixmpp.ClientXMPP):
    """slixmpp as others use it: with copies and archive.

    Attributes:
        bodies: Of messages to it.
        copies: Direction and text of copies.
    """

    def __init__(self, office: ChatServer, resource: str, priority: int) -> None:
        super().__init__(f"romeo@{office.domain}/{resource}", PASSWORD)
        for plugin in ("xep_0030", "xep_0280", "xep_0313"):
            self.register_plugin(plugin)
        self.enable_direct_tls = False
        self.ca_certs = str(office.authority)
        self.port = office.c2s_port
        self.bodies: list[str] = []
        self.copies: list[tuple[str, str]] = []
        self.priority = priority
        self.is_ready = False
        self.add_event_handler("session_start", self._on_start)
        self.add_event_handler("message", lambda one: self.bodies.append(one["body"]))
        for direction in ("sent", "received"):
            self.add_event_handler(f"carbon_{direction}", self._copied(direction))

    def get_ssl_context(self) -> ssl.SSLContext:
        """Trust the office's authority alone."""
        return ssl.create_default_context(cafile=self.ca_certs)

    def come(self) -> None:
        """Connect."""
        self.connect(LOOPBACK, self.port)

    async def archive(self, *, size: int, with_jid: str = "") -> list[str]:
        """Read all pages of the archive; returns the texts in order."""
        plugin = self.plugin["xep_0313"]
        wanted = slixmpp.JID(with_jid) if with_jid else None
        found = plugin.iterate(with_jid=wanted, rsm={"max": size})
        return [one["mam_result"]["forwarded"]["stanza"]["body"] async for one in found]

    def _copied(self, direction: str) -> object:
        def note(message: slixmpp.Message) -> None:
            self.copies.append((direction, message[f"carbon_{direction}"]["body"]))

        return note

    async def _on_start(self, _event: object) -> None:
        self.send_presence(ppriority=self.priority)
        await self.plugin["xep_0280"].enable()
        self.is_ready = True


async def test_slixmpp_reads_the_archive_and_gets_copies(office: ChatServer) -> None:
    romeo = BareJid.parse(f"romeo@{office.domain}")
    async with juliet_online(office) as (session, diary):
        phone, desk = Bot(office, "phone", 0), Bot(office, "desk", -1)
        for bot in (phone, desk):
            bot.come()
            await until(lambda bot=bot: bot.is_ready)
        juliet = f"juliet@{office.domain}"

        for line in LINES:
            session.send_message(OutgoingMessage(romeo, line, new_id()))
        await until(lambda: len(phone.bodies) == len(LINES))
        phone.send_message(mto=juliet, mbody="from the phone", mtype="chat")
        await until(lambda: diary.messages and len(desk.copies) > len(LINES))
        info = await desk.plugin["xep_0030"].get_info(jid=desk.boundjid.bare)
        everything = await desk.archive(size=3)
        with_juliet = await desk.archive(size=50, with_jid=juliet)
        with_nurse = await desk.archive(size=50, with_jid=f"nurse@{office.domain}")
        for bot in (phone, desk):
            await bot.disconnect()

    assert desk.copies == [("received", line) for line in LINES] + [("sent", "from the phone")]
    assert desk.bodies == []
    assert everything[-8:] == with_juliet[-8:] == [*LINES, "from the phone"]
    assert with_nurse == []
    assert {"urn:xmpp:mam:2", "urn:xmpp:mam:2#extended"} <= set(info["disco_info"]["features"])


async def test_xmpp_js_reads_the_archive_and_gets_copies(office: ChatServer, xmpp_js: Path) -> None:
    juliet = BareJid.parse(f"juliet@{office.domain}")
    romeo = SlixmppSession()
    async with (
        juliet_online(office) as (_session, diary),
        xmpp_js_on(office, xmpp_js, office.c2s_port, "classic", "xmpp_js_archive.mjs") as js,
    ):
        assert str((await js.says("online"))["online"]).startswith(f"romeo@{office.domain}/js")
        await romeo.connect(office.account("romeo"), PASSWORD)
        for line in LINES:
            romeo.send_message(OutgoingMessage(juliet, line, new_id()))
        copies = [await js.says("copied") for _ in LINES]
        js.tell("3")
        pages = (await js.says("pages"))["pages"]
        await until(lambda: len(diary.messages) >= len(LINES))
        await romeo.disconnect()

    assert [(one["direction"], one["copied"]) for one in copies] == [
        ("sent", line) for line in LINES
    ]
    assert isinstance(pages, list)
    assert all(len(page) == 3 for page in pages[:-1])
    assert [line for page in pages for line in page][-len(LINES) :] == LINES
