"""Our client gets its session back, from our server and from Prosody (XEP-0198, section 5)."""

from dataclasses import replace

import pytest

from communicator.session.ports import OutgoingMessage
from communicator.session.slixmpp_session import SlixmppSession
from communicator.state.presence import Availability
from shared_protocol.addresses import BareJid
from tests.faults.tcp_proxy import TcpProxy
from tests.helpers.chat_server import PASSWORD, ChatServer, new_id
from tests.helpers.session_diary import Diary, until

pytestmark = [pytest.mark.asyncio, pytest.mark.network, pytest.mark.timeout(180)]


@pytest.mark.parametrize("server", ["prosody", "office"], indirect=True)
async def test_session_goes_on_after_the_network_has_failed(server: ChatServer) -> None:
    romeo, juliet = (BareJid.parse(f"{name}@{server.domain}") for name in ("romeo", "juliet"))
    async with TcpProxy(lambda: server.c2s_port).running() as proxy:
        away, there = SlixmppSession(), SlixmppSession()
        lost, kept = Diary(away), Diary(there)
        account = replace(server.account("romeo"), port=proxy.port)
        try:
            await there.connect(server.account("juliet"), PASSWORD)
            there.send_presence(Availability.AVAILABLE)
            await away.connect(account, PASSWORD)
            roster = await away.fetch_roster()
            away.send_presence(Availability.AVAILABLE)
            await until(lambda: lost.presences)
            own = lost.connected[0]

            proxy.cut()
            await until(lambda: lost.disconnected)
            there.send_message(OutgoingMessage(romeo, "Art thou there?", new_id()))
            await away.connect(account, PASSWORD)
            await until(lambda: lost.messages)
            away.send_message(OutgoingMessage(juliet, "Ay me!", new_id()))
            await until(lambda: kept.messages and lost.acknowledged)

            assert lost.connected == [own, own]
            assert [one.body for one in lost.messages] == ["Art thou there?"]
            assert lost.messages[0].delayed_at is not None
            assert kept.messages[0].sender == own
            assert await away.fetch_roster() == roster
        finally:
            await away.disconnect()
            await there.disconnect()
