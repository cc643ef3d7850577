"""The communicator's hosting with the real server: made, started, asked, stopped."""

from pathlib import Path

import pytest

from communicator.hosting.control_client import ControlClient, OperationRefusedError
from communicator.hosting.errors import HostingError
from communicator.hosting.office_hosting import ProcessOfficeHosting
from communicator.session.slixmpp_session import SlixmppSession
from communicator.state.connection import TroubleKind
from tests.helpers.chat_server import ANY_PORTS, NAMES, OFFICE_DOMAIN, PASSWORD, ChatServer
from tests.helpers.session_diary import Diary, until

pytestmark = [pytest.mark.asyncio, pytest.mark.network]


async def test_an_office_lives_from_init_to_stop(tmp_path: Path) -> None:
    folder = tmp_path / "office"
    hosting = ProcessOfficeHosting(run_options=ANY_PORTS)
    pem = await hosting.create(folder, domain=OFFICE_DOMAIN, owner=NAMES[0], password=PASSWORD)
    with pytest.raises(HostingError):
        await hosting.create(folder, domain=OFFICE_DOMAIN, owner=NAMES[0], password=PASSWORD)
    port = await hosting.start(folder)
    try:
        assert await hosting.start(folder) == port  # it runs already
        assert await hosting.connected_sessions(folder) == 0
        server = ChatServer(OFFICE_DOMAIN, folder / "ca.pem", port, port)
        assert server.authority.read_text() == pem
        session = SlixmppSession()
        diary = Diary(session)
        await session.connect(server.account(NAMES[0], is_direct_tls=True), PASSWORD)
        assert await hosting.connected_sessions(folder) == 1
        client = await ControlClient.connect(folder)
        with pytest.raises(OperationRefusedError):
            await client.ask("accounts.create", name=NAMES[0], password=PASSWORD)
        await client.close()
    finally:
        await hosting.stop(folder)
    await until(lambda: diary.disconnected)
    assert [it and it.kind for it in diary.disconnected] == [TroubleKind.SERVER_STOPPING]
    assert await hosting.connected_sessions(folder) is None
    assert PASSWORD not in (folder / "server.log").read_text()


async def test_an_office_that_is_given_up_stops_and_is_gone(tmp_path: Path) -> None:
    folder = tmp_path / "office"
    hosting = ProcessOfficeHosting(run_options=ANY_PORTS)
    await hosting.create(folder, domain=OFFICE_DOMAIN, owner=NAMES[0], password=PASSWORD)
    await hosting.start(folder)

    await hosting.discard(folder)

    assert _content(tmp_path) == []
    assert await hosting.connected_sessions(folder) is None


def _content(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]
