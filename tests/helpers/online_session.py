"""Romeo's session with a scripted server: the test speaks for the server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from communicator.session.slixmpp_session import SlixmppSession
from communicator.state.account import Account
from shared_protocol.addresses import BareJid
from tests.helpers.private_authority import LOOPBACK, IssuedCertificate, PrivateAuthority
from tests.helpers.scripted_server import (
    BIND_FEATURE,
    DOMAIN,
    PASSWORD,
    ScriptedPeer,
    ScriptedServer,
    scripted_server,
)
from tests.helpers.session_diary import Diary

ROMEO = BareJid.parse(f"romeo@{DOMAIN}")


@dataclass
class OnlineSession:
    """A session that is logged in, and the server at its other end."""

    session: SlixmppSession
    diary: Diary
    server: ScriptedServer
    peer: ScriptedPeer
    own: str


def account_at(
    server: ScriptedServer, authority: PrivateAuthority | None, *, is_direct_tls: bool = False
) -> Account:
    """Romeo's account on this server."""
    pem = authority.pem if authority is not None else None
    return Account(
        ROMEO, host=LOOPBACK, port=server.port, is_direct_tls=is_direct_tls, authority_pem=pem
    )


@asynccontextmanager
async def online_session(
    authority: PrivateAuthority,
    certificate: IssuedCertificate,
    features: str = BIND_FEATURE,
    *,
    waits_for_storage: bool = False,
) -> AsyncIterator[OnlineSession]:
    """Log Romeo in."""
    session = SlixmppSession(waits_for_storage=waits_for_storage)
    diary = Diary(session)
    own: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    is_over = asyncio.Event()

    async def welcome(peer: ScriptedPeer) -> None:
        jid = await peer.welcome(features)
        await peer.answer("disco#info")
        own.set_result(jid)
        await is_over.wait()

    async with scripted_server(welcome, certificate) as server:
        await session.connect(account_at(server, authority), PASSWORD)
        jid = await own
        yield OnlineSession(session, diary, server, server.peers[0], jid)
        is_over.set()
        await session.disconnect()
