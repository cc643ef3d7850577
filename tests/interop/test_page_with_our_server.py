"""Pages in a real browser chat through our server with clients of npm."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from embedded_server.administration.certificates import SERVER_CHAIN
from embedded_server.setting_sections import HttpSettings
from tests.helpers.browser import PageServer, open_page, require_browser
from tests.helpers.npm_packages import npm_folder
from tests.helpers.office import DOMAIN, PASSWORD, office_settings, running_office

pytestmark = [pytest.mark.asyncio, pytest.mark.network, pytest.mark.timeout(240)]

PACKAGES = ("@xmpp/client@0.14", "strophe.js@5.0")
BODY = "{jabber:client}body"


@pytest_asyncio.fixture
async def page(request: pytest.FixtureRequest) -> AsyncIterator[PageServer]:
    """Our page with both clients."""
    require_browser()
    modules = npm_folder(request.config, "page-clients", PACKAGES) / "node_modules"
    server = PageServer(
        Path(__file__).with_name("page"),
        modules / "@xmpp" / "client" / "dist",
        modules / "strophe.js" / "dist",
    )
    await server.start()
    yield server
    server.stop()


@pytest.mark.parametrize(
    ("client", "scheme", "path"),
    [
        ("xmpp.js", "wss", "/xmpp-websocket"),
        ("strophe", "wss", "/xmpp-websocket"),
        ("strophe", "https", "/http-bind"),
    ],
    ids=["xmpp.js-websocket", "strophe-websocket", "strophe-bosh"],
)
async def test_a_page_of_another_origin_chats(
    page: PageServer, tmp_path: Path, client: str, scheme: str, path: str
) -> None:
    """RFC 7395; XEP-0206; XEP-0363, section 8: the settings name the page's origin."""
    settings = office_settings(http=HttpSettings(origins=(page.origin,)))
    async with running_office(tmp_path / "office", settings=settings) as office:
        juliet = await office.log_in("juliet/balcony")
        juliet.send("<presence/>")
        wanted = {
            "client": client,
            "service": f"{scheme}://localhost:{office.http_port}{path}",
            "domain": DOMAIN,
            "username": "romeo",
            "password": PASSWORD,
            "contact": juliet.jid,
        }
        chain = office.folder / SERVER_CHAIN

        async with open_page(f"{page.origin}/", chain, tmp_path / "profile", **wanted):
            romeo = (await page.next_said())["online"]
            juliet.send(f"<message to='{romeo}' type='chat'><body>hello</body></message>")
            heard = await page.next_said()
            answer = await juliet.receive(lambda one: one.find(BODY) is not None)
            rest = [await page.next_said() for _ in range(2 if client == "xmpp.js" else 1)]

        assert heard == {"from": juliet.jid, "body": "hello"}
        assert answer.findtext(BODY) == f"from a page by {client.capitalize().replace('X', 'x')}"
        assert rest[-1] == {"stopped": True}
        if client == "xmpp.js":
            assert rest[0] == {"stored": 201, "got": "a file from a page"}


async def test_a_page_that_the_settings_do_not_name_stays_outside(
    page: PageServer, tmp_path: Path
) -> None:
    async with running_office(tmp_path / "office") as office:
        wanted = {
            "client": "strophe",
            "service": f"wss://localhost:{office.http_port}/xmpp-websocket",
            "domain": DOMAIN,
            "username": "romeo",
            "password": PASSWORD,
            "contact": f"juliet@{DOMAIN}",
        }
        chain = office.folder / SERVER_CHAIN

        async with open_page(f"{page.origin}/", chain, tmp_path / "profile", **wanted):
            with pytest.raises(AssertionError, match="error"):
                await page.next_said()

        assert office.server.status()["sessions"] == 0
